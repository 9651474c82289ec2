package graph

import (
	"math"
	"math/bits"
	"slices"
)

// counter counts visits by node, query by query, and joins the queries' counts. A node has a slot: its id, where a plain array would
// not be much larger than the walk (direct), else a place in an open-addressing table. Either is cleared by the list of what was
// used, so a counter that is used again costs no allocation. Where nobody asks for a count before the walk ends, visits are only
// written down (late), and tally counts them.
type counter struct {
	direct   bool
	late     bool
	trail    []uint32 // late: visits in order; else room for a round
	part     []uint32 // late: the same, in parts
	ns       []uint32 // what drain hands out
	dense    []uint32 // direct: visits by the query at hand
	table    []slot   // else: the part of slotRoom that this walk uses
	slotRoom []slot
	slots    int
	sums     []sum    // by slot; made at the first fold
	used     []uint32 // slots that the query at hand has visited; as many as there are slots, and one
	n        int      // of them
	all      []uint32 // slots that any query has visited; as many, and one
	shift    uint8
	high     uint32 // count at which a node is a high one
	highs    int

	touched uint32 // keeps the reads of addAll from being left out
}

type slot struct{ key, n uint32 } // key is id+1; 0 is free

// sum is what a node has from all queries.
type sum struct {
	sum     float64
	most    uint64 // visits of the query that visited it most · 2³² + ^its index: the first of equals is the largest
	visits  uint32 // 0: dropped, or not seen
	via     uint32
	viaMost uint32 // visits by way of via …
	viaOf   uint32 // … in the walk of this query
}

func (x *sum) from() uint32 { return ^uint32(x.most) }

// directMax is the id range that is always counted in an array: 256 KiB, about a core's own cache.
const directMax = 1 << 16

// lateMax is the length of a walk, in steps, up to which visits may be written down: 8 MiB for both copies.
const lateMax = 1 << 20

// reset makes room for a walk. With once, one query is going to walk, and high will not be set.
func (c *counter) reset(nodes, steps int, once bool) {
	c.highs, c.n, c.all = 0, 0, c.all[:0]
	c.late = once && nodes > max(directMax, steps) && steps <= lateMax
	c.trail = c.trail[:0]
	if c.late {
		c.direct, c.trail = false, slices.Grow(c.trail, steps)
		if len(c.part) < steps {
			c.part = make([]uint32, steps)
		}
		return
	}
	slots := nodes
	if c.direct = nodes <= max(directMax, steps); c.direct {
		if len(c.dense) < nodes {
			c.dense = make([]uint32, nodes)
		}
	} else {
		slots = 1 << bits.Len(uint(2*min(steps, nodes)))
		if len(c.slotRoom) < slots {
			c.slotRoom = make([]slot, slots)
		}
		c.table = c.slotRoom[:slots]
		c.shift = uint8(64 - bits.Len(uint(slots-1)))
	}
	c.slots = slots
	if most := min(slots, steps) + 1; len(c.used) < most { // one place beyond is written
		c.used, c.all = make([]uint32, most), make([]uint32, 0, most)
	}
}

func (c *counter) slot(id uint32) uint64 { return uint64(id) * golden64 >> (c.shift & 63) }

// find returns the slot of id, or the free one where it would go.
func (c *counter) find(id uint32) uint32 {
	if c.direct {
		return id
	}
	mask := uint64(len(c.table) - 1)
	i := c.slot(id) & mask
	for c.table[i].key != 0 && c.table[i].key != id+1 {
		i = (i + 1) & mask
	}
	return uint32(i)
}

// id is that of a slot in use.
func (c *counter) id(u uint32) uint32 {
	if c.direct {
		return u
	}
	return c.table[u].key - 1
}

func (c *counter) add(id uint32) {
	if c.late {
		c.trail = append(c.trail, id)
		return
	}
	u := c.find(id)
	n := &c.dense
	var x uint32
	if c.direct {
		(*n)[u]++
		x = (*n)[u]
	} else {
		c.table[u].key = id + 1
		c.table[u].n++
		x = c.table[u].n
	}
	c.used[c.n] = u
	if x == 1 {
		c.n++
	}
	if x == c.high {
		c.highs++
	}
}

// room is where the next n visits, no more than those of a round, may be written before addAll takes them.
func (c *counter) room(n int) []uint32 {
	if cap(c.trail) < len(c.trail)+n {
		c.trail = slices.Grow(c.trail, max(n, round*lanes))
	}
	return c.trail[len(c.trail):][:n]
}

// ahead is how many visits before its turn a slot is read, so that reads overlap.
const ahead = 16

