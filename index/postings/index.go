package postings

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// MaxFields bounds Options.Fields, MaxTerm the bytes of a term, maxPos the positions that phrases can tell apart.
const (
	MaxFields = 8
	MaxTerm   = 255
	maxPos    = 1 << 24
	maxLen    = 1<<16 - 1
	memDocs   = 512 // records are searched one by one; 512 cost about 20 µs
)

// Field is one part of a document, such as its title.
type Field struct {
	Name   string
	Weight float64 // of its term frequencies; 0 means 1
	B      float64 // length normalisation; 0 means .75, a negative number none
}

// Options describe an index. Fields is required.
type Options struct {
	Fields   []Field
	K1       float64 // saturation of term frequency; 0 means 1.2
	Analyzer string  // version of the analyser; kept in checkpoints, and Load refuses another
	// SyncMerge merges segments inside Put instead of in the background: slower at times, useful in tests.
	SyncMerge bool
	// Trust makes Open leave out the checksums of the largest parts, so that it does not read them: for an index larger
	// than memory. Damage is then found by a search that comes across it, which fails with ErrCorrupt, or not at all.
	Trust bool
}

// Token is one term of a field and its position. Positions only matter to phrases.
type Token struct {
	Term string
	Pos  uint32
}

// Index is the inverted index. All methods are safe for concurrent use.
type Index struct {
	o Options

	mu        sync.RWMutex      // guards what follows; never held while searching, merging or saving
	base      []uint32          // hash table of the terms of an opened folder
	baseTerms int               // how many
	dict      map[string]uint32 // of all other terms
	names     []string          // term of each id; append-only, so snapshots share it
	df        []uint32          // live documents that hold each term
	stats     stats
	snap      snapshot
	memAt     map[uint32]int // document -> record
	removed   []uint32       // terms of the document that is being removed
	merging   bool
	failed    error // of a merge: damaged segments, or a full disk
	closed    bool
	merges    sync.WaitGroup
	merged    *sync.Cond            // of mu: a merge has ended
	ids       uint64                // of segments
	norms     atomic.Pointer[norms] // of the last search

	storing   sync.Mutex // one Store at a time
	dir       string     // where segments are stored, or ""
	seq       uint64     // number of the newest file there
	spilling  string     // file of a merge that is not in a snapshot yet
	dictFile  file
	dictTerms int // terms in it
}

// stats are sums over live documents.
type stats struct {
	docs   int               // all
	scored int               // with at least one token: N of the idf
	total  [MaxFields]uint64 // tokens per field
	having [MaxFields]int    // documents with a token in the field
}

func (s *stats) add(lens []uint16, sign int) {
	s.docs += sign
	any := false
	for f, l := range lens {
		s.total[f] += uint64(int64(sign) * int64(l))
		if l > 0 {
			s.having[f] += sign
			any = true
		}
	}
	if any {
		s.scored += sign
	}
}

// snapshot is what a search reads. It is copied by value; everything behind it is immutable.
type snapshot struct {
	segs []liveSegment
	mem  []*record
	dead []uint64 // bit per record
}

// New returns an empty index, or an error that names the option that is wrong.
func New(o Options) (*Index, error) {
	if len(o.Fields) == 0 || len(o.Fields) > MaxFields {
		return nil, fmt.Errorf("postings: Options.Fields has %d fields; 1 to %d are possible", len(o.Fields), MaxFields)
	}
	o.Fields = slices.Clone(o.Fields)
	for i := range o.Fields {
		f := &o.Fields[i]
		if f.Weight == 0 {
			f.Weight = 1
		}
		if !(f.Weight > 0) || math.IsInf(f.Weight, 0) || math.IsNaN(f.B) || f.B > 1 {
			return nil, fmt.Errorf("postings: field %q: weight %v must be positive and b %v at most 1", f.Name, f.Weight, f.B)
		}
		if f.B == 0 {
			f.B = .75
		}
		f.B = max(f.B, 0)
	}
	if o.K1 == 0 {
		o.K1 = 1.2
	}
	if !(o.K1 > 0) || math.IsInf(o.K1, 0) {
		return nil, fmt.Errorf("postings: Options.K1 is %v; it must be positive", o.K1)
	}
	ix := &Index{o: o, dict: make(map[string]uint32), memAt: make(map[uint32]int)}
	ix.merged = sync.NewCond(&ix.mu)
	return ix, nil
}

