package postings

import (
	"fmt"
	"slices"
)

// Proximity is a part of the score for words of neighbouring clauses that stand close, in the spirit of the sequential
// dependence model (Metzler and Croft, 2005) and of Büttcher, Clarke and Lushman (2006): for each pair of neighbouring
// scoring clauses,
//
//	x = Σ over places of the second word  w_f / d², d the distance to the nearest place of the first in field f before
//	                                      it, or half of w_f / d² if the nearest before lies further than the one behind
//	score += Weight · min(weights of the two) · x / (k1 + x)
//
// with distances over Window counting nothing. It is worked out for the best Top hits only, and these are then put in
// order anew; documents behind them stay behind.
//
// ProximityWeight is a Weight that helped wherever it was tried (docs/benchmarks/search.md).
type Proximity struct {
	Weight float64 // 0 switches it off
	Top    int     // hits to look at; default 100, or K if that is more
	Window int     // farthest distance that counts; default 8
}

// ProximityWeight was chosen on Cranfield and every second query of CACM.
const ProximityWeight = .4

func (p *Proximity) validate() error {
	if !goodBoost(p.Weight) || p.Top < 0 || p.Top > MaxK || p.Window < 0 || p.Window > MaxSlop {
		return fmt.Errorf("postings: proximity: weight %v, top %d, window %d; a weight from 0, 0 to %d hits and a window to %d are possible",
			p.Weight, p.Top, p.Window, int(MaxK), MaxSlop)
	}
	return nil
}

// depth is how many hits have to be found before K are left.
func (o *SearchOptions) depth() int {
	if !o.close() {
		return o.K
	}
	top := o.Proximity.Top
	if top == 0 {
		top = 100
	}
	return max(o.K, top)
}

// close says whether proximity plays a part.
func (o *SearchOptions) close() bool { return o.Proximity.Weight > 0 && o.Sort == nil }

// pairs are the scoring clauses between whose neighbours proximity counts, with the term leaves of each.
func (p *plan) pairs() []*planClause {
	var out []*planClause
	for i := range p.clauses {
		c := &p.clauses[i]
		if c.occur != MustNot && len(c.leaves) > 0 {
			out = append(out, c)
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// draw adds proximity to the hits and returns the best K of them.
func (r *runner) draw(hits []Hit) []Hit {
	cs := r.p.pairs()
	if cs == nil {
		return hits[:min(len(hits), r.o.K)]
	}
	order := make([]int, len(hits)) // by document, so that cursors go forward
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if hits[a].Doc < hits[b].Doc {
			return -1
		}
		return 1
	})
	places := make([][]uint32, len(cs))
	left := len(order)
	for i := range r.p.snap.segs {
		s := &r.p.snap.segs[i]
		if left == 0 || r.stop() {
			break
		}
		var cursors [][]*cursor
		for k, at := range order {
			if at < 0 {
				continue
			}
			local, ok := s.find(hits[at].Doc)
			if !ok || !s.live(local) {
				continue
			}
			if cursors == nil {
				cursors = r.termCursors(s.segment, cs)
			}
			for j := range cs {
				places[j] = places[j][:0]
				for _, c := range cursors[j] {
					if c.advance(local) == local {
						places[j] = c.places(places[j])
					}
				}
				slices.Sort(places[j])
			}
			hits[at].Score += r.p.proximity(cs, places, &r.o.Proximity)
			order[k] = -1
			left--
		}
	}
	for _, at := range order {
		if at >= 0 {
			if rec := r.p.record(hits[at].Doc); rec != nil {
				hits[at].Score += r.p.recordProximity(rec, &r.o.Proximity)
			}
		}
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		if worse(b, a) {
			return -1
		}
		return 1
	})
	return hits[:min(len(hits), r.o.K)]
}

// termCursors opens a cursor for each term leaf of the clauses that the segment has.
func (r *runner) termCursors(s *segment, cs []*planClause) [][]*cursor {
	r.used = 0
	out := make([][]*cursor, len(cs))
	for j, c := range cs {
		for i := range c.leaves {
			if t, ok := s.lookup(c.leaves[i].ids[0]); ok && len(c.leaves[i].ids) == 1 {
				k := r.cursor()
				k.open(s, t)
				out[j] = append(out[j], k)
			}
		}
	}
	return out
}

// recordProximity is the part for a document as a record.
func (p *plan) recordProximity(r *record, o *Proximity) float64 {
	cs := p.pairs()
	all := make([][]uint32, len(cs))
	for j, c := range cs {
		for i := range c.leaves {
			if at, ok := r.find(c.leaves[i].ids[0]); ok && len(c.leaves[i].ids) == 1 {
				freq, pos := r.payload(at)
				all[j] = places(all[j], freq, pos)
			}
		}
		slices.Sort(all[j])
	}
	return p.proximity(cs, all, o)
}

// proximity is the part of one document, of which the places of each clause's words are known, sorted.
func (p *plan) proximity(cs []*planClause, places [][]uint32, o *Proximity) float64 {
	window := uint32(o.Window)
	if window == 0 {
		window = 8
	}
	sum := 0.0
	for i := 1; i < len(cs); i++ {
		x := closeness(places[i-1], places[i], window, cs[i].norms)
		if x > 0 {
			sum += saturate(o.Weight*min(heaviest(cs[i-1]), heaviest(cs[i])), p.k1, x)
		}
	}
	return sum
}

func heaviest(c *planClause) float64 {
	w := 0.0
	for i := range c.leaves {
		w = max(w, c.leaves[i].weight)
	}
	return w
}

// closeness is x: how close places of second stand to those of first.
func closeness(first, second []uint32, window uint32, n *norms) float64 {
	x, j := 0.0, 0
	for _, k := range second {
		for j < len(first) && first[j] < k {
			j++
		}
		w := n.weight[k>>27]
		before, behind := window+1, window+1
		if j > 0 && first[j-1]>>27 == k>>27 {
			before = k - first[j-1]
		}
		at := j
		for at < len(first) && first[at] == k { // both words may stand in one place
			at++
		}
		if at < len(first) && first[at]>>27 == k>>27 {
			behind = first[at] - k
		}
		switch {
		case before <= behind && before <= window:
			x += w / float64(before*before)
		case behind <= window:
			x += w / 2 / float64(behind*behind)
		}
	}
	return x
}