// addAll is add for each visit, without branches that are guessed wrong half of the time.
func (c *counter) addAll(ids []uint32) {
	if c.late {
		c.trail = append(c.trail, ids...) // mostly onto themselves: see room
		return
	}
	used, n, high, highs := c.used, c.n, c.high, c.highs
	if c.direct {
		dense := c.dense
		for _, id := range ids {
			x := dense[id] + 1
			dense[id] = x
			used[n] = id
			n += int(uint64(int64(x)-2) >> 63) // 1 on the first visit, else 0
			if x == high {
				highs++
			}
		}
		c.n, c.highs = n, highs
		return
	}
	table, shift, touched := c.table, c.shift&63, uint32(0)
	mask := uint64(len(table) - 1)
	for _, id := range ids[:min(ahead, len(ids))] {
		touched += table[uint64(id)*golden64>>shift&mask].key
	}
	for i, id := range ids {
		if i+ahead < len(ids) {
			touched += table[uint64(ids[i+ahead])*golden64>>shift&mask].key
		}
		u := uint64(id) * golden64 >> shift & mask
		for table[u].key != id+1 && table[u].key != 0 {
			u = (u + 1) & mask
		}
		x := table[u].n + 1
		table[u] = slot{id + 1, x}
		used[n] = uint32(u)
		n += int(uint64(int64(x)-2) >> 63)
		if x == high {
			highs++
		}
	}
	c.n, c.highs, c.touched = n, highs, touched
}

// fold adds what query i has visited to the sums, √V of each node or V, and clears its counts.
func (c *counter) fold(i int, plain bool) {
	if len(c.sums) < c.slots {
		c.sums = make([]sum, c.slots)
	}
	all, k := c.all[:cap(c.all)], len(c.all)
	from := uint64(^uint32(i))
	for _, u := range c.used[:c.n] {
		var n uint32
		if c.direct {
			n, c.dense[u] = c.dense[u], 0
		} else {
			n, c.table[u].n = c.table[u].n, 0
		}
		v := float64(n)
		if !plain {
			v = math.Sqrt(v)
		}
		x := &c.sums[u]
		all[k] = u
		k += int(uint64(int64(x.visits)-1) >> 63) // 1 if it is new, else 0
		x.visits += n
		x.sum += v
		x.most = max(x.most, uint64(n)<<32|from)
	}
	c.all, c.n, c.highs = all[:k], 0, 0
}

// drain returns what the query at hand has visited and how often, and clears it. The slices hold until the next walk.
func (c *counter) drain() (ids, ns []uint32) {
	if c.late {
		return c.tally()
	}
	ids, c.ns = c.used[:c.n], slices.Grow(c.ns[:0], c.n)[:c.n]
	ns = c.ns
	for i, u := range ids {
		if c.direct {
			ns[i], c.dense[u] = c.dense[u], 0
		} else {
			ids[i], ns[i], c.table[u] = c.table[u].key-1, c.table[u].n, slot{}
		}
	}
	c.n, c.highs = 0, 0
	return ids, ns
}

// drop takes a node out of the results.
func (c *counter) drop(id uint32) {
	if c.direct && int64(id) >= int64(len(c.dense)) {
		return
	}
	if u := c.find(id); int(u) < len(c.sums) {
		c.sums[u] = sum{}
	}
}

func (c *counter) clear() {
	for _, u := range c.all {
		c.sums[u] = sum{}
		if !c.direct {
			c.table[u] = slot{}
		}
	}
	c.all = c.all[:0]
}

// pairCounter counts pairs of ids. It grows as it fills.
type pairCounter struct {
	table []pairSlot
	used  []uint32
}

type pairSlot struct {
	via, id uint32
	n       uint32 // 0 is free
}

func (c *pairCounter) add(via, id uint32) {
	if 2*len(c.used) >= len(c.table) {
		c.grow()
	}
	s := c.slot(via, id)
	s.n++
}

func (c *pairCounter) slot(via, id uint32) *pairSlot {
	mask := uint64(len(c.table) - 1)
	h := (uint64(via)<<32 | uint64(id)) * golden64
	for i := h >> 20; ; i++ {
		s := &c.table[i&mask]
		if s.n == 0 {
			s.via, s.id = via, id
			c.used = append(c.used, uint32(i&mask))
			return s
		}
		if s.via == via && s.id == id {
			return s
		}
	}
}

func (c *pairCounter) grow() {
	old := make([]pairSlot, 0, len(c.used))
	for _, u := range c.used {
		old = append(old, c.table[u])
	}
	c.table, c.used = make([]pairSlot, max(1024, 2*len(c.table))), c.used[:0]
	for _, o := range old {
		c.slot(o.via, o.id).n = o.n
	}
}

func (c *pairCounter) drain(f func(via, id, n uint32)) {
	for _, u := range c.used {
		s := &c.table[u]
		f(s.via, s.id, s.n)
		*s = pairSlot{}
	}
	c.used = c.used[:0]
}
