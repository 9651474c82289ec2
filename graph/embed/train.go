package embed

import (
	"context"
	"fmt"
	"math/rand/v2"

	"bowerbird/graph"
	"bowerbird/internal/vec"
)

// AggregatorOptions of TrainAggregator. The zero value works.
type AggregatorOptions struct {
	Limits
	Dim         int     // of the vectors; default 64
	Hidden      int     // of the layers; default 128
	Layers      int     // 1 or 2 hops; default 1
	Neighbours  int     // kept of those that walks visit, the most visited; default 20
	Steps       int     // of the walks that find them; default 512
	Epochs      int     // passes over left nodes with edges; default 10
	Batch       int     // queries a step; default 256
	Hard        int     // hard negatives a query at the end; epoch e brings min(e, Hard) of them; default 2. -1: none
	HardFrom    int     // ranks by visits from which hard negatives come; default 50
	HardTo      int     // default 4·HardFrom
	Drop        float64 // chance to train on a node without its neighbours, as of one without edges; default 0.2. -1: never
	Temperature float64 // τ of the softmax over cosines; default 0.1
	Rate        float64 // of Adam; default 0.003
	Decay       float64 // L2 of the weights; default 0
	Seed        uint64
}

func (o AggregatorOptions) check() (AggregatorOptions, error) {
	o.Limits = o.Limits.withDefaults()
	if o.HardFrom == 0 {
		o.HardFrom = 50
	}
	for _, f := range []struct {
		name     string
		x        *int
		std, top int
	}{{"Dim", &o.Dim, 64, maxDim}, {"Hidden", &o.Hidden, 128, maxDim}, {"Layers", &o.Layers, 1, 2}, {"Neighbours", &o.Neighbours, 20, 1000},
		{"Steps", &o.Steps, 512, 1 << 20}, {"Epochs", &o.Epochs, 10, 10_000}, {"Batch", &o.Batch, 256, 1 << 16},
		{"HardFrom", &o.HardFrom, 50, 1 << 20}, {"HardTo", &o.HardTo, 4 * o.HardFrom, 1 << 22}} {
		if *f.x == 0 {
			*f.x = f.std
		}
		if *f.x < 1 || *f.x > f.top {
			return o, fmt.Errorf("embed: AggregatorOptions.%s: %d is out of range 1 to %d", f.name, *f.x, f.top)
		}
	}
	switch o.Hard {
	case 0:
		o.Hard = 2
	case -1:
		o.Hard = 0
	}
	for _, f := range []struct {
		name        string
		x           *float64
		std, lo, hi float64
	}{{"Drop", &o.Drop, 0.2, -1, 0.99}, {"Temperature", &o.Temperature, 0.1, 0.02, 100}, {"Rate", &o.Rate, 0.003, 1e-7, 1}, {"Decay", &o.Decay, 0, 0, 1}} {
		if *f.x == 0 {
			*f.x = f.std
		}
		if !(*f.x >= f.lo && *f.x <= f.hi) {
			return o, fmt.Errorf("embed: AggregatorOptions.%s: %v is out of range %v to %v", f.name, *f.x, f.lo, f.hi)
		}
	}
	if o.Hard < 0 || o.Hard > 64 || o.HardTo <= o.HardFrom {
		return o, fmt.Errorf("embed: AggregatorOptions: Hard %d, HardFrom %d, HardTo %d: want Hard from -1 to 64 and HardTo above HardFrom", o.Hard, o.HardFrom, o.HardTo)
	}
	return o, nil
}

// hardKept is how many hard negatives are kept for each node.
const hardKept = 8

// shards is into how many pieces a step is cut. It is part of the result, and the most threads that help.
const shards = 4

// training of an aggregator.
type training struct {
	o      AggregatorOptions
	a      *Aggregator
	x      Features
	m, mt  *csr // left → right, and back
	hoods  *hoods
	hard   [][]uint32 // of each left node
	rng    *rand.Rand
	copies [shards]*Aggregator // the same weights, gradients of their own
	opts   []*adam
}

