package vision

import "math"

// Look is what can be said of a picture in a few numbers, each 0..1.
type Look struct {
	Lightness    float32 // mean OKLab lightness
	Contrast     float32 // standard deviation of lightness, x 2
	Colorfulness float32 // mean OKLab chroma, x 4: 0 for grey, about 0.5 for vivid
	Busyness     float32 // part of the area with a visible edge
	// OneWay and TwoWays say how far the edges run one way, or two ways at a right angle:
	// the lengths of the mean of their doubled and of their fourfold angles, weighted by
	// their energy (the coherence of the structure tensor, and its next harmonic).
	OneWay, TwoWays float32
	// Aspect is width / height of the upright picture, of any positive value.
	Aspect float32
}

// Tone is "dark", "medium" or "light".
func (l Look) Tone() string { return word(l.Lightness, 0.45, 0.72, "dark", "medium", "light") }

// Detail is "calm", "medium" or "busy".
func (l Look) Detail() string { return word(l.Busyness, 0.12, 0.35, "calm", "medium", "busy") }

// Vividness is "gray", "muted" or "vivid".
func (l Look) Vividness() string { return word(l.Colorfulness, 0.06, 0.3, "gray", "muted", "vivid") }

func word(v, low, high float32, a, b, c string) string {
	switch {
	case v < low:
		return a
	case v < high:
		return b
	}
	return c
}

// Words are what the look is called: the tone, the detail, the vividness, the shape
// (portrait, square, landscape) and the pattern, in this order.
func (l Look) Words() []string {
	shape := "square"
	switch {
	case l.Aspect < .9:
		shape = "portrait"
	case l.Aspect > 1.1:
		shape = "landscape"
	}
	return []string{l.Tone(), l.Detail(), l.Vividness(), shape, l.Pattern()}
}

// Pattern is "plain" where hardly an edge is seen, "striped" where most of the edges run
// one way, "grid" where they run two ways at a right angle, else "free".
func (l Look) Pattern() string {
	switch {
	case l.Busyness < .03:
		return "plain"
	case l.OneWay > .55:
		return "striped"
	case l.TwoWays > .55:
		return "grid"
	}
	return "free"
}

// Look computes the statistics of the whole picture. Cost: well under 1 ms.
func (p *Picture) Look() Look { return p.view(Full).look() }

func (v view) look() Look {
	var l, ll, c float64
	for _, p := range v.colors {
		l += float64(p.l)
		ll += float64(p.l) * float64(p.l)
		c += float64(p.chroma())
	}
	n := float64(len(v.colors))
	l, ll, c = l/n, ll/n, c/n
	edges := 0
	var energy, c2, s2, c4, s4 float64
	for y := 1; y < side-1; y++ {
		for x := 1; x < side-1; x++ {
			i := y*side + x
			dx, dy := int(v.luma[i+1])-int(v.luma[i-1]), int(v.luma[i+side])-int(v.luma[i-side])
			if dx*dx+dy*dy > edgeStep*edgeStep {
				edges++
			}
			gx, gy := float64(dx), float64(dy)
			if g := gx*gx + gy*gy; g > 0 {
				c, s := (gx*gx-gy*gy)/g, 2*gx*gy/g // of the doubled angle
				energy += g
				c2, s2 = c2+g*c, s2+g*s
				c4, s4 = c4+g*(c*c-s*s), s4+g*2*c*s
			}
		}
	}
	return Look{
		Lightness:    float32(l),
		Contrast:     float32(min(1, 2*math.Sqrt(max(0, ll-l*l)))),
		Colorfulness: float32(min(1, 4*c)),
		Busyness:     float32(edges) / ((side - 2) * (side - 2)),
		OneWay:       float32(math.Hypot(c2, s2) / max(energy, 1)),
		TwoWays:      float32(math.Hypot(c4, s4) / max(energy, 1)),
		Aspect:       float32(v.aspect),
	}
}

// edgeStep is the luma step over two pixels that counts as an edge, of 255.
const edgeStep = 24
