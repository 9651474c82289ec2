package patch

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"bowerbird/internal/vec"
)

// projection brings pooled features to few numbers that vary alike: the signed
// root of each (Perronnin et al. 2010), less the mean, onto the first principal
// directions, each divided by the root of its variance and of shrink times the mean
// one, so that weak directions, which are mostly noise, stay weak.
type projection struct {
	in, out int
	mean    []float32 // in
	matrix  []float32 // in x out
}

// shrink was chosen on the validation photographs of vision-clothing-small-256.
const shrink = 1

// apply writes the projection of x, which it overwrites.
func (p *projection) apply(x, out []float32) {
	rooted(x)
	vec.Axpy(-1, p.mean, x)
	clear(out)
	vec.MatMul(out, x, p.matrix, 1, p.in, p.out)
}

func rooted(x []float32) {
	for i, v := range x {
		x[i] = float32(math.Sqrt(float64(v))) // pooled features are sums of what is not negative
	}
}

// project learns a projection from rows of in numbers, which it overwrites.
func project(ctx context.Context, rows []float32, in, out int, r *rand.Rand) (*projection, error) {
	count := len(rows) / in
	if out > in || out >= count {
		return nil, errors.New("patch: fewer pictures or features than the vector has numbers")
	}
	p := &projection{in: in, out: out, mean: make([]float32, in)}
	sums := make([]float64, in)
	for i := 0; i < len(rows); i += in {
		rooted(rows[i : i+in])
		for j, x := range rows[i : i+in] {
			sums[j] += float64(x)
		}
	}
	for j, s := range sums {
		p.mean[j] = float32(s / float64(count))
	}
	for i := 0; i < len(rows); i += in {
		vec.Axpy(-1, p.mean, rows[i:i+in])
	}
	cov := make([]float32, in*in)
	vec.Gram(cov, rows, count, in)
	vec.Scale(1/float32(count), cov)
	values, directions, err := leading(ctx, cov, in, out, r)
	if err != nil {
		return nil, err
	}
	mean := 0.0
	for _, l := range values {
		mean += l / float64(out)
	}
	p.matrix = make([]float32, in*out)
	for k, l := range values {
		by := float32(1 / math.Sqrt(max(l, 0)+shrink*mean))
		for i, x := range directions[k*in : (k+1)*in] {
			p.matrix[i*out+k] = x * by
		}
	}
	return p, nil
}

// leading finds the k largest eigenvalues of a symmetric matrix with their vectors,
// as rows, by subspace iteration (Halko, Martinsson & Tropp 2011, section 4.5) and a
// Rayleigh-Ritz step.
func leading(ctx context.Context, a []float32, n, k int, r *rand.Rand) ([]float64, []float32, error) {
	q := min(n, k+32)
	basis, next := make([]float32, q*n), make([]float32, q*n)
	for i := range basis {
		basis[i] = float32(r.NormFloat64())
	}
	for range 8 {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		orthonormal(basis, n, r)
		clear(next)
		vec.MatMul(next, basis, a, q, n, n)
		basis, next = next, basis
	}
	orthonormal(basis, n, r)
	clear(next)
	vec.MatMul(next, basis, a, q, n, n)
	small := mat.NewSymDense(q, nil)
	for i := range q {
		for j := i; j < q; j++ {
			small.SetSym(i, j, float64(vec.Dot(next[i*n:(i+1)*n], basis[j*n:(j+1)*n])))
		}
	}
	var e mat.EigenSym
	if !e.Factorize(small, true) {
		return nil, nil, errors.New("patch: the features' covariance has no eigenvalues: they are not finite")
	}
	var v mat.Dense
	e.VectorsTo(&v)
	values := make([]float64, k)
	rows := make([]float32, k*n)
	for i := range k { // gonum's come smallest first
		values[i] = e.Values(nil)[q-1-i]
		for j := range q {
			vec.Axpy(float32(v.At(j, q-1-i)), basis[j*n:(j+1)*n], rows[i*n:(i+1)*n])
		}
	}
	return values, rows, nil
}

// orthonormal makes the rows of n numbers orthonormal by modified Gram-Schmidt, each
// against those before it twice; a row that vanishes is drawn anew.
func orthonormal(rows []float32, n int, r *rand.Rand) {
	for i := 0; i < len(rows); i += n {
		x := rows[i : i+n]
		for try := 0; ; try++ {
			for range 2 {
				vec.Normalize(x)
				for j := 0; j < i; j += n {
					vec.Axpy(-vec.Dot(x, rows[j:j+n]), rows[j:j+n], x)
				}
			}
			if vec.Dot(x, x) > 1e-8 || try == 3 {
				break
			}
			for j := range x {
				x[j] = float32(r.NormFloat64())
			}
		}
		vec.Normalize(x)
	}
}
