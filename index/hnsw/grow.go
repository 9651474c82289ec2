package hnsw

import (
	"errors"
	"fmt"
	"math/bits"
)

// ErrFull is a graph that cannot have more nodes: 2³¹.
var ErrFull = errors.New("hnsw: the graph is full")

// room makes sure of slots for n new nodes, and of a coder that fits.
func (g *Graph) room(n int) error {
	v := g.store.Load()
	fresh := max(0, n-len(g.free))
	if g.compact != nil {
		fresh = n
	}
	need := int(g.n) + fresh
	if need > maxSlots {
		return ErrFull
	}
	c := g.recode(v)
	if need <= int(v.slots) && c == v.coder {
		return nil
	}
	slots := int(v.slots)
	if need > slots {
		slots = min(maxSlots, max(2*slots, 1<<bits.Len(uint(need-1))))
	}
	to, err := v.grown(g.n, slots, c)
	if err != nil {
		return fmt.Errorf("hnsw: %w", err)
	}
	g.store.Store(to)
	return nil
}

// recode returns the coder that the graph should have: the first when there are enough vectors
// to make one from, another when too much of what came since the last lies beyond its range.
func (g *Graph) recode(v *store) *coder {
	if v.form == Float32 || g.n < codeAt || v.coder != nil && g.n < g.drift.at {
		return v.coder
	}
	fits := float64(g.drift.clipped) <= codeDrift*float64(g.drift.numbers)
	if v.form == Bits { // nothing tells; the first means are of few
		fits = g.n >= bitsSettle
	}
	g.drift = drift{at: 2 * g.n}
	if v.coder != nil && fits {
		return v.coder
	}
	live := g.spread(v, codeSample)
	if v.form == Bits {
		return newBits(v.dim, len(live), g.o.Seed, func(row []float32, i int) { v.vector(row, live[i]) })
	}
	return newCoder(v.dim, len(live), v.euclidean(true), func(row []float32, i int) { v.vector(row, live[i]) })
}

// spread returns up to n live slots, evenly spread.
func (g *Graph) spread(v *store, n int) []uint32 {
	var out []uint32
	step := max(1, (int(g.n)+n-1)/n)
	for slot := 0; slot < int(g.n); slot += step {
		if isLive(v.meta[slot].Load()) {
			out = append(out, uint32(slot))
		}
	}
	return out
}

// take returns a slot for a new node; room was made before.
func (g *Graph) take() uint32 {
	if len(g.free) > 0 && g.compact == nil { // a copy is made of what slots hold
		f := g.free[0]
		g.free = g.free[1:]
		g.epochs.wait(f.epoch)
		return f.slot
	}
	g.n++
	return g.n - 1
}

// fill writes a new node, without links and not yet live. Nobody else can see
// the slot.
func (g *Graph) fill(v *store, slot, id uint32, level int, row []float32) {
	clipped := v.setVector(slot, row)
	g.drift.clipped += uint64(clipped)
	g.drift.numbers += uint64(v.dim)
	setLinks(v.list(slot, 0), nil)
	v.upper[slot].Store(nil)
	if level > 0 {
		list := make([]uint32, level*v.m)
		for i := range list {
			list[i] = none
		}
		v.upper[slot].Store(&list)
	}
	v.meta[slot].Store(uint64(id) | uint64(level)<<levelShift)
}
