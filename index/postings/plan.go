package postings

import (
	"maps"
	"math"
	"slices"
)

// BM25F (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009, §3.6), per clause:
//
//	tf' = Σ_f  w_f · tf_f / (1 − b_f + b_f · len_f / avglen_f)
//	score = boost · idf · tf' / (k1 + tf')
//	idf = ln(1 + (N − df + ½) / (df + ½))
//
// N and df count documents, whatever the field. Where we differ: like Lucene since 8.0 there is no factor k1 + 1, which
// changes no order; with one field of weight 1 this is Lucene's BM25, but with exact lengths where Lucene keeps a byte.
// A phrase has the sum of its terms' idf and its own occurrences as tf, as in Lucene.

// plan is a query made ready for a snapshot.
type plan struct {
	ix      *Index
	joint   *Statistics
	snap    snapshot
	names   []string
	k1      float64
	nf      int
	clauses []planClause
	should  int // how many Should clauses must match
	docs    int // N
}

type planClause struct {
	occur  Occur
	norms  *norms
	leaves []planLeaf
}

type planLeaf struct {
	ids    []uint32
	slots  []uint32 // of a phrase; slots[0] is 0
	df     []uint32
	weight float64 // boost · idf
	slop   uint32
	edits  int    // of a fuzzy leaf's term
	common uint32 // documents that hold the commonest term of a fuzzy leaf, which its idf is made of
}

// saturate is weight · tf / (k1 + tf), so written that it also never falls in floating point when tf grows: bounds are
// then exact, and a document that can only tie with the worst of the best K and loses by its number is skipped.
func saturate(weight, k1, tf float64) float64 { return weight / (1 + k1/tf) }

// norms hold w_f / (1 − b_f + b_f · len / avglen_f) for short lengths.
type norms struct {
	weight, b, avg [MaxFields]float64
	table          [][256]float64
	masked         bool // a weight is 0, so a posting may count for nothing
}

func (n *norms) one(f int, l uint16) float64 {
	if l < 256 {
		return n.table[f][l]
	}
	return n.compute(f, float64(l))
}

func (n *norms) compute(f int, l float64) float64 {
	return n.weight[f] / (1 - n.b[f] + n.b[f]*l/n.avg[f])
}

// of returns tf' of frequencies, given the field lengths of the document.
func (n *norms) of(freq []byte, nf int, length func(f int) uint16) float64 {
	var tf [MaxFields]uint32
	counts(freq, &tf)
	sum := 0.0
	for f := range nf {
		if tf[f] > 0 {
			sum += float64(tf[f]) * n.one(f, length(f))
		}
	}
	return sum
}

// prepare resolves a query. It holds the lock for a map access per term, and does the rest without it: prefixes and
// fuzzy terms are looked up in the snapshot, then their counts are read in one more short turn.
func (ix *Index) prepare(q *Query, o *SearchOptions) *plan {
	p := &plan{ix: ix, k1: ix.o.K1, nf: len(ix.o.Fields), joint: o.Statistics}
	wide := false
	for _, c := range q.Clauses {
		for i := range c.Any {
			wide = wide || c.Any[i].wide()
		}
	}
	var found map[leafKey][]candidate
	ix.mu.RLock()
	p.snap, p.names = ix.snap, ix.names
	if wide && p.joint == nil {
		ix.mu.RUnlock()
		found = p.candidates(q)
		ix.mu.RLock()
	}
	p.names = ix.names
	p.resolve(q, found)
	stats := ix.stats
	ix.mu.RUnlock()
	if p.joint != nil {
		stats = p.joint.sums()
	}
	p.finish(q, stats, o.Weights)
	return p
}

// resolve turns terms into ids and counts. Called with the lock held.
func (p *plan) resolve(q *Query, found map[leafKey][]candidate) {
	var names []string
	for _, c := range q.Clauses {
		pc := planClause{occur: c.Occur}
		for i := range c.Any {
			l := &c.Any[i]
			pl := planLeaf{weight: orOne(c.Boost) * orOne(l.Boost), slop: uint32(l.Slop)}
			if !l.wide() {
				if p.resolveLeaf(&pl, l) {
					pc.leaves = append(pc.leaves, pl)
				}
				continue
			}
			var all []chosen
			if p.joint != nil {
				if names == nil {
					names = slices.Sorted(maps.Keys(p.joint.DocFreq))
				}
				for _, x := range lookAmong(l, names) {
					all = append(all, chosen{names[x.id], x.edits, uint32(p.joint.DocFreq[names[x.id]])})
				}
			}
			for _, x := range found[l.key()] {
				all = append(all, chosen{p.names[x.id], x.edits, p.ix.df[x.id]})
			}
			pc.leaves = p.expand(pc.leaves, pl, l, choose(l, all))
		}
		p.clauses = append(p.clauses, pc)
	}
}

