package fuse

import (
	"cmp"
	"slices"

	"bowerbird/index/postings"
)

// Expansion is pseudo-relevance feedback by words, RM3 (Abdul-Jaleel et al., TREC 2004): the query is mixed with the
// words of its own best documents. The zero value works.
type Expansion struct {
	Docs     int     // best documents that are believed; 0 means 10
	Terms    int     // words taken from them; 0 means 20
	Original float64 // share of the query's own words; 0 means .7
	Common   float64 // words that stand in more than this share of all documents are not taken; 0 means .1
}

// Expand returns the expanded query of some terms, after a first search; termsOf gives the analysed terms of a document,
// docFreq and docs are the index's. With w_d the score of d as a share of the sum over the best documents, a word has
// the weight
//
//	Original · tf_query/|query| + (1 − Original) · Σ_d w_d · tf_d/|d|
//
// where the second part is cut to the Terms best words and scaled to sum 1.
func (e Expansion) Expand(terms []string, first []Scored, termsOf func(doc uint32) []string, docFreq func(term string) int, docs int) postings.Query {
	n, most := cmp.Or(e.Docs, 10), cmp.Or(e.Terms, 20)
	own, common := cmp.Or(e.Original, .7), cmp.Or(e.Common, .1)*float64(docs)
	weight := make(map[string]float64)
	for _, t := range terms {
		weight[t] += own / float64(len(terms))
	}
	total := 0.0
	first = first[:min(n, len(first))]
	for _, h := range first {
		total += h.Score
	}
	if !(total > 0) { // scores that say nothing
		first = nil
	}
	words := make(map[string]float64)
	for _, h := range first {
		all := termsOf(h.Doc)
		for _, t := range all {
			words[t] += h.Score / total / float64(len(all))
		}
	}
	best := make([]string, 0, len(words))
	for t := range words {
		if float64(docFreq(t)) <= common {
			best = append(best, t)
		}
	}
	slices.SortFunc(best, func(a, b string) int { return cmp.Or(cmp.Compare(words[b], words[a]), cmp.Compare(a, b)) })
	best = best[:min(most, len(best))]
	total = 0
	for _, t := range best {
		total += words[t]
	}
	for _, t := range best {
		weight[t] += (1 - own) * words[t] / total
	}
	var q postings.Query
	for _, t := range append(slices.Clone(terms), best...) {
		if w := weight[t]; w > 0 && len(q.Clauses) < postings.MaxClauses {
			q.Clauses = append(q.Clauses, postings.Clause{Any: []postings.Leaf{{Terms: []string{t}}}, Boost: w})
			delete(weight, t)
		}
	}
	return q
}
