package hnsw

// pool holds the nearest nodes met so far, sorted, and which of them have been expanded: the
// linear pool of NSG (Fu et al., arXiv 1707.00143). Up to some hundred entries, moving a few
// words aside costs less than two heaps do.
type pool struct {
	keys []uint64 // distance, slot doubled, and 1 where expanded
	ef   int
	next int // no entry before it is unexpanded
}

const expanded = 1

func (p *pool) reset(ef int) { p.keys, p.ef, p.next = p.keys[:0], ef, 0 }

// worst is what a distance must be below, or equal to, to enter.
func (p *pool) worst() uint32 {
	if len(p.keys) < p.ef {
		return ^uint32(0)
	}
	return uint32(p.keys[len(p.keys)-1] >> 32)
}

// add puts a node in its place, and the farthest out of a full pool.
func (p *pool) add(dist, slot uint32) {
	k := uint64(dist)<<32 | uint64(slot)<<1
	n := len(p.keys)
	if n == p.ef {
		if k >= p.keys[n-1] {
			return
		}
		n--
	} else {
		p.keys = append(p.keys, 0)
	}
	lo, hi := 0, n
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if p.keys[mid] < k {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	copy(p.keys[lo+1:n+1], p.keys[lo:n])
	p.keys[lo] = k
	p.next = min(p.next, lo)
}

// pop returns the nearest that is not expanded, and marks it.
func (p *pool) pop() (slot uint32, ok bool) {
	for ; p.next < len(p.keys); p.next++ {
		if k := p.keys[p.next]; k&expanded == 0 {
			p.keys[p.next] = k | expanded
			p.next++
			return uint32(k) >> 1, true
		}
	}
	return 0, false
}

// peek returns what pop would.
func (p *pool) peek() (slot uint32, ok bool) {
	for i := p.next; i < len(p.keys); i++ {
		if k := p.keys[i]; k&expanded == 0 {
			return uint32(k) >> 1, true
		}
	}
	return 0, false
}

// into appends the keys of all, nearest first.
func (p *pool) into(dst []uint64) []uint64 {
	for _, k := range p.keys {
		dst = append(dst, k&^(1<<32-1)|k&(1<<32-1)>>1)
	}
	return dst
}
