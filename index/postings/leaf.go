package postings

import "math"

// leaf walks the documents of one term or phrase in one segment.
type leaf struct {
	cs     []*cursor
	plan   *planLeaf
	n      *norms
	k1     float64
	lead   int      // the cursor of the rarest term
	best   *topK    // of a lone phrase: what cannot enter is not looked at
	docs   []uint32 // with best: numbers of the segment's documents
	doc    uint32
	mostTF float64
	most   float64 // cap of the score
	phrase float64 // tf' of the phrase at doc
	spans  spans
	places []uint32
}

// open returns false if the segment lacks one of the terms.
func (r *runner) openLeaf(l *leaf, s *segment, pl *planLeaf, n *norms, k1 float64) bool {
	*l = leaf{plan: pl, n: n, k1: k1, cs: l.cs[:0], spans: l.spans, places: l.places}
	l.mostTF = math.Inf(1)
	for _, id := range pl.ids {
		t, ok := s.lookup(id)
		if !ok {
			return false
		}
		c := r.cursor()
		c.open(s, t)
		l.cs = append(l.cs, c)
		if len(l.cs) == 1 || pl.slop == 0 { // with slop, several places of the first term may share one of another
			l.mostTF = min(l.mostTF, s.whole(n, t))
		}
	}
	for i, c := range l.cs {
		if c.end-c.start < l.cs[l.lead].end-l.cs[l.lead].start {
			l.lead = i
		}
	}
	l.most = l.saturate(l.mostTF)
	if r.meeting { // looks itself
		l.doc = l.cs[l.lead].doc
		return true
	}
	l.doc = l.settle(l.cs[l.lead].doc)
	return true
}

func (l *leaf) saturate(tf float64) float64 { return saturate(l.plan.weight, l.k1, tf) }

func (l *leaf) tf() float64 {
	if len(l.cs) == 1 {
		return l.cs[0].tf(l.n)
	}
	return l.phrase
}

func (l *leaf) score() float64 { return l.saturate(l.tf()) }

// advance moves to the first matching document that is not before t.
func (l *leaf) advance(t uint32) uint32 {
	if l.doc >= t {
		return l.doc
	}
	l.doc = l.settle(l.cs[l.lead].advance(t))
	return l.doc
}

// settle moves on from a document of the first cursor until one matches: it holds the phrase, in a field that counts.
func (l *leaf) settle(d uint32) uint32 {
	if len(l.cs) == 1 {
		if !l.n.masked {
			return d
		}
		for d != noDoc && l.cs[0].tf(l.n) == 0 {
			d = l.cs[0].next()
		}
		return d
	}
	lead := l.cs[l.lead]
next:
	for d != noDoc {
		for i, c := range l.cs {
			if i == l.lead {
				continue
			}
			if e := c.advance(d); e != d {
				d = lead.advance(e)
				continue next
			}
		}
		if l.hopeful(d) {
			if l.phrase = l.phraseTF(); l.phrase > 0 {
				return d
			}
		}
		d = lead.next()
	}
	return noDoc
}

// hopeful says whether a document that holds all terms could be one of the best K, were each of them part of the phrase.
func (l *leaf) hopeful(d uint32) bool {
	if l.best == nil {
		return true
	}
	tf := l.cs[0].tf(l.n)
	if l.plan.slop == 0 {
		for _, c := range l.cs[1:] {
			tf = min(tf, c.tf(l.n))
		}
	}
	return l.best.could(l.saturate(tf), l.docs[d])
}

// phraseTF counts where the terms stand in their slots, and weighs the fields.
func (l *leaf) phraseTF() float64 {
	l.spans.starts = l.cs[0].places(l.spans.starts[:0])
	l.spans.begin(l.plan.slop)
	for i, c := range l.cs[1:] {
		if len(l.spans.starts) == 0 {
			return 0
		}
		l.places = c.places(l.places[:0])
		l.spans.follow(l.places, l.plan, i+1)
	}
	lens := l.cs[0].s.lens
	return l.spans.tf(l.plan, l.n, func(f int) uint16 { return lens[f][l.doc0()] })
}

func (l *leaf) doc0() uint32 { return l.cs[0].doc }

// bound caps the score of documents in [from, to].
func (l *leaf) bound(from, to uint32) float64 {
	if l.doc > to {
		return 0
	}
	least := l.mostTF
	for i, c := range l.cs {
		if i > 0 && l.plan.slop > 0 {
			break
		}
		least = min(least, c.bound(l.n, from, to, l.mostTF))
	}
	return l.saturate(least)
}

// clauseCursor walks the documents that any of its leaves match.
type clauseCursor struct {
	at     int // index of the clause
	leaves []leaf
	doc    uint32
	most   float64
	cost   int     // postings
	limit  float64 // cap in the window at hand
	dense  dense
}

// open returns false if no leaf is in the segment.
func (c *clauseCursor) open(r *runner, s *segment, at int, pc *planClause, k1 float64) bool {
	c.dense.reset()
	c.at, c.doc, c.most, c.cost = at, noDoc, 0, 0
	c.leaves = c.leaves[:0]
	for i := range pc.leaves {
		if len(c.leaves) < cap(c.leaves) {
			c.leaves = c.leaves[:len(c.leaves)+1]
		} else {
			c.leaves = append(c.leaves, leaf{})
		}
		l := &c.leaves[len(c.leaves)-1]
		if !r.openLeaf(l, s, &pc.leaves[i], pc.norms, k1) {
			c.leaves = c.leaves[:len(c.leaves)-1]
			continue
		}
		c.doc = min(c.doc, l.doc)
		c.most = max(c.most, l.most)
		c.cost += int(l.cs[l.lead].end-l.cs[l.lead].start) * blockSize
	}
	if len(c.leaves) > denseLeaves && !r.collecting && !r.o.Exhaustive && !r.alone {
		c.dense.gather(c.leaves, len(s.docs))
		c.doc = c.dense.next(0)
	}
	return len(c.leaves) > 0
}

func (c *clauseCursor) advance(t uint32) uint32 {
	if c.doc >= t {
		return c.doc
	}
	if len(c.leaves) == 1 {
		c.doc = c.leaves[0].advance(t)
		return c.doc
	}
	if c.dense.on {
		c.doc = c.dense.next(t)
		return c.doc
	}
	c.doc = noDoc
	for i := range c.leaves {
		c.doc = min(c.doc, c.leaves[i].advance(t))
	}
	return c.doc
}

// score is the best leaf's at the current document.
func (c *clauseCursor) score() float64 {
	if len(c.leaves) == 1 {
		return c.leaves[0].score()
	}
	if c.dense.on {
		return c.dense.scores[c.doc]
	}
	best := 0.0
	for i := range c.leaves {
		if l := &c.leaves[i]; l.doc == c.doc {
			best = max(best, l.score())
		}
	}
	return best
}

// bound caps the score in [from, to]; clauses of many leaves are not worth looking into.
func (c *clauseCursor) bound(from, to uint32) float64 {
	if c.doc > to {
		return 0
	}
	if len(c.leaves) > 2 {
		return c.most
	}
	b := c.leaves[0].bound(from, to)
	if len(c.leaves) == 2 {
		b = max(b, c.leaves[1].bound(from, to))
	}
	return b
}

// blockEnd is the last document of the block that the clause stands in.
func (c *clauseCursor) blockEnd() uint32 {
	if len(c.leaves) > 1 || c.doc == noDoc {
		return noDoc - 1
	}
	return min(c.leaves[0].cs[c.leaves[0].lead].last, noDoc-1)
}
