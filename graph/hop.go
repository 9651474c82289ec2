package graph

import (
	"math"
	"math/bits"
)

// hop draws neighbours in one direction.
type hop struct {
	d       *direction
	simple  bool // uniform over all edges
	weight  bool
	now     uint32
	decay   float64 // ln 2 / half-life
	label   uint8
	share   uint32           // chance · 2³²−1 to keep to the label
	chance  [MaxKinds]uint32 // of the kinds, in proportion; 0: not walked on
	recency int
}

func newHop(d *direction, b Bias, o *WalkOptions) hop {
	h := hop{d: d, weight: o.Weighted, now: o.Now, label: b.Label, recency: o.Recency}
	if o.HalfLife > 0 {
		h.decay = math.Ln2 / o.HalfLife
	}
	h.share = uint32(min(b.Share*(1<<32), math.MaxUint32))
	h.simple = o.Kinds == 0 && len(o.KindWeights) == 0 && !h.weight && h.share == 0 && o.Recency == 0
	for k := range h.chance {
		switch {
		case o.Kinds != 0 && o.Kinds>>k&1 == 0:
		case len(o.KindWeights) == 0:
			h.chance[k] = 1
		case k >= len(o.KindWeights):
			h.chance[k] = 1 << 16
		default:
			h.chance[k] = uint32(math.Round(o.KindWeights[k] * (1 << 16)))
		}
	}
	return h
}

// pick draws a neighbour of id for the random 32 bits r. Draws beyond the first come from rng. It fails where the
// node has no edge of these kinds, or 8 weighted draws were refused.
func (h *hop) pick(id, r uint32, rng *uint64) (uint32, bool) {
	l := h.d.list(id)
	if h.simple {
		n := uint32(l.degree())
		if n == 0 {
			return 0, false
		}
		return l.to(scale(r, n)), true
	}
	keep := h.share > 0 && uint32(next(rng)>>32) < h.share
	for range 8 {
		p, ok := h.draw(l.spans(), keep, r, rng)
		if !ok {
			return 0, false
		}
		if !h.weight {
			return l.to(p), true
		}
		if e := l.nth(p); h.takes(e, rng) {
			return e.to, true
		}
		r = uint32(next(rng) >> 32)
	}
	return 0, false
}

// draw chooses a place: a class in proportion to its edges times the chance of their kind, then an edge of it. With keep it is
// an edge to the label, where there is one.
func (h *hop) draw(s spans, keep bool, r uint32, rng *uint64) (uint32, bool) {
	var all, kept uint64
	for t := s; ; {
		from, end, c, ok := t.next()
		if !ok {
			break
		}
		n := uint64(end-from) * uint64(h.chance[c.kind()&(MaxKinds-1)])
		all += n
		if c.label() == h.label {
			kept += n
		}
	}
	keep = keep && kept > 0
	if keep {
		all = kept
	}
	if all == 0 {
		return 0, false
	}
	x, _ := bits.Mul64(uint64(r)<<32, all)
	for {
		from, end, c, ok := s.next()
		if !ok {
			return 0, false // not reached: x < all
		}
		if keep && c.label() != h.label {
			continue
		}
		w := uint64(h.chance[c.kind()&(MaxKinds-1)])
		if n := uint64(end-from) * w; x >= n {
			x -= n
			continue
		}
		return from + h.newest(uint32(x/w), end-from, rng), true
	}
}

// newest is the largest of the place at hand and Recency more draws of 0 … n-1: edges of one class stand in order of arrival.
func (h *hop) newest(place, n uint32, rng *uint64) uint32 {
	for range h.recency {
		place = max(place, scale(uint32(next(rng)>>32), n))
	}
	return place
}

// drawRuns is draw for a row that has not changed.
func (h *hop) drawRuns(runs []run, n uint32, keep bool, r uint32, rng *uint64) (uint32, bool) {
	if len(runs) <= 1 { // one class: its label is the same for all
		c := class(0)
		if len(runs) == 1 {
			c = runs[0].class
		}
		if n == 0 || h.chance[c.kind()&(MaxKinds-1)] == 0 {
			return 0, false
		}
		w := uint64(h.chance[c.kind()&(MaxKinds-1)])
		x, _ := bits.Mul64(uint64(r)<<32, uint64(n)*w)
		if w > 1 {
			x /= w
		}
		return h.newest(uint32(x), n, rng), true
	}
	var all, kept uint64
	from := uint32(0)
	for i := range runs {
		c := runs[i].class
		n := uint64(runs[i].end-from) * uint64(h.chance[c.kind()&(MaxKinds-1)])
		from = runs[i].end
		all += n
		if c.label() == h.label {
			kept += n
		}
	}
	keep = keep && kept > 0
	if keep {
		all = kept
	}
	if all == 0 {
		return 0, false
	}
	x, _ := bits.Mul64(uint64(r)<<32, all)
	from = 0
	for i := range runs {
		c, f := runs[i].class, from
		from = runs[i].end
		if keep && c.label() != h.label {
			continue
		}
		w := uint64(h.chance[c.kind()&(MaxKinds-1)])
		if n := uint64(from-f) * w; x >= n {
			x -= n
			continue
		}
		if w > 1 {
			x /= w
		}
		return f + h.newest(uint32(x), from-f, rng), true
	}
	return 0, false // not reached: x < all
}

