package graph

import (
	"fmt"
	"slices"
)

// Cores returns every node's core number: the highest k for which it lies in a subgraph whose nodes all have k neighbours in it.
// It costs O(nodes + edges).
//
// Source: Batagelj and Zaversnik, 2003.
func (g *Undirected) Cores() []int32 {
	n := g.Nodes()
	core := make([]int32, n) // degree among what is left; in the end the core number
	top := 0
	for v := range core {
		core[v] = int32(g.off[v+1] - g.off[v])
		top = max(top, int(core[v]))
	}
	start := make([]int, top+2) // of the nodes of each degree in order
	for _, d := range core {
		start[d+1]++
	}
	for d := range top + 1 {
		start[d+1] += start[d]
	}
	order, place := make([]uint32, n), make([]int, n)
	at := slices.Clone(start)
	for v, d := range core {
		order[at[d]], place[v] = uint32(v), at[d]
		at[d]++
	}
	for i := range order { // the node of least degree goes
		v := order[i]
		for _, u := range g.row(v) {
			d := core[u]
			if d <= core[v] {
				continue
			}
			first := order[start[d]] // u changes places with the first of its degree, and leaves them
			order[place[u]], order[start[d]] = first, u
			place[first], place[u] = place[u], start[d]
			start[d]++
			core[u]--
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
