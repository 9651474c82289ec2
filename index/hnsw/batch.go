package hnsw

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"

	"bowerbird/index"
)

// batchPart is the part of the graph that a batch may add to it: a new node does not see those
// of its own batch, so a batch must be small beside what is there.
const batchPart = 20

// batch returns how many of ids are put at once: no id twice.
func (g *Graph) batch(ids []uint32) int {
	most := min(len(ids), max(1, int(g.live.Load())/batchPart))
	if g.shape.metric == index.InnerProduct {
		// The longest vectors are nearest to all, and most nodes have one link, to such a one: long vectors of one
		// batch, which do not see each other, would cut the graph in parts.
		most = 1
	}
	if g.shape.form != Float32 && g.n < codeAt { // a coder is made from the first
		most = min(most, codeAt-int(g.n))
	}
	if most == 1 {
		return 1
	}
	seen := make(map[uint32]bool, most)
	for i, id := range ids[:most] {
		if seen[id] {
			return i
		}
		seen[id] = true
	}
	return most
}

// back is a link that a node of the batch asks for from a node that was there.
type back struct {
	at    uint32 // the node that links
	level uint32
	to    uint32
}

// putAll stores prepared rows for ids that differ. What each new node links to is chosen in the
// graph as it stands, by many goroutines at once; then the links are written; then the nodes
// linked to link back, each node's list by one goroutine. So nothing depends on who is faster.
func (g *Graph) putAll(ids []uint32, rows []float32, threads int) error {
	if err := g.room(len(ids)); err != nil {
		return err
	}
	v := g.store.Load()
	entry := v.entry.Load()
	plans := make([]plan, len(ids))
	for i, id := range ids {
		p := &plans[i]
		p.slot, p.id, p.level, p.old = g.take(), id, g.level(id), none
		if old, ok := v.ids.of(id); ok {
			p.old = old
		}
		g.fill(v, p.slot, id, p.level, rows[i*v.dim:(i+1)*v.dim])
	}
	v.used.Store(g.n)
	g.calibrate(plans, rows)
	g.each(len(plans), threads, func(s *scratch, i int) { g.choose(s, v, &plans[i], entry) })
	replaced := 0
	for i := range plans {
		if g.publish(v, &plans[i]); plans[i].old != none {
			replaced++
		}
	}
	g.linkBackAll(v, plans, threads)
	g.raise(v, plans)
	for range replaced {
		g.mendSome()
	}
	return nil
}

// each calls f for 0..n-1 by up to threads goroutines.
func (g *Graph) each(n, threads int, f func(s *scratch, i int)) {
	if threads = min(threads, (n+15)/16); threads <= 1 {
		for i := range n {
			f(g.work, i)
		}
		return
	}
	var next atomic.Int64
	var all sync.WaitGroup
	for range threads {
		all.Go(func() {
			s := g.borrow()
			defer g.pool.Put(s)
			for {
				const few = 16
				from := int(next.Add(few)) - few
				if from >= n {
					return
				}
				for i := from; i < min(from+few, n); i++ {
					f(s, i)
				}
			}
		})
	}
	all.Wait()
}

func (g *Graph) borrow() *scratch {
	if s, _ := g.pool.Get().(*scratch); s != nil {
		return s
	}
	return g.newScratch()
}

// publish writes a new node's links, at all levels before any link to it, so that a search
// which meets it can go on, and makes it live.
func (g *Graph) publish(v *store, p *plan) {
	for l, to := range p.out {
		setLinks(v.list(p.slot, l), to)
	}
	if p.old != none {
		g.kill(p.old)
	}
	v.meta[p.slot].Or(stateLive << stateShift)
	v.ids.set(p.id, p.slot)
	g.live.Add(1)
}

// linkBackAll writes the links back, from level 0 upwards.
func (g *Graph) linkBackAll(v *store, plans []plan, threads int) {
	var all []back
	for i := range plans {
		for l, to := range plans[i].out {
			for _, n := range to {
				all = append(all, back{n, uint32(l), plans[i].slot})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b back) int {
		return cmp.Or(cmp.Compare(a.level, b.level), cmp.Compare(a.at, b.at))
	})
	var starts []int
	for i := range all {
		if i == 0 || all[i].at != all[i-1].at || all[i].level != all[i-1].level {
			starts = append(starts, i)
		}
	}
	g.each(len(starts), threads, func(s *scratch, i int) {
		from, to := starts[i], len(all)
		if i+1 < len(starts) {
			to = starts[i+1]
		}
		add := make([]uint32, 0, 8)
		for _, b := range all[from:to] {
			add = append(add, b.to)
		}
		g.linkBack(s, v, all[from].at, int(all[from].level), add)
	})
}

// raise moves the entry to a taller node; or, where nothing alive could be linked to, to a new
// one, from which walks must then begin.
func (g *Graph) raise(v *store, plans []plan) {
	for i := range plans {
		p, entry := &plans[i], v.entry.Load()
		if entry == noEntry || p.level > int(entry>>32) || len(p.out) == 0 || len(p.out[0]) == 0 {
			v.entry.Store(uint64(p.slot) | uint64(p.level)<<32)
		}
	}
}
