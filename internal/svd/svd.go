// Package svd finds the largest singular values of a large sparse matrix that is known by its products alone.
//
// It is for the spectral models of package model, the vectors of package graph/embed and those of package text/meaning. Decompositions of small dense
// matrices are gonum's.
package svd

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"bowerbird/internal/vec"
)

// Matrix is M, rows × cols, known by its products. Times sets y, rows × dim, to M·x, x being cols × dim; TimesT sets x to
// Mᵀ·y. What they compute may not depend on the number of threads.
type Matrix interface {
	Shape() (rows, cols int)
	Times(ctx context.Context, threads int, y, x []float32, dim int) error
	TimesT(ctx context.Context, threads int, x, y []float32, dim int) error
}

// Options of Truncated.
type Options struct {
	K        int // singular values wanted
	Extra    int // columns more that the iteration carries; 0: max(16, K/8)
	Rounds   int // of subspace iteration; 0: 4
	Threads  int // 0: 1. It changes the time and never the result
	Seed     uint64
	Progress func(done, total int) // may be nil
}

// SVD is M ≈ U diag(S) Vᵀ, values falling. K may be less than was asked where the matrix has fewer rows or columns.
type SVD struct {
	K int
	S []float64
	U []float32 // rows × K
	V []float32 // cols × K
}

// ErrZero is returned for a matrix of zeros.
var ErrZero = errors.New("svd: the matrix is zero")

func (o Options) extra() int {
	if o.Extra > 0 {
		return o.Extra
	}
	return max(16, o.K/8)
}

// Truncated finds the K largest singular values and their vectors. It costs 2·(Rounds+1) products and about
// 6·(Rounds+1)·(rows+cols)·(K+Extra)² operations; Bytes tells the memory.
//
// Source: Halko, Martinsson and Tropp, "Finding Structure with Randomness", SIAM Review 2011, algorithms 4.4 and 5.1:
// rounds of subspace iteration from a Gaussian start with extra columns. Where we differ: bases are made orthonormal by
// Cholesky's factor of the Gram matrix (twice at the end), since that is made of matrix products; the small decomposition
// is that of BᵀB, so that values below 1e-3 of the largest are less exact than those of a full decomposition.
func Truncated(ctx context.Context, m Matrix, o Options) (*SVD, error) {
	rows, cols := m.Shape()
	if o.Rounds <= 0 {
		o.Rounds = 4
	}
	o.Threads = max(1, o.Threads)
	p := min(o.K+o.extra(), rows, cols)
	k := min(o.K, p)
	t := &iteration{ctx: ctx, threads: o.Threads, p: p, scratch: make([]float32, max(rows, cols)*p)}
	rng := rand.New(rand.NewPCG(o.Seed, 0x5bd))
	x, y := make([]float32, cols*p), make([]float32, rows*p)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	for r := range o.Rounds + 1 {
		if err := m.Times(ctx, o.Threads, y, x, p); err != nil {
			return nil, err
		}
		passes := 1
		if r == o.Rounds {
			passes = 2
		}
		if err := t.orthonormal(y, passes); err != nil {
			return nil, err
		}
		if err := m.TimesT(ctx, o.Threads, x, y, p); err != nil {
			return nil, err
		}
		if r < o.Rounds {
			if err := t.orthonormal(x, 1); err != nil {
				return nil, err
			}
		}
		if o.Progress != nil {
			o.Progress(r+1, o.Rounds+2)
		}
	}
	out, err := t.small(x, y, k)
	if err == nil && o.Progress != nil {
		o.Progress(o.Rounds+2, o.Rounds+2)
	}
	return out, err
}

// small turns an orthonormal y and x = Mᵀ y into the decomposition: M ≈ y xᵀ, and xᵀx = W s² Wᵀ gives U = y W, V = x W / s.
func (t *iteration) small(x, y []float32, k int) (*SVD, error) {
	p := t.p
	g, err := t.gram(x)
	if err != nil {
		return nil, err
	}
	var e mat.EigenSym
	if !e.Factorize(g, true) {
		return nil, errors.New("svd: the small decomposition did not converge")
	}
	w := mat.NewDense(p, p, nil)
	e.VectorsTo(w)
	values := e.Values(nil)
	out := &SVD{K: k, S: make([]float64, k), U: make([]float32, len(y)/p*k), V: make([]float32, len(x)/p*k)}
	wk := make([]float32, p*k)
	for j := range k {
		out.S[j] = math.Sqrt(max(values[p-1-j], 0))
		for i := range p {
			wk[i*k+j] = float32(w.At(i, p-1-j))
		}
	}
	if err := t.multiply(out.U, y, wk, k); err != nil {
		return nil, err
	}
	for j := range k {
		inverse := float32(0)
		if out.S[j] > 1e-6*out.S[0] {
			inverse = float32(1 / out.S[j])
		}
		for i := range p {
			wk[i*k+j] *= inverse
		}
	}
	return out, t.multiply(out.V, x, wk, k)
}

