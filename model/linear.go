package model

import (
	"cmp"
	"context"
	"slices"

	"bowerbird/internal/vec"
)

// Linear is an item-to-item model: the score of j is the sum over the history of weight(i) * B[i][j]. B is dense, or
// sparse with the entries of largest magnitude kept in each row. ItemKNN, RP3Beta and EASE make it.
type Linear struct {
	base
	dense []float32 // items x items, or nil
	ptr   []uint32  // items+1
	idx   []uint32
	val   []float32
}

// Dense reports whether every entry of B is kept.
func (l *Linear) Dense() bool { return l.dense != nil }

// Recommend costs history * items multiply-adds when dense, else the sum of the history's row lengths. Items that no row
// reaches are never recommended.
func (l *Linear) Recommend(dst []Scored, history []Weighted, n int, skip func(uint32) bool) []Scored {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	return l.recommend(dst, s, l.counted(s, history), history, n, skip)
}

// recommend is Recommend with the history as it counts, h.
func (l *Linear) recommend(dst []Scored, s *scratch, h, history []Weighted, n int, skip func(uint32) bool) []Scored {
	if len(h) == 0 || n <= 0 {
		return dst
	}
	if l.dense != nil {
		scores := room(&s.scores, l.items)
		clear(scores)
		for _, x := range h {
			vec.Axpy(x.Weight, l.denseRow(x.Item), scores)
		}
		return pick(dst, s, scores, history, n, skip)
	}
	if len(s.sparse) < l.items {
		s.sparse = make([]float32, l.items)
	}
	l.spread(s, h)
	return pickSparse(dst, s, history, n, skip)
}

// spread adds the rows of the history into s.sparse.
func (l *Linear) spread(s *scratch, h []Weighted) {
	for _, x := range h {
		lo, hi := l.ptr[x.Item], l.ptr[x.Item+1]
		val := l.val[lo:hi]
		for p, j := range l.idx[lo:hi] {
			if s.sparse[j] == 0 {
				s.touched = append(s.touched, j)
			}
			s.sparse[j] += x.Weight * val[p]
		}
	}
}

// ScoreItems costs history * items when dense and a binary search for each pair when sparse.
func (l *Linear) ScoreItems(history []Weighted, items []uint32, out []float32) {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	l.score(l.counted(s, history), items, out)
}

// score is ScoreItems with the history as it counts.
func (l *Linear) score(h []Weighted, items []uint32, out []float32) {
	for k, j := range items {
		out[k] = 0
		if int(j) >= l.items {
			continue
		}
		for _, x := range h {
			out[k] += x.Weight * l.at(x.Item, j)
		}
	}
}

func (l *Linear) at(i, j uint32) float32 {
	if l.dense != nil {
		return l.dense[int(i)*l.items+int(j)]
	}
	lo, hi := l.ptr[i], l.ptr[i+1]
	if p, ok := slices.BinarySearch(l.idx[lo:hi], j); ok {
		return l.val[int(lo)+p]
	}
	return 0
}

// Similar appends the largest positive entries of the item's row of B.
func (l *Linear) Similar(dst []Scored, item uint32, n int) []Scored {
	if int(item) >= l.items || n <= 0 {
		return dst
	}
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	s.best.Reset(min(n, l.items))
	push := func(j uint32, v float32) {
		if v > 0 && j != item {
			s.best.Push(vec.Scored{ID: j, Score: v})
		}
	}
	if l.dense != nil {
		for j, v := range l.denseRow(item) {
			push(uint32(j), v)
		}
	} else {
		for p := l.ptr[item]; p < l.ptr[item+1]; p++ {
			push(l.idx[p], l.val[p])
		}
	}
	return appendBest(dst, &s.best)
}

func (l *Linear) denseRow(i uint32) []float32 {
	return l.dense[int(i)*l.items : (int(i)+1)*l.items]
}

func (l *Linear) kind() string { return "linear" }

func (l *Linear) encode(e *encoder) {
	if l.dense != nil {
		e.u32(1)
		e.floats(l.dense)
		return
	}
	e.u32(0)
	e.uints(l.ptr)
	e.uints(l.idx)
	e.floats(l.val)
}

