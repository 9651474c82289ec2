package query

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"bowerbird"
	"bowerbird/text"
)

// Meaning is what a query seems to ask for. It is meant for boosts and for filters
// to be suggested: nothing here is sure enough to hide items by.
type Meaning struct {
	Segments   []Segment
	Categories []Likely  // best first, at most 5
	Sure       float64   // of Categories: 0 says nothing, 1 that the first one is meant
	Filters    []Suggest // in the order of the words that they stand for
}

// Segment is a phrase or a single word of a query.
type Segment struct {
	Start, End int // bytes of the query
	Words      int
	Strength   float64 // normalised pointwise mutual information of a phrase's weakest pair; 0 for one word
}

// Likely is a category with its share of what a query seems to mean.
type Likely struct {
	Category string // as items have it: a path
	Share    float64
}

// Suggest is a condition that words of a query may stand for.
type Suggest struct {
	Condition  bowerbird.Condition
	Start, End int     // bytes of the query
	Confidence float64 // of 0 to 1
}

// Understand reads a query: phrases, categories, colours, attributes and numbers.
// It costs an intersection of bitmaps for each word, and a look at up to 1,024
// items.
func (v *Understanding) Understand(q string) Meaning {
	v.mu.RLock()
	defer v.mu.RUnlock()
	words := split(q)
	m := Meaning{Segments: v.segments(words)}
	m.Filters = v.measures(q)
	rest := without(q, m.Filters)
	a := v.read(rest)
	if a.all.IsEmpty() {
		if c := v.didYouMean(rest); c.Auto {
			a = v.read(c.Query)
		}
	}
	m.Categories, m.Sure = v.meant(text.Fold(rest), &a)
	m.Filters = append(m.Filters, v.namedBy(rest, split(rest), m.Segments)...)
	slices.SortStableFunc(m.Filters, func(a, b Suggest) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.Confidence, a.Confidence))
	})
	return m
}

// without blanks what conditions stand for, so that "under 50" is not a word.
func without(q string, said []Suggest) string {
	b := []byte(q)
	for _, s := range said {
		for i := s.Start; i < s.End; i++ {
			b[i] = ' '
		}
	}
	return string(b)
}

// typed is a word of a query, folded, with its place.
type typed struct {
	word       string
	start, end int
}

// split parts a query at spaces and folds each part; a part that folds to several
// words, as "mid-century", gives each of them the part's place.
func split(q string) []typed {
	var out []typed
	at := 0
	for part := range strings.FieldsSeq(q) {
		start := at + strings.Index(q[at:], part)
		at = start + len(part)
		for _, w := range fields(part) {
			out = append(out, typed{w, start, at})
		}
	}
	return out
}

func (v *Understanding) segments(words []typed) []Segment {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = w.word
	}
	var out []Segment
	for _, s := range v.pairs.Segment(list) {
		out = append(out, Segment{words[s.From].start, words[s.To-1].end, s.To - s.From, s.NPMI})
	}
	return out
}

// Numbers of category intent.
const (
	priorWeight  = 4.   // actions that count as much as what the catalogue says
	named        = 1.   // what the catalogue says of a category that the query names, beside 1 for its items
	fewItems     = 3.   // items that say a whole query count as much as its words alone
	intentSample = 1024 // items that are looked at
)

