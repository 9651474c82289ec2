package graph

import (
	"math"
	"math/rand/v2"
	"testing"
)

// synthetic draws n edges of a bipartite graph with power-law popularity on the left (exponent 0.8 over ranks) and log-normal
// collection sizes on the right, in groups: a collection takes three quarters of its items from one of groups topics.
func synthetic(lefts, rights, n, groups int, seed uint64) []Edge {
	r := rand.New(rand.NewPCG(seed, 0x5eed))
	size := make([]float64, rights)
	total := 0.0
	for i := range size {
		size[i] = math.Exp(1.2 * r.NormFloat64())
		total += size[i]
	}
	edges := make([]Edge, 0, n)
	for right := range size {
		group := r.IntN(groups)
		for range int(math.Ceil(size[right] / total * float64(n))) {
			if len(edges) == n {
				return edges
			}
			left := int(float64(lefts) * math.Pow(r.Float64(), 1/(1-0.8)))
			if r.IntN(4) > 0 {
				left = min(left-left%groups+group, lefts-1)
			}
			edges = append(edges, Edge{Left: uint32(left), Right: uint32(right), Weight: 1})
		}
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
