package postings

import (
	"cmp"
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
	plain(locals []uint32, codes, pos []byte) // of one occurrence each: its field and its position
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
	term     mergedTerm
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

// run emits the terms of all segments in the order of their strings. A segment's own terms stand in that order already, so
// counting says which segments have the next one.
func (m *merger) run(out sink) {
	rank, ids := m.ranks()
	from := make([]uint32, len(ids)+1) // where the segments that have each term begin
	for _, s := range m.in {
		for _, id := range s.terms {
			from[rank[id]+1]++
		}
	}
	for i := range ids {
		from[i+1] += from[i]
	}
	having := make([]uint32, from[len(ids)])
	at := slices.Clone(from)
	for i, s := range m.in {
		for _, id := range s.terms {
			r := rank[id]
			having[at[r]] = uint32(i)
			at[r]++
		}
	}
	heads := make([]uint32, len(m.in)) // the next term of each segment
	for r, id := range ids {
		m.one(out, id, having[from[r]:from[r+1]], heads)
	}
}

// ranks returns the place of each term's id in the order of strings, and the ids in that order.
func (m *merger) ranks() (rank, ids []uint32) {
	rank = make([]uint32, len(m.names))
	var seen []uint32
	for _, s := range m.in {
		for _, id := range s.terms {
			if rank[id] == 0 {
				rank[id] = 1
				seen = append(seen, id)
			}
		}
	}
	ids = orderByString(seen, m.names)
	for r, i := range ids {
		ids[r] = seen[i]
		rank[seen[i]] = uint32(r)
	}
	return rank, ids
}

// one emits one term, the next of those segments having it, if a live document still holds it.
func (m *merger) one(out sink, id uint32, having, heads []uint32) {
	t := &m.term
	t.out, t.id, t.begun = out, id, false
	if m.disjoint || len(having) == 1 {
		for _, i := range having {
			m.in[i].copyTo(t, heads[i], m.renumber[i])
			heads[i]++
		}
		return
	}
	m.buf, m.arena = m.buf[:0], m.arena[:0]
	for _, i := range having {
		renumber := m.renumber[i]
		m.in[i].walk(heads[i], func(local uint32, freq, pos []byte) {
			to := renumber[local]
			if to == noDoc {
				return
			}
			p := mergedPosting{local: to, freq: uint32(len(m.arena))}
			m.arena = append(m.arena, freq...)
			p.pos = uint32(len(m.arena))
			m.arena = append(m.arena, pos...)
			p.end = uint32(len(m.arena))
			m.buf = append(m.buf, p)
		})
		heads[i]++
	}
	slices.SortFunc(m.buf, func(a, b mergedPosting) int { return cmp.Compare(a.local, b.local) })
	for _, p := range m.buf {
		t.add(p.local, m.arena[p.freq:p.pos], m.arena[p.pos:p.end])
	}
}

// mergedTerm passes the postings of one term on, which begins with the first of them.
type mergedTerm struct {
	out   sink
	id    uint32
	begun bool
	docs  [blockSize]uint32
	freq  []byte
}

func (t *mergedTerm) begin() {
	if !t.begun {
		t.begun = true
		t.out.term(t.id)
	}
}

func (t *mergedTerm) add(local uint32, freq, pos []byte) {
	t.begin()
	t.out.add(local, freq, pos)
}

// copyTo passes a term's live postings on, those of one occurrence by the run and not one by one.
func (s *segment) copyTo(t *mergedTerm, term uint32, renumber []uint32) {
	docs := &t.docs
	for bi := s.first[term]; bi < s.first[term+1]; bi++ {
		b := &s.blocks[bi]
		s.decodeDocs(b, docs)
		codes, rest := s.codes(b)
		pos := s.pos[b.pos:]
		for i := 0; i < len(codes); {
			n := i
			for n < len(codes) && codes[n] != rich && renumber[docs[n]] != noDoc {
				docs[n] = renumber[docs[n]]
				n++
			}
			if n > i {
				t.begin()
				k := skipVarints(pos, uint32(n-i))
				t.out.plain(docs[i:n], codes[i:n], pos[:k])
				pos = pos[k:]
			}
			if n < len(codes) {
				rest, pos = s.copyOne(t, renumber[docs[n]], codes[n], rest, pos)
				n++
			}
			i = n
		}
	}
}

// copyOne passes one posting on, if it lives, and returns what is behind it.
func (s *segment) copyOne(t *mergedTerm, local uint32, code byte, rest, pos []byte) (restAfter, posAfter []byte) {
	n := uint32(1)
	t.freq = append(t.freq[:0], code)
	if code == rich {
		var tf [MaxFields]uint32
		k := richLen(rest)
		t.freq = append(t.freq, rest[:k]...)
		n, rest = counts(t.freq, &tf), rest[k:]
	}
	k := skipVarints(pos, n)
	if local != noDoc {
		t.add(local, t.freq, pos[:k])
	}
	return rest, pos[k:]
}
