package postings

import (
	"fmt"
	"runtime"
	"slices"
	"unsafe"
)

// The sections of a segment's file, f being the number of fields; see segment for what each holds:
//
//	0  docs   1 terms   2 byID   3 first   4 counts   5 most   6 blocks   7 bounds   8 data   9 pos   10 fwdAt   11 fwd
//	12 … 12+f−1  lens of each field
//
// Terms are ids of the dictionary's file that the manifest names beside.
const (
	segmentMagic   = "bbseg\x00\x00\x01"
	segmentLens    = 12
	sectionDocs    = 0
	sectionData    = 8
	sectionPos     = 9
	sectionForward = 11
)

// file is where a segment or a dictionary lies.
type file struct {
	name string
	size int64
	sum  uint32 // of its head
}

func (s *segment) write(path string) (size int64, sum uint32, err error) {
	sections := [][]byte{asBytes(s.docs), asBytes(s.terms), asBytes(s.byID), asBytes(s.first), asBytes(s.counts), asBytes(s.most),
		asBytes(s.blocks), asBytes(s.bounds), s.data, s.pos, asBytes(s.fwdAt), s.fwd}
	for _, l := range s.lens {
		sections = append(sections, asBytes(l))
	}
	return writeSections(path, segmentMagic, sections)
}

