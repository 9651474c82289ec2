package vision

import (
	"fmt"
	"image"
	"math"

	"bowerbird/internal/area"
)

// Rect is a crop box in parts of the upright picture: X and Y of the upper left
// corner and the size, all 0..1.
type Rect struct{ X, Y, W, H float64 }

// Full is the whole picture.
var Full = Rect{0, 0, 1, 1}

// Validate returns ErrCrop, naming the field, unless the box lies in the
// picture (with a tolerance of 1e-6 for rounding) and is at least 1/100 of it
// wide and high.
func (r Rect) Validate() error {
	const slack = 1e-6
	for _, f := range []struct {
		name   string
		v      float64
		lo, hi float64
	}{{"x", r.X, 0, 1}, {"y", r.Y, 0, 1}, {"w", r.W, 0.01, 1}, {"h", r.H, 0.01, 1}} {
		if !(f.v >= f.lo-slack && f.v <= f.hi+slack) { // also refuses NaN
			return fmt.Errorf("vision: crop %s is %v, must be %v to %v: %w", f.name, f.v, f.lo, f.hi, ErrCrop)
		}
	}
	if r.X+r.W > 1+slack {
		return fmt.Errorf("vision: crop x + w is %v, more than 1: %w", r.X+r.W, ErrCrop)
	}
	if r.Y+r.H > 1+slack {
		return fmt.Errorf("vision: crop y + h is %v, more than 1: %w", r.Y+r.H, ErrCrop)
	}
	return nil
}

// on gives the box in the pixels of a w x h picture.
func (r Rect) on(w, h int) area.Window {
	fw, fh := float64(w), float64(h)
	return area.Window{X0: max(0, r.X*fw), Y0: max(0, r.Y*fh), X1: math.Min(1, r.X+r.W) * fw, Y1: math.Min(1, r.Y+r.H) * fh}
}

const (
	side  = 128      // of the square that gradients are taken from
	cside = side / 2 // of the square that colours are taken from
)

// view is a picture or a part of it, squeezed to a square: what colours, looks,
// descriptor and fingerprint are computed from.
type view struct {
	luma   []byte    // side x side, JFIF luma
	colors []lab     // cside x cside
	cells  []float32 // cellGrid x cellGrid x orientations, filled by describe
	aspect float64
}

func (p *Picture) view(r Rect) view {
	src := p.pix
	if r == Full {
		src = p.mid
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	win := r.on(w, h)
	sq := image.NewYCbCr(image.Rect(0, 0, side, side), image.YCbCrSubsampleRatio420)
	cut(sq, src, win)
	v := view{luma: sq.Y, colors: make([]lab, cside*cside), aspect: (win.X1 - win.X0) / (win.Y1 - win.Y0)}
	for y := range cside {
		a, b := sq.Y[2*y*side:(2*y+1)*side], sq.Y[(2*y+1)*side:(2*y+2)*side]
		for x := range cside {
			l := (int(a[2*x]) + int(a[2*x+1]) + int(b[2*x]) + int(b[2*x+1]) + 2) / 4
			v.colors[y*cside+x] = toLab(ycbcrRGB(byte(l), sq.Cb[y*cside+x], sq.Cr[y*cside+x]))
		}
	}
	return v
}
