package hnsw

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
)

// ErrCompacting is a compaction while another is under way.
var ErrCompacting = errors.New("hnsw: a compaction is under way")

// compaction is a copy of the graph in the making. Writers mark in touched the nodes that were there when it
// began and that they change since.
type compaction struct {
	from    uint32 // slots when it began
	touched []atomic.Uint64
}

// touch says that a node's links or state change.
func (g *Graph) touch(slot uint32) {
	if c := g.compact; c != nil && slot < c.from {
		c.touched[slot>>6].Or(1 << (slot & 63))
	}
}

func (c *compaction) isTouched(slot uint32) bool {
	return slot >= c.from || c.touched[slot>>6].Load()>>(slot&63)&1 != 0
}

const (
	// compactStep is how many slots are repaired while writers wait.
	compactStep = 64
	// compactTries is how often the copy is begun anew where the graph outgrew it; then writers wait for one.
	compactTries = 3
)

// Compact repairs around every deleted vector, gives back their memory, and lays nodes that are linked beside
// each other. Searches go on, and so do writes but for moments; at the end writers wait while what they changed
// meanwhile is copied. It needs room for a second graph. Without writes beside it, the same graph gives the same
// bytes; a graph that must be that of a history (a view of a log) is compacted at a place in the history,
// or never.
func (g *Graph) Compact(ctx context.Context) error {
	if !g.compacting.CompareAndSwap(false, true) {
		return ErrCompacting
	}
	defer g.compacting.Store(false)
	if err := g.repairAll(ctx); err != nil {
		return err
	}
	for try := range compactTries + 1 {
		done, err := g.layAnew(ctx, try == compactTries)
		if done || err != nil {
			return err
		}
	}
	return nil
}

// repairAll repairs around what is deleted now, a little at a time.
func (g *Graph) repairAll(ctx context.Context) error {
	for begun := false; ; { // what is dying, then what is pending
		if err := ctx.Err(); err != nil {
			return err
		}
		g.write.Lock()
		m := &g.mend
		if len(m.dying) == 0 {
			if begun || len(m.pending) == 0 {
				g.write.Unlock()
				return nil
			}
			begun = true
			g.beginMend()
		}
		g.mendSteps(compactStep)
		g.write.Unlock()
	}
}

// layAnew copies the graph into another order and turns to the copy. It reports false where the graph outgrew
// the copy meanwhile.
func (g *Graph) layAnew(ctx context.Context, hold bool) (done bool, err error) {
	g.write.Lock()
	locked := true
	unlock := func() {
		if locked {
			g.write.Unlock()
			locked = false
		}
	}
	defer unlock()
	v := g.store.Load()
	if v.entry.Load() == noEntry {
		return true, nil
	}
	c := &compaction{from: g.n, touched: make([]atomic.Uint64, g.n/64+1)}
	g.compact = c
	if !hold {
		unlock()
	}
	order := v.order(c.from)
	to, err := newStore(v.shape, int(v.slots), v.coder)
	if err != nil {
		if !locked {
			g.write.Lock()
			locked = true
		}
		g.compact = nil
		return false, fmt.Errorf("hnsw: %w", err)
	}
	moved := make([]uint32, c.from) // old slot to new
	for i := range moved {
		moved[i] = none
	}
	for i, slot := range order {
		moved[slot] = uint32(i)
	}
	for i, slot := range order {
		if i%1024 == 0 && ctx.Err() != nil {
			break
		}
		to.copyNode(uint32(i), v, slot, moved)
	}
	runtime.KeepAlive(v)
	if !locked {
		g.write.Lock()
		locked = true
	}
	g.compact = nil
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if now := g.store.Load(); now.coder != to.coder || int(g.n)-int(c.from)+len(order) > int(to.slots) {
		return false, nil
	}
	g.turnTo(c, to, moved, order)
	return true, nil
}

// order lists the slots in use below end: each node, then those that it links to that were not listed.
func (v *store) order(end uint32) []uint32 {
	out, listed := make([]uint32, 0, end), make([]uint64, end/64+1)
	list := func(slot uint32) {
		if slot < end && listed[slot>>6]>>(slot&63)&1 == 0 && state(v.meta[slot].Load()) != stateFree {
			listed[slot>>6] |= 1 << (slot & 63)
			out = append(out, slot)
		}
	}
	list(uint32(v.entry.Load()))
	for next, first := 0, uint32(0); first < end; first++ {
		for ; next < len(out); next++ {
			links := v.list(out[next], 0)
			for i := range links {
				n := atomic.LoadUint32(&links[i])
				if n == none {
					break
				}
				list(n)
			}
		}
		list(first) // what no link leads to
	}
	return out
}

// copyNode writes slot's node at another place of another store. Links to nodes that have not moved are left out.
func (v *store) copyNode(at uint32, from *store, slot uint32, moved []uint32) {
	if v.codes != nil {
		copy(v.code(at), from.code(slot))
	}
	if v.words != nil {
		copy(v.bits(at), from.bits(slot))
	}
	if v.rows != nil {
		copy(v.row(at), from.row(slot))
	}
	if v.half != nil {
		copy(v.halves(at), from.halves(slot))
	}
	v.relay(at, from, slot, moved)
}

// relay writes a node's state and links by the new numbers.
func (v *store) relay(at uint32, from *store, slot uint32, moved []uint32) {
	meta := from.meta[slot].Load()
	if up := from.upper[slot].Load(); up != nil {
		list := make([]uint32, len(*up))
		v.upper[at].Store(&list)
	}
	for level := 0; level <= levelOf(meta); level++ {
		to, n := v.list(at, level), 0
		was := from.list(slot, level)
		for i := range was {
			old := atomic.LoadUint32(&was[i])
			if old == none {
				break
			}
			if int64(old) < int64(len(moved)) && moved[old] != none {
				to[n] = moved[old]
				n++
			}
		}
		for ; n < len(to); n++ {
			to[n] = none
		}
	}
	v.meta[at].Store(meta)
}

// turnTo brings the copy up to date and makes it the graph. The writer's lock is held.
func (g *Graph) turnTo(c *compaction, to *store, moved, order []uint32) {
	v := g.store.Load()
	at := uint32(len(order))
	for slot := c.from; slot < g.n; slot++ { // what came since
		moved = append(moved, none)
		if state(v.meta[slot].Load()) != stateFree {
			moved[slot] = at
			at++
		}
	}
	var free []freed
	for slot, new := range moved {
		slot := uint32(slot)
		if new == none || !c.isTouched(slot) {
			continue
		}
		switch {
		case slot >= c.from:
			to.copyNode(new, v, slot, moved)
		case state(v.meta[slot].Load()) == stateFree: // it died and was buried meanwhile
			to.meta[new].Store(uint64(uint32(v.meta[slot].Load())))
			to.upper[new].Store(nil)
			free = append(free, freed{new, g.epochs.now.Load()})
			moved[slot] = none
		default:
			to.relay(new, v, slot, moved)
		}
	}
	for slot := range at {
		if meta := to.meta[slot].Load(); isLive(meta) {
			to.ids.set(uint32(meta), slot)
		}
	}
	m := &g.mend
	for _, list := range [][]uint32{m.pending, m.dying} {
		for i, slot := range list {
			list[i] = moved[slot]
		}
	}
	if len(m.dying) > 0 {
		m.next, m.end = 0, at // from the beginning: the order is another
	}
	entry := v.entry.Load()
	to.entry.Store(uint64(moved[uint32(entry)]) | entry>>32<<32)
	to.used.Store(at)
	g.n, g.free = at, free
	g.store.Store(to)
	runtime.KeepAlive(v)
}
