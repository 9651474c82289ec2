package graph

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// PruneOptions says what Prune drops. The zero value drops nothing.
type PruneOptions struct {
	// Delta keeps the best |E|^Delta edges of each left node, rounded, at least one, by Similarity; in (0, 1], default 1: all of them.
	Delta float64
	// Similarity of a left node to a right one that it has an edge to. It must give the same each time it is asked, and no NaN.
	// Default: the cosine of the node's Topics with the mean of the collection's.
	Similarity func(left, right uint32) float64
	// Topics are a left node's, all of one length and not negative; nil for a node of none. Default: one for each label.
	Topics func(left uint32) []float32
	// MaxEntropy drops right nodes whose items' topics have a higher entropy, in bits; 0: none by this.
	MaxEntropy float64
	// DropShare drops this share of the right nodes, those of the highest entropy; in [0, 1), default 0. Equal entropies stay.
	DropShare float64
	// MinItems spares right nodes with fewer edges from both. Default 2.
	MinItems int
}

// PruneStats tells what Prune has done.
type PruneStats struct {
	Edges     int // before
	Rights    int // dropped for their entropy
	ByEntropy int // edges dropped with them
	ByDegree  int // edges dropped as too many of a left node, of those that were left
	Kept      int
	Entropy   float64 // the highest that a right node may have had; +Inf where none was dropped for it
}

// Prune makes a new graph of what is worth walking on: collections on one theme, and of each item's edges the best. What remains
// keeps its ids, labels, kinds, weights, times and order. Drops by entropy come first. It costs two calls of Similarity and
// O(log degree) an edge, and 16 bytes a left node beside the two graphs. Writers may go on; the result is of the moment of the call.
//
// Source: Eksombatchai et al., "Pixie", WWW 2018, §3.2. They found links best pruned at δ = 0.91.
//
// Where we differ: the topics of a collection are the mean of all its items, not of the latest.
func (g *Graph) Prune(o PruneOptions) (*Graph, PruneStats, error) {
	if o.Delta == 0 {
		o.Delta = 1
	}
	if o.MinItems == 0 {
		o.MinItems = 2
	}
	if !(o.Delta > 0 && o.Delta <= 1) || !(o.MaxEntropy >= 0) || !(o.DropShare >= 0 && o.DropShare < 1) || o.MinItems < 0 {
		return nil, PruneStats{}, fmt.Errorf("graph: Prune: Delta %v, MaxEntropy %v, DropShare %v, MinItems %d: out of range", o.Delta, o.MaxEntropy, o.DropShare, o.MinItems)
	}
	out, err := New(g.opt)
	if err != nil {
		return nil, PruneStats{}, err
	}
	g.mu.Lock()
	p := pruner{o: o, sn: g.freeze(), stats: PruneStats{Edges: g.st.edges, Entropy: math.Inf(1)}}
	st := &state{nodes: g.st.nodes, epoch: 1, labels: [2][]uint8{slices.Clone(g.st.labels[0]), slices.Clone(g.st.labels[1])}}
	g.mu.Unlock()
	p.labels = st.labels[Left]
	if err := p.chooseRights(); err != nil {
		return nil, PruneStats{}, err
	}
	if err := p.chooseEdges(); err != nil {
		return nil, PruneStats{}, err
	}
	st.rows[Left] = p.rows(Left, func(id uint32, h *half) bool { return p.keeps(id, h.to, h.kind) })
	st.rows[Right] = p.rows(Right, func(id uint32, h *half) bool { return p.keeps(h.to, id, h.kind) })
	st.edges = len(st.rows[Left].to)
	if len(st.rows[Right].to) != st.edges {
		return nil, PruneStats{}, fmt.Errorf("graph: Prune: Similarity gave different answers for one edge")
	}
	p.stats.Kept = st.edges
	p.stats.ByDegree = p.stats.Edges - p.stats.ByEntropy - st.edges
	out.st = st
	return out, p.stats, nil
}

type pruner struct {
	o      PruneOptions
	sn     *Snapshot
	labels []uint8
	stats  PruneStats
	gone   []bool // right nodes
	last   []fit  // of each left node, the last edge that is kept; absent where all are
	mean   []float64
}

// fit is an edge in the order of what to keep: by falling similarity, then by id and kind.
type fit struct {
	similarity float64
	right      uint32
	kind       uint8
	some       bool
}

func (a fit) compare(b fit) int {
	return cmp.Or(-cmp.Compare(a.similarity, b.similarity), cmp.Compare(a.right, b.right), cmp.Compare(a.kind, b.kind))
}

