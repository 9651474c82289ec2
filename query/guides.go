package query

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/RoaringBitmap/roaring/v2"

	"bowerbird"
	"bowerbird/text"
)

// Guide is a word or phrase by which people might go on from a query.
type Guide struct {
	Text  string           // what is added
	Query string           // the query with it
	Field string           // "word" of titles and searches, "category", "tag", "colour" or an attribute's name
	Item  bowerbird.ItemID // one whose picture can stand for it, 0 none
	Items int              // how many items say everything that the query with it asks for
	Score float64
}

// GuideOptions bend Guides. The zero value works.
type GuideOptions struct {
	N    int                         // wanted; 0 means 8
	User bowerbird.UserID            // what this person searched before comes first; 0 nobody
	Keep func(bowerbird.ItemID) bool // which items may stand for a guide; nil: all
}

// Numbers of guides. The smoothing constants were chosen on the first part of the
// demo world's log (see docs/benchmarks/query-understanding.md).
const (
	guideSample = 512 // items whose labels are read
	titleSample = 192 // items whose titles are read
	guideRough  = 96  // candidates whose items are counted
	believe     = 4.  // searches that go on from a query count as much as what the catalogue says
	backOff     = 20. // searches that the words which people add to anything count as, at most
	nearby      = 2.  // searches that all near ones together count as
	tooFew      = 3   // items that need no guide
	plenty      = 50  // items from which on a guide must leave two of them
	most        = .92 // of the query's items that a guide may leave
	likeness    = .7  // what a guide loses that finds the same items as one before it
	sameField   = .85 // what a guide keeps that is of the same field as the one before it
)

// hint is a guide in the making.
type hint struct {
	text, field string
	terms       []string
	asked       float64         // searches that go on so
	said        float64         // of the sampled items, the share that says so
	set         *roaring.Bitmap // the query's items that it leaves
	score       float64
}