// TrainAggregator learns to embed left nodes from content and neighbourhoods, so that nodes which share a right node (with
// OneMode: an edge) are near, by cosine.
//
// Layer l turns the row h of a node into ReLU(W·[h; Σ_v α_v ReLU(Q h_v + q)] + w), scaled to length 1; α are the shares of
// visits of walks with restart from the node (importance pooling). A linear map makes the vectors. The loss is, for a node
// and another that shares a collection with it, the cross-entropy of a softmax over cosines divided by τ, against the
// others of the batch and hard negatives, which are nodes that walks visit, but rarely. The one is left out of the
// neighbourhood of the other, else the layers would learn to look the answer up.
//
// It costs one walk of 8·Steps for each node, and for each node and epoch about
// 6·(2+Hard)·Neighbours·Features.Dim·Hidden multiplications with one layer, up to Neighbours times that with two. Memory is
// 8·Neighbours + 4·8 bytes for each node, and a batch's rows. The same seed gives the same bits on any number of threads
// of one machine class.
//
// Sources: Ying et al., "PinSage", KDD 2018, algorithm 1 and sections 3.2 and 3.3; Hamilton et al., "GraphSAGE", NeurIPS
// 2017. Where we differ: softmax over the batch instead of a max-margin; one linear map behind the layers instead of two
// dense ones; neighbours of a part of the training nodes are dropped, so that nodes without edges have a place too.
func TrainAggregator(ctx context.Context, s *graph.Snapshot, x Features, o AggregatorOptions) (*Aggregator, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	m, err := compact(s, o.Limits)
	if err != nil {
		return nil, fmt.Errorf("embed: TrainAggregator: %w", err)
	}
	if err := x.check(m.rows()); err != nil {
		return nil, fmt.Errorf("embed: TrainAggregator: %w", err)
	}
	if err := o.afford(o.memory(m, x.Dim)); err != nil {
		return nil, fmt.Errorf("embed: TrainAggregator: %w", err)
	}
	t := newTraining(m, x, o)
	if err := t.prepare(ctx, s); err != nil {
		return nil, fmt.Errorf("embed: TrainAggregator: %w", err)
	}
	if err := t.run(ctx); err != nil {
		return nil, fmt.Errorf("embed: TrainAggregator: %w", err)
	}
	return t.a, nil
}

func (o AggregatorOptions) memory(m *csr, in int) int64 {
	nodes := int64(m.rows())
	rows := min(nodes, int64(o.Batch*(2+o.Hard))*int64(o.Neighbours+1))
	if o.Layers == 2 {
		rows = min(nodes, rows*int64(o.Neighbours+1))
	}
	wide := int64(in + 2*o.Hidden)
	weights := int64(o.Layers)*wide*int64(o.Hidden)*2 + int64(o.Hidden*o.Dim)
	return nodes*(8*int64(o.Neighbours)+4*hardKept+48) + 2*csrBytes(m.rows(), len(m.To)) + 3*shards*4*rows*wide + 4*(shards+3)*weights
}

func newTraining(m *csr, x Features, o AggregatorOptions) *training {
	t := &training{o: o, x: x, m: m, mt: m.transposed(), rng: rand.New(rand.NewPCG(o.Seed, 0xa66))}
	t.a = &Aggregator{in: x.Dim, hidden: o.Hidden, dim: o.Dim, neighbours: o.Neighbours, steps: o.Steps, oneMode: o.OneMode, kinds: o.Kinds, seed: o.Seed}
	in := x.Dim
	for range o.Layers {
		t.a.layers = append(t.a.layers, layer{newDense(in, o.Hidden, t.rng), newDense(in+o.Hidden, o.Hidden, t.rng)})
		in = o.Hidden
	}
	t.a.head = newDense(o.Hidden, o.Dim, t.rng)
	for i := range t.copies {
		t.copies[i] = t.a.shadow()
	}
	for _, d := range t.a.parts() {
		t.opts = append(t.opts, newAdam(len(d.w), o.Rate), newAdam(len(d.b), o.Rate))
	}
	return t
}

