package surface

import (
	"cmp"
	"fmt"
	"slices"

	"bowerbird"
)

// whole makes a page that is a cut of one order of all candidates: the order of
// the window by score, then the rest as the sources had it. Only the window is
// hydrated, unless the page lies beyond it.
func (p *Pipeline) whole(r *bowerbird.Request, found *found, cands []bowerbird.Candidate, page *bowerbird.Page) {
	cands = found.sort(cands, bowerbird.MaxReach)
	need := r.Search.Skip + len(r.Served) + r.Limit + 1
	window := min(len(cands), p.preRank())
	// Selecting and sorting write over what they are given: the fused order may be needed again.
	kept := p.window(r, found, slices.Clone(cands[:window]), window, need, page)
	if len(kept) < need && window < len(cands) {
		kept = p.window(r, found, cands, window, need, page)
	}
	kept = kept[min(r.Search.Skip, len(kept)):]
	kept = without(kept, r.Served)
	page.More = len(kept) > r.Limit
	page.Items = keep(kept[:min(len(kept), r.Limit)])
}

// window scores candidates, orders the first of them by score, and selects. What
// lies beyond the window scores no more than what stands before it.
func (p *Pipeline) window(r *bowerbird.Request, found *found, cands []bowerbird.Candidate, window, need int, page *bowerbird.Page) []bowerbird.Candidate {
	p.score(r, found, cands, page)
	slices.SortFunc(cands[:window], func(a, b bowerbird.Candidate) int {
		return cmp.Compare(keyOf(a.Score, a.Item), keyOf(b.Score, b.Item))
	})
	for i := max(1, window); i < len(cands); i++ {
		cands[i].Score = min(cands[i].Score, cands[i-1].Score)
	}
	for _, s := range p.Select {
		cands = s.Select(r, cands, need)
	}
	return cands
}

// without passes over what was served.
func without(c []bowerbird.Candidate, served []bowerbird.ItemID) []bowerbird.Candidate {
	if len(served) == 0 {
		return c
	}
	gone := make(map[bowerbird.ItemID]bool, len(served))
	for _, x := range served {
		gone[x] = true
	}
	return slices.DeleteFunc(c, func(x bowerbird.Candidate) bool { return gone[x.Item] })
}

// count begins to count beside the sources; the function that it returns waits
// for the result.
func (p *Pipeline) count(r *bowerbird.Request) func() (*bowerbird.Counts, error) {
	if p.Match == nil || !r.Search.Count {
		return func() (*bowerbird.Counts, error) { return nil, nil }
	}
	type result struct {
		counts *bowerbird.Counts
		err    error
	}
	done := make(chan result, 1)
	copied := *r
	go func() {
		var out result
		defer func() {
			if e := recover(); e != nil {
				out = result{nil, fmt.Errorf("counts: panic: %v", e)}
			}
			done <- out
		}()
		out.counts = p.Match.Count(&copied)
	}()
	return func() (*bowerbird.Counts, error) { r := <-done; return r.counts, r.err }
}
