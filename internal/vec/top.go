package vec

import (
	"cmp"
	"slices"
)

// Scored is an id with its score.
type Scored struct {
	ID    uint32
	Score float32
}

// Compare orders the best first: the higher score, and the smaller id where
// scores are equal, so that any selection has one answer. NaN goes last.
func Compare(a, b Scored) int {
	switch {
	case a.Score > b.Score:
		return -1
	case a.Score < b.Score:
		return 1
	case a.Score == b.Score:
		return cmp.Compare(a.ID, b.ID)
	}
	if c := cmp.Compare(b.Score, a.Score); c != 0 { // a NaN
		return c
	}
	return cmp.Compare(a.ID, b.ID)
}

// Best keeps the K best of what is pushed, in a heap with the worst on top. A
// push that is not kept costs one comparison. Not safe for concurrent use.
type Best struct {
	k    int
	heap []Scored
}

// NewBest returns a selection of the k best; it allocates as it fills.
func NewBest(k int) *Best { return &Best{k: k} }

// Reset empties b for another selection of k and keeps its memory.
func (b *Best) Reset(k int) { b.k, b.heap = k, b.heap[:0] }

// Len returns how many are kept.
func (b *Best) Len() int { return len(b.heap) }

// Full reports whether k are kept, so that only better ones enter.
func (b *Best) Full() bool { return len(b.heap) >= b.k }

// Worst returns the worst that is kept. The selection must not be empty.
func (b *Best) Worst() Scored { return b.heap[0] }

// Push offers one and reports whether it was kept.
func (b *Best) Push(s Scored) bool {
	if len(b.heap) < b.k {
		b.heap = append(b.heap, s)
		b.up(len(b.heap) - 1)
		return true
	}
	if b.k <= 0 || Compare(s, b.heap[0]) >= 0 {
		return false
	}
	b.heap[0] = s
	b.down(0)
	return true
}

// Sorted orders what is kept, best first, and returns it. The slice is b's own
// and lasts until the next Reset; call Reset before pushing again.
func (b *Best) Sorted() []Scored {
	slices.SortFunc(b.heap, Compare)
	return b.heap
}

func (b *Best) up(i int) {
	for i > 0 {
		p := (i - 1) / 2
		if Compare(b.heap[i], b.heap[p]) <= 0 {
			return
		}
		b.heap[i], b.heap[p] = b.heap[p], b.heap[i]
		i = p
	}
}

func (b *Best) down(i int) {
	for {
		c := 2*i + 1
		if c >= len(b.heap) {
			return
		}
		if c+1 < len(b.heap) && Compare(b.heap[c+1], b.heap[c]) > 0 {
			c++
		}
		if Compare(b.heap[c], b.heap[i]) <= 0 {
			return
		}
		b.heap[i], b.heap[c] = b.heap[c], b.heap[i]
		i = c
	}
}

// Top returns the k best of scores, best first, with the position as the id.
// It allocates the result.
func Top(scores []float32, k int) []Scored {
	b := NewBest(min(k, len(scores)))
	for i, s := range scores {
		if b.Full() && b.k > 0 && s < b.heap[0].Score {
			continue
		}
		b.Push(Scored{uint32(i), s})
	}
	return b.Sorted()
}
