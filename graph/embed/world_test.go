package embed_test

import (
	"math/rand/v2"
	"testing"

	"bowerbird/graph"
	"bowerbird/graph/embed"
)

// world is a made-up world of communities: a right node collects left ones of its community, and now and then another;
// features are the community's centre plus noise.
type world struct {
	lefts, rights, communities int
	community                  []int // of each left node
	rightOf                    []int // community of each right node
	edges                      []graph.Edge
	x                          embed.Features
	rng                        *rand.Rand
	centres                    [][]float32
	noise                      float64
}

func newWorld(lefts, rights, communities, perRight int, noise float64, seed uint64) *world {
	w := &world{lefts: lefts, rights: rights, communities: communities, rng: rand.New(rand.NewPCG(seed, 1)), noise: noise}
	const dim = 32
	w.x.Dim = dim
	for range communities {
		c := make([]float32, dim)
		for d := range c {
			c[d] = float32(w.rng.NormFloat64())
		}
		w.centres = append(w.centres, c)
	}
	members := make([][]uint32, communities)
	for i := range lefts {
		c := i % communities
		w.community = append(w.community, c)
		members[c] = append(members[c], uint32(i))
		w.x.Rows = append(w.x.Rows, w.content(c)...)
	}
	for r := range rights {
		c := r % communities
		w.rightOf = append(w.rightOf, c)
		for range perRight {
			i := members[c][w.rng.IntN(len(members[c]))]
			if w.rng.Float64() < 0.1 {
				i = uint32(w.rng.IntN(lefts))
			}
			w.edges = append(w.edges, graph.Edge{Left: i, Right: uint32(r)})
		}
	}
	return w
}

func (w *world) content(c int) []float32 {
	out := make([]float32, w.x.Dim)
	for d := range out {
		out[d] = w.centres[c][d] + float32(w.noise*w.rng.NormFloat64())
	}
	return out
}

func snapshot(t testing.TB, edges []graph.Edge) *graph.Snapshot {
	t.Helper()
	g, err := graph.Build(graph.Bulk{Edges: append([]graph.Edge(nil), edges...)}, graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return g.Snapshot()
}

// ring is an undirected plain graph as both directions of each edge.
func plain(pairs [][2]uint32) []graph.Edge {
	var out []graph.Edge
	for _, p := range pairs {
		out = append(out, graph.Edge{Left: p[0], Right: p[1]}, graph.Edge{Left: p[1], Right: p[0]})
	}
	return out
}
