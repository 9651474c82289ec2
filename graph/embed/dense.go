package embed

import (
	"math"
	"math/rand/v2"

	"bowerbird/internal/vec"
)

// dense is y = x W + b, and ReLU where asked. W is in × out.
type dense struct {
	in, out int
	w, b    []float32
	gw, gb  []float32 // gradients; nil once trained
}

// newDense draws W as Glorot and Bengio, AISTATS 2010, equation 16.
func newDense(in, out int, rng *rand.Rand) dense {
	d := dense{in: in, out: out, w: make([]float32, in*out), b: make([]float32, out), gw: make([]float32, in*out), gb: make([]float32, out)}
	r := math.Sqrt(6 / float64(in+out))
	for i := range d.w {
		d.w[i] = float32((2*rng.Float64() - 1) * r)
	}
	return d
}

// forward returns n rows of out.
func (d *dense) forward(x []float32, n int, relu bool) []float32 {
	y := make([]float32, n*d.out)
	for i := range n {
		copy(y[i*d.out:], d.b)
	}
	vec.MatMul(y, x[:n*d.in], d.w, n, d.in, d.out)
	if relu {
		for i, v := range y {
			y[i] = max(v, 0)
		}
	}
	return y
}

// backward takes d loss / d y, adds to the gradients of W and b, and returns d loss / d x where want asks for it. y is what
// forward returned; dy is overwritten where relu was asked.
func (d *dense) backward(x, y, dy []float32, n int, relu, want bool) []float32 {
	if relu {
		for i, v := range y[:n*d.out] {
			if v <= 0 {
				dy[i] = 0
			}
		}
	}
	for i := range n {
		vec.Axpy(1, dy[i*d.out:(i+1)*d.out], d.gb)
	}
	xt := make([]float32, n*d.in)
	transpose(xt, x, n, d.in, d.in)
	vec.MatMul(d.gw, xt, dy[:n*d.out], d.in, n, d.out)
	if !want {
		return nil
	}
	wt := make([]float32, d.in*d.out)
	transpose(wt, d.w, d.in, d.out, d.out)
	dx := make([]float32, n*d.in)
	vec.MatMul(dx, dy[:n*d.out], wt, n, d.out, d.in)
	return dx
}
