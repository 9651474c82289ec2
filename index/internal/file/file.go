// Package file frames the saved indexes: a stream cut into chunks, each with a
// checksum that also covers every chunk before it.
package file

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
)

// A file, integers little-endian:
//
//	8   magic, which names the kind and its version
//	    chunks, each:
//	4     n, length of the data, 1..65536
//	4     CRC-32C of every byte of data from the first chunk to this one,
//	      begun with the magic
//	n     data
//	    the end:
//	4     0
//	4     the CRC-32C again
//
// Because a checksum continues from chunk to chunk, one that is lost, doubled
// or moved is found, and a file cut off anywhere lacks its end.
const chunk = 1 << 16

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ErrCorrupt is a file that no Writer finished.
var ErrCorrupt = errors.New("corrupt index file")

// Writer frames what is written to it. Close writes the end.
type Writer struct {
	w   io.Writer
	buf []byte // 8 bytes for the chunk's head, then data
	crc uint32
	err error
}

// NewWriter writes the magic, which has 8 bytes.
func NewWriter(w io.Writer, magic string) *Writer {
	f := &Writer{w: w, buf: make([]byte, 8, 8+chunk), crc: crc32.Checksum([]byte(magic), castagnoli)}
	_, f.err = io.WriteString(w, magic)
	return f
}

// Write never writes less than p without an error.
func (f *Writer) Write(p []byte) (int, error) {
	for n := len(p); ; {
		k := min(len(p), 8+chunk-len(f.buf))
		f.buf, p = append(f.buf, p[:k]...), p[k:]
		if len(f.buf) == 8+chunk {
			f.flush()
		}
		if f.err != nil {
			return 0, f.err
		}
		if len(p) == 0 {
			return n, nil
		}
	}
}

// Uint32 writes one integer; an error shows in Close.
func (f *Writer) Uint32(v ...uint32) {
	for _, x := range v {
		if len(f.buf) > 8+chunk-4 { // Write may have left less room than an integer needs
			f.flush()
		}
		f.buf = binary.LittleEndian.AppendUint32(f.buf, x)
		if len(f.buf) > 8+chunk-8 {
			f.flush()
		}
	}
}

// Floats writes v; an error shows in Close.
func (f *Writer) Floats(v []float32) {
	for _, x := range v {
		f.Uint32(math.Float32bits(x))
	}
}

func (f *Writer) flush() {
	data := f.buf[8:]
	f.crc = crc32.Update(f.crc, castagnoli, data)
	binary.LittleEndian.PutUint32(f.buf, uint32(len(data)))
	binary.LittleEndian.PutUint32(f.buf[4:], f.crc)
	if f.err == nil {
		_, f.err = f.w.Write(f.buf)
	}
	f.buf = f.buf[:8]
}

// Close writes what is left and the end. It does not close what is below.
func (f *Writer) Close() error {
	if len(f.buf) > 8 {
		f.flush()
	}
	f.flush()
	return f.err
}

// Reader gives back what was written, each byte only after its checksum held.
type Reader struct {
	r    io.Reader
	buf  []byte
	left []byte
	crc  uint32
	end  bool
}

// NewReader reads the magic and refuses any other.
func NewReader(r io.Reader, magic string) (*Reader, error) {
	got := make([]byte, len(magic))
	if _, err := io.ReadFull(r, got); err != nil {
		return nil, short(err)
	}
	if !bytes.Equal(got, []byte(magic)) {
		return nil, fmt.Errorf("begins with %q, want %q: %w", got, magic, ErrCorrupt)
	}
	return &Reader{r: r, crc: crc32.Checksum(got, castagnoli)}, nil
}

// Read implements io.Reader.
func (f *Reader) Read(p []byte) (int, error) {
	if len(f.left) == 0 && !f.end {
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	if len(f.left) == 0 {
		return 0, io.EOF
	}
	n := copy(p, f.left)
	f.left = f.left[n:]
	return n, nil
}

func (f *Reader) next() error {
	var head [8]byte
	if _, err := io.ReadFull(f.r, head[:]); err != nil {
		return short(err)
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n > chunk {
		return fmt.Errorf("chunk of %d bytes: %w", n, ErrCorrupt)
	}
	if f.buf == nil {
		f.buf = make([]byte, chunk)
	}
	data := f.buf[:n]
	if _, err := io.ReadFull(f.r, data); err != nil {
		return short(err)
	}
	f.crc = crc32.Update(f.crc, castagnoli, data)
	if f.crc != binary.LittleEndian.Uint32(head[4:]) {
		return fmt.Errorf("checksum does not match: %w", ErrCorrupt)
	}
	f.left, f.end = data, n == 0
	return nil
}

// Floats fills v with finite numbers.
func (f *Reader) Floats(v []float32) error {
	var b [256]byte
	for len(v) > 0 {
		n := min(len(v), len(b)/4)
		if err := f.Full(b[:4*n]); err != nil {
			return err
		}
		for i := range n {
			x := math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
			if x-x != 0 {
				return fmt.Errorf("holds a number that is not finite: %w", ErrCorrupt)
			}
			v[i] = x
		}
		v = v[n:]
	}
	return nil
}

// Full fills p or fails; a file that ends before is corrupt.
func (f *Reader) Full(p []byte) error {
	_, err := io.ReadFull(f, p)
	return short(err)
}

// Uint32 fills v.
func (f *Reader) Uint32(v ...*uint32) error {
	var b [4]byte
	for _, p := range v {
		if err := f.Full(b[:]); err != nil {
			return err
		}
		*p = binary.LittleEndian.Uint32(b[:])
	}
	return nil
}

// Close checks that everything was read and the end is there.
func (f *Reader) Close() error {
	if len(f.left) > 0 {
		return fmt.Errorf("%d bytes too many: %w", len(f.left), ErrCorrupt)
	}
	if !f.end {
		if err := f.next(); err != nil {
			return err
		}
	}
	if !f.end {
		return fmt.Errorf("more follows than was said: %w", ErrCorrupt)
	}
	return nil
}

// short turns an end of file into ErrCorrupt: Save writes its end last.
func short(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("ends too early: %w", ErrCorrupt)
	}
	return err
}
