package graph

import "math"

// more makes 32 more bits of the 64 that the two hops have used. A hop uses about log₂ degree of its bits to choose, the rest
// decide here.
func more(draw uint64) uint32 { return uint32(draw * moreFactor >> 32) }

// hop moves all lanes to a neighbour. Every node in from has an edge: the query was seen to, and who was reached by an edge
// can go back by it.
func (d *direction) hop(from, draw, to *[lanes]uint32) {
	off, row := d.rows.off, d.rows.to
	var at [lanes]uint32
	if d.live != nil {
		d.seek(from, draw, &at, to)
		for k := range lanes {
			if at[k] != inLive {
				to[k] = row[at[k]]
			}
		}
		return
	}
	for k := range lanes {
		id := int(from[k])
		lo, hi := off[id], off[id+1]
		at[k] = lo + scale(draw[k], hi-lo)
	}
	for k := range lanes {
		to[k] = row[at[k]]
	}
}

// seek is the first half of hop where there is a live layer.
func (d *direction) seek(from, draw, at, to *[lanes]uint32) {
	off := d.rows.off
	for k := range lanes {
		id, r := from[k], draw[k]
		if c := d.delta(id); c != nil {
			at[k] = c.seek(off, id, r, &to[k])
			continue
		}
		lo := off[id]
		at[k] = lo + scale(r, off[id+1]-lo)
	}
}

// inLive marks a lane that has found its neighbour among the added edges. No row position reaches it: a graph has fewer edges.
const inLive = math.MaxUint32

// seek draws from a changed list: it returns a position in the rows, or sets to and returns inLive.
func (c *delta) seek(off []uint32, id, r uint32, to *uint32) uint32 {
	var lo, hi uint32
	if int64(id)+1 < int64(len(off)) {
		lo, hi = off[id], off[id+1]
	}
	pos, added := c.pick(scale(r, hi-lo-uint32(len(c.gone))+uint32(len(c.add))))
	if added {
		*to = c.add[pos].to
		return inLive
	}
	return lo + pos
}

// scale maps 32 random bits to 0 … n-1 (Lemire's multiplication; the bias is below n/2³²).
func scale(r, n uint32) uint32 { return uint32(uint64(r) * uint64(n) >> 32) }

const (
	golden64   = 0x9e3779b97f4a7c15
	moreFactor = 0xd1342543de82ef95
)

// keepFactor makes 32 more bits for each hop, which decide whether it keeps to a label.
var keepFactor = [2]uint64{0xf1357aea2e62a9c5, 0x9fb21c651e98df25}

// next is SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
func next(s *uint64) uint64 {
	*s += golden64
	return mix(*s)
}

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
