package hnsw

import (
	"fmt"
	"runtime"

	"bowerbird/index"
)

// How a search with a filter goes about it.
type way uint8

const (
	scanning way = iota // ask the filter of every node, compare with those admitted
	picking             // compare with the ids of Within
	after               // walk in a wider view, drop at the end
)

// sampled is how many nodes are asked to estimate what a filter admits.
const sampled = 128

// Costs in nanoseconds, as measured at a million vectors of 128 dimensions; only their ratios
// matter.
const (
	costScan    = 7  // ask a filter of the next node
	costCompare = 12 // compare with a node
	costPick    = 40 // look an id up and compare with its node
)

// afterShare is the share of admitted nodes from which a walk takes all and drops some.
const afterShare = 0.3

// choosePlan estimates what each way costs. share is the part of nodes that the filter admits.
func (g *Graph) choosePlan(v *store, ef int, o *index.Options) (w way, share float64) {
	n := float64(g.live.Load() + g.dead.Load())
	pick, share := 2*costPick*n, 1.0
	if o.Within != nil {
		size := float64(o.Within.GetCardinality())
		pick = costPick * size
		share = min(1, size/float64(max(1, g.Len())))
	}
	exact, cost := scanning, n*costScan
	if n > scanBelow && (o.Filter != nil || o.Exclude != nil) {
		share = min(share, g.sample(v, o))
	}
	if cost += share * n * costCompare; pick < cost {
		exact, cost = picking, pick
	}
	if n <= scanBelow {
		return exact, share
	}
	width := float64(v.m0)
	if share >= afterShare {
		if float64(ef)/share*width*costCompare < cost {
			return after, share
		}
		return exact, share
	}
	return exact, share
}

// among leaves in s.best the nearest admitted nodes.
func (g *Graph) among(s *scratch, v *store, entry uint64, ef, k int, o *index.Options) {
	w, share := g.choosePlan(v, ef, o)
	if w == after {
		g.beam(s, v, g.descend(s, v, entry, 0), g.widened(int(2*float64(ef)/share)), 0)
		if s.keepAdmitted(v, o); len(s.best) >= max(k, ef) {
			return
		}
		w = scanning // few are admitted near the query
		if o.Within != nil && costPick*o.Within.GetCardinality() < costScan*uint64(g.Len()) {
			w = picking
		}
	}
	if w == picking {
		g.pick(s, v, k, o)
		return
	}
	g.scan(s, v, k, o)
}

// sample estimates the share of live nodes that o admits, from slots evenly
// spread; where it finds none it says half of one.
func (g *Graph) sample(v *store, o *index.Options) float64 {
	slots := uint64(g.end(v))
	asked, admitted := 0.0, 0.0
	for i := range uint64(sampled) {
		// A step of the golden ratio: filters are often regular in the id.
		meta := v.meta[uint32(i*0x9e3779b97f4a7c15>>32*slots>>32)].Load()
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

// scan leaves in s.best the nearest admitted of all live nodes.
func (g *Graph) scan(s *scratch, v *store, k int, o *index.Options) {
	s.best = s.best[:0]
	all := o.All()
	for slot, end := uint32(0), g.end(v); slot < end; {
		s.slots = s.slots[:0]
		for ; slot < end && len(s.slots) < scanRows; slot++ {
			if meta := v.meta[slot].Load(); isLive(meta) && (all || o.Admits(uint32(meta))) {
				s.slots = append(s.slots, slot)
			}
		}
		s.offer(v, k, nil)
	}
}

// end is past every slot that may be live in v.
func (g *Graph) end(v *store) uint32 { return min(v.slots, g.used.Load()) }

// pick is scan over the ids of o.Within.
func (g *Graph) pick(s *scratch, v *store, k int, o *index.Options) {
	s.best = s.best[:0]
	rest := index.Options{Exclude: o.Exclude, Filter: o.Filter}
	var ids [scanRows]uint32
	it := o.Within.ManyIterator()
	for n := it.NextMany(ids[:]); n > 0; n = it.NextMany(ids[:]) {
		s.slots = s.slots[:0]
		g.ids.RLock()
		for _, id := range ids[:n] {
			if slot, ok := g.slots[id]; ok && slot < v.slots {
				s.slots = append(s.slots, slot)
			}
		}
		g.ids.RUnlock()
		s.offer(v, k, func(meta uint64) bool {
			return isLive(meta) && o.Within.Contains(uint32(meta)) && rest.Admits(uint32(meta))
		})
	}
}

// offer offers s.slots to the nearest in s.best, as many as answer needs; admit, unless it is
// nil, is asked of those that would enter.
func (s *scratch) offer(v *store, k int, admit func(meta uint64) bool) {
	k = rescored(k)
	v.compare(s.dists, s, &s.at, s.slots)
	for i, slot := range s.slots {
		if len(s.best) >= k && s.dists[i] > distOf(s.best[0]) || admit != nil && !admit(v.meta[slot].Load()) {
			continue
		}
		s.best.offer(key(s.dists[i], slot), k)
	}
}

// SearchExact implements index.Exact: it compares with every vector that is held. Where there are
// codes, those select four times k and some, which are then scored by their vectors.
func (g *Graph) SearchExact(q []float32, k int, o index.Options) ([]index.Hit, error) {
	if k < 1 {
		return nil, fmt.Errorf("hnsw: k is %d: %w", k, index.ErrK)
	}
	s := g.borrow()
	defer g.pool.Put(s)
	if err := g.shape.metric.Prepare(s.q, q); err != nil {
		return nil, err
	}
	e := g.epochs.enter()
	defer g.epochs.leave(e)
	v := g.store.Load()
	defer runtime.KeepAlive(v)
	s.at.ask(v, s.q)
	s.linking = false
	g.scan(s, v, 4*k, &o)
	return g.answer(s, v, 4*k)[:min(k, len(s.best))], nil
}
