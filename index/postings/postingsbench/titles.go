// Package postingsbench makes up titles and queries of any number from a seed, and measures the word index with them.
// `bowerbird bench search` prints its figures; the module index/postings/peers runs other engines on the same input.
//
// It is for benchmarks only: the words mean nothing, so nothing can be said of the quality of an order.
package postingsbench

import (
	"math/rand/v2"
	"sort"
	"strings"
)

// Words is how many different words titles are drawn from.
const Words = 200_000

// Groups is how many groups documents fall into, evenly: what filtered queries filter by.
const Groups = 10

// Titles draws titles of 4 to 12 words by the law of Zipf and Mandelbrot: the word of rank r with probability ∝ 1 / (r + 2.7).
// It is not safe for concurrent use.
type Titles struct {
	words []string
	cum   []float64
	seed  uint64
}

// NewTitles makes the words. Equal seeds give equal titles and queries.
func NewTitles(seed uint64) *Titles {
	t := &Titles{seed: seed, words: spell(seed, Words), cum: make([]float64, Words)}
	sum := 0.0
	for i := range t.cum {
		sum += 1 / (float64(i+1) + 2.7)
		t.cum[i] = sum
	}
	return t
}

// spell makes n different words of consonants and vowels in turn, frequent ones short.
func spell(seed uint64, n int) []string {
	r := rand.New(rand.NewPCG(seed, 1))
	const heads, vowels, tails = "bcdfghjklmnprstvwz", "aeiou", "nrlst"
	seen := make(map[string]bool, n)
	words := make([]string, 0, n)
	for len(words) < n {
		syllables := 1 + r.IntN(2)
		switch {
		case len(words) > 10_000:
			syllables = 3 + r.IntN(2)
		case len(words) > 200:
			syllables = 2 + r.IntN(2)
		}
		var b strings.Builder
		for range syllables {
			b.WriteByte(heads[r.IntN(len(heads))])
			b.WriteByte(vowels[r.IntN(len(vowels))])
			if r.IntN(3) == 0 {
				b.WriteByte(tails[r.IntN(len(tails))])
			}
		}
		if w := b.String(); !seen[w] {
			seen[w] = true
			words = append(words, w)
		}
	}
	return words
}

// Title is the title of a document: the same whenever it is asked for.
func (t *Titles) Title(dst []string, doc int) []string {
	r := rand.New(rand.NewPCG(t.seed<<32^uint64(doc), 2))
	dst = dst[:0]
	for range 4 + r.IntN(9) {
		dst = append(dst, t.words[sort.SearchFloat64s(t.cum, r.Float64()*t.cum[Words-1])])
	}
	return dst
}

// Group is the group of a document.
func (t *Titles) Group(doc int) int {
	return int((uint64(doc)*0x9E3779B97F4A7C15 ^ t.seed) >> 33 % Groups)
}

// Kind is a kind of query.
type Kind string

// The kinds. Words of a query stand in one title, so that every query finds something.
const (
	Term     Kind = "term"     // one word
	And      Kind = "and"      // two words, both
	Or       Kind = "or"       // three words, any
	Phrase   Kind = "phrase"   // two words that follow each other
	Prefix   Kind = "prefix"   // words that begin with four letters
	Filtered Kind = "filtered" // two words, any, in one group
)

// Kinds are all kinds, in the order of reports.
var Kinds = []Kind{Term, And, Or, Phrase, Prefix, Filtered}

// Query is one query.
type Query struct {
	Kind  Kind     `json:"kind"`
	Words []string `json:"words"`
	Group int      `json:"group"` // of a filtered one
}

// Queries draws n queries of a kind over the first docs titles.
func (t *Titles) Queries(kind Kind, n, docs int) []Query {
	r := rand.New(rand.NewPCG(t.seed, 3+uint64(kind[0])<<8+uint64(kind[1])))
	var out []Query
	for len(out) < n {
		title := t.Title(nil, r.IntN(docs))
		q := Query{Kind: kind}
		i := r.IntN(len(title) - 2)
		switch kind {
		case Term:
			q.Words = title[i : i+1]
		case Prefix:
			if len(title[i]) <= 4 {
				continue
			}
			q.Words = []string{title[i][:4]}
		case Phrase:
			q.Words = title[i : i+2]
		case Or:
			q.Words = title[i : i+3]
		default:
			r.Shuffle(len(title), func(i, j int) { title[i], title[j] = title[j], title[i] })
			q.Words, q.Group = title[:2], r.IntN(Groups)
		}
		if distinct(q.Words) {
			out = append(out, q)
		}
	}
	return out
}

func distinct(words []string) bool {
	for i, w := range words {
		for _, v := range words[:i] {
			if v == w {
				return false
			}
		}
	}
	return true
}
