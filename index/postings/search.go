package postings

import (
	"context"
	"slices"
	"sync"
)

// Search returns the K best documents, by score and then by number. The error says what is wrong with the query or the
// options, or is the context's; a long search looks at the context now and then.
//
// Documents that cannot reach the best K are skipped by MaxScore (Turtle and Flood, 1995) over windows bounded by block
// maxima (Ding and Suel, 2011).
func (ix *Index) Search(ctx context.Context, q Query, o SearchOptions) (hits []Hit, err error) {
	if err := q.validate(len(ix.o.Fields)); err != nil {
		return nil, err
	}
	if err := o.validate(len(ix.o.Fields)); err != nil {
		return nil, err
	}
	if o.Sort != nil {
		res, err := ix.sorted(ctx, q, o)
		return res.Hits, err
	}
	p := ix.prepare(&q, &o)
	defer guard(p.snap.segs, &err)()
	r := runners.Get().(*runner)
	defer r.release()
	r.reset(ctx, p, &o)
	if p.feasible() {
		r.run()
	}
	hits = r.hits()
	if o.close() && r.err == nil {
		hits = r.draw(hits)
	}
	return hits, r.err
}

var runners = sync.Pool{New: func() any { return new(runner) }}

// runner is the working memory of one search.
type runner struct {
	ctx        context.Context
	err        error
	p          *plan
	o          *SearchOptions
	heap       topK
	alone      bool // see plan.alone
	distinct   bool // group by SearchOptions.Group
	collecting bool // matches go to found, unscored
	meeting    bool // see plan.meets
	joints     []joint
	found      []uint32
	bitsets    [][]uint64
	seg        *liveSegment
	clauses    []clauseCursor
	cursors    []*cursor
	used       int
	must       []*clauseCursor
	should     []*clauseCursor
	not        []*clauseCursor
	leafOrder  []*leaf
	scored     []*clauseCursor // must and should in the order of clauses
	order      []*clauseCursor
	got        [MaxClauses]float64
	prefix     [MaxClauses + 1]float64
}

// slack widens every bound against rounding: sums are taken in another order than scores.
const slack = 1 + 1e-9

func (r *runner) reset(ctx context.Context, p *plan, o *SearchOptions) {
	r.ctx, r.err, r.p, r.o, r.collecting, r.meeting = ctx, nil, p, o, false, false
	var many bool
	r.alone, many = p.alone()
	r.distinct = o.Group != nil
	r.heap.reset(o.depth(), r.distinct || many && !o.Exhaustive)
}

func (r *runner) release() {
	r.ctx, r.p, r.o, r.seg = nil, nil, nil, nil
	for _, c := range r.cursors {
		c.s, c.codes, c.rest = nil, nil, nil
	}
	for i := range r.clauses {
		for j := range r.clauses[i].leaves {
			l := &r.clauses[i].leaves[j]
			l.plan, l.n, l.best, l.docs = nil, nil, nil, nil
		}
		r.clauses[i].dense.reset()
	}
	clear(r.joints[:cap(r.joints)])
	runners.Put(r)
}

func (r *runner) cursor() *cursor {
	if r.used == len(r.cursors) {
		r.cursors = append(r.cursors, new(cursor))
	}
	r.used++
	return r.cursors[r.used-1]
}

// run searches the largest segments first: they raise the threshold for the others.
func (r *runner) run() {
	segs := slices.Clone(r.p.snap.segs)
	slices.SortStableFunc(segs, func(a, b liveSegment) int { return b.size() - a.size() })
	r.meeting = !r.o.Exhaustive && !r.alone && r.p.meets()
	for i := range segs {
		r.seg = &segs[i]
		if r.stop() || !r.open() {
			continue
		}
		switch {
		case r.o.Exhaustive:
			r.exhaustive()
		case r.alone:
			r.leaves(r.scored[0])
		case r.meeting:
			r.meet()
		case len(r.must) > 0:
			r.conjunction()
		default:
			r.disjunction()
		}
	}
	r.records()
}

func (r *runner) stop() bool {
	if r.err == nil && r.ctx != nil {
		r.err = r.ctx.Err()
	}
	return r.err != nil
}

// open places a cursor for every clause; it returns false if the segment cannot match.
func (r *runner) open() bool {
	r.used = 0
	r.must, r.should, r.not, r.scored = r.must[:0], r.should[:0], r.not[:0], r.scored[:0]
	for len(r.clauses) < len(r.p.clauses) {
		r.clauses = append(r.clauses, clauseCursor{})
	}
	for i := range r.p.clauses {
		pc, c := &r.p.clauses[i], &r.clauses[i]
		ok := c.open(r, r.seg.segment, i, pc, r.p.k1)
		switch {
		case !ok && pc.occur == Must:
			return false
		case !ok:
			continue
		case pc.occur == Must:
			r.must = append(r.must, c)
		case pc.occur == Should:
			r.should = append(r.should, c)
		default:
			r.not = append(r.not, c)
			continue
		}
		r.scored = append(r.scored, c)
	}
	return len(r.should) >= r.p.should && len(r.must)+len(r.should) > 0
}

