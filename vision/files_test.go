package vision_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"io"
	"testing"
)

// Files that no encoder of the standard library writes, made by hand.

// pngOf writes a PNG header of any claimed size, then rows of zeros.
func pngOf(t testing.TB, w, h int, depth, kind byte, rowBytes, rows int, extra ...[]byte) []byte {
	t.Helper()
	var z bytes.Buffer
	zw := zlib.NewWriter(&z)
	row := make([]byte, 1+rowBytes)
	for range rows {
		if _, err := zw.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(w))
	head = binary.BigEndian.AppendUint32(head, uint32(h))
	head = append(head, depth, kind, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", head)...)
	for _, e := range extra {
		out = append(out, e...)
	}
	out = append(out, pngChunk("IDAT", z.Bytes())...)
	return append(out, pngChunk("IEND", nil)...)
}

func pngChunk(kind string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, kind...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// exif is a TIFF block with one entry, the orientation.
func exif(order binary.AppendByteOrder, orientation uint16) []byte {
	out := []byte("MM")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		out = []byte("II")
	}
	out = order.AppendUint16(out, 42)
	out = order.AppendUint32(out, 8)
	out = order.AppendUint16(out, 1)
	out = order.AppendUint16(out, 0x0112)
	out = order.AppendUint16(out, 3)
	out = order.AppendUint32(out, 1)
	out = order.AppendUint16(out, orientation)
	return append(out, 0, 0, 0, 0, 0, 0)
}

// withExif puts an APP1 segment after the start of a JPEG.
func withExif(data, tiff []byte) []byte {
	out := append([]byte{}, data[:2]...)
	out = append(out, 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(2+6+len(tiff)))
	out = append(out, "Exif\x00\x00"...)
	out = append(out, tiff...)
	return append(out, data[2:]...)
}

// plainVP8L is a lossless WebP bitstream of one colour: five prefix codes of a
// single symbol each, so that the pixels take no bits at all.
func plainVP8L(w, h int, r, g, b, a byte) []byte {
	var acc uint64
	var n uint
	out := []byte{0x2f}
	put := func(v uint64, bits uint) {
		acc |= v << n
		for n += bits; n >= 8; n -= 8 {
			out = append(out, byte(acc))
			acc >>= 8
		}
	}
	put(uint64(w-1), 14)
	put(uint64(h-1), 14)
	put(1, 1) // alpha is used
	put(0, 3) // version
	put(0, 3) // no transform, no colour cache, no meta prefix codes
	for _, v := range []byte{g, r, b, a, 0} {
		put(0b101, 3) // simple code, one symbol, of 8 bits
		put(uint64(v), 8)
	}
	put(0, 8)
	return out
}

func riff(chunks ...[]byte) []byte {
	body := []byte("WEBP")
	for _, c := range chunks {
		body = append(body, c...)
	}
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func riffChunk(id string, body []byte) []byte {
	out := binary.LittleEndian.AppendUint32([]byte(id), uint32(len(body)))
	out = append(out, body...)
	if len(body)%2 == 1 {
		out = append(out, 0)
	}
	return out
}

func uint24(v int) []byte { return []byte{byte(v), byte(v >> 8), byte(v >> 16)} }

func vp8x(flags byte, w, h int) []byte {
	body := append([]byte{flags, 0, 0, 0}, uint24(w-1)...)
	return riffChunk("VP8X", append(body, uint24(h-1)...))
}

// animatedWebP has two plain frames of the size of its canvas and says that it is to be turned.
func animatedWebP(w, h int, colors ...[3]byte) []byte {
	chunks := [][]byte{vp8x(2|8, w, h), riffChunk("ANIM", make([]byte, 6)),
		riffChunk("EXIF", exif(binary.LittleEndian, 6))}
	for _, c := range colors {
		frame := append(make([]byte, 6), uint24(w-1)...)
		frame = append(frame, uint24(h-1)...)
		frame = append(frame, 100, 0, 0, 0)
		chunks = append(chunks, riffChunk("ANMF", append(frame, riffChunk("VP8L", plainVP8L(w, h, c[0], c[1], c[2], 255))...)))
	}
	return riff(chunks...)
}

// cmykJPEG is an 8 x 8 baseline JPEG of four components as Adobe writes it
// (values inverted), plain: each block is a DC difference and an end of block.
func cmykJPEG(c, m, y, k byte) []byte {
	out := []byte{0xff, 0xd8}
	seg := func(code byte, body ...byte) {
		out = append(out, 0xff, code)
		out = binary.BigEndian.AppendUint16(out, uint16(len(body)+2))
		out = append(out, body...)
	}
	seg(0xee, append([]byte("Adobe"), 0, 100, 0, 0, 0, 0, 0)...)
	seg(0xdb, append([]byte{0}, bytes.Repeat([]byte{8}, 64)...)...) // steps of 8: a DC unit is one level
	frame := []byte{8, 0, 8, 0, 8, 4}
	scan := []byte{4}
	for i := byte(1); i <= 4; i++ {
		frame = append(frame, i, 0x11, 0)
		scan = append(scan, i, 0)
	}
	seg(0xc0, frame...)
	lengths := func(n int, count byte) []byte { l := make([]byte, 16); l[n-1] = count; return l }
	seg(0xc4, append(append([]byte{0x00}, lengths(4, 9)...), 0, 1, 2, 3, 4, 5, 6, 7, 8)...) // DC: 4 bits each
	seg(0xc4, append(append([]byte{0x10}, lengths(1, 1)...), 0)...)                         // AC: end of block, "0"
	seg(0xda, append(scan, 0, 63, 0)...)
	var acc, n uint
	put := func(v, bits uint) {
		for i := int(bits) - 1; i >= 0; i-- {
			acc, n = acc<<1|v>>i&1, n+1
			if n == 8 {
				if out = append(out, byte(acc)); byte(acc) == 0xff {
					out = append(out, 0)
				}
				acc, n = 0, 0
			}
		}
	}
	for _, v := range []byte{c, m, y, k} {
		d := 255 - int(v) - 128
		size, abs := uint(0), max(d, -d)
		for abs>>size > 0 {
			size++
		}
		put(size, 4)
		if d < 0 {
			d += 1<<size - 1
		}
		put(uint(d), size)
		put(0, 1)
	}
	for n != 0 {
		put(1, 1)
	}
	return append(out, 0xff, 0xd9)
}

// countReader says how much was read of an endless stream.
type countReader struct{ n int64 }

func (c *countReader) Read(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

var _ io.Reader = (*countReader)(nil)
