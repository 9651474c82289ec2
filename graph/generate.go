package graph

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Drawn describes a made-up graph, for benchmarks and tests: popularity on the left falls with rank by a power law of exponent
// 0.8, sizes of collections on the right are log-normal (σ = 1.2), and a collection takes three quarters of its items from one of
// Topics topics; item i is of topic i mod Topics. Some edges come twice.
type Drawn struct {
	Edges, Lefts, Rights, Topics int
	Seed                         uint64
}

// Each draws the edges and hands them to f in batches, which it uses again. It costs 8 bytes a right node, and stops at an error of f.
func (d Drawn) Each(f func([]Edge) error) error {
	if d.Edges < 0 || d.Lefts < 1 || d.Rights < 1 || d.Topics < 1 || d.Topics > d.Lefts {
		return fmt.Errorf("graph: Drawn: %+v: out of range", d)
	}
	r := rand.New(rand.NewPCG(d.Seed, 0x5eed))
	size, total := make([]float64, d.Rights), 0.0
	for i := range size {
		size[i] = math.Exp(1.2 * r.NormFloat64())
		total += size[i]
	}
	batch := make([]Edge, 0, min(d.Edges, 1<<14))
	left := d.Edges
	for right := range size {
		topic := r.IntN(d.Topics)
		n := min(left, int(math.Ceil(size[right]/total*float64(d.Edges))))
		left -= n
		for range n {
			u := r.Float64()
			item := int(float64(d.Lefts) * (u * u * u * u * u))
			if r.IntN(4) > 0 {
				item = min(item-item%d.Topics+topic, d.Lefts-1)
			}
			if batch = append(batch, Edge{Left: uint32(item), Right: uint32(right), Weight: 1}); len(batch) == cap(batch) {
				if err := f(batch); err != nil {
					return err
				}
				batch = batch[:0]
			}
		}
	}
	if len(batch) == 0 {
		return nil
	}
	return f(batch)
}

// Build draws the graph and builds it.
func (d Drawn) Build(o Options) (*Graph, error) {
	b, err := NewBuilder(o)
	if err != nil {
		return nil, err
	}
	if err := d.Each(b.Add); err != nil {
		return nil, err
	}
	return b.Graph()
}