// Bytes is the planned peak of Truncated, what it returns included.
func Bytes(rows, cols int, o Options) int64 {
	p := int64(min(o.K+o.extra(), rows, cols))
	return 4*p*int64(rows+cols+max(rows, cols)) + 4*int64(o.K)*int64(rows+cols) + 72*p*p
}

// iteration is what the steps share.
type iteration struct {
	ctx     context.Context
	threads int
	p       int
	scratch []float32
}

// gramParts is how many partial sums a Gram matrix is added up from: a fixed number, so that the bits do not depend on the
// threads.
const gramParts = 4

// gram returns XᵀX of X, n × p, as a symmetric matrix of float64.
func (t *iteration) gram(x []float32) (*mat.SymDense, error) {
	p, n := t.p, len(x)/t.p
	size := (n + gramParts - 1) / gramParts
	var parts [gramParts][]float32
	err := Blocks(t.ctx, t.threads, n, size, func(_, lo, hi int) {
		c := make([]float32, p*p)
		for ; lo < hi && t.ctx.Err() == nil; lo += 4096 {
			vec.Gram(c, x[lo*p:min(lo+4096, hi)*p], min(4096, hi-lo), p)
		}
		parts[(hi-1)/size] = c
	})
	if err != nil {
		return nil, err
	}
	d := make([]float64, p*p)
	for _, c := range parts {
		for i, v := range c {
			d[i] += float64(v)
		}
	}
	return mat.NewSymDense(p, d), nil
}

// multiply sets c, n × k, to X·w, w being p × k.
func (t *iteration) multiply(c, x, w []float32, k int) error {
	p := t.p
	return Blocks(t.ctx, t.threads, len(x)/p, 1024, func(_, lo, hi int) {
		clear(c[lo*k : hi*k])
		vec.MatMul(c[lo*k:hi*k], x[lo*p:hi*p], w, hi-lo, p, k)
	})
}

// orthonormal replaces X, n × p, by an orthonormal basis of its columns: X ← X R⁻¹ with RᵀR = XᵀX, in two passes to full
// precision (CholeskyQR2, Fukaya et al., 2014). Where columns depend on each other a little of the diagonal is added, and
// the second pass, or the next round, straightens what that bent.
func (t *iteration) orthonormal(x []float32, passes int) error {
	for range passes {
		c, err := t.gram(x)
		if err != nil {
			return err
		}
		w, err := inverseRoot(c, t.p)
		if err != nil {
			return err
		}
		if err := t.multiply(t.scratch[:len(x)], x, w, t.p); err != nil {
			return err
		}
		copy(x, t.scratch)
	}
	return nil
}

// inverseRoot returns R⁻¹, upper triangular, for RᵀR = c.
func inverseRoot(c *mat.SymDense, p int) ([]float32, error) {
	var trace float64
	for i := range p {
		trace += c.At(i, i)
	}
	if trace == 0 {
		return nil, ErrZero
	}
	var f mat.Cholesky
	for shift := 1e-7; !f.Factorize(c); shift *= 10 {
		if math.IsNaN(trace) || shift > 1 {
			return nil, errors.New("svd: a basis could not be made orthonormal")
		}
		for i := range p {
			c.SetSym(i, i, c.At(i, i)+shift*trace/float64(p))
		}
	}
	var r, inverse mat.TriDense
	f.UTo(&r)
	if err := inverse.InverseTri(&r); err != nil {
		var bad mat.Condition // an estimate of lost digits; the second pass and the next round regain them
		if !errors.As(err, &bad) {
			return nil, err
		}
	}
	w := make([]float32, p*p)
	for i := range p {
		for j := i; j < p; j++ {
			w[i*p+j] = float32(inverse.At(i, j))
		}
	}
	return w, nil
}
