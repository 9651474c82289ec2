package postings

import (
	"cmp"
	"math/bits"
	"slices"
	"sync"
)

// Terms that many documents of a segment hold also have a set of bits, made when a search first asks for one: whether a
// document holds the term is then one look, where a block would be decoded. At most mostSets of them, the commonest, take
// no more than 8 bytes a document.
const (
	mostSets  = 64
	setShare  = 64  // a term has one if it is in a document of so many
	setSmall  = 256 // a segment with fewer documents has none
	rankWords = 8   // words of bits that share a count
)

// bitset is the documents of one term.
type bitset struct {
	once  sync.Once
	words []uint64 // nil: not to be had
	ranks []uint32 // documents before each rankWords words
}

// common are the terms of a segment that may have sets.
type common struct {
	once sync.Once
	sets map[uint32]*bitset
}

func (s *segment) findCommon() {
	if len(s.docs) < setSmall {
		return
	}
	var common []uint32
	for t, n := range s.counts {
		if int(n) >= len(s.docs)/setShare {
			common = append(common, uint32(t))
		}
	}
	slices.SortStableFunc(common, func(a, b uint32) int { return cmp.Compare(s.counts[b], s.counts[a]) })
	common = common[:min(len(common), mostSets)]
	s.common.sets = make(map[uint32]*bitset, len(common))
	for _, t := range common {
		s.common.sets[t] = new(bitset)
	}
}

// set returns the bits of a common term, or nil.
func (s *segment) set(term uint32) *bitset {
	if int(s.counts[term]) < len(s.docs)/setShare {
		return nil
	}
	s.common.once.Do(s.findCommon)
	b := s.common.sets[term]
	if b == nil {
		return nil
	}
	b.once.Do(func() { b.fill(s, term) })
	if b.words == nil {
		return nil
	}
	return b
}

// fill leaves words nil if the list is not as builders write it: every block but the last full, documents ascending.
func (b *bitset) fill(s *segment, term uint32) {
	words := make([]uint64, (len(s.docs)+63)/64)
	var docs [blockSize]uint32
	for k := s.first[term]; k < s.first[term+1]; k++ {
		blk := &s.blocks[k]
		if blk.n < blockSize && k+1 < s.first[term+1] {
			return
		}
		s.decodeDocs(blk, &docs)
		for _, d := range docs[:blk.n] {
			words[d/64] |= 1 << (d % 64)
		}
	}
	n := uint32(0)
	for i, w := range words {
		if i%rankWords == 0 {
			b.ranks = append(b.ranks, n)
		}
		n += uint32(bits.OnesCount64(w))
	}
	if n == s.counts[term] {
		b.words = words
	}
}

func (b *bitset) has(d uint32) bool { return b.words[d/64]>>(d%64)&1 != 0 }

// rank is how many documents come before d.
func (b *bitset) rank(d uint32) uint32 {
	w := d / 64
	n := b.ranks[w/rankWords]
	for _, x := range b.words[w/rankWords*rankWords : w] {
		n += uint32(bits.OnesCount64(x))
	}
	return n + uint32(bits.OnesCount64(b.words[w]&(1<<(d%64)-1)))
}

// place puts the cursor of the set's term on a document that holds it.
func (c *cursor) place(b *bitset, d uint32) {
	at := b.rank(d)
	if k := c.start + at/blockSize; k != c.blk {
		c.load(k)
	}
	c.i, c.doc = int(at%blockSize), d
}
