package fuse

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"bowerbird/index"
	"bowerbird/index/postings"
	"bowerbird/internal/vec"
)

// Learn makes an encoder from texts: it trains one, or returns one that was trained elsewhere. The encoder returns a
// vector of length 1, or nil for a text of which it can say nothing.
type Learn func(ctx context.Context, texts []string) (encode func(text string) []float32, err error)

// TuneOptions of Tune. The zero value works.
type TuneOptions struct {
	Queries int     // made of the texts; 0 means 400
	MaxDocs int     // texts searched, a random sample of more; 0 means 20,000
	Lost    float64 // share of good queries that the cut-off may empty, below 1; 0 means .02
	K1      float64 // as of the index
	B       float64
	Seed    uint64
}

// Evidence is what Tune decided by.
type Evidence struct {
	Queries int
	Near    float64 // how often a query is nearer to its own text than to another one's; vectors that know nothing have ½
	Steps   []Step
	Floor   *Floor
}

// Step is one weight that was tried: the mean over queries of 1/log2(1 + place of the text that the query was made of),
// and its gain over words alone with a 95 % bootstrap interval.
type Step struct {
	Weight, Mean, Gain, Low, High float64
}

// ErrFew says that there are too few texts to make queries of: keep to words alone, or to settings of your own.
var ErrFew = errors.New("fuse: too few texts to tune on")

const leastQueries = 50

// Tune chooses the weight of meaning and the cut-off from the texts themselves; no judgment is needed. It takes some
// texts apart: words that follow each other in the first half become a query, only the second half is indexed and
// learned from, and the query should find it. So the answer often shares no word with the query, as with people.
//
// Vectors have a say only if queries are nearer to their own text than to others, beyond doubt: what words alone would find is
// then no accident of them. The weight begins at .3, low on purpose: queries made of texts favour meaning more than people's
// do (decision 0049). It rises to a greater one that is better by 2.5 standard errors of the paired difference, again and again,
// and falls while it is worse than words alone, at the last to none. The cut-off is learned from the same queries against
// queries of words thrown together from many texts.
//
// terms analyses a text as the index does. It trains once and searches about
// twice Queries.
func Tune(ctx context.Context, texts []string, terms func(string) []string, learn Learn, o TuneOptions) (Settings, *Evidence, error) {
	if o.Queries <= 0 {
		o.Queries = 400
	}
	if o.MaxDocs <= 0 {
		o.MaxDocs = 20_000
	}
	if o.Lost == 0 {
		o.Lost = .02
	}
	if !(o.Lost > 0 && o.Lost < 1) {
		return Settings{Weight: -1}, nil, fmt.Errorf("fuse: TuneOptions.Lost: %v: want above 0 and below 1", o.Lost)
	}
	t := &tuning{o: o, terms: terms, rng: rand.New(rand.NewPCG(o.Seed, 0x7e4e))}
	if t.part(texts); len(t.cases) < leastQueries {
		return Settings{Weight: -1}, &Evidence{Queries: len(t.cases)}, fmt.Errorf("%w: %d queries, want %d", ErrFew, len(t.cases), leastQueries)
	}
	if err := t.build(ctx, learn); err != nil {
		return Settings{Weight: -1}, nil, err
	}
	for i := range t.cases {
		var err error
		if t.cases[i].found, err = t.ask(ctx, t.cases[i].query); err != nil {
			return Settings{Weight: -1}, nil, err
		}
	}
	e := &Evidence{Queries: len(t.cases)}
	known := t.near(e)
	s := Settings{Weight: t.climb(e)}
	if !known {
		s.Weight = -1
	}
	floor, err := t.floor(ctx)
	if err != nil {
		return Settings{Weight: -1}, nil, err
	}
	s.Floor, e.Floor = floor, floor
	return s, e, nil
}

type tuning struct {
	o      TuneOptions
	terms  func(string) []string
	rng    *rand.Rand
	texts  []string // those of cases cut to their second halves
	cases  []tuneCase
	words  []string // a sample of all words, as often as they stand
	hybrid *Hybrid
	encode func(string) []float32
}

type tuneCase struct {
	query string
	doc   uint32
	found *gathered
}

// part samples the texts and takes some of them apart.
func (t *tuning) part(texts []string) {
	order := t.rng.Perm(len(texts))
	order = order[:min(len(order), t.o.MaxDocs)]
	for _, i := range order {
		w := strings.Fields(texts[i])
		text := texts[i]
		if half := len(w) / 2; half >= 3 && len(t.cases) < t.o.Queries {
			lengths := []int{1, 2, 3, 5, 8, 12}
			for lengths[len(lengths)-1] > half {
				lengths = lengths[:len(lengths)-1]
			}
			n := lengths[t.rng.IntN(len(lengths))]
			from := t.rng.IntN(half - n + 1)
			query := strings.Join(w[from:from+n], " ")
			if len(t.terms(query)) > 0 {
				t.cases = append(t.cases, tuneCase{query: query, doc: uint32(len(t.texts))})
				text = strings.Join(w[half:], " ")
			}
		}
		t.texts = append(t.texts, text)
		for range min(len(w), 5) {
			t.words = append(t.words, w[t.rng.IntN(len(w))])
		}
	}
}

