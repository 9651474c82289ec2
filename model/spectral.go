package model

import (
	"context"
	"fmt"
	"math"

	"bowerbird/internal/svd"
	"bowerbird/internal/vec"
)

// Spectral is a filter on the graph of items. With X normalised by the degrees of users and items,
//
//	R = D_u^-Users X D_i^-Items = U S Vᵀ,   l = s² / s_1²,
//	scores of a history x = x D_i^-Items ( V diag(f(l)) Vᵀ + Linear * RᵀR / s_1² ) D_i^Popular,
//	f(l) = (l^Power + Linear * l) * exp(-Sharpen * l) - Linear * l.
//
// Power 0, Sharpen 0 and exponents of .5 are the filter of GF-CF (Shen et al., CIKM 2021): V's part is the ideal low-pass
// filter, the other the linear one. Sharpen is the sharpening of BSPM (Choi et al., SIGIR 2023), whose differential equation
// dB/dt = -B P has e^(-tl) as its solution; it takes the part of what everybody likes back.
//
// Where we differ: the exponents are free (others fix .5); sharpening is exact and on the eigenvalues; the linear part is
// sparse, its Top largest entries a row, and only its share in V is sharpened. It costs what svd.Truncated does, and for the
// linear part what ItemKNN does.
type Spectral struct {
	Dim     int     `json:"dim"`     // singular values kept; 0: 256; at most 2,048
	Users   float64 `json:"users"`   // 0: .5; -1: none
	Items   float64 `json:"items"`   // 0: .5; -1: none
	Popular float64 `json:"popular"` // 0: as Items; -1: none
	Power   float64 `json:"power"`   // 0: an ideal filter
	Sharpen float64 `json:"sharpen"` // 0: none
	Linear  float64 `json:"linear"`  // 0: no linear part
	Top     int     `json:"top"`     // neighbours kept for each item in the linear part; 0: 200
	Rounds  int     `json:"rounds"`  // of subspace iteration; 0: 4
}

// Name returns "spectral".
func (Spectral) Name() string { return "spectral" }

func (t Spectral) defaults() Spectral {
	if t.Dim == 0 {
		t.Dim = 256
	}
	if t.Users == 0 {
		t.Users = 0.5
	}
	if t.Items == 0 {
		t.Items = 0.5
	}
	if t.Popular == 0 {
		t.Popular = t.Items
	}
	for _, x := range []*float64{&t.Users, &t.Items, &t.Popular} {
		if *x == -1 {
			*x = 0
		}
	}
	return t
}

func (t Spectral) check() error {
	for _, f := range []struct {
		name     string
		x        float64
		from, to float64
	}{{"users", t.Users, 0, 2}, {"items", t.Items, 0, 2}, {"popular", t.Popular, 0, 2}, {"power", t.Power, -2, 4}, {"sharpen", t.Sharpen, 0, 50}, {"linear", t.Linear, 0, 100}} {
		if !(f.x >= f.from && f.x <= f.to) {
			return fmt.Errorf("spectral: %s %v is out of range %v to %v", f.name, f.x, f.from, f.to)
		}
	}
	if t.Dim < 0 || t.Dim > maxDim || t.Top < 0 || t.Rounds < 0 || t.Rounds > 100 {
		return fmt.Errorf("spectral: dim %d must be in 1..%d, top %d not negative, rounds %d at most 100", t.Dim, maxDim, t.Top, t.Rounds)
	}
	return nil
}

// Memory is the decomposition, the normalised matrix and its transpose, the rows, and the linear part.
func (t Spectral) Memory(m *Matrix) int64 {
	t = t.defaults()
	n := svd.Bytes(m.Users(), m.Items(), svd.Options{K: max(1, t.Dim)}) + 4*matrixBytes(m.Users()+m.Items(), m.Entries()) +
		4*int64(max(1, t.Dim))*int64(m.Items()) + 64*int64(m.Items())
	if t.Linear > 0 {
		n += knnMemory(m, t.Top)
	}
	return n
}

// Fit trains a LowRank model.
func (t Spectral) Fit(ctx context.Context, m *Matrix, o Options) (Model, error) {
	full := t.defaults()
	if err := full.check(); err != nil {
		return nil, err
	}
	raw := m
	m, b, err := begin(t, "lowrank", m, &o)
	if err != nil {
		return nil, err
	}
	d, err := remembered(ctx, raw, decomposition{o.Weigh, full.Users, full.Items, full.Dim, full.Rounds, o.Seed}, func() (*svd.SVD, error) {
		return svd.Truncated(ctx, newPlane(m, full.Users, full.Items), svd.Options{K: full.Dim, Rounds: full.Rounds, Threads: o.Threads, Seed: o.Seed,
			Progress: func(done, total int) { o.Progress(done, total, "rounds of the decomposition") }})
	})
	if err != nil {
		return nil, fmt.Errorf("spectral: %w", err)
	}
	l, err := full.filter(ctx, m, b, d, o)
	if err != nil {
		return nil, fmt.Errorf("spectral: %w", err)
	}
	return l, nil
}

