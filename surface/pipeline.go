package surface

import (
	"context"
	"fmt"
	"time"

	"bowerbird"
)

// Pipeline is one surface. Its fields are set once, before the first Run; Run is
// safe for concurrent use.
type Pipeline struct {
	Surface bowerbird.Surface
	Rewrite []Rewriter
	Sources []Use
	Timeout time.Duration // after which a page goes on without the sources that are late; 0 means 250 ms
	Filters []Filter
	PreRank int // candidates that reach hydration, by fused rank; 0 means 250
	Hydrate Hydrator
	Score   Scorer
	Select  []Selector
}

// Run makes the page. It fails only when the request cannot be rewritten, when
// every source failed, or when ctx ended before the sources had answered; a
// single failing source is a note in the trace.
//
// Cost: the sources, then O(candidates × features).
func (p *Pipeline) Run(ctx context.Context, r bowerbird.Request) (*bowerbird.Page, error) {
	for _, w := range p.Rewrite {
		if err := w.Rewrite(ctx, &r); err != nil {
			return nil, fmt.Errorf("surface %s: %w", p.Surface, err)
		}
	}
	page := &bowerbird.Page{Request: r, Sources: p.sourceNames()}

	sieve := p.compile(&r)
	found, err := p.retrieve(ctx, &r, sieve, &page.Trace)
	if err != nil {
		return nil, err
	}
	defer found.release()

	cands := found.merge(p.Sources)
	page.Trace.Merged = len(cands)
	cands = sieve.filter(cands)
	page.Trace.Kept = len(cands)
	page.Trace.Filters = sieve.trace()

	cands = found.sort(cands, p.preRank())
	page.More = len(cands) > r.Limit
	if p.Hydrate != nil {
		page.Features = p.Hydrate.Names()
		found.features(cands, len(page.Features))
		p.Hydrate.Fill(&r, cands)
	}
	if p.Score != nil {
		page.Model = p.Score.Score(&r, cands)
	}
	cands = found.sort(cands, selectable(r.Limit))
	for _, s := range p.Select {
		cands = s.Select(&r, cands, r.Limit)
	}
	page.Items = keep(cands[:min(len(cands), r.Limit)])
	return page, nil
}

// keep copies what the page holds on to out of the pooled arenas.
func keep(c []bowerbird.Candidate) []bowerbird.Candidate {
	froms, feats := 0, 0
	for _, x := range c {
		froms += len(x.From)
		feats += len(x.Features)
	}
	from, feat := make([]bowerbird.Found, 0, froms), make([]float32, 0, feats)
	out := make([]bowerbird.Candidate, len(c))
	for i, x := range c {
		a, b := len(from), len(feat)
		from, feat = append(from, x.From...), append(feat, x.Features...)
		x.From, x.Features = from[a:len(from):len(from)], feat[b:len(feat):len(feat)]
		out[i] = x
	}
	return out
}

func (p *Pipeline) sourceNames() []string {
	names := make([]string, len(p.Sources))
	for i, u := range p.Sources {
		names[i] = u.Source.Name()
	}
	return names
}

// selectable is how many of the best a selector may choose a page from.
func selectable(limit int) int { return 6*limit + 32 }

// preRank is how many candidates hydration pays for.
func (p *Pipeline) preRank() int {
	if p.PreRank == 0 {
		return 250
	}
	return p.PreRank
}
