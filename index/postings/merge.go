package postings

import (
	"cmp"
	"math"
	"slices"
)

const (
	mergeFactor = 8       // segments of one tier that become one
	mostMerged  = 64      // at once, if so many wait: a bulk load then moves each document seldom
	spillBytes  = 1 << 20 // of a merged segment that goes to the folder, if there is one
	maxMerged   = 1 << 31 // bytes; larger results would outgrow 32-bit offsets, so such segments stay apart
)

// scheduleMerge starts merging if there is reason to. Called with the lock held.
func (ix *Index) scheduleMerge() {
	if ix.merging || ix.closed || ix.failed != nil {
		return
	}
	pick := pickMerge(ix.snap.segs)
	if pick == nil {
		return
	}
	ix.merging = true
	segs, names, dir := ix.snap.segs, ix.names, ix.dir
	if ix.o.SyncMerge {
		ix.replace(segs, pick, mergeSegments(picked(segs, pick), len(ix.o.Fields), names))
		return
	}
	ix.merges.Add(1)
	go func() {
		defer ix.merges.Done()
		s, err := ix.mergeAndSpill(segs, pick, names, dir)
		ix.mu.Lock()
		defer ix.mu.Unlock()
		if err != nil { // the segments stay as they are; no further merge is tried
			ix.failed, ix.merging = err, false
			ix.merged.Broadcast()
			return
		}
		ix.replace(segs, pick, s)
	}()
}

// mergeAndSpill merges, and maps a large result if the index has a folder. It is called without the lock, or with
// SyncMerge never.
func (ix *Index) mergeAndSpill(segs []liveSegment, pick []int, names []string, dir string) (s *segment, err error) {
	defer guard(segs, &err)()
	s = mergeSegments(picked(segs, pick), len(ix.o.Fields), names)
	if dir != "" && len(s.data)+len(s.pos)+len(s.fwd) >= spillBytes {
		return ix.spill(s, dir, names, true)
	}
	return s, nil
}

// Compact merges all segments into one, or into as few as their size allows. Searches and writes go on; a full merge
// reads and writes everything, so it is for indexes that will rest.
func (ix *Index) Compact() error {
	ix.mu.Lock()
	for ix.merging {
		ix.merged.Wait()
	}
	if ix.closed || ix.failed != nil {
		defer ix.mu.Unlock()
		return cmp.Or(ix.failed, errClosed)
	}
	ix.merging = true // keeps others away
	ix.flush()
	segs, names, dir := ix.snap.segs, ix.names, ix.dir
	ix.mu.Unlock()
	var pick []int
	bytes, dead := 0, 0
	for i := range segs {
		if bytes += len(segs[i].data) + len(segs[i].pos) + len(segs[i].fwd); bytes < maxMerged {
			pick = append(pick, i)
			dead += segs[i].dead.n
		}
	}
	var merged *segment
	var err error
	if len(pick) > 1 || dead > 0 {
		merged, err = ix.mergeAndSpill(segs, pick, names, dir)
	}
	ix.mu.Lock()
	defer ix.mu.Unlock()
	if merged == nil || err != nil {
		ix.merging = false
		ix.merged.Broadcast()
		return err
	}
	ix.replace(segs, pick, merged)
	return nil
}

func picked(segs []liveSegment, pick []int) []liveSegment {
	out := make([]liveSegment, len(pick))
	for i, p := range pick {
		out[i] = segs[p]
	}
	return out
}

// replace puts the merged segment in the place of those it came from. What died in them while it was being made is
// found by comparing their tombstones of then and now.
func (ix *Index) replace(then []liveSegment, pick []int, merged *segment) {
	ix.number(merged)
	ix.spilling = ""
	m := liveSegment{segment: merged}
	gone := make(map[uint64]bool)
	for _, i := range pick {
		gone[then[i].id] = true
		now := ix.snap.segs[slices.IndexFunc(ix.snap.segs, func(s liveSegment) bool { return s.id == then[i].id })]
		if now.dead.n == then[i].dead.n {
			continue
		}
		for local, doc := range now.docs {
			if !now.live(uint32(local)) && then[i].live(uint32(local)) {
				at, _ := merged.find(doc)
				m.dead = m.dead.with(at, len(merged.docs))
			}
		}
	}
	var segs []liveSegment
	for _, s := range ix.snap.segs {
		if !gone[s.id] {
			segs = append(segs, s)
		}
	}
	if m.size() > 0 {
		segs = append(segs, m)
	}
	ix.snap.segs = segs
	ix.merging = false
	ix.scheduleMerge()
	ix.merged.Broadcast()
}

// pickMerge returns which segments to merge, or nil: mergeFactor of one tier, where a tier spans a factor of
// mergeFactor in live documents; more if more wait; or one segment of which more than half is dead.
func pickMerge(segs []liveSegment) []int {
	var tiers [16][]int
	for i, s := range segs {
		if s.dead.n > len(s.docs)/2 {
			return []int{i}
		}
		t := 0
		for n := s.size() / memDocs; n >= mergeFactor; n /= mergeFactor {
			t++
		}
		tiers[t] = append(tiers[t], i)
	}
	for _, t := range tiers {
		if len(t) < mergeFactor {
			continue
		}
		bytes, n := 0, 0
		for n < min(len(t), mostMerged) && bytes < maxMerged {
			s := &segs[t[n]]
			if bytes += len(s.data) + len(s.pos) + len(s.fwd); bytes < maxMerged {
				n++
			}
		}
		if n >= mergeFactor {
			return t[:n]
		}
	}
	return nil
}

