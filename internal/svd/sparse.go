package svd

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"bowerbird/internal/vec"
)

// Sparse is a matrix by rows: columns ascending within a row, none twice.
type Sparse struct {
	Cols int
	Off  []int // row i is To[Off[i]:Off[i+1]]
	To   []uint32
	W    []float32
}

// Rows returns the number of rows.
func (m *Sparse) Rows() int { return len(m.Off) - 1 }

// Row returns the columns and values of a row.
func (m *Sparse) Row(i int) ([]uint32, []float32) {
	return m.To[m.Off[i]:m.Off[i+1]], m.W[m.Off[i]:m.Off[i+1]]
}

// Transposed returns the matrix with rows and columns exchanged.
func (m *Sparse) Transposed() *Sparse {
	t := &Sparse{Cols: m.Rows(), Off: make([]int, m.Cols+1), To: make([]uint32, len(m.To)), W: make([]float32, len(m.W))}
	for _, j := range m.To {
		t.Off[j+1]++
	}
	for j := range m.Cols {
		t.Off[j+1] += t.Off[j]
	}
	at := slices.Clone(t.Off)
	for i := range m.Rows() {
		to, w := m.Row(i)
		for k, j := range to {
			t.To[at[j]], t.W[at[j]] = uint32(i), w[k]
			at[j]++
		}
	}
	return t
}

// Times sets y, rows × dim, to M·x, x being cols × dim. Every row is summed by one thread in one order.
func (m *Sparse) Times(ctx context.Context, threads int, y, x []float32, dim int) error {
	return Blocks(ctx, threads, m.Rows(), 512, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			out := y[i*dim : (i+1)*dim]
			clear(out)
			to, w := m.Row(i)
			for k, j := range to {
				vec.Axpy(w[k], x[int(j)*dim:(int(j)+1)*dim], out)
			}
		}
	})
}

// Both is a matrix with its transpose: a Matrix.
type Both struct{ M, T *Sparse }

// BothWays makes one.
func BothWays(m *Sparse) Both { return Both{m, m.Transposed()} }

// Shape is that of M.
func (b Both) Shape() (rows, cols int) { return b.M.Rows(), b.M.Cols }

// Times sets y to M·x.
func (b Both) Times(ctx context.Context, threads int, y, x []float32, dim int) error {
	return b.M.Times(ctx, threads, y, x, dim)
}

// TimesT sets x to Mᵀ·y.
func (b Both) TimesT(ctx context.Context, threads int, x, y []float32, dim int) error {
	return b.T.Times(ctx, threads, x, y, dim)
}

// Blocks calls f for consecutive ranges of 0 … n-1 of at most size, on several threads; worker tells them apart, from 0 on.
func Blocks(ctx context.Context, threads, n, size int, f func(worker, lo, hi int)) error {
	threads = max(1, min(threads, (n+size-1)/size))
	var next atomic.Int64
	var wg sync.WaitGroup
	work := func(worker int) {
		for ctx.Err() == nil {
			lo := int(next.Add(int64(size))) - size
			if lo >= n {
				return
			}
			f(worker, lo, min(lo+size, n))
		}
	}
	for w := 1; w < threads; w++ {
		wg.Go(func() { work(w) })
	}
	work(0)
	wg.Wait()
	return ctx.Err()
}
