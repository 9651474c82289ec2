package graph

import (
	"fmt"
	"math"
)

// CommunityOptions of the Louvain method. The zero value works.
type CommunityOptions struct {
	Resolution float64 // γ of the modularity; above 1 gives more and smaller communities; default 1
	MaxLevels  int     // default 20
	MaxPasses  int     // over the nodes of a level; default 50
}

// Communities puts every node that has edges into a community so that modularity is high, both sides together, each edge counting
// 1 whatever its kind and weight:
//
//	Q = Σ_c [ L_c/m − γ·(D_c/2m)² ]
//
// with m edges, L_c of them inside community c, D_c the sum of its degrees. Communities are numbered from 0 by their
// lowest node, left nodes first; nodes without edges have -1. Nodes are visited in order of id and ties go to the lowest
// community, so that the result is the same every time. Each pass costs O(edges); memory is about 50 bytes an edge.
//
// Source: Blondel et al., 2008. Where we differ: visiting order is fixed, not random.
func (s *Snapshot) Communities(o CommunityOptions) (left, right []int32, modularity float64, err error) {
	if o.Resolution == 0 {
		o.Resolution = 1
	}
	if o.MaxLevels == 0 {
		o.MaxLevels = 20
	}
	if o.MaxPasses == 0 {
		o.MaxPasses = 50
	}
	if !(o.Resolution > 0) || math.IsInf(o.Resolution, 1) || o.MaxLevels < 0 || o.MaxPasses < 0 {
		return nil, nil, 0, fmt.Errorf("graph: Communities: %+v: out of range", o)
	}
	l := s.level()
	member := make([]int32, len(l.loop))
	for i := range member {
		member[i] = int32(i)
	}
	for range o.MaxLevels {
		moved := l.move(o)
		n := renumber(l.comm)
		for i := range member {
			member[i] = l.comm[member[i]]
		}
		if !moved {
			break
		}
		l = l.fold(n)
	}
	modularity = l.modularity(o.Resolution)
	nl, named := s.nodes[Left], int32(0)
	name := make([]int32, len(member)) // 0: not named yet, else name+1
	for i, c := range member {
		side, id := Left, i
		if i >= nl {
			side, id = Right, i-nl
		}
		if member[i] = -1; s.Degree(side, uint32(id)) == 0 {
			continue
		}
		if name[c] == 0 {
			named++
			name[c] = named
		}
		member[i] = name[c] - 1
	}
	return member[:nl:nl], member[nl:], modularity, nil
}

// level is a weighted undirected graph in rows: each edge stands in both, but for loops.
type level struct {
	off    []int
	to     []int32
	weight []float64
	loop   []float64 // weight of a node's edge to itself
	degree []float64 // Σ weight + 2·loop
	total  float64   // Σ degree: 2m
	comm   []int32
}

// level is the graph with left nodes first, right ones behind.
func (s *Snapshot) level() *level {
	l := &level{off: make([]int, 1, s.nodes[Left]+s.nodes[Right]+1)}
	for side := range s.side {
		shift := 0
		if Side(side) == Left {
			shift = s.nodes[Left]
		}
		for id := range s.nodes[side] {
			s.side[side].list(uint32(id)).each(func(h half) {
				l.to, l.weight = append(l.to, int32(int(h.to)+shift)), append(l.weight, 1)
			})
			l.off = append(l.off, len(l.to))
		}
	}
	l.loop = make([]float64, len(l.off)-1)
	l.finish()
	return l
}

// finish sets degrees, and each node its own community.
func (l *level) finish() {
	l.degree, l.comm = make([]float64, len(l.loop)), make([]int32, len(l.loop))
	for i := range l.loop {
		l.comm[i], l.degree[i] = int32(i), 2*l.loop[i]
		for _, w := range l.weight[l.off[i]:l.off[i+1]] {
			l.degree[i] += w
		}
		l.total += l.degree[i]
	}
}

// move moves nodes to the neighbouring community that gains most until none gains; it reports whether any moved.
func (l *level) move(o CommunityOptions) bool {
	sum := append([]float64(nil), l.degree...) // of a community's degrees
	link := make([]float64, len(l.loop))       // weight from the node at hand to each community
	var near []int32
	any := false
	for range o.MaxPasses {
		moved := false
		for i := range l.loop {
			own := l.comm[i]
			near = append(near[:0], own)
			link[own] = 0
			for k := l.off[i]; k < l.off[i+1]; k++ {
				c := l.comm[l.to[k]]
				if link[c] == 0 && c != own {
					near = append(near, c)
				}
				link[c] += l.weight[k]
			}
			sum[own] -= l.degree[i]
			best, gain := own, link[own]-o.Resolution*sum[own]*l.degree[i]/l.total
			for _, c := range near[1:] {
				g := link[c] - o.Resolution*sum[c]*l.degree[i]/l.total
				if g > gain+1e-12 || g > gain-1e-12 && c < best && best != own {
					best, gain = c, g
				}
			}
			for _, c := range near {
				link[c] = 0
			}
			sum[best] += l.degree[i]
			if best != own {
				l.comm[i], moved, any = best, true, true
			}
		}
		if !moved {
			break
		}
	}
	return any
}

// renumber makes the communities 0 … n-1, by their lowest node, and returns n.
func renumber(comm []int32) int {
	name := make([]int32, len(comm))
	n := int32(0)
	for i, c := range comm {
		if name[c] == 0 {
			n++
			name[c] = n
		}
		comm[i] = name[c] - 1
	}
	return int(n)
}

// fold makes each of the n communities a node.
func (l *level) fold(n int) *level {
	first := make([]int, n+1)
	for _, c := range l.comm {
		first[c+1]++
	}
	for c := range n {
		first[c+1] += first[c]
	}
	members := make([]int32, len(l.comm))
	at := append([]int(nil), first...)
	for i, c := range l.comm {
		members[at[c]] = int32(i)
		at[c]++
	}
	f := &level{off: make([]int, 1, n+1), loop: make([]float64, n)}
	link := make([]float64, n)
	for c := range int32(n) {
		start := len(f.to)
		for _, i := range members[first[c]:first[c+1]] {
			f.loop[c] += l.loop[i]
			for k := l.off[i]; k < l.off[i+1]; k++ {
				d := l.comm[l.to[k]]
				if d == c {
					f.loop[c] += l.weight[k] / 2 // seen from both ends
					continue
				}
				if link[d] == 0 {
					f.to = append(f.to, d)
				}
				link[d] += l.weight[k]
			}
		}
		for _, d := range f.to[start:] {
			f.weight = append(f.weight, link[d])
			link[d] = 0
		}
		f.off = append(f.off, len(f.to))
	}
	f.finish()
	return f
}

// modularity of the communities as they stand.
func (l *level) modularity(gamma float64) float64 {
	if l.total == 0 {
		return 0
	}
	inside, sum := make([]float64, len(l.loop)), make([]float64, len(l.loop))
	for i, c := range l.comm {
		sum[c] += l.degree[i]
		inside[c] += 2 * l.loop[i]
		for k := l.off[i]; k < l.off[i+1]; k++ {
			if l.comm[l.to[k]] == c {
				inside[c] += l.weight[k]
			}
		}
	}
	q := 0.0
	for c := range sum {
		q += inside[c]/l.total - gamma*(sum[c]/l.total)*(sum[c]/l.total)
	}
	return q
}