// meant is the distribution over the items' last categories, from what people liked
// after the query and near it, and from the items that say it.
func (v *Understanding) meant(key string, a *asked) ([]Likely, float64) {
	said, seen := v.saidBy(a)
	liked := map[uint32]float64{}
	total := 0.0
	if id, ok := v.log.ids[key]; ok {
		for _, x := range v.log.queries[id].items {
			if v.cat.live(x.to) && v.cat.items[x.to].topic > 0 {
				liked[v.cat.items[x.to].topic-1] += float64(x.w)
				total += float64(x.w)
			}
		}
	}
	share := map[uint32]float64{}
	for l, x := range said {
		share[l] += priorWeight * x / (total + priorWeight)
	}
	for l, x := range liked {
		share[l] += x / (total + priorWeight)
	}
	sum, h := 0.0, 0.0
	order := slices.SortedFunc(maps.Keys(share), func(x, y uint32) int { return cmp.Or(cmp.Compare(share[y], share[x]), cmp.Compare(x, y)) })
	for _, l := range order {
		sum += share[l]
	}
	if sum == 0 {
		return nil, 0
	}
	var out []Likely
	for _, l := range order {
		p := share[l] / sum
		h -= p * math.Log2(p)
		if len(out) < 5 {
			out = append(out, Likely{v.cat.labels[l].value, p})
		}
	}
	// Perplexity 1 is sure, of as many categories as five and more not at all; and few items say little.
	sure := max(0, 1-h/math.Log2(5)) * (seen + total) / (seen + total + 2)
	return out, sure
}

// saidBy is the share of each category among the items that say a query, best in
// title and labels, else anywhere; where these are few, by its words one by one;
// and how many items that were. A category that the query names by its own
// words counts once more.
func (v *Understanding) saidBy(a *asked) (map[uint32]float64, float64) {
	c := v.cat
	out := map[uint32]float64{}
	seen := 0.0
	count := func(s *roaring.Bitmap, w float64) {
		ids := sample(s, intentSample)
		for _, x := range ids {
			if t := c.items[x].topic; t > 0 {
				out[t-1] += w / float64(len(ids))
			}
		}
	}
	heads := make([]*roaring.Bitmap, len(a.terms))
	for i, t := range a.terms {
		heads[i] = c.head(t)
	}
	head := intersect(heads)
	if a.not != nil {
		head.AndNot(a.not)
	}
	all := head
	if all.IsEmpty() {
		all = a.all
	}
	seen = float64(min(intentSample, all.GetCardinality()))
	trust := seen / (seen + fewItems)
	count(all, trust)
	for l, p := range c.bayes(a.terms) {
		out[l] += (1 - trust) * p
	}
	for i := range a.terms {
		for j := i + 1; j <= min(len(a.terms), i+4); j++ {
			for _, l := range c.spoken[strings.Join(a.terms[i:j], " ")] {
				if c.labels[l].kind == categoryLabel && out[l] > 0 {
					out[l] += named * float64(j-i) / float64(len(a.terms))
				}
			}
		}
	}
	return out, max(1, seen)
}

// bayes is the share of each category by naive Bayes over the words that the
// catalogue knows: P(c | words) ∝ n_c·Π (n_wc + a)/(n_c + a·N/n), with n_wc the items
// of the category that say the word, n_c its items, N/n categories to an item, and
// a = ½. Shares are tempered, since words of a query are not independent.
func (c *catalogue) bayes(terms []string) map[uint32]float64 {
	const a, temper = .5, .7
	said := make([]map[uint32]float64, 0, len(terms))
	all := map[uint32]float64{}
	for _, t := range terms {
		s := c.head(t)
		if s.IsEmpty() {
			s = c.say(t)
		}
		if s.IsEmpty() {
			continue
		}
		ids := sample(s, intentSample)
		n := map[uint32]float64{}
		for _, x := range ids {
			if l := c.items[x].topic; l > 0 {
				n[l-1] += float64(s.GetCardinality()) / float64(len(ids))
				all[l-1] = 0
			}
		}
		said = append(said, n)
	}
	top := math.Inf(-1)
	for l := range all {
		size := float64(c.labels[l].items.GetCardinality())
		score := math.Log(size)
		for _, n := range said {
			score += math.Log((n[l] + a) / (size + a*float64(len(all))))
		}
		all[l] = score * temper
		top = max(top, all[l])
	}
	sum := 0.0
	for _, l := range slices.Sorted(maps.Keys(all)) {
		all[l] = math.Exp(all[l] - top)
		sum += all[l]
	}
	for l := range all {
		all[l] /= sum
	}
	return all
}
