package model

import (
	"context"
	"errors"
	"math"

	"bowerbird/internal/vec"
)

var errNotPositive = errors.New("the system is not positive definite in float32: use a larger regularisation")

// inverse returns the inverse of a symmetric positive definite n x n matrix and destroys it. Only the lower triangle of a
// is read. It costs n³/2 multiply-adds and another n² floats.
func inverse(ctx context.Context, a []float32, n, threads int) ([]float32, error) {
	if err := factor(ctx, a, n, threads); err != nil {
		return nil, err
	}
	x, err := invertLower(ctx, a, n, threads)
	if err != nil {
		return nil, err
	}
	return a, crossRows(ctx, a, x, n, threads)
}

// panel is the number of rows that are held in cache together: 32 rows of 4,000 floats fill a 512 KiB cache.
const panel = 32

// factor overwrites the lower triangle of a with L, a = LLᵀ (left-looking, in blocks of columns): each new block of
// columns takes the products with all columns to its left, which are dot products of rows.
func factor(ctx context.Context, a []float32, n, threads int) error {
	for c := 0; c < n; c += panel {
		end := min(c+panel, n)
		if err := factorRows(a, n, c, c, end); err != nil {
			return err
		}
		err := blocks(ctx, threads, n-end, panel, nil, func(_, lo, hi int) {
			for i := end + lo; i < end+hi; i++ {
				factorRow(a, n, i, c, end)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// factorRows finishes the diagonal block of rows and columns c..end.
func factorRows(a []float32, n, lo, c, end int) error {
	for i := lo; i < end; i++ {
		factorRow(a, n, i, c, i)
		row := a[i*n : i*n+i]
		d := a[i*n+i] - vec.Dot(row, row)
		if !(d > 0) || math.IsInf(float64(d), 0) {
			return errNotPositive
		}
		a[i*n+i] = float32(math.Sqrt(float64(d)))
	}
	return nil
}

// factorRow finishes the columns c..end of row i, whose columns below c are done.
func factorRow(a []float32, n, i, c, end int) {
	var rows [panel]*float32
	var dot [panel]float32
	row := a[i*n : i*n+end]
	if c > 0 && end > c {
		for k := c; k < end; k++ {
			rows[k-c] = &a[k*n]
		}
		vec.DotPtrs(dot[:end-c], row[:c], rows[:end-c])
	}
	for k := c; k < end; k++ {
		v := row[k] - dot[k-c]
		for q := c; q < k; q++ {
			v -= row[q] * a[k*n+q]
		}
		row[k] = v / a[k*n+k]
	}
}

// invertLower returns X with X[c][i] = (L⁻¹)[i][c] for i >= c: each row of X is one column of L⁻¹, found by forward
// substitution. A panel of rows shares each pass over L.
func invertLower(ctx context.Context, l []float32, n, threads int) ([]float32, error) {
	x := make([]float32, n*n)
	return x, blocks(ctx, threads, n, panel, nil, func(_, lo, hi int) {
		var rows [panel]*float32
		var dot [panel]float32
		for c := lo; c < hi; c++ {
			rows[c-lo] = &x[c*n+lo]
		}
		for i := lo; i < hi; i++ {
			for c := lo; c <= i; c++ {
				v := float32(0)
				if c == i {
					v = 1
				}
				for k := c; k < i; k++ {
					v -= l[i*n+k] * x[c*n+k]
				}
				x[c*n+i] = v / l[i*n+i]
			}
		}
		for i := hi; i < n; i++ {
			// Columns before c are zero in row c of x, so the products may start at lo for the whole panel.
			vec.DotPtrs(dot[:hi-lo], l[i*n+lo:i*n+i], rows[:hi-lo])
			d := l[i*n+i]
			for c := lo; c < hi; c++ {
				x[c*n+i] = -dot[c-lo] / d
			}
		}
	})
}

// crossRows sets p[a][b] = sum over k >= max(a,b) of x[a][k] x[b][k], both triangles.
func crossRows(ctx context.Context, p, x []float32, n, threads int) error {
	return blocks(ctx, threads, n, panel, nil, func(_, lo, hi int) {
		var rows [panel]*float32
		var dot [panel]float32
		for c := lo; c < hi; c++ {
			rows[c-lo] = &x[c*n]
		}
		for b := lo; b < n; b++ {
			from := max(b, lo)
			for c := lo; c < hi; c++ {
				rows[c-lo] = &x[c*n+from]
			}
			vec.DotPtrs(dot[:hi-lo], x[b*n+from:(b+1)*n], rows[:hi-lo])
			for c := lo; c < hi && c <= b; c++ {
				p[c*n+b], p[b*n+c] = dot[c-lo], dot[c-lo]
			}
		}
	})
}

// tile is the block of columns in solve: the products with what lies left of it then have whole vector lengths.
const tile = 8

// solve overwrites b with the solution of a x = b for a symmetric positive definite d x d system, and the lower triangle
// of a with its factor (the reciprocal of the diagonal in its place). It reports false when a is not positive definite. It
// allocates nothing.
func solve(a, b []float32, d int) bool {
	var rows [tile]*float32
	var dot [tile]float32
	for c := 0; c < d; c += tile {
		end := min(c+tile, d)
		for k := c; k < end; k++ {
			rows[k-c] = &a[k*d]
		}
		for i := c; i < d; i++ {
			row, top := a[i*d:(i+1)*d], min(i, end)
			if c > 0 && top > c {
				vec.DotPtrs(dot[:top-c], row[:c], rows[:top-c])
			}
			for k := c; k < top; k++ {
				v := row[k] - dot[k-c]
				for q, l := range a[k*d+c : k*d+k] {
					v -= row[c+q] * l
				}
				row[k] = v * a[k*d+k]
			}
			if i < end {
				v := row[i] - vec.Dot(row[:i], row[:i])
				if !(v > 0) {
					return false
				}
				row[i] = float32(1 / math.Sqrt(float64(v)))
			}
		}
	}
	for i := range d {
		b[i] = (b[i] - vec.Dot(a[i*d:i*d+i], b[:i])) * a[i*d+i]
	}
	for i := d - 1; i >= 0; i-- {
		b[i] *= a[i*d+i]
		vec.Axpy(-b[i], a[i*d:i*d+i], b[:i])
	}
	return true
}
