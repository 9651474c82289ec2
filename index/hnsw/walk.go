package hnsw

import (
	"sync/atomic"

	"bowerbird/internal/vec"
)

// scratch is what one walk needs; it is used again by others.
type scratch struct {
	q       []float32 // prepared query
	at      probe     // what is searched for
	row     []float32
	seen    []uint64 // a bit for each slot
	touched []uint32 // the words of seen that are not zero
	pool    pool
	best    maxHeap // the ef nearest that were admitted
	inner   maxHeap // the nearest of best, around which a walk with a filter goes on
	front   maxHeap // what a walk with a filter has still to expand, each key turned over
	slots   []uint32
	dists   []uint32
	dist    []float32
	beside  []float32
	whole   []int32
	single  [1]uint32
	alone   [1]uint32
	twin    uint32 // distance of a node equal to at
	linking bool   // whether few twins only are looked at
	twins   int

	// For choosing links.
	of     probe
	chosen []uint32
	cand   []uint64
	keys   []uint64
}

// scanRows is how many rows a scan compares at a time.
const scanRows = 256

func (g *Graph) newScratch() *scratch {
	w := max(together*g.shape.m0+1, scanRows)
	return &scratch{
		q: make([]float32, g.shape.dim), row: make([]float32, g.shape.dim), slots: make([]uint32, 0, w),
		dists: make([]uint32, w), dist: make([]float32, w), beside: make([]float32, w), whole: make([]int32, w),
	}
}

// see marks a slot and reports whether it is new.
func (s *scratch) see(slot uint32) bool {
	w, bit := slot>>6, uint64(1)<<(slot&63)
	if int(w) >= len(s.seen) {
		s.seen = append(s.seen, make([]uint64, int(w)+1024-len(s.seen))...)
	}
	old := s.seen[w]
	if old&bit != 0 {
		return false
	}
	if old == 0 {
		s.touched = append(s.touched, w)
	}
	s.seen[w] = old | bit
	return true
}

func (s *scratch) forget() {
	for _, w := range s.touched {
		s.seen[w] = 0
	}
	s.touched = s.touched[:0]
}

// gather leaves in s.slots the links of slot, only those not seen before if fresh. v is taken
// anew where a link leads to a node that came after it.
func (g *Graph) gather(s *scratch, v *store, slot uint32, level int, fresh bool) {
	s.slots = s.slots[:0]
	list := v.list(slot, level)
	for i := range list {
		n := atomic.LoadUint32(&list[i])
		if n == none {
			break
		}
		if fresh && !s.see(n) {
			continue
		}
		s.slots = append(s.slots, n)
	}
}

// greedy walks at one level to a node none of whose links is nearer (Algorithm
// 2 with ef = 1).
func (g *Graph) greedy(s *scratch, v *store, at uint64, level int) uint64 {
	for {
		from := at
		g.gather(s, v, slotOf(at), level, false)
		v.compare(s.dists, s, &s.at, s.slots)
		for i, slot := range s.slots {
			at = min(at, key(s.dists[i], slot))
		}
		if at == from {
			return at
		}
	}
}

// beam is Algorithm 2: it leaves in s.pool the ef nearest nodes that it met at a level, walking
// from the node at.
func (g *Graph) beam(s *scratch, v *store, at uint64, ef, level int) {
	s.forget()
	s.pool.reset(ef)
	s.twins = 0
	s.see(slotOf(at))
	s.pool.add(distOf(at), slotOf(at))
	for {
		slot, ok := s.pool.pop()
		if !ok {
			return
		}
		g.gather(s, v, slot, level, true)
		if len(s.slots) == 0 {
			continue
		}
		v.prefetch(s, level)
		v.compare(s.dists, s, &s.at, s.slots)
		worst := s.pool.worst()
		for i, n := range s.slots {
			d := s.dists[i]
			if d > worst {
				continue
			}
			if s.linking && d == s.twin {
				if s.twins++; s.twins > maxTwins {
					continue
				}
			}
			s.pool.add(d, n)
			worst = s.pool.worst()
		}
	}
}

// prefetch asks for what is read next: the rows of s.slots, and the links of the node that is
// likely to be expanded then.
func (v *store) prefetch(s *scratch, level int) {
	v.prefetchRows(s)
	if next, ok := s.pool.peek(); ok && level == 0 {
		s.single[0] = next
		vec.Prefetch(v.links, v.m0, v.m0, s.single[:])
	}
}

// prefetchRows asks for the codes of s.slots. Rows of float32 are asked for as they are compared.
func (v *store) prefetchRows(s *scratch) {
	switch {
	case s.at.bits:
		vec.Prefetch(v.words, v.stride, v.stride, s.slots)
	case v.codes != nil:
		vec.Prefetch(v.codes, v.stride, v.dim, s.slots)
	}
}

// descend walks from the entry down to the level above which the beam begins.
func (g *Graph) descend(s *scratch, v *store, entry uint64, to int) uint64 {
	at := key(v.one(s, &s.at, uint32(entry)), uint32(entry))
	for level := int(entry >> 32); level > to; level-- {
		at = g.greedy(s, v, at, level)
	}
	return at
}

// maxTwins is how many vectors equal to a new one are looked at when it is
// linked. Where thousands are equal (one picture of many items), links among them
// alone would cut them off from the rest. A walk may find only some of them.
const maxTwins = 8
