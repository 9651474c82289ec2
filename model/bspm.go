package model

import (
	"context"
	"fmt"
	"math"

	"bowerbird/internal/svd"
	"bowerbird/internal/vec"
)

// BSPM is the blurring-sharpening process on the graph of items. With X normalised by the degrees of users and items,
//
//	R = D_u^-½ X D_i^-½ = U S Vᵀ,   P = RᵀR / s_1²,
//	scores of a history x = e^(-Sharpen P) ( P x + Ideal D_i^Popular V Vᵀ D_i^-½ x ), times D_i^Tilt.
//
// P blurs, V Vᵀ is the ideal low-pass filter of GF-CF, and the exponential is the solution of the sharpening equation dB/dt = -P B
// at the time Sharpen. Popular .5 and Tilt 0 are the paper's "early merge" (Choi et al., "Blurring-Sharpening Process Models for
// Collaborative Filtering", SIGIR 2023, which takes Ideal .2, Sharpen 2.5 and 448 values on Gowalla); Sharpen 0 is GF-CF (Shen et al.,
// CIKM 2021).
//
// Where we differ: people's rows are not kept, so what is P x above is the product of thin matrices where P is large, and a sparse
// rest, its Top largest entries a row, where it is small: there e^(-Sharpen l) is one number, that of the smallest value kept, so
// that the filter has no step there. The exponential of the ideal part is exact. It costs what svd.Truncated and ItemKNN do, and some ten products more.
type BSPM struct {
	Dim     int     `json:"dim"`     // singular values kept; 0: 256; at most 1,024
	Ideal   float64 `json:"ideal"`   // 0: .3; -1: none
	Sharpen float64 `json:"sharpen"` // 0: 1.5; -1: none
	Popular float64 `json:"popular"` // 0: .35; -1: none
	Tilt    float64 `json:"tilt"`    // 0: .2; -1: none
	Top     int     `json:"top"`     // 0: 400
	Rounds  int     `json:"rounds"`  // of subspace iteration; 0: 4
}

// Name returns "bspm".
func (BSPM) Name() string { return "bspm" }

func (t BSPM) defaults() BSPM {
	if t.Dim == 0 {
		t.Dim = 256
	}
	if t.Top == 0 {
		t.Top = 400
	}
	for _, d := range []struct {
		p *float64
		v float64
	}{{&t.Ideal, .3}, {&t.Sharpen, 1.5}, {&t.Popular, .35}, {&t.Tilt, .2}} {
		switch *d.p {
		case 0:
			*d.p = d.v
		case -1:
			*d.p = 0
		}
	}
	return t
}

func (t BSPM) check() error {
	for _, f := range []struct {
		name  string
		x, to float64
	}{{"ideal", t.Ideal, 10}, {"sharpen", t.Sharpen, 8}, {"popular", t.Popular, 2}, {"tilt", t.Tilt, 1}} {
		if !(f.x >= 0 && f.x <= f.to) {
			return fmt.Errorf("bspm: %s %v is out of range 0 to %v", f.name, f.x, f.to)
		}
	}
	if t.Dim < 1 || t.Dim > maxDim/2 || t.Top < 1 || t.Rounds < 0 || t.Rounds > 100 {
		return fmt.Errorf("bspm: dim %d must be in 1..%d, top %d positive, rounds %d in 0..100", t.Dim, maxDim/2, t.Top, t.Rounds)
	}
	return nil
}

func (BSPM) advice() string { return "lower dim or top" }

// Memory is the decomposition, the rows on both sides, what the exponential takes, the normalised matrix, and the sparse rest.
func (t BSPM) Memory(m *Matrix) int64 {
	t = t.defaults()
	k := int64(max(1, t.Dim))
	return svd.Bytes(m.Users(), m.Items(), svd.Options{K: int(k)}) + 4*matrixBytes(m.Users()+m.Items(), m.Entries()) +
		4*k*int64(6*m.Items()+m.Users()) + 64*int64(m.Items()) + knnMemory(m, t.Top)
}

// Fit trains a LowRank model.
func (t BSPM) Fit(ctx context.Context, m *Matrix, o Options) (Model, error) {
	full := t.defaults()
	if err := full.check(); err != nil {
		return nil, err
	}
	raw := m
	m, b, err := begin(t, "lowrank", m, &o)
	if err != nil {
		return nil, err
	}
	r := newPlane(m, .5, .5)
	d, err := remembered(ctx, raw, decomposition{o.Weigh, .5, .5, full.Dim, full.Rounds, o.Seed}, func() (*svd.SVD, error) {
		return svd.Truncated(ctx, r, svd.Options{K: full.Dim, Rounds: full.Rounds, Threads: o.Threads, Seed: o.Seed,
			Progress: func(done, total int) { o.Progress(done, total, "rounds of the decomposition") }})
	})
	if err != nil {
		return nil, fmt.Errorf("bspm: %w", err)
	}
	l, err := full.process(ctx, m, r, b, d, o)
	if err != nil {
		return nil, fmt.Errorf("bspm: %w", err)
	}
	return l, nil
}

