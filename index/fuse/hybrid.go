package fuse

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"bowerbird/index"
	"bowerbird/index/postings"
	"bowerbird/internal/vec"
)

// Hybrid searches by words and by meaning. It is safe for concurrent use while its fields do not change.
//
// A document d scores
//
//	words(d)/max words + Weight · ((1 − s)·cos(q', d) + s·c)    s = coverage · held(d)²
//
// where held is the share of the query, by idf, that the document holds, coverage the mean of it over the ten best
// documents by words, and c the greatest cosine of any candidate. So a document that holds the query is taken to mean it,
// as far as words can be trusted with this query at all: where ten documents hold everything, those that do stand first, in
// the order of their words, and meaning orders the others. Where words find little, the cosine counts in full.
//
// q' is the query's vector moved half of the way towards the five best documents of a first round (pseudo-relevance feedback
// after Rocchio, 1971, in the space of vectors), so that meaning is taken from documents and not only from a few words.
//
// A document without a word of the query is left out if its cosine is below coverage/2 of the median of those ten: where
// words have found what was meant, what is listed behind them must be of its kind.
//
// A search costs one search by words, two by vectors, a match of each clause among the candidates, and Depth·2 inner products.
type Hybrid struct {
	Words   *postings.Index
	Vectors index.Index // inner product or cosine, of vectors of length 1
	Settings

	// Silent tells of documents that have no words, so that only their vector can find them, however much of the query
	// others hold; nil: there are none. Nothing is the vector of a document of which nothing is known: a silent document
	// is found where it is nearer to the query than that, and meaning then weighs at least silentShare.
	Silent  func(doc uint32) bool
	Nothing []float32
}

// Settings are what Tune finds out. The zero value is the standard without a cut-off.
type Settings struct {
	Weight float64 `json:"weight"` // of meaning; 0 means 1, negative: words alone
	Floor  *Floor  `json:"floor"`  // below which a result is empty; nil: none
	Depth  int     `json:"depth"`  // candidates of words and of meaning each; 0 means 200, and never less than K
}

const (
	feedback     = 5  // documents that move the query's vector
	moved        = .5 // how far
	coverageOver = 10 // documents
	silentShare  = .5 // of meaning, at least, for documents without words
	nearEnough   = .5 // of the median cosine of what words found, for what holds no word
)

// Query is what is searched for. Without a Vector it is a search by words; without clauses, one by meaning.
type Query struct {
	Words  postings.Query
	Vector []float32 // of length 1
}

// Options narrow a search.
type Options struct {
	K      int             // 0 means 10
	Within *roaring.Bitmap // only these documents; nil means all
	Filter func(doc uint32) bool
	// Ratio sets the balance instead of the settings: 0 is words alone, 1 meaning alone, as Meilisearch's semanticRatio.
	Ratio *float64
}

// Hit is a document with the parts of its score.
type Hit struct {
	Doc     uint32
	Score   float64
	Words   float64 // BM25F; 0 if no word was found in it
	Meaning float64 // cosine with the moved query; 0 without a vector
	Held    float64 // share of the query, by idf, that it holds
	Silent  bool    // it has no words
}

// Result is a search's answer.
type Result struct {
	Hits     []Hit
	Coverage float64 // share of the query, by idf, in the best documents by words
	Best     float64 // the same of the best document, with words that no document holds counted as missing
	Nearest  float64 // the greatest cosine of the query itself
	Share    float64 // weight of meaning in this query's scores
	Most     float64 // the greatest score that a document can have here
	Quality  float64 // what Floor makes of these: the odds, as a probability, that something here is meant; 1 without one
	Empty    bool    // Quality lies below the floor: better show nothing. Hits are there all the same.
}

// Search returns the K best documents. Errors are those of the searches, or say which option is wrong.
func (h *Hybrid) Search(ctx context.Context, q Query, o Options) (*Result, error) {
	if o.Ratio != nil && !(*o.Ratio >= 0 && *o.Ratio <= 1) {
		return nil, fmt.Errorf("fuse: ratio %v: want 0 to 1", *o.Ratio)
	}
	if o.K < 0 {
		return nil, fmt.Errorf("fuse: K: %d is negative", o.K)
	}
	if o.K == 0 {
		o.K = 10
	}
	weight := max(0, cmp.Or(h.Weight, 1))
	if o.Ratio != nil {
		weight = *o.Ratio
	}
	g, err := h.gather(ctx, q, o, weight > 0 || h.Floor != nil || h.Silent != nil)
	if err != nil {
		return nil, err
	}
	r := &Result{Coverage: g.coverage, Best: g.best, Nearest: g.nearest, Quality: 1}
	m := mix{words: 1, meaning: weight, gated: true}
	if o.Ratio != nil && len(q.Vector) > 0 && h.Vectors != nil && h.Vectors.Len() > 0 {
		m = mix{words: 1 - *o.Ratio, meaning: *o.Ratio}
	}
	r.Share, r.Most = m.meaning, cmp.Or(m.words+m.meaning*g.greatest, 1)
	r.Hits = g.rank(m, o.K)
	if h.Floor != nil {
		r.Quality = h.Floor.quality(g)
		r.Empty = r.Quality < h.Floor.Least
	}
	return r, nil
}

