package hnsw

import (
	"fmt"
	"math"
	"runtime"
	"sync/atomic"
	"unsafe"

	"bowerbird/index"
	"bowerbird/internal/vec"
)

// How a search with a filter goes about it.
type way uint8

const (
	scanning way = iota // ask the filter of every node, compare with those admitted
	picking             // compare with the ids of Within
	after               // walk in a wider view, drop at the end
	within              // walk over all, keep those admitted, until the view is full of them
)

// sampled is how many nodes are asked at most to estimate what a filter admits, and sampledEnough how many
// admitted ones end it: a standard error of a fifth.
const (
	sampled       = 16384
	sampledEnough = 24
)

// Costs in nanoseconds, as measured at a million vectors of 128 dimensions; only their ratios
// matter.
const (
	costScan    = 4   // ask a filter of the next node
	costCompare = 12  // compare with a node of a scan
	costPick    = 25  // look an id up and compare with its node
	costAfter   = 900 // expand a node of a walk
	costWithin  = 700 // the same, asking the filter of what is met: most of it was met before
)

// doubt is how many times cheaper than a look at all a walk must seem where few are admitted: their share is a guess, and
// a look at all misses nothing.
const doubt = 1.5

// afterShare is the share of admitted nodes from which a walk takes all and drops some.
const afterShare = 0.25

// admittedIn is how many admitted nodes a walk must have in view to find as much as one without a filter
// finds with ef: the part of ef beyond k, which makes up for what walks miss, grows as the root of
// what is passed over.
func admittedIn(ef, k int, share float64) int {
	if ef <= k {
		return k
	}
	return k + int(math.Ceil(float64(ef-k)*math.Sqrt(share)))
}

// aroundOf is how many of the nearest admitted nodes a walk goes on around: those that are farther are met from these.
// At 200,000 vectors and a share of .01 it finds .965 of the ten nearest around 8, .984 around 10.
func aroundOf(want int) int { return (4*want + 4) / 5 }

// words is the memory of meta, to be asked for.
func words(meta []atomic.Uint64) []uint64 {
	return unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(meta))), len(meta))
}

// choosePlan estimates what each way costs. share is the part of nodes that the filter admits, and exact what
// it costs to compare with all of those.
func (g *Graph) choosePlan(v *store, ef, k int, o *index.Options) (w way, share, exact float64) {
	n := float64(g.live.Load() + g.dead.Load())
	pick, share := 2*costPick*n, 1.0
	if o.Within != nil {
		size := float64(o.Within.GetCardinality())
		pick = costPick * size
		share = min(1, size/float64(max(1, g.Len())))
	}
	if n > scanBelow && (o.Filter != nil || o.Exclude != nil) {
		share = min(share, g.sample(v, o))
	}
	w, exact = scanning, n*(costScan+share*costCompare)
	if pick < exact {
		w, exact = picking, pick
	}
	if n <= scanBelow {
		return w, share, exact
	}
	want := admittedIn(ef, k, share)
	if share >= afterShare && float64(want)/share*costAfter < exact {
		return after, share, exact
	}
	if share < afterShare && doubt*float64(aroundOf(want))/share*costWithin < exact {
		return within, share, exact
	}
	return w, share, exact
}

