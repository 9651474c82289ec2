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
)

// learned reorders the hybrid's candidates by a linear model. It learns from --train-queries and --train-qrels if there
// are any, else by cross-validation over the judged queries: each is ordered by a model that has not seen its fold. The
// system meant also sees what queries ask for.
func (c *evalSearchCmd) learned(a *app, b *searchBench, system string) (*eval.Run, error) {
	var x *intents
	if system == "meant" {
		if b.set.says == nil {
			return nil, usagef("--systems meant: name what documents say of themselves with --says")
		}
		x = newIntents(b.set)
	}
	pools, groups, err := b.pools(a, b.set.queries, b.set.qrels, x)
	if err != nil {
		return nil, err
	}
	run := &eval.Run{Name: system}
	if c.TrainQueries != "" {
		q, err := readQrelsFile(c.TrainQrels)
		if err != nil {
			return nil, err
		}
		queries, err := readQueries(c.TrainQueries)
		if err != nil {
			return nil, err
		}
		_, train, err := b.pools(a, queries, q, x)
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
		b.notes = append(b.notes, fmt.Sprintf("%s is fitted to %d other queries", system, len(train)))
		return run, nil
	}
	folds := c.Folds
	if len(groups) < 2*folds {
		return nil, fmt.Errorf("%s: %d judged queries are too few for %d folds", system, len(groups), folds)
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
	b.notes = append(b.notes, fmt.Sprintf("%s is fitted to judgments, by cross-validation in %d folds", system, folds))
	return run, nil
}

func (b *searchBench) pools(a *app, queries []searchQuery, q *eval.Qrels, x *intents) (pools []*fuse.Pool, groups []fuse.Group, err error) {
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
		if x != nil {
			more, err := x.columns(a.ctx, query.Text, p.Docs)
			if err != nil {
				return nil, nil, err
			}
			for j := range p.Docs {
				p.Features[j] = append(p.Features[j], more[j]...)
			}
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
