package query

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"bowerbird"
	"bowerbird/text"
)

// RelatedSearch is another search that people who made one might make.
type RelatedSearch struct {
	Text  string
	Kind  string           // "query"; "category" or "tag" where the log knows too few searches
	Item  bowerbird.ItemID // one whose picture can stand for it, 0 none
	Score float64
}

// Related returns up to n searches that are near a query: reached by walks over
// what people liked after it and what they searched next. Other spellings and
// other orders of the same words are left out, and what finds nothing. Where that
// is not enough, labels follow that the query's items bear far more often than all
// items do. keep, which may be nil, says which items may stand for a search. It
// costs the walk of reach and the items of up to 64 searches.
func (v *Understanding) Related(q string, n int, keep func(bowerbird.ItemID) bool) []RelatedSearch {
	v.mu.RLock()
	defer v.mu.RUnlock()
	key := text.Fold(q)
	a := v.read(q)
	r := v.reach(key, a.terms)
	// A search that is reached from everywhere says little of this one.
	near := map[uint32]float64{}
	for id, x := range r.queries {
		near[id] = x / math.Sqrt(1+v.log.queries[id].heatAt(v.log.now))
	}
	var out []RelatedSearch
	pictures := v.stand(r.items, keep)
	said := [][]string{a.terms}
	add := func(s, kind string, terms []string, set *roaring.Bitmap, score float64) {
		if len(out) >= n || len(terms) == 0 || slices.ContainsFunc(said, func(t []string) bool { return sameWords(t, terms) }) || variant(key, text.Fold(s)) {
			return
		}
		said = append(said, terms)
		out = append(out, RelatedSearch{s, kind, pictures.in(set), score})
	}
	for _, id := range best(near, 64) {
		p := &v.log.queries[id]
		if len(out) >= n {
			break
		}
		if !v.sayable(p) {
			continue
		}
		if b := v.read(p.text); !b.all.IsEmpty() {
			add(p.text, "query", b.terms, b.all, near[id])
		}
	}
	if len(out) < n {
		for _, l := range v.telling(&a) {
			label := &v.cat.labels[l.to]
			kind := "tag"
			if label.kind == categoryLabel {
				kind = "category"
			}
			add(label.name(), kind, label.terms, label.items, float64(l.w))
		}
	}
	return out
}

// telling are the categories and tags that what a query finds bears more often
// than all items do, the most telling first.
func (v *Understanding) telling(a *asked) []edge {
	ids := sample(a.all, guideSample)
	seen := map[uint32]int{}
	for _, x := range ids {
		for _, l := range v.cat.items[x].labels {
			if k := v.cat.labels[l].kind; k == categoryLabel || k == tagLabel {
				seen[l]++
			}
		}
	}
	var out []edge
	for l, k := range seen {
		if k < 2 {
			continue
		}
		here := float64(k) / float64(len(ids))
		all := float64(v.cat.labels[l].items.GetCardinality()) / float64(max(1, v.cat.count))
		out = append(out, edge{l, float32(here * math.Log2(here/all))})
	}
	slices.SortFunc(out, func(x, y edge) int { return cmp.Or(cmp.Compare(y.w, x.w), cmp.Compare(x.to, y.to)) })
	return out[:min(len(out), 64)]
}

// sameWords tells whether two lists hold the same terms.
func sameWords(a, b []string) bool {
	within := func(a, b []string) bool {
		for _, x := range a {
			if !slices.Contains(b, x) {
				return false
			}
		}
		return true
	}
	return within(a, b) && within(b, a)
}

// variant tells whether two folded texts are spellings of one: as many words, each
// within one edit of its partner, or the same letters parted otherwise.
func variant(a, b string) bool {
	if strings.ReplaceAll(a, " ", "") == strings.ReplaceAll(b, " ", "") {
		return true
	}
	x, y := strings.Fields(a), strings.Fields(b)
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i] != y[i] && (len(x[i]) < 5 || !oneEdit([]rune(x[i]), []rune(y[i]))) {
			return false
		}
	}
	return true
}

// oneEdit tells whether one letter more, less, other, or two swapped make one word
// of the other.
func oneEdit(a, b []rune) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if i == len(a) {
		return true
	}
	if len(a) < len(b) {
		return slices.Equal(a[i:], b[i+1:])
	}
	return slices.Equal(a[i+1:], b[i+1:]) || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && slices.Equal(a[i+2:], b[i+2:])
}

// Trend is a search that is made more often now than it used to be.
type Trend struct {
	Text string
	Item bowerbird.ItemID // one whose picture can stand for it, 0 none
	Heat float64          // searches of late, each halved every thirty days
}

// Trending returns up to n searches that are hot at the log's time. It costs a pass
// over all searches.
func (v *Understanding) Trending(n int, keep func(bowerbird.ItemID) bool) []Trend {
	v.mu.RLock()
	defer v.mu.RUnlock()
	heat := map[uint32]float64{}
	for i := range v.log.queries {
		if q := &v.log.queries[i]; q.common() {
			heat[uint32(i)] = q.heatAt(v.log.now)
		}
	}
	var out []Trend
	pictures := v.stand(nil, keep)
	for _, id := range best(heat, 8*n) {
		q := &v.log.queries[id]
		if len(out) >= n || !v.sayable(q) {
			continue
		}
		if a := v.read(q.text); !a.all.IsEmpty() {
			pictures.liked, pictures.top = q.likes()
			out = append(out, Trend{q.text, pictures.in(a.all), heat[id]})
		}
	}
	return out
}
