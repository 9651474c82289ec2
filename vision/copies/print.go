package copies

import (
	"fmt"
	"math"
	"slices"

	"bowerbird/vision"
)

const (
	// Side of the luma of a print, in pixels.
	Side = 32
	tint = 8 // side of its two planes of colour
	// Bytes of a print.
	Bytes = Side*Side + 2*tint*tint
	// Numbers of a print as a vector: three bytes in each, which a float32 holds exactly.
	Numbers = Bytes / 3
)

// PrintVersion names the definition of a print. Prints of different versions must not
// be compared.
const PrintVersion = "print-1"

// Print is a picture squeezed to 32 x 32 pixels of luma and 8 x 8 of two colours, with
// its shape.
type Print struct {
	Aspect float32 // width / height of the upright picture
	luma   [Side * Side]byte
	a, b   [tint * tint]byte // red less luma, blue less luma, halved, around 128
}

// Of makes the print of a picture. Cost: about 0.1 ms.
func Of(p *vision.Picture) (*Print, error) { return OfPart(p, vision.Full) }

// OfPart makes the print of a box of a picture, or fails with vision.ErrCrop.
func OfPart(p *vision.Picture, r vision.Rect) (*Print, error) {
	t, err := p.Tile(r, Side)
	if err != nil {
		return nil, err
	}
	out := &Print{Aspect: float32(float64(p.Width) * r.W / (float64(p.Height) * r.H))}
	var sums [2][tint * tint]int
	for i := range out.luma {
		r, g, b := int(t[3*i]), int(t[3*i+1]), int(t[3*i+2])
		l := (299*r + 587*g + 114*b + 500) / 1000
		out.luma[i] = byte(l)
		c := i/Side/(Side/tint)*tint + i%Side/(Side/tint)
		sums[0][c] += r - l
		sums[1][c] += b - l
	}
	const each = Side / tint * Side / tint
	for c := range out.a {
		out.a[c], out.b[c] = byte(128+sums[0][c]/each/2), byte(128+sums[1][c]/each/2)
	}
	return out, nil
}

// Pack is the print's bytes: luma, then the two planes of colour.
func (p *Print) Pack() []byte {
	return slices.Concat(p.luma[:], p.a[:], p.b[:])
}

// Unpack reads what Pack wrote.
func Unpack(b []byte, aspect float32) (*Print, error) {
	if len(b) != Bytes {
		return nil, fmt.Errorf("copies: a print of %d bytes, want %d", len(b), Bytes)
	}
	if !(aspect > 0) || math.IsInf(float64(aspect), 0) {
		return nil, fmt.Errorf("copies: a print of aspect %v", aspect)
	}
	p := &Print{Aspect: aspect}
	n := copy(p.luma[:], b)
	n += copy(p.a[:], b[n:])
	copy(p.b[:], b[n:])
	return p, nil
}

// Vector is the print as numbers, for a signal to carry.
func (p *Print) Vector() []float32 {
	out, b := make([]float32, Numbers), p.Pack()
	for i := range out {
		out[i] = float32(uint32(b[3*i])<<16 | uint32(b[3*i+1])<<8 | uint32(b[3*i+2]))
	}
	return out
}

// FromVector reads what Vector wrote.
func FromVector(v []float32, aspect float32) (*Print, error) {
	if len(v) != Numbers {
		return nil, fmt.Errorf("copies: a print of %d numbers, want %d", len(v), Numbers)
	}
	b := make([]byte, Bytes)
	for i, x := range v {
		if !(x >= 0 && x < 1<<24) {
			return nil, fmt.Errorf("copies: number %d of a print is %v", i, x)
		}
		n := uint32(x)
		b[3*i], b[3*i+1], b[3*i+2] = byte(n>>16), byte(n>>8), byte(n)
	}
	return Unpack(b, aspect)
}

// mirrored turns left and right.
func (p *Print) mirrored() *Print {
	m := &Print{Aspect: p.Aspect}
	for y := range Side {
		for x := range Side {
			m.luma[y*Side+x] = p.luma[y*Side+Side-1-x]
		}
	}
	for y := range tint {
		for x := range tint {
			m.a[y*tint+x], m.b[y*tint+x] = p.a[y*tint+tint-1-x], p.b[y*tint+tint-1-x]
		}
	}
	return m
}
