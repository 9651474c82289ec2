package model

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"

	"bowerbird/internal/vec"
)

// Content maps what an item is (its words, attributes, the numbers of its picture) to where it would lie among the vectors
// of a model, so that an item without a single action can be retrieved by the same inner product as the others:
//
//	vector(item) = Scale · x Wᵀ,  W = argmin Σ over known items of n/(n+Trust) |y - x Wᵀ|² + Reg |W|²
//
// x is the item's row, each column times its idf, of length 1; y its trained vector, n the actions it was trained on. That
// is the cold-start map of Gantner et al., "Learning Attribute-to-Factor Mappings for Cold-Start Recommendations" (ICDM
// 2010), solved as the ridge regression that it is, by conjugate gradients.
//
// Where we differ: items count by how well they are known, and the map is calibrated by popularity: a regression shrinks
// what it cannot tell, so that new items would lie near zero and never be shown, or all items alike would. Scale is chosen
// so that known items that were left out of the regression have the mean score, over histories, that they earn by
// training. And a person is held against an item in two ways at once: by the map, and by how much the item's content is like
// that of the person's history (likeness), in the proportion Mix that finds held-out items best. Vector and Person give
// both in one inner product.
type Content struct {
	features, dim int
	idf           []float32
	weights       []float32 // features x dim
	Scale         float32
	Cosine        float64   // mean cosine of held-out items' vectors with what the map makes of them, both less the mean vector
	Mix           float32   // of likeness to one of the map, each in units of its standard deviation over items; 0: the map alone
	like          *likeness // nil where Mix is 0
}

// ContentOptions of FitContent. The zero value works.
type ContentOptions struct {
	Reg        float64 // 0: the best of a few, by the cosine of held-out items
	Trust      float64 // actions at which an item counts half; 0: 5
	Iterations int     // of conjugate gradients; 0: 25
	Threads    int     // 0: GOMAXPROCS
	Seed       uint64
}

// FitContent learns a map from content, items x features with non-negative weights, to the vectors of a tower trained on m.
// Items without cells in m or without content teach nothing. It refuses sizes that do not fit and a tower without vectors.
// Cost: three to five regressions of Iterations · entries · Dim · 2 multiply-adds, and a truncated decomposition of at most
// 20,000 rows of content at rank 256.
func FitContent(ctx context.Context, content *Matrix, tower Tower, m *Matrix, o ContentOptions) (*Content, error) {
	if content == nil || tower == nil || m == nil || content.Users() != tower.Items() || m.Items() != tower.Items() {
		return nil, fmt.Errorf("content: the content, the vectors and the matrix must be of the same items")
	}
	if !(o.Reg >= 0 && o.Reg < 1e9) || !(o.Trust >= 0) || o.Iterations < 0 {
		return nil, fmt.Errorf("content: reg %v, trust %v and iterations %d must not be negative", o.Reg, o.Trust, o.Iterations)
	}
	if o.Trust == 0 {
		o.Trust = 5
	}
	if o.Iterations == 0 {
		o.Iterations = 25
	}
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	r := &regression{o: o, content: content, dim: tower.Dim(), y: tower.Vectors(), count: make([]float64, m.Items())}
	for _, it := range m.idx {
		r.count[it]++
	}
	r.weigh(content)
	known, held := r.split(content)
	if len(known) == 0 {
		return nil, fmt.Errorf("content: %w: no item has both content and actions", ErrEmpty)
	}
	c := &Content{features: content.Items(), dim: r.dim, idf: r.idf, Scale: 1, Cosine: math.NaN()}
	if len(held) > 0 {
		if err := r.choose(ctx, c, known, held); err != nil {
			return nil, err
		}
		if err := r.blend(ctx, c, tower, m, held); err != nil {
			return nil, err
		}
	} else if r.reg = o.Reg; r.reg == 0 {
		r.reg = 1
	}
	all := append(known, held...)
	var err error
	if c.weights, err = r.solve(ctx, all); err == nil && c.like != nil {
		c.measure(r, all)
	}
	return c, err
}

// Features and Dim are the lengths of what goes in and what comes out.
func (c *Content) Features() int { return c.features }

// Factors is the length of the vectors of the model that the map leads to.
func (c *Content) Factors() int { return c.dim }

// Dim is the length of an item's vector and a person's: that of the factors, and the likeness's after it.
func (c *Content) Dim() int { return c.dim + c.like.dim() }

// Vector appends the vector of an item whose features are given, in any order: Factors numbers of the map, then those of its
// likeness. Features that the map does not know and weights that are not positive and finite count for nothing. It reports
// false, and appends zeros, if none counts.
func (c *Content) Vector(dst []float32, features []Weighted) ([]float32, bool) {
	n := len(dst)
	dst = append(dst, make([]float32, c.Dim())...)
	if !c.place(dst[n:n+c.dim], features) {
		return dst, false
	}
	c.likenessOf(dst[n+c.dim:], features)
	return dst, true
}