// Put adds a document or replaces it. fields holds one list of tokens for each of Options.Fields; a missing tail is
// empty. Tokens after the 65,535th of a field are ignored. The error names what is wrong, and then nothing has changed.
func (ix *Index) Put(doc uint32, fields ...[]Token) (err error) {
	if doc == noDoc {
		return fmt.Errorf("postings: document number %d is reserved", doc)
	}
	if len(fields) > len(ix.o.Fields) {
		return fmt.Errorf("postings: document %d has %d fields, the index %d", doc, len(fields), len(ix.o.Fields))
	}
	for f, tokens := range fields {
		for _, t := range tokens {
			if t.Term == "" || len(t.Term) > MaxTerm || t.Pos >= maxPos {
				return fmt.Errorf("postings: document %d, field %s: term of %d bytes at position %d; 1 to %d bytes and positions below %d are possible",
					doc, ix.o.Fields[f].Name, len(t.Term), t.Pos, MaxTerm, maxPos)
			}
		}
	}
	ix.mu.Lock()
	defer ix.mu.Unlock()
	defer guard(ix.snap.segs, &err)()
	if ix.closed {
		return errClosed
	}
	ix.remove(doc)
	r := newRecord(doc, len(ix.o.Fields), fields, ix.intern)
	for _, id := range r.terms {
		ix.df[id]++
	}
	ix.stats.add(r.lens, 1)
	ix.memAt[doc] = len(ix.snap.mem)
	ix.snap.mem = append(ix.snap.mem, r) // readers hold shorter slices of the same array
	if len(ix.snap.mem) == memDocs {
		ix.flush()
	}
	return nil
}

var errClosed = errors.New("postings: index is closed")

// Delete removes a document and says whether it was there.
func (ix *Index) Delete(doc uint32) bool {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	var err error // damage of a mapped segment; the document stays
	defer guard(ix.snap.segs, &err)()
	return !ix.closed && ix.remove(doc)
}

// lookup returns the id of a term. Called with the lock held.
func (ix *Index) lookup(term string) (uint32, bool) {
	if len(ix.base) > 0 {
		mask := uint64(len(ix.base) - 1)
		for h := hashTerm(term) & mask; ix.base[h] != 0; h = (h + 1) & mask {
			if id := ix.base[h] - 1; ix.names[id] == term {
				return id, true
			}
		}
	}
	id, ok := ix.dict[term]
	return id, ok
}

// number gives a segment its id. Called with the lock held, or before anybody else knows the index.
func (ix *Index) number(s *segment) {
	ix.ids++
	s.id = ix.ids
}

func (ix *Index) intern(term string) uint32 {
	id, ok := ix.lookup(term)
	if !ok {
		term = strings.Clone(term)
		id = uint32(len(ix.names))
		ix.dict[term] = id
		ix.names = append(ix.names, term)
		ix.df = append(ix.df, 0)
	}
	return id
}

func (ix *Index) remove(doc uint32) bool {
	if i, ok := ix.memAt[doc]; ok {
		r := ix.snap.mem[i]
		for _, id := range r.terms {
			ix.df[id]--
		}
		ix.stats.add(r.lens, -1)
		dead := make([]uint64, memDocs/64)
		copy(dead, ix.snap.dead)
		dead[i/64] |= 1 << (i % 64)
		ix.snap.dead = dead
		delete(ix.memAt, doc)
		return true
	}
	for i, s := range ix.snap.segs {
		local, ok := s.find(doc)
		if !ok || !s.live(local) {
			continue
		}
		var lens [MaxFields]uint16
		for f := range ix.o.Fields {
			lens[f] = s.lens[f][local]
		}
		terms := ix.removed[:0]
		s.forward(local, func(t uint32) { terms = append(terms, s.terms[t]) }) // may fail on damage, so before any change
		ix.removed = terms
		for _, id := range terms {
			ix.df[id]--
		}
		ix.stats.add(lens[:len(ix.o.Fields)], -1)
		segs := slices.Clone(ix.snap.segs)
		segs[i].dead = s.dead.with(local, len(s.docs))
		ix.snap.segs = segs
		return true
	}
	return false
}