// alone says whether one clause scores, with terms and not phrases, so that each of its leaves can be searched for
// itself; many, whether a document can then come twice.
func (p *plan) alone() (alone, many bool) {
	scored, not := 0, 0
	for i := range p.clauses {
		c := &p.clauses[i]
		if c.occur == MustNot {
			not++
			continue
		}
		scored++
		many = len(c.leaves) > 1
		for j := range c.leaves {
			if len(c.leaves[j].ids) > 1 {
				return false, false
			}
		}
	}
	alone = scored == 1 && p.should <= 1 && !(many && not > 0) // cursors of MustNot only go forward
	return alone, alone && many
}

// leaves searches the leaves of a lone clause one after the other, the most promising first.
func (r *runner) leaves(c *clauseCursor) {
	order := r.leafOrder[:0]
	for i := range c.leaves {
		order = append(order, &c.leaves[i])
	}
	r.leafOrder = order
	slices.SortStableFunc(order, func(a, b *leaf) int { return compareFloat(b.most, a.most) })
	for _, l := range order {
		r.single(l)
	}
}

// single searches one term: a block that cannot hold one of the best K is not even decoded.
func (r *runner) single(l *leaf) {
	c, s := l.cs[0], r.seg
	if !r.heap.could(l.most, s.docs[s.blocks[c.start].base]) {
		return
	}
	refused := 0.0 // tf' that was not enough, for this document or a later one
	for b := c.start; b < c.end; b++ {
		if b%64 == 63 && r.stop() {
			return
		}
		k := &s.blocks[b]
		most := s.cap(l.n, b)
		if most <= refused {
			continue
		}
		if !r.heap.could(l.saturate(most), s.docs[k.base]) {
			refused = most
			continue
		}
		if c.blk != b {
			c.load(b)
		}
		c.decode()
		for i := range c.codes {
			c.i, c.doc = i, c.docs[i]
			tf := c.tf(l.n)
			if tf <= refused {
				continue
			}
			x := l.saturate(tf)
			if !r.heap.could(x, s.docs[c.doc]) {
				refused = tf
				continue
			}
			if s.live(c.doc) && r.allowed(c.doc) {
				r.keep(Hit{s.docs[c.doc], x})
			}
		}
	}
}

// disjunction is for queries of Should alone.
func (r *runner) disjunction() {
	cs := append(r.order[:0], r.should...)
	r.order = cs
	slices.SortStableFunc(cs, func(a, b *clauseCursor) int { return compareFloat(a.most, b.most) })
	for turn := 0; ; turn++ {
		if turn%256 == 255 && r.stop() {
			return
		}
		// Clauses before `first` cannot carry a document into the best K, not even all of them together.
		least, first, sum := r.heap.threshold(), 0, 0.0
		for first < len(cs) && ((sum+cs[first].most)*slack < least || first == 0 && cs[0].doc != noDoc && !r.heap.could(cs[0].most, r.seg.docs[cs[0].doc])) {
			sum += cs[first].most
			first++
		}
		from, to := uint32(noDoc), uint32(noDoc-1)
		for _, c := range cs[first:] {
			from, to = min(from, c.doc), min(to, c.blockEnd())
		}
		if from == noDoc {
			return
		}
		r.window(cs, from, to, least)
		for _, c := range cs[first:] {
			c.advance(to + 1)
		}
		// window sorts by its own bounds.
		slices.SortStableFunc(cs, func(a, b *clauseCursor) int { return compareFloat(a.most, b.most) })
	}
}

