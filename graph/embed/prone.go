package embed

import (
	"context"
	"fmt"
	"math"

	"bowerbird/graph"
	"bowerbird/internal/svd"
	"bowerbird/internal/vec"
)

// ProNEOptions of ProNE. The zero value works.
type ProNEOptions struct {
	Limits
	Dim    int     // default 128
	Order  int     // terms of the Chebyshev expansion; default 10
	Mu     float64 // µ, the middle of the band that passes; default 0.2. -1 stands for 0
	Theta  float64 // θ, how sharp the band is; default 0.5
	Rounds int     // of subspace iteration; default 4
	Seed   uint64
}

func (o ProNEOptions) check() (ProNEOptions, error) {
	o.Limits = o.Limits.withDefaults()
	for _, f := range []struct {
		name     string
		x        *int
		std, top int
	}{{"Dim", &o.Dim, 128, maxDim}, {"Order", &o.Order, 10, 100}, {"Rounds", &o.Rounds, 4, 100}} {
		if *f.x == 0 {
			*f.x = f.std
		}
		if *f.x < 1 || *f.x > f.top {
			return o, fmt.Errorf("embed: ProNEOptions.%s: %d is out of range 1 to %d", f.name, *f.x, f.top)
		}
	}
	switch o.Mu {
	case 0:
		o.Mu = 0.2
	case -1:
		o.Mu = 0
	}
	if o.Theta == 0 {
		o.Theta = 0.5
	}
	if !(o.Mu >= 0 && o.Mu <= 2) || !(o.Theta > 0 && o.Theta <= 10) {
		return o, fmt.Errorf("embed: ProNEOptions: Mu %v, Theta %v: want Mu from 0 to 2 (-1 for 0) and Theta above 0, at most 10", o.Mu, o.Theta)
	}
	return o, nil
}

// ProNE embeds nodes by factorising a matrix of log-odds of edges, and then passes the factors through a band-pass filter
// of the graph. It treats all nodes alike; left and right come out of one space. Rows have length 1.
//
// It costs a decomposition as Spectral does, 2·Order passes over edges · Dim, and one small decomposition. The same seed
// gives the same bits on any number of threads of one machine class.
//
// Source: Zhang et al., "ProNE", IJCAI 2019, equations 4 to 11. The expansion of exp(-θL̃) in Chebyshev polynomials has
// the modified Bessel functions I_k(θ) as coefficients, L̃ = ½((L-µ)² - 1).
func ProNE(ctx context.Context, s *graph.Snapshot, o ProNEOptions) (*Vectors, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	m, err := compact(s, o.Limits)
	if err != nil {
		return nil, fmt.Errorf("embed: ProNE: %w", err)
	}
	left := m.rows()
	g := m.square(o.Limits)
	if err := o.afford(svd.Bytes(g.rows(), g.rows(), svd.Options{K: o.Dim}) + 4*csrBytes(g.rows(), len(g.To))); err != nil {
		return nil, fmt.Errorf("embed: ProNE: %w", err)
	}
	d, err := truncated(ctx, g.logOdds(), o.Dim, o.Rounds, o.Limits, o.Seed)
	if err != nil {
		return nil, fmt.Errorf("embed: ProNE: %w", err)
	}
	powers(d.S, 0.5)
	x := widened(d.U, d.K, o.Dim, d.S, nil)
	unit(x, o.Dim)
	if x, err = o.propagate(ctx, g, x); err != nil {
		return nil, fmt.Errorf("embed: ProNE: %w", err)
	}
	return divide(x, o.Dim, left, o.Limits), nil
}

func unit(x []float32, dim int) {
	for ; len(x) > 0; x = x[dim:] {
		vec.Normalize(x[:dim])
	}
}

// logOdds is equation 6 on the entries of the adjacency: ln p_ij - ln λP_j, with p_ij = w_ij/d_i, P_j ∝ (Σ_i p_ij)^0.75
// and λ = 1.
func (m *csr) logOdds() *csr {
	p := m.normalised(1, 0)
	_, cols := p.sums()
	powers(cols, 0.75)
	total := 0.0
	for _, c := range cols {
		total += c
	}
	for k, j := range p.To {
		p.W[k] = float32(math.Log(float64(p.W[k])) - math.Log(cols[j]/total))
	}
	return p
}

