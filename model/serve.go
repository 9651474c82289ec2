package model

import (
	"math"
	"slices"
	"sync"

	"bowerbird/internal/vec"
)

// base is what every model has.
type base struct {
	items int
	card  Card
}

func (b *base) Card() Card { return b.card }
func (b *base) Items() int { return b.items }

// scratch is the working memory of one request, reused between requests of any model.
type scratch struct {
	hist    []Weighted // the history as the model counts it
	scores  []float32  // one for each item of the catalogue, not zeroed
	sparse  []float32  // zero between requests, as long as the largest catalogue seen
	touched []uint32   // where sparse is not zero
	a, b, c []float32  // fold-in: system, right side, panel
	best    vec.Best
}

var pool = sync.Pool{New: func() any { return new(scratch) }}

// counted returns the history in training weights, without what counts for nothing.
func (b *base) counted(s *scratch, history []Weighted) []Weighted {
	s.hist = s.hist[:0]
	for _, h := range history {
		if int(h.Item) >= b.items {
			continue
		}
		if w := b.card.Weigh.Of(h.Weight); w > 0 {
			s.hist = append(s.hist, Weighted{h.Item, w})
		}
	}
	return s.hist
}

// room returns a slice of length n on top of *p, growing it if needed; the contents are left over from earlier.
func room(p *[]float32, n int) []float32 {
	*p = slices.Grow((*p)[:0], n)[:n]
	return *p
}

// pick appends the best n of scores to dst, without the history and what skip refuses. It destroys scores.
func pick(dst []Scored, s *scratch, scores []float32, history []Weighted, n int, skip func(uint32) bool) []Scored {
	if n <= 0 {
		return dst
	}
	gone := float32(math.Inf(-1))
	for _, h := range history {
		if int(h.Item) < len(scores) {
			scores[h.Item] = gone
		}
	}
	s.best.Reset(min(n, len(scores)))
	worst := gone
	for i, v := range scores {
		if !(v > worst) || skip != nil && skip(uint32(i)) {
			continue
		}
		s.best.Push(vec.Scored{ID: uint32(i), Score: v})
		if s.best.Full() {
			worst = s.best.Worst().Score
		}
	}
	return appendBest(dst, &s.best)
}

// pickSparse is pick over the touched items only; it leaves sparse zero again.
func pickSparse(dst []Scored, s *scratch, history []Weighted, n int, skip func(uint32) bool) []Scored {
	for _, h := range history {
		if int(h.Item) < len(s.sparse) {
			s.sparse[h.Item] = 0
		}
	}
	s.best.Reset(max(0, min(n, len(s.touched))))
	for _, i := range s.touched {
		v := s.sparse[i]
		s.sparse[i] = 0
		if v == 0 || v != v || s.best.Full() && (n <= 0 || v < s.best.Worst().Score) || skip != nil && skip(i) {
			continue
		}
		s.best.Push(vec.Scored{ID: i, Score: v})
	}
	s.touched = s.touched[:0]
	return appendBest(dst, &s.best)
}

func appendBest(dst []Scored, b *vec.Best) []Scored {
	for _, x := range b.Sorted() {
		dst = append(dst, Scored{x.ID, x.Score})
	}
	return dst
}
