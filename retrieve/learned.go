package retrieve

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"bowerbird"
	"bowerbird/index"
	"bowerbird/model"
)

// Learned is a trained model as a source: the best items for a history, and the
// nearest items to an item. It has no view; the engine swaps a model in, and
// until then it finds nothing. A person needs no training: the history of the
// request is folded in, from the first save on.
type Learned struct {
	now atomic.Pointer[learned]
}

type learned struct {
	m      model.Model
	ix     index.Index // over the vectors of large catalogues; nil: scan
	tower  model.Tower // nil: the model scores otherwise
	near   model.Model // item to item
	folded folded
}

// folded remembers the vectors of people who asked lately. A vector depends on
// the model and the history alone, so it stands until the person acts again.
type folded struct {
	mu sync.Mutex
	m  map[bowerbird.UserID]fold
}

type fold struct {
	last   uint64 // offset of the newest action
	n      int    // length of the history
	vector []float32
}

// maxFolded bounds the people remembered: 16,384 vectors of 64 numbers are 4 MiB.
const maxFolded = 16_384

func (f *folded) get(r *bowerbird.Request) ([]float32, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	v, ok := f.m[r.User]
	if !ok || v.n != len(r.Recent) || v.last != r.Recent[0].Offset {
		return nil, false
	}
	return v.vector, true
}

func (f *folded) put(r *bowerbird.Request, vector []float32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.m == nil || len(f.m) >= maxFolded {
		f.m = make(map[bowerbird.UserID]fold)
	}
	f.m[r.User] = fold{r.Recent[0].Offset, len(r.Recent), vector}
}

// vector folds a request's history in, or remembers it.
func (l *learned) vector(r *bowerbird.Request, history []model.Weighted) ([]float32, bool) {
	if v, ok := l.folded.get(r); ok {
		return v, true
	}
	v, ok := l.tower.FoldIn(nil, history)
	if ok && r.User != 0 {
		l.folded.put(r, v)
	}
	return v, ok
}

// NewLearned returns the source without a model.
func NewLearned() *Learned { return new(Learned) }

// Name is what traces and explanations call it.
func (s *Learned) Name() string { return "learned" }

// Swap puts a model in place; nil takes it out. ix, if not nil, indexes the
// item vectors of a model.Tower by inner product, and must be of the same model.
// near answers which items go with an item; nil: m does.
func (s *Learned) Swap(m model.Model, ix index.Index, near model.Model) {
	if m == nil {
		s.now.Store(nil)
		return
	}
	tower, _ := m.(model.Tower)
	if near == nil {
		near = m
	}
	s.now.Store(&learned{m: m, ix: ix, tower: tower, near: near})
}

// Model is what is in place, nil if nothing is.
func (s *Learned) Model() model.Model {
	if l := s.now.Load(); l != nil {
		return l.m
	}
	return nil
}

// Candidates asks for items similar to the request's item, else for the best
// items of the person's history.
func (s *Learned) Candidates(_ context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	l := s.now.Load()
	if l == nil {
		return dst, nil
	}
	if r.Item != 0 {
		return l.similar(r, n, dst), nil
	}
	history := HistoryOf(r)
	if len(history) == 0 {
		return dst, nil
	}
	keep := func(x uint32) bool { return x != 0 && pass(r, bowerbird.ItemID(x)) }
	if l.tower == nil {
		return hitsOf(dst, l.m.Recommend(nil, history, n, func(x uint32) bool { return !keep(x) })), nil
	}
	q, ok := l.vector(r, history)
	if !ok {
		return dst, nil
	}
	if l.ix == nil {
		return hitsOf(dst, l.tower.RecommendFor(nil, q, history, n, func(x uint32) bool { return !keep(x) })), nil
	}
	// Items of the history are left to the filters, which know whether a surface repeats them.
	hits, err := l.ix.Search(q, n, index.Options{Filter: keep})
	if err != nil {
		return dst, fmt.Errorf("retrieve: learned: %w", err)
	}
	for _, h := range hits {
		dst = append(dst, bowerbird.Hit{Item: bowerbird.ItemID(h.ID), Score: h.Score})
	}
	return dst, nil
}

func hitsOf(dst []bowerbird.Hit, scored []model.Scored) []bowerbird.Hit {
	for _, h := range scored {
		dst = append(dst, bowerbird.Hit{Item: bowerbird.ItemID(h.Item), Score: h.Score})
	}
	return dst
}

func (l *learned) similar(r *bowerbird.Request, n int, dst []bowerbird.Hit) []bowerbird.Hit {
	start := len(dst)
	for _, h := range l.near.Similar(nil, uint32(r.Item), 2*n) {
		if len(dst)-start == n {
			break
		}
		if x := bowerbird.ItemID(h.Item); x != 0 && pass(r, x) {
			dst = append(dst, bowerbird.Hit{Item: x, Score: h.Score, Why: bowerbird.Reason{Kind: bowerbird.BecauseItem, Item: r.Item}})
		}
	}
	return dst
}

// HistoryOf is a request's recent positive actions as a model takes them: oldest first.
func HistoryOf(r *bowerbird.Request) []model.Weighted {
	out := make([]model.Weighted, 0, len(r.Recent))
	for _, a := range slices.Backward(r.Recent) {
		if a.Weight > 0 {
			out = append(out, model.Weighted{Item: uint32(a.Item), Weight: a.Weight})
		}
	}
	return out
}
