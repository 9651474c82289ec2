package graph

import "math/bits"

const (
	partVisits = 512     // of a part, on average: its table lies in the processor's first cache
	mostParts  = 1 << 11 // as many places as are written to side by side
)

// tally counts what is written down: visits are dealt out to parts by a hash of the node, then each part is counted in a small
// table. Every pass runs through memory in order or within a cache, where one large table would miss it at most visits.
func (c *counter) tally() (ids, ns []uint32) {
	n := len(c.trail)
	trail, part := c.trail, c.part[:n]
	wide := min(bits.Len(uint(n/partVisits)), bits.Len(mostParts-1)) // bits of the part
	shift := uint(32-wide) & 63
	var ends [mostParts]uint32
	for _, id := range trail {
		ends[spread32(id)>>shift&(mostParts-1)]++
	}
	sum, most := uint32(0), uint32(0)
	for i, k := range ends[:1<<wide] {
		most = max(most, k)
		ends[i], sum = sum, sum+k
	}
	for _, id := range trail {
		end := &ends[spread32(id)>>shift&(mostParts-1)]
		part[*end] = id
		*end++
	}
	slots := 1 << bits.Len32(2*most)
	if len(c.slotRoom) < slots {
		c.slotRoom = make([]slot, slots)
	}
	if len(c.used) <= int(most) {
		c.used = make([]uint32, most+1)
	}
	// What has been counted goes where visits stood that have been read: ids to trail, counts to part.
	out, from := 0, uint32(0)
	for _, end := range ends[:1<<wide] {
		size := bits.Len32(2 * (end - from))
		table := c.slotRoom[:1<<size]
		used := c.used[:end-from+1]
		k := count32(table, used, part[from:end], uint(wide))
		for _, u := range used[:k] {
			s := &table[u&uint32(len(table)-1)]
			trail[out], part[out], *s = s.key-1, s.n, slot{}
			out++
		}
		from = end
	}
	c.trail = trail[:0]
	return trail[:out], part[:out]
}

// count32 counts a part. Its nodes differ in the bits of the hash below the first skip. It returns how many slots it has used.
func count32(table []slot, used, ids []uint32, skip uint) int {
	mask := uint32(len(table) - 1)
	shift := uint(bits.LeadingZeros32(mask)) & 31
	n := 0
	for _, id := range ids {
		u := spread32(id) << skip >> shift
		for table[u&mask].key != id+1 && table[u&mask].key != 0 {
			u++
		}
		s := &table[u&mask]
		s.key = id + 1
		x := s.n + 1
		s.n = x
		used[n] = u & mask
		n += int(uint64(int64(x)-2) >> 63) // 1 on the first visit, else 0
	}
	return n
}

// spread32 spreads ids over 32 bits.
func spread32(id uint32) uint32 { return uint32(uint64(id) * golden64 >> 32) }
