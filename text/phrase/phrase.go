package phrase

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
)

// Options bend Counts. The zero value works.
type Options struct {
	// MaxPairs bounds the distinct pairs that are kept; default 1,000,000, about 40 MB. When they are more, the rarest
	// are dropped, so that rare pairs may be counted too low.
	MaxPairs int
	// MinCount is how often a pair must occur to be a phrase. Default 3.
	MinCount int64
	// MinRatio is the least log-likelihood ratio G² of a phrase. Default 15.1, which chance passes once in 10,000.
	MinRatio float64
	// MinNPMI is the least normalised pointwise mutual information of a phrase, of −1 to 1. Default .25.
	MinNPMI float64
	// MaxWords is the length of the longest phrase that Segment makes. Default 4.
	MaxWords int
}

// Counts holds how often words and pairs occur. It is safe for concurrent use.
type Counts struct {
	o      Options
	mu     sync.RWMutex
	ids    map[string]uint32
	words  []string
	single []int64
	pairs  map[uint64]int64
	total  int64 // occurrences of words
	both   int64 // occurrences of pairs
}

// New returns empty counts.
func New(o Options) *Counts {
	if o.MaxPairs <= 0 {
		o.MaxPairs = 1_000_000
	}
	if o.MinCount <= 0 {
		o.MinCount = 3
	}
	if o.MinRatio == 0 {
		o.MinRatio = 15.1
	}
	if o.MinNPMI == 0 {
		o.MinNPMI = .25
	}
	if o.MaxWords <= 0 {
		o.MaxWords = 4
	}
	return &Counts{o: o, ids: make(map[string]uint32), pairs: make(map[uint64]int64)}
}

// Add counts a text's words and its pairs of neighbours n times; a negative n takes them away, never below none.
func (c *Counts) Add(words []string, n int64) {
	if n == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	before, ok := uint32(0), false
	for _, w := range words {
		id, known := c.id(w, n > 0)
		if known {
			c.total += move(&c.single[id], n)
		}
		if known && ok {
			c.addPair(pair(before, id), n)
		}
		before, ok = id, known
	}
	if len(c.pairs) > c.o.MaxPairs {
		c.bound()
	}
}

func (c *Counts) id(w string, make bool) (uint32, bool) {
	id, ok := c.ids[w]
	if ok || !make || w == "" {
		return id, ok
	}
	w = strings.Clone(w)
	id = uint32(len(c.words))
	c.ids[w] = id
	c.words = append(c.words, w)
	c.single = append(c.single, 0)
	return id, true
}

func (c *Counts) addPair(key uint64, n int64) {
	v := c.pairs[key]
	c.both += move(&v, n)
	if v > 0 {
		c.pairs[key] = v
	} else {
		delete(c.pairs, key)
	}
}

// move adds n to v without leaving 0 … MaxInt64/2, and returns what was added.
func move(v *int64, n int64) int64 {
	old := *v
	*v = max(0, min(old+min(n, math.MaxInt64/2), math.MaxInt64/2)) // the sum of two halves does not overflow
	return *v - old
}

func pair(a, b uint32) uint64 { return uint64(a)<<32 | uint64(b) }

// bound drops the rarest pairs until three quarters of MaxPairs are left, then the words that have no count.
func (c *Counts) bound() {
	for floor := int64(1); len(c.pairs) > c.o.MaxPairs*3/4; floor *= 2 {
		for k, v := range c.pairs {
			if v <= floor {
				c.both -= v
				delete(c.pairs, k)
			}
		}
	}
	gone := 0
	for _, v := range c.single {
		if v == 0 {
			gone++
		}
	}
	if gone*2 > len(c.single) {
		c.renumber()
	}
}

func (c *Counts) renumber() {
	to := make([]uint32, len(c.words))
	words, single := c.words[:0:0], c.single[:0:0]
	for id, w := range c.words {
		if c.single[id] == 0 {
			delete(c.ids, w)
			continue
		}
		to[id] = uint32(len(words))
		c.ids[w] = to[id]
		words, single = append(words, w), append(single, c.single[id])
	}
	pairs := make(map[uint64]int64, len(c.pairs))
	for k, v := range c.pairs {
		a, b := uint32(k>>32), uint32(k)
		if c.single[a] == 0 || c.single[b] == 0 {
			c.both -= v
			continue
		}
		pairs[pair(to[a], to[b])] = v
	}
	c.words, c.single, c.pairs = words, single, pairs
}

// Total is the number of occurrences of words.
func (c *Counts) Total() int64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.total
}

// Word is how often the word occurs.
func (c *Counts) Word(w string) int64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if id, ok := c.ids[w]; ok {
		return c.single[id]
	}
	return 0
}

