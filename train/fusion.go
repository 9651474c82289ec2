package train

import (
	"context"
	"slices"

	"bowerbird"
	"bowerbird/rank"
	"bowerbird/surface"
)

// tuned are the sources of the home page whose weight in fusion is chosen by what
// people of the log went on to like, and what is tried.
var (
	tuned   = []string{"neighbourhood"}
	weights = []float32{0, .05, .1, .2, .5, 1, 2}
)

// fusion chooses the weights on the choosing part, by NDCG@10 of the fused order.
// One that is not better by a standard error of the difference changes nothing.
// The pages that everything after it learns from and is judged on are put in the
// new order.
func (t *training) fusion(ctx context.Context) error {
	t.fused = rank.Fusion{}
	for _, name := range tuned {
		var choosing []group
		for _, g := range t.groups {
			if !g.moment.judge && slices.Contains(g.sources, name) {
				choosing = append(choosing, g)
			}
		}
		old := t.house.Weight(name)
		if len(choosing) == 0 || old < 0 {
			continue
		}
		plain, err := t.ndcg(ctx, choosing, func(g *group) []uint32 { return t.arranged(g, nil, 0) })
		if err != nil {
			return err
		}
		best, bestGain := old, 0.0
		for _, w := range weights {
			got, err := t.ndcg(ctx, choosing, func(g *group) []uint32 {
				again := g.fusedBy(name, w-old)
				return t.arranged(&again, nil, 0)
			})
			if err != nil {
				return err
			}
			for i := range got {
				got[i] -= plain[i]
			}
			if gain := mean(got); gain > bestGain && gain > deviation(choosing, got) {
				best, bestGain = w, gain
			}
		}
		t.note("fused by rank, the source %s weighs %g (of %v): NDCG@10 %.4f, with %g %.4f", name, best, weights, mean(plain)+bestGain, old, mean(plain))
		if best == old {
			continue
		}
		t.fused[name] = best
		for i := range t.groups {
			t.groups[i] = t.groups[i].fusedBy(name, best-old)
		}
	}
	return nil
}

// fusedBy is a page whose candidates are fused anew, with more weight on a source.
func (g *group) fusedBy(source string, more float32) group {
	s := slices.Index(g.sources, source)
	out := *g
	out.cands = slices.Clone(g.cands)
	for i := range out.cands {
		for _, f := range out.cands[i].From {
			if int(f.Source) == s {
				out.cands[i].Score += surface.Fused(more, int(f.Rank))
			}
		}
	}
	slices.SortStableFunc(out.cands, func(a, b bowerbird.Candidate) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	return out
}
