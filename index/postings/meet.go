package postings

import "slices"

// joint is a term that every match holds.
type joint struct {
	c     *cursor
	n     *norms
	l     *leaf
	at    int     // its clause
	set   *bitset // or nil
	limit float64 // cap of tf' in the window
	tf    float64
}

// meets says whether documents that hold every one of some terms are all that is searched for: each clause is a Must of
// one term, or the only one a Must of one phrase without slop.
func (p *plan) meets() bool {
	scored, phrase := 0, false
	for i := range p.clauses {
		c := &p.clauses[i]
		if c.occur == MustNot {
			continue
		}
		if c.occur != Must || len(c.leaves) != 1 || c.norms.masked || len(c.leaves[0].ids) > 1 && c.leaves[0].slop > 0 {
			return false
		}
		scored++
		phrase = phrase || len(c.leaves[0].ids) > 1
	}
	return scored == 1 || !phrase
}

// meet is conjunction for such queries. The rarest term leads. A posting of its block is given up as soon as what is known
// of its score is not enough: the block's bounds, then its own frequency with the bounds of the others, then theirs.
func (r *runner) meet() {
	ts := r.joints[:0]
	for _, c := range r.must {
		l := &c.leaves[0]
		for i, k := range l.cs {
			t, _ := r.seg.lookup(l.plan.ids[i])
			ts = append(ts, joint{c: k, n: l.n, l: l, at: c.at, set: r.seg.set(t)})
		}
	}
	r.joints = ts
	phrase := len(r.must) == 1
	slices.SortStableFunc(ts, func(a, b joint) int { return int(a.c.end-a.c.start) - int(b.c.end-b.c.start) })
	c, s := ts[0].c, r.seg
	from := uint32(0)
	for b := c.start; b < c.end; b++ {
		if b%64 == 63 && r.stop() {
			return
		}
		k := &s.blocks[b]
		if k.last < from {
			b = c.seek(b+1, from) - 1
			continue
		}
		ts[0].limit = s.cap(ts[0].n, b)
		for i := range ts[1:] {
			t := &ts[i+1]
			t.limit = t.c.bound(t.n, max(k.base, from), k.last, t.l.mostTF)
		}
		if !r.heap.could(r.jointBound(ts, phrase), s.docs[k.base]) {
			continue
		}
		if c.blk != b {
			c.load(b)
		}
		c.decode()
		if from = r.meetBlock(ts, phrase, from); from == noDoc {
			return
		}
	}
}

// meetBlock looks at the postings of the decoded block from a document on, and returns the first document that may match
// as far as is known.
func (r *runner) meetBlock(ts []joint, phrase bool, from uint32) uint32 {
	c, s, n := ts[0].c, r.seg, ts[0].n
	var second *bitset
	if len(ts) > 1 {
		second = ts[1].set
	}
	refused := 0.0 // tf' of the first that was not enough, for this document or a later one
next:
	for i, code := range c.codes {
		d := c.docs[i&(blockSize-1)]
		if d < from || second != nil && !second.has(d) {
			continue
		}
		var tf float64
		if code != rich {
			tf = n.one(int(code), s.lens[code][d])
		} else {
			c.i, c.doc = i, d
			tf = c.tf(n)
		}
		if tf <= refused {
			continue
		}
		for j := range ts {
			ts[j].tf = ts[j].limit
		}
		ts[0].tf = tf
		if !r.heap.could(r.jointScore(ts, phrase), s.docs[d]) {
			refused = tf
			continue
		}
		for j := range ts[1:] {
			t := &ts[j+1]
			if t.set != nil {
				if !t.set.has(d) {
					continue next
				}
				t.c.place(t.set, d)
			} else if e := t.c.advance(d); e != d {
				from = e
				continue next
			}
			t.tf = t.c.tf(t.n)
		}
		if !r.heap.could(r.jointScore(ts, phrase), s.docs[d]) || !s.live(d) || !r.allowed(d) {
			continue
		}
		c.i, c.doc = i, d
		x := r.jointScore(ts, phrase)
		if phrase && len(ts) > 1 {
			tf := ts[0].l.phraseTF()
			if tf == 0 {
				continue
			}
			x = ts[0].l.saturate(tf)
		}
		r.keep(Hit{s.docs[d], x})
	}
	return from
}

// jointBound is jointScore of the limits.
func (r *runner) jointBound(ts []joint, phrase bool) float64 {
	for i := range ts {
		ts[i].tf = ts[i].limit
	}
	return r.jointScore(ts, phrase)
}

// jointScore adds what the terms' tf' score, in the order of the clauses; or, for a phrase, what it scores were each
// occurrence of its rarest term part of it.
func (r *runner) jointScore(ts []joint, phrase bool) float64 {
	if phrase {
		tf := ts[0].tf
		for i := range ts[1:] {
			tf = min(tf, ts[i+1].tf)
		}
		return ts[0].l.saturate(tf)
	}
	if len(ts) == 2 { // the order of two does not matter
		return ts[0].l.saturate(ts[0].tf) + ts[1].l.saturate(ts[1].tf)
	}
	for i := range ts {
		r.got[ts[i].at] = ts[i].l.saturate(ts[i].tf)
	}
	sum := r.sum()
	for i := range ts {
		r.got[ts[i].at] = 0
	}
	return sum
}
