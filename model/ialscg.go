package model

import (
	"context"

	"bowerbird/internal/vec"
)

// rowsAtOnce rows are solved at once by conjugate gradients, so that the products with the Gram matrix are one product of
// matrices.
const rowsAtOnce = 64

// halfBySteps improves every row of dst by Steps of conjugate gradients from where it stands: Takács, Pilászy and Tikk,
// "Applications of the Conjugate Gradient Method for Implicit Feedback Collaborative Filtering" (RecSys 2011). A row costs
// (Steps + 1) * (Dim² + 2 * cells * Dim) multiply-adds.
func (t IALS) halfBySteps(ctx context.Context, dst, fixed []float32, m *Matrix, o Options) error {
	d := t.Dim
	g := make([]float32, d*d)
	if err := weighGram(ctx, g, fixed, d, float32(t.Alpha), o.Threads); err != nil {
		return err
	}
	for r := range d {
		for c := range r {
			g[c*d+r] = g[r*d+c]
		}
	}
	ws := make([]*stepWork, o.Threads)
	return blocks(ctx, o.Threads, m.users, rowsAtOnce, nil, func(w, lo, hi int) {
		if ws[w] == nil {
			ws[w] = &stepWork{r: make([]float32, rowsAtOnce*d), p: make([]float32, rowsAtOnce*d), ap: make([]float32, rowsAtOnce*d)}
		}
		t.improveRows(ws[w], dst[lo*d:hi*d], fixed, g, m, lo, hi)
	})
}

// stepWork is one thread's memory: residuals, directions, and the system times these.
type stepWork struct {
	r, p, ap   []float32
	cells      []float32 // of all rows: the factors of their cells, one after another
	dots       []float32
	square     [rowsAtOnce]float32
	reg        [rowsAtOnce]float32
	first, end [rowsAtOnce]int // of a row's cells
}

func (t IALS) improveRows(w *stepWork, x, fixed, g []float32, m *Matrix, lo, hi int) {
	d, n := t.Dim, hi-lo
	w.cells = w.cells[:0]
	most := 0
	for k := range n {
		idx, val := m.Row(lo + k)
		sum := 0.0
		w.first[k] = len(w.cells)
		for q, i := range idx {
			sum += float64(val[q])
			w.cells = append(w.cells, fixed[int(i)*d:(int(i)+1)*d]...)
		}
		w.end[k] = len(w.cells)
		w.reg[k] = regularisation(t.Reg, t.Nu, sum+t.Alpha*float64(m.items))
		most = max(most, len(idx))
	}
	dots := room(&w.dots, most)
	// r = b - A x, p = r.
	t.times(w, w.ap[:n*d], x, g, m, lo, n, dots)
	for k := range n {
		r := w.r[k*d : (k+1)*d]
		clear(r)
		_, val := m.Row(lo + k)
		for q, v := range val {
			vec.Axpy(v, w.cells[w.first[k]+q*d:w.first[k]+(q+1)*d], r)
		}
		if len(val) == 0 {
			clear(x[k*d : (k+1)*d])
			w.square[k] = 0
			continue
		}
		vec.Axpy(-1, w.ap[k*d:(k+1)*d], r)
		w.square[k] = vec.Dot(r, r)
	}
	copy(w.p, w.r[:n*d])
	for range t.Steps {
		t.times(w, w.ap[:n*d], w.p[:n*d], g, m, lo, n, dots)
		for k := range n {
			r, p, ap := w.r[k*d:(k+1)*d], w.p[k*d:(k+1)*d], w.ap[k*d:(k+1)*d]
			slope := vec.Dot(p, ap)
			if !(w.square[k] > 1e-20) || !(slope > 0) {
				continue
			}
			a := w.square[k] / slope
			vec.Axpy(a, p, x[k*d:(k+1)*d])
			vec.Axpy(-a, ap, r)
			next := vec.Dot(r, r)
			vec.Scale(next/w.square[k], p)
			vec.Axpy(1, r, p)
			w.square[k] = next
		}
	}
}

// times sets out to the systems of n rows times x: (G + reg I + sum over cells of w v vᵀ) x.
func (t IALS) times(w *stepWork, out, x, g []float32, m *Matrix, lo, n int, dots []float32) {
	d := t.Dim
	clear(out)
	vec.AddProduct(out, d, 1, vec.View{Data: x, Row: d, Col: 1}, vec.View{Data: g, Row: d, Col: 1}, n, d, d)
	for k := range n {
		row, y := x[k*d:(k+1)*d], out[k*d:(k+1)*d]
		vec.Axpy(w.reg[k], row, y)
		_, val := m.Row(lo + k)
		cells := w.cells[w.first[k]:w.end[k]]
		vec.DotRows(dots[:len(val)], row, cells)
		for q, v := range val {
			vec.Axpy(v*dots[q], cells[q*d:(q+1)*d], y)
		}
	}
}
