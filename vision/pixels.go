package vision

import (
	"image/color"
	"math"
)

// Pixels gives a box of the picture, widened to whole pixels, as rows of
// interleaved 8-bit sRGB: w x h x 3 bytes that are the caller's. It is what an
// encoder of one's own starts from. It returns ErrCrop for a box outside the
// picture. Cost: about 5 ns a pixel.
func (p *Picture) Pixels(r Rect) (rgb []byte, w, h int, err error) {
	if err := r.Validate(); err != nil {
		return nil, 0, 0, err
	}
	b := p.pix.Rect
	win := r.on(b.Dx(), b.Dy())
	const slack = 1e-6
	x0, y0 := int(win.X0+slack), int(win.Y0+slack)
	x1, y1 := int(math.Ceil(win.X1-slack)), int(math.Ceil(win.Y1-slack))
	x1, y1 = min(max(x1, x0+1), b.Dx()), min(max(y1, y0+1), b.Dy())
	x0, y0 = min(x0, x1-1), min(y0, y1-1)
	w, h = x1-x0, y1-y0
	rgb = make([]byte, 0, 3*w*h)
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			c := p.pix.COffset(b.Min.X+x, b.Min.Y+y)
			r, g, b := color.YCbCrToRGB(p.pix.Y[p.pix.YOffset(b.Min.X+x, b.Min.Y+y)], p.pix.Cb[c], p.pix.Cr[c])
			rgb = append(rgb, r, g, b)
		}
	}
	return rgb, w, h, nil
}
