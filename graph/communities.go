package graph

import (
	"fmt"
	"math"
)

// CommunityOptions of the Leiden method. The zero value works.
type CommunityOptions struct {
	Resolution float64 // γ of the modularity; above 1 gives more and smaller communities; default 1
	Iterations int     // of the whole method, each from the result of the one before; ends early when one gains nothing; default 3
	Seed       uint64  // of the order in which nodes are visited
}

func (o CommunityOptions) check() (CommunityOptions, error) {
	if o.Resolution == 0 {
		o.Resolution = 1
	}
	if o.Iterations == 0 {
		o.Iterations = 3
	}
	if !(o.Resolution > 0) || math.IsInf(o.Resolution, 1) || o.Iterations < 0 {
		return o, fmt.Errorf("graph: Communities: %+v: out of range", o)
	}
	return o, nil
}

// Communities puts every node that has edges into a community so that modularity is high:
//
//	Q = Σ_c [ L_c/m − γ·(D_c/2m)² ]
//
// with m the weight of all edges, L_c of those inside community c, D_c the sum of its degrees. Communities are numbered from 0 by
// falling number of nodes (equal ones by their lowest node); nodes without edges have -1. Every community is connected. The
// same graph and options give the same communities. An iteration costs a few passes over the edges; memory is about 50 bytes an edge.
//
// Source: Leiden, Traag, Waltman and van Eck, "From Louvain to Leiden", 2019. Where we differ: the refinement takes the best of
// the communities it may merge into, not one at random (their θ → 0).
func (g *Undirected) Communities(o CommunityOptions) (community []int32, modularity float64, err error) {
	if o, err = o.check(); err != nil {
		return nil, 0, err
	}
	community = leiden(g, o)
	g.connect(community)
	g.bySize(community)
	modularity, err = g.Modularity(community, o.Resolution)
	return community, modularity, err
}

// Communities is that of [Undirected] for both sides together, each edge counting 1 whatever its weight.
func (s *Snapshot) Communities(o CommunityOptions) (left, right []int32, modularity float64, err error) {
	all, modularity, err := s.Undirected().Communities(o)
	if err != nil {
		return nil, nil, 0, err
	}
	nl := s.Nodes(Left)
	return all[:nl:nl], all[nl:], modularity, nil
}

// connect splits communities that are not connected: that never lowers modularity.
func (g *Undirected) connect(community []int32) {
	seen := make([]bool, g.Nodes())
	taken := make([]bool, g.Nodes()) // communities of which a part was met
	next := int32(0)
	for _, c := range community {
		next = max(next, c+1)
	}
	var todo []uint32
	for v := range seen {
		if seen[v] || community[v] < 0 {
			continue
		}
		old := community[v]
		name := old
		if taken[old] {
			name, next = next, next+1
		}
		taken[old] = true
		seen[v] = true
		for todo = append(todo[:0], uint32(v)); len(todo) > 0; {
			u := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			community[u] = name
			for _, w := range g.row(u) {
				if !seen[w] && community[w] == old {
					seen[w] = true
					todo = append(todo, w)
				}
			}
		}
	}
}

// bySize numbers communities by falling size, then by lowest node; nodes without edges get -1.
func (g *Undirected) bySize(community []int32) {
	size := make([]int, g.Nodes()+1)
	for v, c := range community {
		if g.Degree(uint32(v)) == 0 {
			community[v] = -1
		} else {
			size[c]++
		}
	}
	rankBySize(community, size)
}

// Modularity returns Q of a division into communities, with γ = resolution. A node with a negative number is in none; it may have no
// edges. It costs O(edges).
func (g *Undirected) Modularity(community []int32, resolution float64) (float64, error) {
	if len(community) != g.Nodes() {
		return 0, fmt.Errorf("graph: Modularity: %d nodes are divided, the graph has %d", len(community), g.Nodes())
	}
	top := int32(-1)
	for _, c := range community {
		top = max(top, c)
	}
	inside, sum, total := make([]float64, top+1), make([]float64, top+1), 0.0
	for v, c := range community {
		if c < 0 && g.Degree(uint32(v)) > 0 {
			return 0, fmt.Errorf("graph: Modularity: node %d has edges but no community", v)
		}
		for k := g.off[v]; k < g.off[v+1]; k++ {
			w := 1.0
			if g.weight != nil {
				w = float64(g.weight[k])
			}
			total += w
			sum[c] += w
			if community[g.to[k]] == c {
				inside[c] += w
			}
		}
	}
	if total == 0 {
		return 0, nil
	}
	q := 0.0
	for c := range sum {
		q += inside[c]/total - resolution*(sum[c]/total)*(sum[c]/total)
	}
	return q, nil
}
