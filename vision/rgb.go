package vision

import (
	"image"
	"image/color"

	"bowerbird/internal/area"
)

// rgbRows reads any image as rows of interleaved 8-bit sRGB on white. The last
// two rows are kept, since neighbouring outputs share an input row.
func rgbRows(m image.Image) area.Rows {
	b := m.Bounds()
	var buf [2][]byte
	have := [2]int{-1, -1}
	conv := rowConverter(m)
	for i := range buf {
		buf[i] = make([]byte, 3*b.Dx())
	}
	return func(y int) []byte {
		i := y & 1
		if have[i] != y {
			conv(buf[i], b.Min.Y+y)
			have[i] = y
		}
		return buf[i]
	}
}

// rowConverter picks a loop for the types that the decoders return.
func rowConverter(m image.Image) func(dst []byte, y int) {
	b := m.Bounds()
	switch m := m.(type) {
	case *image.NRGBA:
		return func(dst []byte, y int) { onWhite(dst, m.Pix[m.PixOffset(b.Min.X, y):], 4, 1, false) }
	case *image.RGBA:
		return func(dst []byte, y int) { onWhite(dst, m.Pix[m.PixOffset(b.Min.X, y):], 4, 1, true) }
	case *image.NRGBA64: // the high bytes
		return func(dst []byte, y int) { onWhite(dst, m.Pix[m.PixOffset(b.Min.X, y):], 8, 2, false) }
	case *image.RGBA64:
		return func(dst []byte, y int) { onWhite(dst, m.Pix[m.PixOffset(b.Min.X, y):], 8, 2, true) }
	case *image.Gray16:
		return func(dst []byte, y int) { grayRow(dst, m.Pix[m.PixOffset(b.Min.X, y):], 2) }
	case *image.CMYK:
		return func(dst []byte, y int) { cmykRow(dst, m.Pix[m.PixOffset(b.Min.X, y):]) }
	case *image.Paletted:
		table := paletteOnWhite(m.Palette)
		return func(dst []byte, y int) {
			for x, p := range m.Pix[m.PixOffset(b.Min.X, y):][:len(dst)/3] {
				copy(dst[3*x:3*x+3], table[p][:])
			}
		}
	case *image.NYCbCrA:
		return func(dst []byte, y int) { nycbcraRow(dst, m, y) }
	}
	return func(dst []byte, y int) {
		for x := range len(dst) / 3 {
			p := colorOnWhite(m.At(b.Min.X+x, y))
			copy(dst[3*x:3*x+3], p[:])
		}
	}
}

// onWhite blends pixels of size bytes, with step bytes between channels.
func onWhite(dst, pix []byte, size, step int, premultiplied bool) {
	for x := range len(dst) / 3 {
		p := pix[x*size : x*size+size : x*size+size]
		d := dst[3*x : 3*x+3 : 3*x+3]
		r, g, b, a := uint32(p[0]), uint32(p[step]), uint32(p[2*step]), uint32(p[3*step])
		if a != 255 && premultiplied {
			r, g, b = min(r+255-a, 255), min(g+255-a, 255), min(b+255-a, 255)
		} else if a != 255 {
			r, g, b = blend(r, a), blend(g, a), blend(b, a)
		}
		d[0], d[1], d[2] = byte(r), byte(g), byte(b)
	}
}

func blend(v, a uint32) uint32 { return (v*a + 255*(255-a) + 127) / 255 }

func grayRow(dst, pix []byte, step int) {
	for x := range len(dst) / 3 {
		v := pix[x*step]
		dst[3*x], dst[3*x+1], dst[3*x+2] = v, v, v
	}
}

// cmykRow uses the plain conversion without a profile: a print profile would
// give duller colours.
func cmykRow(dst, pix []byte) {
	for x := range len(dst) / 3 {
		p := pix[4*x : 4*x+4 : 4*x+4]
		k := 255 - uint32(p[3])
		for i := range 3 {
			dst[3*x+i] = byte(((255-uint32(p[i]))*k + 127) / 255)
		}
	}
}

func paletteOnWhite(p color.Palette) *[256][3]byte {
	var t [256][3]byte
	for i, c := range p[:min(len(p), 256)] {
		t[i] = colorOnWhite(c)
	}
	return &t
}

func colorOnWhite(c color.Color) [3]byte {
	r, g, b, a := c.RGBA()
	w := 0xffff - a
	return [3]byte{byte((r + w) >> 8), byte((g + w) >> 8), byte((b + w) >> 8)}
}

func nycbcraRow(dst []byte, m *image.NYCbCrA, y int) {
	for x := range len(dst) / 3 {
		c, o := m.COffset(m.Rect.Min.X+x, y), m.YOffset(m.Rect.Min.X+x, y)
		r, g, b := color.YCbCrToRGB(m.Y[o], m.Cb[c], m.Cr[c])
		if a := uint32(m.A[m.AOffset(m.Rect.Min.X+x, y)]); a != 255 {
			r, g, b = byte(blend(uint32(r), a)), byte(blend(uint32(g), a)), byte(blend(uint32(b), a))
		}
		dst[3*x], dst[3*x+1], dst[3*x+2] = r, g, b
	}
}
