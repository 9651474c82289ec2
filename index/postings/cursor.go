package postings

import "encoding/binary"

// cursor reads the posting list of one term in one segment, a block at a time.
type cursor struct {
	s        *segment
	end      uint32 // one past the last block
	start    uint32 // first block
	blk      uint32 // decoded block
	i        int    // posting within it
	doc      uint32 // current document, or noDoc
	last     uint32 // last document of the block
	codes    []byte
	rest     []byte
	restAt   [blockSize]uint16 // where each posting's rest begins; filled on first use
	restDone bool
	posAt    int // posting that posOff belongs to
	posOff   int
	shallow  uint32 // block that bound looked at last
	decoded  bool   // docs are those of the block
	docs     [blockSize]uint32
}

func (c *cursor) open(s *segment, term uint32) {
	c.s, c.start, c.end = s, s.first[term], s.first[term+1]
	c.shallow = c.start
	c.load(c.start)
}

func (c *cursor) load(b uint32) {
	c.blk = b
	if b >= c.end {
		c.doc, c.last = noDoc, noDoc
		return
	}
	k := &c.s.blocks[b]
	c.codes, c.rest = c.s.codes(k)
	c.i, c.doc, c.last = 0, k.base, k.last
	c.decoded, c.restDone, c.posAt, c.posOff = false, false, 0, int(k.pos)
}

// decode reads the documents of the block, which many a block is passed over without.
func (c *cursor) decode() {
	if !c.decoded {
		c.decoded = true
		c.s.decodeDocs(&c.s.blocks[c.blk], &c.docs)
	}
}

func (c *cursor) next() uint32 {
	c.i++
	if c.i < len(c.codes) {
		c.decode()
		c.doc = c.docs[c.i&(blockSize-1)]
		return c.doc
	}
	c.load(c.blk + 1)
	return c.doc
}

// advance moves to the first document that is not before t.
func (c *cursor) advance(t uint32) uint32 {
	if c.doc >= t {
		return c.doc
	}
	if t > c.last {
		c.load(c.seek(c.blk+1, t))
		if c.doc >= t {
			return c.doc
		}
	}
	c.decode()
	for i, d := range c.docs[c.i:len(c.codes)] {
		if d >= t {
			c.i, c.doc = c.i+i, d
			return d
		}
	}
	c.load(c.blk + 1) // a damaged block: its last document is not there
	return c.doc
}

// seek returns the first block from b on that reaches t, by galloping and then halving.
func (c *cursor) seek(b, t uint32) uint32 {
	step, lo := uint32(1), b
	for b < c.end && c.s.blocks[b].last < t {
		lo, b = b+1, b+step
		step *= 2
	}
	hi := min(b, c.end)
	for lo < hi {
		mid := (lo + hi) / 2
		if c.s.blocks[mid].last < t {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// tf returns tf' of the current posting.
func (c *cursor) tf(n *norms) float64 {
	code := c.codes[c.i]
	if code != rich {
		return n.one(int(code), c.s.lens[code][c.doc])
	}
	var tf [MaxFields]uint32
	c.counts(&tf)
	sum := 0.0
	for f := range c.s.lens {
		if tf[f] > 0 {
			sum += float64(tf[f]) * n.one(f, c.s.lens[f][c.doc])
		}
	}
	return sum
}

// counts decodes the current posting's term counts.
func (c *cursor) counts(tf *[MaxFields]uint32) uint32 {
	return c.countsAt(c.i, tf)
}

func (c *cursor) countsAt(i int, tf *[MaxFields]uint32) uint32 {
	if code := c.codes[i]; code != rich {
		*tf = [MaxFields]uint32{}
		tf[code] = 1
		return 1
	}
	if !c.restDone {
		at := 0
		for j, code := range c.codes {
			c.restAt[j] = uint16(at)
			if code == rich {
				at += richLen(c.rest[at:])
			}
		}
		c.restDone = true
	}
	return richCounts(c.rest[c.restAt[i]:], tf)
}

// places appends the keys of the current posting's positions to dst.
func (c *cursor) places(dst []uint32) []uint32 {
	if c.posAt > c.i {
		c.posAt, c.posOff = 0, int(c.s.blocks[c.blk].pos)
	}
	var tf [MaxFields]uint32
	n := uint32(0)
	for ; c.posAt < c.i; c.posAt++ {
		if c.codes[c.posAt] == rich {
			n += c.countsAt(c.posAt, &tf)
		} else {
			n++
		}
	}
	c.posOff += skipVarints(c.s.pos[c.posOff:], n)
	if code := c.codes[c.i]; code != rich {
		p, _ := binary.Uvarint(c.s.pos[c.posOff:])
		return append(dst, placeKey(int(code), uint32(p)))
	}
	c.counts(&tf)
	return placesOf(dst, &tf, c.s.pos[c.posOff:])
}

// bound caps tf' of the postings from the current block of `from` through `to`. It looks at up to four blocks, then
// settles for the whole list's cap.
func (c *cursor) bound(n *norms, from, to uint32, whole float64) float64 {
	b := max(c.shallow, c.blk)
	if b < c.end && c.s.blocks[b].last < from {
		b = c.seek(b+1, from)
	}
	c.shallow = b
	most := 0.0
	for k := b; k < c.end && c.s.blocks[k].base <= to; k++ {
		if k == b+4 {
			return whole
		}
		most = max(most, c.s.cap(n, k))
	}
	return most
}

// cap bounds tf' in one block.
func (s *segment) cap(n *norms, b uint32) float64 {
	nf := uint32(len(s.lens))
	return n.cap(s.bounds[b*nf : (b+1)*nf])
}

// whole caps tf' in the list of a term.
func (s *segment) whole(n *norms, term uint32) float64 {
	nf := uint32(len(s.lens))
	return n.cap(s.most[term*nf : (term+1)*nf])
}

func (n *norms) cap(bounds []bound) float64 {
	sum := 0.0
	for f := range bounds {
		b, x := &bounds[f], 0.0
		if b.once != never {
			x = n.one(f, b.once)
		}
		if b.twice != never {
			x = max(x, 2*n.one(f, b.twice))
		}
		if b.more != never {
			x = max(x, float64(b.most)*n.one(f, b.more))
		}
		sum += x
	}
	return sum
}
