package model

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"bowerbird/internal/vec"
	"bowerbird/model/seq"
)

// SASRec learns what comes next from the order of a person's actions: a causal transformer over the newest Length of them
// (Kang and McAuley, ICDM 2018), trained by cross-entropy over the catalogue or a corrected sample of it (package seq). It
// needs a matrix that is Ordered; weights only say which cells count. Settings that are 0 take the defaults of seq.Options.
//
// With Patience it holds out the last item of some histories, stops when predicting them gets no better, and keeps the
// numbers that did best; Refit then trains once more on everything for that many epochs, at twice the cost, so that the
// newest actions teach too.
type SASRec struct {
	Dim       int     `json:"dim"`
	Heads     int     `json:"heads"`
	Layers    int     `json:"layers"`
	Length    int     `json:"length"`
	Dropout   float64 `json:"dropout"`
	Negatives int     `json:"negatives"`
	Epochs    int     `json:"epochs"`
	Patience  int     `json:"patience"`
	Check     int     `json:"check"`
	Rate      float64 `json:"rate"`
	Decay     float64 `json:"decay"`
	WarmUp    int     `json:"warm_up"`
	Batch     int     `json:"batch"`
	Held      int     `json:"held"`
	Refit     bool    `json:"refit"`

	Attributes [][]uint32                                     `json:"-"` // of the items, numbers from 0; nil: none
	Better     func(epoch int, loss, ndcg float64, best bool) `json:"-"` // hears of each check; may be nil
	Time       time.Duration                                  `json:"-"` // stop with the best so far; 0: no limit
}

// smallLog is up to how many actions a narrow network of one layer does: it trains in a second.
const smallLog = 20_000

// SASRecFor returns settings for a matrix by its size and by how long histories are. They did best on the held-out last
// items of Amazon Beauty and Sports (histories of 8) and of MovieLens-1M (164), those of the test parts apart: what is
// sparse wants much dropout.
func SASRecFor(m *Matrix) SASRec {
	t := SASRec{Length: 50, Dropout: .5, Rate: .001, Negatives: 1024, Check: 3, Epochs: 100, Patience: 4}
	mean := float64(m.Entries()) / float64(max(1, m.Users()))
	batch := 1024
	if mean > 30 {
		t.Length, t.Dropout, t.Rate, batch = 200, .2, .0015, 2048
	}
	if m.Entries() < smallLog {
		t.Dim, t.Layers, t.Dropout, t.Rate, t.Epochs, t.Check = 32, 1, .2, .004, 40, 4
	}
	t.Batch = min(batch, max(64, m.Entries()/12))
	t.WarmUp = min(200, max(1, 2*m.Entries()/t.Batch))
	return t
}

// Name returns "sasrec".
func (SASRec) Name() string { return "sasrec" }

func (t SASRec) options(o Options) seq.Options {
	return seq.Options{Dim: t.Dim, Heads: t.Heads, Layers: t.Layers, Length: t.Length, Dropout: t.Dropout, Negatives: t.Negatives,
		Epochs: t.Epochs, Patience: t.Patience, Check: t.Check, Rate: t.Rate, Decay: t.Decay, WarmUp: t.WarmUp, Batch: t.Batch, Held: t.Held,
		Seed: o.Seed, Threads: o.Threads, Progress: o.Progress, Better: t.Better, Time: t.Time}
}

// Memory is the network four times over, a gradient for each part of a batch, and what a pass leaves: see seq.Memory.
func (t SASRec) Memory(m *Matrix) int64 {
	n := 0
	for _, list := range t.Attributes {
		for _, a := range list {
			n = max(n, int(a)+1)
		}
	}
	return seq.Memory(t.options(Options{}), max(1, m.Items()), n, m.Entries()) + 2*matrixBytes(m.Users(), m.Entries())
}

func (SASRec) advice() string { return "lower dim, length or batch, or set negatives" }

// Fit trains a Sequence model.
func (t SASRec) Fit(ctx context.Context, m *Matrix, o Options) (Model, error) {
	m, b, err := begin(t, "sequence", m, &o)
	if err != nil {
		return nil, err
	}
	if !m.Ordered() {
		return nil, fmt.Errorf("sasrec: the matrix knows no order: add its cells with AddAt")
	}
	data := seq.Data{Items: m.Items(), Attributes: t.Attributes, Sequences: make([][]uint32, 0, m.Users())}
	var h []Weighted
	for u := range m.Users() {
		h = m.History(h[:0], u)
		s := make([]uint32, len(h))
		for i, x := range h {
			s[i] = x.Item
		}
		data.Sequences = append(data.Sequences, s)
	}
	so := t.options(o)
	net, r, err := seq.Fit(ctx, data, so)
	if err == nil && t.Refit && r.Held > 0 {
		so.Patience, so.Epochs, so.Time = -1, r.Epochs, 0
		net, _, err = seq.Fit(ctx, data, so)
	}
	switch {
	case errors.Is(err, seq.ErrEmpty):
		return nil, fmt.Errorf("sasrec: %w: nobody acted on two items", ErrEmpty)
	case err != nil:
		return nil, fmt.Errorf("sasrec: %w", err)
	}
	if !math.IsNaN(r.NDCG) {
		b.card.Metrics = map[string]float64{"held_out.ndcg@10": r.NDCG, "epochs": float64(r.Epochs)}
	}
	return newSequence(b, net), nil
}

// Sequence is a model of order: the score of an item is the inner product of its vector with the state that the network
// reaches after the newest actions.
type Sequence struct {
	base
	net  *seq.Net
	norm []float32
}

var _ Tower = (*Sequence)(nil)

