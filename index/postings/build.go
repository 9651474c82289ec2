package postings

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// builder writes a segment term by term, in the order of the terms' strings, each term's postings in the order of
// local documents.
type builder struct {
	s      *segment
	nf     int
	docs   []uint32
	codes  []byte
	rest   []byte
	pos    []byte
	bounds [MaxFields]bound
}

func newBuilder(docs []uint32, lens [][]uint16) *builder {
	b := &builder{s: &segment{docs: docs, lens: lens, common: new(common)}, nf: len(lens)}
	b.clear()
	return b
}

func (b *builder) clear() {
	b.docs, b.codes, b.rest, b.pos = b.docs[:0], b.codes[:0], b.rest[:0], b.pos[:0]
	b.bounds = none
}

// grow makes room for terms of a block each.
func (b *builder) grow(terms int) {
	s := b.s
	s.terms, s.first, s.counts = make([]uint32, 0, terms), make([]uint32, 0, terms+1), make([]uint32, 0, terms)
	s.most, s.blocks, s.bounds = make([]bound, 0, terms*b.nf), make([]block, 0, terms), make([]bound, 0, terms*b.nf)
}

// term begins the postings of the next term.
func (b *builder) term(id uint32) {
	b.endBlock()
	b.s.terms = append(b.s.terms, id)
	b.s.first = append(b.s.first, uint32(len(b.s.blocks)))
	b.s.counts = append(b.s.counts, 0)
	b.s.most = append(b.s.most, none[:b.nf]...)
}

// add appends a posting of the current term.
func (b *builder) add(local uint32, freq, pos []byte) {
	if len(b.docs) == blockSize {
		b.endBlock()
	}
	b.s.counts[len(b.s.counts)-1]++
	b.docs = append(b.docs, local)
	b.codes = append(b.codes, freq[0])
	if len(pos) == 1 {
		b.pos = append(b.pos, pos[0])
	} else {
		b.pos = append(b.pos, pos...)
	}
	if f := freq[0]; f != rich {
		o := &b.bounds[f].once
		*o = min(*o, b.s.lens[f][local], never-1)
		return
	}
	b.rest = append(b.rest, freq[1:]...)
	var tf [MaxFields]uint32
	counts(freq, &tf)
	for f, n := range tf {
		if n > 0 {
			b.widen(f, n, local)
		}
	}
}

// plain appends postings of one occurrence each: their documents, fields and positions.
func (b *builder) plain(locals []uint32, codes, pos []byte) {
	b.s.counts[len(b.s.counts)-1] += uint32(len(locals))
	for len(locals) > 0 {
		if len(b.docs) == blockSize {
			b.endBlock()
		}
		n, k := min(len(locals), blockSize-len(b.docs)), len(pos)
		if n < len(locals) {
			k = skipVarints(pos, uint32(n))
		}
		b.docs, b.codes, b.pos = append(b.docs, locals[:n]...), append(b.codes, codes[:n]...), append(b.pos, pos[:k]...)
		for i, f := range codes[:n] {
			o := &b.bounds[f].once
			*o = min(*o, b.s.lens[f][locals[i]], never-1)
		}
		locals, codes, pos = locals[n:], codes[n:], pos[k:]
	}
}

func (b *builder) widen(f int, tf, local uint32) {
	b.bounds[f].widen(tf, b.s.lens[f][local])
}

func (b *builder) endBlock() {
	n := len(b.docs)
	if n == 0 {
		return
	}
	s := b.s
	gap := uint32(0)
	for i := 1; i < n; i++ {
		gap = max(gap, b.docs[i]-b.docs[i-1])
	}
	k := block{base: b.docs[0], last: b.docs[n-1], data: uint32(len(s.data)), pos: uint32(len(s.pos)), n: uint8(n), w: 4}
	switch {
	case gap < 1<<8:
		k.w = 1
	case gap < 1<<16:
		k.w = 2
	}
	switch k.w {
	case 1:
		for i := 1; i < n; i++ {
			s.data = append(s.data, byte(b.docs[i]-b.docs[i-1]))
		}
	case 2:
		for i := 1; i < n; i++ {
			s.data = binary.LittleEndian.AppendUint16(s.data, uint16(b.docs[i]-b.docs[i-1]))
		}
	default:
		for i := 1; i < n; i++ {
			s.data = binary.LittleEndian.AppendUint32(s.data, b.docs[i]-b.docs[i-1])
		}
	}
	s.data = append(append(s.data, b.codes...), b.rest...)
	s.pos = append(s.pos, b.pos...)
	s.blocks = append(s.blocks, k)
	s.bounds = append(s.bounds, b.bounds[:b.nf]...)
	most := s.most[len(s.most)-b.nf:]
	for f, w := range b.bounds[:b.nf] {
		most[f].join(w)
	}
	b.clear()
}