// place sets out to where the map puts an item.
func (c *Content) place(out []float32, features []Weighted) bool {
	square := float64(0)
	for _, f := range features {
		if w := c.of(f); w > 0 {
			square += float64(w) * float64(w)
			vec.Axpy(w, c.weights[int(f.Item)*c.dim:(int(f.Item)+1)*c.dim], out)
		}
	}
	if square == 0 || math.IsInf(square, 0) {
		clear(out)
		return false
	}
	vec.Scale(c.Scale/float32(math.Sqrt(square)), out)
	return true
}

func (c *Content) of(f Weighted) float32 {
	if int(f.Item) >= c.features || !(f.Weight > 0) || math.IsInf(float64(f.Weight), 0) {
		return 0
	}
	return damp(f.Weight) * c.idf[f.Item]
}

// damp is the usual logarithm of a count.
func damp(w float32) float32 { return float32(math.Log1p(float64(w))) }

// regression is the fitting under way.
type regression struct {
	o       ContentOptions
	content *Matrix
	dim     int
	y       []float32
	count   []float64
	idf     []float32
	x       *Matrix // rows of length 1
	reg     float64
}

// weigh makes x of the content.
func (r *regression) weigh(content *Matrix) {
	r.idf = make([]float32, content.Items())
	df := make([]float64, content.Items())
	for _, f := range content.idx {
		df[f]++
	}
	for f, n := range df {
		if n > 0 {
			r.idf[f] = float32(math.Log(1 + float64(content.Users())/n))
		}
	}
	r.x = &Matrix{users: content.users, items: content.items, ptr: content.ptr, idx: content.idx, val: make([]float32, len(content.val))}
	for i := range content.users {
		square := float64(0)
		for p := content.ptr[i]; p < content.ptr[i+1]; p++ {
			w := damp(content.val[p]) * r.idf[content.idx[p]]
			r.x.val[p] = w
			square += float64(w) * float64(w)
		}
		if square > 0 {
			vec.Scale(float32(1/math.Sqrt(square)), r.x.val[content.ptr[i]:content.ptr[i+1]])
		}
	}
}

// split returns the items to learn from, a tenth of them apart if there are enough.
func (r *regression) split(content *Matrix) (known, held []int) {
	rng := rand.New(rand.NewPCG(r.o.Seed, 0x636f6e74))
	for i := range content.users {
		if r.count[i] > 0 && content.ptr[i+1] > content.ptr[i] {
			known = append(known, i)
		}
	}
	if len(known) < 50 {
		return known, nil
	}
	rng.Shuffle(len(known), func(a, b int) { known[a], known[b] = known[b], known[a] })
	cut := len(known) / 10
	held, known = known[:cut:cut], slices.Clone(known[cut:])
	slices.Sort(known)
	slices.Sort(held)
	return known, held
}

// grid are the regularisations tried, in units of the rows' squared length, 1.
var regGrid = []float64{.3, 1, 3, 10}

// choose sets reg by the cosine of held-out items, and the scale by their length.
func (r *regression) choose(ctx context.Context, c *Content, known, held []int) error {
	grid := regGrid
	if r.o.Reg > 0 {
		grid = []float64{r.o.Reg}
	}
	best := math.Inf(-1)
	for _, reg := range grid {
		r.reg = reg
		w, err := r.solve(ctx, known)
		if err != nil {
			return err
		}
		cosine, scale := r.judge(w, held)
		if cosine <= best {
			continue
		}
		best = cosine
		c.Scale, c.Cosine, c.weights = scale, cosine, w
		r.o.Reg = reg
	}
	r.reg = r.o.Reg
	return nil
}

// judge returns the mean cosine of the map with held-out vectors, both without the mean vector, which says nothing of an
// item; and by how much the map's results are shorter along it: the part of a score that popularity makes.
func (r *regression) judge(w []float32, held []int) (cosine float64, scale float32) {
	d := r.dim
	mean, n := make([]float64, d), 0.0
	for i, c := range r.count {
		if c > 0 {
			n++
			for k, v := range r.y[i*d : (i+1)*d] {
				mean[k] += float64(v)
			}
		}
	}
	got, want := make([]float32, d), make([]float32, d)
	earned, mapped, all := 0.0, 0.0, 0.0
	for _, i := range held {
		r.predict(got, w, i)
		copy(want, r.y[i*d:(i+1)*d])
		weight := r.count[i] / (r.count[i] + r.o.Trust)
		for k, m := range mean {
			earned += m * float64(want[k])
			mapped += m * float64(got[k])
			want[k] -= float32(m / n)
			got[k] -= float32(m / n)
		}
		cosine += weight * float64(vec.Cosine(got, want))
		all += weight
	}
	scale = 1
	if earned > 0 && mapped > 0 {
		scale = float32(min(4, max(.25, earned/mapped)))
	}
	return cosine / all, scale
}

