package graph

import "math/rand/v2"

// level is a weighted graph on the way up: its nodes are sets of nodes below.
type level struct {
	off    []int
	to     []uint32
	weight []float32 // nil when all are 1
	degree []float64 // Σ weights below, what became loops included
	gamma  float64   // resolution / Σ degree: the expected weight between nodes i and j is gamma·degree_i·degree_j
}

func (l *level) nodes() int { return len(l.degree) }

// leiden returns a community for every node. Numbers are below the number of nodes, not dense.
func leiden(g *Undirected, o CommunityOptions) []int32 {
	base := &level{off: g.off, to: g.to, weight: g.weight, degree: make([]float64, g.Nodes())}
	total := 0.0
	for v := range base.degree {
		base.degree[v] = float64(g.off[v+1] - g.off[v])
		if g.weight != nil {
			base.degree[v] = 0
			for _, w := range g.weight[g.off[v]:g.off[v+1]] {
				base.degree[v] += float64(w)
			}
		}
		total += base.degree[v]
	}
	comm := make([]int32, g.Nodes())
	for v := range comm {
		comm[v] = int32(v)
	}
	if total == 0 {
		return comm
	}
	base.gamma = o.Resolution / total
	rng := rand.New(rand.NewPCG(o.Seed, 0x1e1de2))
	for range o.Iterations {
		if !iterate(base, comm, rng) {
			break
		}
	}
	return comm
}

// iterate runs the method once from comm, which it changes; it reports whether any node has moved.
func iterate(base *level, comm []int32, rng *rand.Rand) bool {
	member := make([]int32, len(comm)) // node of the level at hand that a node has become part of
	for v := range member {
		member[v] = int32(v)
	}
	any := false
	l, here := base, comm
	for {
		moved := l.move(here, rng)
		any = any || moved
		n := compact(here)
		if l != base {
			for v, m := range member {
				comm[v] = here[m]
			}
		}
		if n == l.nodes() {
			return any
		}
		refined := l.refine(here, n, rng)
		k := compact(refined)
		if k == l.nodes() { // nothing merged: go up by the communities themselves
			copy(refined, here)
			k = n
		}
		up := make([]int32, k)
		for v, r := range refined {
			up[r] = here[v]
		}
		for v, m := range member {
			member[v] = refined[m]
		}
		l, here = l.fold(refined, k), up
	}
}

// move moves nodes to the community that gains most until none gains: the fast local move, which visits again only nodes whose
// neighbourhood has changed. Communities are numbered below the number of nodes.
func (l *level) move(comm []int32, rng *rand.Rand) bool {
	n := l.nodes()
	sum, size := make([]float64, n), make([]int32, n) // of a community: Σ degree, nodes
	for v, c := range comm {
		sum[c] += l.degree[v]
		size[c]++
	}
	var empty []int32
	for c := n - 1; c >= 0; c-- {
		if size[c] == 0 {
			empty = append(empty, int32(c))
		}
	}
	queue, waiting := make([]uint32, n), make([]bool, n)
	for i := range queue {
		queue[i], waiting[i] = uint32(i), true
	}
	rng.Shuffle(n, func(i, j int) { queue[i], queue[j] = queue[j], queue[i] })
	link := make([]float64, n) // weight from the node at hand to each community
	var near []int32
	any := false
	for head, length := 0, n; length > 0; length-- {
		v := queue[head]
		if head++; head == n {
			head = 0
		}
		waiting[v] = false
		own := comm[v]
		near = l.links(v, comm, link, near[:0])
		d := l.gamma * l.degree[v]
		sum[own] -= l.degree[v]
		best, gain := own, link[own]-d*sum[own]
		if size[own] > 1 && gain < -1e-12 { // better alone
			best, gain = empty[len(empty)-1], 0
		}
		for _, c := range near {
			if g := link[c] - d*sum[c]; g > gain+1e-12 {
				best, gain = c, g
			}
			link[c] = 0
		}
		link[own] = 0
		sum[best] += l.degree[v]
		if best == own {
			continue
		}
		any = true
		comm[v] = best
		if size[best] == 0 {
			empty = empty[:len(empty)-1]
		}
		size[best]++
		if size[own]--; size[own] == 0 {
			empty = append(empty, own)
		}
		for _, u := range l.to[l.off[v]:l.off[v+1]] {
			if !waiting[u] && comm[u] != best {
				tail := head + length - 1
				if tail >= n {
					tail -= n
				}
				queue[tail], waiting[u] = u, true
				length++
			}
		}
	}
	return any
}

