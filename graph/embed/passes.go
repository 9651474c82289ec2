package embed

import "bowerbird/internal/vec"

// plan is what a forward pass reads: level l holds the nodes whose rows layer l makes, the last the targets, and level 0
// those whose features are read. Where nodes stand in the level below, and what passes through, is kept for a backward
// pass.
type plan struct {
	levels []level
	out    []float32 // targets × dim, rows of length 1
	length []float32 // of the rows of out before that
}

type level struct {
	ids    []uint32
	self   []int // place of each node in the level below
	first  []int // of each node's neighbours in place and weight; one more than nodes
	place  []int // of each neighbour in the level below
	weight []float32

	h      []float32 // rows of the nodes: features at level 0, else hidden, of length 1
	length []float32 // of those rows before that
	near   []float32 // ReLU(Q h + q) of the nodes of the level below
	joined []float32 // of each node: its own row, then the pooled ones
}

// plan finds the levels below the targets. Targets may repeat; below, every node stands once, in order of first mention.
func (a *Aggregator) plan(h *hoods, targets []uint32) (*plan, error) {
	top := make([]hood, len(targets))
	for i, id := range targets {
		var err error
		if top[i], err = h.of(id); err != nil {
			return nil, err
		}
	}
	return a.planned(h, targets, top)
}

// planned is plan with the targets' own neighbourhoods given.
func (a *Aggregator) planned(h *hoods, targets []uint32, top []hood) (*plan, error) {
	p := &plan{levels: make([]level, len(a.layers)+1)}
	p.levels[len(a.layers)].ids = targets
	for l := len(a.layers); l > 0; l-- {
		up, down := &p.levels[l], &p.levels[l-1]
		places := make(map[uint32]int, 2*len(up.ids)) // looked up by id only
		find := func(id uint32) int {
			k, ok := places[id]
			if !ok {
				k = len(down.ids)
				places[id] = k
				down.ids = append(down.ids, id)
			}
			return k
		}
		up.first = append(up.first, 0)
		for i, id := range up.ids {
			up.self = append(up.self, find(id))
			var near hood
			if l == len(a.layers) {
				near = top[i]
			} else {
				var err error
				if near, err = h.of(id); err != nil {
					return nil, err
				}
			}
			for _, x := range near.to {
				up.place = append(up.place, find(x))
			}
			up.weight = append(up.weight, near.w...)
			up.first = append(up.first, len(up.place))
		}
	}
	return p, nil
}

// read copies the features of level 0; own are those of the newcomer.
func (p *plan) read(x Features, own []float32) {
	l := &p.levels[0]
	l.h = make([]float32, len(l.ids)*x.Dim)
	for i, id := range l.ids {
		row := l.h[i*x.Dim : (i+1)*x.Dim]
		if id == notANode {
			copy(row, own)
		} else {
			copy(row, x.of(id))
		}
	}
}

// forward fills p.out: PinSage, algorithm 1, layer by layer, and a linear map to the vectors' dimensions.
func (a *Aggregator) forward(p *plan) {
	for l := range a.layers {
		lay, down, up := &a.layers[l], &p.levels[l], &p.levels[l+1]
		in, n := lay.near.in, len(up.ids)
		up.near = lay.near.forward(down.h, len(down.ids), true)
		wide := in + a.hidden
		up.joined = make([]float32, n*wide)
		for i := range n {
			row := up.joined[i*wide : (i+1)*wide]
			copy(row, down.h[up.self[i]*in:(up.self[i]+1)*in])
			for k := up.first[i]; k < up.first[i+1]; k++ {
				vec.Axpy(up.weight[k], up.near[up.place[k]*a.hidden:(up.place[k]+1)*a.hidden], row[in:])
			}
		}
		up.h = lay.join.forward(up.joined, n, true)
		up.length = lengths(up.h, a.hidden)
	}
	top := &p.levels[len(a.layers)]
	p.out = a.head.forward(top.h, len(top.ids), false)
	p.length = lengths(p.out, a.dim)
}

// lengths scales rows to length 1 and returns what their lengths were.
func lengths(x []float32, dim int) []float32 {
	out := make([]float32, len(x)/dim)
	for i := range out {
		row := x[i*dim : (i+1)*dim]
		out[i] = vec.Norm(row)
		if out[i] > 0 {
			vec.Scale(1/out[i], row)
		}
	}
	return out
}

// unscale turns gradients of rows of length 1 into those of the rows before.
func unscale(g, rows, length []float32, dim int) {
	for i, n := range length {
		gi, x := g[i*dim:(i+1)*dim], rows[i*dim:(i+1)*dim]
		vec.Axpy(-vec.Dot(gi, x), x, gi)
		if n > 0 {
			vec.Scale(1/n, gi)
		}
	}
}

// backward adds to the gradients of the weights, given d loss / d out, which it overwrites.
func (a *Aggregator) backward(p *plan, g []float32) {
	top := &p.levels[len(a.layers)]
	unscale(g, p.out, p.length, a.dim)
	g = a.head.backward(top.h, p.out, g, len(top.ids), false, true)
	for l := len(a.layers) - 1; l >= 0; l-- {
		lay, down, up := &a.layers[l], &p.levels[l], &p.levels[l+1]
		in, n, below := lay.near.in, len(up.ids), len(down.ids)
		wide := in + a.hidden
		unscale(g, up.h, up.length, a.hidden)
		gj := lay.join.backward(up.joined, up.h, g, n, true, true)
		gn := make([]float32, below*a.hidden)
		for i := range n {
			row := gj[i*wide+in : (i+1)*wide]
			for k := up.first[i]; k < up.first[i+1]; k++ {
				vec.Axpy(up.weight[k], row, gn[up.place[k]*a.hidden:(up.place[k]+1)*a.hidden])
			}
		}
		g = lay.near.backward(down.h, up.near, gn, below, true, l > 0)
		if l == 0 {
			return // features are not learned
		}
		for i := range n {
			vec.Axpy(1, gj[i*wide:i*wide+in], g[up.self[i]*in:(up.self[i]+1)*in])
		}
	}
}
