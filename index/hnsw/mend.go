package hnsw

import (
	"math"
	"slices"
)

// mend takes deleted nodes out of the graph. They gather in pending; when they
// are enough they become the dying, and a hand passes over every slot, a few with
// each further deletion, and gives each node that links to a dying one new links
// in place of it. When the hand has passed, no link leads to the dying, because
// nothing links to a dead node anew; their slots can be used again.
type mend struct {
	pending, dying []uint32
	next, end      uint32 // the hand, and where it stops
}

const (
	// mendAt is the share of dead nodes, 1 in mendAt, at which repair begins,
	// and mendStep how many slots the hand passes with each deletion: a pass
	// ends as the next is due. Searches meet at most 1 dead in 8 nodes.
	mendAt    = 16
	mendStep  = 16
	mendLeast = 32
)

// mendSome does the share of repair of one deletion.
func (g *Graph) mendSome() {
	m := &g.mend
	if len(m.dying) == 0 {
		if len(m.pending) < max(mendLeast, int(g.live.Load())/mendAt) {
			return
		}
		g.beginMend()
	}
	g.mendSteps(mendStep)
}

// beginMend makes what is pending the dying.
func (g *Graph) beginMend() {
	m := &g.mend
	m.dying, m.pending = m.pending, nil
	m.next, m.end = 0, g.n
	v := g.store.Load()
	for _, slot := range m.dying {
		g.touch(slot)
		v.meta[slot].Or(stateDying << stateShift)
	}
}

// mendSteps moves the hand by up to n slots.
func (g *Graph) mendSteps(n int) {
	m := &g.mend
	for i := 0; i < n && m.next < m.end; i++ {
		g.repair(m.next)
		m.next++
	}
	if m.next == m.end {
		g.bury()
	}
	g.epochs.advance()
}

// repair replaces slot's links to deleted nodes by links chosen among theirs
// (after FreshDiskANN, Algorithm 4). Unlike there, links to live nodes stay as they are: choosing
// all anew took a third of the links of a graph of which a fifth was deleted. And the new
// neighbours also link back, because the node may have lost its only way in.
func (g *Graph) repair(slot uint32) {
	s, v := g.work, g.store.Load()
	meta := v.meta[slot].Load()
	if state(meta) == stateFree || state(meta) == stateDying {
		return
	}
	for level := 0; level <= levelOf(meta); level++ {
		list := v.list(slot, level)
		if !slices.ContainsFunc(list, func(n uint32) bool {
			return n != none && state(v.meta[n].Load()) == stateDying
		}) {
			continue
		}
		g.touch(slot)
		kept := g.around(s, v, slot, list, level)
		g.fillUp(s, v, slot, list)
		if !isLive(meta) {
			continue
		}
		is := slices.Clone(s.chosen)
		for _, n := range is[kept:] {
			g.linkBack(s, v, n, level, []uint32{slot})
		}
		if len(is) == 0 && g.live.Load() > 1 {
			g.relink(slot, level)
		}
	}
}

// around leaves in s.chosen the live nodes of a list, and returns their number, and gathers in s.slots the live nodes
// that its deleted ones link to.
func (g *Graph) around(s *scratch, v *store, slot uint32, list []uint32, level int) (kept int) {
	s.forget()
	s.see(slot)
	s.slots, s.chosen = s.slots[:0], s.chosen[:0]
	list = list[:count(list)]
	for _, n := range list {
		if isLive(v.meta[n].Load()) && s.see(n) {
			s.chosen = append(s.chosen, n)
		}
	}
	for _, n := range list {
		if isLive(v.meta[n].Load()) {
			continue
		}
		for _, far := range v.list(n, level) {
			if far == none {
				break
			}
			if isLive(v.meta[far].Load()) && s.see(far) {
				s.slots = append(s.slots, far)
			}
		}
	}
	return len(s.chosen)
}

// fillUp writes s.chosen as slot's list and adds to it the nearest of s.slots, of which none is nearer to a link
// than to slot: as many as the list had.
func (g *Graph) fillUp(s *scratch, v *store, slot uint32, list []uint32) {
	most := count(list)
	twin := v.ranked(s, slot)
	g.more(s, v, s.cand, most, twin)
	setLinks(list, s.chosen)
}

// relink searches new links for a node that lost all of them at a level.
func (g *Graph) relink(slot uint32, level int) {
	s, v := g.work, g.store.Load()
	entry := v.entry.Load()
	s.at.stand(v, slot)
	s.twin, s.linking = v.selfBits(&s.at), true
	p := plan{slot: slot, out: make([][]uint32, level+1)}
	g.chooseAt(s, v, &p, g.descend(s, v, entry, level), level)
	to := p.out[level]
	if len(to) == 0 && level == 0 { // nothing alive in reach
		to = g.someLive(v, slot)
	}
	g.touch(slot)
	setLinks(v.list(slot, level), to)
	for _, n := range to {
		g.linkBack(s, v, n, level, []uint32{slot})
	}
}

// someLive returns up to M live slots other than one.
func (g *Graph) someLive(v *store, but uint32) []uint32 {
	var to []uint32
	for slot := uint32(0); slot < g.n && len(to) < g.o.M; slot++ {
		if slot != but && isLive(v.meta[slot].Load()) {
			to = append(to, slot)
		}
	}
	return to
}

// bury frees the dying.
func (g *Graph) bury() {
	v, m := g.store.Load(), &g.mend
	if e := v.entry.Load(); state(v.meta[uint32(e)].Load()) == stateDying {
		v.entry.Store(g.tallest(v))
	}
	epoch := g.epochs.now.Load()
	for _, slot := range m.dying {
		g.touch(slot)
		w := &v.meta[slot]
		w.Store(uint64(uint32(w.Load())))
		g.free = append(g.free, freed{slot, epoch})
	}
	g.dead.Add(-int64(len(m.dying)))
	m.dying, m.next, m.end = nil, 0, 0
}

// tallest returns the entry for the live node of the highest level, the lowest
// slot among equals; a dead one where none lives.
func (g *Graph) tallest(v *store) uint64 {
	best, rank := uint64(noEntry), math.MinInt
	for slot := range g.n {
		meta := v.meta[slot].Load()
		r := levelOf(meta)
		switch state(meta) {
		case stateFree, stateDying:
			continue
		case stateDead:
			r -= maxLevel + 1
		}
		if r > rank {
			best, rank = uint64(slot)|uint64(levelOf(meta))<<32, r
		}
	}
	return best
}
