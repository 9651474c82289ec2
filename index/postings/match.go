package postings

import (
	"context"
	"math"
	"math/bits"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// Match returns every matching document, unscored: for counts and facets. Its cost grows with the posting lists; K, Sort,
// Group and Proximity play no part.
func (ix *Index) Match(ctx context.Context, q Query, o SearchOptions) (*roaring.Bitmap, error) {
	all := roaring.New()
	if err := ix.collect(ctx, q, o, func(docs []uint32) { all.AddMany(docs) }); err != nil {
		return nil, err
	}
	return all, nil
}

// MatchCount is how many documents match. For one term without a filter it costs no more than looking the term up.
func (ix *Index) MatchCount(ctx context.Context, q Query, o SearchOptions) (int, error) {
	n := 0
	if len(q.Clauses) == 1 && o.Filter == nil && o.Within == nil && o.Weights == nil {
		c := &q.Clauses[0]
		if (c.Occur == Should && q.MinShould <= 1 || c.Occur == Must && q.MinShould == 0) && c.Fields == nil && len(c.Any) == 1 && len(c.Any[0].Terms) == 1 && !c.Any[0].wide() {
			if err := q.validate(len(ix.o.Fields)); err != nil {
				return 0, err
			}
			return ix.DocFreq(c.Any[0].Terms[0]), nil
		}
	}
	err := ix.collect(ctx, q, o, func(docs []uint32) { n += len(docs) })
	return n, err
}

// Result is what Find returns.
type Result struct {
	Hits  []Hit
	Total int // documents that match, whatever their groups
}

// Find is Search with the number of all matches. Counting takes a pass without scores, except with Sort, which looks at
// every match anyway.
func (ix *Index) Find(ctx context.Context, q Query, o SearchOptions) (Result, error) {
	if o.Sort != nil {
		return ix.sorted(ctx, q, o)
	}
	hits, err := ix.Search(ctx, q, o)
	if err != nil {
		return Result{}, err
	}
	n, err := ix.MatchCount(ctx, q, o)
	return Result{hits, n}, err
}

// sorted searches with Sort.
func (ix *Index) sorted(ctx context.Context, q Query, o SearchOptions) (Result, error) {
	var best runner // for its heap and groups
	if err := o.validate(len(ix.o.Fields)); err != nil {
		return Result{}, err
	}
	best.o, best.distinct = &o, o.Group != nil
	best.heap.reset(o.K, best.distinct)
	n := 0
	err := ix.collect(ctx, q, o, func(docs []uint32) {
		n += len(docs)
		for _, d := range docs {
			key := o.Sort(d)
			if math.IsNaN(key) {
				key = math.Inf(-1)
			}
			if best.heap.could(key, d) {
				best.keep(Hit{d, key})
			}
		}
	})
	if err != nil {
		return Result{}, err
	}
	return Result{best.heap.sorted(), n}, nil
}

// collect calls sink with the matching documents, a segment's at a time and ascending. sink must not keep the slice.
func (ix *Index) collect(ctx context.Context, q Query, o SearchOptions, sink func(docs []uint32)) (err error) {
	if err := q.validate(len(ix.o.Fields)); err != nil {
		return err
	}
	if err := o.validate(len(ix.o.Fields)); err != nil {
		return err
	}
	p := ix.prepare(&q, &o)
	defer guard(p.snap.segs, &err)()
	r := runners.Get().(*runner)
	defer r.release()
	r.reset(ctx, p, &o)
	r.collecting = true
	if !p.feasible() {
		return r.err
	}
	for i := range p.snap.segs {
		r.seg, r.found = &p.snap.segs[i], r.found[:0]
		if r.stop() || !r.open() {
			continue
		}
		switch {
		case r.sparse():
			r.conjunction()
		case p.should > mostSliced:
			r.disjunction()
		default:
			r.bitwise()
		}
		if len(r.found) > 0 {
			sink(r.found)
		}
	}
	r.found = r.found[:0]
	r.records()
	if len(r.found) > 0 {
		sink(r.found)
	}
	return r.err
}

// sparse says whether walking the rarest Must clause is cheaper than going through all posting lists.
func (r *runner) sparse() bool {
	if len(r.must) == 0 {
		return false
	}
	rarest, all := r.must[0].cost, 0
	for _, c := range r.clauses[:len(r.p.clauses)] {
		if len(c.leaves) > denseLeaves {
			return false
		}
		all += c.cost
	}
	for _, c := range r.must {
		rarest = min(rarest, c.cost)
	}
	return rarest*8 < all || r.p.should > mostSliced
}

// mostSliced is the largest MinShould that bitwise counts, one bitset for each number.
const mostSliced = 8

// bitwise combines clauses as bitsets over the segment's documents.
func (r *runner) bitwise() {
	n := (len(r.seg.docs) + 63) / 64
	out := r.bitset(0, n)
	for i := range out {
		out[i] = ^uint64(0)
	}
	if tail := len(r.seg.docs) % 64; tail != 0 {
		out[n-1] = 1<<tail - 1
	}
	for _, c := range r.must {
		c.mark(r.bitset(1, n))
		for i, w := range r.bitsets[1] {
			out[i] &= w
		}
	}
	if r.p.should > 0 {
		r.atLeast(out, n)
	}
	for _, c := range r.not {
		c.mark(r.bitset(1, n))
		for i, w := range r.bitsets[1] {
			out[i] &^= w
		}
	}
	plain := r.seg.dead.n == 0 && r.o.Within == nil && r.o.Filter == nil
	for i, w := range out {
		if i%4096 == 4095 && r.stop() {
			return
		}
		for ; w != 0; w &= w - 1 {
			local := uint32(i*64 + bits.TrailingZeros64(w))
			if plain || r.seg.live(local) && r.o.keeps(r.seg.docs[local]) {
				r.found = append(r.found, r.seg.docs[local])
			}
		}
	}
}

// atLeast keeps the documents that enough Should clauses match: reached[k] are those that k of the clauses so far do.
func (r *runner) atLeast(out []uint64, n int) {
	k := r.p.should
	for j := range k {
		r.bitset(2+j, n)
	}
	for _, c := range r.should {
		c.mark(r.bitset(1, n))
		for i, w := range r.bitsets[1] {
			if w == 0 {
				continue
			}
			for j := k - 1; j > 0; j-- {
				r.bitsets[2+j][i] |= r.bitsets[1+j][i] & w
			}
			r.bitsets[2][i] |= w
		}
	}
	for i, w := range r.bitsets[1+k] {
		out[i] &= w
	}
}

// bitset returns the i-th bitset, cleared, of n words.
func (r *runner) bitset(i, n int) []uint64 {
	for len(r.bitsets) <= i {
		r.bitsets = append(r.bitsets, nil)
	}
	r.bitsets[i] = slices.Grow(r.bitsets[i][:0], n)[:n]
	clear(r.bitsets[i])
	return r.bitsets[i]
}

// mark sets the bits of the documents that the clause matches.
func (c *clauseCursor) mark(dst []uint64) {
	for i := range c.leaves {
		l := &c.leaves[i]
		if len(l.cs) > 1 || l.n.masked {
			for l.doc != noDoc {
				dst[l.doc/64] |= 1 << (l.doc % 64)
				l.doc = l.settle(l.cs[l.lead].next())
			}
			continue
		}
		k := l.cs[0]
		for b := k.start; b < k.end; b++ {
			blk := &k.s.blocks[b]
			k.s.decodeDocs(blk, &k.docs)
			for _, d := range k.docs[:blk.n] {
				dst[d/64] |= 1 << (d % 64)
			}
		}
	}
}
