package query

import (
	"math"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"bowerbird/text"
)

// asked is a query as the catalogue sees it: for each word or phrase that it asks
// for, the items that say it.
type asked struct {
	clauses []text.Clause     // without those that exclude
	sets    []*roaring.Bitmap // by clause; never nil, never written to
	terms   []string          // distinct, in order
	words   []string          // folded, as typed
	not     *roaring.Bitmap   // items that say what is excluded; nil none
	all     *roaring.Bitmap   // items that say everything that is asked for
}

// maxPrefixTerms bounds how many words a prefix stands for.
const maxPrefixTerms = 64

// Find is how many items say everything that a query asks for, anywhere.
func (v *Understanding) Find(q string) int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return int(v.read(q).all.GetCardinality())
}

// read finds the items of a query. It costs an intersection of bitmaps for each
// word; a prefix costs a pass over all words.
func (v *Understanding) read(q string) asked {
	var a asked
	p, err := v.o.Analyzer.Parse(q, text.ParseOptions{Lenient: true})
	if err != nil {
		a.all = roaring.New()
		return a
	}
	for _, c := range p.Clauses {
		set := v.cat.clause(&c)
		if c.Occur == text.MustNot {
			if a.not == nil {
				a.not = roaring.New()
			}
			a.not.Or(set)
			continue
		}
		a.clauses, a.sets = append(a.clauses, c), append(a.sets, set)
		a.words = append(a.words, fields(q[c.Start:c.End])...)
		for _, t := range c.Terms {
			if !slices.Contains(a.terms, t) {
				a.terms = append(a.terms, t)
			}
		}
	}
	a.all = a.without(-1)
	return a
}

// without is what the query finds if one clause is left out; -1 leaves out none.
func (a *asked) without(skip int) *roaring.Bitmap {
	var sets []*roaring.Bitmap
	for i, s := range a.sets {
		if i != skip {
			sets = append(sets, s)
		}
	}
	out := intersect(sets)
	if a.not != nil {
		out.AndNot(a.not)
	}
	return out
}

// intersect returns a new set; of none it is empty.
func intersect(sets []*roaring.Bitmap) *roaring.Bitmap {
	switch len(sets) {
	case 0:
		return roaring.New()
	case 1:
		return sets[0].Clone()
	}
	return roaring.FastAnd(sets...)
}

func (c *catalogue) clause(x *text.Clause) *roaring.Bitmap {
	if x.Prefix && len(x.Terms) == 1 {
		return c.prefix(x.Terms[0])
	}
	set := c.sayAll(x.Terms)
	for _, alt := range x.Alternatives {
		set = roaring.Or(set, c.sayAll(alt))
	}
	return set
}

// sayAll is the items that say every one of some terms. It is not to be written to.
func (c *catalogue) sayAll(terms []string) *roaring.Bitmap {
	if len(terms) == 0 {
		return nothing
	}
	rarest := 0
	for i, t := range terms {
		if c.df(t) < c.df(terms[rarest]) {
			rarest = i
		}
	}
	out := c.say(terms[rarest])
	for i, t := range terms {
		if i != rarest {
			out = c.within(out, t)
		}
	}
	return out
}

// saying is how many items say every one of some terms.
func (c *catalogue) saying(terms []string) int {
	if len(terms) == 1 {
		return c.df(terms[0])
	}
	return int(c.sayAll(terms).GetCardinality())
}

// within is the items of a set that say a term: a new set. It looks at no more of
// the term's items than the set has.
func (c *catalogue) within(set *roaring.Bitmap, term string) *roaring.Bitmap {
	t, ok := c.terms[term]
	switch {
	case !ok || c.short[t] == nil && c.long[t] == nil:
		return roaring.New()
	case c.long[t] == nil:
		return roaring.And(set, c.short[t])
	case c.short[t] == nil:
		return roaring.And(set, c.long[t])
	}
	out := roaring.And(set, c.short[t])
	out.Or(roaring.And(set, c.long[t]))
	return out
}

var nothing = roaring.New()

// say is the items that say a term, anywhere. It is not to be written to.
func (c *catalogue) say(term string) *roaring.Bitmap {
	t, ok := c.terms[term]
	switch {
	case !ok || c.short[t] == nil && c.long[t] == nil:
		return nothing
	case c.long[t] == nil:
		return c.short[t]
	case c.short[t] == nil:
		return c.long[t]
	}
	return roaring.Or(c.short[t], c.long[t])
}

// head is the items that say a term in the title or a label. It is not to be
// written to.
func (c *catalogue) head(term string) *roaring.Bitmap {
	if t, ok := c.terms[term]; ok && c.short[t] != nil {
		return c.short[t]
	}
	return nothing
}

func (c *catalogue) prefix(p string) *roaring.Bitmap {
	var found []string
	for i, t := range c.names {
		if strings.HasPrefix(t, p) && (c.short[i] != nil || c.long[i] != nil) {
			found = append(found, t)
		}
	}
	slices.SortFunc(found, func(a, b string) int {
		if d := c.df(b) - c.df(a); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	out := roaring.New()
	for _, t := range found[:min(len(found), maxPrefixTerms)] {
		out.Or(c.say(t))
	}
	return out
}

// df is how many items say a term.
func (c *catalogue) df(term string) int {
	t, ok := c.terms[term]
	if !ok {
		return 0
	}
	n := 0
	if c.short[t] != nil {
		n += int(c.short[t].GetCardinality())
	}
	if c.long[t] != nil {
		n += int(c.long[t].GetCardinality())
	}
	return n
}

// idf is how much a term tells: ln(1 + (N − df + ½)/(df + ½)), as in BM25.
func (c *catalogue) idf(term string) float64 {
	d := float64(c.df(term))
	return math.Log(1 + (float64(c.count)-d+.5)/(d+.5))
}

// sample returns up to n members of a set, evenly spaced.
func sample(s *roaring.Bitmap, n int) []uint32 {
	k := int(s.GetCardinality())
	if k <= n {
		return s.ToArray()
	}
	out := make([]uint32, n)
	for i := range out {
		out[i], _ = s.Select(uint32(i * k / n))
	}
	return out
}

// fields are a text's folded words.
func fields(s string) []string { return strings.Fields(text.Fold(s)) }

// knows tells whether the catalogue has a folded word, or another form of it.
func (v *Understanding) knows(word string) bool {
	if v.words.Count(word) > 0 {
		return true
	}
	terms := v.o.Analyzer.Terms(word)
	return len(terms) == 0 || v.cat.has(terms) || v.o.Known != nil && v.o.Known(word) // of none, it is a stop word
}

// has tells whether some item says each of the terms; false if there is none.
func (c *catalogue) has(terms []string) bool {
	for _, t := range terms {
		if c.df(t) == 0 {
			return false
		}
	}
	return len(terms) > 0
}

// sayable tells whether a search may be shown to others: enough people typed it,
// and the catalogue knows all its words, so that it is no slip of the finger.
func (v *Understanding) sayable(q *past) bool {
	if !v.shared(q) {
		return false
	}
	for w := range strings.FieldsSeq(q.text) {
		if !v.knows(w) {
			return false
		}
	}
	return true
}

// shared tells whether enough people typed a search that it betrays none of them.
func (v *Understanding) shared(q *past) bool { return q.people() >= v.minPeople() }

func (v *Understanding) minPeople() int {
	switch {
	case v.o.MinPeople > 0:
		return max(2, min(v.o.MinPeople, maxTypers+1))
	case v.log.searchers >= 1000:
		return 3
	}
	return 2
}
