package surface

import (
	"context"
	"math"
	"sync/atomic"

	"bowerbird"
)

// Rewriter completes a request before sources see it.
type Rewriter interface {
	Rewrite(ctx context.Context, r *bowerbird.Request) error
}

// Matcher knows everything that a request matches, not the best of it alone.
type Matcher interface {
	// Match fills r.Match if the request needs it: to count, to order by a field,
	// to know which words to give up. It is called once, before the sources.
	Match(ctx context.Context, r *bowerbird.Request) error
	// Count counts what Match found; nil if the request asks for no counts. It runs
	// beside the sources and must not write to r.
	Count(r *bowerbird.Request) *bowerbird.Counts
}

// Source finds candidates. Candidates appends up to n hits to dst, best first,
// and skips items for which r.Keep is false. Pages call it side by side; it must
// not write to r, and call r.Keep from one goroutine at a time and without
// holding a lock, as what a filter does may take its time. With bowerbird.ErrCut its hits
// count all the same; with any other error they do not.
type Source interface {
	Name() string
	Candidates(ctx context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error)
}

// Filter keeps items off pages. For prepares a test for one request: true means
// that the item stays. A nil test keeps everything.
type Filter interface {
	Name() string
	For(r *bowerbird.Request) func(bowerbird.ItemID) bool
}

// Hydrator fills Candidate.Features, each a slice of len(Names()) that is
// already there and zero.
type Hydrator interface {
	Names() []string
	Fill(r *bowerbird.Request, c []bowerbird.Candidate)
}

// Scorer sets Candidate.Score, larger is better, and tells its version.
type Scorer interface {
	Score(r *bowerbird.Request, c []bowerbird.Candidate) (version string)
}

// Selector reorders and cuts candidates, which come best first. n is how many the
// page wants; a selector that only reorders or drops may return more.
type Selector interface {
	Select(r *bowerbird.Request, c []bowerbird.Candidate, n int) []bowerbird.Candidate
}

// Use is one source in a surface's table.
type Use struct {
	Source Source
	N      int     // candidates asked for by a page of 25; 0 means 200
	Weight float32 // in the fused pre-rank; 0 means 1
	Weigh  *Weight // if set, instead of Weight
}

// Weight is one that may be changed while pages are made.
type Weight struct{ bits atomic.Uint32 }

// NewWeight returns a weight; here 0 means 0.
func NewWeight(w float32) *Weight {
	var x Weight
	x.Set(w)
	return &x
}

// Set changes it for pages that begin after.
func (w *Weight) Set(x float32) { w.bits.Store(math.Float32bits(x)) }

// Get returns it.
func (w *Weight) Get() float32 { return math.Float32frombits(w.bits.Load()) }

// n is how many candidates a page of limit items asks for: N for 25, somewhat
// over half of it for 10, twice for 60 and more. A request beyond MaxLimit is
// training's, which sees what the usual page sees.
func (u Use) n(limit int) int {
	n := u.N
	if n == 0 {
		n = 200
	}
	if limit > bowerbird.MaxLimit {
		return n
	}
	return n * min(70, max(18, limit+10)) / 35
}

func (u Use) weight() float32 {
	if u.Weigh != nil {
		return u.Weigh.Get()
	}
	if u.Weight == 0 {
		return 1
	}
	return u.Weight
}
