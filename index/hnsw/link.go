package hnsw

import (
	"slices"
	"sync/atomic"
)

// plan is what insertion decided for one new node.
type plan struct {
	slot, id uint32
	level    int
	old      uint32     // slot that this takes the place of, none if it is new
	out      [][]uint32 // links by level, from 0 up
}

// choose fills p.out: Algorithm 1 without its writing. It reads the graph only.
func (g *Graph) choose(s *scratch, v *store, p *plan, entry uint64) {
	if entry == noEntry {
		return
	}
	s.at.stand(v, p.slot)
	s.twin, s.linking = v.selfBits(&s.at), true
	top := min(p.level, int(entry>>32))
	p.out = slices.Grow(p.out[:0], top+1)[:top+1]
	at := g.descend(s, v, entry, top)
	for l := top; l >= 0; l-- {
		at = g.chooseAt(s, v, p, at, l)
	}
}

// chooseAt chooses the links at a level, and returns the nearest node found, from which the next
// level begins.
func (g *Graph) chooseAt(s *scratch, v *store, p *plan, at uint64, level int) uint64 {
	g.beam(s, v, at, g.o.EfBuild, level)
	s.keys = s.pool.into(s.keys[:0])
	if len(s.keys) > 0 {
		at = s.keys[0]
	}
	s.cand = s.cand[:0]
	for _, k := range s.keys {
		if slotOf(k) != p.slot && isLive(v.meta[slotOf(k)].Load()) {
			s.cand = append(s.cand, k)
		}
	}
	g.prune(s, v, s.cand, g.o.M, s.twin)
	p.out[level] = append(p.out[level][:0], s.chosen...)
	return at
}

// prune is Algorithm 4 without its options: of candidates sorted by distance it
// leaves in s.chosen up to m, each nearer to the new node than to any chosen
// before it, so that links lead in different directions. At most a quarter are
// twins of the node, whose distance to itself is twin.
func (g *Graph) prune(s *scratch, v *store, sorted []uint64, m int, twin uint32) {
	s.chosen = s.chosen[:0]
	g.more(s, v, sorted, m, twin)
}

// more adds to s.chosen, as prune does, until there are m.
func (g *Graph) more(s *scratch, v *store, sorted []uint64, m int, twin uint32) {
	twins := 0
	for _, k := range sorted {
		if len(s.chosen) == m {
			return
		}
		slot, d := slotOf(k), distOf(k)
		if d == twin {
			if twins++; twins > max(1, m/4) {
				continue
			}
		}
		s.of.stand(v, slot)
		if !g.behind(s, v, d) {
			s.chosen = append(s.chosen, slot)
		}
	}
}

// behind reports whether a chosen node is nearer to the candidate s.of than d.
func (g *Graph) behind(s *scratch, v *store, d uint32) bool {
	const few = 4
	for i := 0; i < len(s.chosen); i += few {
		part := s.chosen[i:min(i+few, len(s.chosen))]
		v.compare(s.dists, s, &s.of, part)
		for _, x := range s.dists[:len(part)] {
			if x < d {
				return true
			}
		}
	}
	return false
}

// linkBack adds links from n to new nodes; where n's list has no room it is chosen anew.
func (g *Graph) linkBack(s *scratch, v *store, n uint32, level int, add []uint32) {
	g.touch(n)
	list := v.list(n, level)
	have := count(list)
	for len(add) > 0 && have < len(list) {
		if !slices.Contains(list[:have], add[0]) {
			atomic.StoreUint32(&list[have], add[0])
			have++
		}
		add = add[1:]
	}
	if len(add) == 0 {
		return
	}
	s.slots = s.slots[:0]
	for _, c := range list {
		if isLive(v.meta[c].Load()) {
			s.slots = append(s.slots, c)
		}
	}
	for _, c := range add {
		if !slices.Contains(s.slots, c) {
			s.slots = append(s.slots, c)
		}
	}
	g.relist(s, v, n, list)
}

// relist chooses the links of n anew among s.slots.
func (g *Graph) relist(s *scratch, v *store, n uint32, list []uint32) {
	twin := v.ranked(s, n)
	g.prune(s, v, s.cand, len(list), twin)
	setLinks(list, s.chosen)
}

// ranked fills s.cand with s.slots, nearest to a node first, and returns the node's own distance.
func (v *store) ranked(s *scratch, n uint32) uint32 {
	s.of.stand(v, n)
	twin := v.selfBits(&s.of)
	s.cand = s.cand[:0]
	for from := 0; from < len(s.slots); from += scanRows {
		part := s.slots[from:min(from+scanRows, len(s.slots))]
		v.compare(s.dists, s, &s.of, part)
		for i, c := range part {
			s.cand = append(s.cand, key(s.dists[i], c))
		}
	}
	slices.Sort(s.cand)
	return twin
}