// filter makes the model out of the decomposition.
func (t Spectral) filter(ctx context.Context, m *Matrix, b base, d *svd.SVD, o Options) (*LowRank, error) {
	_, degree := m.degrees()
	out := &LowRank{base: b, dim: d.K, right: make([]float32, len(d.V)), from: make([]float32, b.items), turn: make([]float32, d.K)}
	for j, s := range d.S {
		if s <= 1e-4*d.S[0] {
			continue // noise of float32
		}
		l := s * s / (d.S[0] * d.S[0])
		out.turn[j] = float32((math.Pow(l, t.Power)+t.Linear*l)*math.Exp(-t.Sharpen*l) - t.Linear*l)
	}
	for i, x := range degree {
		if x == 0 {
			continue
		}
		// l_i = D^-Items v_i, r_j = D^Popular v_j: the rows hold r, from what leads from r to l.
		scale := float32(math.Pow(x, t.Popular))
		row := out.right[i*d.K : (i+1)*d.K]
		copy(row, d.V[i*d.K:])
		vec.Scale(scale, row)
		out.from[i] = float32(math.Pow(x, -t.Items)) / scale
	}
	if !vec.Finite(out.right) || !vec.Finite(out.from) {
		return nil, fmt.Errorf("the rows are not finite: weights or exponents are too large")
	}
	if t.Linear > 0 {
		if err := t.linear(ctx, m, d, out, degree, o); err != nil {
			return nil, err
		}
	}
	return out.prepare(), nil
}

// linear adds Linear * D_i^-2Items XᵀD_u^-2Users X D_i^(Popular-Items) / s_1², the Top largest entries of each row.
func (t Spectral) linear(ctx context.Context, m *Matrix, d *svd.SVD, out *LowRank, degree []float64, o Options) error {
	users, _ := m.degrees()
	byUser := m.scaled(users, -2*t.Users)
	to := make([]float32, len(degree))
	from := make([]float32, len(degree))
	for i, x := range degree {
		if x > 0 {
			from[i] = float32(t.Linear * math.Pow(x, -2*t.Items) / (d.S[0] * d.S[0]))
			to[i] = float32(math.Pow(x, t.Popular-t.Items))
		}
	}
	rest, err := products(ctx, base{items: m.items}, m.Transpose(), byUser, o, topOf(t.Top, m.items), func(i, j uint32, v float32) float32 {
		return v * from[i] * to[j]
	})
	out.rest = rest
	return err
}

// degrees returns the sum of each user's and each item's weights.
func (m *Matrix) degrees() (users, items []float64) {
	users, items = make([]float64, m.users), make([]float64, m.items)
	for u := range users {
		for p := m.ptr[u]; p < m.ptr[u+1]; p++ {
			users[u] += float64(m.val[p])
			items[m.idx[p]] += float64(m.val[p])
		}
	}
	return users, items
}

// scaled returns the matrix with each row times its degree to a power.
func (m *Matrix) scaled(degree []float64, power float64) *Matrix {
	out := &Matrix{users: m.users, items: m.items, ptr: m.ptr, idx: m.idx, val: make([]float32, len(m.val))}
	for u := range m.users {
		f := math.Pow(max(degree[u], 1e-30), power)
		for p := m.ptr[u]; p < m.ptr[u+1]; p++ {
			out.val[p] = float32(float64(m.val[p]) * f)
		}
	}
	return out
}

// plane is a normalised matrix with its transpose, as package svd wants it.
type plane struct{ m, mt *Matrix }

func newPlane(m *Matrix, userPower, itemPower float64) plane {
	users, items := m.degrees()
	t := m.scaled(users, -userPower).Transpose().scaled(items, -itemPower)
	return plane{t.Transpose(), t}
}

func (p plane) Shape() (rows, cols int) { return p.m.users, p.m.items }

func (p plane) Times(ctx context.Context, threads int, y, x []float32, dim int) error {
	return p.m.times(ctx, threads, y, x, dim)
}

func (p plane) TimesT(ctx context.Context, threads int, x, y []float32, dim int) error {
	return p.mt.times(ctx, threads, x, y, dim)
}

// times sets y, users x dim, to the product with x, items x dim.
func (m *Matrix) times(ctx context.Context, threads int, y, x []float32, dim int) error {
	return blocks(ctx, threads, m.users, 256, nil, func(_, lo, hi int) {
		for u := lo; u < hi; u++ {
			out := y[u*dim : (u+1)*dim]
			clear(out)
			for p := m.ptr[u]; p < m.ptr[u+1]; p++ {
				vec.Axpy(m.val[p], x[int(m.idx[p])*dim:(int(m.idx[p])+1)*dim], out)
			}
		}
	})
}
