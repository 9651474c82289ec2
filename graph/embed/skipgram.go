package embed

import (
	"context"
	"errors"
	"math/rand/v2"

	"bowerbird/internal/vec"
)

// poolPairs is about how many pairs are gathered before they are trained on.
const poolPairs = 4 << 20

// pair is a centre and a context that a walk met near each other.
type pair struct{ centre, context uint32 }

// skipGram is a training under way.
type skipGram struct {
	o       WalkOptions
	g       *csr
	centre  []float32 // n × dim
	context []float32
	piece   []uint8    // of each node
	draw    [][]uint32 // by piece: nodes by a table whose shares are degree^0.75
	order   []uint32   // nodes that have edges
	boxes   [parts * parts][]pair
}

// newSkipGram deals nodes into pieces at random, so that pieces are alike.
func newSkipGram(g *csr, o WalkOptions) *skipGram {
	n := g.rows()
	t := &skipGram{o: o, g: g, centre: make([]float32, n*o.Dim), context: make([]float32, n*o.Dim), piece: make([]uint8, n), draw: make([][]uint32, parts)}
	rng := rand.New(rand.NewPCG(o.Seed, 0x5906))
	members := make([][]uint32, parts)
	for i := range n {
		if g.degree(i) > 0 {
			t.order = append(t.order, uint32(i))
		}
	}
	rng.Shuffle(len(t.order), func(i, j int) { t.order[i], t.order[j] = t.order[j], t.order[i] })
	for k, u := range t.order {
		t.piece[u] = uint8(k % parts)
		members[k%parts] = append(members[k%parts], u)
		for d := range o.Dim {
			t.centre[int(u)*o.Dim+d] = (rng.Float32() - 0.5) / float32(o.Dim)
		}
	}
	for p, nodes := range members {
		t.draw[p] = table(nodes, cumulative(g, nodes))
	}
	return t
}

// table spreads nodes over 2^16 places by their shares.
func table(nodes []uint32, sums []float64) []uint32 {
	if len(nodes) == 0 {
		return nil
	}
	size := max(1<<16, 4*len(nodes))
	out, at := make([]uint32, size), 0
	for k := range out {
		for at < len(nodes)-1 && sums[at] < (float64(k)+0.5)/float64(size)*sums[len(sums)-1] {
			at++
		}
		out[k] = nodes[at]
	}
	return out
}

func (t *skipGram) train(ctx context.Context) error {
	perWalk := t.o.Length * (t.o.Window + 1)
	round := max(1, poolPairs/perWalk) // walks
	all := t.o.Epochs * t.o.PerNode * len(t.order)
	for done := 0; done < all; done += round {
		n := min(round, all-done)
		if err := t.gather(ctx, done, n); err != nil {
			return err
		}
		rate := t.o.Rate * max(0.01, 1-float64(done)/float64(all))
		for shift := range parts {
			err := blocks(ctx, t.o.Threads, parts, 1, func(_, p, _ int) {
				c := (p + shift) % parts
				t.box(t.boxes[p*parts+c], t.draw[c], float32(rate), rand.New(rand.NewPCG(t.o.Seed^uint64(done)<<8, uint64(p*parts+c))))
			})
			if err != nil {
				return err
			}
		}
		t.o.Progress(done+n, all, "walks")
	}
	if !vec.Finite(t.centre) {
		return errors.New("it diverged; lower Rate")
	}
	return nil
}

// gather walks n walks from the one numbered first on, and puts their pairs into boxes in the order of the walks.
func (t *skipGram) gather(ctx context.Context, first, n int) error {
	const chunk = 256
	found := make([][]pair, (n+chunk-1)/chunk)
	err := blocks(ctx, t.o.Threads, n, chunk, func(_, lo, hi int) {
		var path []uint32
		var out []pair
		for k := lo; k < hi; k++ {
			rng := rand.New(rand.NewPCG(t.o.Seed, uint64(first+k)))
			path = walk(t.g, path[:0], t.order[(first+k)%len(t.order)], t.o.Length, t.o.Return, t.o.InOut, rng)
			for i, c := range path {
				w := 1 + rng.IntN(t.o.Window)
				for j := max(0, i-w); j <= min(len(path)-1, i+w); j++ {
					if j != i {
						out = append(out, pair{c, path[j]})
					}
				}
			}
		}
		found[lo/chunk] = out
	})
	if err != nil {
		return err
	}
	for b := range t.boxes {
		t.boxes[b] = t.boxes[b][:0]
	}
	for _, out := range found {
		for _, p := range out {
			b := int(t.piece[p.centre])*parts + int(t.piece[p.context])
			t.boxes[b] = append(t.boxes[b], p)
		}
	}
	return nil
}

// box trains on pairs of one box: ascends log σ(c·x) + Σ log σ(-c·x').
func (t *skipGram) box(pairs []pair, draw []uint32, rate float32, rng *rand.Rand) {
	d := t.o.Dim
	step := make([]float32, d)
	for _, p := range pairs {
		c := t.centre[int(p.centre)*d : (int(p.centre)+1)*d]
		clear(step)
		for k := range t.o.Negatives + 1 {
			at, label := p.context, float32(1)
			if k > 0 {
				at, label = draw[rng.IntN(len(draw))], 0
				if at == p.context {
					continue
				}
			}
			x := t.context[int(at)*d : (int(at)+1)*d]
			g := rate * (label - 1/(1+vec.Exp(-vec.Dot(c, x))))
			vec.Axpy(g, x, step)
			vec.Axpy(g, c, x)
		}
		vec.Axpy(1, step, c)
	}
}