// window scores the documents in [from, to], as far as they can reach the threshold.
func (r *runner) window(cs []*clauseCursor, from, to uint32, least float64) {
	sum, start := 0.0, r.seg.docs[from]
	for _, c := range r.should { // in the order of clauses, so that rounding cannot lift a score over the sum
		c.limit = c.bound(from, to)
		sum += c.limit
	}
	if !r.heap.could(sum, start) {
		return
	}
	insertionSort(cs)
	first := 0
	for i, c := range cs {
		r.prefix[i+1] = r.prefix[i] + c.limit
		if first == i && (r.prefix[i+1]*slack < least || i == 0 && !r.heap.could(c.limit, start)) {
			first = i + 1
		}
	}
	essential := cs[first:]
	d := uint32(noDoc)
	for _, c := range essential {
		d = min(d, c.advance(from))
	}
	for d <= to {
		next := uint32(noDoc)
		sum, matched := 0.0, 0
		for _, c := range essential {
			if c.doc == d {
				x := c.score()
				r.got[c.at] = x
				sum += x
				matched++
				c.advance(d + 1)
			}
			next = min(next, c.doc)
		}
		if (sum+r.prefix[first])*slack >= least && r.seg.live(d) && r.allowed(d) {
			for i := first - 1; i >= 0 && (sum+r.prefix[i+1])*slack >= least; i-- {
				if c := cs[i]; c.advance(d) == d {
					x := c.score()
					r.got[c.at] = x
					sum += x
					matched++
				}
			}
			if sum*slack >= least && matched >= r.p.should {
				r.offer(d)
				least = r.heap.threshold()
			}
		}
		for _, c := range cs {
			r.got[c.at] = 0
		}
		d = next
	}
}

// insertionSort orders few clauses by their limit in the window; equal ones stay.
func insertionSort(cs []*clauseCursor) {
	for i := 1; i < len(cs); i++ {
		for j := i; j > 0 && cs[j].limit < cs[j-1].limit; j-- {
			cs[j], cs[j-1] = cs[j-1], cs[j]
		}
	}
}

// conjunction is for queries with a Must: the rarest leads.
func (r *runner) conjunction() {
	slices.SortStableFunc(r.must, func(a, b *clauseCursor) int { return a.cost - b.cost })
	lead := r.must[0]
	if len(r.scored) == 1 && len(lead.leaves) == 1 && !r.collecting {
		lead.leaves[0].best, lead.leaves[0].docs = &r.heap, r.seg.docs
	}
	others := 0.0    // bound of what clauses beside the lead add in the window
	end := uint32(0) // of the window that may hold good documents; 0: none yet
	known := false
next:
	for d, turn := lead.doc, 0; d != noDoc; turn++ {
		if turn%4096 == 4095 && r.stop() {
			return
		}
		if !known || d > end {
			end, known = lead.blockEnd(), true
			sum := 0.0
			others = 0
			for _, c := range r.scored {
				x := c.bound(d, end)
				sum += x
				if c != lead {
					others += x
				}
			}
			// A cursor that lags behind d has its bound from where it stands, which is only wider.
			if !r.heap.could(sum, r.seg.docs[d]) {
				d = lead.advance(end + 1)
				continue
			}
		}
		if len(r.scored) > 1 && (lead.score()+others)*slack < r.heap.threshold() {
			d = lead.advance(d + 1)
			continue
		}
		for _, c := range r.must[1:] {
			if e := c.advance(d); e != d {
				d = lead.advance(e)
				continue next
			}
		}
		matched := 0
		for _, c := range r.must {
			r.got[c.at] = c.score()
		}
		for _, c := range r.should {
			if c.advance(d) == d {
				r.got[c.at] = c.score()
				matched++
			}
		}
		if matched >= r.p.should && (r.collecting || r.heap.could(r.sum(), r.seg.docs[d])) && r.seg.live(d) && r.allowed(d) {
			r.offer(d)
		}
		clear(r.got[:len(r.p.clauses)])
		d = lead.advance(d + 1)
	}
}

// allowed is false for documents that a MustNot, the filter or the bitmap refuses.
func (r *runner) allowed(local uint32) bool {
	for _, c := range r.not {
		if c.advance(local) == local {
			return false
		}
	}
	return r.o.keeps(r.seg.docs[local])
}

// offer takes a matching document whose clause scores stand in got.
func (r *runner) offer(local uint32) {
	doc := r.seg.docs[local]
	if r.collecting {
		r.found = append(r.found, doc)
		return
	}
	r.keep(Hit{doc, r.sum()})
}

// keep offers a hit to the best K. Grouped searches pass each document's group; a clause of many leaves is searched leaf
// by leaf, so that a document may come twice: each is then a group of its own.
func (r *runner) keep(x Hit) {
	switch {
	case r.distinct:
		if g := r.o.Group(x.Doc); g != 0 {
			r.heap.addGrouped(x, g<<1|1)
			return
		}
		r.heap.addGrouped(x, uint64(x.Doc)<<1)
	case r.heap.at != nil:
		r.heap.addGrouped(x, uint64(x.Doc))
	default:
		r.heap.add(x)
	}
}

// sum adds in the order of the clauses, so that every way of searching gives the same number.
func (r *runner) sum() float64 {
	s := 0.0
	for _, x := range r.got[:len(r.p.clauses)] {
		s += x
	}
	return s
}

func compareFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (r *runner) hits() []Hit {
	if r.err != nil {
		return nil
	}
	return r.heap.sorted()
}
