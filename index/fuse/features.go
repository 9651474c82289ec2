package fuse

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

// FeatureNames are the features that Candidates fills, in order. Whoever knows more of a document (clicks, saves, age,
// price, the person's taste) appends to the rows and learns all of it with FitLinear.
var FeatureNames = []string{
	"words",                 // BM25F, as a share of the best
	"words per idf",         // BM25F, as a share of the idf of the query: how well it is answered at all
	"meaning",               // cosine with the moved query
	"meaning where silent",  // the same times 1 − coverage
	"standard",              // the hybrid's own score
	"place by words",        // 1/(1 + place/10), 0 if not found by words
	"place by meaning",      // 1/(1 + place/10)
	"agreement",             // product of the two places
	"meaning of short ones", // cosine / number of clauses
}

// Pool is the candidates of one query, with a row of features each.
type Pool struct {
	Docs     []uint32
	Features [][]float64
}

// Candidates returns what a search would choose from: the Depth best by words and by meaning, by the hybrid's score.
func (h *Hybrid) Candidates(ctx context.Context, q Query, o Options) (*Pool, error) {
	if o.K < 0 {
		return nil, fmt.Errorf("fuse: K: %d is negative", o.K)
	}
	o.K = cmp.Or(o.K, 10)
	g, err := h.gather(ctx, q, o, true)
	if err != nil {
		return nil, err
	}
	_, known, _ := h.weigh(q.Words)
	hits := g.rank(mix{words: 1, meaning: max(0, cmp.Or(h.Weight, 1)), gated: true}, len(g.docs))
	words := places(hits, func(h Hit) float64 { return h.Words })
	meaning := places(hits, func(h Hit) float64 { return h.Meaning })
	p := &Pool{}
	for i, d := range hits {
		share := 0.0
		if g.top > 0 {
			share = d.Words / g.top
		}
		p.Docs = append(p.Docs, d.Doc)
		p.Features = append(p.Features, []float64{
			share, d.Words / math.Max(known, 1e-9), d.Meaning, (1 - g.coverage) * d.Meaning, d.Score,
			words[i], meaning[i], words[i] * meaning[i], d.Meaning / math.Max(1, float64(g.clauses)),
		})
	}
	return p, nil
}

// places turns a value into 1/(1 + place/10), with 0 for documents that lack it.
func places(hits []Hit, value func(Hit) float64) []float64 {
	order, out := make([]int, len(hits)), make([]float64, len(hits))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(value(hits[b]), value(hits[a])) })
	for place, i := range order {
		if value(hits[i]) > 0 {
			out[i] = 1 / (1 + float64(place)/10)
		}
	}
	return out
}
