package seq

import (
	"math"

	"bowerbird/internal/nn"
)

// packed are a network's matrices as products need them, made once for each step
// and shared by the parts of a batch.
type packed struct {
	qkv, out, up, down     []nn.Panels // W
	qkvT, outT, upT, downT []nn.Panels // Wᵀ; empty for encoding only
}

func (p *packed) pack(n *Net, back bool) {
	if p.qkv == nil {
		k := len(n.at.layers)
		for _, s := range []*[]nn.Panels{&p.qkv, &p.out, &p.up, &p.down, &p.qkvT, &p.outT, &p.upT, &p.downT} {
			*s = make([]nn.Panels, k)
		}
	}
	d, h := n.Dim, n.Hidden
	both := func(w, wt *nn.Panels, at part, k, m int) {
		v := nn.Rows(at.of(n.w), m)
		w.Pack(v, k, m)
		if back {
			wt.Pack(v.T(), m, k)
		}
	}
	for i, l := range n.at.layers {
		both(&p.qkv[i], &p.qkvT[i], l.qkv, d, 3*d)
		both(&p.out[i], &p.outT[i], l.out, d, d)
		both(&p.up[i], &p.upT[i], l.up, d, h)
		both(&p.down[i], &p.downT[i], l.down, h, d)
	}
}

type span struct{ lo, hi int }

// batch is a number of sequences, one after another without padding, and all that
// a pass forward leaves for the pass back. It belongs to one goroutine.
type batch struct {
	net   *Net
	spans []span
	items []uint32
	place []int32 // of each action in its sequence

	x       []float32 // rows × Dim, the stream
	state   []float32 // rows × Dim: after the last normalisation
	unit    []float32
	inverse []float32
	start   []float32 // mask of the first drop
	layers  []kept

	k, v, w            nn.Panels
	square, d1, d2, d3 []float32
	rng                chance
}

// kept is what a layer leaves.
type kept struct {
	a, unit1, inverse1, qkv, weights, o, y, mask1 []float32
	f, unit2, inverse2, u, gate, g, mask2         []float32
}

// set fills a batch; each sequence must be 1 to Length long.
func (b *batch) set(n *Net, sequences ...[]uint32) {
	b.net, b.spans, b.items, b.place = n, b.spans[:0], b.items[:0], b.place[:0]
	for _, s := range sequences {
		lo := len(b.items)
		b.items = append(b.items, s...)
		for i := range s {
			b.place = append(b.place, int32(i))
		}
		b.spans = append(b.spans, span{lo, len(b.items)})
	}
	if len(b.layers) != n.Layers {
		b.layers = make([]kept, n.Layers)
	}
}

// forward computes state for every action. drops are 0 except in training.
func (b *batch) forward(p *packed, dropIn, dropLayer float32) {
	n, rows := b.net, len(b.items)
	d := n.Dim
	x := room(&b.x, rows*d)
	scale, place := float32(math.Sqrt(float64(d))), n.at.position.of(n.w)
	for r, it := range b.items {
		from, at, to := n.table[int(it)*d:(int(it)+1)*d], place[int(b.place[r])*d:], x[r*d:(r+1)*d]
		for k, v := range from {
			to[k] = v*scale + at[k]
		}
	}
	drop(x, &b.start, dropIn, &b.rng)
	for i := range n.at.layers {
		b.layer(p, i, dropLayer)
	}
	normalise(room(&b.state, rows*d), room(&b.unit, rows*d), room(&b.inverse, rows), x, n.at.gain.of(n.w), n.at.shift.of(n.w))
}

func (b *batch) layer(p *packed, i int, rate float32) {
	n, l, k := b.net, &b.net.at.layers[i], &b.layers[i]
	rows, d, h, w := len(b.items), n.Dim, n.Hidden, n.w
	normalise(room(&k.a, rows*d), room(&k.unit1, rows*d), room(&k.inverse1, rows), b.x, l.gain1.of(w), l.shift1.of(w))
	linear(room(&k.qkv, rows*3*d), k.a, rows, d, &p.qkv[i], l.qkvBias.of(w))
	squares := 0
	for _, s := range b.spans {
		squares += (s.hi - s.lo) * (s.hi - s.lo) * n.Heads
	}
	b.attend(room(&k.o, rows*d), room(&k.weights, squares), k.qkv, l.near.of(w))
	y := room(&k.y, rows*d)
	linear(y, k.o, rows, d, &p.out[i], l.outBias.of(w))
	drop(y, &k.mask1, rate, &b.rng)
	add(b.x, y)

	normalise(room(&k.f, rows*d), room(&k.unit2, rows*d), room(&k.inverse2, rows), b.x, l.gain2.of(w), l.shift2.of(w))
	linear(room(&k.u, rows*h), k.f, rows, d, &p.up[i], l.upBias.of(w))
	gelu(room(&k.g, rows*h), room(&k.gate, rows*h), k.u)
	linear(y, k.g, rows, h, &p.down[i], l.downBias.of(w))
	drop(y, &k.mask2, rate, &b.rng)
	add(b.x, y)
}

func add(to, x []float32) {
	x = x[:len(to)]
	for i, v := range x {
		to[i] += v
	}
}

// backward adds to the gradient g, laid out as the weights, given that of state.
func (b *batch) backward(p *packed, g, dstate []float32) {
	n, rows := b.net, len(b.items)
	d := n.Dim
	dx := room(&b.d1, rows*d)
	clear(dx)
	normaliseBack(dx, dstate, b.unit, b.inverse, n.at.gain.of(n.w), n.at.gain.of(g), n.at.shift.of(g))
	for i := n.Layers - 1; i >= 0; i-- {
		b.layerBack(p, i, g, dx)
	}
	dropBack(dx, b.start)
	scale, place, table := float32(math.Sqrt(float64(d))), n.at.position.of(g), n.at.item.of(g)
	for r, it := range b.items {
		item, at := table[int(it)*d:(int(it)+1)*d], place[int(b.place[r])*d:]
		for k, v := range dx[r*d : (r+1)*d] {
			item[k] += scale * v
			at[k] += v
		}
	}
}

func (b *batch) layerBack(p *packed, i int, g, dx []float32) {
	n, l, k := b.net, &b.net.at.layers[i], &b.layers[i]
	rows, d, h, w := len(b.items), n.Dim, n.Hidden, n.w
	dy, wide := room(&b.d2, rows*d), room(&b.d3, rows*max(h, 3*d))
	copy(dy, dx)
	dropBack(dy, k.mask2)
	linearBack(wide[:rows*h], l.down.of(g), l.downBias.of(g), dy, k.g, rows, h, &p.downT[i], &b.w)
	geluBack(wide[:rows*h], k.gate, k.u)
	linearBack(dy, l.up.of(g), l.upBias.of(g), wide[:rows*h], k.f, rows, d, &p.upT[i], &b.w)
	normaliseBack(dx, dy, k.unit2, k.inverse2, l.gain2.of(w), l.gain2.of(g), l.shift2.of(g))

	copy(dy, dx)
	dropBack(dy, k.mask1)
	do := k.y // no longer needed
	linearBack(do, l.out.of(g), l.outBias.of(g), dy, k.o, rows, d, &p.outT[i], &b.w)
	b.attendBack(wide[:rows*3*d], l.near.of(g), do, k.weights, k.qkv)
	linearBack(dy, l.qkv.of(g), l.qkvBias.of(g), wide[:rows*3*d], k.a, rows, d, &p.qkvT[i], &b.w)
	normaliseBack(dx, dy, k.unit1, k.inverse1, l.gain1.of(w), l.gain1.of(g), l.shift1.of(g))
}
