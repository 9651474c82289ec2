package retrieve

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"bowerbird"
	"bowerbird/index/postings"
	"bowerbird/text"
)

// Words as a search engine: what a query asks for, all that matches it, and how
// well an item does.

// parse reads the request's words, after correction.
func (v *Words) parse(r *bowerbird.Request) (text.Query, error) {
	p, err := v.m.Parse(r.Words(), text.ParseOptions{Lenient: true})
	if err != nil {
		return p, fmt.Errorf("retrieve: words: query: %w", err)
	}
	v.dropStops(&p)
	return p, nil
}

// dropStops leaves out words that no item has and that some language never indexes:
// where several languages are read, "der" of a German query may have been read as
// English, in which it would be a word to look for.
func (v *Words) dropStops(p *text.Query) {
	if len(v.m.Languages()) == 1 {
		return
	}
	ix := v.index()
	kept := slices.DeleteFunc(slices.Clone(p.Clauses), func(c text.Clause) bool {
		if c.Occur != text.Should || c.Prefix || len(c.Terms) != 1 || ix.DocFreq(c.Terms[0]) > 0 || !v.m.Stops(p.Text[c.Start:c.End]) {
			return false
		}
		return !slices.ContainsFunc(c.Alternatives, func(f []string) bool { return len(f) > 1 || ix.DocFreq(f[0]) > 0 })
	})
	if len(kept) > 0 {
		p.Clauses = kept
	}
}

// query is what the request asks of the index.
func (v *Words) query(r *bowerbird.Request) (postings.Query, error) {
	p, err := v.parse(r)
	if err != nil {
		return postings.Query{}, err
	}
	q := queryOf(p)
	if r.Search.Matching != bowerbird.MatchAny {
		require(&q, r.Match.Loose)
	}
	return q, nil
}

// queryOf turns a parsed query into one of the index.
func queryOf(p text.Query) postings.Query {
	var q postings.Query
	for _, c := range p.Clauses {
		pc := postings.Clause{Any: []postings.Leaf{{Terms: c.Terms, Slots: c.Slots, Prefix: c.Prefix}}}
		switch c.Occur {
		case text.Must:
			pc.Occur = postings.Must
		case text.MustNot:
			pc.Occur = postings.MustNot
		}
		for _, alt := range c.Alternatives {
			pc.Any = append(pc.Any, postings.Leaf{Terms: alt, Boost: .7})
		}
		q.Clauses = append(q.Clauses, pc)
	}
	return q
}

// require makes every clause a Must but those that were given up.
func require(q *postings.Query, loose []int) {
	for i := range q.Clauses {
		c := &q.Clauses[i]
		if c.Occur == postings.Should && !slices.Contains(loose, i) {
			c.Occur = postings.Must
		}
	}
	if len(loose) > 0 && !slices.ContainsFunc(q.Clauses, func(c postings.Clause) bool { return c.Occur == postings.Must }) {
		q.MinShould = 1
	}
}

// asks tells whether a query has anything to look for, beside what it excludes.
func asks(q *postings.Query) bool {
	return slices.ContainsFunc(q.Clauses, func(c postings.Clause) bool { return c.Occur != postings.MustNot })
}

// Browses tells whether a search asks for no words: then everything matches, less
// what is excluded.
func (v *Words) Browses(r *bowerbird.Request) bool {
	if r.Query == "" {
		return true
	}
	q, err := v.query(r)
	return err == nil && len(q.Clauses) > 0 && !asks(&q)
}

// search finds the n best items for the request's words, down to its least score.
func (v *Words) search(ctx context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	if len(r.Search.Sort) > 0 || Blended(r) {
		return dst, nil // the business of other sources
	}
	if r.Match.Hybrid != nil {
		return v.hybrid(ctx, r, n, dst)
	}
	q, err := v.query(r)
	if err != nil || !asks(&q) {
		return dst, err
	}
	o := postings.SearchOptions{K: n, Within: r.Match.Items}
	if !r.Match.Exact {
		o.Filter = func(doc uint32) bool { return pass(r, bowerbird.ItemID(doc)) }
	}
	if r.Search.Distinct != "" && v.Group != nil {
		group := v.Group(r.Search.Distinct)
		o.Group = func(doc uint32) uint64 { return group(bowerbird.ItemID(doc)) }
	}
	hits, err := v.index().Search(ctx, q, o)
	if err != nil {
		return dst, fmt.Errorf("retrieve: words: %w", err)
	}
	least, most := float32(0), v.most(&q)
	for i, h := range hits {
		x := relative(h.Score, most)
		if i == 0 {
			least = max(r.Search.Threshold, r.Search.Cutoff*x)
		}
		if x < least {
			break
		}
		dst = append(dst, bowerbird.Hit{Item: bowerbird.ItemID(h.Doc), Score: x, Why: bowerbird.Reason{Kind: bowerbird.BecauseQuery}})
	}
	return dst, nil
}

