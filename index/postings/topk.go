package postings

import (
	"math"
	"slices"
)

// topK keeps the best hits in a heap with the worst on top, and of each group only the best.
type topK struct {
	k      int
	h      []Hit
	groups []uint64       // of h, if at is not nil
	at     map[uint64]int // where a group stands in h
}

func (t *topK) reset(k int, grouped bool) {
	t.k, t.h, t.groups, t.at = k, t.h[:0], t.groups[:0], nil
	if grouped {
		t.at = make(map[uint64]int)
	}
}

// worse orders by score, and among equals the larger number is worse.
func worse(a, b Hit) bool { return a.Score < b.Score || a.Score == b.Score && a.Doc > b.Doc }

// threshold is the score below which a document cannot enter.
func (t *topK) threshold() float64 {
	if len(t.h) < t.k {
		return math.Inf(-1)
	}
	return t.h[0].Score
}

// could says whether a document with this number, or a later one, and at most this score could enter.
func (t *topK) could(score float64, doc uint32) bool {
	if len(t.h) < t.k || score > t.h[0].Score {
		return true
	}
	return score == t.h[0].Score && doc < t.h[0].Doc
}

func (t *topK) add(x Hit) {
	if len(t.h) < t.k {
		t.h = append(t.h, x)
		t.up(len(t.h) - 1)
	} else if worse(t.h[0], x) {
		t.h[0] = x
		t.down(0)
	}
}

// addGrouped takes a hit of a group. A group that was pushed out had a best hit worse than those of K others, and these
// only get better; so nothing that was forgotten is missed.
func (t *topK) addGrouped(x Hit, group uint64) {
	if i, ok := t.at[group]; ok {
		if worse(t.h[i], x) {
			t.h[i] = x
			t.down(i)
		}
		return
	}
	switch {
	case len(t.h) < t.k:
		t.h, t.groups = append(t.h, x), append(t.groups, group)
		t.at[group] = len(t.h) - 1
		t.up(len(t.h) - 1)
	case worse(t.h[0], x):
		delete(t.at, t.groups[0])
		t.h[0], t.groups[0], t.at[group] = x, group, 0
		t.down(0)
	}
}

func (t *topK) swap(i, j int) {
	t.h[i], t.h[j] = t.h[j], t.h[i]
	if t.at != nil {
		t.groups[i], t.groups[j] = t.groups[j], t.groups[i]
		t.at[t.groups[i]], t.at[t.groups[j]] = i, j
	}
}

func (t *topK) up(i int) {
	for ; i > 0 && worse(t.h[i], t.h[(i-1)/2]); i = (i - 1) / 2 {
		t.swap(i, (i-1)/2)
	}
}

func (t *topK) down(i int) {
	for {
		c := 2*i + 1
		if c >= len(t.h) {
			return
		}
		if c+1 < len(t.h) && worse(t.h[c+1], t.h[c]) {
			c++
		}
		if !worse(t.h[c], t.h[i]) {
			return
		}
		t.swap(i, c)
		i = c
	}
}

// sorted returns a copy, best first.
func (t *topK) sorted() []Hit {
	out := append([]Hit{}, t.h...)
	slices.SortFunc(out, func(a, b Hit) int {
		if worse(b, a) {
			return -1
		}
		return 1
	})
	return out
}
