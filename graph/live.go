package graph

import (
	"math"
	"slices"
	"sort"
)

// half is an edge seen from one end.
type half struct {
	to     uint32
	time   uint32
	weight float32
	kind   uint8
	label  uint8 // of the node it leads to
}

func (h *half) class() class { return classOf(h.label, h.kind) }

type patch struct {
	pos    uint32 // in the row
	time   uint32
	weight float32
}

// delta is what has changed in one node's row. The node's list is the row without the positions in gone, with each add[i]
// put in so that it comes to stand at place at[i].
type delta struct {
	safe  uint32 // places below it are positions in the row, unmoved; set by settle
	own   bool   // the slices below are not shared with a frozen delta
	epoch uint64
	at    []uint32
	add   []half
	gone  []uint32 // ascending
	set   []patch  // ascending by pos: new weight and time of edges in the row
}

func (d *delta) settle() {
	d.safe = math.MaxUint32
	if len(d.at) > 0 {
		d.safe = d.at[0]
	}
	if len(d.gone) > 0 {
		d.safe = min(d.safe, d.gone[0])
	}
}

// writable must be called before anything but an append at the end.
func (d *delta) writable() {
	if d.own {
		return
	}
	d.add, d.at = slices.Clone(d.add), slices.Clone(d.at)
	d.gone, d.set = slices.Clone(d.gone), slices.Clone(d.set)
	d.own = true
}

// insert puts h behind the adds of its class or a lower one, and behind the first end positions of the row.
func (d *delta) insert(h half, end uint32) {
	defer d.settle()
	n := len(d.add)
	i := n
	if n > 0 && d.add[n-1].class() > h.class() {
		i = sort.Search(n, func(k int) bool { return d.add[k].class() > h.class() })
	}
	at := end - uint32(d.goneBefore(end)) + uint32(i)
	if i == n { // readers of older snapshots see shorter slices: no copy
		d.add, d.at = append(d.add, h), append(d.at, at)
		return
	}
	d.writable()
	d.add, d.at = slices.Insert(d.add, i, h), slices.Insert(d.at, i, at)
	for k := i + 1; k < len(d.at); k++ {
		d.at[k]++
	}
}

func (d *delta) remove(p place) {
	defer d.settle()
	d.writable()
	if p.added {
		d.add, d.at = slices.Delete(d.add, p.pos, p.pos+1), slices.Delete(d.at, p.pos, p.pos+1)
		for k := p.pos; k < len(d.at); k++ {
			d.at[k]--
		}
		return
	}
	pos := uint32(p.pos)
	j := d.goneBefore(pos)
	rank := pos - uint32(j) // place among what is left of the row
	for k := range d.at {
		if d.at[k]-uint32(k) > rank {
			d.at[k]--
		}
	}
	d.gone = slices.Insert(d.gone, j, pos)
	if k, ok := d.patched(pos); ok {
		d.set = slices.Delete(d.set, k, k+1)
	}
}

func (d *delta) update(p place, weight float32, time uint32) {
	d.writable()
	if p.added {
		d.add[p.pos].weight, d.add[p.pos].time = weight, time
		return
	}
	x := patch{pos: uint32(p.pos), time: time, weight: weight}
	if k, ok := d.patched(x.pos); ok {
		d.set[k] = x
	} else {
		d.set = slices.Insert(d.set, k, x)
	}
}

// clear removes everything: n positions of the row and all that was added.
func (d *delta) clear(n int) {
	d.add, d.at, d.set, d.own = nil, nil, nil, true
	d.gone = make([]uint32, n)
	for i := range d.gone {
		d.gone[i] = uint32(i)
	}
	d.settle()
}

func (d *delta) goneBefore(pos uint32) int {
	if len(d.gone) == 0 {
		return 0
	}
	return sort.Search(len(d.gone), func(k int) bool { return d.gone[k] >= pos })
}

func (d *delta) isGone(pos uint32) bool {
	k := d.goneBefore(pos)
	return k < len(d.gone) && d.gone[k] == pos
}

func (d *delta) patched(pos uint32) (int, bool) {
	k := sort.Search(len(d.set), func(k int) bool { return d.set[k].pos >= pos })
	return k, k < len(d.set) && d.set[k].pos == pos
}

// pick tells what stands at a place of the list: an added edge, or a position of the row.
func (d *delta) pick(place uint32) (pos uint32, added bool) {
	if place < d.safe {
		return place, false
	}
	lo, hi := 0, len(d.at) // first at >= place
	if hi > 0 && place >= d.at[0] {
		if i := int(place - d.at[0]); i < hi && d.at[i] == place { // the added stand together, as they mostly do
			return uint32(i), true
		}
	}
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if d.at[m] < place {
			lo = m + 1
		} else {
			hi = m
		}
	}
	if lo < len(d.at) && d.at[lo] == place {
		return uint32(lo), true
	}
	rank := place - uint32(lo)
	lo, hi = 0, len(d.gone) // gone[j]-j never falls: how many gone positions stand before the rank-th left one
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if d.gone[m]-uint32(m) <= rank {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return rank + uint32(lo), false
}

// tree maps ids to deltas: three levels, of which a snapshot shares all that has not changed since. An id without a delta is
// mostly settled by one look at top.
type tree struct {
	top     []*branch // one for 4,096 ids
	sieve   *sieve    // of the ids below it; nil when there are none
	epoch   uint64
	changes int
}

type branch struct {
	epoch uint64
	kid   [64]*leaf
}

type leaf struct {
	epoch uint64
	kid   [64]*delta
}

func (t *tree) get(id uint32) *delta { return lookup(t.top, id) }

func lookup(top []*branch, id uint32) *delta {
	if int(id>>12) >= len(top) {
		return nil
	}
	b := top[id>>12]
	if b == nil {
		return nil
	}
	l := b.kid[id>>6&63]
	if l == nil {
		return nil
	}
	return l.kid[id&63]
}

// touch returns the delta of id, copying what an older epoch froze on the way to it.
func (t *tree) touch(id uint32, epoch uint64) *delta {
	if t.epoch != epoch {
		t.top, t.epoch = slices.Clone(t.top), epoch
	}
	for int(id>>12) >= len(t.top) {
		t.top = append(t.top, nil)
	}
	b := t.top[id>>12]
	if b == nil {
		b = &branch{epoch: epoch}
	} else if b.epoch != epoch {
		b = &branch{epoch: epoch, kid: b.kid}
	}
	t.top[id>>12] = b
	l := b.kid[id>>6&63]
	if l == nil {
		l = &leaf{epoch: epoch}
	} else if l.epoch != epoch {
		l = &leaf{epoch: epoch, kid: l.kid}
	}
	b.kid[id>>6&63] = l
	d := l.kid[id&63]
	if d == nil {
		d = &delta{epoch: epoch, own: true, safe: math.MaxUint32}
		t.sift(id)
	} else if d.epoch != epoch {
		c := *d
		c.epoch, c.own = epoch, false
		d = &c
	}
	l.kid[id&63] = d
	return d
}

// touched calls f for each id that has a delta, ascending.
func touched(top []*branch, f func(id uint32, d *delta)) {
	for i, b := range top {
		if b == nil {
			continue
		}
		for j, l := range b.kid {
			if l == nil {
				continue
			}
			for k, d := range l.kid {
				if d != nil {
					f(uint32(i<<12|j<<6|k), d)
				}
			}
		}
	}
}
