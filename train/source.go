package train

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"bowerbird"
	"bowerbird/model"
)

// source is the one that orders pages best alone, on the choosing part.
type source struct {
	name   string
	ndcg   float64
	ranker *model.Logistic // its order, and nothing else
}

// alike are the sources whose order hardly depends on what a person has done. One
// of them may be the best where there is little to tell by, but a page that it
// orders would not answer the next save.
var alike = []string{"popular", "trending", "fresh", "followed"}

// bestSource finds it and returns its NDCG@10 of each page; nil if no source's
// order can be served.
func (t *training) bestSource(ctx context.Context, all *rows, groups []group) ([]float64, error) {
	if len(groups) == 0 {
		return nil, nil
	}
	var best []float64
	for _, name := range groups[0].sources {
		if slices.Contains(alike, name) {
			continue
		}
		got, err := t.ndcg(ctx, groups, func(g *group) []uint32 { return g.by(name) })
		if err != nil {
			return nil, err
		}
		if best != nil && mean(got) <= mean(best) {
			continue
		}
		l, err := t.order1(ctx, all, name)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil {
			best, t.single = got, &source{name, mean(got), l}
		}
	}
	if t.single != nil {
		t.note("the best source alone: %s, NDCG@10 %.4f", t.single.name, t.single.ndcg)
	}
	return best, nil
}

// order1 is a ranker that keeps one source's order: its rank's column alone, with a
// positive weight.
func (t *training) order1(ctx context.Context, all *rows, name string) (*model.Logistic, error) {
	column := name + ".rank"
	l, err := t.logistic(ctx, all, func(c string) bool { return c == column })
	if err != nil {
		return nil, err
	}
	if w, _ := l.Weights(); !slices.Contains(t.features, column) || !(w[slices.Index(t.features, column)] > 0) {
		return nil, fmt.Errorf("what %s finds first is liked no more than the rest", name)
	}
	return l, nil
}

// by is the page in one source's order; what it did not find follows, as fused.
func (g *group) by(name string) []uint32 {
	at := slices.Index(g.sources, name)
	rank := func(c bowerbird.Candidate) int {
		for _, f := range c.From {
			if int(f.Source) == at {
				return int(f.Rank)
			}
		}
		return 1 << 20
	}
	c := slices.Clone(g.cands)
	slices.SortStableFunc(c, func(a, b bowerbird.Candidate) int { return cmp.Compare(rank(a), rank(b)) })
	out := make([]uint32, min(25, len(c)))
	for i := range out {
		out[i] = uint32(c[i].Item)
	}
	return out
}
