package graph

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// TriangleStats counts the triangles of an ordinary graph.
type TriangleStats struct {
	Triangles    int64
	Each         []int64 // that a node is a corner of
	Transitivity float64 // 3·triangles / paths of two edges; 0 where there are none
	Clustering   float64 // mean over all nodes of the share of a node's pairs of neighbours that are joined; 0 below two neighbours
}

// Triangles counts. Each edge is seen from its end of lower degree, so that it costs O(edges^1.5) at worst, over all cores, and
// 4 bytes an edge and, for each core, 4 bytes a node.
//
// Source: the forward algorithm, Latapy, 2008.
func (g *Undirected) Triangles() TriangleStats {
	n := g.Nodes()
	up := g.upward()
	each := make([]atomic.Int64, n)
	total := sumOver(n, func() func(int) int64 {
		mark := make([]uint32, n) // 1 + the node whose row was marked last
		return func(i int) (found int64) {
			v := uint32(i)
			for _, u := range up.row(v) {
				mark[u] = v + 1
			}
			for _, u := range up.row(v) {
				here := int64(0)
				for _, w := range up.row(u) {
					if mark[w] == v+1 {
						here++
						each[w].Add(1)
					}
				}
				if here > 0 {
					each[u].Add(here)
					found += here
				}
			}
			if found > 0 {
				each[v].Add(found)
			}
			return found
		}
	})
	st := TriangleStats{Triangles: total, Each: make([]int64, n)}
	paths := 0.0
	for v := range each {
		st.Each[v] = each[v].Load()
		d := float64(g.Degree(uint32(v)))
		if paths += d * (d - 1) / 2; d > 1 {
			st.Clustering += float64(st.Each[v]) / (d * (d - 1) / 2) / float64(n)
		}
	}
	if paths > 0 {
		st.Transitivity = 3 * float64(total) / paths
	}
	return st
}

// upward keeps of each row the neighbours of higher degree (of equal degree: of higher id).
func (g *Undirected) upward() *Undirected {
	up := &Undirected{off: make([]int, 1, len(g.off)), to: make([]uint32, 0, len(g.to)/2)}
	for v := range uint32(g.Nodes()) {
		for _, u := range g.row(v) {
			if g.below(v, u) {
				up.to = append(up.to, u)
			}
		}
		up.off = append(up.off, len(up.to))
	}
	return up
}

// below orders nodes by degree, then by id.
func (g *Undirected) below(a, b uint32) bool {
	da, db := g.off[a+1]-g.off[a], g.off[b+1]-g.off[b]
	return da < db || da == db && a < b
}

// sumOver adds up f(0) … f(n-1) over all cores; each worker makes an f of its own.
func sumOver(n int, worker func() func(i int) int64) int64 {
	const chunk = 256
	var next, total atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n/chunk+1) {
		wg.Go(func() {
			f, sum := worker(), int64(0)
			for {
				from := int(next.Add(chunk)) - chunk
				if from >= n {
					break
				}
				for i := from; i < min(from+chunk, n); i++ {
					sum += f(i)
				}
			}
			total.Add(sum)
		})
	}
	wg.Wait()
	return total.Load()
}
