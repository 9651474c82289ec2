package graph

import (
	"cmp"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// PairOptions of [Snapshot.Pairs] and [Snapshot.Project]. The zero value works.
type PairOptions struct {
	Kinds    uint64  // edge kinds that count, bit k for kind k; 0 means all
	MinCount int     // collections that must hold both; default 2
	Shrink   float64 // of the cosine: count / (√(d_a·d_b) + Shrink), so that a few collections do not make a near pair; default 5, negative: 0
	Top      int     // pairs that are returned; default 100
	Each     int     // of Project: partners that a node chooses; default 50
	// Budget is how many pairs of members may be visited, collection by collection, smallest first; the collections beyond it are passed
	// over. Default 10⁹, a few seconds a core.
	Budget int64
}

func (o PairOptions) check() (PairOptions, error) {
	set := func(p *int, standard int) {
		if *p == 0 {
			*p = standard
		}
	}
	set(&o.MinCount, 2)
	set(&o.Top, 100)
	set(&o.Each, 50)
	if o.Shrink == 0 {
		o.Shrink = 5
	}
	o.Shrink = max(0, o.Shrink)
	if o.Budget == 0 {
		o.Budget = 1e9
	}
	if o.MinCount < 1 || o.Top < 0 || o.Each < 1 || o.Budget < 0 || math.IsNaN(o.Shrink) || math.IsInf(o.Shrink, 1) {
		return o, fmt.Errorf("graph: pairs: %+v: out of range", o)
	}
	return o, nil
}

// Pair is two left nodes, A below B, that share collections.
type Pair struct {
	A, B   uint32
	Count  int     // collections that hold both
	Cosine float64 // Count / (√(d_a·d_b) + Shrink), degrees by the collections that were looked at
}

// PairStats tells what a search for pairs has seen.
type PairStats struct {
	MaxDegree int // collections with more members were passed over
	Passed    int // how many
}

// Pairs returns the pairs of left nodes that share most collections, by cosine. It visits Σ degree² of the collections within the
// budget, over all cores, and takes 8 bytes an edge and, for each core, 8 bytes a node.
func (s *Snapshot) Pairs(o PairOptions) ([]Pair, PairStats, error) {
	o, err := o.check()
	if err != nil {
		return nil, PairStats{}, err
	}
	o.Each = math.MaxInt
	b := s.baskets(o)
	var mu sync.Mutex
	var all []Pair
	b.scan(o, func(id uint32, near []Partner) {
		var own []Pair
		for _, p := range near {
			if id < p.ID { // each pair from its lower end …
				own = append(own, Pair{id, p.ID, p.Count, p.Cosine})
			}
		}
		mu.Lock()
		defer mu.Unlock()
		if all = append(all, own...); len(all) > 4*o.Top+4096 { // … and only the best are held
			slices.SortFunc(all, comparePairs)
			all = all[:o.Top]
		}
	})
	slices.SortFunc(all, comparePairs)
	return slices.Clone(all[:min(len(all), o.Top)]), b.st, nil
}

func comparePairs(a, b Pair) int {
	return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), cmp.Compare(b.Count, a.Count), cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
}

// Project returns the graph of left nodes in which each is joined to the Each others that it shares most collections with, by
// cosine, and to those that chose it. An edge weighs its count. It costs what Pairs costs.
func (s *Snapshot) Project(o PairOptions) (*Undirected, PairStats, error) {
	o, err := o.check()
	if err != nil {
		return nil, PairStats{}, err
	}
	b := s.baskets(o)
	chosen := make([][]Partner, s.Nodes(Left))
	b.scan(o, func(id uint32, near []Partner) { chosen[id] = slices.Clone(near) })
	var pairs [][2]uint32
	for a, near := range chosen {
		for _, p := range near {
			pairs = append(pairs, [2]uint32{uint32(a), p.ID})
		}
	}
	g, err := NewUndirected(len(chosen), pairs)
	if err != nil {
		return nil, PairStats{}, err
	}
	g.dropped = 0 // pairs that chose each other
	g.weight = make([]float32, len(g.to))
	for a, near := range chosen {
		for _, p := range near {
			for _, ends := range [2][2]uint32{{uint32(a), p.ID}, {p.ID, uint32(a)}} {
				i, _ := slices.BinarySearch(g.row(ends[0]), ends[1])
				g.weight[g.off[ends[0]]+i] = float32(p.Count)
			}
		}
	}
	return g, b.st, nil
}

// baskets is the collections that are looked at, and in which of them each left node is.
type baskets struct {
	members, of [][]uint32 // by right, by left node
	st          PairStats
}

func (s *Snapshot) baskets(o PairOptions) *baskets {
	b := &baskets{members: make([][]uint32, s.Nodes(Right)), of: make([][]uint32, s.Nodes(Left))}
	var bySize []int64 // pairs of members in collections of each size
	for r := range b.members {
		d := s.Degree(Right, uint32(r))
		for len(bySize) <= d {
			bySize = append(bySize, 0)
		}
		bySize[d] += int64(d) * int64(d)
	}
	sum := int64(0)
	for d, n := range bySize {
		if sum += n; sum > o.Budget {
			break
		}
		b.st.MaxDegree = d
	}
	for r := range b.members {
		if s.Degree(Right, uint32(r)) > b.st.MaxDegree {
			b.st.Passed++
			continue
		}
		b.members[r] = s.once(nil, Right, uint32(r), o.Kinds)
		for _, l := range b.members[r] {
			b.of[l] = append(b.of[l], uint32(r))
		}
	}
	return b
}

// scan calls f for every left node that has partners, with the best of them; f may be called by several goroutines at once, and near is
// used again.
func (b *baskets) scan(o PairOptions, f func(id uint32, near []Partner)) {
	const chunk = 256
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			count := make([]uint32, len(b.of))
			var met []uint32
			var near []Partner
			for {
				from := int(next.Add(chunk)) - chunk
				if from >= len(b.of) {
					return
				}
				for id := from; id < min(from+chunk, len(b.of)); id++ {
					met, near = met[:0], near[:0]
					for _, r := range b.of[id] {
						for _, l := range b.members[r] {
							if count[l] == 0 {
								met = append(met, l)
							}
							count[l]++
						}
					}
					own := float64(len(b.of[id]))
					for _, l := range met {
						if n := int(count[l]); n >= o.MinCount && int(l) != id {
							near = append(near, Partner{l, n, float64(n) / (math.Sqrt(own*float64(len(b.of[l]))) + o.Shrink)})
						}
						count[l] = 0
					}
					if len(near) == 0 {
						continue
					}
					slices.SortFunc(near, func(a, b Partner) int { return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), cmp.Compare(a.ID, b.ID)) })
					f(uint32(id), near[:min(len(near), o.Each)])
				}
			}
		})
	}
	wg.Wait()
}
