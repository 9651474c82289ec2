package engine

import (
	"context"
	"fmt"
	"slices"

	"bowerbird"
	"bowerbird/query"
)

// Numbers of relaxing.
const (
	nearlyNothing = 3 // fewer hits than that call for other ways to ask
	maxRelaxed    = 5
)

// relax says how else to ask where a search by words finds nothing, nearly
// nothing, or nothing that is clearly meant, and searches for the best of it if that is wanted and nothing was
// found. It looks at the whole search and not at the page, so that every page of
// one paging does the same.
func (e *Engine) relax(ctx context.Context, h *House, q *Query, r bowerbird.Request, a *Answer) error {
	unmeant := a.Page.Request.Match.Hybrid != nil && a.Page.Request.Match.Hybrid.Empty
	if r.Surface != bowerbird.SearchWords || r.Query == "" || !unmeant && (a.Page.More || len(a.Page.Items) >= nearlyNothing) {
		return nil
	}
	if len(r.Served) > 0 || r.Search.Skip > 0 {
		if !q.Seek.Relax || len(a.Page.Items) > 0 {
			return nil
		}
		probe := r
		probe.Served, probe.Search.Skip, probe.Limit, probe.Trace = nil, 0, 1, false
		if page, err := h.Run(ctx, probe); err != nil || len(page.Items) > 0 {
			return err
		}
	}
	var err error
	if a.Relaxed, err = h.relaxed(ctx, &r); err != nil || len(a.Relaxed) == 0 || len(a.Page.Items) > 0 || !q.Seek.Relax {
		return err
	}
	best := a.Relaxed[0]
	page, err := h.Run(ctx, lessAsked(r, &best))
	if err != nil {
		return err
	}
	page.Trace.Notes = append(page.Trace.Notes, fmt.Sprintf("nothing was found for “%s”: this is %s", r.Query, best.Why))
	a.Page, a.Instead, a.Corrected = page, &best, page.Request.Terms
	return nil
}

// lessAsked is a request for what a relaxed search asks for.
func lessAsked(r bowerbird.Request, x *query.Relaxed) bowerbird.Request {
	r.Query, r.Terms, r.Match = x.Query, "", bowerbird.Matched{}
	if x.Kind == anyFilter {
		r.Filter, r.Where = nil, nil
	}
	r.Where = slices.Concat(r.Where, x.Where)
	r.Search.Verbatim = true // it is spelt as the catalogue spells it
	return r
}

// anyFilter is the kind of a search without its conditions.
const anyFilter = "filter"

// relaxed lists other ways to ask, each of which finds something under the
// request's conditions; Items is how many items that this person may see say all
// of it. It costs a count of matches for each.
func (h *House) relaxed(ctx context.Context, r *bowerbird.Request) ([]query.Relaxed, error) {
	ways := h.query.Relax(r.Query, 2*maxRelaxed)
	if len(r.Where) > 0 || r.Filter != nil {
		ways = append([]query.Relaxed{{Query: r.Query, Kind: anyFilter, Why: "without the conditions", Weight: .9}}, ways...)
	}
	var out []query.Relaxed
	for _, w := range ways {
		if w.Query == r.Query && w.Kind != anyFilter || w.Kind == "spelling" && (r.Search.Verbatim || w.Query == r.Terms) {
			continue
		}
		less := lessAsked(*r, &w)
		less.Search = bowerbird.SearchSpec{Count: true, Matching: bowerbird.MatchAll, Verbatim: true}
		if err := h.surfaces[bowerbird.SearchWords].Match.Match(ctx, &less); err != nil {
			return nil, err
		}
		if w.Items = int(less.Match.Items.GetCardinality()); w.Items > 0 {
			out = append(out, w)
		}
		if len(out) == maxRelaxed {
			break
		}
	}
	return out, nil
}