// Pair is how often b follows a.
func (c *Counts) Pair(a, b string) int64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	x, ok := c.ids[a]
	y, too := c.ids[b]
	if !ok || !too {
		return 0
	}
	return c.pairs[pair(x, y)]
}

// Strength says how much more often two words stand together than chance would have it.
type Strength struct {
	Count int64   // occurrences of the pair
	NPMI  float64 // normalised pointwise mutual information (Bouma 2009): 0 by chance, 1 never apart
	Ratio float64 // log-likelihood ratio G² (Dunning 1993), larger is surer; negative if they avoid each other
}

// Score returns the strength of a pair; the zero Strength if it never occurred.
func (c *Counts) Score(a, b string) Strength {
	c.mu.RLock()
	defer c.mu.RUnlock()
	x, ok := c.ids[a]
	y, too := c.ids[b]
	if !ok || !too {
		return Strength{}
	}
	return c.score(x, y, c.pairs[pair(x, y)])
}

func (c *Counts) score(x, y uint32, n int64) Strength {
	if n <= 0 || c.both <= 0 {
		return Strength{}
	}
	// The margins are those of words, not of first and second places of pairs: a word's occurrences without a neighbour
	// are few, and this saves two counters a word.
	all := float64(max(c.total, c.both))
	joint, left, right := float64(n), float64(max(c.single[x], n)), float64(max(c.single[y], n))
	s := Strength{Count: n, NPMI: 1}
	if joint < all {
		s.NPMI = math.Log(joint*all/(left*right)) / -math.Log(joint/all)
	}
	k := [4]float64{joint, left - joint, right - joint, max(all-left-right+joint, 0)}
	s.Ratio = 2 * (plogp(k[0]) + plogp(k[1]) + plogp(k[2]) + plogp(k[3]) + plogp(all) - plogp(left) - plogp(right) -
		plogp(k[2]+k[3]) - plogp(k[1]+k[3]))
	if joint*all < left*right {
		s.Ratio = -s.Ratio
	}
	return s
}

func plogp(x float64) float64 {
	if x <= 0 {
		return 0
	}
	return x * math.Log(x)
}

func (c *Counts) isPhrase(s Strength) bool {
	return s.Count >= c.o.MinCount && s.Ratio >= c.o.MinRatio && s.NPMI >= c.o.MinNPMI
}

// Segment is words From up to To of a query; one word stands for itself.
type Segment struct {
	From, To int
	NPMI     float64 // of its weakest pair; 0 for one word
}

// Segment parts a query's words into phrases and single words, in order: neighbours that are a phrase stay together, and
// a chain of more than MaxWords is cut where it is weakest. It costs a look-up for each pair.
func (c *Counts) Segment(words []string) []Segment {
	if len(words) == 0 {
		return nil
	}
	c.mu.RLock()
	bonds := make([]float64, len(words)-1)
	for i := range bonds {
		x, ok := c.ids[words[i]]
		y, too := c.ids[words[i+1]]
		if !ok || !too {
			continue
		}
		if s := c.score(x, y, c.pairs[pair(x, y)]); c.isPhrase(s) {
			bonds[i] = s.NPMI
		}
	}
	c.mu.RUnlock()
	var out []Segment
	for from, i := 0, 0; i < len(words); i++ {
		if i == len(bonds) || bonds[i] <= 0 {
			out = c.cut(out, bonds, from, i+1)
			from = i + 1
		}
	}
	return out
}

func (c *Counts) cut(out []Segment, bonds []float64, from, to int) []Segment {
	weakest := from
	for i := from; i+1 < to; i++ {
		if bonds[i] < bonds[weakest] {
			weakest = i
		}
	}
	if to-from > c.o.MaxWords {
		return c.cut(c.cut(out, bonds, from, weakest+1), bonds, weakest+1, to)
	}
	s := Segment{From: from, To: to}
	if to-from > 1 {
		s.NPMI = bonds[weakest]
	}
	return append(out, s)
}

// Phrase is a pair of words that belong together.
type Phrase struct {
	A, B string
	Strength
}

// Top returns the k surest phrases of two words, by their log-likelihood ratio. It looks at every pair.
func (c *Counts) Top(k int) []Phrase {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var out []Phrase
	for key, n := range c.pairs {
		x, y := uint32(key>>32), uint32(key)
		if s := c.score(x, y, n); c.isPhrase(s) {
			out = append(out, Phrase{c.words[x], c.words[y], s})
		}
	}
	slices.SortFunc(out, func(p, q Phrase) int {
		return cmp.Or(cmp.Compare(q.Ratio, p.Ratio), strings.Compare(p.A, q.A), strings.Compare(p.B, q.B))
	})
	return out[:max(0, min(k, len(out)))]
}
