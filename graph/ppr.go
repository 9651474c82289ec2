package graph

import "fmt"

// PPROptions of an exact personalised PageRank. The zero value works.
type PPROptions struct {
	Target    Side    // default Left
	Restart   float64 // default 0.5
	Tolerance float64 // stops when what is left of the walk's mass is below it; default 1e-9
}

// PPR returns, for each node of the target side, the share of visits that an endless Walk from one query gives it:
//
//	π = Restart · Σ_{k≥1} (1-Restart)^{k-1} · q·P^k
//
// with P one step (two hops, uniform over edges). It sums to 1, or is all zero where the query has no edges. It is the plain
// twin of Walk with one query: O(edges) for each of about ln(Tolerance)/ln(1-Restart) rounds, and 8 bytes a node of memory.
//
// Source: Page et al., 1999; Haveliwala, WWW 2002.
func (s *Snapshot) PPR(q Query, o PPROptions) ([]float64, error) {
	if o.Restart == 0 {
		o.Restart = 0.5
	}
	if o.Tolerance == 0 {
		o.Tolerance = 1e-9
	}
	if o.Target > Right || q.Side > Right || !(o.Restart > 0 && o.Restart <= 1) || !(o.Tolerance > 0) {
		return nil, fmt.Errorf("graph: PPR: %+v from %+v: out of range", o, q)
	}
	target, other := s.nodes[o.Target], s.nodes[1-o.Target]
	sum, cur, mid := make([]float64, target), make([]float64, target), make([]float64, other)
	if s.Degree(q.Side, q.ID) == 0 {
		return sum, nil
	}
	if q.Side == o.Target {
		cur[q.ID] = 1
		s.spread(o.Target, cur, mid)
	} else {
		mid[q.ID] = 1
	}
	for mass := 1.0; ; mass *= 1 - o.Restart {
		s.spread(1-o.Target, mid, cur)
		for i, x := range cur {
			sum[i] += o.Restart * mass * x
		}
		if mass*(1-o.Restart) < o.Tolerance {
			break
		}
		s.spread(o.Target, cur, mid)
	}
	total := 0.0
	for _, x := range sum {
		total += x
	}
	for i := range sum {
		sum[i] /= total
	}
	return sum, nil
}

// spread hands the mass of each node of a side to its neighbours in equal parts.
func (s *Snapshot) spread(side Side, from, to []float64) {
	clear(to)
	for id, x := range from {
		if x == 0 {
			continue
		}
		l := s.side[side].list(uint32(id))
		x /= float64(l.degree())
		l.each(func(h half) { to[h.to] += x })
	}
}

// PageRankOptions of the analysis. The zero value works.
type PageRankOptions struct {
	Damping   float64 // default 0.85
	Tolerance float64 // largest change of the sum of absolute differences; default 1e-9
	MaxRounds int     // default 200
}

// PageRank returns the PageRank of left and right nodes over the undirected graph, edges counted by kind. They sum to 1
// together; nodes without edges have the teleport share only. It makes flat rows ([Snapshot.Undirected], 8 bytes an edge) and ranks
// over all cores; the result does not depend on how many there are. Each round costs O(edges).
//
// Source: Page et al., 1999. Nodes without edges hand their rank to all.
func (s *Snapshot) PageRank(o PageRankOptions) (left, right []float64, err error) {
	if o, err = o.check(); err != nil {
		return nil, nil, err
	}
	rank, err := s.Undirected().PageRank(o)
	if err != nil {
		return nil, nil, err
	}
	n := s.Nodes(Left)
	return rank[:n:n], rank[n:], nil
}

func (o PageRankOptions) check() (PageRankOptions, error) {
	if o.Damping == 0 {
		o.Damping = 0.85
	}
	if o.Tolerance == 0 {
		o.Tolerance = 1e-9
	}
	if o.MaxRounds == 0 {
		o.MaxRounds = 200
	}
	if !(o.Damping > 0 && o.Damping < 1) || !(o.Tolerance > 0) || o.MaxRounds < 0 {
		return o, fmt.Errorf("graph: PageRank: %+v: out of range", o)
	}
	return o, nil
}
