package embed

import "math"

// adam is the optimiser of Kingma and Ba, ICLR 2015, algorithm 1, with β₁ = .9, β₂ = .999, ε = 1e-8.
type adam struct {
	m, v []float32
	t    int
	rate float32
}

func newAdam(n int, rate float64) *adam {
	return &adam{m: make([]float32, n), v: make([]float32, n), rate: float32(rate)}
}

// next begins a step; apply then changes any parts of the parameters, each once.
func (a *adam) next() { a.t++ }

// apply moves x, the parameters from place at on, against the gradient g plus decay·x.
func (a *adam) apply(at int, x, g []float32, decay float32) {
	const b1, b2 = 0.9, 0.999
	c1 := float32(1 / (1 - math.Pow(b1, float64(a.t))))
	c2 := float32(1 / (1 - math.Pow(b2, float64(a.t))))
	m, v := a.m[at:at+len(x)], a.v[at:at+len(x)]
	g = g[:len(x)]
	for i := range x {
		d := g[i] + decay*x[i]
		m[i] = b1*m[i] + (1-b1)*d
		v[i] = b2*v[i] + (1-b2)*d*d
		x[i] -= a.rate * m[i] * c1 / (float32(math.Sqrt(float64(v[i]*c2))) + 1e-8)
	}
}
