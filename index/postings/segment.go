package postings

import (
	"encoding/binary"
	"math"
	"slices"
)

// noDoc is past every document.
const noDoc = math.MaxUint32

// blockSize is the number of postings that are decoded at once and share a bound on their score.
const blockSize = 128

// segment is immutable. Its documents have local numbers, in order of their global ones. Terms stand in the order of
// their strings, which makes prefixes ranges and checkpoints canonical.
//
//	data of a block, n postings
//	    (n-1) × w bytes   distance to the document before, little-endian, w = 1, 2 or 4
//	    n bytes           the first byte of each posting's frequencies (see record)
//	    rest              for each of these that is 255: mask and counts
//	pos of a block        the positions of its postings one after the other
//
// Slices of a mapped segment lie in its file; nothing writes to them.
type segment struct {
	id     uint64     // tells segments apart; a mapped one has that of the one in memory
	file   file       // if it is mapped
	under  *segment   // keeps the mapping that this one's slices lie in
	docs   []uint32   // global number of each local one, ascending
	lens   [][]uint16 // [field][local] tokens
	terms  []uint32   // ids, in order of their strings
	byID   []uint32   // indexes into terms, in order of ids
	first  []uint32   // first block of each term, and one past the last
	counts []uint32   // postings of each term
	most   []bound    // [term*fields + field] over its blocks
	blocks []block
	bounds []bound // [block*fields + field]
	data   []byte
	pos    []byte
	fwdAt  []uint32 // where each document's terms begin in fwd
	fwd    []byte   // indexes into terms, as uvarint distances
	common *common  // shared by copies
}

type block struct {
	base, last uint32 // first and last document
	data, pos  uint32 // offsets
	n, w       uint8
	_          [2]uint8 // a block lies in files as it does in memory
}

// bound caps what a posting of the block can have in one field: the least lengths of a field that holds the term once,
// twice, and more often, and how often at most. It holds whatever the weights and the average lengths become, because
// the score grows with the count and falls with the length; and a cap of it is often reached, where the largest count
// together with the least length would seldom be.
type bound struct{ once, twice, more, most uint16 }

// never is the length in a bound that says that no posting is of the kind.
const never = math.MaxUint16

// none are the bounds of no posting.
var none = func() (n [MaxFields]bound) {
	for f := range n {
		n[f] = bound{never, never, never, 0}
	}
	return n
}()

// widen takes a posting in.
func (b *bound) widen(tf uint32, length uint16) {
	length = min(length, never-1)
	switch {
	case tf == 1:
		b.once = min(b.once, length)
	case tf == 2:
		b.twice = min(b.twice, length)
	case tf > 2:
		b.more = min(b.more, length)
		b.most = max(b.most, uint16(min(tf, math.MaxUint16)))
	}
}

func (b *bound) join(o bound) {
	b.once, b.twice, b.more, b.most = min(b.once, o.once), min(b.twice, o.twice), min(b.more, o.more), max(b.most, o.most)
}

// bytes leaves out the sets of common terms, which are made when they are asked for.
func (s *segment) bytes() int {
	n := 4*(len(s.docs)+len(s.terms)+len(s.byID)+len(s.first)+len(s.counts)+len(s.fwdAt)) + 8*(len(s.bounds)+len(s.most)) +
		20*len(s.blocks) + len(s.data) + len(s.pos) + len(s.fwd)
	return n + 2*len(s.lens)*len(s.docs)
}

func (s *segment) find(doc uint32) (uint32, bool) {
	if doc < s.docs[0] || doc > s.docs[len(s.docs)-1] {
		return 0, false
	}
	i, ok := slices.BinarySearch(s.docs, doc)
	return uint32(i), ok
}

