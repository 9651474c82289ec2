package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"bowerbird/eval"
	"bowerbird/index/fuse"
)

const (
	learnedDepth = 100 // candidates of words and of meaning that are reordered
	folds        = 5
)

// learned reorders the hybrid's candidates by a linear model. It learns from --train-queries and --train-qrels if there
// are any, else by cross-validation over the judged queries: each is ordered by a model that has not seen its fold.
func (c *evalSearchCmd) learned(a *app, b *searchBench) (*eval.Run, error) {
	pools, groups, err := b.pools(a, b.set.queries, b.set.qrels)
	if err != nil {
		return nil, err
	}
	run := &eval.Run{Name: "learned"}
	if c.TrainQueries != "" {
		q, err := readQrelsFile(c.TrainQrels)
		if err != nil {
			return nil, err
		}
		queries, err := readQueries(c.TrainQueries)
		if err != nil {
			return nil, err
		}
		_, train, err := b.pools(a, queries, q)
		if err != nil {
			return nil, err
		}
		l, err := fuse.FitLinear(a.ctx, train, fuse.LinearOptions{})
		if err != nil {
			return nil, err
		}
		for i, g := range groups {
			run.Add(g.Query, b.reorder(pools[i], l))
		}
		b.notes = append(b.notes, fmt.Sprintf("learned is fitted to %d other queries", len(train)))
		return run, nil
	}
	if len(groups) < 2*folds {
		return nil, fmt.Errorf("learned: %d judged queries are too few for %d folds", len(groups), folds)
	}
	fold := rand.New(rand.NewPCG(c.Seed, 0xf01d)).Perm(len(groups))
	for f := range folds {
		var train []fuse.Group
		for i, g := range groups {
			if fold[i]%folds != f {
				train = append(train, g)
			}
		}
		l, err := fuse.FitLinear(a.ctx, train, fuse.LinearOptions{})
		if err != nil {
			return nil, err
		}
		for i, g := range groups {
			if fold[i]%folds == f {
				run.Add(g.Query, b.reorder(pools[i], l))
			}
		}
	}
	b.notes = append(b.notes, fmt.Sprintf("learned is fitted to judgments, by cross-validation in %d folds; the others never see a judgment", folds))
	return run, nil
}

func (b *searchBench) pools(a *app, queries []searchQuery, q *eval.Qrels) (pools []*fuse.Pool, groups []fuse.Group, err error) {
	for i, query := range queries {
		grades := q.Grades[query.ID]
		if grades == nil {
			continue
		}
		a.ui.step("features", int64(i), int64(len(queries)))
		terms := b.analyzer.Terms(query.Text)
		p, err := b.hybrid.Candidates(a.ctx, fuse.Query{Words: fuse.Bag(terms), Vector: b.vector(query.Text)}, fuse.Options{K: learnedDepth})
		if err != nil {
			return nil, nil, err
		}
		g := fuse.Group{Query: query.ID, Features: p.Features}
		for j, d := range p.Docs {
			p.Features[j] = append(p.Features[j], b.headShare(terms, d))
			g.Grades = append(g.Grades, max(0, float64(grades[b.set.ids[d]])))
		}
		pools, groups = append(pools, p), append(groups, g)
	}
	return pools, groups, nil
}

// headShare is a feature that the hybrid does not know: the share of the query's words among a document's first twelve,
// which are its title where it has one.
func (b *searchBench) headShare(terms []string, doc uint32) float64 {
	head, n := b.terms[doc][:min(12, len(b.terms[doc]))], 0
	for _, t := range terms {
		if slices.Contains(head, t) {
			n++
		}
	}
	return float64(n) / float64(max(1, len(terms)))
}

func (b *searchBench) reorder(p *fuse.Pool, r fuse.Ranker) []eval.Ranked {
	out := make([]eval.Ranked, len(p.Docs))
	for i, d := range p.Docs {
		out[i] = eval.Ranked{Doc: b.set.ids[d], Score: r.Score(p.Features[i])}
	}
	slices.SortStableFunc(out, func(x, y eval.Ranked) int { return cmp.Compare(y.Score, x.Score) })
	return out
}
