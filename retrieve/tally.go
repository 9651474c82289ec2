package retrieve

import (
	"sync"

	"bowerbird"
	"bowerbird/internal/vec"
)

// tally adds up scores by item and remembers which start gave the most. It is an
// open-addressing table that is used again from request to request.
type tally struct {
	slots []slot
	used  []uint32
	mask  uint32
	best  vec.Best
}

type slot struct {
	item  bowerbird.ItemID // 0: free
	from  int32
	score float32
	most  float32
}

var tallies = sync.Pool{New: func() any { return new(tally) }}

// newTally makes room for n distinct items. The caller releases it.
func newTally(n int) *tally {
	t := tallies.Get().(*tally)
	if len(t.slots) < 2*n || len(t.slots) == 0 {
		size := 64
		for size < 2*n {
			size *= 2
		}
		t.slots, t.mask = make([]slot, size), uint32(size-1)
	}
	return t
}

func (t *tally) release() {
	for _, i := range t.used {
		t.slots[i] = slot{}
	}
	t.used = t.used[:0]
	tallies.Put(t)
}

// at is where x stands or would stand.
func (t *tally) at(x bowerbird.ItemID) uint32 {
	i := uint32(x) * 2654435769 & t.mask
	for t.slots[i].item != 0 && t.slots[i].item != x {
		i = (i + 1) & t.mask
	}
	return i
}

// add counts w for x from the i-th start.
func (t *tally) add(x bowerbird.ItemID, w float32, from int) {
	i := t.at(x)
	s := &t.slots[i]
	if s.item == 0 {
		s.item = x
		t.used = append(t.used, i)
	}
	s.score += w
	if w > s.most {
		s.most, s.from = w, int32(from)
	}
}

// hits appends the n best that pass the request's filters, best first, equal
// scores by item. Cost: the filters for each item that would enter, and a heap of n.
func (t *tally) hits(dst []bowerbird.Hit, n int, r *bowerbird.Request, why func(int) bowerbird.Reason) []bowerbird.Hit {
	if n <= 0 {
		return dst
	}
	t.best.Reset(n)
	for _, i := range t.used {
		s := vec.Scored{ID: uint32(t.slots[i].item), Score: t.slots[i].score}
		if t.best.Takes(s) && pass(r, t.slots[i].item) {
			t.best.Push(s)
		}
	}
	for _, s := range t.best.Sorted() {
		from := t.slots[t.at(bowerbird.ItemID(s.ID))].from
		dst = append(dst, bowerbird.Hit{Item: bowerbird.ItemID(s.ID), Score: s.Score, Why: why(int(from))})
	}
	return dst
}