// gathered is what the searches found of one query, before weights.
type gathered struct {
	docs     []Hit // Words, Held and Meaning filled, those that words brought first
	top      float64
	coverage float64
	best     float64
	nearest  float64
	greatest float64 // cosine of any candidate with the moved query
	typical  float64 // the median of the best by words
	nothing  float64 // cosine of the moved query with what is known of nothing
	clauses  int
}

// mix is how words and meaning are weighed.
type mix struct {
	words, meaning float64
	gated          bool // by what words have said
}

func (g *gathered) rank(m mix, k int) []Hit {
	out := make([]Hit, 0, len(g.docs))
	for _, d := range g.docs {
		weight, near := m.meaning, d.Meaning
		if m.gated {
			said := g.coverage * d.Held * d.Held
			near = (1-said)*near + said*g.greatest
		}
		switch {
		case d.Silent:
			if weight = max(weight, silentShare*m.words); d.Meaning <= g.nothing {
				continue
			}
		case d.Words == 0 && (weight <= 0 || m.gated && d.Meaning < nearEnough*g.coverage*g.typical):
			continue
		}
		d.Score = weight * near
		if g.top > 0 {
			d.Score += m.words * d.Words / g.top
		}
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b Hit) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Doc, b.Doc)) })
	return out[:min(k, len(out))]
}

func (h *Hybrid) gather(ctx context.Context, q Query, o Options, meaning bool) (*gathered, error) {
	depth := max(cmp.Or(h.Depth, 200), o.K)
	g := &gathered{clauses: len(q.Words.Clauses)}
	var found []postings.Hit
	var err error
	if len(q.Words.Clauses) > 0 {
		if found, err = h.Words.Search(ctx, q.Words, postings.SearchOptions{K: depth, Within: o.Within, Filter: o.Filter}); err != nil {
			return nil, err
		}
	}
	for _, f := range found {
		g.docs = append(g.docs, Hit{Doc: f.Doc, Words: f.Score})
		g.top = max(g.top, f.Score)
	}
	if err := h.cover(ctx, g, q.Words); err != nil {
		return nil, err
	}
	if len(q.Vector) == 0 || h.Vectors == nil || h.Vectors.Len() == 0 || !meaning {
		return g, nil
	}
	near, err := h.Vectors.Search(q.Vector, depth, index.Options{Within: o.Within, Filter: o.Filter})
	if err != nil {
		return nil, fmt.Errorf("fuse: nearest: %w", err)
	}
	if len(near) > 0 {
		g.nearest = float64(near[0].Score)
	}
	if err := h.join(ctx, g, q, near); err != nil {
		return nil, err
	}
	h.compare(g, q.Vector)
	words, share := 1.0, 1-g.coverage
	if o.Ratio != nil {
		words, share = 1-*o.Ratio, *o.Ratio
	}
	second := h.move(g.rank(mix{words: words, meaning: share}, feedback), q.Vector)
	if near, err = h.Vectors.Search(second, depth, index.Options{Within: o.Within, Filter: o.Filter}); err != nil {
		return nil, fmt.Errorf("fuse: nearest: %w", err)
	}
	if h.Silent != nil {
		mute, err := h.Vectors.Search(second, depth, index.Options{Within: o.Within, Filter: func(doc uint32) bool {
			return h.Silent(doc) && (o.Filter == nil || o.Filter(doc))
		}})
		if err != nil {
			return nil, fmt.Errorf("fuse: nearest without words: %w", err)
		}
		near = append(near, mute...)
	}
	if err := h.join(ctx, g, q, near); err != nil {
		return nil, err
	}
	h.compare(g, second)
	g.measure(len(found))
	return g, nil
}

// measure finds what cosines are worth here: the greatest, and the median of the best that words found.
func (g *gathered) measure(found int) {
	var best []float64
	for i, d := range g.docs {
		g.greatest = max(g.greatest, d.Meaning)
		if i < min(found, coverageOver) {
			best = append(best, d.Meaning)
		}
	}
	if len(best) > 0 {
		slices.Sort(best)
		g.typical = best[len(best)/2]
	}
}

// cover measures how much of the query the documents by words hold.
func (h *Hybrid) cover(ctx context.Context, g *gathered, q postings.Query) error {
	_, known, all := h.weigh(q)
	if known == 0 {
		return nil
	}
	if err := h.hold(ctx, q, g.docs); err != nil {
		return err
	}
	for _, d := range g.docs[:min(coverageOver, len(g.docs))] {
		g.coverage += d.Held
		g.best = max(g.best, min(1, d.Held*known/all))
	}
	g.coverage /= coverageOver
	return nil
}

