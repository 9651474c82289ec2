package encode

import "math"

// Scaling is separable, by a kernel whose support grows with the factor when a
// picture shrinks, so that nothing aliases: what Pillow's Image.resize does, in
// floats instead of its 8 fractional bits.

// kernel is an even function that is zero beyond its support.
type kernel struct {
	support float64
	at      func(x float64) float64
}

var kernels = map[string]kernel{
	"bilinear": {1, func(x float64) float64 { return 1 - x }},
	"bicubic": {2, func(x float64) float64 { // Keys 1981, a = -1/2
		if x < 1 {
			return (1.5*x-2.5)*x*x + 1
		}
		return ((-.5*x+2.5)*x-4)*x + 2
	}},
	"lanczos": {3, func(x float64) float64 {
		if x == 0 {
			return 1
		}
		return math.Sin(math.Pi*x) / (math.Pi * x) * math.Sin(math.Pi*x/3) / (math.Pi * x / 3)
	}},
}

// weights of one output: inputs first, first+1, ...
type weights struct {
	first int
	w     []float32
}

// axis maps the part [from, to) of n inputs onto m outputs.
func axis(filter string, n, m int, from, to float64) []weights {
	out := make([]weights, m)
	step := (to - from) / float64(m)
	k, smooth := kernels[filter]
	for i := range out {
		c := from + (float64(i)+.5)*step
		if !smooth { // nearest
			out[i] = weights{min(max(int(c), 0), n-1), []float32{1}}
			continue
		}
		wide := max(step, 1)
		lo := max(int(c-k.support*wide+.5), 0)
		hi := min(int(c+k.support*wide+.5), n)
		hi = max(hi, lo+1)
		if lo >= n {
			lo, hi = n-1, n
		}
		sum := 0.0
		w := make([]float64, hi-lo)
		for j := range w {
			if x := math.Abs((float64(lo+j) + .5 - c) / wide); x < k.support {
				w[j] = k.at(x)
			}
			sum += w[j]
		}
		f := make([]float32, len(w))
		for j := range w {
			if sum != 0 {
				f[j] = float32(w[j] / sum)
			}
		}
		out[i] = weights{lo, f}
	}
	return out
}

// box is a part of a picture in its pixels.
type box struct{ x0, y0, x1, y1 float64 }

// scale maps a box of a w x h picture of interleaved bytes onto dw x dh pixels of
// interleaved floats 0..255, clipped as bytes would be.
func scale(rgb []byte, w, h int, b box, filter string, dw, dh int) []float32 {
	across, down := axis(filter, w, dw, b.x0, b.x1), axis(filter, h, dh, b.y0, b.y1)
	top, bottom := h, 0
	for _, d := range down {
		top, bottom = min(top, d.first), max(bottom, d.first+len(d.w))
	}
	rows := make([]float32, (bottom-top)*dw*3)
	for y := top; y < bottom; y++ {
		src, dst := rgb[3*w*y:3*w*(y+1)], rows[(y-top)*dw*3:]
		for x, a := range across {
			var r, g, b float32
			p := src[3*a.first : 3*(a.first+len(a.w))]
			for j, k := range a.w {
				r, g, b = r+k*float32(p[3*j]), g+k*float32(p[3*j+1]), b+k*float32(p[3*j+2])
			}
			dst[3*x], dst[3*x+1], dst[3*x+2] = clip(r), clip(g), clip(b)
		}
	}
	out := make([]float32, dw*dh*3)
	for y, d := range down {
		dst := out[3*dw*y : 3*dw*(y+1)]
		for j, k := range d.w {
			src := rows[(d.first+j-top)*dw*3:][:len(dst)]
			for i, v := range src {
				dst[i] += k * v
			}
		}
		for i, v := range dst {
			dst[i] = clip(v)
		}
	}
	return out
}

func clip(v float32) float32 { return min(max(v, 0), 255) }