// among leaves in s.best the nearest admitted nodes.
func (g *Graph) among(s *scratch, v *store, entry uint64, ef, k int, o *index.Options) {
	w, share, exact := g.choosePlan(v, ef, k, o)
	if want := admittedIn(ef, k, share); w == after || w == within {
		if w == after {
			g.beam(s, v, g.descend(s, v, entry, 0), g.widened(int(1.15*float64(want)/share)), 0)
			if s.keepAdmitted(v, o); len(s.best) >= max(k, want*3/4) {
				return
			}
		}
		// Where few are admitted near the query, a walk is given up for a look at all.
		if g.walkWithin(s, v, g.descend(s, v, entry, 0), want, aroundOf(want), int(exact/costWithin)*2+want, o) {
			return
		}
		w = scanning
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

// together is how many nodes a walk with a filter expands at a time: so many lists, and then the rows that they
// name, are on their way from memory at once.
const together = 4

// walkWithin leaves in s.best the want nearest admitted nodes that a walk meets which expands whatever is nearer than
// the around-th nearest admitted one. It reports false where it would expand more than hops.
func (g *Graph) walkWithin(s *scratch, v *store, at uint64, want, around, hops int, o *index.Options) bool {
	s.forget()
	s.best, s.front, s.inner = s.best[:0], s.front[:0], s.inner[:0]
	meet := func(k uint64) {
		s.front.push(^k)
		if meta := v.meta[slotOf(k)].Load(); isLive(meta) && o.Admits(uint32(meta)) {
			s.best.offer(k, want)
			s.inner.offer(k, around)
		}
	}
	s.see(slotOf(at))
	meet(at)
	var now, next [together]uint32
	n := g.frontier(s, v, now[:], around)
	for n > 0 {
		if hops -= n; hops < 0 {
			return false
		}
		m := g.frontier(s, v, next[:], around) // asked for while the others are looked at
		s.slots = s.slots[:0]
		for _, slot := range now[:n] {
			list := v.list(slot, 0)
			for i := range list {
				to := atomic.LoadUint32(&list[i])
				if to == none {
					break
				}
				if s.see(to) {
					s.slots = append(s.slots, to)
				}
			}
		}
		if len(s.slots) > 0 {
			v.prefetchRows(s)
			vec.Prefetch(words(v.meta), 1, 1, s.slots)
			v.compare(s.dists, s, &s.at, s.slots)
			for i, slot := range s.slots {
				if k := key(s.dists[i], slot); len(s.best) < want || k < s.best[0] {
					meet(k)
				}
			}
		}
		if now, n = next, m; n == 0 {
			n = g.frontier(s, v, now[:], around)
		}
	}
	return true
}

// frontier takes the nearest of the front to be expanded, and asks for their links.
func (g *Graph) frontier(s *scratch, v *store, to []uint32, around int) (n int) {
	for n < len(to) && len(s.front) > 0 {
		if len(s.inner) == around && ^s.front[0] > s.inner[0] {
			break
		}
		to[n] = slotOf(^s.front.pop())
		n++
	}
	vec.Prefetch(v.links, v.m0, v.m0, to[:n])
	return n
}

// sample estimates the share of live nodes that o admits, from slots evenly spread; where it
// finds none it says half of one.
func (g *Graph) sample(v *store, o *index.Options) float64 {
	slots := uint64(v.end())
	asked, admitted := 0.0, 0.0
	for i := range uint64(sampled) {
		// A step of the golden ratio: filters are often regular in the id.
		meta := v.meta[uint32(i*0x9e3779b97f4a7c15>>32*slots>>32)].Load()
		if !isLive(meta) {
			continue
		}
		asked++
		if o.Admits(uint32(meta)) {
			if admitted++; admitted == sampledEnough {
				break
			}
		}
	}
	return max(admitted, 0.5) / max(asked, 1)
}

// scan leaves in s.best the nearest admitted of all live nodes.
func (g *Graph) scan(s *scratch, v *store, k int, o *index.Options) {
	s.best = s.best[:0]
	admits := o.Admits
	if o.Within == nil && o.Exclude == nil && o.Filter != nil {
		admits = o.Filter
	}
	all := o.All()
	for slot, end := uint32(0), v.end(); slot < end; {
		s.slots = s.slots[:0]
		for ; slot < end && len(s.slots) < scanRows; slot++ {
			if meta := v.meta[slot].Load(); isLive(meta) && (all || admits(uint32(meta))) {
				s.slots = append(s.slots, slot)
			}
		}
		s.offer(v, k, nil)
	}
}

// end is past every slot that may be live in v.
func (v *store) end() uint32 { return min(v.slots, v.used.Load()) }

// pick is scan over the ids of o.Within.
func (g *Graph) pick(s *scratch, v *store, k int, o *index.Options) {
	s.best = s.best[:0]
	rest := index.Options{Exclude: o.Exclude, Filter: o.Filter}
	var ids [scanRows]uint32
	it := o.Within.ManyIterator()
	for n := it.NextMany(ids[:]); n > 0; n = it.NextMany(ids[:]) {
		s.slots = s.slots[:0]
		s.slots = v.ids.all(s.slots, ids[:n], v.slots)
		s.offer(v, k, func(meta uint64) bool {
			return isLive(meta) && o.Within.Contains(uint32(meta)) && rest.Admits(uint32(meta))
		})
	}
}

// offer offers s.slots to the nearest in s.best, as many as answer needs; admit, unless it is
// nil, is asked of those that would enter.
func (s *scratch) offer(v *store, k int, admit func(meta uint64) bool) {
	k = v.rescored(k)
	v.compare(s.dists, s, &s.at, s.slots)
	for i, slot := range s.slots {
		if len(s.best) >= k && s.dists[i] > distOf(s.best[0]) || admit != nil && !admit(v.meta[slot].Load()) {
			continue
		}
		s.best.offer(key(s.dists[i], slot), k)
	}
}

// SearchExact implements index.Exact: it compares with every vector that is held. Where there are
// codes of bytes, those select four times k and some, which are then scored by their vectors.
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
	s.at.bits = false // by the vectors
	s.linking = false
	g.scan(s, v, 4*k, &o)
	return g.answer(s, v, 4*k)[:min(k, len(s.best))], nil
}