// most is the score that no item can reach: every word matched, so often that
// more would add nothing. In BM25F a word adds boost · idf · tf' / (k1 + tf'),
// so it is the sum of boost · idf. What nothing matches counts with its whole
// idf: an item cannot be fully relevant if a word is missing everywhere. A prefix
// counts as a word that an item in a thousand holds.
func (v *Words) most(q *postings.Query) float64 {
	ix := v.index()
	n := float64(ix.Docs())
	idf := func(df float64) float64 { return math.Log(1 + (max(n, df)-df+.5)/(df+.5)) }
	sum := 0.0
	for _, c := range q.Clauses {
		if c.Occur == postings.MustNot {
			continue
		}
		best := 0.0
		for _, l := range c.Any {
			x := 0.0
			for _, t := range l.Terms {
				df := float64(ix.DocFreq(t))
				if l.Prefix {
					df = max(df, n/1000)
				}
				x += idf(df)
			}
			best = max(best, x*or1(l.Boost))
		}
		sum += best * or1(c.Boost)
	}
	return sum
}

func or1(x float64) float64 {
	if x == 0 {
		return 1
	}
	return x
}

// relative is a score as a part of the greatest possible, 0 to 1: comparable
// between queries.
func relative(score, most float64) float32 {
	if most <= 0 {
		return 0
	}
	return float32(max(0, min(1, score/most)))
}

// Match returns the items of a set that match the request's words; of a request
// without words all of them but what is excluded. Words of which nothing is left,
// as stop words alone, match nothing. It does not write to the set.
func (v *Words) Match(ctx context.Context, r *bowerbird.Request, set *roaring.Bitmap) (*roaring.Bitmap, error) {
	if r.Query == "" {
		return set.Clone(), nil
	}
	q, err := v.query(r)
	switch {
	case err != nil:
		return nil, err
	case len(q.Clauses) == 0:
		return roaring.New(), nil
	case asks(&q):
		return v.match(ctx, q, set)
	}
	for i := range q.Clauses {
		q.Clauses[i].Occur = postings.Should
	}
	out, err := v.match(ctx, q, set)
	if err != nil {
		return nil, err
	}
	return roaring.AndNot(set, out), nil
}

func (v *Words) match(ctx context.Context, q postings.Query, set *roaring.Bitmap) (*roaring.Bitmap, error) {
	out, err := v.index().Match(ctx, q, postings.SearchOptions{Within: set})
	if err != nil {
		return nil, fmt.Errorf("retrieve: words: %w", err)
	}
	return out, nil
}

// Above narrows a set of matching items to those whose relevance reaches what the
// request sets, among the best 100,000.
func (v *Words) Above(ctx context.Context, r *bowerbird.Request, set *roaring.Bitmap) (*roaring.Bitmap, error) {
	s := &r.Search
	if s.Threshold <= 0 && s.Cutoff <= 0 || v.Browses(r) {
		return set, nil
	}
	hits, err := v.Relevance(ctx, r, set, postings.MaxK)
	if err != nil {
		return nil, err
	}
	out := roaring.New()
	for _, h := range hits {
		if h.Score < max(s.Threshold, s.Cutoff*hits[0].Score) {
			break
		}
		out.Add(uint32(h.Item))
	}
	return out, nil
}

// Relevance scores items of a set by the request's words, the n best first: the
// part of the greatest possible BM25F score that each reaches, 0 to 1. Without
// words there is nothing to miss, and all score 1, by id.
func (v *Words) Relevance(ctx context.Context, r *bowerbird.Request, set *roaring.Bitmap, n int) ([]bowerbird.Hit, error) {
	var out []bowerbird.Hit
	if v.Browses(r) {
		for it := set.Iterator(); it.HasNext() && len(out) < n; {
			out = append(out, bowerbird.Hit{Item: bowerbird.ItemID(it.Next()), Score: 1})
		}
		return out, nil
	}
	q, err := v.query(r)
	if err != nil || len(q.Clauses) == 0 || set.IsEmpty() || n <= 0 {
		return nil, err
	}
	hits, err := v.index().Search(ctx, q, postings.SearchOptions{K: int(min(set.GetCardinality(), uint64(n), postings.MaxK)), Within: set})
	if err != nil {
		return nil, fmt.Errorf("retrieve: words: %w", err)
	}
	most := v.most(&q)
	for _, h := range hits {
		out = append(out, bowerbird.Hit{Item: bowerbird.ItemID(h.Doc), Score: relative(h.Score, most), Why: bowerbird.Reason{Kind: bowerbird.BecauseQuery}})
	}
	return out, nil
}