// hold fills in how much of the query each of the documents holds. One that holds all holds exactly 1: its weights are
// added up in the order in which they were added up for the query.
func (h *Hybrid) hold(ctx context.Context, q postings.Query, docs []Hit) error {
	weights, known, _ := h.weigh(q)
	if known == 0 || len(docs) == 0 {
		return nil
	}
	all := roaring.New()
	at := make(map[uint32]int, len(docs))
	for i := range docs {
		all.Add(docs[i].Doc)
		at[docs[i].Doc] = i
	}
	for i, c := range q.Clauses {
		if weights[i] == 0 {
			continue
		}
		c.Occur = postings.Should
		m, err := h.Words.Match(ctx, postings.Query{Clauses: []postings.Clause{c}}, postings.SearchOptions{Within: all})
		if err != nil {
			return err
		}
		for it := m.Iterator(); it.HasNext(); {
			docs[at[it.Next()]].Held += weights[i]
		}
	}
	for i := range docs {
		docs[i].Held = min(1, docs[i].Held/known)
	}
	return nil
}

// weigh returns the idf of each clause, their sum over what some document holds, and over everything.
func (h *Hybrid) weigh(q postings.Query) (weights []float64, known, all float64) {
	n := float64(h.Words.Docs())
	weights = make([]float64, len(q.Clauses))
	for i, c := range q.Clauses {
		if c.Occur == postings.MustNot {
			continue
		}
		held := false
		for _, l := range c.Any {
			idf := 0.0
			for _, t := range l.Terms {
				df := min(float64(h.Words.DocFreq(t)), n)
				if l.Prefix {
					df = n / 100 // a prefix stands for an unknown number of terms
				}
				held = held || df > 0
				idf += math.Log(1 + (n-df+.5)/(df+.5))
			}
			weights[i] = max(weights[i], idf/float64(max(1, len(l.Terms))))
		}
		weights[i] *= cmp.Or(c.Boost, 1)
		all += weights[i]
		if held {
			known += weights[i]
		}
	}
	return weights, known, all
}

// join adds candidates by meaning that words did not bring, with their score by words, and leaves out those that the
// query's Must and MustNot clauses refuse.
func (h *Hybrid) join(ctx context.Context, g *gathered, q Query, near []index.Hit) error {
	have := roaring.New()
	for _, d := range g.docs {
		have.Add(d.Doc)
	}
	fresh := roaring.New()
	for _, n := range near {
		if !have.Contains(n.ID) {
			fresh.Add(n.ID)
		}
	}
	if fresh.IsEmpty() {
		return nil
	}
	scores := make(map[uint32]float64)
	if len(q.Words.Clauses) > 0 {
		found, err := h.Words.Search(ctx, q.Words, postings.SearchOptions{K: int(fresh.GetCardinality()), Within: fresh})
		if err != nil {
			return err
		}
		for _, f := range found {
			scores[f.Doc] = f.Score
			g.top = max(g.top, f.Score)
		}
	}
	refused, must, err := h.refused(ctx, q.Words, fresh)
	if err != nil {
		return err
	}
	old := len(g.docs)
	for it := fresh.Iterator(); it.HasNext(); {
		d := it.Next()
		s, matches := scores[d]
		if refused.Contains(d) || must && !matches {
			continue
		}
		g.docs = append(g.docs, Hit{Doc: d, Words: s})
	}
	return h.hold(ctx, q.Words, g.docs[old:])
}

// refused are those of the documents that a MustNot clause excludes; must says whether only matches may be shown.
func (h *Hybrid) refused(ctx context.Context, q postings.Query, among *roaring.Bitmap) (out *roaring.Bitmap, must bool, err error) {
	var not postings.Query
	for _, c := range q.Clauses {
		switch c.Occur {
		case postings.Must:
			must = true
		case postings.MustNot:
			c.Occur = postings.Should
			not.Clauses = append(not.Clauses, c)
		}
	}
	if len(not.Clauses) == 0 {
		return roaring.New(), must, nil
	}
	out, err = h.Words.Match(ctx, not, postings.SearchOptions{Within: among})
	return out, must, err
}

// compare fills in the cosine of every candidate. One without a vector has none.
func (h *Hybrid) compare(g *gathered, q []float32) {
	if len(h.Nothing) == len(q) {
		g.nothing = max(0, float64(vec.Dot(q, h.Nothing)))
	}
	var v []float32
	for i := range g.docs {
		var ok bool
		if v, ok = h.Vectors.Vector(v[:0], g.docs[i].Doc); ok {
			g.docs[i].Meaning = max(0, float64(vec.Dot(q, v)))
			g.docs[i].Silent = h.Silent != nil && h.Silent(g.docs[i].Doc)
		}
	}
}

// move returns the query's vector moved towards the best documents of a first round.
func (h *Hybrid) move(best []Hit, q []float32) []float32 {
	centre := make([]float32, len(q))
	var v []float32
	for _, d := range best {
		var ok bool
		if v, ok = h.Vectors.Vector(v[:0], d.Doc); ok {
			vec.Axpy(float32(d.Score), v, centre)
		}
	}
	if !vec.Normalize(centre) {
		return q
	}
	vec.Scale(moved, centre)
	vec.Axpy(1-moved, q, centre)
	if !vec.Normalize(centre) {
		return q
	}
	return centre
}
