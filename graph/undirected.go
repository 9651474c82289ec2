package graph

import (
	"fmt"
	"slices"
)

// Undirected is an ordinary undirected graph that stands still, for analysis: nodes 0 … Nodes()-1, no loops, each pair joined at
// most once. All its methods may be called at once. It takes 8 bytes an edge and 8 bytes a node; 8 bytes an edge more with weights.
type Undirected struct {
	off     []int     // row of node i is to[off[i]:off[i+1]]
	to      []uint32  // ascending within a row; each edge stands in two rows
	weight  []float32 // beside to; nil when every edge weighs 1
	dropped int
}

// NewUndirected makes a graph of n nodes and the pairs that are joined. Loops are left out and a pair that comes again, either way
// round, counts once; Dropped tells how many were. An id that is not below n is an error. It costs O(n + pairs).
func NewUndirected(n int, pairs [][2]uint32) (*Undirected, error) {
	if n < 0 || n > 2*maxNodes {
		return nil, fmt.Errorf("graph: undirected: %d nodes, want 0 to %d", n, 2*maxNodes)
	}
	g := &Undirected{off: make([]int, n+1)}
	for i, p := range pairs {
		for _, id := range p {
			if int(id) >= n {
				return nil, fmt.Errorf("graph: undirected: pair %d: id %d is out of range, limit %d", i, id, n)
			}
			g.off[id+1]++
		}
	}
	for i := range n {
		g.off[i+1] += g.off[i]
	}
	g.to = make([]uint32, 2*len(pairs))
	at := slices.Clone(g.off)
	for _, p := range pairs {
		g.to[at[p[0]]], g.to[at[p[1]]] = p[1], p[0]
		if p[0] == p[1] {
			g.to[at[p[0]]+1] = p[0]
			at[p[0]]++
		} else {
			at[p[1]]++
		}
		at[p[0]]++
	}
	g.tidy()
	g.dropped = len(pairs) - len(g.to)/2
	return g, nil
}

// tidy sorts the rows and drops loops and repetitions. Handing every node to its neighbours in order sorts all rows at once.
func (g *Undirected) tidy() {
	sorted := make([]uint32, len(g.to))
	at := slices.Clone(g.off)
	for v := range g.Nodes() {
		for _, u := range g.to[g.off[v]:g.off[v+1]] {
			sorted[at[u]] = uint32(v)
			at[u]++
		}
	}
	n, start := 0, 0
	for v := range g.Nodes() {
		row := sorted[start:g.off[v+1]]
		start, g.off[v] = g.off[v+1], n
		for i, u := range row {
			if int(u) != v && (i == 0 || u != row[i-1]) {
				sorted[n] = u
				n++
			}
		}
	}
	g.off[g.Nodes()] = n
	g.to = sorted[:n:n]
}

// Nodes returns the number of nodes.
func (g *Undirected) Nodes() int { return max(0, len(g.off)-1) }

// Edges returns the number of edges.
func (g *Undirected) Edges() int { return len(g.to) / 2 }

// Dropped returns how many pairs were loops or repetitions.
func (g *Undirected) Dropped() int { return g.dropped }

// Degree returns the number of neighbours of a node, 0 for an id out of range.
func (g *Undirected) Degree(id uint32) int {
	if int(id) >= g.Nodes() {
		return 0
	}
	return g.off[id+1] - g.off[id]
}

// Neighbors returns a node's neighbours, ascending. The slice belongs to the graph.
func (g *Undirected) Neighbors(id uint32) []uint32 {
	if int(id) >= g.Nodes() {
		return nil
	}
	return g.row(id)
}

func (g *Undirected) row(id uint32) []uint32 { return g.to[g.off[id]:g.off[id+1]:g.off[id+1]] }

// Has reports whether two nodes are joined. It costs O(log degree).
func (g *Undirected) Has(a, b uint32) bool {
	_, ok := slices.BinarySearch(g.Neighbors(a), b)
	return ok
}

// Undirected returns both sides as one graph: left nodes keep their ids, right node r is Nodes(Left) + r. An edge weighs the number
// of kinds that join its ends. It costs O(edges · log degree).
func (s *Snapshot) Undirected() *Undirected {
	nl, nr := s.Nodes(Left), s.Nodes(Right)
	g := &Undirected{off: make([]int, 1, nl+nr+1), to: make([]uint32, 0, 2*s.Edges())}
	var row []uint32
	for i := range nl + nr {
		side, id, shift := Left, uint32(i), uint32(nl)
		if i >= nl {
			side, id, shift = Right, uint32(i-nl), 0
		}
		row = s.Neighbors(row[:0], side, id)
		slices.Sort(row)
		for k, u := range row {
			switch {
			case k == 0 || u != row[k-1]:
				g.to = append(g.to, u+shift)
				if g.weight != nil {
					g.weight = append(g.weight, 1)
				}
			default: // a further kind
				if g.weight == nil {
					g.weight = slices.Repeat([]float32{1}, len(g.to))
				}
				g.weight[len(g.weight)-1]++
			}
		}
		g.off = append(g.off, len(g.to))
	}
	return g
}