func decodeLinear(b base, d *decoder) (Model, error) {
	l := &Linear{base: b}
	if d.u32() == 1 {
		l.dense = d.floats(b.items * b.items)
		return l, d.err
	}
	l.ptr = d.uints(b.items + 1)
	l.idx = d.uints(-1)
	l.val = d.floats(len(l.idx))
	if d.err == nil {
		d.checkRows(l.ptr, l.idx, b.items)
	}
	return l, d.err
}

// rows collects sparse rows of B computed in any order of blocks and joins them in order.
type rows struct {
	idx [][]uint32
	val [][]float32
}

func newRows(n int) *rows { return &rows{make([][]uint32, n), make([][]float32, n)} }

// put keeps the selection, by item, as row i.
func (r *rows) put(i int, best []vec.Scored, value func(vec.Scored) float32) {
	slices.SortFunc(best, func(a, b vec.Scored) int { return cmp.Compare(a.ID, b.ID) })
	r.idx[i], r.val[i] = make([]uint32, len(best)), make([]float32, len(best))
	for k, x := range best {
		r.idx[i][k], r.val[i][k] = x.ID, value(x)
	}
}

func (r *rows) linear(b base) *Linear {
	l := &Linear{base: b, ptr: make([]uint32, 1, len(r.idx)+1)}
	n := 0
	for _, x := range r.idx {
		n += len(x)
	}
	l.idx, l.val = make([]uint32, 0, n), make([]float32, 0, n)
	for i := range r.idx {
		l.idx, l.val = append(l.idx, r.idx[i]...), append(l.val, r.val[i]...)
		l.ptr = append(l.ptr, uint32(len(l.idx)))
	}
	return l
}

// products computes, for every item i, v[j] = sum over users u of left(u,i) * right(u,j) for the items j that share a user
// with i, and hands row i to keep, whose selection becomes row i of B. byItem is the transpose holding left, byUser holds
// right. It costs the sum over users of (row length)².
func products(ctx context.Context, b base, byItem, byUser *Matrix, o Options, top int, keep func(i, j uint32, v float32) float32) (*Linear, error) {
	n := byItem.users
	out := newRows(n)
	type work struct {
		acc     []float32
		touched []uint32
		best    *vec.Best
	}
	ws := make([]work, o.Threads)
	err := blocks(ctx, o.Threads, n, 16, func(done int) { o.Progress(done, n, "items") }, func(w, lo, hi int) {
		if ws[w].acc == nil {
			ws[w] = work{acc: make([]float32, n), best: vec.NewBest(top)}
		}
		k := &ws[w]
		for i := lo; i < hi; i++ {
			users, left := byItem.Row(i)
			k.touched = k.touched[:0]
			for p, u := range users {
				js, right := byUser.Row(int(u))
				for q, j := range js {
					if k.acc[j] == 0 {
						k.touched = append(k.touched, j)
					}
					k.acc[j] += left[p] * right[q]
				}
			}
			k.best.Reset(top)
			for _, j := range k.touched {
				v := k.acc[j]
				k.acc[j] = 0
				if int(j) == i || v == 0 {
					continue
				}
				if v = keep(uint32(i), j, v); v > 0 {
					k.best.Push(vec.Scored{ID: j, Score: v})
				}
			}
			out.put(i, k.best.Sorted(), func(x vec.Scored) float32 { return x.Score })
		}
	})
	if err != nil {
		return nil, err
	}
	return out.linear(b), nil
}

// scoreAll sets out to the scores of the whole catalogue.
func (l *Linear) scoreAll(history []Weighted, out []float32) {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	clear(out)
	l.addRows(out, l.counted(s, history))
}

// addRows adds the rows of a history, as counted, to out.
func (l *Linear) addRows(out []float32, h []Weighted) {
	for _, x := range h {
		if l.dense != nil {
			vec.Axpy(x.Weight, l.denseRow(x.Item), out)
			continue
		}
		lo, hi := l.ptr[x.Item], l.ptr[x.Item+1]
		val := l.val[lo:hi]
		for p, j := range l.idx[lo:hi] {
			out[j] += x.Weight * val[p]
		}
	}
}
