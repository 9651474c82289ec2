package embed

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"bowerbird/graph"
)

// WalkOptions of Walks. The zero value works.
type WalkOptions struct {
	Limits
	Dim       int     // default 128
	PerNode   int     // walks from each node; default 10
	Length    int     // nodes of a walk; default 80
	Window    int     // farthest context; each centre draws its own from 1 to Window; default 10
	Negatives int     // for each pair; default 5
	Epochs    int     // passes over fresh walks; default 1
	Rate      float64 // at the start, falling linearly to a hundredth; default 0.025
	// Return p and InOut q of node2vec: the chance to go back is divided by p, that to go farther off by q; default 1
	// each, which is DeepWalk. From 1/64 to 64.
	Return, InOut float64
	Seed          uint64
}

func (o WalkOptions) check() (WalkOptions, error) {
	o.Limits = o.Limits.withDefaults()
	for _, f := range []struct {
		name     string
		x        *int
		std, top int
	}{{"Dim", &o.Dim, 128, maxDim}, {"PerNode", &o.PerNode, 10, 10_000}, {"Length", &o.Length, 80, 100_000},
		{"Window", &o.Window, 10, 1000}, {"Negatives", &o.Negatives, 5, 1000}, {"Epochs", &o.Epochs, 1, 10_000}} {
		if *f.x == 0 {
			*f.x = f.std
		}
		if *f.x < 1 || *f.x > f.top {
			return o, fmt.Errorf("embed: WalkOptions.%s: %d is out of range 1 to %d", f.name, *f.x, f.top)
		}
	}
	for _, f := range []struct {
		name        string
		x           *float64
		std, lo, hi float64
	}{{"Rate", &o.Rate, 0.025, 1e-6, 1}, {"Return", &o.Return, 1, 1. / 64, 64}, {"InOut", &o.InOut, 1, 1. / 64, 64}} {
		if *f.x == 0 {
			*f.x = f.std
		}
		if !(*f.x >= f.lo && *f.x <= f.hi) {
			return o, fmt.Errorf("embed: WalkOptions.%s: %v is out of range %v to %v", f.name, *f.x, f.lo, f.hi)
		}
	}
	return o, nil
}

// parts is how many pieces the nodes are dealt into. It is part of the result, and the most threads that help.
const parts = 8

// Walks embeds nodes by skip-gram with negative sampling over random walks: nodes that walks meet close to each other get
// vectors of a large inner product. The rows are those of the centres. Both kinds of nodes stand in one walk, in turns.
//
// It costs nodes·PerNode·Length·(Window+1) pairs an epoch, each 2·(Negatives+1)·Dim multiplications. Memory is
// 8 bytes for each node and dimension, and about 100 MiB. The same seed gives the same bits on any number of threads:
// pairs are dealt into 8 × 8 boxes by the pieces of their ends, and boxes that share no piece are trained at once.
//
// Sources: Perozzi et al., "DeepWalk", KDD 2014; Grover and Leskovec, "node2vec", KDD 2016; Mikolov et al., 2013, for
// negatives drawn by degree^0.75; Zhu et al., "GraphVite", WWW 2019, for the boxes. Where we differ: negatives come from
// the context's own piece; second-order walks are drawn by rejection, not from tables for each edge.
func Walks(ctx context.Context, s *graph.Snapshot, o WalkOptions) (*Vectors, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	m, err := compact(s, o.Limits)
	if err != nil {
		return nil, fmt.Errorf("embed: Walks: %w", err)
	}
	n := m.rows()
	if !o.OneMode {
		n += m.Cols
	}
	if err := o.afford(8*int64(n)*int64(o.Dim) + 4*csrBytes(n, 2*len(m.To)) + 16*poolPairs); err != nil {
		return nil, fmt.Errorf("embed: Walks: %w", err)
	}
	left := m.rows()
	t := newSkipGram(m.square(o.Limits), o)
	if err := t.train(ctx); err != nil {
		return nil, fmt.Errorf("embed: Walks: %w", err)
	}
	return divide(t.centre, o.Dim, left, o.Limits), nil
}

// walk appends a walk of up to length nodes from start: second-order where p or q differ from 1.
func walk(g *csr, dst []uint32, start uint32, length int, p, q float64, rng *rand.Rand) []uint32 {
	dst = append(dst, start)
	top := max(1/p, 1, 1/q)
	plain := p == 1 && q == 1
	cur, prev := start, start
	for k := 1; k < length; k++ {
		to, _ := g.row(int(cur))
		if len(to) == 0 {
			return dst
		}
		next := to[rng.IntN(len(to))]
		for k > 1 && !plain { // rejection: draw until one is taken; the worst chance is 1/4096 a draw
			chance := 1 / q
			if next == prev {
				chance = 1 / p
			} else if back, _ := g.row(int(prev)); contains(back, next) {
				chance = 1
			}
			if rng.Float64()*top < chance {
				break
			}
			next = to[rng.IntN(len(to))]
		}
		dst = append(dst, next)
		prev, cur = cur, next
	}
	return dst
}

func contains(sorted []uint32, x uint32) bool {
	_, ok := slices.BinarySearch(sorted, x)
	return ok
}

// cumulative returns running sums of degree^0.75 over nodes of a piece, to draw negatives from.
func cumulative(g *csr, nodes []uint32) []float64 {
	out, sum := make([]float64, len(nodes)), 0.0
	for i, u := range nodes {
		sum += math.Pow(float64(g.degree(int(u))), 0.75)
		out[i] = sum
	}
	return out
}
