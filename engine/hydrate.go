package engine

import (
	"sync"

	"bowerbird"
	"bowerbird/feature"
	"bowerbird/internal/vec"
	"bowerbird/rank"
	"bowerbird/retrieve"
	"bowerbird/store"
)

// hydrator fills a candidate's row: what the sources said, then the feature set.
type hydrator struct {
	sources *rank.Sources
	set     *feature.Set
	names   []string
	items   sync.Pool // *[]bowerbird.ItemID
	spare   sync.Pool // *[]float32
}

func newHydrator(s *rank.Sources, set *feature.Set) *hydrator {
	return &hydrator{sources: s, set: set, names: append(append([]string(nil), s.Names()...), set.Names()...)}
}

// Names are the columns.
func (h *hydrator) Names() []string { return h.names }

// Fill writes every row. The rows of one page lie side by side in one slice,
// which the set fills column by column.
func (h *hydrator) Fill(r *bowerbird.Request, c []bowerbird.Candidate) {
	if len(c) == 0 {
		return
	}
	h.sources.Fill(c, 0)
	buf, _ := h.items.Get().(*[]bowerbird.ItemID)
	if buf == nil {
		buf = new([]bowerbird.ItemID)
	}
	items := (*buf)[:0]
	n := len(h.names)
	rows := h.rows(len(c) * n)
	defer h.spare.Put(&rows)
	for i := range c {
		items = append(items, c[i].Item)
	}
	at := len(h.sources.Names())
	h.set.Fill(r, items, rows[at:], n)
	for i := range c {
		copy(c[i].Features[at:], rows[i*n+at:(i+1)*n])
	}
	*buf = items
	h.items.Put(buf)
}

// rows is n zeros.
func (h *hydrator) rows(n int) []float32 {
	if p, _ := h.spare.Get().(*[]float32); p != nil && cap(*p) >= n {
		rows := (*p)[:n]
		clear(rows)
		return rows
	}
	return make([]float32, n)
}

// likeness is how alike two items are, for diversity: by their pictures where
// both have one, else by their labels.
type likeness struct {
	taste *feature.Taste
	looks *retrieve.Looks
}

// The descriptor's cosine of unrelated pictures lies around this; only what is
// above it counts as alike.
const unrelated = .5

// of reads the vectors of a page's items once: two at a time, that took a tenth of a training on a small catalogue.
func (l likeness) of(items []bowerbird.ItemID) func(i, j int) float32 {
	if l.looks.Len() == 0 {
		return func(i, j int) float32 { return l.taste.Likeness(items[i], items[j]) }
	}
	vectors := make([][]float32, len(items))
	var all []float32
	for i, x := range items {
		from := len(all)
		v, ok := l.looks.Vector(all, x)
		if !ok {
			continue
		}
		if all == nil {
			all = make([]float32, 0, len(items)*len(v))
			v = append(all, v...)
		}
		all, vectors[i] = v, v[from:]
	}
	return func(i, j int) float32 {
		labels := l.taste.Likeness(items[i], items[j])
		x, y := vectors[i], vectors[j]
		if len(x) == 0 || len(x) != len(y) {
			return labels
		}
		return max(labels, max(0, vec.Dot(x, y)-unrelated)/(1-unrelated))
	}
}

// pictureKey groups items that show the same picture, for Dedupe: by the
// fingerprint that all copies share.
func pictureKey(cat *store.Catalogue) func(bowerbird.ItemID) uint64 {
	return func(x bowerbird.ItemID) uint64 {
		d, err := cat.ItemDoc(x)
		if err != nil || d.Picture == nil {
			return 0
		}
		return d.Picture.Fingerprint
	}
}
