package meaning

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"

	"bowerbird/internal/vec"
)

// sparse is a matrix by rows.
type sparse struct {
	rows, cols int
	start      []int // of each row, and the end
	at         []uint32
	value      []float32
}

// transposed returns the matrix by columns.
func (x *sparse) transposed() *sparse {
	t := &sparse{rows: x.cols, cols: x.rows, start: make([]int, x.cols+1), at: make([]uint32, len(x.at)), value: make([]float32, len(x.at))}
	for _, c := range x.at {
		t.start[c+1]++
	}
	for c := range x.cols {
		t.start[c+1] += t.start[c]
	}
	next := append([]int(nil), t.start[:x.cols]...)
	for r := range x.rows {
		for i := x.start[r]; i < x.start[r+1]; i++ {
			c := x.at[i]
			t.at[next[c]], t.value[next[c]] = uint32(r), x.value[i]
			next[c]++
		}
	}
	return t
}

// times writes X·Q into y; Q is cols × k and y rows × k. Every row is summed by one thread in one order.
func (x *sparse) times(ctx context.Context, y, q []float32, k, threads int) error {
	return each(ctx, threads, x.rows, func(r int) {
		row := y[r*k : (r+1)*k]
		clear(row)
		for i := x.start[r]; i < x.start[r+1]; i++ {
			c := int(x.at[i])
			vec.Axpy(x.value[i], q[c*k:(c+1)*k], row)
		}
	})
}

// decompose returns the dim right singular vectors of X with the largest singular values, one row of dim a term, from
// random directions Q on which XᵀX is applied Passes times, orthonormalised each time, and then the small problem
// QᵀXᵀXQ (Halko et al., section 5). The vectors are not scaled by the singular values: a document's place is X·V.
func decompose(ctx context.Context, x *sparse, dim int, o Options) ([]float32, error) {
	k := min(dim+oversample, x.rows, x.cols)
	back := x.transposed()
	q, z := make([]float32, x.cols*k), make([]float32, x.cols*k)
	y := make([]float32, x.rows*k)
	rng := rand.New(rand.NewPCG(o.Seed, 0x5bd))
	for i := range q {
		q[i] = float32(rng.NormFloat64())
	}
	for pass := 0; ; pass++ {
		if o.Progress != nil {
			o.Progress(pass, o.Passes+1)
		}
		var err error
		for range 2 { // the second round mends what float32 lost in the first
			if q, z, err = orthonormal(ctx, q, z, x.cols, k, o.Threads); err != nil {
				return nil, err
			}
		}
		if err := x.times(ctx, y, q, k, o.Threads); err != nil {
			return nil, err
		}
		if pass == o.Passes {
			break
		}
		if err := back.times(ctx, z, y, k, o.Threads); err != nil {
			return nil, err
		}
		q, z = z, q
	}
	_, u, err := eigen(y, x.rows, k)
	if err != nil {
		return nil, err
	}
	v := make([]float32, x.cols*dim)
	err = each(ctx, o.Threads, x.cols, func(r int) {
		for j := range dim {
			v[r*dim+j] = vec.Dot(q[r*k:(r+1)*k], u[j*k:(j+1)*k])
		}
	})
	if o.Progress != nil {
		o.Progress(o.Passes+1, o.Passes+1)
	}
	return v, err
}

// orthonormal makes the columns of A, n × k, orthonormal, using spare memory of the same size, and returns both, the
// result first: A·U·Λ^(-1/2) for AᵀA = UΛUᵀ. Directions that A lacks stay zero.
func orthonormal(ctx context.Context, a, spare []float32, n, k, threads int) ([]float32, []float32, error) {
	values, u, err := eigen(a, n, k)
	if err != nil {
		return nil, nil, err
	}
	for j, l := range values {
		scale := 0.0
		if l > 1e-5*values[0] {
			scale = 1 / l
		}
		vec.Scale(float32(scale), u[j*k:(j+1)*k])
	}
	err = each(ctx, threads, n, func(r int) {
		for j := range k {
			spare[r*k+j] = vec.Dot(a[r*k:(r+1)*k], u[j*k:(j+1)*k])
		}
	})
	return spare, a, err
}

// eigen returns the singular values of A, n × k, largest first, and its right singular vectors, one a row.
func eigen(a []float32, n, k int) (values []float64, vectors []float32, err error) {
	const block = 4096 // rows summed in float32 before they are added in float64
	gram, part := make([]float64, k*k), make([]float32, k*k)
	for lo := 0; lo < n; lo += block {
		rows := min(block, n-lo)
		clear(part)
		vec.Gram(part, a[lo*k:(lo+rows)*k], rows, k)
		for i, v := range part {
			gram[i] += float64(v)
		}
	}
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(k, gram), true) {
		return nil, nil, errors.New("meaning: the decomposition did not converge")
	}
	ascending := e.Values(nil)
	var m mat.Dense
	e.VectorsTo(&m)
	values, vectors = make([]float64, k), make([]float32, k*k)
	for j := range k {
		from := k - 1 - j
		values[j] = math.Sqrt(max(0, ascending[from]))
		sign := 1.0
		if lead(&m, from) < 0 { // a vector and its opposite are as good: take one
			sign = -1
		}
		for i := range k {
			vectors[j*k+i] = float32(sign * m.At(i, from))
		}
	}
	return values, vectors, nil
}

func lead(m *mat.Dense, col int) float64 {
	best := 0.0
	n, _ := m.Dims()
	for i := range n {
		if v := m.At(i, col); v*v > best*best {
			best = v
		}
	}
	return best
}

// each calls f for every number below n on several threads, in blocks.
func each(ctx context.Context, threads, n int, f func(i int)) error {
	const block = 256
	var next atomic.Int64
	var wg sync.WaitGroup
	for range max(1, min(threads, (n+block-1)/block)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				lo := int(next.Add(block)) - block
				if lo >= n {
					return
				}
				for i := lo; i < min(lo+block, n); i++ {
					f(i)
				}
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}
