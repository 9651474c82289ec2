package postings

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"bowerbird/internal/frame"
)

// A checkpoint is a frame (see internal/frame: magic, version, fields, CRC-32C) of
//
//	string            version of the analyser
//	uvarint, strings  names of the fields
//	uvarint n         documents
//	bytes             n uvarints: distances between document numbers, the first from −1
//	per field: bytes  n uvarints: tokens of the field in each document
//	uvarint m         terms
//	per term, in the order of their strings
//	    uvarint       bytes that it shares with the term before
//	    bytes         the rest of it
//	    uvarint       postings
//	    bytes         for each: uvarint distance to the local document before (the first from −1), frequencies, positions
//
// It holds live documents only and depends on them alone: not on the order of writes, nor on when segments were merged.
const (
	checkpointMagic   = "bbterms"
	checkpointVersion = 1
)

// ErrAnalyzer says that a checkpoint was made with another analyser, so that queries would not find its terms.
var ErrAnalyzer = errors.New("made with another analyser")

// ErrCorrupt says that a checkpoint is damaged. Both errors mean: build the index anew.
var ErrCorrupt = frame.ErrCorrupt

// Save writes a checkpoint of this moment; writes go on meanwhile. It streams and holds one posting list at a time.
func (ix *Index) Save(w io.Writer) (err error) {
	ix.mu.RLock()
	snap, names := ix.snap, ix.names
	ix.mu.RUnlock()
	defer guard(snap.segs, &err)()
	in := append([]liveSegment(nil), snap.segs...)
	if s := segmentOf(snap, len(ix.o.Fields), names); s != nil {
		in = append(in, liveSegment{segment: s})
	}
	m := newMerger(in, len(ix.o.Fields), names)
	f := frame.NewWriter(w, checkpointMagic, checkpointVersion)
	f.String(ix.o.Analyzer)
	f.Int(len(ix.o.Fields))
	for _, fd := range ix.o.Fields {
		f.String(fd.Name)
	}
	f.Int(len(m.docs))
	var b []byte
	prev := uint32(noDoc) // −1
	for _, d := range m.docs {
		b = binary.AppendUvarint(b, uint64(d-prev))
		prev = d
	}
	f.Bytes(b)
	for _, lens := range m.lens {
		b = b[:0]
		for _, l := range lens {
			b = binary.AppendUvarint(b, uint64(l))
		}
		f.Bytes(b)
	}
	var c counter
	m.run(&c)
	f.Int(c.terms)
	s := &saver{f: f, names: names}
	m.run(s)
	s.end()
	if err := f.Close(); err != nil {
		return fmt.Errorf("postings: save: %w", err)
	}
	return nil
}

// counter counts terms that live documents hold.
type counter struct{ terms int }

func (c *counter) term(uint32)                { c.terms++ }
func (c *counter) add(uint32, []byte, []byte) {}

func (c *counter) plain([]uint32, []byte, []byte) {}

// saver writes merged postings.
type saver struct {
	f     *frame.Writer
	names []string
	name  string
	last  string
	n     int
	prev  uint32
	buf   []byte
}

func (s *saver) term(id uint32) {
	s.end()
	s.name, s.n, s.prev, s.buf = s.names[id], 0, noDoc, s.buf[:0]
}

func (s *saver) add(local uint32, freq, pos []byte) {
	s.buf = binary.AppendUvarint(s.buf, uint64(local-s.prev))
	s.buf = append(append(s.buf, freq...), pos...)
	s.prev = local
	s.n++
}

func (s *saver) plain(locals []uint32, codes, pos []byte) {
	for i, local := range locals {
		k := skipVarints(pos, 1)
		s.add(local, codes[i:i+1], pos[:k])
		pos = pos[k:]
	}
}

