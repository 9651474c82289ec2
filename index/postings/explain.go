package postings

import (
	"fmt"
	"slices"
	"strings"
)

// Explanation says where a document's score comes from.
type Explanation struct {
	Doc     uint32
	Matched bool    // whether a search would return it, filters aside
	Score   float64 // sum of the clauses' scores and Proximity, if it matched
	// Proximity is the part of Score for words that stand close. A search adds it to the best hits only.
	Proximity float64
	Docs      int // N: documents with at least one token
	K1        float64
	Clauses   []ClauseExplanation
}

// ClauseExplanation is the part of one clause of the query.
type ClauseExplanation struct {
	Clause int
	Occur  Occur
	Score  float64           // of the best leaf
	Leaves []LeafExplanation // those that the document matches
}

// LeafExplanation is a term, or a phrase, that the document holds.
type LeafExplanation struct {
	Terms    []string
	DocFreqs []int   // documents that hold each term
	Edits    int     // from the query's term; each costs EditPenalty of the weight
	Weight   float64 // boost · idf
	TF       float64 // tf', the sum of the fields' parts
	Score    float64 // Weight · TF / (k1 + TF)
	Fields   []FieldExplanation
}

// FieldExplanation is the part of one field that holds the term or phrase.
type FieldExplanation struct {
	Field  int
	Name   string
	Count  int     // occurrences
	Length int     // tokens of the field in this document
	AvgLen float64 // over documents that have the field
	Weight float64
	B      float64
	TF     float64 // weight · count / (1 − b + b · length / average); a place of a phrase with slop may count less than 1
	Score  float64 // the leaf's score, shared out by TF
}

// Explain returns how the query scores one document. The error says that the query or the options are wrong, or that
// the document is not in the index.
func (ix *Index) Explain(q Query, doc uint32, o SearchOptions) (e *Explanation, err error) {
	if err := q.validate(len(ix.o.Fields)); err != nil {
		return nil, err
	}
	if err := o.validate(len(ix.o.Fields)); err != nil {
		return nil, err
	}
	p := ix.prepare(&q, &o)
	defer guard(p.snap.segs, &err)()
	r := p.record(doc)
	if r == nil {
		return nil, fmt.Errorf("postings: document %d is not in the index", doc)
	}
	e = &Explanation{Doc: doc, Docs: p.docs, K1: p.k1}
	for i := range p.clauses {
		e.Clauses = append(e.Clauses, p.explainClause(ix, r, i))
	}
	e.Score, e.Matched = p.combine(func(i int) float64 {
		if len(e.Clauses[i].Leaves) == 0 {
			return -1
		}
		return e.Clauses[i].Score
	})
	if e.Matched && o.close() {
		e.Proximity = p.recordProximity(r, &o.Proximity)
		e.Score += e.Proximity
	}
	return e, nil
}

func (p *plan) explainClause(ix *Index, r *record, i int) ClauseExplanation {
	c := &p.clauses[i]
	ce := ClauseExplanation{Clause: i, Occur: c.occur}
	for j := range c.leaves {
		l := &c.leaves[j]
		tf := p.recordTF(r, c.norms, l)
		if tf <= 0 {
			continue
		}
		le := LeafExplanation{Edits: l.edits, Weight: l.weight, TF: tf, Score: saturate(l.weight, p.k1, tf)}
		for k, id := range l.ids {
			le.Terms = append(le.Terms, strings.Clone(p.names[id]))
			le.DocFreqs = append(le.DocFreqs, int(l.df[k]))
		}
		occurrences, weighed := p.occurrences(r, l)
		for f, n := range occurrences {
			if n == 0 || c.norms.weight[f] == 0 {
				continue
			}
			x := weighed[f] * c.norms.one(f, r.lens[f])
			le.Fields = append(le.Fields, FieldExplanation{Field: f, Name: ix.o.Fields[f].Name, Count: n, Length: int(r.lens[f]),
				AvgLen: c.norms.avg[f], Weight: c.norms.weight[f], B: c.norms.b[f], TF: x, Score: le.Score * x / tf})
		}
		ce.Score = max(ce.Score, le.Score)
		ce.Leaves = append(ce.Leaves, le)
	}
	return ce
}

// occurrences counts a term or phrase per field, and what the places count for.
func (p *plan) occurrences(r *record, l *planLeaf) (n [MaxFields]int, tf [MaxFields]float64) {
	var sp spans
	for i, id := range l.ids {
		at, _ := r.find(id)
		freq, pos := r.payload(at)
		here := places(nil, freq, pos)
		if i == 0 {
			sp.starts = here
			sp.begin(l.slop)
		} else {
			sp.follow(here, l, i)
		}
	}
	for _, k := range sp.starts {
		n[k>>27]++
	}
	return n, sp.frequencies(l)
}

// record finds a document, or makes a record of it out of its segment with the plan's terms only.
func (p *plan) record(doc uint32) *record {
	for i, r := range p.snap.mem {
		if r.doc == doc && p.snap.liveRecord(i) {
			return r
		}
	}
	for i := range p.snap.segs {
		s := &p.snap.segs[i]
		if local, ok := s.find(doc); ok && s.live(local) {
			return p.extract(s.segment, doc, local)
		}
	}
	return nil
}

func (p *plan) extract(s *segment, doc, local uint32) *record {
	r := &record{doc: doc}
	for f := range s.lens {
		r.lens = append(r.lens, s.lens[f][local])
	}
	payloads := make(map[uint32][]byte)
	for _, c := range p.clauses {
		for _, l := range c.leaves {
			for _, id := range l.ids {
				if t, ok := s.lookup(id); ok && payloads[id] == nil {
					if b := s.payload(t, local); b != nil {
						payloads[id] = b
					}
				}
			}
		}
	}
	for id := range payloads {
		r.terms = append(r.terms, id)
	}
	slices.Sort(r.terms)
	for _, id := range r.terms {
		r.data = append(r.data, payloads[id]...)
		r.ends = append(r.ends, uint32(len(r.data)))
	}
	return r
}

// payload returns frequencies and positions of one posting, or nil.
func (s *segment) payload(term, local uint32) []byte {
	var c cursor
	c.open(s, term)
	if c.advance(local) != local {
		return nil
	}
	var tf [MaxFields]uint32
	sum := c.counts(&tf)
	out := []byte{c.codes[c.i]}
	if out[0] == rich {
		rest := c.rest[c.restAt[c.i]:]
		out = append(out, rest[:richLen(rest)]...)
	}
	at := int(s.blocks[c.blk].pos)
	var other [MaxFields]uint32
	for i := range c.i {
		at += skipVarints(s.pos[at:], c.countsAt(i, &other))
	}
	return append(out, s.pos[at:at+skipVarints(s.pos[at:], sum)]...)
}
