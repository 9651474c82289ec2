package vision

import (
	"image"

	"bowerbird/internal/area"
)

// reduce brings a window of a decoded image to w x h pixels of JFIF YCbCr with chroma
// halved both ways (4:2:0), which is what a JPEG thumbnail stores: a JPEG or
// lossy WebP never becomes RGB on the way. Transparency is laid on white.
func reduce(m image.Image, win area.Window, w, h int) *image.YCbCr {
	switch m := m.(type) {
	case *image.YCbCr:
		out := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
		cut(out, m, win)
		return out
	case *image.Gray:
		out := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
		b := m.Rect
		area.NewMap(b.Dx(), b.Dy(), win, w, h).Apply(out.Y, out.YStride, m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], m.Stride)
		fill(out.Cb, 128)
		fill(out.Cr, 128)
		return out
	}
	b := m.Bounds()
	return fromRGB(area.Interleaved(rgbRows(m), b.Dx(), b.Dy(), win, w, h), w, h)
}

func reduceYCbCr(m *image.YCbCr, w, h int) *image.YCbCr {
	out := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	cut(out, m, area.Whole(m.Rect.Dx(), m.Rect.Dy()))
	return out
}

// cut fills all of out from a window of m.
func cut(out, m *image.YCbCr, win area.Window) {
	b := m.Rect
	w, h := out.Rect.Dx(), out.Rect.Dy()
	area.NewMap(b.Dx(), b.Dy(), win, w, h).Apply(out.Y, out.YStride, m.Y[m.YOffset(b.Min.X, b.Min.Y):], m.YStride)
	fx, fy := subsampling(m.SubsampleRatio)
	cw, ch := (b.Dx()+fx-1)/fx, (b.Dy()+fy-1)/fy
	cwin := area.Window{X0: win.X0 / float64(fx), Y0: win.Y0 / float64(fy), X1: win.X1 / float64(fx), Y1: win.Y1 / float64(fy)}
	if win == area.Whole(b.Dx(), b.Dy()) {
		cwin = area.Whole(cw, ch) // odd sides: the last chroma sample is half used
	}
	o := m.COffset(b.Min.X, b.Min.Y)
	c := area.NewMap(cw, ch, cwin, (w+1)/2, (h+1)/2)
	c.Apply(out.Cb, out.CStride, m.Cb[o:], m.CStride)
	c.Apply(out.Cr, out.CStride, m.Cr[o:], m.CStride)
}

func subsampling(r image.YCbCrSubsampleRatio) (x, y int) {
	switch r {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}

func fill(b []byte, v byte) {
	for i := range b {
		b[i] = v
	}
}

// fromRGB converts w x h interleaved sRGB to 4:2:0 (JFIF 1.02: BT.601, full
// range), averaging the chroma of up to four pixels.
func fromRGB(rgb []byte, w, h int) *image.YCbCr {
	out := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	for y := range h {
		row := rgb[3*w*y : 3*w*(y+1)]
		for x := range w {
			r, g, b := int32(row[3*x]), int32(row[3*x+1]), int32(row[3*x+2])
			out.Y[y*out.YStride+x] = byte((19595*r + 38470*g + 7471*b + 1<<15) >> 16)
		}
	}
	for y := 0; y < h; y += 2 {
		for x := 0; x < w; x += 2 {
			var r, g, b, n int32
			for v := y; v < min(y+2, h); v++ {
				for u := x; u < min(x+2, w); u++ {
					p := rgb[3*(v*w+u):]
					r, g, b, n = r+int32(p[0]), g+int32(p[1]), b+int32(p[2]), n+1
				}
			}
			i := y/2*out.CStride + x/2
			out.Cb[i] = chroma(-11056*r-21712*g+32768*b, n)
			out.Cr[i] = chroma(32768*r-27440*g-5328*b, n)
		}
	}
	return out
}

func chroma(sum, n int32) byte {
	return byte(min(max((sum/n+257<<15)>>16, 0), 255))
}

// orient applies an EXIF orientation: 2 mirrored, 3 turned by 180 degrees, 4
// flipped, 5 to 8 transposed and then so. With an odd side a flipped chroma
// plane lies half a sample off, which nobody sees at thumbnail size.
func orient(m *image.YCbCr, o int) *image.YCbCr {
	if o <= 1 {
		return m
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	if o >= 5 {
		w, h = h, w
	}
	out := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	orientPlane(out.Y, out.YStride, w, h, m.Y, m.YStride, o)
	orientPlane(out.Cb, out.CStride, (w+1)/2, (h+1)/2, m.Cb, m.CStride, o)
	orientPlane(out.Cr, out.CStride, (w+1)/2, (h+1)/2, m.Cr, m.CStride, o)
	return out
}

// orientPlane writes a w x h plane; output (x, y) is input start + x*dx + y*dy.
func orientPlane(dst []byte, dstStride, w, h int, src []byte, stride, o int) {
	var start, dx, dy int
	right, down := (w-1)*1, (h-1)*stride // far ends of the input, if not transposed
	if o >= 5 {
		right, down = h-1, (w-1)*stride
	}
	switch o {
	case 2:
		start, dx, dy = right, -1, stride
	case 3:
		start, dx, dy = right+down, -1, -stride
	case 4:
		start, dx, dy = down, 1, -stride
	case 5:
		start, dx, dy = 0, stride, 1
	case 6:
		start, dx, dy = down, -stride, 1
	case 7:
		start, dx, dy = right+down, -stride, -1
	case 8:
		start, dx, dy = right, stride, -1
	}
	for y := range h {
		p := start + y*dy
		row := dst[y*dstStride : y*dstStride+w]
		for x := range row {
			row[x] = src[p]
			p += dx
		}
	}
}
