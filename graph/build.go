package graph

import "fmt"

// Bulk is a whole graph to build at once.
type Bulk struct {
	Edges []Edge // in order of arrival; Build uses the slice as scratch and leaves it changed
	// LeftLabels and RightLabels are the labels by id, 0 beyond their ends. Optional.
	LeftLabels, RightLabels []uint8
}

// Build makes a graph. It is the same, byte for byte in a checkpoint, as one to which the labels were set and then the edges added
// one by one, and much faster. It costs O(edges) time, and 8 bytes an edge and 8 bytes a node beside the graph while it runs.
func Build(b Bulk, o Options) (*Graph, error) {
	g, err := New(o)
	if err != nil {
		return nil, err
	}
	if uint64(len(b.Edges)) > 1<<32-2 {
		return nil, fmt.Errorf("graph: build: %d edges, at most 2³²-2", len(b.Edges))
	}
	st := g.st
	st.labels = [2][]uint8{append([]uint8(nil), b.LeftLabels...), append([]uint8(nil), b.RightLabels...)}
	for s := range st.labels {
		st.nodes[s] = len(st.labels[s])
		if st.nodes[s] > g.opt.MaxNodes {
			return nil, fmt.Errorf("graph: build: %d labels of %v nodes, Options.MaxNodes is %d", st.nodes[s], Side(s), g.opt.MaxNodes)
		}
	}
	for i, e := range b.Edges {
		if b.Edges[i], err = g.check(e); err != nil {
			return nil, fmt.Errorf("graph: build: edge %d: %w", i, err)
		}
		st.grow(Left, e.Left)
		st.grow(Right, e.Right)
	}
	dedupe(b.Edges, st.nodes)
	for s := range st.rows {
		st.rows[s] = gather(b.Edges, Side(s), st.nodes[s], st.labels[1-s])
	}
	st.edges = len(st.rows[Left].to)
	return g, nil
}

// dead is the kind of an edge that repeats an earlier one.
const dead = 0xff

// dedupe marks edges that repeat an earlier one, after handing it their weight and time.
func dedupe(edges []Edge, nodes [2]int) {
	start := make([]uint32, nodes[Left]+1)
	for _, e := range edges {
		start[e.Left+1]++
	}
	for i := range nodes[Left] {
		start[i+1] += start[i]
	}
	byLeft := make([]uint32, len(edges))
	for i, e := range edges {
		byLeft[start[e.Left]] = uint32(i)
		start[e.Left]++
	}
	last := make([]uint32, nodes[Right])   // 1 + the newest kept edge to this right node, whatever its left …
	before := make([]uint32, len(edges)+1) // … and the one before that: a chain of at most MaxKinds within a row
	for _, i := range byLeft {
		e := &edges[i]
		j := last[e.Right]
		for ; j > 0 && edges[j-1].Left == e.Left; j = before[j] {
			if f := &edges[j-1]; f.Kind == e.Kind {
				f.Weight, f.Time = e.Weight, e.Time
				e.Kind = dead
				break
			}
		}
		if e.Kind != dead {
			before[i+1], last[e.Right] = last[e.Right], i+1
		}
	}
}

// gather sorts the edges into the rows of one side: by label of the far end, then by arrival.
func gather(edges []Edge, side Side, nodes int, labels []uint8) *rows {
	r := &rows{off: make([]uint32, nodes+1)}
	kind, weight, time := false, false, false
	for _, e := range edges {
		if e.Kind == dead {
			continue
		}
		r.off[e.end(side)+1]++
		kind, weight, time = kind || e.Kind != 0, weight || e.Weight != 1, time || e.Time != 0
	}
	for i := range nodes {
		r.off[i+1] += r.off[i]
	}
	n := r.off[nodes]
	r.to = make([]uint32, n)
	if kind {
		r.kind = make([]uint8, n)
	}
	if weight {
		r.weight = make([]float32, n)
	}
	if time {
		r.time = make([]uint32, n)
	}
	next := append([]uint32(nil), r.off[:nodes]...)
	eachByLabel(edges, 1-side, labels, func(e *Edge) {
		id := e.end(side)
		at := next[id]
		next[id]++
		r.to[at] = e.end(1 - side)
		if kind {
			r.kind[at] = e.Kind
		}
		if weight {
			r.weight[at] = e.Weight
		}
		if time {
			r.time[at] = e.Time
		}
	})
	r.divide(labels)
	return r
}

// eachByLabel visits the edges that are not dead, by the label of one end, then in order.
func eachByLabel(edges []Edge, side Side, labels []uint8, f func(*Edge)) {
	var used [256]bool
	used[0] = true
	for _, l := range labels {
		used[l] = true
	}
	for label, ok := range used {
		if !ok {
			continue
		}
		for i := range edges {
			e, l := &edges[i], uint8(0)
			if id := e.end(side); int(id) < len(labels) {
				l = labels[id]
			}
			if e.Kind != dead && int(l) == label {
				f(e)
			}
		}
	}
}

func (e *Edge) end(side Side) uint32 {
	if side == Left {
		return e.Left
	}
	return e.Right
}