// Guides returns what to add to a query next: words that people added to it, or to
// searches near it, and labels and words of the items that it finds, ordered by how
// likely they are and how evenly they part the items. Each leaves some of the
// items and not all; none is much like another. Works without any search in the
// log. It costs the walk of reach, and an intersection of bitmaps for each of 96
// candidates: 0.5 ms at 1,600 items, 8 ms at 100,000.
func (v *Understanding) Guides(q string, o GuideOptions) []Guide {
	if o.N <= 0 {
		o.N = 8
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	a := v.read(q)
	n := float64(a.all.GetCardinality())
	if n < tooFew {
		return nil
	}
	r := v.reach(text.Fold(q), a.terms)
	g := gather{v: v, a: &a, hints: map[string]*hint{}, skip: map[string]bool{}}
	for _, t := range a.terms {
		g.skip[t] = true
	}
	spoke := g.fromSearches(r)
	g.fromItems(r)
	hints := g.rough()
	mine := v.tastes(o.User)
	used := g.usual(hints)
	trust := (spoke + used) / (spoke + used + believe)
	top, least := 0.0, 1.0
	if n >= plenty {
		least = 2
	}
	for _, h := range hints {
		top = max(top, h.asked)
	}
	kept := hints[:0]
	for _, h := range hints {
		h.set = a.all
		for _, t := range h.terms {
			h.set = v.cat.within(h.set, t)
		}
		k := float64(h.set.GetCardinality())
		if k < least || k > most*n {
			continue
		}
		p, all := k/n, float64(v.cat.saying(h.terms))/float64(max(1, v.cat.count))
		// How evenly it parts the items, and how much more these say it than all do.
		h.score = (1 - trust) * entropy(p) * lift(p/all)
		if top > 0 {
			h.score += trust * math.Sqrt(h.asked/top)
		}
		h.score *= 1 + mine.of(h.terms)
		kept = append(kept, h)
	}
	return g.choose(kept, r, o)
}

// entropy of a choice of two, in bits.
func entropy(p float64) float64 {
	if p <= 0 || p >= 1 {
		return 0
	}
	return -p*math.Log2(p) - (1-p)*math.Log2(1-p)
}

// lift is between 0 and 1: ½ for what these items say as often as all do.
func lift(x float64) float64 { return x / (x + 1) }

// gather collects candidates, one for each set of terms.
type gather struct {
	v     *Understanding
	a     *asked
	skip  map[string]bool // terms of the query
	hints map[string]*hint
	order []*hint
}

// hint returns the candidate of a text, nil if it says nothing beyond the query.
func (g *gather) hint(s string, terms []string, field string) *hint {
	if len(terms) == 0 || len(terms) > 4 || utf8.RuneCountInString(s) < 2 {
		return nil
	}
	for _, t := range terms {
		if g.skip[t] {
			return nil
		}
	}
	key := strings.Join(terms, " ")
	h := g.hints[key]
	if h == nil {
		h = &hint{text: s, field: field, terms: slices.Clone(terms)}
		g.hints[key] = h
		g.order = append(g.order, h)
	}
	if h.field == "word" && field != "word" { // a label's name is better written
		h.text, h.field = s, field
	}
	return h
}

// fromSearches learns from searches that hold the query and more, and from what
// near searches hold. It returns how many searches spoke of the query itself.
func (g *gather) fromSearches(r reached) float64 {
	v, total := g.v, 0.0
	for _, id := range v.holders(g.a.terms) {
		q := &v.log.queries[id]
		if len(q.terms) == len(g.a.terms) || !v.sayable(q) {
			continue
		}
		if s, terms := g.rest(q.text); s != "" {
			if h := g.hint(s, terms, "word"); h != nil {
				h.asked += float64(q.count)
				total += float64(q.count)
			}
		}
	}
	// What people add to near searches, as far as it goes with the query at all.
	for _, id := range best(r.queries, 64) {
		q := &v.log.queries[id]
		if !v.sayable(q) {
			continue
		}
		share := r.queries[id] * nearby
		for _, s := range v.parts(q.text) {
			if h := g.hint(s, v.o.Analyzer.Terms(s), "word"); h != nil {
				h.asked += share
				total += share
			}
		}
	}
	return total
}

// holders are the searches that hold all terms.
func (v *Understanding) holders(terms []string) []uint32 {
	var out []uint32
	for i, t := range terms {
		n, ok := v.log.terms[t]
		if !ok {
			return nil
		}
		if i == 0 {
			out = slices.Clone(v.log.holding[n])
			continue
		}
		out = slices.DeleteFunc(out, func(q uint32) bool {
			_, in := slices.BinarySearch(v.log.holding[n], q)
			return !in
		})
	}
	return out
}

// rest is what a search holds beyond the query, if that stands together.
func (g *gather) rest(s string) (string, []string) {
	var words, terms []string
	ended := false
	for w := range strings.FieldsSeq(s) {
		t := g.v.o.Analyzer.Terms(w)
		if len(t) == 0 && len(words) == 0 || slices.ContainsFunc(t, func(t string) bool { return g.skip[t] }) {
			ended = len(words) > 0
			continue
		}
		if ended && len(t) > 0 {
			return "", nil
		}
		if !ended {
			words, terms = append(words, w), append(terms, t...)
		}
	}
	return strings.Join(words, " "), terms
}

// parts are a text's phrases and single words, without stop words and numbers.
func (v *Understanding) parts(folded string) []string {
	words := strings.Fields(folded)
	var out []string
	stop := func(w string) bool { return len(v.o.Analyzer.Terms(w)) == 0 }
	for _, s := range v.pairs.Segment(words) {
		for s.From < s.To && stop(words[s.From]) {
			s.From++
		}
		for s.From < s.To && stop(words[s.To-1]) {
			s.To--
		}
		w := strings.Join(words[s.From:s.To], " ")
		if utf8.RuneCountInString(w) > 2 && !strings.ContainsFunc(w, unicode.IsDigit) {
			out = append(out, w)
		}
	}
	return out
}

// fromItems learns from a sample of what the query finds, and from what people
// liked after it and near it.
func (g *gather) fromItems(r reached) {
	c := g.v.cat
	ids := sample(g.a.all, guideSample)
	each := 1 / float64(len(ids))
	titles := max(1, len(ids)/titleSample)
	language := g.v.language(ids)
	liked := best(r.items, 64)
	for i, x := range slices.Concat(ids, liked) {
		w := each
		if i >= len(ids) {
			if !g.a.all.Contains(x) {
				continue
			}
			w = r.items[x]
		}
		for _, l := range c.items[x].labels {
			label := &c.labels[l]
			if h := g.hint(label.name(), label.terms, label.field); h != nil {
				h.said += w
			}
		}
		if i%titles == 0 && i < len(ids) && c.items[x].language == language {
			for _, s := range g.v.parts(text.Fold(c.items[x].title)) {
				if h := g.hint(s, g.v.o.Analyzer.Terms(s), "word"); h != nil {
					h.said += w * float64(titles) / 2
				}
			}
		}
	}
}

// usual adds to the candidates what people add to any query: to how many different
// ones each was added, by several people. That is the back-off of what was added to
// this query, as in Kneser and Ney (ICASSP 1995). It returns how much that weighs.
func (g *gather) usual(hints []*hint) float64 {
	heads, total := make([]float64, len(hints)), 0.0
	for i, h := range hints {
		if a := g.v.log.added[strings.Join(h.terms, " ")]; a != nil && len(a.typed) >= g.v.minPeople() {
			heads[i] = float64(a.heads)
			total += heads[i]
		}
	}
	if total == 0 {
		return 0
	}
	weight := min(total, backOff)
	for i, h := range hints {
		h.asked += weight * heads[i] / total
	}
	return weight
}

// language is the one that most items are written in.
func (v *Understanding) language(items []uint32) string {
	n, most, at := map[string]int{}, 0, ""
	for _, x := range items {
		l := v.cat.items[x].language
		if n[l]++; n[l] > most || n[l] == most && l < at {
			most, at = n[l], l
		}
	}
	return at
}

// rough keeps the candidates that are worth counting.
func (g *gather) rough() []*hint {
	top := 0.0
	for _, h := range g.order {
		top = max(top, h.asked)
	}
	for _, h := range g.order {
		h.score = entropy(min(.5, h.said))
		if a := g.v.log.added[strings.Join(h.terms, " ")]; a != nil {
			h.score += math.Log2(1+float64(a.heads)) / 8
		}
		if top > 0 {
			h.score += 2 * h.asked / top
		}
	}
	slices.SortStableFunc(g.order, func(a, b *hint) int {
		return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(a.text, b.text))
	})
	return g.order[:min(guideRough, len(g.order))]
}