// openSegment maps a segment's file. With trust, the checksums of postings, positions and forward lists are not compared:
// they are nearly all of the file, and stay on the disk until they are needed.
func openSegment(path string, f file, nf, terms int, trust bool) (*segment, error) {
	b, unmap, err := mapFile(path)
	if err != nil {
		return nil, err
	}
	s, err := cutSegment(b, f, nf, terms, trust)
	if err != nil {
		unmap()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	runtime.AddCleanup(s, func(unmap func()) { unmap() }, unmap)
	return s, nil
}

func cutSegment(b []byte, f file, nf, terms int, trust bool) (*segment, error) {
	if int64(len(b)) != f.size {
		return nil, fmt.Errorf("%w: %d bytes instead of %d", ErrCorrupt, len(b), f.size)
	}
	x, err := readSections(b, segmentMagic, f.sum, func(i int) bool {
		return !trust || i != sectionData && i != sectionPos && i != sectionForward
	})
	if err != nil {
		return nil, err
	}
	if len(x) != segmentLens+nf {
		return nil, fmt.Errorf("%w: %d sections for %d fields", ErrCorrupt, len(x), nf)
	}
	s := &segment{data: x[sectionData], pos: x[sectionPos], fwd: x[sectionForward], file: f, common: new(common)}
	ok := true
	for i, dst := range []*[]uint32{&s.docs, &s.terms, &s.byID, &s.first, &s.counts, 10: &s.fwdAt} {
		if dst != nil {
			ok = ok && cut(dst, x[i])
		}
	}
	ok = ok && cut(&s.most, x[5]) && cut(&s.blocks, x[6]) && cut(&s.bounds, x[7])
	s.lens = make([][]uint16, nf)
	for i := range s.lens {
		ok = ok && cut(&s.lens[i], x[segmentLens+i])
	}
	if !ok || !s.sound(nf, terms) {
		return nil, fmt.Errorf("%w: sections do not fit together", ErrCorrupt)
	}
	return s, nil
}

func cut[T flat](dst *[]T, b []byte) (ok bool) {
	*dst, ok = fromBytes[T](b)
	return ok
}

// sound says whether sizes, orders and offsets fit together. It does not look into postings.
func (s *segment) sound(nf, terms int) bool {
	docs, n := len(s.docs), len(s.terms)
	if docs == 0 || n == 0 && len(s.first) != 1 || len(s.byID) != n || len(s.first) != n+1 || len(s.counts) != n || len(s.most) != n*nf ||
		len(s.bounds) != len(s.blocks)*nf || len(s.fwdAt) != docs+1 || int(s.fwdAt[docs]) != len(s.fwd) ||
		s.first[0] != 0 || int(s.first[n]) != len(s.blocks) || !slices.IsSorted(s.fwdAt) || s.fwdAt[0] != 0 {
		return false
	}
	for _, l := range s.lens {
		if len(l) != docs {
			return false
		}
	}
	for i := 1; i < docs; i++ {
		if s.docs[i] <= s.docs[i-1] {
			return false
		}
	}
	if s.docs[docs-1] == noDoc {
		return false
	}
	for i := range n {
		if s.first[i] >= s.first[i+1] || int(s.terms[i]) >= terms || int(s.byID[i]) >= n ||
			i > 0 && s.terms[s.byID[i]] <= s.terms[s.byID[i-1]] {
			return false
		}
	}
	for i := range s.blocks {
		k := &s.blocks[i]
		if k.n == 0 || k.n > blockSize || k.w != 1 && k.w != 2 && k.w != 4 || k.base > k.last || int(k.last) >= docs ||
			int(k.data)+(int(k.n)-1)*int(k.w)+int(k.n) > len(s.data) || int(k.pos) >= len(s.pos) {
			return false
		}
	}
	return true
}

// The sections of a dictionary's file: 0 the names in the order of ids, one after the other; 1 where each begins, and the
// end; 2 a hash table of ids + 1, 0 where it is free, a power of two of places with the next place tried on a clash.
const dictMagic = "bbdict\x00\x01"

func writeDict(path string, names []string) (size int64, sum uint32, err error) {
	at := make([]uint32, 1, len(names)+1)
	var blob []byte
	for _, n := range names {
		blob = append(blob, n...)
		at = append(at, uint32(len(blob)))
	}
	places := 8
	for places < 2*len(names) {
		places *= 2
	}
	table := make([]uint32, places)
	for id, n := range names {
		h := hashTerm(n) & uint64(places-1)
		for table[h] != 0 {
			h = (h + 1) & uint64(places-1)
		}
		table[h] = uint32(id + 1)
	}
	if uint64(len(blob)) > 1<<32-1 {
		return 0, 0, fmt.Errorf("postings: the terms have %d bytes; a dictionary's file holds 4 GiB", len(blob))
	}
	return writeSections(path, dictMagic, [][]byte{blob, asBytes(at), asBytes(table)})
}

// openDict maps a dictionary. The names lie in the mapped file, which stays mapped as long as owner is in use.
func openDict[T any](path string, f file, owner *T) (names []string, table []uint32, err error) {
	b, unmap, err := mapFile(path)
	if err != nil {
		return nil, nil, err
	}
	names, table, err = cutDict(b, f)
	if err != nil {
		unmap()
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	runtime.AddCleanup(owner, func(unmap func()) { unmap() }, unmap)
	return names, table, nil
}

func cutDict(b []byte, f file) (names []string, table []uint32, err error) {
	if int64(len(b)) != f.size {
		return nil, nil, fmt.Errorf("%w: %d bytes instead of %d", ErrCorrupt, len(b), f.size)
	}
	x, err := readSections(b, dictMagic, f.sum, func(int) bool { return true })
	if err != nil {
		return nil, nil, err
	}
	var at []uint32
	if len(x) != 3 || !cut(&at, x[1]) || !cut(&table, x[2]) || len(at) == 0 || at[0] != 0 || int(at[len(at)-1]) != len(x[0]) ||
		len(table) < len(at) || len(table)&(len(table)-1) != 0 {
		return nil, nil, fmt.Errorf("%w: dictionary", ErrCorrupt)
	}
	names = make([]string, len(at)-1)
	for i := range names {
		if at[i+1] <= at[i] || at[i+1]-at[i] > MaxTerm {
			return nil, nil, fmt.Errorf("%w: term %d", ErrCorrupt, i)
		}
		names[i] = unsafe.String(&x[0][at[i]], at[i+1]-at[i])
	}
	free := 0
	for _, id := range table {
		if int(id) > len(names) {
			return nil, nil, fmt.Errorf("%w: hash table", ErrCorrupt)
		}
		if id == 0 {
			free++
		}
	}
	if free == 0 {
		return nil, nil, fmt.Errorf("%w: hash table without a free place", ErrCorrupt)
	}
	return names, table, nil
}

// hashTerm is FNV-1a of 64 bits, its high half folded in.
func hashTerm(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h ^ h>>32
}
