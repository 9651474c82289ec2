package model

import (
	"context"
	"fmt"
	"math"
	"slices"

	"bowerbird/internal/vec"
)

// Markov counts what comes after what, and is the light twin of SASRec: it learns in a pass over the log.
//
//	C[i][j] = sum over pairs of a person's actions, i and g actions later j, 0 < g <= Window, of Decay^(g-1),
//	          and Back times that where j came before i
//	B[i][j] = C[i][j] / (d_i^From d_j^To),  d_i = how many have i
//	score(j) = sum over the newest Length actions of a history, the k-th newest (from 0) being i, of Fade^k B[i][j]
//
// with the Top largest entries in each row of B. Decay 1, Back 1 and a Window over all of a history make it item-kNN with
// newer actions counting more. It needs a matrix that is Ordered; weights only say which cells count. It costs
// entries * 2 * Window additions.
//
// Sources: the weighted transitions and the fading session of Ludewig and Jannach's comparison (UMUAI 2018: sequential
// rules, vector multiplication session-kNN); the powers of the degrees are ours.
type Markov struct {
	Window int     `json:"window"` // 0: 10
	Decay  float64 `json:"decay"`  // 0: .9
	Back   float64 `json:"back"`   // 0: .4; -1: none
	Fade   float64 `json:"fade"`   // 0: .5; -1: the newest alone
	From   float64 `json:"from"`   // 0: .5; -1: none
	To     float64 `json:"to"`     // 0: .2; -1: none
	Length int     `json:"length"` // 0: 20
	Top    int     `json:"top"`    // 0: 200
}

// Name returns "markov".
func (Markov) Name() string { return "markov" }

func (t Markov) defaults() Markov {
	for _, d := range []struct {
		p *float64
		v float64
	}{{&t.Decay, .9}, {&t.Back, .4}, {&t.Fade, .5}, {&t.From, .5}, {&t.To, .2}} {
		switch *d.p {
		case 0:
			*d.p = d.v
		case -1:
			*d.p = 0
		}
	}
	if t.Window == 0 {
		t.Window = 10
	}
	if t.Length == 0 {
		t.Length = 20
	}
	return t
}

func (t Markov) check() error {
	for _, f := range []struct {
		name  string
		x, to float64
	}{{"decay", t.Decay, 1}, {"back", t.Back, 2}, {"fade", t.Fade, 1}, {"from", t.From, 2}, {"to", t.To, 2}} {
		if !(f.x >= 0 && f.x <= f.to) {
			return fmt.Errorf("markov: %s %v is out of range 0 to %v", f.name, f.x, f.to)
		}
	}
	if t.Window < 1 || t.Length < 1 || t.Length > 1<<16 || t.Top < 0 {
		return fmt.Errorf("markov: window %d and length %d must be positive, length at most 65536, top %d not negative", t.Window, t.Length, t.Top)
	}
	return nil
}

// Memory is as for ItemKNN, and where each action stands.
func (t Markov) Memory(m *Matrix) int64 { return knnMemory(m, t.Top) + 16*int64(m.Entries()) }

func (Markov) advice() string { return "lower top" }

// Fit trains a Transitions model.
func (t Markov) Fit(ctx context.Context, m *Matrix, o Options) (Model, error) {
	full := t.defaults()
	if err := full.check(); err != nil {
		return nil, err
	}
	m, b, err := begin(t, "transitions", m, &o)
	if err != nil {
		return nil, err
	}
	if !m.Ordered() {
		return nil, fmt.Errorf("markov: the matrix knows no order: add its cells with AddAt")
	}
	out, err := full.count(ctx, sequenced(m), b, o)
	if err != nil {
		return nil, fmt.Errorf("markov: %w", err)
	}
	return &Transitions{out.linear(b), float32(full.Fade), full.Length}, nil
}

// sequence is a log in the order of people and, for each, of time: person u's items are items[ptr[u]:ptr[u+1]].
type sequence struct {
	ptr   []int
	items []uint32
	of    []uint32 // the person of each
}

func sequenced(m *Matrix) *sequence {
	s := &sequence{ptr: m.ptr, items: make([]uint32, 0, m.Entries()), of: make([]uint32, 0, m.Entries())}
	var h []Weighted
	for u := range m.users {
		h = m.History(h[:0], u)
		for _, x := range h {
			s.items, s.of = append(s.items, x.Item), append(s.of, uint32(u))
		}
	}
	return s
}

