// Package frame writes and reads the small binary files in which views keep
// their state: a magic word, a version, fields one after the other, and a
// checksum over all of it.
//
//	magic    8 bytes   names the view, padded with spaces
//	version  uvarint
//	fields   uvarint, zigzag varint, fixed little-endian floats, or length-prefixed bytes
//	crc      4 bytes   CRC-32C, little-endian, of everything before it
//
// Errors stick: after the first, every call returns zero values, and Close
// reports it. A reader never allocates more than the bytes that it has read
// justify, so a damaged length cannot exhaust memory. A value read before Close
// returned nil is not yet proven whole: load into a fresh object and publish it
// after Close.
package frame

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
)

// ErrCorrupt says that a file is cut short, altered or of another kind.
var ErrCorrupt = errors.New("corrupt or truncated")

var table = crc32.MakeTable(crc32.Castagnoli)

// Writer writes one framed file. Not safe for concurrent use.
type Writer struct {
	w   *bufio.Writer
	crc uint32
	buf [binary.MaxVarintLen64]byte
	err error
}

// NewWriter begins a file. magic is at most 8 bytes.
func NewWriter(w io.Writer, magic string, version uint64) *Writer {
	fw := &Writer{w: bufio.NewWriterSize(w, 1<<16)}
	fw.write(fmt.Appendf(nil, "%-8.8s", magic))
	fw.Uvarint(version)
	return fw
}

func (w *Writer) write(b []byte) {
	if w.err != nil {
		return
	}
	w.crc = crc32.Update(w.crc, table, b)
	_, w.err = w.w.Write(b)
}

// Uvarint writes an unsigned number.
func (w *Writer) Uvarint(x uint64) { w.write(w.buf[:binary.PutUvarint(w.buf[:], x)]) }

// Varint writes a signed number.
func (w *Writer) Varint(x int64) { w.write(w.buf[:binary.PutVarint(w.buf[:], x)]) }

// Int writes a length or count.
func (w *Writer) Int(n int) { w.Uvarint(uint64(n)) }

// Bool writes one byte.
func (w *Writer) Bool(b bool) {
	if b {
		w.Uvarint(1)
	} else {
		w.Uvarint(0)
	}
}

// F32 writes the bits of a float.
func (w *Writer) F32(x float32) {
	binary.LittleEndian.PutUint32(w.buf[:4], math.Float32bits(x))
	w.write(w.buf[:4])
}

// F64 writes the bits of a float.
func (w *Writer) F64(x float64) {
	binary.LittleEndian.PutUint64(w.buf[:8], math.Float64bits(x))
	w.write(w.buf[:8])
}

// String writes its length and bytes.
func (w *Writer) String(s string) { w.Int(len(s)); w.write([]byte(s)) }

// Bytes writes its length and bytes.
func (w *Writer) Bytes(b []byte) { w.Int(len(b)); w.write(b) }

// F32s writes the length and the numbers.
func (w *Writer) F32s(v []float32) {
	w.Int(len(v))
	for _, x := range v {
		w.F32(x)
	}
}

// Close writes the checksum and flushes; it does not close the underlying writer.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	binary.LittleEndian.PutUint32(w.buf[:4], w.crc)
	if _, err := w.w.Write(w.buf[:4]); err != nil {
		return err
	}
	return w.w.Flush()
}

// Reader reads one framed file. Not safe for concurrent use.
type Reader struct {
	r       *bufio.Reader
	crc     uint32
	Version uint64
	err     error
	buf     [8]byte
}

// NewReader checks the magic word and that the version is at most newest.
func NewReader(r io.Reader, magic string, newest uint64) (*Reader, error) {
	fr := &Reader{r: bufio.NewReaderSize(r, 1<<16)}
	fr.full(fr.buf[:8])
	if fr.err == nil && string(fr.buf[:8]) != fmt.Sprintf("%-8.8s", magic) {
		return nil, fmt.Errorf("%w: this is no %q file", ErrCorrupt, magic)
	}
	fr.Version = fr.Uvarint()
	if fr.err == nil && fr.Version > newest {
		return nil, fmt.Errorf("%s file of version %d: this program reads up to %d; run a newer one", magic, fr.Version, newest)
	}
	return fr, fr.err
}