// finish returns the segment, with its forward lists made from its postings: two passes, counting and filling.
func (b *builder) finish() *segment {
	b.endBlock()
	s := b.s
	s.first = append(s.first, uint32(len(s.blocks)))
	s.byID = make([]uint32, len(s.terms))
	byID := make([]uint64, len(s.terms)) // id and index
	for i, id := range s.terms {
		byID[i] = uint64(id)<<32 | uint64(i)
	}
	for i, x := range sortHigh(byID) {
		s.byID[i] = uint32(x)
	}
	s.data, s.pos, s.blocks, s.bounds = slices.Clip(s.data), slices.Clip(s.pos), slices.Clip(s.blocks), slices.Clip(s.bounds)

	s.fwdAt = make([]uint32, len(s.docs)+1)
	last := make([]uint32, len(s.docs))
	s.eachBlock(func(t uint32, docs []uint32) {
		for _, d := range docs {
			s.fwdAt[d+1] += uint32(uvarintLen(t - last[d]))
			last[d] = t
		}
	})
	for i := range s.docs {
		s.fwdAt[i+1] += s.fwdAt[i]
	}
	s.fwd = make([]byte, s.fwdAt[len(s.docs)])
	at := slices.Clone(s.fwdAt)
	clear(last)
	s.eachBlock(func(t uint32, docs []uint32) {
		for _, d := range docs {
			to, x := at[d], t-last[d]
			for ; x >= 0x80; x >>= 7 {
				s.fwd[to] = byte(x) | 0x80
				to++
			}
			s.fwd[to] = byte(x)
			at[d], last[d] = to+1, t
		}
	})
	return s
}

// eachBlock calls f with the documents of each block, which are only valid until it returns.
func (s *segment) eachBlock(f func(term uint32, docs []uint32)) {
	var docs [blockSize]uint32
	for t := range s.terms {
		for bi := s.first[t]; bi < s.first[t+1]; bi++ {
			b := &s.blocks[bi]
			s.decodeDocs(b, &docs)
			f(uint32(t), docs[:b.n])
		}
	}
}

func uvarintLen(x uint32) int {
	n := 1
	for ; x >= 0x80; x >>= 7 {
		n++
	}
	return n
}

// segmentOf builds a segment of the live records of a snapshot; nil if there are none.
func segmentOf(snap snapshot, nf int, names []string) *segment {
	var recs []*record
	for i, r := range snap.mem {
		if snap.liveRecord(i) {
			recs = append(recs, r)
		}
	}
	if len(recs) == 0 {
		return nil
	}
	slices.SortFunc(recs, func(a, b *record) int { return cmp.Compare(a.doc, b.doc) })
	docs, lens := make([]uint32, len(recs)), make([][]uint16, nf)
	for f := range lens {
		lens[f] = make([]uint16, len(recs))
	}
	for local, r := range recs {
		docs[local] = r.doc
		for f, l := range r.lens {
			lens[f][local] = l
		}
	}
	b := newBuilder(docs, lens)
	terms, from, places := byTerm(recs)
	b.grow(len(terms))
	for _, t := range orderByString(terms, names) {
		b.term(terms[t])
		for _, p := range places[from[t]:from[t+1]] {
			freq, pos := recs[p.local].payload(int(p.term))
			b.add(p.local, freq, pos)
		}
	}
	return b.finish()
}

func (s *snapshot) liveRecord(i int) bool {
	return s.dead == nil || s.dead[i/64]>>(i%64)&1 == 0
}

// place is the place of a posting: a record and the index of the term in it.
type place struct{ local, term uint32 }

// byTerm turns records around: the terms in order of their ids, where the places of each begin in the list of all (with
// one past the last), and that list, by record for each term.
func byTerm(recs []*record) (terms, from []uint32, places []place) {
	n := 0
	for _, r := range recs {
		n += len(r.terms)
	}
	keys, all := make([]uint64, 0, n), make([]place, 0, n) // id and index into all
	for local, r := range recs {
		for i, id := range r.terms {
			keys = append(keys, uint64(id)<<32|uint64(len(all)))
			all = append(all, place{uint32(local), uint32(i)})
		}
	}
	places = make([]place, n)
	for i, k := range sortHigh(keys) {
		if id := uint32(k >> 32); i == 0 || terms[len(terms)-1] != id {
			terms, from = append(terms, id), append(from, uint32(i))
		}
		places[i] = all[uint32(k)]
	}
	return terms, append(from, uint32(n)), places
}