// parts are the weights, in the order of the layers.
func (a *Aggregator) parts() []*dense {
	var out []*dense
	for l := range a.layers {
		out = append(out, &a.layers[l].near, &a.layers[l].join)
	}
	return append(out, &a.head)
}

// shadow shares the weights and has gradients of its own.
func (a *Aggregator) shadow() *Aggregator {
	b := *a
	b.layers = append([]layer(nil), a.layers...)
	for _, d := range b.parts() {
		d.gw, d.gb = make([]float32, len(d.w)), make([]float32, len(d.b))
	}
	return &b
}

// prepare finds neighbourhoods and hard negatives.
func (t *training) prepare(ctx context.Context, s *graph.Snapshot) error {
	n := t.m.rows()
	t.o.Progress(0, 1, "neighbourhoods")
	all, err := t.a.around(s).all(ctx, n, t.o.Limits)
	if err != nil {
		return err
	}
	t.hoods = &hoods{all: all}
	t.hard = make([][]uint32, n)
	if t.o.Hard == 0 {
		return nil
	}
	far := t.a.around(s)
	far.steps, far.top = 8*t.o.Steps, t.o.HardTo
	errs := make([]error, n)
	err = blocks(ctx, t.o.Threads, n, 64, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			h, err := far.node(uint32(i), n)
			errs[i] = err
			rng := rand.New(rand.NewPCG(t.o.Seed, uint64(i)))
			for range hardKept {
				if len(h.to) <= t.o.HardFrom {
					break
				}
				j := h.to[t.o.HardFrom+rng.IntN(len(h.to)-t.o.HardFrom)]
				if !t.together(uint32(i), j) {
					t.hard[i] = append(t.hard[i], j)
				}
			}
		}
	})
	for _, e := range errs {
		if err == nil {
			err = e
		}
	}
	return err
}

// together reports whether two nodes share a right node, or with OneMode an edge.
func (t *training) together(i, j uint32) bool {
	a, _ := t.m.row(int(i))
	if t.o.OneMode {
		return contains(a, j)
	}
	b, _ := t.m.row(int(j))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] == b[0]:
			return true
		case a[0] < b[0]:
			a = a[1:]
		default:
			b = b[1:]
		}
	}
	return false
}

// partner draws a node that shares a right node with i; i itself where there is none.
func (t *training) partner(i uint32) uint32 {
	rights, _ := t.m.row(int(i))
	for range 8 {
		r := rights[t.rng.IntN(len(rights))]
		if t.o.OneMode {
			if r != i {
				return r
			}
			continue
		}
		lefts, _ := t.mt.row(int(r))
		if j := lefts[t.rng.IntN(len(lefts))]; j != i {
			return j
		}
	}
	return i
}

func (t *training) run(ctx context.Context) error {
	var order []uint32
	for i := range t.m.rows() {
		if t.m.degree(i) > 0 {
			order = append(order, uint32(i))
		}
	}
	steps := (len(order) + t.o.Batch - 1) / t.o.Batch
	for e := range t.o.Epochs {
		t.rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for k := range steps {
			if err := t.step(ctx, order[k*len(order)/steps:(k+1)*len(order)/steps], min(e, t.o.Hard)); err != nil {
				return err
			}
			t.o.Progress(e*steps+k+1, t.o.Epochs*steps, "steps")
		}
	}
	for _, d := range t.a.parts() {
		if !vec.Finite(d.w) || !vec.Finite(d.b) {
			return fmt.Errorf("it diverged; lower Rate (%v)", t.o.Rate)
		}
		d.gw, d.gb = nil, nil
	}
	return nil
}

// example is a query, its positive and its hard negatives.
type example struct {
	ids   []uint32
	hoods []hood
}

