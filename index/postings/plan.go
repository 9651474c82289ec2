package postings

import (
	"cmp"
	"math"
	"slices"
	"strings"
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
	prefix string  // until expand has run
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

// prepare resolves a query. It holds the lock for a map access per term, and does the rest without it: prefixes are
// looked up in the snapshot, then their counts are read in one more short turn.
func (ix *Index) prepare(q *Query, weights []float64) *plan {
	p := &plan{k1: ix.o.K1, nf: len(ix.o.Fields)}
	ix.mu.RLock()
	p.snap, p.names = ix.snap, ix.names
	prefixes := ix.resolve(p, q)
	stats := ix.stats
	ix.mu.RUnlock()
	if prefixes {
		more := make(map[string]*expansion)
		for _, c := range p.clauses {
			for _, l := range c.leaves {
				if l.prefix != "" && more[l.prefix] == nil {
					more[l.prefix] = &expansion{ids: p.withPrefix(l.prefix)}
				}
			}
		}
		ix.mu.RLock()
		p.clauses = nil
		ix.resolve(p, q)
		for _, e := range more {
			for _, id := range e.ids {
				e.df = append(e.df, ix.df[id])
			}
		}
		stats = ix.stats
		ix.mu.RUnlock()
		p.expand(more)
	}
	p.finish(ix, q, stats, weights)
	return p
}

// resolve fills ids and df; prefixes stay for expand. It says whether there are any.
func (ix *Index) resolve(p *plan, q *Query) (prefixes bool) {
	for _, c := range q.Clauses {
		pc := planClause{occur: c.Occur}
		for _, l := range c.Any {
			pl := planLeaf{weight: orOne(c.Boost) * orOne(l.Boost)}
			if l.Prefix {
				prefixes = true
				pl.prefix = l.Terms[0]
				pc.leaves = append(pc.leaves, pl)
				continue
			}
			if ix.resolveLeaf(&pl, &l) {
				pc.leaves = append(pc.leaves, pl)
			}
		}
		p.clauses = append(p.clauses, pc)
	}
	return prefixes
}

func (ix *Index) resolveLeaf(pl *planLeaf, l *Leaf) bool {
	for i, t := range l.Terms {
		id, ok := ix.dict[t]
		if !ok || ix.df[id] == 0 {
			return false
		}
		slot := uint32(i)
		if l.Slots != nil {
			slot = uint32(l.Slots[i] - l.Slots[0])
		}
		pl.ids, pl.df, pl.slots = append(pl.ids, id), append(pl.df, ix.df[id]), append(pl.slots, slot)
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
func (p *plan) finish(ix *Index, q *Query, stats stats, weights []float64) {
	p.docs = stats.scored
	all := newNorms(ix.o.Fields, &stats, weights, nil)
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
				idf += p.idf(df)
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

// expansion is all terms with a prefix, and in how many documents each is.
type expansion struct{ ids, df []uint32 }

// withPrefix returns the ids of the terms with a prefix.
func (p *plan) withPrefix(prefix string) []uint32 {
	seen := make(map[uint32]bool)
	for _, s := range p.snap.segs {
		at, _ := slices.BinarySearchFunc(s.terms, prefix, func(id uint32, t string) int { return strings.Compare(p.names[id], t) })
		for ; at < len(s.terms) && strings.HasPrefix(p.names[s.terms[at]], prefix); at++ {
			seen[s.terms[at]] = true
		}
	}
	for i, r := range p.snap.mem {
		if !p.snap.liveRecord(i) {
			continue
		}
		for _, id := range r.terms {
			if !seen[id] && strings.HasPrefix(p.names[id], prefix) {
				seen[id] = true
			}
		}
	}
	ids := make([]uint32, 0, len(seen))
	for id := range seen {
		ids = append(ids, id)
	}
	return ids
}

// best keeps the terms in most documents, and among equals the first by their strings: the choice depends on the live
// documents alone.
func (e *expansion) best(names []string) (ids, df []uint32) {
	order := make([]int, 0, len(e.ids))
	for i, n := range e.df {
		if n > 0 {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		if c := cmp.Compare(e.df[b], e.df[a]); c != 0 {
			return c
		}
		return strings.Compare(names[e.ids[a]], names[e.ids[b]])
	})
	for _, i := range order[:min(len(order), expansions)] {
		ids, df = append(ids, e.ids[i]), append(df, e.df[i])
	}
	return ids, df
}

// expand puts one leaf for each chosen term in the place of a prefix.
func (p *plan) expand(more map[string]*expansion) {
	for i := range p.clauses {
		c := &p.clauses[i]
		var leaves []planLeaf
		for _, l := range c.leaves {
			if l.prefix == "" {
				leaves = append(leaves, l)
				continue
			}
			ids, df := more[l.prefix].best(p.names)
			for j := range ids {
				leaves = append(leaves, planLeaf{ids: ids[j : j+1], df: df[j : j+1], weight: l.weight})
			}
		}
		c.leaves = leaves
	}
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
