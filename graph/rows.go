package graph

// rows is one direction of the bulk: for node i the neighbours to[off[i]:off[i+1]], ordered by their label, then by arrival.
// The other columns run beside to; nil stands for a column of zeros (weight: of ones).
type rows struct {
	off    []uint32 // one more than there are nodes
	to     []uint32
	kind   []uint8
	weight []float32
	time   []uint32
	runOff []uint32 // runs[runOff[i]:runOff[i+1]] divide row i by label; nil when every label is 0
	runs   []run
}

type run struct {
	end   uint32 // position in the row behind the last edge of this label
	label uint8
}

func (r *rows) bounds(id uint32) (lo, hi uint32) {
	if int64(id)+1 < int64(len(r.off)) {
		return r.off[id], r.off[id+1]
	}
	return 0, 0
}

// labelEnd is the position in row id behind all labels up to l.
func (r *rows) labelEnd(id uint32, l uint8) uint32 {
	lo, hi := r.bounds(id)
	if lo == hi || r.runOff == nil {
		return hi - lo // only label 0, and no label is lower
	}
	end := uint32(0)
	for _, x := range r.runs[r.runOff[id]:r.runOff[id+1]] {
		if x.label > l {
			break
		}
		end = x.end
	}
	return end
}

// labelRange is where the label l lies in row id.
func (r *rows) labelRange(id uint32, l uint8) (from, end uint32) {
	lo, hi := r.bounds(id)
	if lo == hi {
		return 0, 0
	}
	if r.runOff == nil {
		if l == 0 {
			return 0, hi - lo
		}
		return hi - lo, hi - lo
	}
	for _, x := range r.runs[r.runOff[id]:r.runOff[id+1]] {
		if x.label > l {
			break
		}
		if from, end = end, x.end; x.label == l {
			return from, end
		}
	}
	return end, end
}

// entry reads the edge at index i of the columns, without its label.
func (r *rows) entry(i uint32) half {
	h := half{to: r.to[i], weight: 1}
	if r.kind != nil {
		h.kind = r.kind[i]
	}
	if r.weight != nil {
		h.weight = r.weight[i]
	}
	if r.time != nil {
		h.time = r.time[i]
	}
	return h
}

// list is a node's edges: its row and what the live layer says about it. The order is the graph's, whatever has been merged.
type list struct {
	rows   *rows
	d      *delta // nil: nothing changed
	id     uint32
	lo, hi uint32
}

// place is where an edge lies in a list: in the row (pos from its start) or among the added.
type place struct {
	ok, added bool
	pos       int
}

func newList(r *rows, d *delta, id uint32) list {
	l := list{rows: r, d: d, id: id}
	l.lo, l.hi = r.bounds(id)
	return l
}

func (l list) degree() int {
	n := int(l.hi - l.lo)
	if l.d != nil {
		n += len(l.d.add) - len(l.d.gone)
	}
	return n
}

func (l list) find(to uint32, kind uint8) place {
	for i, x := range l.rows.to[l.lo:l.hi] {
		if x != to || l.rows.kind != nil && l.rows.kind[int(l.lo)+i] != kind || l.rows.kind == nil && kind != 0 {
			continue
		}
		if l.d != nil && l.d.isGone(uint32(i)) {
			break // the same edge may have been added again
		}
		return place{ok: true, pos: i}
	}
	if l.d != nil {
		for i := range l.d.add {
			if l.d.add[i].to == to && l.d.add[i].kind == kind {
				return place{ok: true, added: true, pos: i}
			}
		}
	}
	return place{}
}

// at reads the edge at a place. The label is set for added edges only.
func (l list) at(p place) half {
	if p.added {
		return l.d.add[p.pos]
	}
	h := l.rows.entry(l.lo + uint32(p.pos))
	if l.d != nil {
		if k, ok := l.d.patched(uint32(p.pos)); ok {
			h.weight, h.time = l.d.set[k].weight, l.d.set[k].time
		}
	}
	return h
}

// nth is the edge that stands i-th, 0 <= i < degree.
func (l list) nth(i uint32) half {
	if l.d == nil {
		return l.rows.entry(l.lo + i)
	}
	pos, added := l.d.pick(i)
	return l.at(place{added: added, pos: int(pos)})
}

// to is nth for callers that need the neighbour only.
func (l list) to(i uint32) uint32 {
	if l.d != nil {
		pos, added := l.d.pick(i)
		if added {
			return l.d.add[pos].to
		}
		i = pos
	}
	return l.rows.to[l.lo+i]
}

// labelRange is where edges to nodes of a label stand in the list.
func (l list) labelRange(label uint8) (from, end uint32) {
	from, end = l.rows.labelRange(l.id, label)
	if l.d == nil {
		return from, end
	}
	var below, upto uint32 // adds of lower labels, and of this one too
	for i := range l.d.add {
		if l.d.add[i].label < label {
			below++
		}
		if l.d.add[i].label > label {
			break
		}
		upto++
	}
	return from - uint32(l.d.goneBefore(from)) + below, end - uint32(l.d.goneBefore(end)) + upto
}

// each visits the edges in order, with their labels. It reads the columns once through.
func (l list) each(f func(h half)) {
	var runs []run
	if l.rows.runOff != nil && l.hi > l.lo {
		runs = l.rows.runs[l.rows.runOff[l.id]:l.rows.runOff[l.id+1]]
	}
	var add []half
	var at, gone []uint32
	var set []patch
	if l.d != nil {
		add, at, gone, set = l.d.add, l.d.at, l.d.gone, l.d.set
	}
	place := uint32(0)
	for pos := uint32(0); ; pos++ {
		for len(at) > 0 && at[0] == place {
			f(add[0])
			add, at, place = add[1:], at[1:], place+1
		}
		if pos >= l.hi-l.lo {
			return
		}
		if len(gone) > 0 && gone[0] == pos {
			gone = gone[1:]
			continue
		}
		h := l.rows.entry(l.lo + pos)
		for len(runs) > 0 && runs[0].end <= pos {
			runs = runs[1:]
		}
		if len(runs) > 0 {
			h.label = runs[0].label
		}
		for len(set) > 0 && set[0].pos < pos {
			set = set[1:]
		}
		if len(set) > 0 && set[0].pos == pos {
			h.weight, h.time = set[0].weight, set[0].time
		}
		f(h)
		place++
	}
}
