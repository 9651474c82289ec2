package surface

import (
	"cmp"
	"slices"

	"bowerbird"
)

// place is a candidate's sort key. Keys are sorted instead of candidates, which
// are six times as large.
type place struct {
	score float32
	item  bowerbird.ItemID
	at    int32
}

// before orders by score, then by id, so that equal scores never depend on the
// order in which sources answered.
func before(a, b place) int {
	switch {
	case a.score > b.score:
		return -1
	case a.score < b.score:
		return 1
	}
	// Equal, or one is no number: that one comes last, so that the order stays total.
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.item, b.item))
}

// sort returns the n best candidates, best first, in memory of the arena's own.
func (f *found) sort(c []bowerbird.Candidate, n int) []bowerbird.Candidate {
	f.places = f.places[:0]
	for i := range c {
		f.places = append(f.places, place{c[i].Score, c[i].Item, int32(i)})
	}
	slices.SortFunc(f.places, before)
	f.cur = 1 - f.cur
	out := f.arenas[f.cur][:0]
	for _, p := range f.places[:min(n, len(c))] {
		out = append(out, c[p.at])
	}
	f.arenas[f.cur] = out
	return out
}