// lookup returns the index of the term with this id.
func (s *segment) lookup(id uint32) (uint32, bool) {
	lo, hi := 0, len(s.byID)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if s.terms[s.byID[mid]] < id {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(s.byID) && s.terms[s.byID[lo]] == id {
		return s.byID[lo], true
	}
	return 0, false
}

// forward calls f with the index of each term of a document.
func (s *segment) forward(local uint32, f func(term uint32)) {
	b := s.fwd[s.fwdAt[local]:s.fwdAt[local+1]]
	t := uint32(0)
	for len(b) > 0 {
		d, n := binary.Uvarint(b)
		b = b[n:]
		t += uint32(d)
		f(t)
	}
}

// decodeDocs writes the block's documents to dst.
func (s *segment) decodeDocs(b *block, dst *[blockSize]uint32) {
	n := int(b.n)
	d := b.base
	dst[0] = d
	src := s.data[b.data:]
	switch b.w {
	case 1:
		src = src[:n-1]
		for i, x := range src {
			d += uint32(x)
			dst[(i+1)&(blockSize-1)] = d
		}
	case 2:
		for i := 1; i < n; i++ {
			d += uint32(binary.LittleEndian.Uint16(src[2*i-2:]))
			dst[i] = d
		}
	default:
		for i := 1; i < n; i++ {
			d += binary.LittleEndian.Uint32(src[4*i-4:])
			dst[i] = d
		}
	}
}

// codes returns the first frequency byte of each posting, and what follows them.
func (s *segment) codes(b *block) (codes, rest []byte) {
	at := int(b.data) + (int(b.n)-1)*int(b.w)
	return s.data[at : at+int(b.n)], s.data[at+int(b.n):]
}

// walk calls f with every posting of a term, in order. freq is only valid until f returns.
func (s *segment) walk(term uint32, f func(local uint32, freq, pos []byte)) {
	var docs [blockSize]uint32
	var freq []byte
	var tf [MaxFields]uint32
	for bi := s.first[term]; bi < s.first[term+1]; bi++ {
		b := &s.blocks[bi]
		s.decodeDocs(b, &docs)
		codes, rest := s.codes(b)
		pos := s.pos[b.pos:]
		for i, c := range codes {
			if c != rich {
				k := 0
				for pos[k] >= 0x80 {
					k++
				}
				f(docs[i], codes[i:i+1], pos[:k+1])
				pos = pos[k+1:]
				continue
			}
			k := richLen(rest)
			freq = append(append(freq[:0], c), rest[:k]...)
			rest = rest[k:]
			k = skipVarints(pos, counts(freq, &tf))
			f(docs[i], freq, pos[:k])
			pos = pos[k:]
		}
	}
}

// richLen is the length of mask and counts.
func richLen(b []byte) int {
	n := 1
	for m := b[0]; m != 0; m &= m - 1 {
		for b[n] >= 0x80 {
			n++
		}
		n++
	}
	return n
}

// tombstones are the dead documents of a segment, in pages, so that one more costs a page and not a copy of all.
type tombstones struct {
	pages []*[64]uint64
	n     int
}

const pageDocs = 64 * 64

func (t tombstones) has(local uint32) bool {
	if t.n == 0 {
		return false
	}
	p := t.pages[local/pageDocs]
	return p != nil && p[local%pageDocs/64]>>(local%64)&1 != 0
}

// with returns a copy with one more.
func (t tombstones) with(local uint32, docs int) tombstones {
	pages := make([]*[64]uint64, (docs+pageDocs-1)/pageDocs)
	copy(pages, t.pages)
	var p [64]uint64
	if old := pages[local/pageDocs]; old != nil {
		p = *old
	}
	p[local%pageDocs/64] |= 1 << (local % 64)
	pages[local/pageDocs] = &p
	return tombstones{pages, t.n + 1}
}

// liveSegment is a segment as a snapshot sees it.
type liveSegment struct {
	*segment
	dead tombstones
}

func (s *liveSegment) live(local uint32) bool { return !s.dead.has(local) }
func (s *liveSegment) size() int              { return len(s.docs) - s.dead.n }