// chooseRights marks the right nodes that are about too many things.
func (p *pruner) chooseRights() error {
	n := p.sn.nodes[Right]
	p.gone = make([]bool, n)
	if p.o.MaxEntropy == 0 && p.o.DropShare == 0 {
		return nil
	}
	entropy := make([]float64, n)
	for id := range entropy {
		if p.sn.Degree(Right, uint32(id)) < p.o.MinItems {
			continue
		}
		if err := p.topics(uint32(id)); err != nil {
			return err
		}
		total := 0.0
		for _, x := range p.mean {
			total += x
		}
		for _, x := range p.mean {
			if x > 0 {
				entropy[id] -= x / total * math.Log2(x/total)
			}
		}
	}
	limit := math.Inf(1)
	if p.o.MaxEntropy > 0 {
		limit = p.o.MaxEntropy
	}
	if k := int(p.o.DropShare * float64(n)); k > 0 {
		sorted := slices.Sorted(slices.Values(entropy))
		limit = min(limit, sorted[n-1-k])
	}
	p.stats.Entropy = limit
	for id, x := range entropy {
		if x > limit {
			p.gone[id] = true
			p.stats.Rights++
			p.stats.ByEntropy += p.sn.Degree(Right, uint32(id))
		}
	}
	return nil
}

// topics sets mean to the sum of the topics of a right node's items.
func (p *pruner) topics(right uint32) (err error) {
	p.mean = p.mean[:0]
	p.sn.side[Right].list(right).each(func(h half) {
		if p.o.Topics == nil {
			for len(p.mean) <= int(h.label) {
				p.mean = append(p.mean, 0)
			}
			p.mean[h.label]++
			return
		}
		v := p.o.Topics(h.to)
		if len(p.mean) == 0 {
			p.mean = append(p.mean, make([]float64, len(v))...)
		}
		if len(v) != 0 && len(v) != len(p.mean) {
			err = fmt.Errorf("graph: Prune: left node %d has %d topics, others %d", h.to, len(v), len(p.mean))
			return
		}
		for i, x := range v {
			if !(x >= 0) || math.IsInf(float64(x), 1) {
				err = fmt.Errorf("graph: Prune: left node %d: topic %d is %v", h.to, i, x)
				return
			}
			p.mean[i] += float64(x)
		}
	})
	return err
}

// chooseEdges finds the last edge that each left node keeps.
func (p *pruner) chooseEdges() error {
	if p.o.Delta == 1 {
		return nil
	}
	if p.o.Similarity == nil {
		cosine, err := p.cosine()
		if err != nil {
			return err
		}
		p.o.Similarity = cosine
	}
	p.last = make([]fit, p.sn.nodes[Left])
	var fits []fit
	var err error
	for id := range p.last {
		fits = fits[:0]
		p.sn.side[Left].list(uint32(id)).each(func(h half) {
			if p.gone[h.to] {
				return
			}
			f := fit{p.o.Similarity(uint32(id), h.to), h.to, h.kind, true}
			if f.similarity != f.similarity {
				err = fmt.Errorf("graph: Prune: Similarity of left %d and right %d is not a number", id, h.to)
			}
			fits = append(fits, f)
		})
		if err != nil {
			return err
		}
		if k := max(1, int(math.Round(math.Pow(float64(len(fits)), p.o.Delta)))); k < len(fits) {
			slices.SortFunc(fits, fit.compare)
			p.last[id] = fits[k-1]
		}
	}
	return nil
}

func (p *pruner) keeps(left, right uint32, kind uint8) bool {
	if p.gone[right] {
		return false
	}
	if p.last == nil || !p.last[left].some {
		return true
	}
	return fit{p.o.Similarity(left, right), right, kind, true}.compare(p.last[left]) <= 0
}

// cosine compares a left node's topics with the mean of a right node's, which it keeps: 4 bytes a topic and right node.
func (p *pruner) cosine() (func(left, right uint32) float64, error) {
	means := make([][]float32, p.sn.nodes[Right])
	for id := range means {
		if err := p.topics(uint32(id)); err != nil {
			return nil, err
		}
		norm := 0.0
		for _, x := range p.mean {
			norm += x * x
		}
		means[id] = make([]float32, len(p.mean))
		for i, x := range p.mean {
			if norm > 0 {
				means[id][i] = float32(x / math.Sqrt(norm))
			}
		}
	}
	return func(left, right uint32) float64 {
		m, dot, norm := means[right], 0.0, 0.0
		if p.o.Topics == nil {
			label := 0
			if int(left) < len(p.labels) {
				label = int(p.labels[left])
			}
			return float64(m[label])
		}
		for i, x := range p.o.Topics(left) {
			dot += float64(x) * float64(m[i])
			norm += float64(x) * float64(x)
		}
		if norm == 0 {
			return 0
		}
		return dot / math.Sqrt(norm)
	}, nil
}

// rows copies one direction but for the edges that go.
func (p *pruner) rows(side Side, keep func(id uint32, h *half) bool) *rows {
	d := &p.sn.side[side]
	b := newRowsBuilder(d, p.sn.nodes[side])
	for id := range uint32(p.sn.nodes[side]) {
		start, first := len(b.out.to), len(b.out.runs)
		d.list(id).each(func(h half) {
			if keep(id, &h) {
				b.add(h, start, first)
			}
		})
		b.end()
	}
	r := b.rows()
	n := len(r.to)
	r.to, r.weight, r.time = exact(r.to, n), exact(unless(r.weight, 1), n), exact(unless(r.time, 0), n)
	r.runs = slices.Clip(r.runs)
	return r
}
