package graph

// Snapshot is a graph that stands still. All its methods may be called at once.
type Snapshot struct {
	side  [2]direction
	nodes [2]int
	edges int
}

// direction is one direction: rows and what has changed above them.
type direction struct {
	rows  *rows
	live  []*branch // nil when nothing changed
	sieve *sieve    // of live
}

func (h *direction) list(id uint32) list { return newList(h.rows, h.delta(id), id) }

// delta is what has changed at a node; nil for most.
func (h *direction) delta(id uint32) *delta {
	if h.live == nil || !h.sieve.has(id) {
		return nil
	}
	return lookup(h.live, id)
}

// Edges returns the number of edges.
func (s *Snapshot) Edges() int { return s.edges }

// Nodes returns 1 + the highest id that a side has seen, whether or not it still has edges.
func (s *Snapshot) Nodes(side Side) int { return s.nodes[side&1] }

// Degree returns the number of edges of a node; 0 for an id never seen.
func (s *Snapshot) Degree(side Side, id uint32) int { l := s.side[side&1].list(id); return l.degree() }

// Neighbors appends the other ends of a node's edges to dst, in order of label, then of the edge's kind, then of arrival. A neighbour that is joined by
// edges of several kinds comes once for each.
func (s *Snapshot) Neighbors(dst []uint32, side Side, id uint32) []uint32 {
	s.side[side&1].list(id).each(func(h half) { dst = append(dst, h.to) })
	return dst
}

// Each calls f for each edge of a node, in the order of Neighbors.
func (s *Snapshot) Each(side Side, id uint32, f func(Edge)) {
	side &= 1
	s.side[side].list(id).each(func(h half) {
		e := Edge{Left: id, Right: h.to, Kind: h.kind, Weight: h.weight, Time: h.time}
		if side == Right {
			e.Left, e.Right = h.to, id
		}
		f(e)
	})
}

// Has reports whether the edge is there. It costs O(min degree of the two ends).
func (s *Snapshot) Has(left, right uint32, kind uint8) bool {
	a, b := s.side[Left].list(left), s.side[Right].list(right)
	if a.degree() <= b.degree() {
		return a.find(right, kind).ok
	}
	return b.find(left, kind).ok
}

// MaxDegree returns the highest degree of a side. It reads all nodes.
func (s *Snapshot) MaxDegree(side Side) int {
	n := 0
	for id := range s.Nodes(side) {
		n = max(n, s.Degree(side, uint32(id)))
	}
	return n
}
