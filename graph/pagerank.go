package graph

import "math"

// PageRank returns the PageRank of every node. Ranks sum to 1; nodes without edges have the teleport share only. It is that of
// [Snapshot.PageRank] on flat rows and over all cores: O(edges) a round, 32 bytes a node. The result does not depend on how many cores
// there are.
//
// Source: Page et al., 1999.
func (g *Undirected) PageRank(o PageRankOptions) ([]float64, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	n := g.Nodes()
	rank, next := make([]float64, n), make([]float64, n)
	give := make([]float64, n) // what a node hands along an edge of weight 1
	degree := make([]float64, n)
	for v := range rank {
		rank[v] = 1 / float64(n)
		degree[v] = float64(g.off[v+1] - g.off[v])
		if g.weight != nil {
			degree[v] = 0
			for _, w := range g.weight[g.off[v]:g.off[v+1]] {
				degree[v] += float64(w)
			}
		}
	}
	for range o.MaxRounds {
		idle := 0.0
		for v, x := range rank {
			if give[v] = 0; degree[v] > 0 {
				give[v] = o.Damping * x / degree[v]
			} else {
				idle += x
			}
		}
		base := (1 - o.Damping + o.Damping*idle) / float64(n)
		sumOver(n, func() func(int) int64 {
			return func(v int) int64 {
				next[v] = base + g.pull(v, give)
				return 0
			}
		})
		change := 0.0
		for v, x := range next {
			change += math.Abs(x - rank[v])
		}
		rank, next = next, rank
		if change < o.Tolerance {
			break
		}
	}
	return rank, nil
}

// pull is what a node's neighbours hand it.
func (g *Undirected) pull(v int, give []float64) float64 {
	sum := 0.0
	row := g.to[g.off[v]:g.off[v+1]]
	if g.weight == nil {
		for _, u := range row {
			sum += give[u]
		}
		return sum
	}
	for k, u := range row {
		sum += float64(g.weight[g.off[v]+k]) * give[u]
	}
	return sum
}