// all is pick for those lanes that go, side by side: first everybody's offsets, then their runs, then the neighbours.
func (h *hop) all(from, draw, to *[lanes]uint32, goes *[lanes]bool, rng *[lanes]uint64) {
	r := h.d.rows
	var lo, at [lanes]uint32
	var n, runLo, runHi [lanes]uint32
	for k := range lanes {
		if !goes[k] {
			continue
		}
		id := from[k]
		if int64(id)+1 >= int64(len(r.off)) {
			continue // a node of the live layer: its row is empty
		}
		lo[k], n[k] = r.off[id], r.off[id+1]-r.off[id]
		if r.runOff != nil {
			runLo[k], runHi[k] = r.runOff[id], r.runOff[id+1]
		}
	}
	for k := range lanes {
		at[k] = inLive
		if !goes[k] {
			continue
		}
		if h.d.delta(from[k]) != nil {
			to[k], goes[k] = h.pick(from[k], draw[k], &rng[k])
			continue
		}
		keep := h.share > 0 && uint32(next(&rng[k])>>32) < h.share
		p, ok := h.drawRuns(r.runs[runLo[k]:runHi[k]], n[k], keep, draw[k], &rng[k])
		if goes[k] = ok; ok {
			at[k] = lo[k] + p
		}
	}
	for k := range lanes {
		if at[k] != inLive {
			to[k] = r.to[at[k]]
		}
	}
}

// takes says whether a weighted walk goes by an edge that it has drawn.
func (h *hop) takes(e half, rng *uint64) bool {
	p := float64(e.weight)
	if h.decay > 0 && h.now > e.time {
		p *= math.Exp(-h.decay * float64(h.now-e.time))
	}
	return float64(next(rng)>>11) < p*(1<<53)
}

// scale maps 32 random bits to 0 … n-1 (Lemire's multiplication; the bias is below n/2³²).
func scale(r, n uint32) uint32 { return uint32(uint64(r) * uint64(n) >> 32) }

const (
	golden64   = 0x9e3779b97f4a7c15
	moreFactor = 0xd1342543de82ef95
)

// next is SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
func next(s *uint64) uint64 {
	*s += golden64
	return mix(*s)
}

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// laneSet is the state of the walkers of one query.
type laneSet struct {
	query uint32
	other bool          // the query is on the other side
	home  uint32        // where a restart puts a lane: the query, or any node of the target side when other
	cur   [lanes]uint32 // on the target side
	rng   [lanes]uint64 // one stream a lane
	fresh [lanes]bool   // with other: the next step starts at query, in the middle
}

// start puts all lanes at the query. It reports false when no edge can be walked from there.
func (w *walker) start(i int, q Query) bool {
	l := &w.lane
	l.query, l.other, l.home = q.ID, q.Side != w.o.Target, q.ID
	if l.other {
		n := w.b.list(q.ID)
		if n.degree() == 0 {
			return false
		}
		l.home = n.to(0)
	}
	seed := mix(w.o.Seed ^ mix(uint64(i)+1))
	for k := range l.cur {
		l.cur[k], l.fresh[k] = l.home, l.other
		l.rng[k] = mix(seed + uint64(k+1)*golden64)
	}
	return true
}

// advance takes n steps on every lane.
func (w *walker) advance(n int) {
	switch {
	case w.o.Plain:
		for k := range lanes {
			for range n {
				w.step(k)
			}
		}
	case w.hops[0].simple && w.hops[1].simple && w.canCourse():
		w.course(n)
	case w.hops[0].simple && w.hops[1].simple:
		w.interleave(n)
	case !w.o.Weighted:
		w.interleaveTyped(n)
	default:
		for range n {
			for k := range lanes {
				w.step(k)
			}
		}
	}
}

// step is one step of one lane: the plain form, which interleave must agree with.
func (w *walker) step(k int) {
	l := &w.lane
	r := next(&l.rng[k])
	mid, ok := l.query, true
	if !l.fresh[k] {
		mid, ok = w.hops[0].pick(l.cur[k], uint32(r>>32), &l.rng[k])
	}
	to := uint32(0)
	if ok {
		to, ok = w.hops[1].pick(mid, uint32(r), &l.rng[k])
	}
	if !ok { // nowhere to go under these kinds and weights: the step is spent
		l.cur[k], l.fresh[k] = l.home, l.other
		return
	}
	w.visits.add(to)
	if w.o.Trace {
		w.pairs.add(mid, to)
	}
	l.cur[k], l.fresh[k] = to, false
	if more(r) < w.restart {
		l.cur[k], l.fresh[k] = l.home, l.other
	}
}

