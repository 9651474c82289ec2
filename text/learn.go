package text

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// QueryClicks is what people opened after a query.
type QueryClicks struct {
	Query string
	Items map[uint32]float64 // item → how often it was opened, or another weight above 0
}

// Rewrite is how often people searched To after From had not satisfied them, within one session.
type Rewrite struct {
	From, To string
	Sessions int
}

// LearnOptions bend LearnSynonyms. The zero value works.
type LearnOptions struct {
	MinItems    int     // least items that both queries lead to; default 3
	MinCosine   float64 // least cosine of what they lead to; default .3
	MinSessions int     // from so many rewrites on, half the cosine is enough; default 5
	MaxItems    int     // an item that more queries than this lead to says nothing; default 200
	Max         int     // most candidates; default 1000
}

// Synonym is a pair of words or short phrases that may mean the same: a candidate for an owner to look at, or to take
// from a score on.
type Synonym struct {
	A, B     string  // folded, A before B
	Score    float64 // mean cosine of what the queries with the one and with the other led to, 0 … 1
	Contexts int     // pairs of queries that differ in just these words
	Items    int     // items that both led to, over all contexts
	Sessions int     // rewrites of one into the other
}

// LearnSynonyms finds words that lead to the same items: two queries that are equal but for one stretch of at most two
// words, and whose clicks agree. "sofa grey" and "couch grey" give sofa and couch. Rewrites within a session alone
// prove nothing, since people also go from red to blue; they lower the bar for clicks. What differs only in its ending
// or by a slip of a letter is left to stemming and to spelling.
//
// Time and memory grow with the pairs of queries that share an item: at most MaxItems² for each item.
func (a *Analyzer) LearnSynonyms(clicks []QueryClicks, rewrites []Rewrite, o LearnOptions) []Synonym {
	o = o.withDefaults()
	queries, items := gatherClicks(clicks)
	sessions := make(map[[2]string]int)
	for _, r := range rewrites {
		if from, to := Fold(r.From), Fold(r.To); from != to {
			sessions[ordered(from, to)] += max(r.Sessions, 0)
		}
	}
	found := make(map[[2]string]*Synonym)
	for _, p := range sharing(items, o.MaxItems) {
		x, y := &queries[p[0]], &queries[p[1]]
		from, to, ok := difference(x.words, y.words)
		if !ok || a.sameWord(from, to) {
			continue
		}
		cos, shared := cosine(x.items, y.items)
		n := sessions[ordered(x.text, y.text)]
		least := o.MinCosine
		if n >= o.MinSessions {
			least /= 2
		}
		if shared < o.MinItems || cos < least {
			continue
		}
		key := ordered(from, to)
		s := found[key]
		if s == nil {
			s = &Synonym{A: key[0], B: key[1]}
			found[key] = s
		}
		s.Score += cos
		s.Contexts++
		s.Items += shared
		s.Sessions += n
	}
	out := make([]Synonym, 0, len(found))
	for _, s := range found {
		if a.explained(found, s.A, s.B) || a.explained(found, s.B, s.A) {
			continue
		}
		s.Score /= float64(s.Contexts)
		out = append(out, *s)
	}
	slices.SortFunc(out, func(x, y Synonym) int {
		return cmp.Or(cmp.Compare(y.Score*evidence(y), x.Score*evidence(x)), strings.Compare(x.A, y.A), strings.Compare(x.B, y.B))
	})
	return out[:min(len(out), o.Max)]
}

// explained says whether a phrase leads where the other does because one of its words does so: "grey sofa" and "couch".
func (a *Analyzer) explained(found map[[2]string]*Synonym, phrase, other string) bool {
	words := strings.Fields(phrase)
	for _, w := range words {
		if len(words) > 1 && (found[ordered(w, other)] != nil || a.sameWord(w, other)) {
			return true
		}
	}
	return false
}

func (o LearnOptions) withDefaults() LearnOptions {
	if o.MinItems <= 0 {
		o.MinItems = 3
	}
	if o.MinCosine <= 0 {
		o.MinCosine = .3
	}
	if o.MinSessions <= 0 {
		o.MinSessions = 5
	}
	if o.MaxItems <= 0 {
		o.MaxItems = 200
	}
	if o.Max <= 0 {
		o.Max = 1000
	}
	return o
}

