package graph

import (
	"fmt"
	"sync"
)

// Bulk is a whole graph to build at once.
type Bulk struct {
	Edges []Edge // in order of arrival
	// LeftLabels and RightLabels are the labels by id, 0 beyond their ends. Optional.
	LeftLabels, RightLabels []uint8
}

// Build makes a graph. It is the same, byte for byte in a checkpoint, as one to which the labels were set and then the edges added
// one by one, and much faster. See Builder for what it costs.
func Build(b Bulk, o Options) (*Graph, error) {
	w, err := NewBuilder(o)
	if err != nil {
		return nil, err
	}
	if err := w.SetLabels(Left, b.LeftLabels); err != nil {
		return nil, err
	}
	if err := w.SetLabels(Right, b.RightLabels); err != nil {
		return nil, err
	}
	if err := w.Add(b.Edges); err != nil {
		return nil, err
	}
	return w.Graph()
}

// Builder makes a large graph of edges that come in batches, so that nobody has to hold them all as Edge values. It is not safe for
// concurrent use.
//
// Memory: 8 bytes an edge (9, 12 or up to 17 where kinds, weights or times are set) while edges come; at the end that, the graph and
// 4 bytes a node, for a moment 12 bytes an edge more. Time is O(edges), the two directions on two threads.
type Builder struct {
	g      *Graph
	chunks []chunk
	n      int
	done   bool
}

// chunk holds edges in order of arrival, column by column; nil stands for a column of zeros (weight: of ones).
type chunk struct {
	ends   [2][]uint32
	kind   []uint8
	weight []float32
	time   []uint32
}

const chunkEdges = 1 << 18

// NewBuilder returns an empty builder. The options are those of the graph to come.
func NewBuilder(o Options) (*Builder, error) {
	g, err := New(o)
	if err != nil {
		return nil, err
	}
	return &Builder{g: g}, nil
}

// SetLabels labels the nodes of a side, by id; 0 beyond the end. It copies the slice and may be called at any time before Graph.
func (b *Builder) SetLabels(side Side, labels []uint8) error {
	if side > Right || b.done {
		return fmt.Errorf("graph: build: labels of side %d (graph made already: %v)", side, b.done)
	}
	if len(labels) > b.g.opt.MaxNodes {
		return fmt.Errorf("graph: build: %d labels of %v nodes, Options.MaxNodes is %d", len(labels), side, b.g.opt.MaxNodes)
	}
	st := b.g.st
	st.labels[side] = append([]uint8(nil), labels...)
	st.nodes[side] = max(st.nodes[side], len(labels))
	return nil
}

// Add takes the next edges. Where one is bad it says which, and takes none that follow. One that repeats an earlier edge sets its
// weight and time, as Graph.Add does.
func (b *Builder) Add(edges []Edge) error {
	if b.done {
		return fmt.Errorf("graph: build: Add after Graph")
	}
	for _, e := range edges {
		e, err := b.g.check(e)
		if err != nil {
			return fmt.Errorf("graph: build: edge %d: %w", b.n, err)
		}
		if b.n == 1<<32-2 {
			return fmt.Errorf("graph: build: more than 2³²-2 edges")
		}
		b.g.st.grow(Left, e.Left)
		b.g.st.grow(Right, e.Right)
		if b.n%chunkEdges == 0 {
			b.chunks = append(b.chunks, chunk{ends: [2][]uint32{make([]uint32, 0, chunkEdges), make([]uint32, 0, chunkEdges)}})
		}
		b.chunks[len(b.chunks)-1].add(e)
		b.n++
	}
	return nil
}

func (c *chunk) add(e Edge) {
	i := len(c.ends[Left])
	c.ends[Left], c.ends[Right] = append(c.ends[Left], e.Left), append(c.ends[Right], e.Right)
	if e.Kind != 0 && c.kind == nil {
		c.kind = make([]uint8, chunkEdges)
	}
	if e.Weight != 1 && c.weight == nil {
		c.weight = make([]float32, chunkEdges)
		for k := range c.weight {
			c.weight[k] = 1
		}
	}
	if e.Time != 0 && c.time == nil {
		c.time = make([]uint32, chunkEdges)
	}
	if c.kind != nil {
		c.kind[i] = e.Kind
	}
	if c.weight != nil {
		c.weight[i] = e.Weight
	}
	if c.time != nil {
		c.time[i] = e.Time
	}
}

// Graph makes the graph. The builder cannot be used after it.
func (b *Builder) Graph() (*Graph, error) {
	if b.done {
		return nil, fmt.Errorf("graph: build: Graph was called before")
	}
	b.done = true
	st := b.g.st
	var wg sync.WaitGroup
	for s := range st.rows {
		wg.Go(func() { st.rows[s] = b.gather(Side(s)) })
	}
	wg.Wait()
	b.chunks = nil
	st.edges = len(st.rows[Left].to)
	return b.g, nil
}

// gather makes the rows of one side: a counting sort by the near end, which keeps the order of arrival; then, where there are
// classes, a sort of each row by them; then repeated edges go.
func (b *Builder) gather(side Side) *rows {
	st := b.g.st
	n := st.nodes[side]
	g := gatherer{labels: st.labels[1-side], seen: make([]uint32, st.nodes[1-side])}
	kind, weight, time := false, false, false
	off := column[uint32](n + 2) // off[id+2] counts; then off[id+1] is where id's next edge goes; at last it is where its row ends
	for i := range b.chunks {
		c := &b.chunks[i]
		for _, id := range c.ends[side] {
			off[id+2]++
		}
		kind, weight, time = kind || c.kind != nil, weight || c.weight != nil, time || c.time != nil
	}
	for i := range n + 1 {
		off[i+1] += off[i]
	}
	g.off, g.to = off[:n+1], column[uint32](b.n)
	if kind || unless(g.labels, 0) != nil {
		g.class = make([]class, b.n)
	}
	if weight {
		g.weight = column[float32](b.n)
	}
	if time {
		g.time = column[uint32](b.n)
	}
	for i := range b.chunks {
		g.scatter(&b.chunks[i], side, off)
	}
	g.sort()
	g.dedupe()
	return g.finish()
}