// interleave takes n steps on all lanes side by side: each loop below asks for 16 places in memory that do not depend on each
// other, so the processor fetches them together.
func (w *walker) interleave(n int) {
	l := w.lane
	var first, second, third, mid [lanes]uint32 // random bits for the hops and the restart
	for range n {
		for k := range lanes {
			r := next(&l.rng[k])
			first[k], second[k], third[k] = uint32(r>>32), uint32(r), more(r)
		}
		w.a.hop(&l.cur, &first, &mid)
		if l.other {
			for k := range lanes {
				if l.fresh[k] {
					mid[k] = l.query
				}
				l.fresh[k] = third[k] < w.restart
			}
		}
		w.b.hop(&mid, &second, &l.cur)
		w.visits.addAll(l.cur[:])
		if w.o.Trace {
			for k := range lanes {
				w.pairs.add(mid[k], l.cur[k])
			}
		}
		for k := range lanes { // if third[k] < restart { cur[k] = home }, but nothing to guess wrong
			back := uint32((int64(third[k]) - int64(w.restart)) >> 63)
			l.cur[k] ^= (l.cur[k] ^ l.home) & back
		}
	}
	w.lane = l
}

// interleaveTyped is interleave for walks that choose among classes: a lane may find no edge to go by.
func (w *walker) interleaveTyped(n int) {
	l := &w.lane
	var first, second, third, mid, to [lanes]uint32
	var goes [lanes]bool
	for range n {
		for k := range lanes {
			r := next(&l.rng[k])
			first[k], second[k], third[k] = uint32(r>>32), uint32(r), more(r)
			goes[k] = !l.fresh[k]
		}
		w.hops[0].all(&l.cur, &first, &mid, &goes, &l.rng)
		for k := range lanes {
			if l.fresh[k] {
				mid[k], goes[k] = l.query, true
			}
		}
		w.hops[1].all(&mid, &second, &to, &goes, &l.rng)
		if goes == allGo {
			w.visits.addAll(to[:])
		}
		for k := range lanes {
			if !goes[k] {
				l.cur[k], l.fresh[k] = l.home, l.other
				continue
			}
			if goes != allGo {
				w.visits.add(to[k])
			}
			if w.o.Trace {
				w.pairs.add(mid[k], to[k])
			}
			l.cur[k], l.fresh[k] = to[k], false
			if third[k] < w.restart {
				l.cur[k], l.fresh[k] = l.home, l.other
			}
		}
	}
}

var allGo = func() (a [lanes]bool) {
	for k := range a {
		a[k] = true
	}
	return a
}()

// more makes 32 more bits of the 64 that the two hops have used. A hop uses about log₂ degree of its bits to choose, the rest
// decide here.
func more(draw uint64) uint32 { return uint32(draw * moreFactor >> 32) }

// hop moves all lanes to a neighbour. Every node in from has an edge: the query was seen to, and who was reached by an edge
// can go back by it.
func (d *direction) hop(from, draw, to *[lanes]uint32) {
	off, row := d.rows.off, d.rows.to
	var at [lanes]uint32
	if d.live != nil {
		d.seek(from, draw, &at, to)
		for k := range lanes {
			if at[k] != inLive {
				to[k] = row[at[k]]
			}
		}
		return
	}
	for k := range lanes {
		id := int(from[k])
		lo, hi := off[id], off[id+1]
		at[k] = lo + scale(draw[k], hi-lo)
	}
	for k := range lanes {
		to[k] = row[at[k]]
	}
}

// seek is the first half of hop where there is a live layer.
func (d *direction) seek(from, draw, at, to *[lanes]uint32) {
	off := d.rows.off
	for k := range lanes {
		id, r := from[k], draw[k]
		if c := d.delta(id); c != nil {
			at[k] = c.seek(off, id, r, &to[k])
			continue
		}
		lo := off[id]
		at[k] = lo + scale(r, off[id+1]-lo)
	}
}

// inLive marks a lane that has found its neighbour among the added edges. No row position reaches it: a graph has fewer edges.
const inLive = math.MaxUint32

// seek draws from a changed list: it returns a position in the rows, or sets to and returns inLive.
func (c *delta) seek(off []uint32, id, r uint32, to *uint32) uint32 {
	var lo, hi uint32
	if int64(id)+1 < int64(len(off)) {
		lo, hi = off[id], off[id+1]
	}
	pos, added := c.pick(scale(r, hi-lo-uint32(len(c.gone))+uint32(len(c.add))))
	if added {
		*to = c.add[pos].to
		return inLive
	}
	return lo + pos
}
