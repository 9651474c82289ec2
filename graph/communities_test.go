package graph

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// planted draws a graph of groups of equal size: each node has about in neighbours of its own group and out of others.
func planted(t testing.TB, groups, size int, in, out float64, seed uint64) (*Undirected, []int32) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 7))
	n := groups * size
	truth := make([]int32, n)
	for v := range truth {
		truth[v] = int32(v % groups)
	}
	var pairs [][2]uint32
	for range int(in * float64(n) / 2) {
		g := r.IntN(groups)
		pairs = append(pairs, [2]uint32{uint32(r.IntN(size)*groups + g), uint32(r.IntN(size)*groups + g)})
	}
	for range int(out * float64(n) / 2) {
		pairs = append(pairs, [2]uint32{uint32(r.IntN(n)), uint32(r.IntN(n))})
	}
	return undirected(t, n, pairs), truth
}

func undirected(t testing.TB, n int, pairs [][2]uint32) *Undirected {
	t.Helper()
	g, err := NewUndirected(n, pairs)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// random draws m pairs among n nodes, loops and repetitions among them.
func random(t testing.TB, n, m int, seed uint64) *Undirected {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	pairs := make([][2]uint32, m)
	for i := range pairs {
		pairs[i] = [2]uint32{uint32(r.IntN(n)), uint32(float64(n) * r.Float64() * r.Float64())}
	}
	return undirected(t, n, pairs)
}

// nmi is the normalised mutual information of two divisions, by the arithmetic mean.
func nmi(a, b []int32) float64 {
	joint, ca, cb := map[[2]int32]float64{}, map[int32]float64{}, map[int32]float64{}
	for i := range a {
		joint[[2]int32{a[i], b[i]}]++
		ca[a[i]]++
		cb[b[i]]++
	}
	n := float64(len(a))
	entropy := func(m map[int32]float64) (h float64) {
		for _, x := range m {
			h -= x / n * math.Log(x/n)
		}
		return h
	}
	mutual := 0.0
	for k, x := range joint {
		mutual += x / n * math.Log(x*n/(ca[k[0]]*cb[k[1]]))
	}
	return 2 * mutual / (entropy(ca) + entropy(cb))
}

// Groups that were planted are found, more surely the more edges stay inside.
func TestCommunitiesPlanted(t *testing.T) {
	for _, c := range []struct{ in, out, want float64 }{{16, 4, .999}, {12, 6, .98}, {7, 12, .8}} {
		g, truth := planted(t, 20, 100, c.in, c.out, 1)
		found, q, err := g.Communities(CommunityOptions{})
		if err != nil {
			t.Fatal(err)
		}
		planted, err := g.Modularity(truth, 1)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%v inside, %v at random: NMI %.3f, modularity %.4f, of the planted groups %.4f", c.in, c.out, nmi(found, truth), q, planted)
		if nmi(found, truth) < c.want || q < .975*planted {
			t.Errorf("%v inside, %v at random: NMI %v, want %v; modularity %v, planted %v", c.in, c.out, nmi(found, truth), c.want, q, planted)
		}
	}
}

// What is promised of any graph: connected, ordered by size, stable against moving one node, the same every time.
func TestCommunitiesPromises(t *testing.T) {
	for seed := range uint64(12) {
		g := random(t, 150, 150+40*int(seed), seed)
		o := CommunityOptions{Seed: seed, Iterations: 50, Resolution: .5 + float64(seed%3)}
		c, q, err := g.Communities(o)
		if err != nil {
			t.Fatal(err)
		}
		again, _, _ := g.Communities(o)
		if !slices.Equal(c, again) {
			t.Fatal("not the same twice")
		}
		var size []int
		for v, x := range c {
			if (x < 0) != (g.Degree(uint32(v)) == 0) {
				t.Fatalf("node %d of degree %d is in %d", v, g.Degree(uint32(v)), x)
			}
			for int(x) >= len(size) {
				size = append(size, 0)
			}
			if x >= 0 {
				size[x]++
			}
		}
		if !slices.IsSortedFunc(size, func(a, b int) int { return b - a }) {
			t.Errorf("sizes %v", size)
		}
		inside := keep(g, func(a, b uint32) bool { return c[a] == c[b] })
		if _, sizes := inside.Components(); len(sizes) != len(size)-howMany(size, 1) {
			t.Errorf("%d communities of two or more, %d components inside them", len(size)-howMany(size, 1), len(sizes))
		}
		for v := range c {
			for x := range int32(len(size)) {
				if old := c[v]; old >= 0 && old != x {
					c[v] = x
					if better, _ := g.Modularity(c, o.Resolution); better > q+1e-9 {
						t.Fatalf("seed %d: node %d in %d instead of %d: %v, was %v", seed, v, x, old, better, q)
					}
					c[v] = old
				}
			}
		}
	}
}

func howMany(list []int, x int) (n int) {
	for _, y := range list {
		if x == y {
			n++
		}
	}
	return n
}

// keep is the graph of the edges that f keeps.
func keep(g *Undirected, f func(a, b uint32) bool) *Undirected {
	var pairs [][2]uint32
	for v := range uint32(g.Nodes()) {
		for _, u := range g.Neighbors(v) {
			if u > v && f(v, u) {
				pairs = append(pairs, [2]uint32{v, u})
			}
		}
	}
	h, err := NewUndirected(g.Nodes(), pairs)
	if err != nil {
		panic(err)
	}
	return h
}

func TestModularityRefuses(t *testing.T) {
	g := random(t, 10, 20, 1)
	if _, err := g.Modularity(make([]int32, 9), 1); err == nil {
		t.Error("accepted 9 numbers for 10 nodes")
	}
	bad := make([]int32, 10)
	bad[g.Neighbors(0)[0]] = -1
	if _, err := g.Modularity(bad, 1); err == nil {
		t.Error("accepted a node with edges in no community")
	}
}

func TestNewUndirected(t *testing.T) {
	g := undirected(t, 5, [][2]uint32{{0, 1}, {1, 0}, {2, 2}, {3, 1}, {0, 1}, {3, 0}})
	want := [][]uint32{{1, 3}, {0, 3}, {}, {0, 1}, {}}
	for v, row := range want {
		if !slices.Equal(row, g.Neighbors(uint32(v))) {
			t.Errorf("node %d: %v, want %v", v, g.Neighbors(uint32(v)), row)
		}
	}
	if g.Edges() != 3 || g.Dropped() != 3 || !g.Has(3, 0) || g.Has(2, 2) || g.Has(9, 1) || g.Degree(9) != 0 {
		t.Errorf("%d edges, %d dropped", g.Edges(), g.Dropped())
	}
	if _, err := NewUndirected(2, [][2]uint32{{0, 1}, {1, 2}}); err == nil {
		t.Error("accepted an id out of range")
	}
	if _, err := NewUndirected(-1, nil); err == nil {
		t.Error("accepted -1 nodes")
	}
}