func (r *regression) predict(out, w []float32, i int) {
	clear(out)
	for p := r.x.ptr[i]; p < r.x.ptr[i+1]; p++ {
		f := int(r.x.idx[p])
		vec.Axpy(r.x.val[p], w[f*r.dim:(f+1)*r.dim], out)
	}
}

// solve runs conjugate gradients for all columns of W at once, each with its own steps: (XᵀCX + Reg I) W = XᵀCY, with C the
// trust in each row. Two sparse products an iteration.
func (r *regression) solve(ctx context.Context, rows []int) ([]float32, error) {
	d, n := r.dim, r.x.items*r.dim
	t := r.x.pick(rows).Transpose()
	trust := make([]float32, len(rows))
	right := make([]float32, len(rows)*d)
	for k, i := range rows {
		trust[k] = float32(r.count[i] / (r.count[i] + r.o.Trust))
		for j, v := range r.y[i*d : (i+1)*d] {
			right[k*d+j] = trust[k] * v
		}
	}
	w, res, p, ap := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
	middle := make([]float32, len(rows)*d)
	if err := r.gather(ctx, res, right, t); err != nil {
		return nil, err
	}
	copy(p, res)
	rr := columns(res, res, d)
	first := slices.Clone(rr)
	for range r.o.Iterations {
		if err := r.apply(ctx, ap, middle, p, rows, trust, t); err != nil {
			return nil, err
		}
		pap := columns(p, ap, d)
		a, b := make([]float32, d), make([]float32, d)
		for k := range a {
			if pap[k] > 0 && rr[k] > 1e-8*first[k] {
				a[k] = float32(rr[k] / pap[k])
			}
		}
		step(w, p, a, 1)
		step(res, ap, a, -1)
		next := columns(res, res, d)
		for k := range b {
			if rr[k] > 0 {
				b[k] = float32(next[k] / rr[k])
			}
		}
		for i := 0; i < n; i += d {
			for k, v := range res[i : i+d] {
				p[i+k] = v + b[k]*p[i+k]
			}
		}
		rr = next
	}
	return w, nil
}

// apply sets out to (XᵀCX + Reg I) p.
func (r *regression) apply(ctx context.Context, out, middle, p []float32, rows []int, trust []float32, t *Matrix) error {
	d := r.dim
	err := blocks(ctx, r.o.Threads, len(rows), 64, nil, func(_, lo, hi int) {
		for k := lo; k < hi; k++ {
			r.predict(middle[k*d:(k+1)*d], p, rows[k])
			vec.Scale(trust[k], middle[k*d:(k+1)*d])
		}
	})
	if err != nil {
		return err
	}
	if err := r.gather(ctx, out, middle, t); err != nil {
		return err
	}
	vec.Axpy(float32(r.reg), p, out)
	return nil
}

// gather sets out, features x dim, to Xᵀ of rows of numbers; t is Xᵀ.
func (r *regression) gather(ctx context.Context, out, rows []float32, t *Matrix) error {
	d := r.dim
	return blocks(ctx, r.o.Threads, t.users, 64, nil, func(_, lo, hi int) {
		for f := lo; f < hi; f++ {
			row := out[f*d : (f+1)*d]
			clear(row)
			for q := t.ptr[f]; q < t.ptr[f+1]; q++ {
				k := int(t.idx[q])
				vec.Axpy(t.val[q], rows[k*d:(k+1)*d], row)
			}
		}
	})
}

// columns are the inner products of the columns of two matrices.
func columns(a, b []float32, d int) []float64 {
	out := make([]float64, d)
	for i := 0; i < len(a); i += d {
		x, y := a[i:i+d], b[i:i+d]
		for k, v := range x {
			out[k] += float64(v) * float64(y[k])
		}
	}
	return out
}

// step adds sign · a[k] · x to each column k of y.
func step(y, x, a []float32, sign float32) {
	d := len(a)
	for i := 0; i < len(y); i += d {
		for k, v := range x[i : i+d] {
			y[i+k] += sign * a[k] * v
		}
	}
}

// pick is the matrix of some rows, in their order.
func (m *Matrix) pick(rows []int) *Matrix {
	out := &Matrix{users: len(rows), items: m.items, ptr: make([]int, 1, len(rows)+1)}
	for _, i := range rows {
		out.idx = append(out.idx, m.idx[m.ptr[i]:m.ptr[i+1]]...)
		out.val = append(out.val, m.val[m.ptr[i]:m.ptr[i+1]]...)
		out.ptr = append(out.ptr, len(out.idx))
	}
	return out
}