func (s *saver) end() {
	if s.n == 0 {
		return
	}
	k := 0
	for k < len(s.name) && k < len(s.last) && s.name[k] == s.last[k] {
		k++
	}
	s.f.Int(k)
	s.f.Bytes([]byte(s.name[k:]))
	s.f.Int(s.n)
	s.f.Bytes(s.buf)
	s.last, s.n = s.name, 0
}

// Load makes an index from a checkpoint. Weights and other numbers come from o; the names of its fields and its
// analyser must be those of the checkpoint. Every posting is checked: a damaged file is ErrCorrupt, never a wrong index.
func Load(r io.Reader, o Options) (*Index, error) {
	ix, err := New(o)
	if err != nil {
		return nil, err
	}
	f, err := frame.NewReader(r, checkpointMagic, checkpointVersion)
	if err != nil {
		return nil, fmt.Errorf("postings: load: %w", err)
	}
	l := loader{f: f, ix: ix}
	if err := l.load(); err != nil {
		return nil, fmt.Errorf("postings: load: %w", err)
	}
	return ix, nil
}

type loader struct {
	f    *frame.Reader
	ix   *Index
	docs []uint32
	lens [][]uint16
	sums [][]uint16 // tokens seen in postings; must come to lens
}

func (l *loader) load() error {
	if err := l.header(); err != nil {
		return err
	}
	if err := l.documents(); err != nil {
		return err
	}
	b := newBuilder(l.docs, l.lens)
	last := ""
	for n := l.f.Int(); n > 0; n-- {
		name, err := l.termName(last)
		if err != nil {
			return err
		}
		last = name
		if err := l.postings(b, name); err != nil {
			return err
		}
	}
	if err := l.f.Close(); err != nil {
		return err
	}
	for f := range l.lens {
		for d := range l.docs {
			if l.lens[f][d] != l.sums[f][d] {
				return l.bad("document %d holds %d tokens in field %d instead of %d", l.docs[d], l.sums[f][d], f, l.lens[f][d])
			}
		}
	}
	return l.publish(b)
}

func (l *loader) bad(format string, args ...any) error {
	if err := l.f.Err(); err != nil {
		return err
	}
	return fmt.Errorf("%w: "+format, append([]any{ErrCorrupt}, args...)...)
}

func (l *loader) header() error {
	analyzer := l.f.String()
	n := l.f.Int()
	if l.f.Err() != nil || n < 1 || n > MaxFields {
		return l.bad("%d fields", n)
	}
	var names []string
	for range n {
		names = append(names, l.f.String())
	}
	if err := l.f.Err(); err != nil {
		return err
	}
	if analyzer != l.ix.o.Analyzer {
		return fmt.Errorf("%w: %q, not %q", ErrAnalyzer, analyzer, l.ix.o.Analyzer)
	}
	if n != len(l.ix.o.Fields) {
		return fmt.Errorf("the checkpoint has the fields %q, the options %d fields", names, len(l.ix.o.Fields))
	}
	for i, fd := range l.ix.o.Fields {
		if names[i] != fd.Name {
			return fmt.Errorf("field %d is %q in the checkpoint and %q in the options", i, names[i], fd.Name)
		}
	}
	return nil
}

func (l *loader) documents() error {
	n := l.f.Int()
	b := l.f.Bytes()
	if l.f.Err() != nil || n > len(b) {
		return l.bad("%d documents in %d bytes", n, len(b))
	}
	doc := int64(-1)
	for range n {
		d, w := binary.Uvarint(b)
		if w <= 0 || d == 0 || d > noDoc || doc+int64(d) >= noDoc {
			return l.bad("document numbers")
		}
		doc += int64(d)
		l.docs = append(l.docs, uint32(doc))
		b = b[w:]
	}
	if len(b) > 0 {
		return l.bad("bytes after the documents")
	}
	for range l.ix.o.Fields {
		lens, b := make([]uint16, n), l.f.Bytes()
		for i := range lens {
			x, w := binary.Uvarint(b)
			if w <= 0 || x > maxLen {
				return l.bad("field lengths")
			}
			lens[i] = uint16(x)
			b = b[w:]
		}
		if len(b) > 0 {
			return l.bad("bytes after the field lengths")
		}
		l.lens = append(l.lens, lens)
		l.sums = append(l.sums, make([]uint16, n))
	}
	return nil
}