// process makes the model out of the decomposition. A row is two halves: of P where it is large, and of the ideal filter.
func (t BSPM) process(ctx context.Context, m *Matrix, r plane, b base, d *svd.SVD, o Options) (*LowRank, error) {
	k := d.K
	users, degree := m.degrees()
	sharp, err := t.sharpened(ctx, r, d, degree, o)
	if err != nil {
		return nil, err
	}
	least := 1.0 // the smallest value kept
	bend := make([]float32, k)
	for _, s := range d.S {
		if s > 1e-4*d.S[0] {
			least = s * s / (d.S[0] * d.S[0])
		}
	}
	rest := math.Exp(-t.Sharpen * least)
	for j, s := range d.S {
		l := s * s / (d.S[0] * d.S[0])
		bend[j] = float32(l * (math.Exp(-t.Sharpen*l) - rest))
	}
	out := &LowRank{base: b, dim: 2 * k, right: make([]float32, 2*len(d.V)), left: make([]float32, 2*len(d.V))}
	tilt, from := make([]float32, b.items), make([]float32, b.items)
	for i, x := range degree {
		if x == 0 {
			continue
		}
		tilt[i], from[i] = float32(math.Pow(x, t.Tilt)), float32(math.Pow(x, -.5))
		v := d.V[i*k : (i+1)*k]
		left, right := out.left[2*i*k:2*(i+1)*k], out.right[2*i*k:2*(i+1)*k]
		for j, x := range v {
			left[j], right[j] = x, x*bend[j]*tilt[i]
			left[k+j], right[k+j] = x*from[i], float32(t.Ideal)*sharp[i*k+j]*tilt[i]
		}
	}
	if !vec.Finite(out.right) || !vec.Finite(out.left) {
		return nil, fmt.Errorf("the rows are not finite: weights are too large")
	}
	c := float32(rest / (d.S[0] * d.S[0]))
	out.rest, err = products(ctx, base{items: m.items}, m.Transpose(), m.scaled(users, -1), o, topOf(t.Top, m.items), func(i, j uint32, v float32) float32 {
		return v * c * from[i] * from[j] * tilt[j]
	})
	if err != nil {
		return nil, err
	}
	return out.prepare(), nil
}

// sharpened is e^(-Sharpen P) D_i^Popular V, by the exponential's series: for l up to 1 and Sharpen up to 8 its terms rise to some
// hundreds before they fall, so that six digits of float32 leave three at the worst.
func (t BSPM) sharpened(ctx context.Context, r plane, d *svd.SVD, degree []float64, o Options) ([]float32, error) {
	k, n := d.K, len(degree)
	term, out := make([]float32, n*k), make([]float32, n*k)
	for i, x := range degree {
		if x > 0 {
			copy(term[i*k:(i+1)*k], d.V[i*k:(i+1)*k])
			vec.Scale(float32(math.Pow(x, t.Popular)), term[i*k:(i+1)*k])
		}
	}
	copy(out, term)
	rows, _ := r.Shape()
	y := make([]float32, rows*k)
	weight := 1.0
	for step := 1; step < 64 && (weight > 1e-4 || float64(step) < t.Sharpen); step++ {
		if err := r.Times(ctx, o.Threads, y, term, k); err != nil {
			return nil, err
		}
		if err := r.TimesT(ctx, o.Threads, term, y, k); err != nil {
			return nil, err
		}
		vec.Scale(float32(-t.Sharpen/float64(step)/(d.S[0]*d.S[0])), term)
		vec.Axpy(1, term, out)
		weight *= t.Sharpen / float64(step)
	}
	return out, nil
}

// around: first what needs no other decomposition.
func (t BSPM) around() []BSPM {
	t = t.defaults()
	var out []BSPM
	add := func(change func(n *BSPM)) {
		n := t
		change(&n)
		if n.check() != nil {
			return
		}
		for _, x := range []*float64{&n.Ideal, &n.Sharpen, &n.Popular, &n.Tilt} {
			if *x == 0 {
				*x = -1 // 0 would be the default
			}
		}
		out = append(out, n)
	}
	for _, d := range []float64{1, -1} {
		add(func(n *BSPM) { n.Tilt = tenths(t.Tilt + .1*d) })
		add(func(n *BSPM) { n.Popular = hundredths(t.Popular + .15*d) })
		add(func(n *BSPM) { n.Ideal = hundredths(t.Ideal * math.Pow(1.5, d)) })
		add(func(n *BSPM) { n.Sharpen = tenths(t.Sharpen + .5*d) })
	}
	add(func(n *BSPM) { n.Dim = min(t.Dim*7/4, 512) })
	if t.Dim >= 32 {
		add(func(n *BSPM) { n.Dim = t.Dim / 2 })
	}
	return out
}

func hundredths(x float64) float64 { return math.Round(x*100) / 100 }