// Relax finds which words to give up so that something in the set matches: the
// last first, or the most frequent. It returns their places in the query; nil if
// nothing needs to be given up, or all would have to be.
//
// Cost: a search for one item for each word given up.
func (v *Words) Relax(ctx context.Context, r *bowerbird.Request, set *roaring.Bitmap) ([]int, error) {
	if r.Search.Matching < bowerbird.MatchLast {
		return nil, nil
	}
	p, err := v.parse(r)
	if err != nil {
		return nil, err
	}
	order := v.giveUp(p, r.Search.Matching)
	for n := range order {
		q := queryOf(p)
		require(&q, order[:n])
		hits, err := v.index().Search(ctx, q, postings.SearchOptions{K: 1, Within: set})
		if err != nil {
			return nil, fmt.Errorf("retrieve: words: %w", err)
		}
		if len(hits) > 0 {
			return slices.Sorted(slices.Values(order[:n])), nil
		}
	}
	return nil, nil
}

// giveUp lists the places of the words in the order in which they are given up.
func (v *Words) giveUp(p text.Query, m bowerbird.Matching) []int {
	var order []int
	for i := len(p.Clauses) - 1; i >= 0; i-- {
		if p.Clauses[i].Occur == text.Should {
			order = append(order, i)
		}
	}
	if m == bowerbird.MatchFrequency {
		ix := v.index()
		df := func(i int) int {
			least := math.MaxInt
			for _, t := range p.Clauses[i].Terms {
				least = min(least, ix.DocFreq(t))
			}
			return least
		}
		slices.SortStableFunc(order, func(a, b int) int { return df(b) - df(a) })
	}
	return order
}

// Loosened are the words that were given up, as they were typed.
func (v *Words) Loosened(r *bowerbird.Request) []string {
	p, err := v.parse(r)
	if err != nil {
		return nil
	}
	var out []string
	for _, i := range r.Match.Loose {
		if i < len(p.Clauses) {
			out = append(out, p.Text[p.Clauses[i].Start:p.Clauses[i].End])
		}
	}
	return out
}

// Check refuses what is no query: invalid UTF-8, control characters and, if
// strict, a quote that is not closed. The error is a *text.ParseError.
func (v *Words) Check(query string, strict bool) error {
	_, err := v.m.Parse(query, text.ParseOptions{})
	if err != nil && !strict {
		if _, closed := v.m.Parse(query+`"`, text.ParseOptions{}); closed == nil { // nothing but the quote was wrong
			return nil
		}
	}
	return err
}

// Highlighter returns what finds the request's words in a text.
func (v *Words) Highlighter(r *bowerbird.Request) (func(s string) []text.Span, error) {
	p, err := v.parse(r)
	if err != nil {
		return nil, err
	}
	wants := p.Wants()
	return func(s string) []text.Span { return v.m.Highlight(s, wants) }, nil
}

// Explain says how the request's words score one item, clause by clause: the
// index's own explanation, the words of each clause, and the score of which the
// relevance is a part.
func (v *Words) Explain(r *bowerbird.Request, x bowerbird.ItemID) (e *postings.Explanation, typed []string, most float64, err error) {
	p, err := v.parse(r)
	if err != nil {
		return nil, nil, 0, err
	}
	q, err := v.query(r)
	if err != nil {
		return nil, nil, 0, err
	}
	if e, err = v.index().Explain(q, uint32(x), postings.SearchOptions{}); err != nil {
		return nil, nil, 0, fmt.Errorf("retrieve: words: %w", err)
	}
	for _, c := range p.Clauses {
		typed = append(typed, p.Text[c.Start:c.End])
	}
	return e, typed, v.most(&q), nil
}

// Explaining prepares Explain for many items of one request: it returns what
// explains an item, the number of the query's clauses, and the greatest possible
// score.
func (v *Words) Explaining(r *bowerbird.Request) (explain func(x bowerbird.ItemID) (*postings.Explanation, error), clauses int, most float64, err error) {
	q, err := v.query(r)
	if err != nil {
		return nil, 0, 0, err
	}
	ix := v.index()
	return func(x bowerbird.ItemID) (*postings.Explanation, error) {
		return ix.Explain(q, uint32(x), postings.SearchOptions{})
	}, len(q.Clauses), v.most(&q), nil
}

// Holding is in how many items a word stands, in the language in which most do.
func (v *Words) Holding(word string) int {
	most := 0
	for _, l := range append(v.m.Languages(), "none") {
		n := math.MaxInt
		for _, t := range v.m.For(l).Terms(word) {
			n = min(n, v.index().DocFreq(t))
		}
		if n < math.MaxInt {
			most = max(most, n)
		}
	}
	return most
}

// Blended tells whether a search goes by more than its words: by meaning, or by a
// mixture.
func Blended(r *bowerbird.Request) bool { return r.Search.Semantic > 0 || len(r.Search.Mix) > 0 }
