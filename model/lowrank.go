package model

import "bowerbird/internal/vec"

// LowRank is an item-to-item model whose matrix is a product of thin ones, so that a catalogue of any size fits:
//
//	score(j) = <r_j, sum over the history of weight(i) * l_i>  +  sum over the history of weight(i) * rest[i][j]
//
// l_i is a row of its own, or from(i) * r_i times a number for each dimension; the rest, where there is one, is sparse.
// Spectral, and the trainers of propagated vectors, make it. A history folds in by a sum of its rows.
type LowRank struct {
	base
	dim   int
	right []float32 // items x dim
	left  []float32 // items x dim, or nil
	from  []float32 // items, where left is nil
	turn  []float32 // dim, where left is nil
	rest  *Linear   // sparse, or nil
	norm  []float32 // length of each right row; from right
}

// prepare fills what follows from the rest.
func (m *LowRank) prepare() *LowRank {
	m.norm = make([]float32, m.items)
	for i := range m.norm {
		m.norm[i] = vec.Norm(m.right[i*m.dim : (i+1)*m.dim])
	}
	return m
}

// Dim returns the length of a row.
func (m *LowRank) Dim() int { return m.dim }

// Vectors returns the rows r, items x Dim, row-major, for a nearest-neighbour index by inner product; nil where the model
// has a sparse rest, whose part of a score no such index finds. Read only.
func (m *LowRank) Vectors() []float32 {
	if m.rest != nil {
		return nil
	}
	return m.right
}

// FoldIn appends to dst the sum of the history's rows. It costs history * Dim. It reports false, and appends zeros, when the
// history counts for nothing.
func (m *LowRank) FoldIn(dst []float32, history []Weighted) ([]float32, bool) {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	x, ok := m.fold(s, history)
	return append(dst, x...), ok
}

// fold returns the sum in s.b and leaves the counted history in s.hist.
func (m *LowRank) fold(s *scratch, history []Weighted) ([]float32, bool) {
	x := room(&s.b, m.dim)
	clear(x)
	h := m.counted(s, history)
	m.add(x, h)
	if len(h) == 0 || !vec.Finite(x) {
		clear(x)
		return x, false
	}
	return x, true
}

func (m *LowRank) add(x []float32, h []Weighted) {
	for _, w := range h {
		lo, hi := int(w.Item)*m.dim, (int(w.Item)+1)*m.dim
		if m.left != nil {
			vec.Axpy(w.Weight, m.left[lo:hi], x)
		} else {
			vec.Axpy(w.Weight*m.from[w.Item], m.right[lo:hi], x)
		}
	}
	if m.left == nil {
		for j, v := range m.turn {
			x[j] *= v
		}
	}
}

// Recommend costs (history + items) * Dim multiply-adds, and the history's sparse rows.
func (m *LowRank) Recommend(dst []Scored, history []Weighted, n int, skip func(uint32) bool) []Scored {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	x, ok := m.fold(s, history)
	if !ok || n <= 0 {
		return dst
	}
	scores := room(&s.scores, m.items)
	vec.DotRows(scores, x, m.right)
	m.addRest(scores, s.hist)
	return pick(dst, s, scores, history, n, skip)
}

func (m *LowRank) addRest(scores []float32, h []Weighted) {
	if m.rest != nil {
		m.rest.addRows(scores, h)
	}
}

// RecommendFor is Recommend for a sum that FoldIn gave before; factor must have Dim numbers.
func (m *LowRank) RecommendFor(dst []Scored, factor []float32, history []Weighted, n int, skip func(uint32) bool) []Scored {
	if n <= 0 || len(factor) != m.dim {
		return dst
	}
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	scores := room(&s.scores, m.items)
	vec.DotRows(scores, factor, m.right)
	m.addRest(scores, m.counted(s, history))
	return pick(dst, s, scores, history, n, skip)
}

