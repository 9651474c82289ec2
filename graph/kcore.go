package graph

import (
	"fmt"
	"math"
)

// Cores returns every node's core number: the highest k for which it lies in a subgraph whose nodes all have k neighbours in it.
// It costs O(nodes + edges · log of the highest core number), and one read at random for each edge: nodes are peeled level by level, so
// that no order of all of them has to be kept.
//
// Source: Batagelj and Zaversnik, 2003; Kabir and Madduri, "ParK", 2017, for the levels.
func (g *Undirected) Cores() []int32 {
	n := g.Nodes()
	core, left := make([]int32, n), make([]uint32, n) // degree among what is left, in the end the core number; and what is left
	for v := range core {
		core[v], left[v] = int32(g.off[v+1]-g.off[v]), uint32(v)
	}
	var peel []uint32
	for k := int32(0); len(left) > 0; k++ {
		peel = peel[:0]
		rest, next := left[:0], int32(math.MaxInt32)
		for _, v := range left {
			if core[v] > k {
				rest = append(rest, v)
				next = min(next, core[v])
			} else if core[v] == k {
				peel = append(peel, v)
			}
		}
		left = rest
		if len(peel) == 0 {
			k = next - 1
			continue
		}
		for len(peel) > 0 {
			v := peel[len(peel)-1]
			peel = peel[:len(peel)-1]
			for _, u := range g.row(v) {
				d := core[u]
				if d <= k {
					continue
				}
				core[u] = d - 1
				if d-1 == k {
					peel = append(peel, u)
				}
			}
		}
	}
	return core
}

// Cores is that of [Undirected] for both sides together, several kinds of one edge counting once.
func (s *Snapshot) Cores() (left, right []int32) {
	core, nl := s.Undirected().Cores(), s.Nodes(Left)
	return core[:nl:nl], core[nl:]
}

// TwoCore tells which nodes are in the (α,β)-core: the largest subgraph in which every left node has at least alpha neighbours and
// every right node at least beta. The usual cleaning of a data set ("5-core") is TwoCore(5, 5). It costs O(nodes + edges).
//
// Source: Ding et al., CIKM 2017.
func (s *Snapshot) TwoCore(alpha, beta int) (left, right []bool, err error) {
	if alpha < 1 || beta < 1 {
		return nil, nil, fmt.Errorf("graph: TwoCore: (%d, %d): want 1 or more", alpha, beta)
	}
	g, nl := s.Undirected(), s.Nodes(Left)
	in, degree := make([]bool, g.Nodes()), make([]int, g.Nodes())
	want := func(v uint32) int {
		if int(v) < nl {
			return alpha
		}
		return beta
	}
	var todo []uint32
	for v := range uint32(g.Nodes()) {
		degree[v] = g.Degree(v)
		if in[v] = degree[v] >= want(v); !in[v] {
			todo = append(todo, v)
		}
	}
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, u := range g.row(v) {
			if degree[u]--; in[u] && degree[u] < want(u) {
				in[u] = false
				todo = append(todo, u)
			}
		}
	}
	return in[:nl:nl], in[nl:], nil
}