// count makes the rows of B.
func (t Markov) count(ctx context.Context, s *sequence, b base, o Options) (*rows, error) {
	n, top := b.items, topOf(t.Top, b.items)
	at, ptr := s.places(n)
	from, to := make([]float32, n), make([]float32, n)
	for i := range n {
		if d := float64(ptr[i+1] - ptr[i]); d > 0 {
			from[i], to[i] = float32(math.Pow(d, -t.From)), float32(math.Pow(d, -t.To))
		}
	}
	gap := make([]float32, t.Window)
	for g := range gap {
		gap[g] = float32(math.Pow(t.Decay, float64(g)))
	}
	out := newRows(n)
	type work struct {
		acc     []float32
		touched []uint32
		best    *vec.Best
	}
	ws := make([]work, o.Threads)
	err := blocks(ctx, o.Threads, n, 64, func(done int) { o.Progress(done, n, "items") }, func(w, lo, hi int) {
		k := &ws[w]
		if k.acc == nil {
			*k = work{acc: make([]float32, n), best: vec.NewBest(top)}
		}
		add := func(j uint32, v float32) {
			if k.acc[j] == 0 {
				k.touched = append(k.touched, j)
			}
			k.acc[j] += v
		}
		for i := lo; i < hi; i++ {
			k.touched = k.touched[:0]
			for _, p := range at[ptr[i]:ptr[i+1]] {
				u := s.of[p]
				first, last := s.ptr[u], s.ptr[u+1]
				for g, q := 0, p+1; q < last && g < t.Window; g, q = g+1, q+1 {
					add(s.items[q], gap[g])
				}
				for g, q := 0, p-1; t.Back > 0 && q >= first && g < t.Window; g, q = g+1, q-1 {
					add(s.items[q], float32(t.Back)*gap[g])
				}
			}
			k.best.Reset(top)
			for _, j := range k.touched {
				v := k.acc[j] * from[i] * to[j]
				k.acc[j] = 0
				if int(j) != i && v > 0 {
					k.best.Push(vec.Scored{ID: j, Score: v})
				}
			}
			out.put(i, k.best.Sorted(), func(x vec.Scored) float32 { return x.Score })
		}
	})
	return out, err
}

// places lists, for each item, where it stands: at[ptr[i]:ptr[i+1]].
func (s *sequence) places(items int) (at, ptr []int) {
	ptr = make([]int, items+1)
	for _, i := range s.items {
		ptr[i+1]++
	}
	for i := range items {
		ptr[i+1] += ptr[i]
	}
	at, next := make([]int, len(s.items)), slices.Clone(ptr)
	for p, i := range s.items {
		at[next[i]] = p
		next[i]++
	}
	return at, ptr
}

// Transitions is the model of Markov: sparse rows, and newer actions that count more.
type Transitions struct {
	*Linear
	fade   float32
	length int
}

// newest are the actions of a history that count, with what they count.
func (t *Transitions) newest(s *scratch, history []Weighted) []Weighted {
	h := t.counted(s, history)
	h = h[max(0, len(h)-t.length):]
	weight := float32(1)
	for i := len(h) - 1; i >= 0; i-- {
		h[i].Weight = weight
		weight *= t.fade
	}
	return h
}

// Recommend costs the sum of the newest actions' row lengths.
func (t *Transitions) Recommend(dst []Scored, history []Weighted, n int, skip func(uint32) bool) []Scored {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	return t.recommend(dst, s, t.newest(s, history), history, n, skip)
}

// ScoreItems costs a binary search for each pair of a newest action and an item.
func (t *Transitions) ScoreItems(history []Weighted, items []uint32, out []float32) {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	t.score(t.newest(s, history), items, out)
}

// scoreAll sets out to the scores of the whole catalogue.
func (t *Transitions) scoreAll(history []Weighted, out []float32) {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	clear(out)
	t.addRows(out, t.newest(s, history))
}

func (t *Transitions) kind() string { return "transitions" }

// encode writes the length, the fade, and the rows.
func (t *Transitions) encode(e *encoder) {
	e.u32(uint32(t.length))
	e.floats([]float32{t.fade})
	t.Linear.encode(e)
}

func decodeTransitions(b base, d *decoder) (Model, error) {
	length, fade := int(d.u32()), d.floats(1)
	if d.err == nil && (length < 1 || length > 1<<16 || !(fade[0] >= 0 && fade[0] <= 1)) {
		d.fail("length %d, fade %v", length, fade[0])
	}
	if d.err != nil {
		return nil, d.err
	}
	l, err := decodeLinear(b, d)
	if err != nil {
		return nil, err
	}
	if l.(*Linear).dense != nil {
		d.fail("dense transitions")
		return nil, d.err
	}
	return &Transitions{l.(*Linear), fade[0], length}, nil
}
