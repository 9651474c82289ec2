package vision

import (
	"image"
	"math"
	"slices"
)

// Image is the decoded picture, upright and reduced as Decode says. It is shared: do
// not write to it.
func (p *Picture) Image() image.Image { return p.pix }

// DHash is the difference hash of 64 bits (Krawetz 2013) in the form of imagededup: the
// luma at 9 x 8 pixels, and a bit for each pixel that is brighter than the one on its
// left, row by row, the first in the highest bit.
func (p *Picture) DHash() Fingerprint {
	m := p.lanczos(9, 8)
	var f Fingerprint
	for y := range 8 {
		for x := range 8 {
			f <<= 1
			if m[y*9+x+1] > m[y*9+x] {
				f |= 1
			}
		}
	}
	return f
}

// PHash is the perceptual hash of 64 bits (Krawetz 2011, after Zauner 2010) in the form
// of imagededup: the luma at 32 x 32 pixels, the lowest 8 x 8 frequencies of its DCT-II
// with the mean among them, and a bit for each that is not below the median of all but
// the mean, row by row, the first in the highest bit. Fingerprint, which is what the
// engine keeps, leaves the mean's row and column out, so that brightness does not count.
func (p *Picture) PHash() Fingerprint {
	m := p.lanczos(32, 32)
	var cos [8][32]float64
	for u := range cos {
		for x := range cos[u] {
			cos[u][x] = math.Cos(math.Pi / 32 * (float64(x) + .5) * float64(u))
		}
	}
	var coef [64]float64
	for v := range 8 {
		for u := range 8 {
			for y := range 32 {
				for x := range 32 {
					coef[v*8+u] += m[y*32+x] * cos[u][x] * cos[v][y]
				}
			}
		}
	}
	rest := coef
	slices.Sort(rest[1:])
	median := rest[32] // of the 63
	var f Fingerprint
	for _, c := range coef {
		f <<= 1
		if c >= median {
			f |= 1
		}
	}
	return f
}

// lanczos reduces the picture to w x h by the filter of Lanczos with three lobes,
// stretched to the reduction, each of red, green and blue rounded to bytes after each
// direction, as Pillow does, and gives the luma of the result.
func (p *Picture) lanczos(w, h int) []float64 {
	m := p.pix
	cols, rows := lanczosTaps(m.Rect.Dx(), w), lanczosTaps(m.Rect.Dy(), h)
	across := make([][3]float64, w*m.Rect.Dy())
	line := make([][3]float64, m.Rect.Dx())
	for y := range m.Rect.Dy() {
		for x := range line {
			c := y/2*m.CStride + x/2
			r, g, b := ycbcrRGB(m.Y[y*m.YStride+x], m.Cb[c], m.Cr[c])
			line[x] = [3]float64{float64(r), float64(g), float64(b)}
		}
		for x, t := range cols {
			across[y*w+x] = t.mix(line, 1)
		}
	}
	out := make([]float64, w*h)
	for y, t := range rows {
		for x := range w {
			c := t.mix(across[x:], w)
			out[y*w+x] = float64((19595*int(c[0]) + 38470*int(c[1]) + 7471*int(c[2]) + 1<<15) >> 16)
		}
	}
	return out
}

func roundByte(s float64) float64 { return math.Floor(min(max(s, 0), 255) + .5) }

type filterTaps struct {
	first int
	w     []float64
}

// mix weighs pixels that lie step apart.
func (t filterTaps) mix(m [][3]float64, step int) (c [3]float64) {
	for i, k := range t.w {
		p := &m[(t.first+i)*step]
		c[0] += k * p[0]
		c[1] += k * p[1]
		c[2] += k * p[2]
	}
	return [3]float64{roundByte(c[0]), roundByte(c[1]), roundByte(c[2])}
}

func lanczosTaps(n, m int) []filterTaps {
	step := float64(n) / float64(m)
	scale := max(step, 1)
	out := make([]filterTaps, m)
	for i := range out {
		center := (float64(i) + .5) * step
		lo, hi := max(0, int(center-3*scale+.5)), min(n, int(center+3*scale+.5))
		t := filterTaps{first: lo}
		sum := 0.0
		for j := lo; j < hi; j++ {
			k := lanczos3((float64(j) - center + .5) / scale)
			t.w = append(t.w, k)
			sum += k
		}
		for j := range t.w {
			t.w[j] /= sum
		}
		out[i] = t
	}
	return out
}

func lanczos3(x float64) float64 {
	if x == 0 {
		return 1
	}
	if x <= -3 || x >= 3 {
		return 0
	}
	a := math.Pi * x
	return 3 * math.Sin(a) * math.Sin(a/3) / (a * a)
}
