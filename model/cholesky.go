package model

import (
	"context"
	"errors"
	"math"

	"bowerbird/internal/vec"
)

var errNotPositive = errors.New("the system is not positive definite in float32: use a larger regularisation")

// inverse overwrites a symmetric positive definite n x n matrix, of which only the lower triangle is read, with its inverse.
// It costs n³/2 multiply-adds, nearly all in products of blocks, and block * n floats beside a:
//
//	a = L Lᵀ,   W = L⁻¹,   a⁻¹ = Wᵀ W,
//
// each in place, in rows of blocks.
func inverse(ctx context.Context, a []float32, n, threads int) error {
	t := &inversion{a: a, n: n, threads: threads, small: make([]float32, block*block), rows: make([]float32, block*n), more: make([]float32, block*n)}
	for _, pass := range []func(ctx context.Context, c, w int) error{t.factor, t.invert, t.cross} {
		for c := 0; c < n; c += block {
			if err := pass(ctx, c, min(block, n-c)); err != nil {
				return err
			}
		}
	}
	for i := range n {
		for j := range i {
			a[j*n+i] = a[i*n+j]
		}
	}
	return ctx.Err()
}

// block is the side of a block: high enough for products to run at full speed, low enough for steps within one not to matter.
const block = 256

type inversion struct {
	a          []float32
	n, threads int
	small      []float32 // block x block
	rows, more []float32 // block x n
}

// factor does the columns c..c+w of L: the diagonal block row by row, the rows below by its inverse, and what those columns
// take from all that lies to the right.
func (t *inversion) factor(ctx context.Context, c, w int) error {
	a, n := t.a, t.n
	for i := c; i < c+w; i++ {
		row := a[i*n+c : i*n+i]
		for k := range row {
			other := a[(c+k)*n+c : (c+k)*n+c+k]
			row[k] = (row[k] - vec.Dot(row[:k], other)) / a[(c+k)*n+c+k]
		}
		d := a[i*n+i] - vec.Dot(row, row)
		if !(d > 0) || math.IsInf(float64(d), 0) {
			return errNotPositive
		}
		a[i*n+i] = float32(math.Sqrt(float64(d)))
	}
	t.invertSmall(c, w)
	from := c + w
	err := blocks(ctx, t.threads, n-from, block, nil, func(_, lo, hi int) {
		m := hi - lo
		was := t.rows[lo*block : lo*block+m*w] // each range has its own part
		for r := range m {
			row := a[(from+lo+r)*n+c:][:w]
			copy(was[r*w:(r+1)*w], row)
			clear(row)
		}
		vec.AddProduct(a[(from+lo)*n+c:], n, 1, vec.View{Data: was, Row: w, Col: 1}, vec.View{Data: t.small, Row: 1, Col: w}, m, w, w)
	})
	if err != nil {
		return err
	}
	return blocks(ctx, t.threads, n-from, block, nil, func(_, lo, hi int) {
		left := vec.View{Data: a[(from+lo)*n+c:], Row: n, Col: 1}
		vec.AddProduct(a[(from+lo)*n+from:], n, -1, left, vec.View{Data: a[from*n+c:], Row: 1, Col: n}, hi-lo, w, hi)
	})
}

// invertSmall sets small, w x w, to the inverse of the diagonal block of L at c.
func (t *inversion) invertSmall(c, w int) {
	for r := range w {
		row, l := t.small[r*w:(r+1)*w], t.a[(c+r)*t.n+c:]
		clear(row)
		for k := range r {
			vec.Axpy(-l[k], t.small[k*w:k*w+k+1], row[:k+1])
		}
		vec.Scale(1/l[r], row[:r])
		row[r] = 1 / l[r]
	}
}

// invert does the rows c..c+w of W: minus the inverse of L's diagonal block times L's rows times the rows of W above.
func (t *inversion) invert(ctx context.Context, c, w int) error {
	a, n := t.a, t.n
	t.invertSmall(c, w)
	l, sum := t.rows[:w*c], t.more[:w*c]
	for r := range w {
		copy(l[r*c:(r+1)*c], a[(c+r)*n:])
		clear(a[(c+r)*n : (c+r)*n+c+w])
		copy(a[(c+r)*n+c:], t.small[r*w:r*w+r+1])
	}
	clear(sum)
	return blocks(ctx, t.threads, c, block, nil, func(_, lo, hi int) {
		// Rows of W before lo are zero in these columns.
		vec.AddProduct(sum[lo:], c, 1, vec.View{Data: l[lo:], Row: c, Col: 1}, vec.View{Data: a[lo*n+lo:], Row: n, Col: 1}, w, c-lo, hi-lo)
		vec.AddProduct(a[c*n+lo:], n, -1, vec.View{Data: t.small, Row: w, Col: 1}, vec.View{Data: sum[lo:], Row: c, Col: 1}, w, w, hi-lo)
	})
}

// cross does the rows c..c+w of WᵀW, for which rows of W from c on are needed and those before no more.
func (t *inversion) cross(ctx context.Context, c, w int) error {
	a, n := t.a, t.n
	width := c + w
	sum := t.rows[:w*width]
	clear(sum)
	err := blocks(ctx, t.threads, width, block, nil, func(_, lo, hi int) {
		vec.AddProduct(sum[lo:], width, 1, vec.View{Data: a[c*n+c:], Row: 1, Col: n}, vec.View{Data: a[c*n+lo:], Row: n, Col: 1}, w, n-c, hi-lo)
	})
	for r := range w {
		copy(a[(c+r)*n:], sum[r*width:(r+1)*width])
	}
	return err
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
