package graph

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
)

// ButterflyOptions of a count of butterflies. The zero value works.
type ButterflyOptions struct {
	// Budget is how many paths of two edges an exact count may visit; beyond it the count is estimated. Default 2·10⁹, about
	// ten seconds a core. Negative: always estimate.
	Budget int64
	Sample int    // paths of two edges drawn for an estimate; default 200,000
	Seed   uint64 // of the sample
}

// ButterflyStats counts butterflies: two left nodes that share two right nodes, the smallest ring that a bipartite graph can have.
type ButterflyStats struct {
	Butterflies float64
	Error       float64 // standard error of an estimate; 0: exact
	Clustering  float64 // 4·butterflies / paths of three edges (Robins and Alexander, 2004), from 0 to 1
}

// Butterflies counts, several kinds of one edge counting once. An exact count visits, for each edge, as many paths as the lower degree of its
// ends, over all cores. An estimate draws paths of two edges and looks how many butterflies close each: O(Sample · degree).
//
// Sources: exact, the vertex priority of Wang et al., VLDB 2019; estimate, wedge sampling as in Sanei-Mehri et al., KDD 2018.
func (s *Snapshot) Butterflies(o ButterflyOptions) (ButterflyStats, error) {
	if o.Budget == 0 {
		o.Budget = 2e9
	}
	if o.Sample == 0 {
		o.Sample = 200_000
	}
	if o.Sample < 2 {
		return ButterflyStats{}, fmt.Errorf("graph: Butterflies: a sample of %d, want 2 or more", o.Sample)
	}
	g, nl := s.Undirected(), s.Nodes(Left)
	var st ButterflyStats
	cost, paths := int64(0), 0.0
	for v := range uint32(nl) {
		dv := g.Degree(v)
		for _, u := range g.row(v) {
			du := g.Degree(u)
			cost += int64(min(du, dv))
			paths += float64(du-1) * float64(dv-1)
		}
	}
	if cost <= o.Budget {
		st.Butterflies = float64(g.butterflies())
	} else {
		st.Butterflies, st.Error = g.sampleButterflies(nl, o)
	}
	if paths > 0 {
		st.Clustering = 4 * st.Butterflies / paths
	}
	return st, nil
}

// butterflies counts each from its highest node: pairs of paths from there, over lower nodes, that end at one.
func (g *Undirected) butterflies() int64 {
	return sumOver(g.Nodes(), func() func(int) int64 {
		paths := make([]uint32, g.Nodes())
		var ends []uint32
		return func(i int) (found int64) {
			v := uint32(i)
			for _, u := range g.row(v) {
				if !g.below(u, v) {
					continue
				}
				for _, w := range g.row(u) {
					if !g.below(w, v) {
						continue
					}
					if paths[w] == 0 {
						ends = append(ends, w)
					}
					found += int64(paths[w])
					paths[w]++
				}
			}
			for _, w := range ends {
				paths[w] = 0
			}
			ends = ends[:0]
			return found
		}
	})
}

// sampleButterflies draws paths a–c–b evenly, c on the side that has fewer of them. |N(a) ∩ N(b)| - 1 butterflies close each;
// a butterfly closes two.
func (g *Undirected) sampleButterflies(nl int, o ButterflyOptions) (count, err float64) {
	sides := [2][]float64{make([]float64, 0, nl), make([]float64, 0, g.Nodes()-nl)} // paths up to and including a node
	var sum [2]float64
	for v := range g.Nodes() {
		side, d := 0, float64(g.Degree(uint32(v)))
		if v >= nl {
			side = 1
		}
		sum[side] += d * (d - 1) / 2
		sides[side] = append(sides[side], sum[side])
	}
	side, shift := 0, 0
	if sum[1] < sum[0] {
		side, shift = 1, nl
	}
	if sum[side] == 0 {
		return 0, 0
	}
	r := rand.New(rand.NewPCG(o.Seed, 0xb17e))
	mean, square := 0.0, 0.0
	for range o.Sample {
		c := sort.SearchFloat64s(sides[side], math.Nextafter(r.Float64()*sum[side], math.Inf(1)))
		row := g.row(uint32(min(c, len(sides[side])-1) + shift))
		i, j := r.IntN(len(row)), r.IntN(len(row)-1)
		if j >= i {
			j++
		}
		x := float64(shared(g.row(row[i]), g.row(row[j])) - 1)
		mean += x
		square += x * x
	}
	n := float64(o.Sample)
	mean /= n
	deviation := math.Sqrt(max(0, square/n-mean*mean) / (n - 1))
	return mean * sum[side] / 2, deviation * sum[side] / 2
}

// shared is the number of ids in both of two ascending rows.
func shared(a, b []uint32) int {
	if len(a) > len(b) {
		a, b = b, a
	}
	n := 0
	if len(b) > 8*len(a) {
		for _, x := range a {
			i, ok := slices.BinarySearch(b, x)
			if ok {
				n++
			}
			b = b[i:]
		}
		return n
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			n, i, j = n+1, i+1, j+1
		}
	}
	return n
}