// choose takes the best one after the other, each weighed against those before it.
func (g *gather) choose(hints []*hint, r reached, o GuideOptions) []Guide {
	var out []Guide
	var last *hint
	pictures := g.v.stand(r.items, o.Keep)
	for len(out) < o.N && len(hints) > 0 {
		at, top := -1, 0.0
		for i, h := range hints {
			s := h.score
			if last != nil && last.field == h.field && h.field != "word" {
				s *= sameField
			}
			if at < 0 || s > top || s == top && h.text < hints[at].text {
				at, top = i, s
			}
		}
		h := hints[at]
		hints = slices.Delete(hints, at, at+1)
		if top <= 0 {
			break
		}
		last = h
		for _, other := range hints {
			other.score *= 1 - likeness*jaccard(other.set, h.set)
		}
		out = append(out, Guide{Text: h.text, Query: g.with(h), Field: h.field, Items: int(h.set.GetCardinality()), Score: top, Item: pictures.in(h.set)})
	}
	return out
}

// with puts a guide before or after the query, as people or titles have it.
func (g *gather) with(h *hint) string {
	q := g.a.words
	words := strings.Fields(text.Fold(h.text))
	if len(q) == 0 || len(words) == 0 {
		return h.text
	}
	before := g.v.pairs.Pair(words[len(words)-1], q[0])
	after := g.v.pairs.Pair(q[len(q)-1], words[0])
	if after > before || after == before && h.field == "category" {
		return strings.Join(q, " ") + " " + strings.ToLower(h.text)
	}
	return strings.ToLower(h.text) + " " + strings.Join(q, " ")
}

func jaccard(a, b *roaring.Bitmap) float64 {
	both := float64(a.AndCardinality(b))
	return both / (float64(a.GetCardinality()) + float64(b.GetCardinality()) - both)
}

// stand chooses the items whose pictures stand for sets, each for one.
type stand struct {
	v     *Understanding
	liked map[uint32]float64 // how much people liked an item near the query
	top   []uint32           // the most liked
	used  map[uint32]bool
	keep  func(bowerbird.ItemID) bool
}

func (v *Understanding) stand(liked map[uint32]float64, keep func(bowerbird.ItemID) bool) *stand {
	return &stand{v, liked, best(liked, 64), map[uint32]bool{}, keep}
}

// in is the item that stands for a set: of those with a picture that stand for
// nothing else yet, the most liked one; 0 if there is none.
func (s *stand) in(set *roaring.Bitmap) bowerbird.ItemID {
	at, best := uint32(0), -1.0
	for _, x := range slices.Concat(sample(set, 64), s.top) {
		if !set.Contains(x) || s.used[x] || s.keep != nil && !s.keep(bowerbird.ItemID(x)) {
			continue
		}
		score := s.liked[x]
		if s.v.cat.items[x].picture {
			score++
		}
		if score > best || score == best && x < at {
			at, best = x, score
		}
	}
	if at != 0 {
		s.used[at] = true
	}
	return bowerbird.ItemID(at)
}

// tastes are the terms that a person searched by, with weights.
type tastes map[string]float64

// tastes reads a person's own searches; the more often a term was among them, the
// more it weighs.
func (v *Understanding) tastes(u bowerbird.UserID) tastes {
	p := v.log.people[u]
	if u == 0 || p == nil {
		return nil
	}
	out := tastes{}
	for _, o := range p.own {
		for _, t := range v.o.Analyzer.Terms(v.log.queries[o.query].text) {
			out[t] += float64(o.count)
		}
	}
	return out
}

// of is how much a person's searches speak for terms: the least of them.
func (m tastes) of(terms []string) float64 {
	if len(m) == 0 {
		return 0
	}
	out := math.Inf(1)
	for _, t := range terms {
		out = min(out, m[t])
	}
	return 2 * math.Log2(1+out)
}
