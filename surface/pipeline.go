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
	Match   Matcher // finds and counts all that matches, where a request needs it; nil: never
	PreRank int     // candidates that reach hydration, by fused rank; 0 means 250
	// Whole makes every page a cut of one order: what earlier pages showed is
	// passed over at the end and not kept from the sources. So offsets and cursors
	// agree. Only the first PreRank candidates are reordered by score; the rest
	// keep their fused order behind them.
	Whole   bool
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
	page := &bowerbird.Page{Sources: p.sourceNames()}

	sieve := p.compile(&r)
	if p.Match != nil {
		if err := p.Match.Match(ctx, &r); err != nil {
			return nil, fmt.Errorf("surface %s: %w", p.Surface, err)
		}
	}
	counts := p.count(&r)
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

	if p.Whole {
		p.whole(&r, found, cands, page)
	} else {
		p.best(&r, found, cands, page)
	}
	if page.Counts, err = counts(); err != nil {
		page.Trace.Notes = append(page.Trace.Notes, err.Error())
	}
	if h := r.Match.Hybrid; h != nil {
		told := *h
		told.Hits = nil
		r.Match.Hybrid = &told
	}
	page.Request = r
	page.Request.Keep, page.Request.Match.Items, page.Request.Match.Beyond = nil, nil, nil // not for those who keep the page
	return page, nil
}

// best makes a page of the best candidates that are left.
func (p *Pipeline) best(r *bowerbird.Request, found *found, cands []bowerbird.Candidate, page *bowerbird.Page) {
	cands = found.sort(cands, p.preRank())
	page.More = len(cands) > r.Limit
	p.score(r, found, cands, page)
	cands = found.sort(cands, selectable(r.Limit))
	for _, s := range p.Select {
		cands = s.Select(r, cands, r.Limit)
	}
	page.Items = keep(cands[:min(len(cands), r.Limit)])
}

// score hydrates and scores candidates.
func (p *Pipeline) score(r *bowerbird.Request, found *found, cands []bowerbird.Candidate, page *bowerbird.Page) {
	if p.Hydrate != nil {
		page.Features = p.Hydrate.Names()
		found.features(cands, len(page.Features))
		p.Hydrate.Fill(r, cands)
	}
	if p.Score != nil {
		page.Model = p.Score.Score(r, cands)
	}
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
