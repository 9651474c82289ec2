package hnsw

import (
	"math"
	"slices"
	"sync/atomic"
)

// insert is Algorithm 1: it chooses links for a new node at each of its levels
// and links back to it. Links from the node are written at all levels before any
// link to it, so that a search which meets it can go on. publish runs between.
func (g *Graph) insert(slot uint32, level int, row []float32, publish func()) {
	s, v := g.work, g.view()
	entry := g.entry.Load()
	if entry == noEntry {
		publish()
		g.entry.Store(uint64(slot) | uint64(level)<<32)
		return
	}
	copy(s.q, row)
	s.self = g.distance(row, row)
	top := min(level, int(entry>>32))
	at := g.descend(s, &v, entry, top)
	s.out = s.out[:0]
	for l := top; l >= 0; l-- {
		at = g.choose(s, &v, slot, at, l)
	}
	for i, to := range s.out {
		setLinks(v.links(slot, top-i), to)
	}
	publish()
	for i := len(s.out) - 1; i >= 0; i-- { // from level 0 upwards
		for _, n := range s.out[i] {
			g.linkBack(&v, n, slot, top-i)
		}
	}
	// The first node, a taller one, or one that nothing alive could be linked
	// to, from which the walk must then begin.
	if level > int(entry>>32) || len(s.out[len(s.out)-1]) == 0 {
		g.entry.Store(uint64(slot) | uint64(level)<<32)
	}
}

// choose appends to s.out the links of a new node at a level, and returns the
// nearest node found, from which the next level begins.
func (g *Graph) choose(s *scratch, v *view, slot uint32, at uint64, level int) uint64 {
	var admit func(meta uint64) bool
	if g.dead.Load() > 0 {
		admit = isLive
	}
	g.beam(s, v, at, g.o.EfBuild, level, math.MaxInt, admit)
	s.keys = append(s.keys[:0], s.best...)
	slices.Sort(s.keys)
	s.keys = slices.DeleteFunc(s.keys, func(k uint64) bool { return slotOf(k) == slot })
	g.prune(s, v, s.keys, g.o.M, s.self)
	n := len(s.out)
	if n < cap(s.out) {
		s.out = s.out[:n+1]
	} else {
		s.out = append(s.out, nil)
	}
	s.out[n] = append(s.out[n][:0], s.chosen...)
	if len(s.keys) > 0 {
		return s.keys[0]
	}
	return at
}

// prune is Algorithm 4 without its options: of candidates sorted by distance it
// leaves in s.chosen up to m, each nearer to the new node than to any chosen
// before it, so that links lead in different directions. At most a quarter are
// twins of the node, whose distance to itself is self.
func (g *Graph) prune(s *scratch, v *view, sorted []uint64, m int, self float32) {
	s.chosen = s.chosen[:0]
	twins := 0
next:
	for _, k := range sorted {
		if len(s.chosen) == m {
			return
		}
		row, d := v.row(slotOf(k)), distOf(k)
		if d == self {
			if twins++; twins > max(1, m/4) {
				continue
			}
		}
		for _, c := range s.chosen {
			if g.distance(row, v.row(c)) < d {
				continue next
			}
		}
		s.chosen = append(s.chosen, slotOf(k))
	}
}

// linkBack adds a link from n to slot; where n's list is full it is chosen anew.
func (g *Graph) linkBack(v *view, n, slot uint32, level int) {
	list := v.links(n, level)
	for i := range list {
		if list[i] == slot {
			return
		}
		if list[i] == none {
			atomic.StoreUint32(&list[i], slot)
			return
		}
	}
	s, row := g.work, v.row(n)
	s.cand = append(s.cand[:0], key(g.distance(row, v.row(slot)), slot))
	for _, c := range list {
		if isLive(v.meta(c).Load()) {
			s.cand = append(s.cand, key(g.distance(row, v.row(c)), c))
		}
	}
	slices.Sort(s.cand)
	g.prune(s, v, s.cand, len(list), g.distance(row, row))
	setLinks(list, s.chosen)
}
