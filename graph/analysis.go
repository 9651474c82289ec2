package graph

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// DegreeStats describes the degrees of one side.
type DegreeStats struct {
	Nodes    int     // ids seen
	Isolated int     // without an edge
	Min, Max int     // over nodes with an edge, as all that follows
	Mean     float64 // edges per node
	Median   int     // lower median
	P90, P99 int
	Gini     float64 // 0: all alike; near 1: few nodes hold nearly all edges
	Entropy  float64 // of the share of edges, in bits
}

// Degrees counts. It costs O(nodes log nodes).
func (s *Snapshot) Degrees(side Side) DegreeStats {
	deg := make([]int, s.Nodes(side))
	for id := range deg {
		deg[id] = s.Degree(side, uint32(id))
	}
	return DescribeDegrees(deg)
}

// DescribeDegrees is Degrees for any list of degrees, such as those of one kind of node; the list is left as it is.
func DescribeDegrees(degrees []int) DegreeStats {
	st := DegreeStats{Nodes: len(degrees)}
	var deg []int
	total := 0
	for _, d := range degrees {
		if d > 0 {
			deg = append(deg, d)
			total += d
		}
	}
	st.Isolated = st.Nodes - len(deg)
	if len(deg) == 0 {
		return st
	}
	slices.Sort(deg)
	n, sum := float64(len(deg)), float64(total)
	weighted := 0.0
	for i, d := range deg {
		weighted += float64(i+1) * float64(d)
		st.Entropy -= float64(d) / sum * math.Log2(float64(d)/sum)
	}
	quantile := func(p float64) int { return deg[int(math.Ceil(p*n))-1] }
	st.Min, st.Max, st.Mean = deg[0], deg[len(deg)-1], sum/n
	st.Median, st.P90, st.P99 = quantile(.5), quantile(.9), quantile(.99)
	st.Gini = 2*weighted/(n*sum) - (n+1)/n
	return st
}

// Components numbers the connected components: left[i] and right[i] are the component of a node, 0 for the one that has the most
// nodes, then by falling size (equal sizes by their lowest left node); sizes counts nodes of both sides. A node without edges has
// component -1. It costs O(edges · α).
func (s *Snapshot) Components() (left, right []int32, sizes []int) {
	nl := s.Nodes(Left)
	var row []uint32
	name, sizes := components(nl+s.Nodes(Right), func(v uint32, join func(uint32)) {
		if int(v) >= nl {
			return
		}
		row = s.Neighbors(row[:0], Left, v)
		for _, u := range row {
			join(uint32(nl) + u)
		}
	})
	return name[:nl:nl], name[nl:], sizes
}

// Components is that of [Snapshot] for an ordinary graph.
func (g *Undirected) Components() (component []int32, sizes []int) {
	return components(g.Nodes(), func(v uint32, join func(uint32)) {
		for _, u := range g.row(v) {
			join(u)
		}
	})
}

// components joins sets; near tells a node's neighbours, of each pair at least once.
func components(n int, near func(v uint32, join func(uint32))) (name []int32, sizes []int) {
	parent := make([]int32, n)
	for i := range parent {
		parent[i] = int32(i)
	}
	find := func(x int32) int32 {
		for parent[x] != x {
			parent[x] = parent[parent[x]]
			x = parent[x]
		}
		return x
	}
	for v := range n {
		near(uint32(v), func(u uint32) {
			a, b := find(int32(v)), find(int32(u))
			parent[max(a, b)] = min(a, b) // the root is the lowest
		})
	}
	size := make([]int, n)
	for v := range parent {
		size[find(int32(v))]++
	}
	for v := range parent { // a parent is never above its child
		if parent[v] = parent[parent[v]]; size[parent[v]] == 1 {
			parent[v] = -1
		}
	}
	return parent, rankBySize(parent, size)
}

