package jpeg

import (
	"encoding/binary"
	"errors"
	"image"
	"math/bits"
)

// Encode writes planes of 4:2:0 as a baseline JPEG of the given quality, 1 to 100, with the
// tables of T.81 annex K, as image/jpeg does: the same bytes but for rounding.
// Cost: about 4 ns a pixel.
func Encode(m *image.YCbCr, quality int) ([]byte, error) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	switch {
	case m.SubsampleRatio != image.YCbCrSubsampleRatio420 || (m.Rect.Min.X|m.Rect.Min.Y)&1 != 0:
		return nil, errors.New("jpeg: encoded is 4:2:0 that begins on an even pixel")
	case w < 1 || h < 1 || w > 65535 || h > 65535:
		return nil, errors.New("jpeg: a side must have 1 to 65,535 pixels")
	case quality < 1 || quality > 100:
		return nil, errors.New("jpeg: the quality must be 1 to 100")
	}
	e := encoder{out: make([]byte, 0, w*h/5+2048)}
	var quant [2][64]byte
	for i := range quant {
		quant[i] = tableFor(i, quality)
		e.scale[i] = reciprocals(&quant[i])
	}
	e.header(w, h, &quant)
	e.planes(m)
	return e.out, nil
}

// annexK are the tables of quantization of T.81 tables K.1 and K.2, row by row.
var annexK = [2][64]byte{{
	16, 11, 10, 16, 24, 40, 51, 61,
	12, 12, 14, 19, 26, 58, 60, 55,
	14, 13, 16, 24, 40, 57, 69, 56,
	14, 17, 22, 29, 51, 87, 80, 62,
	18, 22, 37, 56, 68, 109, 103, 77,
	24, 35, 55, 64, 81, 104, 113, 92,
	49, 64, 78, 87, 103, 121, 120, 101,
	72, 92, 95, 98, 112, 100, 103, 99,
}, {
	17, 18, 24, 47, 99, 99, 99, 99,
	18, 21, 26, 66, 99, 99, 99, 99,
	24, 26, 56, 99, 99, 99, 99, 99,
	47, 66, 99, 99, 99, 99, 99, 99,
	99, 99, 99, 99, 99, 99, 99, 99,
	99, 99, 99, 99, 99, 99, 99, 99,
	99, 99, 99, 99, 99, 99, 99, 99,
	99, 99, 99, 99, 99, 99, 99, 99,
}}

// tableFor is one of them for a quality, in zigzag order, scaled as the IJG's library does.
func tableFor(i, quality int) (t [64]byte) {
	scale := 200 - 2*quality
	if quality < 50 {
		scale = 5000 / quality
	}
	for k, z := range zigzag {
		t[k] = byte(min(max((int(annexK[i][z%8*8+z/8])*scale+50)/100, 1), 255))
	}
	return t
}

// reciprocals joins a table of quantization with the factors of the transform.
func reciprocals(quant *[64]byte) (s [64]float32) {
	for k, q := range quant {
		z := zigzag[k]
		s[z] = float32(1 / (float64(q) * aan[z/8] * aan[z%8] * 8))
	}
	return s
}

type encoder struct {
	out   []byte
	acc   uint64 // of which the lowest n bits are not yet written
	n     uint
	scale [2][64]float32
	last  [3]int // DC of the block before
	block [64]int16
	edge  [64]byte
}

// code of a symbol: its bits and how many.
type code struct {
	bits uint32
	n    uint8
}

// huffmanSpec is the number of codes of each length and the symbols in their order.
type huffmanSpec struct{ counts, symbols string }