// ScoreItems folds the history in once.
func (m *LowRank) ScoreItems(history []Weighted, items []uint32, out []float32) {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	x, ok := m.fold(s, history)
	for k, j := range items {
		out[k] = 0
		if int(j) >= m.items || !ok {
			continue
		}
		out[k] = vec.Dot(x, m.right[int(j)*m.dim:(int(j)+1)*m.dim])
		if m.rest != nil {
			for _, h := range s.hist {
				out[k] += h.Weight * m.rest.at(h.Item, j)
			}
		}
	}
}

// Similar appends the items whose rows have the largest cosine with the item's, by a scan. An item whose row is zero has
// none.
func (m *LowRank) Similar(dst []Scored, item uint32, n int) []Scored {
	if int(item) >= m.items || n <= 0 || m.norm[item] == 0 {
		return dst
	}
	return similarRows(dst, m.right, m.norm, m.dim, item, n)
}

// similarRows appends the rows with the largest cosine to one of them; rows of length zero have none.
func similarRows(dst []Scored, rows, norm []float32, dim int, item uint32, n int) []Scored {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	scores := room(&s.scores, len(norm))
	vec.DotRows(scores, rows[int(item)*dim:(int(item)+1)*dim], rows)
	s.best.Reset(min(n, len(norm)))
	for j, v := range scores {
		if norm[j] > 0 && uint32(j) != item {
			s.best.Push(vec.Scored{ID: uint32(j), Score: v / (norm[j] * norm[item])})
		}
	}
	return appendBest(dst, &s.best)
}

func (m *LowRank) kind() string { return "lowrank" }

func (m *LowRank) encode(e *encoder) {
	e.u32(uint32(m.dim))
	e.floats(m.right)
	if m.left != nil {
		e.u32(1)
		e.floats(m.left)
	} else {
		e.u32(0)
		e.floats(m.from)
		e.floats(m.turn)
	}
	if m.rest == nil {
		e.u32(0)
		return
	}
	e.u32(1)
	m.rest.encode(e)
}

func decodeLowRank(b base, d *decoder) (Model, error) {
	dim := int(d.u32())
	if d.err == nil && (dim < 1 || dim > maxDim) {
		d.fail("dimension %d", dim)
	}
	if d.err != nil {
		return nil, d.err
	}
	m := &LowRank{base: b, dim: dim, right: d.floats(b.items * dim)}
	if d.u32() == 1 {
		m.left = d.floats(b.items * dim)
	} else {
		m.from, m.turn = d.floats(b.items), d.floats(dim)
	}
	if d.u32() == 1 {
		r, err := decodeLinear(base{items: b.items}, d)
		if err != nil {
			return nil, err
		}
		m.rest = r.(*Linear)
		if m.rest.dense != nil {
			d.fail("a dense rest")
		}
	}
	if d.err != nil {
		return nil, d.err
	}
	return m.prepare(), nil
}

// scoreAll sets out to the scores of the whole catalogue.
func (m *LowRank) scoreAll(history []Weighted, out []float32) {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	x, _ := m.fold(s, history)
	vec.DotRows(out, x, m.right)
	m.addRest(out, s.hist)
}

// scoreMany is scoreAll for several histories at once: a product of matrices.
func (m *LowRank) scoreMany(histories [][]Weighted, out []float32) {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	x := make([]float32, len(histories)*m.dim)
	for k, h := range histories {
		f, _ := m.fold(s, h)
		copy(x[k*m.dim:], f)
	}
	productOf(out, x, m.right, len(histories), m.dim, m.items)
	if m.rest != nil {
		for k, h := range histories {
			m.rest.addRows(out[k*m.items:(k+1)*m.items], m.counted(s, h))
		}
	}
}

// productOf sets out, n x items, to x rowsᵀ.
func productOf(out, x, rows []float32, n, dim, items int) {
	clear(out[:n*items])
	vec.AddProduct(out, items, 1, vec.View{Data: x, Row: dim, Col: 1}, vec.View{Data: rows, Row: 1, Col: dim}, n, dim, items)
}

// maxDim is the longest row of a factor model.
const maxDim = 2048
