package retrieve

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"bowerbird"
	"bowerbird/index"
	"bowerbird/model"
)

// People finds what people with a similar history saved last: the nearest users
// of matrix factorisation. The vectors of people are folded in from their
// histories when a model is swapped in and kept in memory only; the person who
// asks is folded in anew, so that a first save counts. Until there is a model,
// people alike are those whom walks meet.
type People struct {
	Walk *Walk // nil: nobody is alike without a model; set before use

	history *History
	now     atomic.Pointer[people]
}

type people struct {
	factors *model.Factors
	ix      index.Index // by UserID, cosine
	as      []state     // by UserID: what the vector knows
}

const (
	alike   = 12 // people looked at
	perHead = 15 // of what each liked last
)

// NewPeople returns the source without vectors.
func NewPeople(h *History) *People { return &People{history: h} }

// Name is what traces and explanations call it.
func (s *People) Name() string { return "people" }

// Swap folds everybody in and puts the vectors in place; nil takes them out.
// empty makes an index for cosine of f.Dim() numbers. Cost: one fold-in for each
// person with a history; ends early with the context's error.
func (s *People) Swap(ctx context.Context, f *model.Factors, empty func() (index.Index, error)) error {
	if f == nil {
		s.now.Store(nil)
		return nil
	}
	ix, err := empty()
	if err != nil {
		return fmt.Errorf("retrieve: people: %w", err)
	}
	var vector []float32
	as := make([]state, s.history.Users())
	for u := 1; u < len(as); u++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		recent := s.history.Of(bowerbird.UserID(u), 0)
		h := weigh(recent)
		if len(h) < 2 {
			continue
		}
		as[u] = stateOf(recent)
		v, ok := f.FoldIn(vector[:0], h)
		if vector = v; !ok {
			continue
		}
		// A vector that the index refuses (zero) belongs to a person whose items the model has never seen.
		_ = ix.Put(uint32(u), v)
	}
	s.now.Store(&people{f, ix, as})
	return nil
}

// Forget takes a person out; the engine calls it on erasure.
func (s *People) Forget(u bowerbird.UserID) {
	if p := s.now.Load(); p != nil {
		p.ix.Delete(uint32(u))
	}
}

// Candidates adds up what the nearest people liked last, each by likeness.
func (s *People) Candidates(ctx context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	if r.Item != 0 || r.Board != 0 || n <= 0 {
		return dst, nil
	}
	near, err := s.Alike(ctx, r, alike, nil)
	if err != nil {
		return dst, err
	}
	best := newTally(len(near) * perHead)
	defer best.release()
	for i, h := range near {
		if h.Score > 0 {
			s.history.Latest(h.User, perHead, func(a bowerbird.Action) {
				best.add(a.Item, h.Score*a.Weight, i)
			})
		}
	}
	return best.hits(dst, n, r, func(i int) bowerbird.Reason {
		return bowerbird.Reason{Kind: bowerbird.BecauseUser, User: near[i].User}
	}), nil
}

// Alike appends the n people whose history is most like the request's, best first:
// by cosine of their vectors or, without a model, by walks.
func (s *People) Alike(ctx context.Context, r *bowerbird.Request, n int, dst []Alike) ([]Alike, error) {
	p := s.now.Load()
	if p == nil {
		if s.Walk == nil {
			return dst, nil
		}
		return s.Walk.Alike(ctx, r, n, dst)
	}
	q, ok := p.vector(r)
	if !ok {
		return dst, nil
	}
	near, err := p.ix.Search(q, n, index.Options{Filter: func(u uint32) bool { return bowerbird.UserID(u) != r.User }})
	if err != nil {
		return dst, fmt.Errorf("retrieve: people: %w", err)
	}
	for _, h := range near {
		dst = append(dst, Alike{bowerbird.UserID(h.ID), h.Score})
	}
	return dst, nil
}

// state tells a history from the same one later: an action changes the newest
// offset, and what is taken back the length.
type state struct {
	newest uint64
	length int
}

func stateOf(recent []bowerbird.Action) state { return state{recent[0].Offset, len(recent)} }

// vector is the person's: the one folded in at the swap if they have done nothing
// since, else a new one.
func (p *people) vector(r *bowerbird.Request) ([]float32, bool) {
	if len(r.Recent) == 0 {
		return nil, false
	}
	if int(r.User) < len(p.as) && p.as[r.User] == stateOf(r.Recent) {
		if v, ok := p.ix.Vector(nil, uint32(r.User)); ok {
			return v, true
		}
	}
	v, ok := p.factors.FoldIn(nil, weigh(r.Recent))
	// Zero is somebody of whose items the model has seen none: nobody is like them.
	return v, ok && slices.ContainsFunc(v, func(x float32) bool { return x != 0 })
}

func weigh(recent []bowerbird.Action) []model.Weighted {
	return HistoryOf(&bowerbird.Request{Recent: recent})
}