func newSequence(b base, net *seq.Net) *Sequence {
	s := &Sequence{base: b, net: net, norm: make([]float32, b.items)}
	for i := range s.norm {
		s.norm[i] = vec.Norm(s.Vector(uint32(i)))
	}
	return s
}

// Vector returns one item's vector, or nil for an unknown item; read only.
func (s *Sequence) Vector(item uint32) []float32 {
	if int(item) >= s.items {
		return nil
	}
	return s.net.Table()[int(item)*s.net.Dim : (int(item)+1)*s.net.Dim]
}

// Dim returns the length of a vector.
func (s *Sequence) Dim() int { return s.net.Dim }

// Length is how many of the newest actions are looked at.
func (s *Sequence) Length() int { return s.net.Length }

// Vectors returns the items' vectors; read only. An item without training cells has what its attributes say.
func (s *Sequence) Vectors() []float32 { return s.net.Table() }

// FoldIn runs the network over the newest Length actions of a history: about Length · Layers · 12 · Dim² multiply-adds.
func (s *Sequence) FoldIn(dst []float32, history []Weighted) ([]float32, bool) {
	sc := pool.Get().(*scratch)
	defer pool.Put(sc)
	h := s.counted(sc, history)
	h = h[max(0, len(h)-s.net.Length):]
	items := make([]uint32, len(h))
	for i, x := range h {
		items[i] = x.Item
	}
	if len(items) == 0 {
		return append(dst, make([]float32, s.net.Dim)...), false
	}
	n := len(dst)
	if dst = s.net.Encode(dst, items); !vec.Finite(dst[n:]) {
		clear(dst[n:])
		return dst, false
	}
	return dst, true
}

// Recommend encodes the history and scans all items.
func (s *Sequence) Recommend(dst []Scored, history []Weighted, n int, skip func(uint32) bool) []Scored {
	if n <= 0 {
		return dst
	}
	x, ok := s.FoldIn(nil, history)
	if !ok {
		return dst
	}
	return s.RecommendFor(dst, x, history, n, skip)
}

// RecommendFor is Recommend for a vector that FoldIn gave before.
func (s *Sequence) RecommendFor(dst []Scored, vector []float32, history []Weighted, n int, skip func(uint32) bool) []Scored {
	if n <= 0 || len(vector) != s.net.Dim {
		return dst
	}
	sc := pool.Get().(*scratch)
	defer pool.Put(sc)
	scores := room(&sc.scores, s.items)
	vec.DotRows(scores, vector, s.net.Table())
	return pick(dst, sc, scores, history, n, skip)
}

// ScoreItems encodes the history once.
func (s *Sequence) ScoreItems(history []Weighted, items []uint32, out []float32) {
	x, _ := s.FoldIn(nil, history)
	for i, it := range items {
		out[i] = 0
		if int(it) < s.items {
			out[i] = vec.Dot(x, s.Vector(it))
		}
	}
}

// Similar appends the items whose vectors have the largest cosine with the item's, by a scan: items that come after the
// same histories.
func (s *Sequence) Similar(dst []Scored, item uint32, n int) []Scored {
	if int(item) >= s.items || n <= 0 || s.norm[item] == 0 {
		return dst
	}
	sc := pool.Get().(*scratch)
	defer pool.Put(sc)
	scores := room(&sc.scores, s.items)
	vec.DotRows(scores, s.Vector(item), s.net.Table())
	sc.best.Reset(min(n, s.items))
	for j, v := range scores {
		if s.norm[j] > 0 && uint32(j) != item {
			sc.best.Push(vec.Scored{ID: uint32(j), Score: v / (s.norm[j] * s.norm[item])})
		}
	}
	return appendBest(dst, &sc.best)
}

// scoreAll sets out to the scores of the whole catalogue.
func (s *Sequence) scoreAll(history []Weighted, out []float32) {
	x, _ := s.FoldIn(nil, history)
	vec.DotRows(out, x, s.net.Table())
}

func (s *Sequence) kind() string { return "sequence" }

// encode writes the shape (attributes, dim, heads, layers, hidden, length), the items' attributes as rows (ends, then
// numbers; both empty if there are none), and the numbers of the network in the order of seq.Net.Weights.
func (s *Sequence) encode(e *encoder) {
	n := s.net
	for _, v := range []int{n.Shape.Attributes, n.Dim, n.Heads, n.Layers, n.Hidden, n.Length} {
		e.u32(uint32(v))
	}
	var ends, numbers []uint32
	for _, list := range n.Lists() {
		numbers = append(numbers, list...)
		ends = append(ends, uint32(len(numbers)))
	}
	e.uints(ends)
	e.uints(numbers)
	e.floats(n.Weights())
}

func decodeSequence(b base, d *decoder) (Model, error) {
	var v [6]int
	for i := range v {
		v[i] = int(d.u32())
	}
	ends, numbers := d.uints(-1), d.uints(-1)
	w := d.floats(-1)
	if d.err != nil {
		return nil, d.err
	}
	lists, err := listsOf(ends, numbers)
	if err != nil {
		return nil, err
	}
	net, err := seq.Restore(seq.Shape{Items: b.items, Attributes: v[0], Dim: v[1], Heads: v[2], Layers: v[3], Hidden: v[4], Length: v[5]}, w, lists)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return newSequence(b, net), nil
}

func listsOf(ends, numbers []uint32) ([][]uint32, error) {
	if len(ends) == 0 && len(numbers) == 0 {
		return nil, nil
	}
	out, from := make([][]uint32, len(ends)), uint32(0)
	for i, to := range ends {
		if to < from || int(to) > len(numbers) {
			return nil, fmt.Errorf("%w: attributes of item %d end before they start", ErrCorrupt, i)
		}
		out[i], from = numbers[from:to], to
	}
	return out, nil
}