// specs are the tables of T.81 annex K.3: DC and AC of luma, DC and AC of chroma.
var specs = [4]huffmanSpec{
	{"\x00\x01\x05\x01\x01\x01\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00", "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b"},
	{"\x00\x02\x01\x03\x03\x02\x04\x03\x05\x05\x04\x04\x00\x00\x01\x7d", "" +
		"\x01\x02\x03\x00\x04\x11\x05\x12\x21\x31\x41\x06\x13\x51\x61\x07\x22\x71\x14\x32\x81\x91\xa1\x08\x23\x42\xb1\xc1\x15\x52\xd1\xf0" +
		"\x24\x33\x62\x72\x82\x09\x0a\x16\x17\x18\x19\x1a\x25\x26\x27\x28\x29\x2a\x34\x35\x36\x37\x38\x39\x3a\x43\x44\x45\x46\x47\x48\x49" +
		"\x4a\x53\x54\x55\x56\x57\x58\x59\x5a\x63\x64\x65\x66\x67\x68\x69\x6a\x73\x74\x75\x76\x77\x78\x79\x7a\x83\x84\x85\x86\x87\x88\x89" +
		"\x8a\x92\x93\x94\x95\x96\x97\x98\x99\x9a\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xc2\xc3\xc4\xc5" +
		"\xc6\xc7\xc8\xc9\xca\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda\xe1\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8" +
		"\xf9\xfa"},
	{"\x00\x03\x01\x01\x01\x01\x01\x01\x01\x01\x01\x00\x00\x00\x00\x00", "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b"},
	{"\x00\x02\x01\x02\x04\x04\x03\x04\x07\x05\x04\x04\x00\x01\x02\x77", "" +
		"\x00\x01\x02\x03\x11\x04\x05\x21\x31\x06\x12\x41\x51\x07\x61\x71\x13\x22\x32\x81\x08\x14\x42\x91\xa1\xb1\xc1\x09\x23\x33\x52\xf0" +
		"\x15\x62\x72\xd1\x0a\x16\x24\x34\xe1\x25\xf1\x17\x18\x19\x1a\x26\x27\x28\x29\x2a\x35\x36\x37\x38\x39\x3a\x43\x44\x45\x46\x47\x48" +
		"\x49\x4a\x53\x54\x55\x56\x57\x58\x59\x5a\x63\x64\x65\x66\x67\x68\x69\x6a\x73\x74\x75\x76\x77\x78\x79\x7a\x82\x83\x84\x85\x86\x87" +
		"\x88\x89\x8a\x92\x93\x94\x95\x96\x97\x98\x99\x9a\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xc2\xc3" +
		"\xc4\xc5\xc6\xc7\xc8\xc9\xca\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xf2\xf3\xf4\xf5\xf6\xf7\xf8" +
		"\xf9\xfa"},
}

var codes = func() (c [4][256]code) {
	for i, s := range specs {
		next, at := uint32(0), 0
		for l := range 16 {
			for range s.counts[l] {
				c[i][s.symbols[at]] = code{next, uint8(l + 1)}
				next++
				at++
			}
			next <<= 1
		}
	}
	return c
}()

// header writes everything before the data: tables of quantization, frame, Huffman tables,
// scan.
func (e *encoder) header(w, h int, quant *[2][64]byte) {
	e.out = append(e.out, 0xff, 0xd8, 0xff, 0xdb, 0, 2+2*65)
	for i := range quant {
		e.out = append(append(e.out, byte(i)), quant[i][:]...)
	}
	e.out = append(e.out, 0xff, 0xc0, 0, 17, 8, byte(h>>8), byte(h), byte(w>>8), byte(w), 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1)
	e.out = append(e.out, 0xff, 0xc4, 0, 0)
	from := len(e.out) - 2
	for i, s := range specs {
		e.out = append(e.out, byte(i&1<<4|i>>1))
		e.out = append(append(e.out, s.counts...), s.symbols...)
	}
	binary.BigEndian.PutUint16(e.out[from:], uint16(len(e.out)-from))
	e.out = append(e.out, 0xff, 0xda, 0, 12, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0)
}

func (e *encoder) planes(m *image.YCbCr) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	y0, c0 := m.YOffset(m.Rect.Min.X, m.Rect.Min.Y), m.COffset(m.Rect.Min.X, m.Rect.Min.Y)
	luma := plane{m.Y[y0:], m.YStride, w, h}
	cb, cr := plane{m.Cb[c0:], m.CStride, (w + 1) / 2, (h + 1) / 2}, plane{m.Cr[c0:], m.CStride, (w + 1) / 2, (h + 1) / 2}
	for y := 0; y < h; y += 16 {
		for x := 0; x < w; x += 16 {
			for i := range 4 {
				e.put(&luma, x+i&1*8, y+i>>1*8, 0, 0)
			}
			e.put(&cb, x/2, y/2, 1, 1)
			e.put(&cr, x/2, y/2, 2, 1)
		}
	}
	e.flush()
	e.out = append(e.out, 0xff, 0xd9)
}

