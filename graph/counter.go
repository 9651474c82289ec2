package graph

import "math/bits"

// counter counts visits by node. Where a plain array would not be much larger than the walk, it is one (direct); else an
// open-addressing table. Either is cleared by the list of what was used, so a reused counter costs no allocation.
type counter struct {
	direct bool
	dense  []uint32
	used   []uint32 // ids (direct) or slots; its capacity is never below 1 + len(dense)
	table  []slot
	shift  uint8
	high   uint32 // count at which a node is a high one
	highs  int

	touched uint32 // keeps the reads of addAll from being left out
}

type slot struct{ key, n uint32 } // key is id+1; 0 is free

// directMax is the id range that is always counted in an array: 256 KiB, about a core's own cache.
const directMax = 1 << 16

func (c *counter) reset(nodes, steps int) {
	c.highs, c.used = 0, c.used[:0]
	c.direct = nodes <= max(directMax, steps)
	if c.direct {
		if len(c.dense) < nodes {
			c.dense = make([]uint32, nodes)
			c.used = make([]uint32, 0, nodes+1) // addAll writes one place beyond
		}
		return
	}
	size := 1 << bits.Len(uint(2*min(steps, nodes)))
	if len(c.table) < size {
		c.table = make([]slot, size)
	}
	c.shift = uint8(64 - bits.Len(uint(len(c.table)-1)))
}

func (c *counter) add(id uint32) {
	var n uint32
	if c.direct {
		n = c.dense[id] + 1
		c.dense[id] = n
		if n == 1 {
			c.used = append(c.used, id)
		}
	} else {
		mask := uint64(len(c.table) - 1)
		for i := c.slot(id); ; i++ {
			s := &c.table[i&mask]
			if s.key == 0 {
				s.key = id + 1
				c.used = append(c.used, uint32(i&mask))
			}
			if s.key == id+1 {
				s.n++
				n = s.n
				break
			}
		}
	}
	if n == c.high {
		c.highs++
	}
}

func (c *counter) slot(id uint32) uint64 { return uint64(id) * 0x9e3779b97f4a7c15 >> (c.shift & 63) }

// addAll is add for each lane.
func (c *counter) addAll(ids *[lanes]uint32) {
	if !c.direct {
		mask, sum := uint64(len(c.table)-1), uint32(0)
		for _, id := range ids { // asks for all slots before the first is needed
			sum += c.table[c.slot(id)&mask].key
		}
		c.touched = sum
		for _, id := range ids {
			c.add(id)
		}
		return
	}
	dense, used, n, high, highs := c.dense, c.used[:cap(c.used)], len(c.used), c.high, c.highs
	for _, id := range ids {
		x := dense[id] + 1
		dense[id] = x
		used[n] = id
		n += int(uint64(int64(x)-2) >> 63) // 1 on the first visit, else 0: nothing to guess wrong
		if x == high {
			highs++
		}
	}
	c.used, c.highs = used[:n], highs
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
	h := (uint64(via)<<32 | uint64(id)) * 0x9e3779b97f4a7c15
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

// sums joins the queries' counts, in the same two ways as counter.
type sums struct {
	direct bool
	dense  []sum
	keys   []uint32 // in order of first visit; the capacity is never below 1 + len(dense)
	table  []int32  // open addressing: index into list, plus one
	list   []sum
	shift  uint8
}

type sum struct {
	sum     float64
	most    uint64 // visits of the query that visited it most · 2³² + ^its index: the first of equals is the largest
	visits  uint32 // 0: dropped, or not seen
	via     uint32
	viaMost uint32 // visits by way of via …
	viaOf   uint32 // … in the walk of this query
}

func (x *sum) from() uint32 { return ^uint32(x.most) }

// add puts in n visits by query i, worth v.
func (x *sum) add(i int, n uint32, v float64) {
	x.visits += n
	x.sum += v
	x.most = max(x.most, uint64(n)<<32|uint64(^uint32(i)))
}

func (s *sums) reset(nodes, steps int) {
	s.direct = nodes <= max(directMax, steps)
	if s.direct {
		if len(s.dense) < nodes {
			s.dense = make([]sum, nodes)
			s.keys = make([]uint32, 0, nodes+1) // fold writes one place beyond
		}
		return
	}
	if size := 1 << bits.Len(uint(2*min(steps, nodes))); len(s.table) < size {
		s.table = make([]int32, size)
	}
	s.shift = uint8(64 - bits.Len(uint(len(s.table)-1)))
}

func (s *sums) at(id uint32) *sum {
	if s.direct {
		x := &s.dense[id]
		if x.visits == 0 {
			s.keys = append(s.keys, id)
		}
		return x
	}
	i := s.find(id)
	if s.table[i] == 0 {
		s.keys, s.list = append(s.keys, id), append(s.list, sum{})
		s.table[i] = int32(len(s.list))
	}
	return &s.list[s.table[i]-1]
}

// find returns the slot of id, or the free one where it would go.
func (s *sums) find(id uint32) uint64 {
	mask := uint64(len(s.table) - 1)
	i := uint64(id) * 0x9e3779b97f4a7c15 >> (s.shift & 63) & mask
	for s.table[i] != 0 && s.keys[s.table[i]-1] != id {
		i = (i + 1) & mask
	}
	return i
}

// drop takes a node out of the results.
func (s *sums) drop(id uint32) {
	if s.direct {
		if int64(id) < int64(len(s.dense)) {
			s.dense[id] = sum{}
		}
		return
	}
	if i := s.find(id); s.table[i] != 0 {
		s.list[s.table[i]-1] = sum{}
	}
}

// nth is the sum of keys[i].
func (s *sums) nth(i int) *sum {
	if s.direct {
		return &s.dense[s.keys[i]]
	}
	return &s.list[i]
}

func (s *sums) clear() {
	if s.direct {
		for _, id := range s.keys {
			s.dense[id] = sum{}
		}
	} else {
		for i := len(s.keys) - 1; i >= 0; i-- { // newest first, so that the way to each slot is still there
			s.table[s.find(s.keys[i])] = 0
		}
	}
	s.keys, s.list = s.keys[:0], s.list[:0]
}
