package postings

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
)

// record is a document as it waits for a segment: its terms in order of their ids, and for each a payload.
//
//	payload   frequencies, then positions
//	frequencies
//	    1 byte  f        one occurrence, in field f, or
//	    1 byte  255, 1 byte mask of fields, then a uvarint count for each field in the mask, lowest first
//	positions
//	    for each of these fields: uvarint first position, then uvarint distances
type record struct {
	doc   uint32
	lens  []uint16 // tokens per field
	terms []uint32
	ends  []uint32 // of each term's payload
	data  []byte
	sign  signature
}

// signature has a bit for each term: most records are passed over by it alone.
type signature [4]uint64

func (s *signature) set(id uint32)      { s[id>>6&3] |= 1 << (id & 63) }
func (s *signature) has(id uint32) bool { return s[id>>6&3]>>(id&63)&1 != 0 }

// rich marks the longer form of frequencies.
const rich = 255

type occurrence struct {
	id    uint32
	field uint8
	pos   uint32
}

func newRecord(doc uint32, nf int, fields [][]Token, intern func(string) uint32) *record {
	r := &record{doc: doc, lens: make([]uint16, nf)}
	var few [64]occurrence
	occ := few[:0]
	for f, tokens := range fields {
		tokens = tokens[:min(len(tokens), maxLen)]
		r.lens[f] = uint16(len(tokens))
		for _, t := range tokens {
			occ = append(occ, occurrence{intern(t.Term), uint8(f), t.Pos})
		}
	}
	slices.SortFunc(occ, func(a, b occurrence) int {
		if c := cmp.Compare(a.id, b.id); c != 0 {
			return c
		}
		if c := cmp.Compare(a.field, b.field); c != 0 {
			return c
		}
		return cmp.Compare(a.pos, b.pos)
	})
	distinct := 0
	for i := range occ {
		if i == 0 || occ[i].id != occ[i-1].id {
			distinct++
		}
	}
	both := make([]uint32, 2*distinct)
	r.terms, r.ends = both[:0:distinct], both[distinct:distinct]
	r.data = make([]byte, 0, 3*len(occ))
	for i := 0; i < len(occ); {
		j := i
		for j < len(occ) && occ[j].id == occ[i].id {
			j++
		}
		r.data = appendPayload(r.data, occ[i:j])
		r.terms = append(r.terms, occ[i].id)
		r.sign.set(occ[i].id)
		r.ends = append(r.ends, uint32(len(r.data)))
		i = j
	}
	return r
}

// appendPayload writes the occurrences of one term, sorted by field and position.
func appendPayload(b []byte, occ []occurrence) []byte {
	if len(occ) == 1 {
		b = append(b, occ[0].field)
		return binary.AppendUvarint(b, uint64(occ[0].pos))
	}
	var tf [MaxFields]uint32
	mask := byte(0)
	for _, o := range occ {
		tf[o.field]++
		mask |= 1 << o.field
	}
	b = append(b, rich, mask)
	for _, n := range tf {
		if n > 0 {
			b = binary.AppendUvarint(b, uint64(n))
		}
	}
	for i, o := range occ {
		p := o.pos
		if i > 0 && occ[i-1].field == o.field {
			p -= occ[i-1].pos
		}
		b = binary.AppendUvarint(b, uint64(p))
	}
	return b
}

// payload returns the frequencies and positions of the record's i-th term.
func (r *record) payload(i int) (freq, pos []byte) {
	start := uint32(0)
	if i > 0 {
		start = r.ends[i-1]
	}
	b := r.data[start:r.ends[i]]
	n := freqLen(b)
	return b[:n], b[n:]
}

// freqLen is the length of the frequencies that b begins with.
func freqLen(b []byte) int {
	if b[0] != rich {
		return 1
	}
	n := 2
	for m := b[1]; m != 0; m &= m - 1 {
		for b[n] >= 0x80 {
			n++
		}
		n++
	}
	return n
}

// counts decodes frequencies: term counts per field, and their sum.
func counts(freq []byte, tf *[MaxFields]uint32) (sum uint32) {
	*tf = [MaxFields]uint32{}
	if freq[0] != rich {
		tf[freq[0]] = 1
		return 1
	}
	return richCounts(freq[1:], tf)
}

// richCounts decodes mask and counts.
func richCounts(b []byte, tf *[MaxFields]uint32) (sum uint32) {
	*tf = [MaxFields]uint32{}
	mask, at := b[0], 1
	for f := 0; mask != 0; f, mask = f+1, mask>>1 {
		if mask&1 == 0 {
			continue
		}
		n, w := binary.Uvarint(b[at:])
		at += w
		tf[f] = uint32(n)
		sum += uint32(n)
	}
	return sum
}

// placeKey joins field and position, so that one sorted list holds the places of all fields.
func placeKey(f int, pos uint32) uint32 { return uint32(f)<<27 | pos }

// places decodes positions into keys, appended to dst.
func places(dst []uint32, freq, pos []byte) []uint32 {
	var tf [MaxFields]uint32
	counts(freq, &tf)
	return placesOf(dst, &tf, pos)
}

func placesOf(dst []uint32, tf *[MaxFields]uint32, pos []byte) []uint32 {
	at := 0
	for f, n := range tf {
		p := uint32(0)
		for range n {
			d, w := binary.Uvarint(pos[at:])
			at += w
			p += uint32(d)
			dst = append(dst, placeKey(f, p))
		}
	}
	return dst
}

// skipVarints returns the length of the first n uvarints of b.
func skipVarints(b []byte, n uint32) int {
	at := 0
	for n >= 8 && at+8 <= len(b) { // a byte below 0x80 ends one
		n -= uint32(bits.OnesCount64(^binary.LittleEndian.Uint64(b[at:]) & 0x8080808080808080))
		at += 8
	}
	for ; n > 0; n-- {
		for b[at] >= 0x80 {
			at++
		}
		at++
	}
	return at
}

func (r *record) find(id uint32) (int, bool) { return slices.BinarySearch(r.terms, id) }