type plane struct {
	pix    []byte
	stride int
	w, h   int
}

// put encodes the block at x, y; what lies beyond the plane repeats its last column and row.
func (e *encoder) put(p *plane, x, y, component, kind int) {
	src, stride := e.edge[:], 8
	if x+8 <= p.w && y+8 <= p.h {
		src, stride = p.pix[y*p.stride+x:], p.stride
	} else {
		for v := range 8 {
			row := p.pix[min(y+v, p.h-1)*p.stride:]
			for u := range 8 {
				e.edge[8*v+u] = row[min(x+u, p.w-1)]
			}
		}
	}
	mask := fdct(src, stride, &e.scale[kind], &e.block)
	e.huffman(mask, component, kind)
}

// most bytes of a block: 64 codes of 16 bits and values of 11, all bytes stuffed.
const most = 2 * 64 * 27 / 8

// huffman writes the block; mask has a bit for each coefficient that is not zero.
func (e *encoder) huffman(mask uint64, component, kind int) {
	if cap(e.out)-len(e.out) < most+16 {
		e.out = append(make([]byte, 0, 2*cap(e.out)+most+16), e.out...)
	}
	out, acc, n := e.out, e.acc, e.n
	dc := int(e.block[0])
	diff := dc - e.last[component]
	e.last[component] = dc
	size, value := sized(diff)
	c := codes[2*kind][size]
	acc = acc<<(c.n+uint8(size)) | uint64(c.bits)<<size | value
	n += uint(c.n) + size
	ac := &codes[2*kind+1]
	at := 0
	for mask &^= 1; mask != 0; mask &= mask - 1 {
		if n >= 32 {
			out, n = write(out, acc, n)
		}
		k := bits.TrailingZeros64(mask)
		run := k - at - 1
		at = k
		for ; run > 15; run -= 16 {
			acc, n = acc<<ac[0xf0].n|uint64(ac[0xf0].bits), n+uint(ac[0xf0].n)
			if n >= 32 {
				out, n = write(out, acc, n)
			}
		}
		size, value := sized(int(e.block[k&63]))
		c := ac[(run<<4|int(size))&255]
		acc = acc<<((c.n+uint8(size))&63) | uint64(c.bits)<<(size&63) | value
		n += uint(c.n) + size
	}
	if n >= 32 {
		out, n = write(out, acc, n)
	}
	if at < 63 {
		acc, n = acc<<ac[0].n|uint64(ac[0].bits), n+uint(ac[0].n)
		if n >= 32 {
			out, n = write(out, acc, n)
		}
	}
	e.out, e.acc, e.n = out, acc, n
}

// sized is the number of bits of a value, and those bits (T.81 figure F.1).
func sized(v int) (size uint, value uint64) {
	sign := v >> 63
	size = uint(bits.Len64(uint64((v ^ sign) - sign)))
	return size, uint64(v+sign) & (1<<size - 1)
}

// write takes the upper 32 of n bits.
func write(out []byte, acc uint64, n uint) ([]byte, uint) {
	n -= 32
	x := uint32(acc >> (n & 63))
	if (^x-0x01010101)&x&0x80808080 == 0 {
		return binary.BigEndian.AppendUint32(out, x), n
	}
	for s := 24; s >= 0; s -= 8 {
		c := byte(x >> s)
		if out = append(out, c); c == 0xff {
			out = append(out, 0)
		}
	}
	return out, n
}

// flush fills the last byte with ones.
func (e *encoder) flush() {
	for pad := uint(7); e.n > 0; pad = 0 {
		e.acc, e.n = e.acc<<pad|1<<pad-1, e.n+pad
		for ; e.n >= 8; e.n -= 8 {
			c := byte(e.acc >> (e.n - 8))
			if e.out = append(e.out, c); c == 0xff {
				e.out = append(e.out, 0)
			}
		}
		e.n = 0
	}
}
