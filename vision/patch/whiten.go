package patch

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"bowerbird/internal/vec"
)

// sample draws patches of one scale at random places of the tiles, contrast
// normalised: rows of n numbers.
func (b *bank) sample(ctx context.Context, tiles func(i int) ([]byte, error), pictures, count int, r *rand.Rand) ([]float32, error) {
	n, across := b.size(), b.side-b.patch+1
	out := make([]float32, 0, count*n)
	each := max(1, (count+pictures-1)/pictures)
	for _, i := range r.Perm(pictures) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		tile, err := tiles(i)
		if err != nil {
			return nil, err
		}
		for range each {
			if len(out) == count*n {
				return out, nil
			}
			x, y := r.IntN(across), r.IntN(across)
			at := len(out)
			for v := range b.patch {
				line := tile[3*((y+v)*b.side+x):]
				for _, p := range line[:3*b.patch] {
					out = append(out, float32(p))
				}
			}
			contrast(out[at:])
		}
	}
	return out, nil
}

// contrast takes the mean off a patch and divides it by the root of its variance
// and the noise.
func contrast(x []float32) {
	var sum, square float64
	for _, p := range x {
		sum += float64(p)
		square += float64(p) * float64(p)
	}
	n := float64(len(x))
	mean := sum / n
	k := 1 / math.Sqrt(square/n-mean*mean+noise)
	for i, p := range x {
		x[i] = float32((float64(p) - mean) * k)
	}
}

// flatten is the least variance that whitening divides by, of contrast-normalised
// patches (ε_zca of Coates & Ng 2012).
const flatten = 0.1

// whitening returns the mean of rows of n numbers and the symmetric map W =
// V (Λ + ε)^-½ Vᵀ of their covariance V Λ Vᵀ (zero-phase, ZCA: Bell & Sejnowski
// 1997), after which all directions vary alike.
func whitening(rows []float32, n int) (mean, w []float32, err error) {
	count := len(rows) / n
	if count < 2 {
		return nil, nil, errors.New("patch: fewer than two patches")
	}
	sums := make([]float64, n)
	for i := 0; i < len(rows); i += n {
		for j, x := range rows[i : i+n] {
			sums[j] += float64(x)
		}
	}
	mean = make([]float32, n)
	for j := range mean {
		mean[j] = float32(sums[j] / float64(count))
	}
	gram := make([]float32, n*n)
	vec.Gram(gram, rows, count, n)
	cov := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			cov.SetSym(i, j, float64(gram[i*n+j])/float64(count)-float64(mean[i])*float64(mean[j]))
		}
	}
	var e mat.EigenSym
	if !e.Factorize(cov, true) {
		return nil, nil, errors.New("patch: the patches' covariance has no eigenvalues: they are not finite")
	}
	var v mat.Dense
	e.VectorsTo(&v)
	values := e.Values(nil)
	w = make([]float32, n*n)
	for i := range n {
		for j := range n {
			s := 0.0
			for k, l := range values {
				s += v.At(i, k) * v.At(j, k) / math.Sqrt(max(l, 0)+flatten)
			}
			w[i*n+j] = float32(s)
		}
	}
	return mean, w, nil
}

// spherical is gain-shape k-means (Coates & Ng 2012, section 3): every row goes,
// with its sign and size, to the unit kernel whose answer is largest in magnitude.
// It returns k kernels as the columns of an n x k matrix. A kernel that nothing
// goes to starts again at a random row.
func spherical(ctx context.Context, rows []float32, n, k, rounds int, r *rand.Rand, progress func(done int)) ([]float32, error) {
	count := len(rows) / n
	columns := make([]float32, n*k) // n x k
	for c := range k {
		setColumn(columns, n, k, c, rows[r.IntN(count)*n:][:n])
	}
	const stretch = 2048
	answers := make([]float32, stretch*k)
	sums := make([]float32, k*n)
	for round := range rounds {
		clear(sums)
		for i := 0; i < count; i += stretch {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			m := min(stretch, count-i)
			a := answers[:m*k]
			clear(a)
			vec.MatMul(a, rows[i*n:(i+m)*n], columns, m, n, k)
			for j := range m {
				c, s := largest(a[j*k : (j+1)*k])
				vec.Axpy(s, rows[(i+j)*n:(i+j+1)*n], sums[c*n:(c+1)*n])
			}
		}
		for c := range k {
			sum := sums[c*n : (c+1)*n]
			if !vec.Normalize(sum) {
				sum = rows[r.IntN(count)*n:][:n]
			}
			setColumn(columns, n, k, c, sum)
		}
		progress(round + 1)
	}
	return columns, nil
}

// largest gives the position of the largest magnitude, and the number there.
func largest(a []float32) (int, float32) {
	best, size := 0, float32(-1)
	for i, x := range a {
		if x < 0 {
			x = -x
		}
		if x > size {
			best, size = i, x
		}
	}
	return best, a[best]
}

// setColumn writes x at length 1 as a column.
func setColumn(m []float32, n, k, c int, x []float32) {
	unit := append([]float32(nil), x...)
	if !vec.Normalize(unit) {
		unit[0] = 1
	}
	for i, v := range unit {
		m[i*k+c] = v
	}
}

// folded sets the bank's matrix and bias from kernels on whitened patches.
func (b *bank) folded(mean, w, kernels []float32) {
	n, k := b.size(), b.kernels
	b.fold = make([]float32, n*k)
	vec.MatMul(b.fold, w, kernels, n, n, k)
	b.bias = make([]float32, k)
	vec.MatMul(b.bias, mean, b.fold, 1, n, k)
	for c := range k {
		sum := 0.0
		for i := range n {
			sum += float64(b.fold[i*k+c])
		}
		for i := range n {
			b.fold[i*k+c] -= float32(sum / float64(n))
		}
	}
}