func (r *Reader) fail(err error) {
	if r.err == nil {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			err = fmt.Errorf("%w: it ends too early", ErrCorrupt)
		}
		r.err = err
	}
}

func (r *Reader) full(b []byte) {
	if r.err != nil {
		clear(b)
		return
	}
	if _, err := io.ReadFull(r.r, b); err != nil {
		clear(b)
		r.fail(err)
		return
	}
	r.crc = crc32.Update(r.crc, table, b)
}

// ReadByte makes Reader an io.ByteReader; callers use the typed reads.
func (r *Reader) ReadByte() (byte, error) {
	if r.err != nil {
		return 0, r.err
	}
	b, err := r.r.ReadByte()
	if err != nil {
		r.fail(err)
		return 0, r.err
	}
	r.buf[0] = b
	r.crc = crc32.Update(r.crc, table, r.buf[:1])
	return b, nil
}

// Uvarint reads an unsigned number.
func (r *Reader) Uvarint() uint64 {
	x, err := binary.ReadUvarint(r)
	if err != nil {
		r.fail(fmt.Errorf("%w: bad number", ErrCorrupt))
		return 0
	}
	return x
}

// Varint reads a signed number.
func (r *Reader) Varint() int64 {
	x, err := binary.ReadVarint(r)
	if err != nil {
		r.fail(fmt.Errorf("%w: bad number", ErrCorrupt))
		return 0
	}
	return x
}

// U32 reads a number that must fit 32 bits.
func (r *Reader) U32() uint32 {
	x := r.Uvarint()
	if x > math.MaxUint32 {
		r.fail(fmt.Errorf("%w: a number is out of range", ErrCorrupt))
		return 0
	}
	return uint32(x)
}

// Int reads a count. It is bounded by 2^40; the caller appends element by
// element while Err is nil, or calls Grow to bound a first allocation.
func (r *Reader) Int() int {
	x := r.Uvarint()
	if x > 1<<40 {
		r.fail(fmt.Errorf("%w: absurd length %d", ErrCorrupt, x))
		return 0
	}
	if r.err != nil {
		return 0
	}
	return int(x)
}

// Grow bounds a first allocation for n announced elements.
func Grow(n int) int { return min(n, 1<<16) }

// Bool reads one flag.
func (r *Reader) Bool() bool { return r.Uvarint() != 0 }

// F32 reads a float.
func (r *Reader) F32() float32 {
	r.full(r.buf[:4])
	return math.Float32frombits(binary.LittleEndian.Uint32(r.buf[:4]))
}

// F64 reads a float.
func (r *Reader) F64() float64 {
	r.full(r.buf[:8])
	return math.Float64frombits(binary.LittleEndian.Uint64(r.buf[:8]))
}

// Bytes reads length-prefixed bytes into a new slice.
func (r *Reader) Bytes() []byte {
	n := r.Int()
	out := make([]byte, 0, Grow(n))
	for n > 0 && r.err == nil {
		k := min(n, 1<<16)
		at := len(out)
		out = append(out, make([]byte, k)...)
		r.full(out[at:])
		n -= k
	}
	if r.err != nil {
		return nil
	}
	return out
}

// String reads a length-prefixed string.
func (r *Reader) String() string { return string(r.Bytes()) }

// F32s reads a length-prefixed list of floats.
func (r *Reader) F32s() []float32 {
	n := r.Int()
	out := make([]float32, 0, Grow(n))
	for range n {
		if r.err != nil {
			return nil
		}
		out = append(out, r.F32())
	}
	return out
}

// Err is the first error so far.
func (r *Reader) Err() error { return r.err }

// Close checks the checksum and that nothing follows it.
func (r *Reader) Close() error {
	if r.err != nil {
		return r.err
	}
	want := r.crc
	if _, err := io.ReadFull(r.r, r.buf[:4]); err != nil {
		return fmt.Errorf("%w: it ends before its checksum", ErrCorrupt)
	}
	if binary.LittleEndian.Uint32(r.buf[:4]) != want {
		return fmt.Errorf("%w: the checksum does not match", ErrCorrupt)
	}
	if _, err := r.r.ReadByte(); err != io.EOF {
		return fmt.Errorf("%w: bytes follow the checksum", ErrCorrupt)
	}
	return nil
}