func (t *tuning) build(ctx context.Context, learn Learn) error {
	words, err := postings.New(postings.Options{Fields: []postings.Field{{Name: "text", B: t.o.B}}, K1: t.o.K1, SyncMerge: true})
	if err != nil {
		return err
	}
	if t.encode, err = learn(ctx, t.texts); err != nil {
		return err
	}
	t.hybrid = &Hybrid{Words: words}
	var field []postings.Token
	for d, s := range t.texts {
		if d&255 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		field = field[:0]
		for p, term := range t.terms(s) {
			field = append(field, postings.Token{Term: term, Pos: uint32(p)})
		}
		if err := words.Put(uint32(d), field); err != nil {
			return err
		}
		v := t.encode(s)
		if v == nil {
			continue
		}
		if t.hybrid.Vectors == nil {
			if t.hybrid.Vectors, err = index.NewFlat(len(v), index.InnerProduct); err != nil {
				return err
			}
		}
		if err := t.hybrid.Vectors.Put(uint32(d), v); err != nil {
			return err
		}
	}
	return nil
}

func (t *tuning) ask(ctx context.Context, query string) (*gathered, error) {
	return t.hybrid.gather(ctx, Query{Words: Bag(t.terms(query)), Vector: t.encode(query)}, Options{K: 100}, true)
}

// Bag is the query of a bag of words: each different term should match, and counts as often as it stands.
func Bag(terms []string) postings.Query {
	var q postings.Query
	at := make(map[string]int)
	for _, t := range terms {
		i, ok := at[t]
		if !ok {
			i = len(q.Clauses)
			if i == postings.MaxClauses {
				continue
			}
			at[t] = i
			q.Clauses = append(q.Clauses, postings.Clause{Any: []postings.Leaf{{Terms: []string{t}}}})
		}
		q.Clauses[i].Boost++
	}
	return q
}

// A query is compared with othersNear texts beside its own. By chance it is nearer to its own half of the time, within .05.
const (
	othersNear = 8
	leastNear  = .55
)

// near compares each query's cosine with its own text and with those of the next queries, and tells whether the vectors
// know anything.
func (t *tuning) near(e *Evidence) bool {
	var won []float64
	cosine := func(q []float32, i int) (float32, bool) {
		v, ok := t.hybrid.Vectors.Vector(nil, t.cases[i%len(t.cases)].doc)
		if !ok {
			return 0, false
		}
		return vec.Dot(q, v), true
	}
	for i, c := range t.cases {
		q := t.encode(c.query)
		if q == nil || t.hybrid.Vectors == nil {
			continue
		}
		own, ok := cosine(q, i)
		if !ok {
			continue
		}
		beaten, of := 0.0, 0.0
		for k := 1; k <= othersNear; k++ {
			switch other, ok := cosine(q, i+k); {
			case !ok:
				continue
			case other < own:
				beaten++
			case other == own:
				beaten += .5
			}
			of++
		}
		if of > 0 {
			won = append(won, beaten/of)
		}
	}
	if len(won) == 0 {
		return false
	}
	e.Near = mean(won)
	low, _ := bootstrap(won, t.o.Seed)
	return e.Near >= leastNear && low > .5
}

var tried = []float64{0, .1, .3, .6, 1, 1.5, 2.5}

const (
	begin  = 2   // of tried
	surely = 2.5 // standard errors: 95 % shared among the four greater ones
)

func (t *tuning) climb(e *Evidence) float64 {
	values := make([][]float64, len(tried))
	for i, w := range tried {
		for _, c := range t.cases {
			v := 0.0
			for place, h := range c.found.rank(mix{words: 1, meaning: w, gated: true}, 100) {
				if h.Doc == c.doc {
					v = 1 / math.Log2(float64(place+2))
				}
			}
			values[i] = append(values[i], v)
		}
		gain := difference(values[i], values[0])
		low, high := bootstrap(gain, t.o.Seed)
		e.Steps = append(e.Steps, Step{w, mean(values[i]), mean(gain), low, high})
	}
	at := begin
	for at > 0 && mean(values[at]) < mean(values[0]) {
		at--
	}
	for next := at + 1; at >= begin && next < len(tried); next++ {
		if d := difference(values[next], values[at]); mean(d) > surely*standardError(d) {
			at = next
		}
	}
	if at == 0 {
		return -1
	}
	return tried[at]
}

func difference(a, b []float64) []float64 {
	d := make([]float64, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	return d
}

func mean(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s / float64(len(v))
}

// standardError of the mean.
func standardError(v []float64) float64 {
	m, s := mean(v), 0.0
	for _, x := range v {
		s += (x - m) * (x - m)
	}
	return math.Sqrt(s/float64(max(1, len(v)-1))) / math.Sqrt(float64(len(v)))
}

// bootstrap returns the 95 % percentile interval of the mean over 1,000 resamples.
func bootstrap(v []float64, seed uint64) (low, high float64) {
	rng := rand.New(rand.NewPCG(seed, 0xb007))
	means := make([]float64, 1000)
	for i := range means {
		s := 0.0
		for range v {
			s += v[rng.IntN(len(v))]
		}
		means[i] = s / float64(len(v))
	}
	slices.Sort(means)
	return means[25], means[974]
}
