package model

import (
	"context"
	"runtime"

	"bowerbird/internal/vec"
)

// Factors is a factor model: the score of an item is the inner product of its factor with the one that the history folds
// in to. IALS makes it.
type Factors struct {
	base
	dim            int
	alpha, reg, nu float32
	factors        []float32 // items x dim
	gram           []float32 // alpha * sum of v vᵀ, lower triangle; from factors
	norm           []float32 // length of each factor; from factors
}

// Dim returns the length of a factor.
func (f *Factors) Dim() int { return f.dim }

// Vectors returns the items' factors, items x Dim, row-major, for a nearest-neighbour index by inner product. The slice
// belongs to the model: read only. An item without training cells has a zero row.
func (f *Factors) Vectors() []float32 { return f.factors }

// Vector returns one item's factor, or nil for an unknown item; read only.
func (f *Factors) Vector(item uint32) []float32 {
	if int(item) >= f.items {
		return nil
	}
	return f.factors[int(item)*f.dim : (int(item)+1)*f.dim]
}

func (f *Factors) prepare(ctx context.Context, threads int) error {
	f.gram = make([]float32, f.dim*f.dim)
	if err := weighGram(ctx, f.gram, f.factors, f.dim, f.alpha, threads); err != nil {
		return err
	}
	f.norm = make([]float32, f.items)
	for i := range f.norm {
		f.norm[i] = vec.Norm(f.Vector(uint32(i)))
	}
	return nil
}

// FoldIn appends to dst the user factor of a history: the exact solution of the user's half of an epoch, from the Gram
// matrix kept in the model. It costs history * Dim²/2 + Dim³/6 multiply-adds. It reports false, and appends zeros, when the
// history counts for nothing. Factors of two users compare by cosine: nearest users.
func (f *Factors) FoldIn(dst []float32, history []Weighted) ([]float32, bool) {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	x, ok := f.fold(s, history)
	return append(dst, x...), ok
}

// fold returns the factor in s.b.
func (f *Factors) fold(s *scratch, history []Weighted) ([]float32, bool) {
	d := f.dim
	h := f.counted(s, history)
	x := room(&s.b, d)
	clear(x)
	if len(h) == 0 {
		return x, false
	}
	a, panel := room(&s.a, d*d), room(&s.c, d*slab)
	copy(a, f.gram)
	var idx [slab]uint32
	var val [slab]float32
	sum := float64(0)
	for lo := 0; lo < len(h); lo += slab {
		part := h[lo:min(lo+slab, len(h))]
		for i, c := range part {
			idx[i], val[i] = c.Item, c.Weight
			sum += float64(c.Weight)
		}
		addCells(a, x, f.factors, d, idx[:len(part)], val[:len(part)], panel)
	}
	ridge(a, d, regularisation(float64(f.reg), float64(f.nu), sum+float64(f.alpha)*float64(f.items)))
	if !solve(a, x, d) || !vec.Finite(x) {
		clear(x)
		return x, false
	}
	return x, true
}

// Recommend folds the history in and scans all items: items * Dim multiply-adds more than FoldIn. For large catalogues
// search an index over Vectors with the folded-in factor instead.
func (f *Factors) Recommend(dst []Scored, history []Weighted, n int, skip func(uint32) bool) []Scored {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	x, ok := f.fold(s, history)
	if !ok || n <= 0 {
		return dst
	}
	scores := room(&s.scores, f.items)
	vec.DotRows(scores, x, f.factors)
	return pick(dst, s, scores, history, n, skip)
}

// RecommendFor is Recommend for a factor that FoldIn gave before, which saves the fold-in while the history stays the same.
// factor must have Dim numbers.
func (f *Factors) RecommendFor(dst []Scored, factor []float32, history []Weighted, n int, skip func(uint32) bool) []Scored {
	if n <= 0 || len(factor) != f.dim {
		return dst
	}
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	scores := room(&s.scores, f.items)
	vec.DotRows(scores, factor, f.factors)
	return pick(dst, s, scores, history, n, skip)
}

// ScoreItems folds the history in once.
func (f *Factors) ScoreItems(history []Weighted, items []uint32, out []float32) {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	x, _ := f.fold(s, history)
	for i, it := range items {
		out[i] = 0
		if v := f.Vector(it); v != nil {
			out[i] = vec.Dot(x, v)
		}
	}
}

// Similar appends the items with the largest cosine to the item's factor, by a scan. An item without training cells has
// none.
func (f *Factors) Similar(dst []Scored, item uint32, n int) []Scored {
	x := f.Vector(item)
	if x == nil || f.norm[item] == 0 || n <= 0 {
		return dst
	}
	return similarRows(dst, f.factors, f.norm, f.dim, item, n)
}

func (f *Factors) kind() string { return "factors" }

func (f *Factors) encode(e *encoder) {
	e.u32(uint32(f.dim))
	e.floats([]float32{f.alpha, f.reg, f.nu})
	e.floats(f.factors)
}

func decodeFactors(b base, d *decoder) (Model, error) {
	f := &Factors{base: b, dim: int(d.u32())}
	if d.err == nil && (f.dim < 1 || f.dim > 2048) {
		d.fail("dimension %d", f.dim)
	}
	p := d.floats(3)
	if d.err != nil {
		return nil, d.err
	}
	f.alpha, f.reg, f.nu = p[0], p[1], p[2]
	f.factors = d.floats(f.items * f.dim)
	if d.err != nil {
		return nil, d.err
	}
	return f, f.prepare(context.Background(), runtime.GOMAXPROCS(0))
}

// scoreAll sets out to the scores of the whole catalogue.
func (f *Factors) scoreAll(history []Weighted, out []float32) {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	x, _ := f.fold(s, history)
	vec.DotRows(out, x, f.factors)
}

// scoreMany is scoreAll for several histories at once: a product of matrices.
func (f *Factors) scoreMany(histories [][]Weighted, out []float32) {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	x := make([]float32, len(histories)*f.dim)
	for k, h := range histories {
		v, _ := f.fold(s, h)
		copy(x[k*f.dim:], v)
	}
	productOf(out, x, f.factors, len(histories), f.dim, f.items)
}
