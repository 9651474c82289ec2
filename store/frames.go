package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// Frames carry a stream of bytes that is checked before it is looked at:
//
//	+---------------+------------------+---------+
//	| n:4 little    | CRC-32C:4 little | n bytes |   n <= 1 MiB
//	+---------------+------------------+---------+
//
// The checksum covers the length and the bytes. A frame of n = 0 ends the
// stream; without it, the stream was cut short.
const frameSize = 1 << 20

// frameWriter writes frames. The first error stays and is returned by end.
type frameWriter struct {
	w   io.Writer
	buf []byte // header and payload
	err error
}

func newFrameWriter(w io.Writer) *frameWriter {
	return &frameWriter{w: w, buf: make([]byte, 8, 8+64<<10)}
}

func (f *frameWriter) flush() {
	n := len(f.buf) - 8
	binary.LittleEndian.PutUint32(f.buf, uint32(n))
	sum := crc32.Update(crc32.Update(0, castagnoli, f.buf[:4]), castagnoli, f.buf[8:])
	binary.LittleEndian.PutUint32(f.buf[4:], sum)
	if f.err == nil {
		_, f.err = f.w.Write(f.buf)
	}
	f.buf = f.buf[:8]
}

func (f *frameWriter) room() {
	if len(f.buf) >= 8+64<<10-16 {
		f.flush()
	}
}

func (f *frameWriter) uint(v uint64) {
	f.room()
	f.buf = binary.AppendUvarint(f.buf, v)
}

func (f *frameWriter) string(s string) {
	f.uint(uint64(len(s)))
	for len(s) > 0 {
		f.room()
		n := min(len(s), cap(f.buf)-len(f.buf))
		f.buf = append(f.buf, s[:n]...)
		s = s[n:]
	}
}

func (f *frameWriter) end() error {
	if len(f.buf) > 8 {
		f.flush()
	}
	f.flush()
	return f.err
}

// frameReader reads what frameWriter wrote. The first error stays in err; after
// it every number is 0 and every string empty.
type frameReader struct {
	r    io.Reader
	buf  []byte
	rest []byte
	err  error
}

func (f *frameReader) fail(err error) {
	if f.err == nil {
		f.err = err
		f.rest = nil
	}
}

var errCut = errors.New("it is cut short")

// more fills rest with the next frame; false at the end or after an error.
func (f *frameReader) more() bool {
	if f.err != nil {
		return false
	}
	var h [8]byte
	if _, err := io.ReadFull(f.r, h[:]); err != nil {
		f.fail(cut(err))
		return false
	}
	n := binary.LittleEndian.Uint32(h[:])
	if n > frameSize {
		f.fail(fmt.Errorf("%w: a frame of %d bytes", ErrCorrupt, n))
		return false
	}
	if cap(f.buf) < int(n) {
		f.buf = make([]byte, n)
	}
	f.buf = f.buf[:n]
	if _, err := io.ReadFull(f.r, f.buf); err != nil {
		f.fail(cut(err))
		return false
	}
	sum := crc32.Update(crc32.Update(0, castagnoli, h[:4]), castagnoli, f.buf)
	if sum != binary.LittleEndian.Uint32(h[4:]) {
		f.fail(fmt.Errorf("%w: the checksum does not match", ErrCorrupt))
		return false
	}
	f.rest = f.buf
	return n > 0
}

func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %w", ErrCorrupt, errCut)
	}
	return err
}

func (f *frameReader) byte() byte {
	if len(f.rest) == 0 && !f.more() {
		f.fail(fmt.Errorf("%w: %w", ErrCorrupt, errCut))
		return 0
	}
	c := f.rest[0]
	f.rest = f.rest[1:]
	return c
}

// uint reads a number of at most max.
func (f *frameReader) uint(max uint64) uint64 {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		c := f.byte()
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			if v > max {
				f.fail(fmt.Errorf("%w: %d where at most %d can stand", ErrCorrupt, v, max))
				return 0
			}
			return v
		}
	}
	f.fail(fmt.Errorf("%w: a number that does not end", ErrCorrupt))
	return 0
}

// string reads a string of at most max bytes.
func (f *frameReader) string(max int) string {
	n := int(f.uint(uint64(max)))
	if n <= len(f.rest) {
		s := string(f.rest[:n])
		f.rest = f.rest[n:]
		return s
	}
	var b []byte
	for n > 0 {
		if len(f.rest) == 0 && !f.more() {
			f.fail(fmt.Errorf("%w: %w", ErrCorrupt, errCut))
			return ""
		}
		k := min(n, len(f.rest))
		b = append(b, f.rest[:k]...)
		f.rest = f.rest[k:]
		n -= k
	}
	return string(b)
}

// end expects the last frame and nothing after it.
func (f *frameReader) end() error {
	if f.err != nil {
		return f.err
	}
	if len(f.rest) > 0 || f.more() {
		return fmt.Errorf("%w: bytes are left over", ErrCorrupt)
	}
	if f.err != nil {
		return f.err
	}
	if n, _ := f.r.Read(make([]byte, 1)); n > 0 {
		return fmt.Errorf("%w: bytes follow the end", ErrCorrupt)
	}
	return nil
}
