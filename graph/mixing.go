package graph

import (
	"fmt"
	"math"
)

// Assortativity is the correlation of the degrees at the two ends of an edge (Newman, 2002): above 0 where busy nodes join busy ones,
// 0 where degrees do not vary. It costs O(edges).
func (g *Undirected) Assortativity() float64 {
	var c correlation
	for v := range uint32(g.Nodes()) {
		for _, u := range g.row(v) {
			c.add(float64(g.Degree(v)), float64(g.Degree(u)))
		}
	}
	return c.value()
}

// Assortativity is the correlation of the degrees of the left and the right end of an edge.
func (s *Snapshot) Assortativity() float64 {
	var c correlation
	for id := range uint32(s.Nodes(Left)) {
		d := float64(s.Degree(Left, id))
		s.Each(Left, id, func(e Edge) { c.add(d, float64(s.Degree(Right, e.Right))) })
	}
	return c.value()
}

// correlation is Pearson's, taken in one pass about running means (Welford).
type correlation struct{ n, mx, my, xx, yy, xy float64 }

func (c *correlation) add(x, y float64) {
	c.n++
	dx, dy := x-c.mx, y-c.my
	c.mx += dx / c.n
	c.my += dy / c.n
	c.xx += dx * (x - c.mx)
	c.yy += dy * (y - c.my)
	c.xy += dx * (y - c.my)
}

func (c *correlation) value() float64 {
	if c.xx <= 0 || c.yy <= 0 {
		return 0
	}
	return c.xy / math.Sqrt(c.xx*c.yy)
}

// Mixture says how mixed a collection is.
type Mixture struct {
	Entropy float64 // of the shares of labels among its labelled members, in bits; 0: all alike
	Labels  int     // different ones
	Members int     // that have a label
	Most    int32   // the commonest label, the lowest of several; -1 where no member has one
	Share   float64 // of the commonest among labelled members
}

// Mixtures returns the mixture of every right node, given the label of each left node: its topic, language or community; negative, or
// beyond the slice's end: none. A member that is joined by several kinds of edge counts once. Pixie drops boards of high entropy
// (Eksombatchai et al., WWW 2018, §3.2). It costs O(edges) and 4 bytes for each label up to the highest.
func (s *Snapshot) Mixtures(label []int32) ([]Mixture, error) {
	top := int32(-1)
	for _, l := range label {
		top = max(top, l)
	}
	if int(top) > 2*maxNodes {
		return nil, fmt.Errorf("graph: Mixtures: label %d is out of range, limit %d", top, 2*maxNodes)
	}
	out := make([]Mixture, s.Nodes(Right))
	tally, last := make([]int32, top+1), make([]int32, len(label)) // last: 1 + the collection in which a member was met
	var met []int32
	for id := range out {
		m := &out[id]
		met = met[:0]
		s.Each(Right, uint32(id), func(e Edge) {
			if int(e.Left) >= len(label) || label[e.Left] < 0 || last[e.Left] == int32(id)+1 {
				return
			}
			last[e.Left] = int32(id) + 1
			if tally[label[e.Left]]++; tally[label[e.Left]] == 1 {
				met = append(met, label[e.Left])
			}
			m.Members++
		})
		m.Labels, m.Most = len(met), -1
		for _, l := range met {
			p := float64(tally[l]) / float64(m.Members)
			m.Entropy -= p * math.Log2(p)
			if p > m.Share || p == m.Share && l < m.Most {
				m.Share, m.Most = p, l
			}
		}
		m.Entropy = max(0, m.Entropy)
		for _, l := range met {
			tally[l] = 0
		}
	}
	return out, nil
}
