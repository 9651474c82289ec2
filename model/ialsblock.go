package model

import (
	"context"
	"math"

	"bowerbird/internal/vec"
)

// halfByBlocks improves every row of dst by one Newton step for each block of Block coordinates, the others held: iALS++ of
// Rendle, Krichene, Zhang and Koren, "iALS++: Speeding up Matrix Factorization with Subspace Optimization" (2021). A row
// costs cells * Dim * (Block + 2) + Dim * Block²/6 multiply-adds and no Dim x Dim system, so that long factors stay cheap;
// an epoch moves less than an exact one. Where we differ: the predictions of a row are made anew at its turn, not kept
// for all cells.
func (t IALS) halfByBlocks(ctx context.Context, dst, fixed []float32, m *Matrix, o Options) error {
	d := t.Dim
	g := make([]float32, d*d)
	if err := weighGram(ctx, g, fixed, d, float32(t.Alpha), o.Threads); err != nil {
		return err
	}
	for r := range d { // both triangles: rows of it are read
		for c := range r {
			g[c*d+r] = g[r*d+c]
		}
	}
	ws := make([]*blockWork, o.Threads)
	bad := make([]bool, o.Threads)
	err := blocks(ctx, o.Threads, m.users, max(1, 1024/d), nil, func(w, lo, hi int) {
		if ws[w] == nil {
			ws[w] = &blockWork{a: make([]float32, t.Block*t.Block), step: make([]float32, t.Block), panel: make([]float32, t.Block*slab)}
		}
		for u := lo; u < hi; u++ {
			if !t.improve(ws[w], dst[u*d:(u+1)*d], fixed, g, m, u) {
				bad[w] = true
			}
		}
	})
	if err != nil {
		return err
	}
	for _, b := range bad {
		if b {
			return errNotPositive
		}
	}
	return nil
}

// blockWork is one thread's memory.
type blockWork struct {
	a, step, panel []float32
	miss           []float32 // of each cell: prediction less 1
}

// improve takes one step for each block of one row.
func (t IALS) improve(w *blockWork, x, fixed, g []float32, m *Matrix, u int) bool {
	d := t.Dim
	idx, val := m.Row(u)
	if len(idx) == 0 {
		clear(x)
		return true
	}
	sum := 0.0
	w.miss = w.miss[:0]
	for p, i := range idx {
		sum += float64(val[p])
		w.miss = append(w.miss, vec.Dot(x, fixed[int(i)*d:(int(i)+1)*d])-1)
	}
	reg := regularisation(t.Reg, t.Nu, sum+t.Alpha*float64(m.items))
	for from := 0; from < d; from += t.Block {
		n := min(t.Block, d-from)
		a, step := w.a[:n*n], w.step[:n]
		for r := range n {
			row := g[(from+r)*d : (from+r+1)*d]
			copy(a[r*n:(r+1)*n], row[from:from+n])
			step[r] = -vec.Dot(row, x) - reg*x[from+r]
		}
		w.cells(a, step, fixed[from:], d, n, idx, val)
		ridge(a, n, reg)
		if !solve(a, step, n) {
			return false
		}
		vec.Axpy(1, step, x[from:from+n])
		for p, i := range idx {
			w.miss[p] += vec.Dot(step, fixed[int(i)*d+from:int(i)*d+from+n])
		}
	}
	return true
}

// cells adds the cells' part of a block: sum of w x xᵀ to the lower triangle of a, and the slope, downhill, to b.
func (w *blockWork) cells(a, b, fixed []float32, d, n int, idx []uint32, val []float32) {
	var dot [slab]float32
	for lo := 0; lo < len(idx); lo += slab {
		count := min(slab, len(idx)-lo)
		k := padded(w.panel, n, count)
		for c := range count {
			x := fixed[int(idx[lo+c])*d:][:n]
			vec.Axpy(-val[lo+c]*w.miss[lo+c], x, b)
			root := float32(math.Sqrt(float64(val[lo+c])))
			for r, v := range x {
				w.panel[r*k+c] = root * v
			}
		}
		symmetric(a, w.panel, n, k, dot[:])
	}
}
