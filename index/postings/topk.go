package postings

import (
	"math"
	"slices"
)

// topK keeps the best hits in a heap with the worst on top.
type topK struct {
	k int
	h []Hit
}

func (t *topK) reset(k int) { t.k, t.h = k, t.h[:0] }

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
	h := t.h
	if len(h) < t.k {
		h = append(h, x)
		for i := len(h) - 1; i > 0 && worse(h[i], h[(i-1)/2]); i = (i - 1) / 2 {
			h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
		}
		t.h = h
		return
	}
	if !worse(h[0], x) {
		return
	}
	h[0] = x
	for i := 0; ; {
		c := 2*i + 1
		if c >= len(h) {
			return
		}
		if c+1 < len(h) && worse(h[c+1], h[c]) {
			c++
		}
		if !worse(h[c], h[i]) {
			return
		}
		h[i], h[c] = h[c], h[i]
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
