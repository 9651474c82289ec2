package graph

import "math"

// state checks what was read and makes a graph's state of it.
func (c *checkpoint) state() (*state, error) {
	st := newState()
	if c.edges > math.MaxUint32 {
		return nil, corrupt("%d edges", c.edges)
	}
	st.edges = int(c.edges)
	for i := range st.rows {
		st.nodes[i] = int(c.nodes[i])
		st.labels[i] = c.secs[uint32(i)*16+secLabels].u8
		if len(st.labels[i]) > st.nodes[i] {
			return nil, corrupt("%d labels for %d %v nodes", len(st.labels[i]), st.nodes[i], Side(i))
		}
	}
	var sums [2]uint64
	for i := range st.rows {
		base := uint32(i) * 16
		r := &rows{off: c.secs[base+secOffsets].u32, to: c.secs[base+secTo].u32, kind: c.secs[base+secKinds].u8,
			weight: c.secs[base+secWeights].f32, time: c.secs[base+secTimes].u32}
		if err := r.check(Side(i), st); err != nil {
			return nil, err
		}
		sums[i] = r.digest(Side(i))
		r.divide(st.labels[1-i])
		st.rows[i] = r
	}
	if sums[Left] != sums[Right] {
		return nil, corrupt("left and right rows hold different edges")
	}
	return st, nil
}

// check looks at one direction alone.
func (r *rows) check(side Side, st *state) error {
	n := st.nodes[side]
	if len(r.off) != n+1 || r.off[0] != 0 || int(r.off[n]) != st.edges || len(r.to) != st.edges {
		return corrupt("%v rows: %d offsets and %d neighbours for %d nodes and %d edges", side, len(r.off), len(r.to), n, st.edges)
	}
	for i := range n {
		if r.off[i] > r.off[i+1] {
			return corrupt("%v node %d: its row ends before it begins", side, i)
		}
	}
	if r.kind != nil && len(r.kind) != st.edges || r.weight != nil && len(r.weight) != st.edges || r.time != nil && len(r.time) != st.edges {
		return corrupt("%v rows: columns of different lengths", side)
	}
	for i, x := range r.to {
		if int64(x) >= int64(st.nodes[1-side]) {
			return corrupt("%v rows, edge %d: neighbour %d of %d", side, i, x, st.nodes[1-side])
		}
	}
	for i, k := range r.kind {
		if k >= MaxKinds {
			return corrupt("%v rows, edge %d: kind %d", side, i, k)
		}
	}
	for i, w := range r.weight {
		if !(w > 0 && w <= 1) {
			return corrupt("%v rows, edge %d: weight %v", side, i, w)
		}
	}
	return r.checkOrder(side, st)
}

// checkOrder refuses rows that are out of label order or hold an edge twice.
func (r *rows) checkOrder(side Side, st *state) error {
	seen := make([]uint32, st.nodes[1-side]) // row+1 that met the neighbour last …
	var kinds []uint64                       // … and the kinds it met
	if r.kind != nil {
		kinds = make([]uint64, len(seen))
	}
	for id := range st.nodes[side] {
		label := uint8(0)
		for i := r.off[id]; i < r.off[id+1]; i++ {
			x, bit := r.to[i], uint64(1)
			if l := st.label(1-side, x); l < label {
				return corrupt("%v node %d: row is not in label order", side, id)
			} else {
				label = l
			}
			if r.kind != nil {
				bit <<= r.kind[i]
			}
			again := seen[x] == uint32(id)+1
			if kinds != nil {
				if !again {
					kinds[x] = 0
				}
				again = kinds[x]&bit != 0
				kinds[x] |= bit
			}
			if again {
				return corrupt("%v node %d: two edges to %d of one kind", side, id, x)
			}
			seen[x] = uint32(id) + 1
		}
	}
	return nil
}

// digest is a sum over the edges that does not depend on their order: both directions of one graph have the same.
func (r *rows) digest(side Side) uint64 {
	sum := uint64(0)
	for id := range len(r.off) - 1 {
		for i := r.off[id]; i < r.off[id+1]; i++ {
			h := r.entry(i)
			left, right := uint64(id), uint64(h.to)
			if side == Right {
				left, right = right, left
			}
			x := mix(left<<32 | right)
			x = mix(x ^ uint64(h.kind)<<32 ^ uint64(h.time))
			sum += mix(x ^ uint64(math.Float32bits(h.weight)))
		}
	}
	return sum
}

// divide sets the runs of rows whose neighbours carry labels.
func (r *rows) divide(labels []uint8) {
	if unless(labels, 0) == nil {
		return
	}
	r.runOff = make([]uint32, 1, len(r.off))
	for id := range len(r.off) - 1 {
		first := len(r.runs)
		for i := r.off[id]; i < r.off[id+1]; i++ {
			label := uint8(0)
			if x := r.to[i]; int(x) < len(labels) {
				label = labels[x]
			}
			if n := len(r.runs); n == first || r.runs[n-1].label != label {
				r.runs = append(r.runs, run{label: label})
			}
			r.runs[len(r.runs)-1].end = i + 1 - r.off[id]
		}
		r.runOff = append(r.runOff, uint32(len(r.runs)))
	}
}