// propagate filters rows: X ← D⁻¹A (X - g(L)X), and then turns them to their principal axes, scaled by √s.
func (o ProNEOptions) propagate(ctx context.Context, g *csr, x []float32) ([]float32, error) {
	a := g.withLoops().normalised(1, 0)
	size := len(x)
	mid := make([]float32, size)
	shifted := func(y, x []float32) error { // y = (L - µ) x, L = 1 - D⁻¹A
		if err := a.times(ctx, o.Threads, y, x, o.Dim); err != nil {
			return err
		}
		for i := range y {
			y[i] = float32(1-o.Mu)*x[i] - y[i]
		}
		return nil
	}
	modulated := func(y, x []float32) error { // y = L̃ x
		if err := shifted(mid, x); err != nil {
			return err
		}
		if err := shifted(y, mid); err != nil {
			return err
		}
		for i := range y {
			y[i] = (y[i] - x[i]) / 2
		}
		return nil
	}
	sum := make([]float32, size)
	t0, t1, t2 := append([]float32(nil), x...), make([]float32, size), make([]float32, size)
	vec.Axpy(float32(besselI(0, o.Theta)), t0, sum)
	if err := modulated(t1, t0); err != nil {
		return nil, err
	}
	for k := 1; k < o.Order; k++ {
		sign := 2.0
		if k&1 == 1 {
			sign = -2
		}
		vec.Axpy(float32(sign*besselI(k, o.Theta)), t1, sum)
		if err := modulated(t2, t1); err != nil {
			return nil, err
		}
		for i := range t2 {
			t2[i] = 2*t2[i] - t0[i]
		}
		t0, t1, t2 = t1, t2, t0
		o.Progress(k+1, o.Order, "terms of the filter")
	}
	for i := range sum {
		sum[i] = x[i] - sum[i]
	}
	if err := a.times(ctx, o.Threads, mid, sum, o.Dim); err != nil {
		return nil, err
	}
	return o.principal(ctx, mid)
}

// principal turns rows to U √s of their decomposition U s Wᵀ, and to length 1.
func (o ProNEOptions) principal(ctx context.Context, x []float32) ([]float32, error) {
	n, d := len(x)/o.Dim, o.Dim
	w, values, err := eigen(gram(x, n, d), d)
	if err != nil {
		return nil, err
	}
	turn := make([]float32, d*d)
	for j := range d {
		v := values[d-1-j] // s²: X w / √s = U √s
		if v <= 1e-12*values[d-1] {
			continue
		}
		for i := range d {
			turn[i*d+j] = float32(w.At(i, d-1-j) / math.Pow(v, 0.25))
		}
	}
	out := make([]float32, len(x))
	if err := multiply(ctx, o.Threads, out, x, turn, n, d, d); err != nil {
		return nil, err
	}
	unit(out, d)
	return out, nil
}

// withLoops returns the matrix plus the identity.
func (m *csr) withLoops() *csr {
	out := &csr{Cols: m.Cols, Off: make([]int, len(m.Off)), To: make([]uint32, 0, len(m.To)+m.rows()), W: make([]float32, 0, len(m.W)+m.rows())}
	for i := range m.rows() {
		to, w := m.row(i)
		done := false
		for k, j := range to {
			if !done && j >= uint32(i) {
				done = true
				out.To, out.W = append(out.To, uint32(i)), append(out.W, 1)
				if j == uint32(i) {
					out.W[len(out.W)-1] += w[k]
					continue
				}
			}
			out.To, out.W = append(out.To, j), append(out.W, w[k])
		}
		if !done {
			out.To, out.W = append(out.To, uint32(i)), append(out.W, 1)
		}
		out.Off[i+1] = len(out.To)
	}
	return out
}

// besselI is the modified Bessel function of the first kind I_k(x), by its series (Abramowitz and Stegun 9.6.10).
func besselI(k int, x float64) float64 {
	term := 1.0
	for i := 1; i <= k; i++ {
		term *= x / 2 / float64(i)
	}
	sum := 0.0
	for i := 1; i < 200; i++ {
		sum += term
		term *= x / 2 * x / 2 / float64(i) / float64(i+k)
	}
	return sum
}
