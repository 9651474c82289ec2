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

// bufferSize is how much is written, read and summed at once.
const bufferSize = 1 << 16

// Writer writes one framed file. Not safe for concurrent use.
type Writer struct {
	w   io.Writer
	crc uint32
	buf []byte
	err error
}

// NewWriter begins a file. magic is at most 8 bytes.
func NewWriter(w io.Writer, magic string, version uint64) *Writer {
	fw := &Writer{w: w, buf: make([]byte, 0, bufferSize+binary.MaxVarintLen64)}
	fw.buf = fmt.Appendf(fw.buf, "%-8.8s", magic)
	fw.Uvarint(version)
	return fw
}

// flush sums and writes what has gathered.
func (w *Writer) flush() {
	w.crc = crc32.Update(w.crc, table, w.buf)
	if w.err == nil {
		_, w.err = w.w.Write(w.buf)
	}
	w.buf = w.buf[:0]
}

func (w *Writer) full() {
	if len(w.buf) >= bufferSize {
		w.flush()
	}
}

func (w *Writer) write(b []byte) {
	for len(b) > 0 {
		n := min(len(b), bufferSize)
		w.buf = append(w.buf, b[:n]...)
		b = b[n:]
		w.full()
	}
}

// Uvarint writes an unsigned number.
func (w *Writer) Uvarint(x uint64) {
	w.buf = binary.AppendUvarint(w.buf, x)
	w.full()
}

// Varint writes a signed number.
func (w *Writer) Varint(x int64) {
	w.buf = binary.AppendVarint(w.buf, x)
	w.full()
}

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
	w.buf = binary.LittleEndian.AppendUint32(w.buf, math.Float32bits(x))
	w.full()
}

// F64 writes the bits of a float.
func (w *Writer) F64(x float64) {
	w.buf = binary.LittleEndian.AppendUint64(w.buf, math.Float64bits(x))
	w.full()
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

// Close writes the rest and the checksum; it does not close the underlying writer.
func (w *Writer) Close() error {
	w.flush()
	if w.err != nil {
		return w.err
	}
	_, w.err = w.w.Write(binary.LittleEndian.AppendUint32(nil, w.crc))
	return w.err
}

// Reader reads one framed file. Not safe for concurrent use.
type Reader struct {
	r       io.Reader
	crc     uint32 // of what was read before buf
	Version uint64
	err     error
	buf     []byte
	at      int   // how much of buf was read
	end     error // what the underlying reader ended with
}

// NewReader checks the magic word and that the version is at most newest.
func NewReader(r io.Reader, magic string, newest uint64) (*Reader, error) {
	fr := &Reader{r: r, buf: make([]byte, 0, bufferSize)}
	var word [8]byte
	fr.full(word[:])
	if fr.err == nil && string(word[:]) != fmt.Sprintf("%-8.8s", magic) {
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
		r.err = err
	}
}

// fill makes at least n bytes, at most a buffer, ready behind at, or as many as
// there are.
func (r *Reader) fill(n int) {
	r.crc = crc32.Update(r.crc, table, r.buf[:r.at])
	r.buf = r.buf[:copy(r.buf, r.buf[r.at:])]
	r.at = 0
	for len(r.buf) < n && r.end == nil {
		var k int
		k, r.end = r.r.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+k]
	}
}

// full reads len(b) bytes, at most a buffer.
func (r *Reader) full(b []byte) {
	if len(r.buf)-r.at < len(b) {
		r.fill(len(b))
	}
	if r.err == nil && len(r.buf)-r.at < len(b) {
		if r.end != nil && r.end != io.EOF {
			r.fail(r.end)
		} else {
			r.fail(fmt.Errorf("%w: it ends too early", ErrCorrupt))
		}
	}
	if r.err != nil {
		clear(b)
		return
	}
	r.at += copy(b, r.buf[r.at:])
}

// Uvarint reads an unsigned number.
func (r *Reader) Uvarint() uint64 {
	if len(r.buf)-r.at < binary.MaxVarintLen64 {
		r.fill(binary.MaxVarintLen64)
	}
	if r.err != nil {
		return 0
	}
	x, n := binary.Uvarint(r.buf[r.at:])
	if n <= 0 {
		r.fail(fmt.Errorf("%w: bad number", ErrCorrupt))
		return 0
	}
	r.at += n
	return x
}

// Varint reads a signed number.
func (r *Reader) Varint() int64 {
	u := r.Uvarint() // zigzag
	return int64(u>>1) ^ -int64(u&1)
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
	var b [4]byte
	r.full(b[:])
	return math.Float32frombits(binary.LittleEndian.Uint32(b[:]))
}

// F64 reads a float.
func (r *Reader) F64() float64 {
	var b [8]byte
	r.full(b[:])
	return math.Float64frombits(binary.LittleEndian.Uint64(b[:]))
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
	want := crc32.Update(r.crc, table, r.buf[:r.at])
	var sum [4]byte
	if r.full(sum[:]); r.err != nil {
		return fmt.Errorf("%w: it ends before its checksum", ErrCorrupt)
	}
	if binary.LittleEndian.Uint32(sum[:]) != want {
		return fmt.Errorf("%w: the checksum does not match", ErrCorrupt)
	}
	if r.fill(1); len(r.buf) > 0 {
		return fmt.Errorf("%w: bytes follow the checksum", ErrCorrupt)
	}
	return nil
}
