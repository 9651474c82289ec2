package postings

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
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
	b := &builder{s: &segment{docs: docs, lens: lens}, nf: len(lens)}
	b.clear()
	return b
}

func (b *builder) clear() {
	b.docs, b.codes, b.rest, b.pos = b.docs[:0], b.codes[:0], b.rest[:0], b.pos[:0]
	b.bounds = none
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
	b.rest = append(b.rest, freq[1:]...)
	b.pos = append(b.pos, pos...)
	if f := freq[0]; f != rich {
		b.widen(int(f), 1, local)
		return
	}
	var tf [MaxFields]uint32
	counts(freq, &tf)
	for f, n := range tf {
		if n > 0 {
			b.widen(f, n, local)
		}
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
	for i := 1; i < n; i++ {
		d := b.docs[i] - b.docs[i-1]
		switch k.w {
		case 1:
			s.data = append(s.data, byte(d))
		case 2:
			s.data = binary.LittleEndian.AppendUint16(s.data, uint16(d))
		default:
			s.data = binary.LittleEndian.AppendUint32(s.data, d)
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
	for i := range s.byID {
		s.byID[i] = uint32(i)
	}
	slices.SortFunc(s.byID, func(x, y uint32) int { return cmp.Compare(s.terms[x], s.terms[y]) })
	s.data, s.pos, s.blocks, s.bounds = slices.Clip(s.data), slices.Clip(s.pos), slices.Clip(s.blocks), slices.Clip(s.bounds)

	s.fwdAt = make([]uint32, len(s.docs)+1)
	last := make([]uint32, len(s.docs))
	s.eachPosting(func(t, local uint32) {
		s.fwdAt[local+1] += uint32(uvarintLen(t - last[local]))
		last[local] = t
	})
	for i := range s.docs {
		s.fwdAt[i+1] += s.fwdAt[i]
	}
	s.fwd = make([]byte, s.fwdAt[len(s.docs)])
	at := slices.Clone(s.fwdAt)
	clear(last)
	s.eachPosting(func(t, local uint32) {
		at[local] += uint32(binary.PutUvarint(s.fwd[at[local]:], uint64(t-last[local])))
		last[local] = t
	})
	return s
}

func (s *segment) eachPosting(f func(term, local uint32)) {
	var docs [blockSize]uint32
	for t := range s.terms {
		for bi := s.first[t]; bi < s.first[t+1]; bi++ {
			b := &s.blocks[bi]
			s.decodeDocs(b, &docs)
			for _, d := range docs[:b.n] {
				f(uint32(t), d)
			}
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
	for _, t := range byTerm(recs, names) {
		b.term(t.id)
		for _, p := range t.at {
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

type termPlaces struct {
	id uint32
	at []place
}

// byTerm turns records around: for each term, in the order of the strings, the records that hold it.
func byTerm(recs []*record, names []string) []termPlaces {
	index := make(map[uint32]int)
	var all []termPlaces
	for local, r := range recs {
		for i, id := range r.terms {
			t, ok := index[id]
			if !ok {
				t = len(all)
				index[id] = t
				all = append(all, termPlaces{id: id})
			}
			all[t].at = append(all[t].at, place{uint32(local), uint32(i)})
		}
	}
	slices.SortFunc(all, func(a, b termPlaces) int { return strings.Compare(names[a.id], names[b.id]) })
	return all
}
