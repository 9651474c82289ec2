package surface

import (
	"math"
	"math/bits"

	"bowerbird"
)

// place is a candidate's sort key. Keys are sorted instead of candidates, which
// are five times as large.
type place struct {
	key uint64 // ascending: the higher score first, then the smaller id
	at  int32
}

// keyOf orders by score, then by id, so that equal scores never depend on the
// order in which sources answered. A score that is not a number goes last.
func keyOf(score float32, item bowerbird.ItemID) uint64 {
	b := math.Float32bits(score)
	switch {
	case score != score:
		b = 0
	case b>>31 != 0:
		b = ^b
	default:
		b |= 1 << 31
	}
	if score == 0 {
		b = 1 << 31 // both zeros are one
	}
	return uint64(^b)<<32 | uint64(item)
}

// sort returns the n best candidates, best first, in memory of the arena's own.
// Cost: O(candidates + n log n).
func (f *found) sort(c []bowerbird.Candidate, n int) []bowerbird.Candidate {
	f.places = f.places[:0]
	for i := range c {
		f.places = append(f.places, place{keyOf(c[i].Score, c[i].Item), int32(i)})
	}
	n = min(n, len(c))
	sortFirst(f.places, n, 2*bits.Len(uint(len(c))))
	f.cur = 1 - f.cur
	out := f.arenas[f.cur][:0]
	for _, p := range f.places[:n] {
		out = append(out, c[p.at])
	}
	f.arenas[f.cur] = out
	return out
}

// sortFirst puts the n smallest keys first, in order: a quicksort that leaves
// alone what lies beyond n. When depth runs out, which takes contrived scores,
// it goes on by selection, which cannot degrade further than n passes.
func sortFirst(p []place, n, depth int) {
	for len(p) > 12 && n > 0 {
		if depth == 0 {
			selectFirst(p, n)
			return
		}
		depth--
		m := partition(p)
		sortFirst(p[:m], min(n, m), depth)
		if n <= m+1 {
			return
		}
		p, n = p[m+1:], n-m-1
	}
	for i := 1; i < len(p); i++ {
		for j := i; j > 0 && p[j].key < p[j-1].key; j-- {
			p[j], p[j-1] = p[j-1], p[j]
		}
	}
}

// partition puts what is below the median of three before it and returns its place.
func partition(p []place) int {
	last := len(p) - 1
	a, b, c := 0, last/2, last
	if p[b].key < p[a].key {
		a, b = b, a
	}
	if p[c].key < p[b].key {
		if b = c; p[c].key < p[a].key {
			b = a
		}
	}
	p[b], p[last] = p[last], p[b]
	pivot, m := p[last].key, 0
	for i := range last {
		if p[i].key < pivot {
			p[i], p[m] = p[m], p[i]
			m++
		}
	}
	p[m], p[last] = p[last], p[m]
	return m
}

func selectFirst(p []place, n int) {
	for i := range min(n, len(p)) {
		least := i
		for j := i + 1; j < len(p); j++ {
			if p[j].key < p[least].key {
				least = j
			}
		}
		p[i], p[least] = p[least], p[i]
	}
}
