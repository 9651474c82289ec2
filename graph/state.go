package graph

// op is one change, as the log of a running merge keeps it. For opRemoveNode and opLabel the node is e.Left, the label e.Kind.
type op struct {
	what uint8
	side Side
	e    Edge
}

const (
	opAdd uint8 = iota
	opRemove
	opRemoveNode
	opLabel
)

// state is what the writer owns: rows, the live layer above them, labels. Callers hold Graph.mu, or are alone with it.
type state struct {
	rows   [2]*rows // rows[Left] belong to left nodes and hold right ids
	live   [2]tree
	labels [2][]uint8
	nodes  [2]int // 1 + highest id seen
	edges  int
	epoch  uint64 // moves at each snapshot; what carries an older one is frozen
}

func newState() *state {
	return &state{rows: [2]*rows{{off: []uint32{0}}, {off: []uint32{0}}}, epoch: 1}
}

// apply returns how many edges changed for an add (1 new, -1 updated) or a removal; 0 means that nothing changed.
func (s *state) apply(o op) int {
	switch o.what {
	case opAdd:
		return s.add(o.e)
	case opRemove:
		return s.remove(o.e)
	case opRemoveNode:
		return s.removeNode(o.side, o.e.Left)
	}
	return s.setLabel(o.side, o.e.Left, o.e.Kind)
}

func (s *state) add(e Edge) int {
	s.grow(Left, e.Left)
	s.grow(Right, e.Right)
	if a := s.find(Left, e.Left, e.Right, e.Kind); a.ok {
		b := s.locate(Right, e.Right, e.Left, e.Kind)
		if w, t := s.attr(Left, e.Left, a); w == e.Weight && t == e.Time {
			return 0
		}
		s.touch(Left, e.Left).update(a, e.Weight, e.Time)
		s.touch(Right, e.Right).update(b, e.Weight, e.Time)
		return -1
	}
	s.insert(Left, e.Left, half{to: e.Right, kind: e.Kind, label: s.label(Right, e.Right), weight: e.Weight, time: e.Time})
	s.insert(Right, e.Right, half{to: e.Left, kind: e.Kind, label: s.label(Left, e.Left), weight: e.Weight, time: e.Time})
	s.edges++
	return 1
}

func (s *state) remove(e Edge) int {
	a := s.find(Left, e.Left, e.Right, e.Kind)
	if !a.ok {
		return 0
	}
	b := s.locate(Right, e.Right, e.Left, e.Kind)
	s.touch(Left, e.Left).remove(a)
	s.touch(Right, e.Right).remove(b)
	s.edges--
	return 1
}

func (s *state) removeNode(side Side, id uint32) int {
	l := s.list(side, id)
	n := l.degree()
	if n == 0 {
		return 0
	}
	l.each(func(h half) {
		s.touch(1-side, h.to).remove(s.locate(1-side, h.to, id, h.kind))
	})
	s.touch(side, id).clear(int(l.hi - l.lo))
	s.edges -= n
	return n
}

// setLabel moves the node's edges to their new place in the neighbours' rows, as if each were removed and added again.
func (s *state) setLabel(side Side, id uint32, label uint8) int {
	grown := int(id) >= s.nodes[side]
	s.grow(side, id)
	if s.label(side, id) == label {
		if grown {
			return -1
		}
		return 0
	}
	for len(s.labels[side]) <= int(id) {
		s.labels[side] = append(s.labels[side], 0)
	}
	s.labels[side][id] = label
	s.list(side, id).each(func(h half) {
		d := s.touch(1-side, h.to)
		d.remove(s.locate(1-side, h.to, id, h.kind))
		s.insert(1-side, h.to, half{to: id, kind: h.kind, label: label, weight: h.weight, time: h.time})
	})
	return -1
}

func (s *state) label(side Side, id uint32) uint8 {
	if l := s.labels[side]; int(id) < len(l) {
		return l[id]
	}
	return 0
}

func (s *state) grow(side Side, id uint32) { s.nodes[side] = max(s.nodes[side], int(id)+1) }

// find looks for an edge in the list of the node at hand. When that list is long and the other end's is short and lacks the
// edge, the short one answers.
func (s *state) find(side Side, id, to uint32, kind uint8) place {
	if s.list(1-side, to).degree() < s.list(side, id).degree() && !s.locate(1-side, to, id, kind).ok {
		return place{}
	}
	return s.locate(side, id, to, kind)
}

func (s *state) locate(side Side, id, to uint32, kind uint8) place {
	return s.list(side, id).find(to, kind)
}

func (s *state) list(side Side, id uint32) list {
	return newList(s.rows[side], s.live[side].get(id), id)
}

func (s *state) attr(side Side, id uint32, p place) (float32, uint32) {
	h := s.list(side, id).at(p)
	return h.weight, h.time
}

// touch returns the node's delta, ready for writing.
func (s *state) touch(side Side, id uint32) *delta {
	s.live[side].changes++
	return s.live[side].touch(id, s.epoch)
}

func (s *state) insert(side Side, id uint32, h half) {
	end := s.rows[side].classEnd(id, h.class())
	s.touch(side, id).insert(h, end)
}

func (s *state) freeze() *Snapshot {
	sn := &Snapshot{edges: s.edges, nodes: s.nodes}
	for i := range sn.side {
		sn.side[i] = direction{rows: s.rows[i], live: s.live[i].top, sieve: s.live[i].sieve}
	}
	s.epoch++
	return sn
}
