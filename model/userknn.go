package model

import (
	"context"
	"fmt"
	"math"

	"bowerbird/internal/vec"
)

// UserKNN is the neighbourhood of people: the score of an item is the sum, over the Top people whose rows have the largest
// cosine with the history, of that cosine (less what Shrink takes) times their cell,
//
//	sim(h, u) = <h, u> / (|h| |u| + Shrink).
//
// Its model holds a row of the matrix for everybody, without names. It is therefore for comparing and not among the
// Candidates that serve: whoever is forgotten would have to be taken out of the file. A request costs the cells of the
// history's items, and the rows of Top people.
type UserKNN struct {
	Top       int       `json:"top"`       // 0: 200
	Shrink    float32   `json:"shrink"`    // 0: none
	Weighting Weighting `json:"weighting"` // "": plain; TFIDF and BM25 with a person as the document
}

// Name returns "user-knn".
func (UserKNN) Name() string { return "user-knn" }

// Memory is three weighted copies of the matrix and its transpose.
func (t UserKNN) Memory(m *Matrix) int64 {
	return 4*matrixBytes(m.Users()+m.Items(), m.Entries()) + 32*int64(m.Items()) + 8*int64(m.Users())
}

// Fit keeps the rows.
func (t UserKNN) Fit(ctx context.Context, m *Matrix, o Options) (Model, error) {
	if t.Top < 0 || !(t.Shrink >= 0) || math.IsInf(float64(t.Shrink), 0) {
		return nil, fmt.Errorf("user-knn: top %d and shrink %v must be finite and not negative", t.Top, t.Shrink)
	}
	m, b, err := begin(t, "people", m, &o)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("user-knn: %w", err)
	}
	// ItemKNN's weighting of the transpose: a person is then the document.
	w, err := ItemKNN{Weighting: t.Weighting}.weighted(m.Transpose())
	if err != nil {
		return nil, fmt.Errorf("user-knn: unknown weighting %q: use \"\", %q or %q", t.Weighting, TFIDF, BM25)
	}
	p := &People{base: b, top: min(topOf(t.Top, math.MaxInt32), max(1, m.users)), shrink: t.Shrink, byItem: w, scale: make([]float32, m.items)}
	for i := range p.scale {
		_, raw := w.Row(i)
		p.scale[i] = 1
		if t.Weighting != Plain && len(raw) > 0 {
			p.scale[i] = float32(math.Log1p(float64(m.users) / float64(1+len(raw))))
		}
	}
	o.Progress(1, 1, "kept")
	return p.prepare(), nil
}

// People is the model of UserKNN.
type People struct {
	base
	top    int
	shrink float32
	byItem *Matrix   // items x users
	scale  []float32 // of an item in a history: its idf
	byUser *Matrix   // from byItem
	norm   []float32 // of the users' rows
}

func (p *People) prepare() *People {
	p.byUser = p.byItem.Transpose()
	p.norm = make([]float32, p.byUser.users)
	for u := range p.norm {
		_, v := p.byUser.Row(u)
		p.norm[u] = vec.Norm(v)
	}
	return p
}

// scoreAll sets out to the scores of the whole catalogue.
func (p *People) scoreAll(history []Weighted, out []float32) {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	clear(out)
	p.add(s, p.counted(s, history), out)
}

func (p *People) add(s *scratch, h []Weighted, out []float32) {
	like := room(&s.a, p.byUser.users)
	clear(like)
	square := float64(0)
	for _, x := range h {
		v := x.Weight * p.scale[x.Item]
		square += float64(v) * float64(v)
		users, w := p.byItem.Row(int(x.Item))
		for k, u := range users {
			like[u] += v * w[k]
		}
	}
	length := float32(math.Sqrt(square))
	if !(length > 0) || math.IsInf(float64(length), 0) {
		return
	}
	s.best.Reset(p.top)
	for u, v := range like {
		if v > 0 {
			s.best.Push(vec.Scored{ID: uint32(u), Score: v / (length*p.norm[u] + p.shrink)})
		}
	}
	for _, u := range s.best.Sorted() {
		items, w := p.byUser.Row(int(u.ID))
		for k, i := range items {
			out[i] += u.Score * w[k]
		}
	}
}

// Recommend finds the people and adds up their rows.
func (p *People) Recommend(dst []Scored, history []Weighted, n int, skip func(uint32) bool) []Scored {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	h := p.counted(s, history)
	if len(h) == 0 || n <= 0 {
		return dst
	}
	scores := room(&s.scores, p.items)
	clear(scores)
	p.add(s, h, scores)
	for i, v := range scores {
		if v == 0 {
			scores[i] = float32(math.Inf(-1)) // nobody alike has it
		}
	}
	return pick(dst, s, scores, history, n, skip)
}

// ScoreItems scores the whole catalogue.
func (p *People) ScoreItems(history []Weighted, items []uint32, out []float32) {
	all := make([]float32, p.items)
	p.scoreAll(history, all)
	for k, i := range items {
		out[k] = 0
		if int(i) < p.items {
			out[k] = all[i]
		}
	}
}

// Similar appends the items of largest cosine: what the same people have.
func (p *People) Similar(dst []Scored, item uint32, n int) []Scored {
	if int(item) >= p.items || n <= 0 {
		return dst
	}
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	scores := room(&s.scores, p.items)
	clear(scores)
	users, w := p.byItem.Row(int(item))
	for k, u := range users {
		items, v := p.byUser.Row(int(u))
		for q, j := range items {
			scores[j] += w[k] * v[q]
		}
	}
	s.best.Reset(min(n, p.items))
	for j, v := range scores {
		if v > 0 && uint32(j) != item {
			_, other := p.byItem.Row(j)
			s.best.Push(vec.Scored{ID: uint32(j), Score: v / (vec.Norm(w)*vec.Norm(other) + p.shrink)})
		}
	}
	return appendBest(dst, &s.best)
}

func (p *People) kind() string { return "people" }

// encode writes top, users, shrink, the scale, and the sparse rows of the items.
func (p *People) encode(e *encoder) {
	e.u32(uint32(p.top))
	e.u32(uint32(p.byItem.items))
	e.floats([]float32{p.shrink})
	e.floats(p.scale)
	ptr := make([]uint32, len(p.byItem.ptr))
	for i, x := range p.byItem.ptr {
		ptr[i] = uint32(x)
	}
	e.uints(ptr)
	e.uints(p.byItem.idx)
	e.floats(p.byItem.val)
}

func decodePeople(b base, d *decoder) (Model, error) {
	p := &People{base: b, top: int(d.u32())}
	users := int(d.u32())
	shrink := d.floats(1)
	p.scale = d.floats(b.items)
	ptr := d.uints(b.items + 1)
	m := &Matrix{users: b.items, items: users, idx: d.uints(-1)}
	m.val = d.floats(len(m.idx))
	if d.err == nil && p.top < 1 {
		d.fail("%d neighbours", p.top)
	}
	if d.err == nil && users > len(m.idx)+1<<24 {
		d.fail("%d people", users)
	}
	if d.err == nil {
		d.checkRows(ptr, m.idx, users)
	}
	if d.err != nil {
		return nil, d.err
	}
	m.ptr = make([]int, len(ptr))
	for i, x := range ptr {
		m.ptr[i] = int(x)
	}
	p.shrink, p.byItem = shrink[0], m
	return p.prepare(), nil
}
