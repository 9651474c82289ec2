package graph

import (
	"math"
	"math/bits"
)

// hop chooses among a node's edges in one direction.
type hop struct {
	d       *direction
	simple  bool // uniform over all edges
	labels  bool // uniform, but for a bias to a label
	weight  bool
	now     uint32
	decay   float64 // ln 2 / half-life
	label   uint8
	share   uint32           // chance · 2³²−1 to keep to the label
	factor  uint64           // of the bits that decide so
	chance  [MaxKinds]uint32 // of the kinds, in proportion; 0: not walked on
	recency int
}

// stretch is a part of a node's list, and the place in it that was drawn: every other place had the same chance.
type stretch struct{ place, from, end uint32 }

// among draws from places from … end-1.
func among(r, from, end uint32) stretch { return stretch{from + scale(r, end-from), from, end} }

// newHop is the first or the second hop of a step, i 0 or 1.
func newHop(i int, d *direction, b Bias, o *WalkOptions) hop {
	h := hop{d: d, factor: keepFactor[i], weight: o.Weighted, now: o.Now, label: b.Label, recency: o.Recency}
	if o.HalfLife > 0 {
		h.decay = math.Ln2 / o.HalfLife
	}
	h.share = uint32(min(b.Share*(1<<32), math.MaxUint32))
	uniform := o.Kinds == 0 && len(o.KindWeights) == 0 && !h.weight && o.Recency == 0
	h.simple, h.labels = uniform && h.share == 0, uniform && h.share > 0
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

// pick draws an edge of a list for the random 32 bits r, of those to the label with keep. Draws beyond the first come from rng. It fails
// where the node has no edge of these kinds, or 8 weighted draws were refused.
func (h *hop) pick(l list, r uint32, keep bool, rng *uint64) (stretch, bool) {
	n := uint32(l.degree())
	if h.simple {
		return among(r, 0, n), n > 0
	}
	var room [16]run
	runs := l.classes(room[:0])
	if !h.weight {
		return h.choose(runs, n, keep, r, rng)
	}
	for range 8 {
		s, ok := h.choose(runs, n, keep, r, rng)
		if !ok {
			break
		}
		if h.takes(l.nth(s.place), rng) {
			return s, true
		}
		r = uint32(next(rng) >> 32)
	}
	return stretch{}, false
}

// keeps says whether this hop of the step of these random bits keeps to the label.
func (h *hop) keeps(draw uint64) bool { return uint32(draw*h.factor>>32) < h.share }

// choose draws from a list of n edges that runs divide: a class in proportion to its edges times the chance of their kind, then an
// edge of it. With keep it is an edge to the label, where there is one.
func (h *hop) choose(runs []run, n uint32, keep bool, r uint32, rng *uint64) (stretch, bool) {
	if h.labels {
		return h.byLabel(runs, n, keep, r)
	}
	if len(runs) <= 1 { // one class: its label is the same for all
		return h.ofOne(runs, n, r, rng)
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
		return stretch{}, false
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
		return stretch{f + h.newest(uint32(x), from-f, rng), f, from}, true
	}
	return stretch{}, false // not reached: x < all
}

// ofOne is choose for a list of one class.
func (h *hop) ofOne(runs []run, n, r uint32, rng *uint64) (stretch, bool) {
	c := class(0)
	if len(runs) == 1 {
		c = runs[0].class
	}
	w := uint64(h.chance[c.kind()&(MaxKinds-1)])
	if n == 0 || w == 0 {
		return stretch{}, false
	}
	x, _ := bits.Mul64(uint64(r)<<32, uint64(n)*w)
	if w > 1 {
		x /= w
	}
	return stretch{h.newest(uint32(x), n, rng), 0, n}, true
}

// byLabel is choose where only the label matters: its edges stand together, whatever their kinds. There is nothing in it for the
// processor to guess wrong but the number of runs.
func (h *hop) byLabel(runs []run, n uint32, keep bool, r uint32) (stretch, bool) {
	var from, end uint32
	for i := range runs {
		c, e := runs[i].class.label(), runs[i].end
		if c < h.label {
			from = e
		}
		if c <= h.label {
			end = e
		}
	}
	wide := end - from
	if !keep {
		wide = 0
	}
	if wide == 0 {
		from = 0
	}
	if wide == 0 {
		end = n
	}
	return among(r, from, end), n > 0
}

// newest is the largest of the place at hand and Recency more draws of 0 … n-1: edges of one class stand in order of arrival.
func (h *hop) newest(place, n uint32, rng *uint64) uint32 {
	for range h.recency {
		place = max(place, scale(uint32(next(rng)>>32), n))
	}
	return place
}

// takes says whether a weighted walk goes by an edge that it has drawn.
func (h *hop) takes(e half, rng *uint64) bool {
	p := float64(e.weight)
	if h.decay > 0 && h.now > e.time {
		p *= math.Exp(-h.decay * float64(h.now-e.time))
	}
	return float64(next(rng)>>11) < p*(1<<53)
}

// drawn is where lanes have drawn from: by node, and the stretch of its list.
type drawn struct {
	node  [lanes]uint32
	place [lanes]stretch
}

// all is pick for those lanes that go, side by side; whole are the bits of the step, of which draw is this hop's part. First everybody's offsets, then their runs, then the neighbours, which go to to.
func (h *hop) all(d *drawn, draw *[lanes]uint32, whole *[lanes]uint64, to *[lanes]uint32, goes *[lanes]bool, rng *[lanes]uint64) {
	r := h.d.rows
	var lo, n, runLo, runHi, at [lanes]uint32
	for k := range lanes {
		id := d.node[k]
		if !goes[k] || int64(id)+1 >= int64(len(r.off)) {
			continue // a node of the live layer: its row is empty
		}
		lo[k], n[k] = r.off[id], r.off[id+1]-r.off[id]
		if r.runOff != nil && !h.simple {
			runLo[k], runHi[k] = r.runOff[id], r.runOff[id+1]
		}
	}
	for k := range lanes {
		at[k] = inLive
		if !goes[k] {
			continue
		}
		if c := h.d.delta(d.node[k]); c != nil {
			l := newList(r, c, d.node[k])
			if d.place[k], goes[k] = h.pick(l, draw[k], h.keeps(whole[k]), &rng[k]); goes[k] {
				to[k] = l.to(d.place[k].place)
			}
			continue
		}
		var s stretch
		switch {
		case h.simple:
			s, goes[k] = among(draw[k], 0, n[k]), n[k] > 0
		case h.labels:
			s, goes[k] = h.byLabel(r.runs[runLo[k]:runHi[k]], n[k], h.keeps(whole[k]), draw[k])
		default:
			s, goes[k] = h.choose(r.runs[runLo[k]:runHi[k]], n[k], h.keeps(whole[k]), draw[k], &rng[k])
		}
		if d.place[k] = s; goes[k] {
			at[k] = lo[k] + s.place
		}
	}
	for k := range lanes {
		if at[k] != inLive {
			to[k] = r.to[at[k]]
		}
	}
}
