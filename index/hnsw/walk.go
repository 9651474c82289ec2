package hnsw

import (
	"math"
	"sync/atomic"

	"bowerbird/index"
)

// scratch is what one search needs; it is used again by others.
type scratch struct {
	q       []float32
	seen    []uint64 // a bit for each slot
	touched []uint32 // the words of seen that are not zero
	near    minHeap  // to be expanded
	best    maxHeap  // the ef nearest that were admitted
	slots   []uint32
	rows    []*float32
	dist    []float32
	keys    []uint64
	visited int
	self    float32 // the distance of a twin, a vector equal to q; NaN in searches
	twins   int

	// For choosing links.
	chosen  []uint32
	out     [][]uint32
	cand    []uint64
	was, is []uint32
}

func (g *Graph) newScratch() *scratch {
	w := max(g.shape.m0, scanRows)
	return &scratch{
		self: float32(math.NaN()),
		q:    make([]float32, g.dim), slots: make([]uint32, 0, w), rows: make([]*float32, w), dist: make([]float32, w),
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

// greedy walks at one level to a node none of whose links is nearer (Algorithm
// 2 with ef = 1).
func (g *Graph) greedy(s *scratch, v *view, at uint64, level int) uint64 {
	for {
		from := at
		g.expand(s, v, slotOf(at), level, false)
		for i, slot := range s.slots {
			at = min(at, key(s.dist[i], slot))
		}
		if at == from {
			return at
		}
	}
}

// expand fills s.slots with the links of slot, only those not seen before if
// fresh, and s.dist with their distances.
func (g *Graph) expand(s *scratch, v *view, slot uint32, level int, fresh bool) {
	s.slots = s.slots[:0]
	list := v.links(slot, level)
	for i := range list {
		n := atomic.LoadUint32(&list[i])
		if n == none {
			break
		}
		if fresh && !s.see(n) {
			continue
		}
		if int(n>>v.shift) >= len(v.blocks) { // linked since v was taken
			*v = g.view()
		}
		s.rows[len(s.slots)] = &v.blocks[n>>v.shift].rows[int(n&v.mask)*v.dim]
		s.slots = append(s.slots, n)
	}
	g.distances(s.dist[:len(s.slots)], s.q, s.rows[:len(s.slots)])
}

// beam is Algorithm 2: it leaves in s.best the ef nearest admitted nodes that
// it met at a level, walking from the node at. Nodes that admit refuses are
// walked through but not kept; nil admits all. It gives up, returning false,
// when it has met more than limit nodes.
func (g *Graph) beam(s *scratch, v *view, at uint64, ef, level, limit int, admit func(meta uint64) bool) bool {
	s.forget()
	s.near, s.best, s.visited = s.near[:0], s.best[:0], 1
	s.twins = 0
	s.see(slotOf(at))
	s.near.push(at)
	if admit == nil || admit(v.meta(slotOf(at)).Load()) {
		s.best.push(at)
	}
	for len(s.near) > 0 {
		c := s.near.pop()
		if len(s.best) >= ef && c > s.best[0] {
			break
		}
		g.expand(s, v, slotOf(c), level, true)
		if s.visited += len(s.slots); s.visited > limit {
			return false
		}
		for i, slot := range s.slots {
			k := key(s.dist[i], slot)
			full := len(s.best) >= ef
			if full && k >= s.best[0] {
				continue
			}
			if s.dist[i] == s.self {
				if s.twins++; s.twins > maxTwins {
					continue
				}
			}
			s.near.push(k)
			if admit != nil && !admit(v.meta(slot).Load()) {
				continue
			}
			if full {
				s.best.replace(k)
			} else {
				s.best.push(k)
			}
		}
	}
	return true
}

// descend walks from the entry down to the level above which the beam begins.
func (g *Graph) descend(s *scratch, v *view, entry uint64, to int) uint64 {
	at := key(g.distance(s.q, v.row(uint32(entry))), uint32(entry))
	for level := int(entry >> 32); level > to; level-- {
		at = g.greedy(s, v, at, level)
	}
	return at
}

// maxTwins is how many vectors equal to a new one are looked at when it is
// linked. Where thousands are equal (one picture of many items), links among them
// alone would cut them off from the rest. A walk may find only some of them.
const maxTwins = 8

func isLive(meta uint64) bool { return state(meta) == stateLive }

// admission returns what beam should ask of each node.
func (g *Graph) admission(o *index.Options) func(meta uint64) bool {
	if o.All() {
		if g.dead.Load() == 0 {
			return nil
		}
		return isLive
	}
	return func(meta uint64) bool { return isLive(meta) && o.Admits(uint32(meta)) }
}