// links adds up the weight from v to each community near it, and returns which those are, in the order met.
func (l *level) links(v uint32, comm []int32, link []float64, near []int32) []int32 {
	row := l.to[l.off[v]:l.off[v+1]]
	if l.weight == nil {
		for _, u := range row {
			c := comm[u]
			if link[c] == 0 {
				near = append(near, c)
			}
			link[c]++
		}
		return near
	}
	weight := l.weight[l.off[v]:l.off[v+1]]
	for k, u := range row {
		c := comm[u]
		if link[c] == 0 {
			near = append(near, c)
		}
		link[c] += float64(weight[k])
	}
	return near
}

// refine divides each of the n communities into well-connected parts: a node that is still alone joins the part of its community
// that gains most, where both it and the part hold on to the rest of the community by at least the weight expected.
func (l *level) refine(comm []int32, n int, rng *rand.Rand) []int32 {
	part := make([]int32, l.nodes())
	whole := make([]float64, n) // Σ degree of a community
	for v, c := range comm {
		part[v] = int32(v)
		whole[c] += l.degree[v]
	}
	sum := append([]float64(nil), l.degree...) // of a part: Σ degree
	out := make([]float64, l.nodes())          // of a part: weight to the rest of its community
	for v := range part {
		out[v] = l.within(uint32(v), comm)
	}
	alone := make([]bool, l.nodes())
	order := make([]uint32, l.nodes())
	for v := range order {
		order[v], alone[v] = uint32(v), true
	}
	rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	link := make([]float64, l.nodes())
	var near []int32
	held := func(c int32, of int32) bool { return out[c] >= l.gamma*sum[c]*(whole[of]-sum[c])-1e-12 }
	for _, v := range order {
		of := comm[v]
		if !alone[v] || !held(int32(v), of) {
			continue
		}
		near = near[:0]
		for k := l.off[v]; k < l.off[v+1]; k++ {
			u := l.to[k]
			if comm[u] != of {
				continue
			}
			p := part[u]
			if link[p] == 0 {
				near = append(near, p)
			}
			link[p] += l.at(k)
		}
		best, gain := int32(-1), -1e-12
		for _, p := range near {
			if g := link[p] - l.gamma*l.degree[v]*sum[p]; g > gain && held(p, of) {
				best, gain = p, g
			}
		}
		if best >= 0 {
			part[v] = best
			sum[best] += l.degree[v]
			out[best] += out[v] - 2*link[best]
			alone[v], alone[best] = false, false
		}
		for _, p := range near {
			link[p] = 0
		}
	}
	return part
}

func (l *level) at(k int) float64 {
	if l.weight == nil {
		return 1
	}
	return float64(l.weight[k])
}

// within is the weight from v to its own community.
func (l *level) within(v uint32, comm []int32) float64 {
	sum, own := 0.0, comm[v]
	for k := l.off[v]; k < l.off[v+1]; k++ {
		if comm[l.to[k]] == own {
			sum += l.at(k)
		}
	}
	return sum
}

// compact numbers communities 0 … n-1 by their lowest node, and returns n.
func compact(comm []int32) int {
	name := make([]int32, len(comm))
	n := int32(0)
	for v, c := range comm {
		if name[c] == 0 {
			n++
			name[c] = n
		}
		comm[v] = name[c] - 1
	}
	return int(n)
}

// fold makes each of the n parts a node. Edges inside a part become part of its degree only.
func (l *level) fold(part []int32, n int) *level {
	first := make([]int, n+1)
	for _, p := range part {
		first[p+1]++
	}
	for p := range n {
		first[p+1] += first[p]
	}
	members := make([]uint32, len(part))
	at := append([]int(nil), first...)
	for v, p := range part {
		members[at[p]] = uint32(v)
		at[p]++
	}
	f := &level{off: make([]int, 1, n+1), degree: make([]float64, n), gamma: l.gamma}
	link := make([]float64, n)
	var near []int32
	for p := range n {
		near = near[:0]
		for _, v := range members[first[p]:first[p+1]] {
			f.degree[p] += l.degree[v]
			near = l.links(v, part, link, near)
		}
		for _, q := range near {
			if int(q) != p {
				f.to, f.weight = append(f.to, uint32(q)), append(f.weight, float32(link[q]))
			}
			link[q] = 0
		}
		f.off = append(f.off, len(f.to))
	}
	return f
}
