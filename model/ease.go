package model

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"bowerbird/internal/vec"
)

// EASE is the closed-form linear autoencoder of Steck (WWW 2019): the B with zero diagonal that minimises
// |X - XB|² + Lambda |B|²,
//
//	P = (XᵀX + Lambda I)⁻¹,  B[i][j] = -P[i][j] / P[j][j].
//
// It costs items³/2 multiply-adds and items² * 4 bytes, so it is for catalogues up to some tens of thousands. The
// inverse is computed in float32.
//
// Where we differ: Top keeps only the largest entries by magnitude in each row, for smaller files and faster requests. Users
// and Items divide X by powers of the users' and items' degrees before, D_u^-Users X D_i^-Items, in units of the mean degree
// so that Lambda keeps its meaning, and B[i][j] is multiplied by (d_j / d_i)^Items after: people who like everything then
// say less about each thing, and the ridge no longer falls hardest on the long tail.
type EASE struct {
	Lambda float32 `json:"lambda"` // 0: 300, in units of training weight²
	Top    int     `json:"top"`    // entries kept in each row; 0: all up to 4,096 items, else 256; -1: all
	Users  float64 `json:"users"`  // 0: none
	Items  float64 `json:"items"`  // 0: none
}

// Name returns "ease".
func (EASE) Name() string { return "ease" }

func (EASE) advice() string {
	return "EASE needs 4 bytes for each pair of items: raise the budget, or use local-ease, item-knn or ials for a catalogue of this size"
}

// Memory is a dense items x items matrix of float32, the rows kept, a few rows of blocks, and the weighted matrix and transpose.
func (t EASE) Memory(m *Matrix) int64 {
	n := int64(m.Items())
	return 4*n*n + 8*block*(n+block) + 16*n*int64(max(0, t.top(m.Items()))) + 2*matrixBytes(m.Users()+m.Items(), m.Entries()) + 64*n
}

// top is the number of entries kept, or -1 for all.
func (t EASE) top(items int) int {
	if t.Top < 0 || t.Top >= items || t.Top == 0 && items <= 4096 {
		return -1
	}
	if t.Top == 0 {
		return 256
	}
	return t.Top
}

// Fit trains a Linear model.
func (t EASE) Fit(ctx context.Context, m *Matrix, o Options) (Model, error) {
	if t.Lambda == 0 {
		t.Lambda = 300
	}
	if !(t.Lambda > 0) || math.IsInf(float64(t.Lambda), 0) {
		return nil, fmt.Errorf("ease: lambda %v must be finite and positive", t.Lambda)
	}
	if !(t.Users >= 0 && t.Users <= 2) || !(t.Items >= 0 && t.Items <= 2) {
		return nil, fmt.Errorf("ease: users %v and items %v must be in 0..2", t.Users, t.Items)
	}
	m, b, err := begin(t, "linear", m, &o)
	if err != nil {
		return nil, err
	}
	l, err := t.fit(ctx, m, b, o)
	if err != nil {
		return nil, fmt.Errorf("ease: %w", err)
	}
	return l, nil
}

func (t EASE) fit(ctx context.Context, m *Matrix, b base, o Options) (*Linear, error) {
	n := m.items
	m, bend := t.normalised(m)
	g, err := gram(ctx, m, o.Threads)
	if err != nil {
		return nil, err
	}
	o.Progress(1, 3, "gram matrix")
	for i := range n {
		g[i*n+i] += t.Lambda
	}
	if err := inverse(ctx, g, n, o.Threads); err != nil {
		return nil, err
	}
	p := g
	o.Progress(2, 3, "inverse")
	scale := make([]float32, n)
	for j := range n {
		scale[j] = -1 / p[j*n+j]
	}
	top := t.top(n)
	var out *rows
	if top >= 0 {
		out = newRows(n)
	}
	err = blocks(ctx, o.Threads, n, 16, nil, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			row := p[i*n : (i+1)*n]
			for j := range row {
				row[j] *= scale[j]
			}
			if bend != nil {
				for j := range row {
					row[j] *= bend[j] / bend[i]
				}
			}
			row[i] = 0
			if out != nil {
				out.put(i, largest(row, top), func(x vec.Scored) float32 { return row[x.ID] })
			}
		}
	})
	if err != nil {
		return nil, err
	}
	o.Progress(3, 3, "weights")
	if out != nil {
		return out.linear(b), nil
	}
	return &Linear{base: b, dense: p}, nil
}

// normalised returns D_u^-Users X D_i^-Items and D_i^Items, or X and nil.
func (t EASE) normalised(m *Matrix) (*Matrix, []float32) {
	if t.Users == 0 && t.Items == 0 {
		return m, nil
	}
	users, items := m.degrees()
	total := 0.0
	for _, x := range users {
		total += x
	}
	inMeans(users, total)
	inMeans(items, total)
	m = m.scaled(users, -t.Users)
	bend := make([]float32, len(items))
	for i, x := range items {
		bend[i] = float32(math.Pow(max(x, 1e-3), t.Items))
	}
	for p, i := range m.idx {
		m.val[p] /= bend[i]
	}
	return m, bend
}

// inMeans divides degrees by the mean that an entry sees: the mean of degrees weighted by degree, near which the ridge
// matters.
func inMeans(degrees []float64, total float64) {
	sq := 0.0
	for _, x := range degrees {
		sq += x * x
	}
	for i := range degrees {
		degrees[i] *= total / sq
	}
}

// largest returns the top entries of row by magnitude; entries that are zero are left out.
func largest(row []float32, top int) []vec.Scored {
	best := vec.NewBest(top)
	for j, v := range row {
		if v != 0 {
			best.Push(vec.Scored{ID: uint32(j), Score: max(v, -v)})
		}
	}
	return slices.SortedFunc(slices.Values(best.Sorted()), func(a, b vec.Scored) int { return cmp.Compare(a.ID, b.ID) })
}

// gram returns XᵀX, dense items x items.
func gram(ctx context.Context, m *Matrix, threads int) ([]float32, error) {
	n := m.items
	g := make([]float32, n*n)
	t := m.Transpose()
	return g, blocks(ctx, threads, n, 8, nil, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			row := g[i*n : (i+1)*n]
			users, left := t.Row(i)
			for p, u := range users {
				js, right := m.Row(int(u))
				for q, j := range js {
					row[j] += left[p] * right[q]
				}
			}
		}
	})
}
