package embed

import (
	"context"
	"fmt"
	"math"

	"bowerbird/graph"
	"bowerbird/internal/vec"
)

// Features are what is known of left nodes by themselves: row i, of Dim floats, is of left node i. A nil row stands
// nowhere: every left node that has an edge must have a row.
type Features struct {
	Dim  int
	Rows []float32 // row-major
}

func (x Features) nodes() int { return len(x.Rows) / max(x.Dim, 1) }

func (x Features) of(i uint32) []float32 { return x.Rows[int(i)*x.Dim : (int(i)+1)*x.Dim] }

// check refuses what cannot be features of n nodes.
func (x Features) check(n int) error {
	if x.Dim < 1 || x.Dim > maxDim {
		return fmt.Errorf("Features.Dim: %d is out of range 1 to %d", x.Dim, maxDim)
	}
	if len(x.Rows)%x.Dim != 0 {
		return fmt.Errorf("Features.Rows: %d numbers are no rows of %d", len(x.Rows), x.Dim)
	}
	if x.nodes() < n {
		return fmt.Errorf("Features.Rows: %d rows, but the graph has %d left nodes: node %d has none", x.nodes(), n, x.nodes())
	}
	for i, v := range x.Rows {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("Features.Rows: feature %d of node %d is %v", i%x.Dim, i/x.Dim, v)
		}
	}
	return nil
}

// Aggregator embeds left nodes from their features and those of their neighbourhoods. It holds no nodes, so it embeds ones
// that it has never seen. Read only once trained, and then safe for concurrent use.
type Aggregator struct {
	in, hidden, dim int
	neighbours      int
	steps           int
	oneMode         bool
	kinds           uint64
	seed            uint64
	layers          []layer
	head            dense // hidden → dim, no ReLU
}

// layer is one convolution of PinSage, algorithm 1.
type layer struct {
	near dense // Q, q: of neighbours, in → hidden
	join dense // W, w: of the node and the pooled neighbours, in + hidden → hidden
}

// Dim is the length of the vectors that it makes.
func (a *Aggregator) Dim() int { return a.dim }

// Layers is how many hops of neighbourhoods it looks at.
func (a *Aggregator) Layers() int { return len(a.layers) }

// Newcomer is a left node that the graph need not hold yet.
type Newcomer struct {
	Content []float32 // its features
	Edges   []uint32  // right nodes that collect it; with OneMode, its neighbours; none is allowed
}

// Embed returns the vector, of length 1, of a node from its content and first edges. Edges to right nodes without edges
// in the snapshot say nothing. The cost is that of a walk of some hundred steps, for the node and, with two layers, each
// of its neighbours, and of a few small matrix products: a millisecond or less at the default sizes.
func (a *Aggregator) Embed(s *graph.Snapshot, x Features, n Newcomer) ([]float32, error) {
	switch {
	case x.Dim != a.in:
		return nil, fmt.Errorf("embed: Embed: Features.Dim: %d, the aggregator reads %d", x.Dim, a.in)
	case len(n.Content) != a.in:
		return nil, fmt.Errorf("embed: Embed: Newcomer.Content: %d numbers, the aggregator reads %d", len(n.Content), a.in)
	case !vec.Finite(n.Content):
		return nil, fmt.Errorf("embed: Embed: Newcomer.Content: a number is not finite")
	}
	near := a.around(s)
	first, err := near.of(newcomer(n.Edges, s, a.oneMode), x.nodes(), notANode)
	if err != nil {
		return nil, fmt.Errorf("embed: Embed: %w", err)
	}
	hoods := &hoods{list: map[uint32]hood{notANode: first}, find: func(i uint32) (hood, error) { return near.node(i, x.nodes()) }}
	rows, err := a.run(x, n.Content, hoods, []uint32{notANode})
	if err != nil {
		return nil, fmt.Errorf("embed: Embed: %w", err)
	}
	return rows, nil
}

// EmbedAll returns the vectors of all left nodes that have features, on several threads. Nodes without edges get theirs
// from content alone. l.Kinds and l.OneMode are those of the training.
func (a *Aggregator) EmbedAll(ctx context.Context, s *graph.Snapshot, x Features, l Limits) (*Vectors, error) {
	l = l.withDefaults()
	if x.Dim != a.in {
		return nil, fmt.Errorf("embed: EmbedAll: Features.Dim: %d, the aggregator reads %d", x.Dim, a.in)
	}
	if err := x.check(0); err != nil {
		return nil, fmt.Errorf("embed: EmbedAll: %w", err)
	}
	n := x.nodes()
	if err := l.afford(4*int64(n)*int64(a.dim) + int64(n)*int64(a.neighbours)*8); err != nil {
		return nil, fmt.Errorf("embed: EmbedAll: %w", err)
	}
	list, err := a.around(s).all(ctx, n, l)
	if err != nil {
		return nil, fmt.Errorf("embed: EmbedAll: %w", err)
	}
	out := &Vectors{Dim: a.dim, Left: make([]float32, n*a.dim)}
	const chunk = 256
	errs := make([]error, (n+chunk-1)/chunk)
	err = blocks(ctx, l.Threads, n, chunk, func(_, lo, hi int) {
		ids := make([]uint32, 0, chunk)
		for i := lo; i < hi; i++ {
			ids = append(ids, uint32(i))
		}
		rows, err := a.run(x, nil, &hoods{all: list}, ids)
		errs[lo/chunk] = err
		copy(out.Left[lo*a.dim:hi*a.dim], rows)
	})
	for _, e := range errs {
		if err == nil {
			err = e
		}
	}
	if err != nil {
		return nil, fmt.Errorf("embed: EmbedAll: %w", err)
	}
	return out, nil
}

// run is the forward pass for the given nodes, without anything that a backward pass would need.
func (a *Aggregator) run(x Features, own []float32, h *hoods, ids []uint32) ([]float32, error) {
	p, err := a.plan(h, ids)
	if err != nil {
		return nil, err
	}
	p.read(x, own)
	a.forward(p)
	return p.out, nil
}
