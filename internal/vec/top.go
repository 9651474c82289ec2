package vec

import (
	"cmp"
	"math"
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

// key packs a Scored so that the better one is larger, in the order of Compare:
// the score's bits turned until they sort as numbers do, then the id's, negated.
// Both zeros are one; every NaN is one, and last.
func key(s Scored) uint64 {
	b := math.Float32bits(s.Score)
	switch {
	case s.Score != s.Score:
		b = 0
	case s.Score == 0:
		b = 1 << 31
	case b>>31 != 0:
		b = ^b
	default:
		b |= 1 << 31
	}
	return uint64(b)<<32 | uint64(^s.ID)
}

func unkey(k uint64) Scored {
	b := uint32(k >> 32)
	switch {
	case b == 0:
		b = math.Float32bits(float32(math.NaN()))
	case b>>31 != 0:
		b &^= 1 << 31
	default:
		b = ^b
	}
	return Scored{^uint32(k), math.Float32frombits(b)}
}

// Best keeps the K best of what is pushed, in a heap with the worst on top. A
// push that is not kept costs one comparison. Not safe for concurrent use.
type Best struct {
	k    int
	heap []uint64 // keys
	out  []Scored
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
func (b *Best) Worst() Scored { return unkey(b.heap[0]) }

// Takes reports whether a push of s would be kept.
func (b *Best) Takes(s Scored) bool {
	return len(b.heap) < b.k || b.k > 0 && key(s) > b.heap[0]
}

// Push offers one and reports whether it was kept.
func (b *Best) Push(s Scored) bool {
	k := key(s)
	if len(b.heap) < b.k {
		b.heap = append(b.heap, k)
		b.up(len(b.heap) - 1)
		return true
	}
	if b.k <= 0 || k <= b.heap[0] {
		return false
	}
	b.down(k)
	return true
}

// Sorted orders what is kept, best first, and returns it. The slice is b's own
// and lasts until the next Sorted; call Reset before pushing again.
func (b *Best) Sorted() []Scored {
	slices.Sort(b.heap)
	b.out = b.out[:0]
	for i := len(b.heap) - 1; i >= 0; i-- {
		b.out = append(b.out, unkey(b.heap[i]))
	}
	return b.out
}

func (b *Best) up(i int) {
	h := b.heap
	k := h[i]
	for i > 0 {
		p := (i - 1) / 2
		if h[p] <= k {
			break
		}
		h[i] = h[p]
		i = p
	}
	h[i] = k
}

// down puts k in the place of the worst.
func (b *Best) down(k uint64) {
	h, i := b.heap, 0
	for {
		c := 2*i + 1
		if c >= len(h) {
			break
		}
		if c+1 < len(h) && h[c+1] < h[c] {
			c++
		}
		if h[c] >= k {
			break
		}
		h[i] = h[c]
		i = c
	}
	h[i] = k
}

// Top returns the k best of scores, best first, with the position as the id.
// It allocates the result.
func Top(scores []float32, k int) []Scored {
	b := NewBest(min(k, len(scores)))
	for i, s := range scores {
		b.Push(Scored{uint32(i), s})
	}
	return b.Sorted()
}