func evidence(s Synonym) float64 { return math.Log1p(float64(s.Items + s.Sessions)) }

type clicked struct {
	text  string
	words []string
	items map[uint32]float64
}

// gatherClicks joins queries that are equal when folded, in the order of their text, and lists the queries of each item.
func gatherClicks(clicks []QueryClicks) ([]clicked, map[uint32][]int) {
	all := make(map[string]map[uint32]float64)
	for _, c := range clicks {
		q := Fold(c.Query)
		if q == "" {
			continue
		}
		if all[q] == nil {
			all[q] = make(map[uint32]float64)
		}
		for x, n := range c.Items {
			if n > 0 && !math.IsInf(n, 0) {
				all[q][x] += n
			}
		}
	}
	queries := make([]clicked, 0, len(all))
	for q, items := range all {
		queries = append(queries, clicked{q, strings.Fields(q), items})
	}
	slices.SortFunc(queries, func(x, y clicked) int { return strings.Compare(x.text, y.text) })
	items := make(map[uint32][]int)
	for i, q := range queries {
		for x := range q.items {
			items[x] = append(items[x], i)
		}
	}
	return queries, items
}

// sharing lists the pairs of queries that lead to a common item, in order.
func sharing(items map[uint32][]int, most int) [][2]int {
	seen := make(map[[2]int]bool)
	var out [][2]int
	for _, of := range items {
		if len(of) > most {
			continue
		}
		for i, x := range of {
			for _, y := range of[i+1:] {
				if p := [2]int{x, y}; !seen[p] {
					seen[p] = true
					out = append(out, p)
				}
			}
		}
	}
	slices.SortFunc(out, func(p, q [2]int) int { return cmp.Or(cmp.Compare(p[0], q[0]), cmp.Compare(p[1], q[1])) })
	return out
}

// difference returns the one stretch in which two queries differ, of one or two words on each side. Order counts not:
// words that both have, wherever they stand, are set aside.
func difference(x, y []string) (from, to string, ok bool) {
	dx, dy := without(x, y), without(y, x)
	if len(dx) == 0 || len(dy) == 0 || len(dx) > 2 || len(dy) > 2 {
		return "", "", false
	}
	return strings.Join(dx, " "), strings.Join(dy, " "), true
}

func without(x, y []string) []string {
	var out []string
	for _, w := range x {
		if !slices.Contains(y, w) {
			out = append(out, w)
		}
	}
	return out
}

// sameWord says whether two words are forms or misspellings of one, or codes.
func (a *Analyzer) sameWord(x, y string) bool {
	if strings.ContainsAny(x+y, "0123456789") || slices.Equal(a.Terms(x), a.Terms(y)) || strings.ReplaceAll(x, " ", "") == strings.ReplaceAll(y, " ", "") {
		return true
	}
	rx, ry := []rune(x), []rune(y)
	return min(len(rx), len(ry)) >= 4 && oneEdit(rx, ry)
}

// oneEdit says whether a letter added, missing or wrong, or two swapped, make one of the other.
func oneEdit(x, y []rune) bool {
	if len(x) > len(y) {
		x, y = y, x
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	if len(x) < len(y) {
		return slices.Equal(x[i:], y[i+1:])
	}
	if i == len(x) || slices.Equal(x[i+1:], y[i+1:]) && len(x) == len(y) {
		return len(x) == len(y)
	}
	return i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] && slices.Equal(x[i+2:], y[i+2:])
}

func cosine(x, y map[uint32]float64) (float64, int) {
	keys := make([]uint32, 0, len(x))
	for k := range x {
		keys = append(keys, k)
	}
	slices.Sort(keys) // sums of floats depend on their order
	dot, shared := 0.0, 0
	for _, k := range keys {
		if v, ok := y[k]; ok {
			dot += x[k] * v
			shared++
		}
	}
	if shared == 0 {
		return 0, 0
	}
	return dot / (length(x) * length(y)), shared
}

func length(x map[uint32]float64) float64 {
	squares := make([]float64, 0, len(x))
	for _, v := range x {
		squares = append(squares, v*v)
	}
	slices.Sort(squares)
	s := 0.0
	for _, v := range squares {
		s += v
	}
	return math.Sqrt(s)
}

func ordered(a, b string) [2]string {
	if b < a {
		a, b = b, a
	}
	return [2]string{a, b}
}