func (l *loader) termName(last string) (string, error) {
	k, rest := l.f.Int(), l.f.Bytes()
	if l.f.Err() != nil || k > len(last) || k+len(rest) > MaxTerm {
		return "", l.bad("term after %q", last)
	}
	name := last[:k] + string(rest)
	if name <= last {
		return "", l.bad("term %q after %q", name, last)
	}
	return name, nil
}

func (l *loader) postings(b *builder, name string) error {
	n, buf := l.f.Int(), l.f.Bytes()
	if l.f.Err() != nil || n < 1 || n > len(l.docs) {
		return l.bad("term %q: %d postings", name, n)
	}
	id := l.ix.intern(name)
	l.ix.df[id] = uint32(n)
	b.term(id)
	local := int64(-1)
	for range n {
		d, w := binary.Uvarint(buf)
		if w <= 0 || d == 0 || d > uint64(len(l.docs)) || local+int64(d) >= int64(len(l.docs)) {
			return l.bad("term %q: documents", name)
		}
		local += int64(d)
		buf = buf[w:]
		nf, np, ok := checkPayload(buf, len(l.lens), func(f int, n uint64) bool {
			left := uint64(l.lens[f][local] - l.sums[f][local])
			if n > left {
				return false
			}
			l.sums[f][local] += uint16(n)
			return true
		})
		if !ok {
			return l.bad("term %q: occurrences", name)
		}
		b.add(uint32(local), buf[:nf], buf[nf:nf+np])
		buf = buf[nf+np:]
	}
	if len(buf) > 0 {
		return l.bad("term %q: bytes after the postings", name)
	}
	return nil
}

// checkPayload measures the payload that b begins with and says whether it is one that appendPayload writes. take is
// asked whether a field has room for so many occurrences.
func checkPayload(b []byte, nf int, take func(f int, n uint64) bool) (freqLen, posLen int, ok bool) {
	var tf [MaxFields]uint64
	switch {
	case len(b) == 0:
		return 0, 0, false
	case int(b[0]) < nf:
		tf[b[0]] = 1
		freqLen = 1
	case b[0] != rich || len(b) < 2 || b[1] == 0 || int(b[1])>>nf != 0:
		return 0, 0, false
	default:
		freqLen = 2
		sum := uint64(0)
		for f := range nf {
			if b[1]>>f&1 == 0 {
				continue
			}
			n, w := binary.Uvarint(b[freqLen:])
			if w <= 0 || w > 3 || n == 0 || n > maxLen || w != uvarintLen(uint32(n)) {
				return 0, 0, false
			}
			tf[f], sum = n, sum+n
			freqLen += w
		}
		if sum < 2 {
			return 0, 0, false
		}
	}
	at := freqLen
	for f := range nf {
		if tf[f] > 0 && !take(f, tf[f]) {
			return 0, 0, false
		}
		pos := uint64(0)
		for range tf[f] {
			d, w := binary.Uvarint(b[at:])
			if w <= 0 || w > 4 || d >= maxPos || w != uvarintLen(uint32(d)) {
				return 0, 0, false
			}
			pos += d
			at += w
		}
		if pos >= maxPos {
			return 0, 0, false
		}
	}
	return freqLen, at - freqLen, true
}

func (l *loader) publish(b *builder) error {
	if len(l.docs) == 0 {
		return nil
	}
	ix := l.ix
	s := b.finish()
	ix.number(s)
	ix.snap.segs = []liveSegment{{segment: s}}
	var lens [MaxFields]uint16
	for d := range l.docs {
		for f := range l.lens {
			lens[f] = l.lens[f][d]
		}
		ix.stats.add(lens[:len(l.lens)], 1)
	}
	return nil
}
