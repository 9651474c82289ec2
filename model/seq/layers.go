package seq

import (
	"math"
	"slices"

	"bowerbird/internal/nn"
)

// room returns a slice of length n on top of *p; the contents are left over.
func room(p *[]float32, n int) []float32 {
	*p = slices.Grow((*p)[:0], n)[:n]
	return *p
}

const tiny = 1e-6 // keeps the deviation of a constant row from zero

// normalise sets y to gain·(x-mean)/deviation + shift, row by row, and keeps the
// normalised rows in unit and 1/deviation in inverse. Ba et al., 2016.
func normalise(y, unit, inverse, x, gain, shift []float32) {
	d := len(gain)
	shift = shift[:d]
	for r := range len(x) / d {
		row, u, out := x[r*d:(r+1)*d:(r+1)*d], unit[r*d:(r+1)*d:(r+1)*d], y[r*d:(r+1)*d:(r+1)*d]
		mean := float32(0)
		for _, v := range row {
			mean += v
		}
		mean /= float32(d)
		square := float32(0)
		for _, v := range row {
			square += (v - mean) * (v - mean)
		}
		inv := float32(1 / math.Sqrt(float64(square/float32(d)+tiny)))
		inverse[r] = inv
		for k, v := range row {
			z := (v - mean) * inv
			u[k] = z
			out[k] = z*gain[k] + shift[k]
		}
	}
}

// normaliseBack adds to dx the gradient of normalise, and to dgain and dshift.
func normaliseBack(dx, dy, unit, inverse, gain, dgain, dshift []float32) {
	d := len(gain)
	dgain, dshift = dgain[:d], dshift[:d]
	for r := range len(dy) / d {
		g, u, out := dy[r*d:(r+1)*d:(r+1)*d], unit[r*d:(r+1)*d:(r+1)*d], dx[r*d:(r+1)*d:(r+1)*d]
		a, b := float32(0), float32(0)
		for k, v := range g {
			dgain[k] += v * u[k]
			dshift[k] += v
			z := v * gain[k]
			a += z
			b += z * u[k]
		}
		a /= float32(d)
		b /= float32(d)
		inv := inverse[r]
		for k, v := range g {
			out[k] += inv * (v*gain[k] - a - u[k]*b)
		}
	}
}

// linear sets y, rows × n, to x·W + bias.
func linear(y, x []float32, rows, k int, w *nn.Panels, bias []float32) {
	n := len(bias)
	nn.Mul(y, n, nn.Rows(x, k), w, rows, false)
	for r := range rows {
		row := y[r*n : (r+1)*n : (r+1)*n]
		for i, b := range bias {
			row[i] += b
		}
	}
}

// linearBack adds to dw and dbias, and sets dx to dy·Wᵀ; wt is packed Wᵀ.
func linearBack(dx, dw, dbias, dy, x []float32, rows, k int, wt *nn.Panels, scratch *nn.Panels) {
	n := len(dbias)
	for r := range rows {
		for i, v := range dy[r*n : (r+1)*n : (r+1)*n] {
			dbias[i] += v
		}
	}
	scratch.Pack(nn.Rows(dy, n), rows, n)
	nn.Mul(dw, n, nn.Rows(x, k).T(), scratch, k, true)
	nn.Mul(dx, k, nn.Rows(dy, n), wt, rows, false)
}

// slope is that of the sigmoid form of GELU, x·σ(1.702 x): Hendrycks and Gimpel,
// "Gaussian Error Linear Units", 2016, section 2.
const slope = 1.702

// gelu sets y, and gate to σ(1.702 x).
func gelu(y, gate, x []float32) {
	nn.ExpSum(gate, x, -slope, 0)
	gate, y = gate[:len(x)], y[:len(x)]
	for i, v := range x {
		s := 1 / (1 + gate[i])
		gate[i] = s
		y[i] = v * s
	}
}

// geluBack turns the gradient of y into that of x, in place.
func geluBack(d, gate, x []float32) {
	gate, x = gate[:len(d)], x[:len(d)]
	for i, s := range gate {
		d[i] *= s + slope*x[i]*s*(1-s)
	}
}

// chance is a small generator, one for each part of a batch: splitmix64 (Steele,
// Lea and Flood, OOPSLA 2014).
type chance uint64

func (c *chance) next() uint64 {
	*c += 0x9e3779b97f4a7c15
	z := uint64(*c)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// drop multiplies x by a fresh mask of zeros and 1/(1-rate), and keeps the mask.
// With rate 0 it does nothing and the mask is empty.
func drop(x []float32, mask *[]float32, rate float32, c *chance) {
	if rate <= 0 {
		*mask = (*mask)[:0]
		return
	}
	m := room(mask, len(x))
	least, keep := uint16(rate*65536), 1/(1-rate)
	values := [2]float32{keep, 0}
	var bits uint64
	for i := range m {
		if i&3 == 0 {
			bits = c.next()
		}
		// Without a branch: half of them would be guessed wrong.
		m[i] = values[(uint32(uint16(bits))-uint32(least))>>31]
		bits >>= 16
	}
	x = x[:len(m)]
	for i, v := range m {
		x[i] *= v
	}
}

// dropBack turns the gradient behind a drop into the one before it.
func dropBack(d, mask []float32) {
	if len(mask) == 0 {
		return
	}
	mask = mask[:len(d)]
	for i, v := range mask {
		d[i] *= v
	}
}
