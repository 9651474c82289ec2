package graph

import "sort"

// rows is one direction of the bulk: for node i the neighbours to[off[i]:off[i+1]], ordered by class, then by arrival.
// The other columns run beside to; nil stands for a column of zeros (weight: of ones).
type rows struct {
	off    []uint32 // one more than there are nodes
	to     []uint32
	weight []float32
	time   []uint32
	runOff []uint32 // runs[runOff[i]:runOff[i+1]] divide row i by class; nil when every class is 0
	runs   []run
	spans  *spanCache // nil: none are kept
}

// class is what rows are divided by: the label of the node that an edge leads to, then the edge's kind.
type class uint16

func classOf(label, kind uint8) class { return class(label)<<8 | class(kind) }

func (c class) label() uint8 { return uint8(c >> 8) }
func (c class) kind() uint8  { return uint8(c) }

type run struct {
	end   uint32 // position in the row behind the last edge of this class
	class class
	zero  uint16
}

func (r *rows) bounds(id uint32) (lo, hi uint32) {
	if int64(id)+1 < int64(len(r.off)) {
		return r.off[id], r.off[id+1]
	}
	return 0, 0
}

// runsOf divides row id; nil where all of it is of class 0.
func (r *rows) runsOf(id uint32) []run {
	if int64(id)+1 < int64(len(r.runOff)) {
		return r.runs[r.runOff[id]:r.runOff[id+1]]
	}
	return nil
}

// classEnd is the position in row id behind all classes up to c.
func (r *rows) classEnd(id uint32, c class) uint32 {
	lo, hi := r.bounds(id)
	if lo == hi || r.runOff == nil {
		return hi - lo // only class 0, and no class is lower
	}
	end := uint32(0)
	for _, x := range r.runsOf(id) {
		if x.class > c {
			break
		}
		end = x.end
	}
	return end
}

// classAt is the class of a position in row id.
func (r *rows) classAt(id, pos uint32) class {
	for _, x := range r.runsOf(id) {
		if pos < x.end {
			return x.class
		}
	}
	return 0
}

// entry reads the edge at index i of the columns, without its class.
func (r *rows) entry(i uint32) half {
	h := half{to: r.to[i], weight: 1}
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
		if x != to || l.rows.classAt(l.id, uint32(i)).kind() != kind {
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

// at reads the edge at a place. Label and kind are set for added edges only.
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

// spans walks over a list's classes in order.
type spans struct {
	runs []run // nil: all of class 0, when whole > 0
	d    *delta
	pos  uint32 // position in the row behind what has been seen
	gone uint32 // how many of those are gone
	add  int    // adds seen
	end  uint32 // place behind the last span
	rest uint32 // end of the row, where there are no runs
}

func (l list) spans() spans {
	s := spans{runs: l.rows.runsOf(l.id), d: l.d}
	if s.runs == nil {
		s.rest = l.hi - l.lo
	}
	return s
}

// next returns where the edges of the next class stand in the list. Some of the classes may have none left.
func (s *spans) next() (from, end uint32, c class, ok bool) {
	rowEnd := s.rest
	switch {
	case len(s.runs) > 0:
		c, rowEnd, ok = s.runs[0].class, s.runs[0].end, true
	case s.rest > s.pos:
		ok = true
	}
	from = s.end
	if s.d == nil {
		if !ok {
			return
		}
	} else if s.add < len(s.d.add) {
		if a := s.d.add[s.add].class(); !ok || a < c {
			c, rowEnd, ok = a, s.pos, true
		}
		n := sort.Search(len(s.d.add)-s.add, func(i int) bool { return s.d.add[s.add+i].class() > c })
		s.add += n
		s.end += uint32(n)
	}
	if !ok {
		return
	}
	if rowEnd > s.pos {
		s.end += rowEnd - s.pos
		s.pos = rowEnd
		if s.d != nil {
			gone := uint32(s.d.goneBefore(rowEnd))
			s.end -= gone - s.gone
			s.gone = gone
		}
		if len(s.runs) > 0 {
			s.runs = s.runs[1:]
		}
	}
	return from, s.end, c, true
}

// classes divides the list: into dst where it has changed, else as its row is.
func (l list) classes(dst []run) []run {
	if l.d == nil {
		return l.rows.runsOf(l.id)
	}
	for s := l.spans(); ; {
		_, end, c, ok := s.next()
		if !ok {
			return dst
		}
		dst = append(dst, run{end: end, class: c})
	}
}

// round appends the neighbour at the place of s and those behind it, n in all, from the end of the stretch on from its start.
func (l list) round(dst []uint32, s stretch, n int) []uint32 {
	if l.d == nil {
		row := l.rows.to[l.lo:l.hi]
		if uint32(n) <= s.end-s.place {
			return append(dst, row[s.place:s.place+uint32(n)]...)
		}
		for range n {
			dst = append(dst, row[s.place])
			if s.place++; s.place == s.end {
				s.place = s.from
			}
		}
		return dst
	}
	for range n {
		dst = append(dst, l.to(s.place))
		if s.place++; s.place == s.end {
			s.place = s.from
		}
	}
	return dst
}

// each visits the edges in order, with their classes. It reads the columns once through.
func (l list) each(f func(h half)) {
	runs := l.rows.runsOf(l.id)
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
			h.label, h.kind = runs[0].class.label(), runs[0].class.kind()
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
