package retrieve

import (
	"cmp"
	"container/heap"
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"bowerbird"
)

// Sorted finds what a search matches in the order of fields instead of relevance;
// and, where a search has no words to be relevant to, in the order of popularity.
// It owns no view: it orders what the request's match stage found.
type Sorted struct {
	words *Words
	keys  func(field string) func(bowerbird.ItemID) (number float64, word string, ok bool)
}

// NewSorted returns the source. keys reads an item's sort key of a field: a
// number or, if word is not empty, a word; false if the item has none.
func NewSorted(words *Words, keys func(field string) func(bowerbird.ItemID) (number float64, word string, ok bool)) *Sorted {
	return &Sorted{words, keys}
}

// Name is what traces and explanations call it.
func (s *Sorted) Name() string { return "sorted" }

// browse is the order of a search without words.
var browse = []bowerbird.SortKey{{Field: "popularity", Desc: true}}

// Candidates lists the n first items: by the request's keys, then by relevance,
// then by id. An item without a key comes last, in either direction. A hit's score
// is its relevance.
//
// Cost: a key for each matching item, read twice; then a search among n items and
// those that are equal to the last of them.
func (s *Sorted) Candidates(ctx context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	by := r.Search.Sort
	if len(by) == 0 {
		if Blended(r) || !s.words.Browses(r) {
			return dst, nil
		}
		by = browse
	}
	set := r.Match.Items
	if !r.Match.Exact || n <= 0 {
		return dst, nil
	}
	o := &ordering{by: by}
	for _, k := range by {
		o.read = append(o.read, s.keys(k.Field))
	}
	before, equal := o.first(set, n)
	first, err := s.words.Relevance(ctx, r, before, n)
	if err != nil {
		return dst, err
	}
	rest, err := s.words.Relevance(ctx, r, equal, n-len(first))
	if err != nil {
		return dst, err
	}
	o.order(first)
	return append(append(dst, first...), rest...), nil
}

// sortValue is one key of an item.
type sortValue struct {
	number float64
	word   string
	ok     bool
}

// ordering compares items by several keys.
type ordering struct {
	by   []bowerbird.SortKey
	read []func(bowerbird.ItemID) (float64, string, bool)
	top  []sorted // a heap of the n first, the last of them on top
}

type sorted struct {
	item bowerbird.ItemID
	keys []sortValue
}

func (o *ordering) value(i int, x bowerbird.ItemID) sortValue {
	n, w, ok := o.read[i](x)
	return sortValue{n, w, ok}
}

// compare orders two values of the i-th key.
func (o *ordering) compare(i int, a, b sortValue) int {
	if !a.ok || !b.ok {
		return cmp.Compare(b2i(b.ok), b2i(a.ok))
	}
	c := cmp.Or(cmp.Compare(b2i(a.word != ""), b2i(b.word != "")), cmp.Compare(a.number, b.number), cmp.Compare(a.word, b.word))
	if o.by[i].Desc {
		return -c
	}
	return c
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// against compares an item with keys, reading no more of its own than it takes.
func (o *ordering) against(x bowerbird.ItemID, keys []sortValue) int {
	for i := range o.by {
		if c := o.compare(i, o.value(i, x), keys[i]); c != 0 {
			return c
		}
	}
	return 0
}

// Len, Less, Swap, Push and Pop make the heap.
func (o *ordering) Len() int { return len(o.top) }
func (o *ordering) Less(a, b int) bool {
	for i := range o.by {
		if c := o.compare(i, o.top[a].keys[i], o.top[b].keys[i]); c != 0 {
			return c > 0
		}
	}
	return false
}
func (o *ordering) Swap(a, b int) { o.top[a], o.top[b] = o.top[b], o.top[a] }
func (o *ordering) Push(x any)    { o.top = append(o.top, x.(sorted)) }
func (o *ordering) Pop() any {
	x := o.top[len(o.top)-1]
	o.top = o.top[:len(o.top)-1]
	return x
}

// first splits off the items that stand before the n-th, fewer than n, and those
// that are equal to it.
func (o *ordering) first(set *roaring.Bitmap, n int) (before, equal *roaring.Bitmap) {
	before, equal = roaring.New(), roaring.New()
	for it := set.Iterator(); it.HasNext(); {
		x := bowerbird.ItemID(it.Next())
		if len(o.top) < n {
			heap.Push(o, o.keyed(x, nil))
		} else if o.against(x, o.top[0].keys) < 0 {
			o.top[0] = o.keyed(x, o.top[0].keys)
			heap.Fix(o, 0)
		}
	}
	if len(o.top) < n || len(o.top) == 0 {
		return set, equal
	}
	last := slices.Clone(o.top[0].keys)
	for it := set.Iterator(); it.HasNext(); {
		x := it.Next()
		switch c := o.against(bowerbird.ItemID(x), last); {
		case c < 0:
			before.Add(x)
		case c == 0:
			equal.Add(x)
		}
	}
	return before, equal
}

func (o *ordering) keyed(x bowerbird.ItemID, keys []sortValue) sorted {
	keys = keys[:0]
	for i := range o.by {
		keys = append(keys, o.value(i, x))
	}
	return sorted{x, keys}
}

// order sorts hits by their keys, then by score, then by id.
func (o *ordering) order(hits []bowerbird.Hit) {
	keys := make(map[bowerbird.ItemID][]sortValue, len(hits))
	for _, h := range hits {
		keys[h.Item] = o.keyed(h.Item, nil).keys
	}
	slices.SortFunc(hits, func(a, b bowerbird.Hit) int {
		for i := range o.by {
			if c := o.compare(i, keys[a.Item][i], keys[b.Item][i]); c != 0 {
				return c
			}
		}
		return cmp.Or(-cmp.Compare(a.Score, b.Score), cmp.Compare(a.Item, b.Item))
	})
}
