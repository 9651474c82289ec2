package embed

import (
	"context"
	"errors"

	"gonum.org/v1/gonum/mat"

	"bowerbird/internal/svd"
	"bowerbird/internal/vec"
)

// truncated finds the largest singular values of a matrix.
func truncated(ctx context.Context, m *csr, dim, rounds int, l Limits, seed uint64) (*svd.SVD, error) {
	return svd.Truncated(ctx, svd.BothWays((*svd.Sparse)(m)), svd.Options{K: dim, Rounds: rounds, Threads: l.Threads, Seed: seed,
		Progress: func(done, total int) { l.Progress(done, total, "rounds of the decomposition") }})
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
