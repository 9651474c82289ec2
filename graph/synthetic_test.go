package graph

import "testing"

// synthetic draws n edges; see Drawn.
func synthetic(lefts, rights, n, groups int, seed uint64) []Edge {
	edges := make([]Edge, 0, n)
	err := Drawn{Edges: n, Lefts: lefts, Rights: rights, Topics: groups, Seed: seed}.Each(func(b []Edge) error {
		edges = append(edges, b...)
		return nil
	})
	if err != nil {
		panic(err)
	}
	return edges
}

func grow(t testing.TB, edges []Edge, o Options) *Graph {
	t.Helper()
	g, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range edges {
		if _, err := g.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	return g
}