// flush turns the records into a segment. Called with the lock held, once every memDocs puts.
func (ix *Index) flush() {
	if s := segmentOf(ix.snap, len(ix.o.Fields), ix.names); s != nil {
		ix.number(s)
		ix.snap.segs = append(slices.Clip(ix.snap.segs), liveSegment{segment: s})
	}
	ix.snap.mem, ix.snap.dead = make([]*record, 0, memDocs), nil
	clear(ix.memAt)
	ix.scheduleMerge()
}

// Has says whether the document is in the index.
func (ix *Index) Has(doc uint32) bool {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	if _, ok := ix.memAt[doc]; ok {
		return true
	}
	for _, s := range ix.snap.segs {
		if local, ok := s.find(doc); ok && s.live(local) {
			return true
		}
	}
	return false
}

// DocFreq is the number of documents that hold the term.
func (ix *Index) DocFreq(term string) int {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	if id, ok := ix.lookup(term); ok {
		return int(ix.df[id])
	}
	return 0
}

// Terms calls f with every term that a document holds and in how many, in no promised order, until f returns false.
// It holds no lock while f runs; the counts are of the moment of the call.
func (ix *Index) Terms(f func(term string, docs int) bool) {
	ix.mu.RLock()
	names, df := ix.names, slices.Clone(ix.df)
	ix.mu.RUnlock()
	for id, n := range df {
		if n > 0 && !f(strings.Clone(names[id]), int(n)) {
			return
		}
	}
}

// Stats describe an index.
type Stats struct {
	Docs     int       // live documents
	Terms    int       // terms in the dictionary, those of deleted documents included until a checkpoint is loaded
	Segments int       // immutable segments
	Bytes    int       // of segments and dictionary in memory, estimated; records waiting for a segment are not counted
	Mapped   int       // bytes of the files of mapped segments and of the dictionary
	AvgLen   []float64 // tokens per field, over documents that have the field
}

// Docs is the number of documents in the index.
func (ix *Index) Docs() int {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return ix.stats.docs
}

// Stats returns counts of this moment.
func (ix *Index) Stats() Stats {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	s := Stats{Docs: ix.stats.docs, Terms: len(ix.names), Segments: len(ix.snap.segs)}
	for i, n := range ix.names {
		s.Bytes += 16 + 4 // header and df
		if i >= ix.baseTerms {
			s.Bytes += len(n) + 40 // the string, and a map entry with its slack
		}
	}
	for _, g := range ix.snap.segs {
		if g.file.name == "" {
			s.Bytes += g.bytes()
		} else {
			s.Mapped += int(g.file.size)
		}
	}
	s.Mapped += int(ix.dictFile.size)
	for f := range ix.o.Fields {
		s.AvgLen = append(s.AvgLen, ix.stats.avg(f))
	}
	return s
}

func (s *stats) avg(f int) float64 {
	if s.having[f] == 0 {
		return 1
	}
	return float64(s.total[f]) / float64(s.having[f])
}

// Close waits for a running merge and refuses later writes. Searches still work.
func (ix *Index) Close() error {
	ix.mu.Lock()
	ix.closed = true
	ix.mu.Unlock()
	ix.merges.Wait()
	return nil
}

// WaitMerges returns once no merge is running or due. Writes meanwhile may start others.
func (ix *Index) WaitMerges() {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	for ix.merging {
		ix.merged.Wait()
	}
}
