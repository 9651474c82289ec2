package hnsw

import (
	"fmt"
	"slices"

	"bowerbird/index"
)

const (
	// scanRows is how many rows a scan compares at a time.
	scanRows = 256
	// scanBelow is the number of slots up to which every vector is compared:
	// as fast as a walk there, and exact.
	scanBelow = 1024
	// sampled is how many nodes are asked to estimate what a filter admits.
	sampled = 128
)

// Search implements index.Index. It walks, unless comparing with the admitted
// vectors one after another is expected to cost less; that answer is exact.
func (g *Graph) Search(q []float32, k int, o index.Options) ([]index.Hit, error) {
	if k < 1 {
		return nil, fmt.Errorf("hnsw: k is %d: %w", k, index.ErrK)
	}
	s, _ := g.pool.Get().(*scratch)
	if s == nil {
		s = g.newScratch()
	}
	defer g.pool.Put(s)
	if err := g.metric.Prepare(s.q, q); err != nil {
		return nil, err
	}
	e := g.epochs.enter()
	defer g.epochs.leave(e)
	deaths := g.deaths.Load()
	entry, v := g.entry.Load(), g.view()
	if entry == noEntry {
		return nil, nil
	}
	ef := o.Ef
	if ef <= 0 {
		ef = g.o.Ef
	}
	ef = max(ef, min(k, g.Len()))
	switch g.plan(&v, ef, &o) {
	case scanning:
		g.scan(s, &v, k, &o)
	case picking:
		g.pick(s, &v, k, &o)
	default:
		limit := len(v.blocks) << v.shift / 2
		if !g.beam(s, &v, g.descend(s, &v, entry, 0), ef, 0, limit, g.admission(&o)) {
			g.scan(s, &v, k, &o)
			break
		}
		for i, b := range s.best {
			s.best[i] = key(distOf(b), uint32(v.meta(slotOf(b)).Load()))
		}
	}
	hits := answer(s.best, k)
	if g.deaths.Load() != deaths {
		hits = once(hits)
	}
	return hits, nil
}

type plan uint8

const (
	walking plan = iota
	scanning
	picking
)

// plan estimates in units of one row of a scan. A walk meets about 10 nodes for
// each kept, at 3 times the cost because they lie apart, and keeps only what is
// admitted. A pick costs a lookup and a distant row for each id.
func (g *Graph) plan(v *view, ef int, o *index.Options) plan {
	slots := float64(len(v.blocks) << v.shift)
	scan := slots
	pick := scan + 1
	share := 1.0
	if o.Within != nil {
		n := float64(o.Within.GetCardinality())
		pick = 4 * n
		share = min(1, n/float64(max(1, g.Len())))
	}
	if scan <= scanBelow {
		if pick < scan {
			return picking
		}
		return scanning
	}
	if o.Filter != nil || o.Exclude != nil {
		share = min(share, g.sample(v, o))
	}
	walk := 30 * float64(ef) / max(share, 1e-9)
	if walk <= min(scan, pick) {
		return walking
	}
	if pick < scan {
		return picking
	}
	return scanning
}

// sample estimates the share of live nodes that o admits, from slots evenly
// spread; where it finds none it says half of one.
func (g *Graph) sample(v *view, o *index.Options) float64 {
	slots := uint64(len(v.blocks)) << v.shift
	asked, admitted := 0.0, 0.0
	for i := range uint64(sampled) {
		// A step of the golden ratio: filters are often regular in the id.
		meta := v.meta(uint32(i * 0x9e3779b97f4a7c15 >> 32 * slots >> 32)).Load()
		if !isLive(meta) {
			continue
		}
		asked++
		if o.Admits(uint32(meta)) {
			admitted++
		}
	}
	return max(admitted, 0.5) / max(asked, 1)
}

// scan leaves in s.best the k nearest admitted of all live nodes.
func (g *Graph) scan(s *scratch, v *view, k int, o *index.Options) {
	s.best = s.best[:0]
	all := o.All()
	for slot, end := uint32(0), uint32(len(v.blocks)<<v.shift); slot < end; {
		s.slots = s.slots[:0]
		for ; slot < end && len(s.slots) < scanRows; slot++ {
			meta := v.meta(slot).Load()
			if !isLive(meta) || !all && o.Filter == nil && !o.Admits(uint32(meta)) {
				continue
			}
			s.slots = append(s.slots, slot)
		}
		g.compare(s, v, k, func(slot uint32) bool {
			return o.Filter == nil || o.Admits(uint32(v.meta(slot).Load()))
		})
	}
}

// pick is scan over the ids of o.Within.
func (g *Graph) pick(s *scratch, v *view, k int, o *index.Options) {
	s.best = s.best[:0]
	rest := index.Options{Exclude: o.Exclude, Filter: o.Filter}
	var ids [scanRows]uint32
	it := o.Within.ManyIterator()
	for n := it.NextMany(ids[:]); n > 0; n = it.NextMany(ids[:]) {
		s.slots = s.slots[:0]
		g.ids.RLock()
		for _, id := range ids[:n] {
			if slot, ok := g.slots[id]; ok && int(slot>>v.shift) < len(v.blocks) {
				s.slots = append(s.slots, slot)
			}
		}
		g.ids.RUnlock()
		g.compare(s, v, k, func(slot uint32) bool {
			meta := v.meta(slot).Load()
			return isLive(meta) && rest.Admits(uint32(meta))
		})
	}
}

// compare offers s.slots to the k in s.best, whose keys hold ids here, so that
// equal distances are ordered by id; admit is asked of those that would enter.
func (g *Graph) compare(s *scratch, v *view, k int, admit func(slot uint32) bool) {
	for i, slot := range s.slots {
		s.rows[i] = &v.row(slot)[0]
	}
	g.distances(s.dist[:len(s.slots)], s.q, s.rows[:len(s.slots)])
	for i, slot := range s.slots {
		kk := key(s.dist[i], uint32(v.meta(slot).Load()))
		full := len(s.best) >= k
		if full && kk >= s.best[0] || !admit(slot) {
			continue
		}
		if full {
			s.best.replace(kk)
		} else {
			s.best.push(kk)
		}
	}
}

// answer sorts keys, which hold an id here, and returns the first k.
func answer(best []uint64, k int) []index.Hit {
	slices.Sort(best)
	out := make([]index.Hit, min(k, len(best)))
	for i := range out {
		out[i] = index.Hit{ID: slotOf(best[i]), Score: 0 - distOf(best[i])}
	}
	return out
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
