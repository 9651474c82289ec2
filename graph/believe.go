package graph

import (
	"fmt"
	"math"
	"slices"
)

// state makes a graph's state of a body whose checksums are right. It looks at everything that a walk relies on: no offset and no
// neighbour leads out of the columns. What it does not look at, verify does.
func (l *layout) state(body []byte) (*state, error) {
	st := newState()
	st.edges = int(l.edges)
	var cols [32][]byte
	for _, s := range l.secs {
		cols[s.id] = body[s.at : s.at+s.size : s.at+s.size]
		for _, x := range body[s.at+s.size : (s.at+s.size+7)&^7] {
			if x != 0 {
				return nil, corrupt("padding of section %d", s.id)
			}
		}
	}
	for i := range st.rows {
		c := cols[16*i:]
		st.nodes[i], st.labels[i] = int(l.nodes[i]), slices.Clone(c[secLabels])
		st.rows[i] = &rows{
			off: inMemory[uint32](c[secOffsets], 4), to: inMemory[uint32](c[secTo], 4),
			runOff: inMemory[uint32](c[secRunOff], 4), runs: inMemory[run](c[secRuns], 8),
			weight: inMemory[float32](c[secWeights], 4), time: inMemory[uint32](c[secTimes], 4), spans: new(spanCache),
		}
	}
	for i, r := range st.rows {
		if err := r.check(Side(i), st); err != nil {
			return nil, err
		}
	}
	return st, nil
}

// check looks at one direction alone.
func (r *rows) check(side Side, st *state) error {
	n := st.nodes[side]
	if r.off[0] != 0 || int(r.off[n]) != st.edges {
		return corrupt("%v rows: offsets from %d to %d for %d edges", side, r.off[0], r.off[n], st.edges)
	}
	if r.runOff != nil && (r.runOff[0] != 0 || int(r.runOff[n]) != len(r.runs)) {
		return corrupt("%v rows: run offsets from %d to %d for %d runs", side, r.runOff[0], r.runOff[n], len(r.runs))
	}
	if err := inParts(n, func(from, to int) error { return r.checkRows(side, from, to) }); err != nil {
		return err
	}
	return inParts(st.edges, func(from, to int) error {
		if most := slices.Max(r.to[from:to]); int64(most) >= int64(st.nodes[1-side]) {
			return corrupt("%v rows: neighbour %d of %d", side, most, st.nodes[1-side])
		}
		if r.weight != nil {
			for i, w := range r.weight[from:to] {
				if !(w > 0 && w <= 1) {
					return corrupt("%v rows, edge %d: weight %v", side, from+i, w)
				}
			}
		}
		return nil
	})
}

// checkRows looks at where rows from … to-1 lie and how they are divided.
func (r *rows) checkRows(side Side, from, to int) error {
	for i := from; i < to; i++ {
		if r.off[i] > r.off[i+1] {
			return corrupt("%v node %d: its row ends before it begins", side, i)
		}
		if r.runOff == nil {
			continue
		}
		if r.runOff[i] > r.runOff[i+1] || int(r.runOff[i+1]) > len(r.runs) {
			return corrupt("%v node %d: its runs end before they begin", side, i)
		}
		end, last := uint32(0), -1
		for _, x := range r.runsOf(uint32(i)) {
			if x.end <= end || int(x.class) <= last || x.class.kind() >= MaxKinds || x.zero != 0 {
				return corrupt("%v node %d: runs", side, i)
			}
			end, last = x.end, int(x.class)
		}
		if end != r.off[i+1]-r.off[i] {
			return corrupt("%v node %d: runs of %d edges for a row of %d", side, i, end, r.off[i+1]-r.off[i])
		}
	}
	return nil
}

// Verify looks for what Open leaves unread: an edge that only one side knows, a double edge, a neighbour whose label is not the one
// that its row says. Only a program that writes wrong checkpoints makes such a file. It costs two random reads an edge and 8 to 16
// bytes a node; errors match ErrCorrupt. Read does this by itself.
func (g *Graph) Verify() error {
	if s := g.Snapshot(); s.side[Left].live != nil || s.side[Right].live != nil {
		g.Merge()
	}
	g.mu.Lock()
	st := *g.st
	for i := range st.labels {
		st.labels[i] = slices.Clone(st.labels[i])
	}
	g.mu.Unlock()
	if err := st.verify(); err != nil {
		return fmt.Errorf("graph: verify: %w", err)
	}
	return nil
}

// verify looks at the rows only.
func (s *state) verify() error {
	var sums [2]uint64
	err := inParts(2, func(from, to int) error {
		for i := from; i < to; i++ {
			if err := s.rows[i].checkOrder(Side(i), s); err != nil {
				return err
			}
			sums[i] = s.rows[i].digest(Side(i))
		}
		return nil
	})
	if err == nil && sums[Left] != sums[Right] {
		err = corrupt("left and right rows hold different edges")
	}
	return err
}

// checkOrder refuses rows whose neighbours have other labels than their runs, or that hold an edge twice.
func (r *rows) checkOrder(side Side, st *state) error {
	seen := make([]uint32, st.nodes[1-side]) // 1 + the place where the neighbour was met last
	labels := st.labels[1-side]
	for id := range len(r.off) - 1 {
		lo, hi := r.off[id], r.off[id+1]
		runs := r.runsOf(uint32(id))
		if runs == nil && hi > lo {
			runs = []run{{end: hi - lo}}
		}
		start := lo
		for _, x := range runs {
			for i := start; i < lo+x.end; i++ {
				to, label := r.to[i], uint8(0)
				if int(to) < len(labels) {
					label = labels[to]
				}
				if label != x.class.label() {
					return corrupt("%v node %d: label of neighbour %d", side, id, to)
				}
				if seen[to] > start {
					return corrupt("%v node %d: two edges to %d of one kind", side, id, to)
				}
				seen[to] = i + 1
			}
			start = lo + x.end
		}
	}
	return nil
}

// digest is a sum over the edges that does not depend on their order: both directions of one graph have the same.
func (r *rows) digest(side Side) uint64 {
	sum := uint64(0)
	for id := range len(r.off) - 1 {
		runs := r.runsOf(uint32(id))
		kind := uint8(0)
		for i := r.off[id]; i < r.off[id+1]; i++ {
			for len(runs) > 0 && runs[0].end <= i-r.off[id] {
				runs = runs[1:]
			}
			if len(runs) > 0 {
				kind = runs[0].class.kind()
			}
			h := r.entry(i)
			left, right := uint64(id), uint64(h.to)
			if side == Right {
				left, right = right, left
			}
			x := mix(left<<32 | right)
			x = mix(x ^ uint64(kind)<<32 ^ uint64(h.time))
			sum += mix(x ^ uint64(math.Float32bits(h.weight)))
		}
	}
	return sum
}