// examples draws what is random, on one thread.
func (t *training) examples(queries []uint32, hard int) []example {
	var out []example
	for _, q := range queries {
		p := t.partner(q)
		if p == q {
			continue
		}
		e := example{ids: []uint32{q, p}, hoods: []hood{t.hoods.all[q].without(p), t.hoods.all[p].without(q)}}
		for range hard {
			j := q // stands for none: its loss is left out
			if h := t.hard[q]; len(h) > 0 {
				j = h[t.rng.IntN(len(h))]
			}
			e.ids, e.hoods = append(e.ids, j), append(e.hoods, t.hoods.all[j])
		}
		for i := range e.hoods {
			if t.rng.Float64() < t.o.Drop {
				e.hoods[i] = hood{}
			}
		}
		out = append(out, e)
	}
	return out
}

func (t *training) step(ctx context.Context, queries []uint32, hard int) error {
	all := t.examples(queries, hard)
	if len(all) == 0 {
		return ctx.Err()
	}
	wide := 2 + hard
	var plans [shards]*plan
	out := make([]float32, len(all)*wide*t.o.Dim)
	bounds := func(s int) (int, int) { return s * len(all) / shards, (s + 1) * len(all) / shards }
	errs := [shards]error{}
	err := blocks(ctx, t.o.Threads, shards, 1, func(_, s, _ int) {
		lo, hi := bounds(s)
		var ids []uint32
		var tops []hood
		for _, e := range all[lo:hi] {
			ids, tops = append(ids, e.ids...), append(tops, e.hoods...)
		}
		if plans[s], errs[s] = t.a.planned(t.hoods, ids, tops); errs[s] != nil {
			return
		}
		plans[s].read(t.x, nil)
		t.copies[s].forward(plans[s])
		copy(out[lo*wide*t.o.Dim:hi*wide*t.o.Dim], plans[s].out)
	})
	for _, e := range errs {
		if err == nil {
			err = e
		}
	}
	if err != nil {
		return err
	}
	grad := t.loss(all, out, wide)
	err = blocks(ctx, t.o.Threads, shards, 1, func(_, s, _ int) {
		lo, hi := bounds(s)
		t.copies[s].backward(plans[s], grad[lo*wide*t.o.Dim:hi*wide*t.o.Dim])
	})
	if err != nil {
		return err
	}
	t.update()
	return nil
}

// loss returns d loss / d rows of the softmax of each query over its positive, the others' positives and its hard
// negatives.
func (t *training) loss(all []example, out []float32, wide int) []float32 {
	d, n := t.o.Dim, len(all)
	tau := float32(1 / t.o.Temperature)
	grad := make([]float32, len(out))
	p, at := make([]float32, n+wide-2), make([]int, n+wide-2) // chances, and rows of out
	for i, e := range all {
		sum, self := float32(0), i*wide
		q, gq := out[self*d:(self+1)*d], grad[self*d:(self+1)*d]
		for j := range p {
			id, k := uint32(0), 0
			if j < n {
				id, k = all[j].ids[1], j*wide+1
			} else {
				id, k = e.ids[2+j-n], self+2+j-n
			}
			at[j], p[j] = k, 0
			if j == i || id != e.ids[0] && id != e.ids[1] { // else it is no negative
				p[j] = vec.Exp((vec.Dot(q, out[k*d:(k+1)*d]) - 1) * tau)
				sum += p[j]
			}
		}
		for j, k := range at {
			g := p[j] / max(sum, 1e-30)
			if j == i {
				g--
			}
			g *= tau / float32(n)
			vec.Axpy(g, out[k*d:(k+1)*d], gq)
			vec.Axpy(g, q, grad[k*d:(k+1)*d])
		}
	}
	return grad
}

// update adds up the shards' gradients, in their order, and takes a step.
func (t *training) update() {
	for i, d := range t.a.parts() {
		var gw, gb []float32
		for s := range t.copies {
			c := t.copies[s].parts()[i]
			if s == 0 {
				gw, gb = c.gw, c.gb
				continue
			}
			vec.Axpy(1, c.gw, gw)
			vec.Axpy(1, c.gb, gb)
			clear(c.gw)
			clear(c.gb)
		}
		t.opts[2*i].next()
		t.opts[2*i].apply(0, d.w, gw, float32(t.o.Decay))
		t.opts[2*i+1].next()
		t.opts[2*i+1].apply(0, d.b, gb, 0)
		clear(gw)
		clear(gb)
	}
}
