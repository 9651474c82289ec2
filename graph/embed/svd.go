package embed

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"bowerbird/internal/vec"
)

// svd is a truncated singular value decomposition M ≈ U diag(s) Vᵀ, values falling.
type svd struct {
	k int
	s []float64
	u []float32 // rows × k
	v []float32 // cols × k
}

// randomisedSVD finds the k largest singular values and their vectors.
//
// Source: Halko, Martinsson and Tropp, "Finding Structure with Randomness", SIAM Review 2011, algorithms 4.4 and 5.1:
// rounds of subspace iteration from a Gaussian start with extra columns. Where we differ: bases are made orthonormal by
// Cholesky's factor of the Gram matrix, twice, since that is made of matrix products; the small decomposition is that of
// BᵀB, so that values below 1e-3 of the largest are less exact than those of a full decomposition.
func randomisedSVD(ctx context.Context, m, mt *csr, k, extra, rounds int, l Limits, seed uint64) (*svd, error) {
	p := min(k+extra, m.rows(), m.cols)
	k = min(k, p)
	rng := rand.New(rand.NewPCG(seed, 0x5bd))
	x, y := make([]float32, m.cols*p), make([]float32, m.rows()*p)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	scratch := make([]float32, max(len(x), len(y)))
	for r := range rounds + 1 {
		if err := m.times(ctx, l.Threads, y, x, p); err != nil {
			return nil, err
		}
		if err := orthonormal(ctx, l.Threads, y, m.rows(), p, scratch); err != nil {
			return nil, err
		}
		if err := mt.times(ctx, l.Threads, x, y, p); err != nil {
			return nil, err
		}
		if r < rounds {
			if err := orthonormal(ctx, l.Threads, x, m.cols, p, scratch); err != nil {
				return nil, err
			}
		}
		l.Progress(r+1, rounds+2, "rounds of the decomposition")
	}
	// y is orthonormal and x = Mᵀ y: M ≈ y xᵀ, and xᵀx = W s² Wᵀ gives U = y W, V = x W / s.
	out := &svd{k: k, s: make([]float64, k)}
	w, values, err := eigen(gram(x, m.cols, p), p)
	if err != nil {
		return nil, err
	}
	wk := make([]float32, p*k)
	for j := range k {
		out.s[j] = math.Sqrt(max(values[p-1-j], 0))
		for i := range p {
			wk[i*k+j] = float32(w.At(i, p-1-j))
		}
	}
	out.u, out.v = make([]float32, m.rows()*k), make([]float32, m.cols*k)
	if err := multiply(ctx, l.Threads, out.u, y, wk, m.rows(), p, k); err != nil {
		return nil, err
	}
	for j := range k {
		inverse := float32(0)
		if out.s[j] > 1e-6*out.s[0] {
			inverse = float32(1 / out.s[j])
		}
		for i := range p {
			wk[i*k+j] *= inverse
		}
	}
	if err := multiply(ctx, l.Threads, out.v, x, wk, m.cols, p, k); err != nil {
		return nil, err
	}
	l.Progress(rounds+2, rounds+2, "rounds of the decomposition")
	return out, nil
}

// svdBytes is the planned peak of randomisedSVD.
func svdBytes(rows, cols, k, extra int) int64 {
	p := int64(k + extra)
	return 4*p*int64(rows+cols+max(rows, cols)) + 4*int64(k)*int64(rows+cols) + 40*p*p
}

// gram returns XᵀX as a symmetric matrix of float64.
func gram(x []float32, n, p int) *mat.SymDense {
	c := make([]float32, p*p)
	vec.Gram(c, x[:n*p], n, p)
	d := make([]float64, p*p)
	for i, v := range c {
		d[i] = float64(v)
	}
	return mat.NewSymDense(p, d)
}

// eigen returns the eigenvectors, as columns, and values of a symmetric matrix, values rising.
func eigen(c *mat.SymDense, p int) (*mat.Dense, []float64, error) {
	var e mat.EigenSym
	if !e.Factorize(c, true) {
		return nil, nil, errors.New("the small decomposition did not converge")
	}
	w := mat.NewDense(p, p, nil)
	e.VectorsTo(w)
	return w, e.Values(nil), nil
}

// orthonormal replaces X, n × p, by an orthonormal basis of its columns: X ← X R⁻¹ with RᵀR = XᵀX, twice (CholeskyQR2,
// Fukaya et al., 2014). Where columns depend on each other a little of the diagonal is added, and the second pass, or the
// next round, straightens what that bent.
func orthonormal(ctx context.Context, threads int, x []float32, n, p int, scratch []float32) error {
	for range 2 {
		c := gram(x, n, p)
		var trace float64
		for i := range p {
			trace += c.At(i, i)
		}
		if trace == 0 {
			return ErrEmpty
		}
		var f mat.Cholesky
		for shift := 1e-7; !f.Factorize(c); shift *= 10 {
			if math.IsNaN(trace) || shift > 1 {
				return errors.New("a basis could not be made orthonormal")
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
				return err
			}
		}
		w := make([]float32, p*p)
		for i := range p {
			for j := i; j < p; j++ {
				w[i*p+j] = float32(inverse.At(i, j))
			}
		}
		if err := multiply(ctx, threads, scratch[:n*p], x, w, n, p, p); err != nil {
			return err
		}
		copy(x, scratch[:n*p])
	}
	return nil
}