// rankBySize renames sets from 0 by falling size, equal ones by their lowest member, and returns the sizes. size is by old name; what
// has a negative name keeps it.
func rankBySize(set []int32, size []int) (sizes []int) {
	var order []int32 // old names by their lowest member
	met := make([]bool, len(size))
	for _, c := range set {
		if c >= 0 && !met[c] {
			met[c] = true
			order = append(order, c)
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(size[b], size[a]) })
	name := make([]int32, len(size))
	for i, c := range order {
		name[c] = int32(i)
		sizes = append(sizes, size[c])
	}
	for v, c := range set {
		if c >= 0 {
			set[v] = name[c]
		}
	}
	return sizes
}

// CooccurOptions limit a count of co-occurrences. The zero value works.
type CooccurOptions struct {
	MaxDegree int     // collections with more edges are passed over (they say little, and cost the square); default 1,000
	Kinds     uint64  // edge kinds that count, bit k for kind k; 0 means all
	MinCount  int     // default 1
	Top       int     // partners kept, best first; default 50
	Shrink    float64 // of the cosine: count / (√(d_a·d_b) + Shrink); default 0
}

// Partner is a node that shares collections with another.
type Partner struct {
	ID     uint32
	Count  int     // collections that hold both
	Cosine float64 // Count / (√(d_a·d_b) + Shrink), degrees by counted edges
}

// Cooccur returns the left nodes that share most collections with one, by cosine, then by id. It costs O(Σ degree of the node's
// collections) and memory for the partners met.
func (s *Snapshot) Cooccur(id uint32, o CooccurOptions) ([]Partner, error) {
	if o.MaxDegree == 0 {
		o.MaxDegree = 1000
	}
	if o.Top == 0 {
		o.Top = 50
	}
	if o.MaxDegree < 0 || o.Top < 0 || o.MinCount < 0 || !(o.Shrink >= 0) || math.IsInf(o.Shrink, 1) {
		return nil, fmt.Errorf("graph: Cooccur: %+v: out of range", o)
	}
	var met []uint32 // one entry for each collection that holds both
	for _, right := range s.once(nil, Left, id, o.Kinds) {
		if s.Degree(Right, right) > o.MaxDegree {
			continue
		}
		met = s.once(met, Right, right, o.Kinds)
	}
	slices.Sort(met)
	own := s.counted(id, o.Kinds)
	var out []Partner
	for len(met) > 0 {
		n := 1
		for n < len(met) && met[n] == met[0] {
			n++
		}
		if met[0] != id && n >= o.MinCount {
			out = append(out, Partner{ID: met[0], Count: n, Cosine: float64(n) / (math.Sqrt(own*s.counted(met[0], o.Kinds)) + o.Shrink)})
		}
		met = met[n:]
	}
	slices.SortFunc(out, func(a, b Partner) int { return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), cmp.Compare(a.ID, b.ID)) })
	return slices.Clone(out[:min(len(out), o.Top)]), nil
}

// once appends a node's neighbours over the kinds, each once, ascending.
func (s *Snapshot) once(dst []uint32, side Side, id uint32, kinds uint64) []uint32 {
	start := len(dst)
	if kinds == 0 {
		dst = s.Neighbors(dst, side, id)
	} else {
		s.Each(side, id, func(e Edge) {
			if kinds>>e.Kind&1 == 0 {
				return
			}
			if side == Left {
				dst = append(dst, e.Right)
			} else {
				dst = append(dst, e.Left)
			}
		})
	}
	slices.Sort(dst[start:])
	return dst[:start+len(slices.Compact(dst[start:]))]
}

// counted is the number of collections of a left node over the kinds.
func (s *Snapshot) counted(id uint32, kinds uint64) float64 {
	if kinds == 0 && s.side[Left].rows.runs == nil && s.side[Left].live == nil {
		return float64(s.Degree(Left, id))
	}
	return float64(len(s.once(nil, Left, id, kinds)))
}