// sink takes merged postings: terms in the order of their strings, local documents ascending.
type sink interface {
	term(id uint32)
	add(local uint32, freq, pos []byte)
}

func mergeSegments(in []liveSegment, nf int, names []string) *segment {
	m := newMerger(in, nf, names)
	b, terms := newBuilder(m.docs, m.lens), 0
	for i := range in {
		terms = max(terms, len(in[i].terms))
	}
	b.grow(terms)
	m.run(b)
	return b.finish()
}

// merger joins the live documents of segments into one numbering and their postings into one stream.
type merger struct {
	in       []liveSegment
	names    []string
	docs     []uint32
	lens     [][]uint16
	renumber [][]uint32 // [segment][local] new local, or noDoc
	disjoint bool       // documents of each segment all come before those of the next
	buf      []mergedPosting
	arena    []byte
}

type mergedPosting struct{ local, freq, pos, end uint32 }

func newMerger(in []liveSegment, nf int, names []string) *merger {
	m := &merger{in: in, names: names, lens: make([][]uint16, nf), disjoint: true}
	slices.SortFunc(in, func(a, b liveSegment) int { return cmp.Compare(a.docs[0], b.docs[0]) })
	type source struct{ doc, seg, local uint32 }
	var all []source
	for i := range in {
		s := &in[i]
		if i > 0 && in[i-1].docs[len(in[i-1].docs)-1] >= s.docs[0] {
			m.disjoint = false
		}
		m.renumber = append(m.renumber, make([]uint32, len(s.docs)))
		for local, doc := range s.docs {
			if s.live(uint32(local)) {
				all = append(all, source{doc, uint32(i), uint32(local)})
			} else {
				m.renumber[i][local] = noDoc
			}
		}
	}
	if !m.disjoint {
		slices.SortFunc(all, func(a, b source) int { return cmp.Compare(a.doc, b.doc) })
	}
	m.docs = make([]uint32, len(all))
	for f := range m.lens {
		m.lens[f] = make([]uint16, len(all))
	}
	for at, src := range all {
		m.docs[at] = src.doc
		m.renumber[src.seg][src.local] = uint32(at)
		for f := range m.lens {
			m.lens[f][at] = in[src.seg].lens[f][src.local]
		}
	}
	return m
}

func (m *merger) run(out sink) {
	heads := make([]int, len(m.in))
	waiting := make([]waiting, 0, len(m.in)) // a heap of the segments by their next terms
	for i := range m.in {
		waiting = append(waiting, m.wait(i, 0))
	}
	for i := len(waiting)/2 - 1; i >= 0; i-- {
		m.sink(waiting, i)
	}
	var having []int
	for len(waiting) > 0 && waiting[0].id != noTerm {
		having = having[:0]
		for id := waiting[0].id; waiting[0].id == id; m.sink(waiting, 0) {
			i := waiting[0].seg
			having = append(having, i) // in their order, see before
			heads[i]++
			waiting[0] = m.wait(i, heads[i])
		}
		m.one(out, having, heads)
	}
}

// waiting is a segment's next term.
type waiting struct {
	key uint64 // of its string
	id  uint32 // or noTerm: no more
	seg int
}

// noTerm is past every term.
const noTerm = math.MaxUint32

func (m *merger) wait(seg, term int) waiting {
	s := m.in[seg]
	if term == len(s.terms) {
		return waiting{math.MaxUint64, noTerm, seg}
	}
	return waiting{headOf(m.names[s.terms[term]]), s.terms[term], seg}
}

// before orders by strings, then by segments.
func (m *merger) before(a, b waiting) bool {
	switch {
	case a.id == b.id:
		return a.seg < b.seg
	case a.key != b.key || a.id == noTerm || b.id == noTerm:
		return a.key < b.key || a.key == b.key && b.id == noTerm
	}
	return m.names[a.id] < m.names[b.id]
}

// sink moves the i-th of a heap down to its place.
func (m *merger) sink(h []waiting, i int) {
	x := h[i]
	for {
		c := 2*i + 1
		if c >= len(h) {
			break
		}
		if c+1 < len(h) && m.before(h[c+1], h[c]) {
			c++
		}
		if !m.before(h[c], x) {
			break
		}
		h[i], i = h[c], c
	}
	h[i] = x
}

// one emits one term, the one before the heads of those having it, if a live document still holds it.
func (m *merger) one(out sink, having, heads []int) {
	begun := false
	begin := func() {
		if !begun {
			begun = true
			out.term(m.in[having[0]].terms[heads[having[0]]-1])
		}
	}
	m.buf, m.arena = m.buf[:0], m.arena[:0]
	for _, i := range having {
		renumber := m.renumber[i]
		m.in[i].walk(uint32(heads[i]-1), func(local uint32, freq, pos []byte) {
			to := renumber[local]
			if to == noDoc {
				return
			}
			if m.disjoint || len(having) == 1 {
				begin()
				out.add(to, freq, pos)
				return
			}
			p := mergedPosting{local: to, freq: uint32(len(m.arena))}
			m.arena = append(m.arena, freq...)
			p.pos = uint32(len(m.arena))
			m.arena = append(m.arena, pos...)
			p.end = uint32(len(m.arena))
			m.buf = append(m.buf, p)
		})
	}
	slices.SortFunc(m.buf, func(a, b mergedPosting) int { return cmp.Compare(a.local, b.local) })
	for _, p := range m.buf {
		begin()
		out.add(p.local, m.arena[p.freq:p.pos], m.arena[p.pos:p.end])
	}
}