// expand appends a leaf for each chosen term. The idf of fuzzy ones is that of the commonest: otherwise a rare slip of
// the pen would count for more than the word.
func (p *plan) expand(leaves []planLeaf, pl planLeaf, l *Leaf, all []chosen) []planLeaf {
	most := uint32(0)
	for _, c := range all {
		most = max(most, c.df)
	}
	for _, c := range all {
		id, ok := p.ix.lookup(c.name)
		if !ok || p.ix.df[id] == 0 {
			continue // another shard's
		}
		x := pl
		x.ids, x.df, x.slots, x.edits = []uint32{id}, []uint32{c.df}, []uint32{0}, c.edits
		if l.Fuzzy > 0 {
			x.common = most
		}
		for range c.edits {
			x.weight *= EditPenalty
		}
		leaves = append(leaves, x)
	}
	return leaves
}

func (p *plan) resolveLeaf(pl *planLeaf, l *Leaf) bool {
	for i, t := range l.Terms {
		id, ok := p.ix.lookup(t)
		if !ok || p.ix.df[id] == 0 {
			return false
		}
		slot, df := uint32(i), p.ix.df[id]
		if l.Slots != nil {
			slot = uint32(l.Slots[i] - l.Slots[0])
		}
		if p.joint != nil {
			df = uint32(p.joint.DocFreq[t])
		}
		pl.ids, pl.df, pl.slots = append(pl.ids, id), append(pl.df, df), append(pl.slots, slot)
	}
	return true
}

func orOne(x float64) float64 {
	if x == 0 {
		return 1
	}
	return x
}

// finish turns counts into weights and fixes how many clauses must match.
func (p *plan) finish(q *Query, stats stats, weights []float64) {
	ix := p.ix
	p.docs = stats.scored
	all := ix.normsOf(&stats, weights)
	musts, shoulds := 0, 0
	for i := range p.clauses {
		c := &p.clauses[i]
		c.norms = all
		if q.Clauses[i].Fields != nil {
			c.norms = newNorms(ix.o.Fields, &stats, weights, q.Clauses[i].Fields)
		}
		for j := range c.leaves {
			l := &c.leaves[j]
			idf := 0.0
			for _, df := range l.df {
				idf += p.idf(max(df, l.common))
			}
			l.weight *= idf
		}
		switch c.occur {
		case Must:
			musts++
		case Should:
			shoulds++
		}
	}
	p.should = q.MinShould
	if p.should == 0 && musts == 0 {
		p.should = 1
	}
}

// idf never goes negative: while a write and a search overlap, df may be one ahead of N.
func (p *plan) idf(df uint32) float64 {
	n := max(float64(p.docs), float64(df))
	return math.Log(1 + (n-float64(df)+.5)/(float64(df)+.5))
}

// normsOf keeps the norms of the last search, which stay right until a write changes an average.
func (ix *Index) normsOf(s *stats, weights []float64) *norms {
	if weights != nil {
		return newNorms(ix.o.Fields, s, weights, nil)
	}
	if n := ix.norms.Load(); n != nil && n.fit(s, len(ix.o.Fields)) {
		return n
	}
	n := newNorms(ix.o.Fields, s, nil, nil)
	ix.norms.Store(n)
	return n
}

func (n *norms) fit(s *stats, nf int) bool {
	for f := range nf {
		if n.avg[f] != s.avg(f) {
			return false
		}
	}
	return true
}

func newNorms(fields []Field, s *stats, weights []float64, only []int) *norms {
	n := &norms{table: make([][256]float64, len(fields))}
	for f, fd := range fields {
		n.weight[f], n.b[f], n.avg[f] = fd.Weight, fd.B, s.avg(f)
		if weights != nil {
			n.weight[f] = weights[f]
		}
		if only != nil && !slices.Contains(only, f) {
			n.weight[f] = 0
		}
		n.masked = n.masked || n.weight[f] == 0
		for l := range n.table[f] {
			n.table[f][l] = n.compute(f, float64(l))
		}
	}
	return n
}

// feasible says whether any document can match: every Must has a leaf, and enough Should have one.
func (p *plan) feasible() bool {
	shoulds, musts := 0, 0
	for _, c := range p.clauses {
		switch {
		case c.occur == Must && len(c.leaves) == 0:
			return false
		case c.occur == Must:
			musts++
		case c.occur == Should && len(c.leaves) > 0:
			shoulds++
		}
	}
	return shoulds >= p.should && musts+shoulds > 0
}
