package hnsw

import (
	"fmt"
	"runtime"
	"slices"

	"bowerbird/index"
	"bowerbird/internal/vec"
)

// scanBelow is the number of nodes up to which every vector is compared:
// as fast as a walk there, and exact.
const scanBelow = 1024

// Search implements index.Index. It walks, unless comparing with the admitted
// vectors one after another is expected to cost less; that answer is exact, or
// nearly so where the form has codes.
func (g *Graph) Search(q []float32, k int, o index.Options) ([]index.Hit, error) {
	if k < 1 {
		return nil, fmt.Errorf("hnsw: k is %d: %w", k, index.ErrK)
	}
	if err := o.Valid(); err != nil {
		return nil, err
	}
	s := g.borrow()
	defer g.pool.Put(s)
	if err := g.shape.metric.Prepare(s.q, q); err != nil {
		return nil, err
	}
	e := g.epochs.enter()
	defer g.epochs.leave(e)
	deaths := g.deaths.Load()
	v := g.store.Load()
	entry := v.entry.Load()
	defer runtime.KeepAlive(v)
	if entry == noEntry {
		return nil, nil
	}
	s.at.ask(v, s.q)
	s.linking = false
	ef := g.width(k, &o)
	if o.All() && g.live.Load()+g.dead.Load() > scanBelow {
		g.walk(s, v, entry, ef)
	} else {
		g.among(s, v, entry, ef, k, &o)
	}
	hits := g.answer(s, v, k)
	if g.deaths.Load() != deaths {
		hits = once(hits)
	}
	return hits, nil
}

// width is how many candidates a search keeps in view.
func (g *Graph) width(k int, o *index.Options) int {
	ef := o.Ef
	switch {
	case ef > 0:
	case o.Recall > 0:
		ef = g.widthFor(o.Recall, k)
	case g.o.Recall > 0:
		ef = g.widthFor(g.o.Recall, k)
	default:
		ef = g.o.Ef
	}
	return max(min(ef, max(g.Len(), 1)), min(k, g.Len()))
}

// walk leaves in s.best the nearest nodes that a walk finds.
func (g *Graph) walk(s *scratch, v *store, entry uint64, ef int) {
	g.beam(s, v, g.descend(s, v, entry, 0), g.widened(ef), 0)
	s.keepAdmitted(v, nil)
}

// widened makes room in a pool for the deleted nodes that will be met.
func (g *Graph) widened(ef int) int {
	if dead, live := int(g.dead.Load()), int(g.live.Load()); dead > 0 {
		ef += ef * dead / max(live, 1)
	}
	return ef
}

// keepAdmitted leaves in s.best those of the pool that live and pass o.
func (s *scratch) keepAdmitted(v *store, o *index.Options) {
	s.best = s.best[:0]
	for _, k := range s.pool.into(s.keys[:0]) {
		meta := v.meta[slotOf(k)].Load()
		if isLive(meta) && (o == nil || o.Admits(uint32(meta))) {
			s.best = append(s.best, k)
		}
	}
}

// rescored is how many of the nearest by their codes are scored by their vectors: the rounding
// of bytes moves a true hit behind few others, that of bits behind hundreds.
func (v *store) rescored(k int) int {
	if v.form == Bits {
		return 100 + 40*k
	}
	return k + max(16, k/2)
}

// answer scores the nearest of s.best and returns the k best.
func (g *Graph) answer(s *scratch, v *store, k int) []index.Hit {
	slices.Sort(s.best)
	if most := v.rescored(k); v.codes != nil && len(s.best) > most {
		s.best = s.best[:most]
	}
	hits := make([]index.Hit, len(s.best))
	for from := 0; from < len(hits); from += scanRows {
		part := s.best[from:min(from+scanRows, len(hits))]
		s.slots = s.slots[:0]
		for _, b := range part {
			s.slots = append(s.slots, slotOf(b))
		}
		v.scores(s.dist[:len(part)], s, s.q, s.slots)
		for i, slot := range s.slots {
			hits[from+i] = index.Hit{ID: uint32(v.meta[slot].Load()), Score: s.dist[i] + 0}
		}
	}
	slices.SortFunc(hits, vec.Compare)
	return hits[:min(k, len(hits))]
}

// once drops the farther of two hits of one id: a vector that was replaced while
// the search passed can be met at its old place and at its new one.
func once(hits []index.Hit) []index.Hit {
	seen := make(map[uint32]bool, len(hits))
	return slices.DeleteFunc(hits, func(h index.Hit) bool {
		was := seen[h.ID]
		seen[h.ID] = true
		return was
	})
}
