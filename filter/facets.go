package filter

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/RoaringBitmap/roaring/v2"

	"bowerbird"
)

// Facets counts the values of fields over a set of items. Fields are named as the
// request names them; "*" stands for the 100 that most items use.
//
// Of more than 65,536 items with numbers, and of more than 262,144 items where
// words must be counted item by item, one in k is counted, drawn by its number,
// and the counts multiplied; Facet.Exact is then false. The least and the greatest
// number are always of the whole set.
//
// Cost: for each field the smaller of one intersection a value and one look at
// each item. Readers are held up by no more than a stretch of it.
func (v *Fields) Facets(set *roaring.Bitmap, fields []string) []bowerbird.Facet {
	names := v.facetNames(fields)
	out := make([]bowerbird.Facet, len(names))
	var byItem []int // facets that are counted item by item
	for i, name := range names {
		out[i] = bowerbird.Facet{Field: name, Exact: true}
		terms, uses := v.termsOf(name)
		switch {
		case len(terms) == 0:
		case len(terms)*perTerm+uses*perUse <= int(set.GetCardinality())*perItem:
			out[i].Values = v.countTerms(set, terms)
		default:
			byItem = append(byItem, i)
		}
	}
	if len(byItem) > 0 {
		v.countItems(set, out, byItem)
	}
	for i, name := range names {
		if col := v.column(name); col != nil {
			countNumbers(set, col, &out[i])
		}
		first(&out[i])
	}
	return out
}

// FacetsApart counts each field over the items that pass the expression without
// the conditions on that field itself, as where shoppers tick several colours.
// set holds what passes all, beyond what passes without the expression.
func (v *Fields) FacetsApart(set, beyond *roaring.Bitmap, e *bowerbird.Expr, fields []string) []bowerbird.Facet {
	var same []string
	names := v.facetNames(fields)
	out := make([]bowerbird.Facet, len(names))
	at := map[string]int{}
	for i, name := range names {
		at[name] = i
		if other := apart(e, name); other != nil {
			out[i] = v.Facets(v.Within(beyond, other), []string{name})[0]
		} else {
			same = append(same, name)
		}
	}
	if len(same) > 0 {
		for _, f := range v.Facets(set, same) {
			out[at[f.Field]] = f
		}
	}
	return out
}

// Rough costs, in nanoseconds, to choose the way of counting by (BenchmarkFacets
// shows whether they hold): an intersection that finds nothing, an item in one,
// and a look at all that one item carries.
const (
	perTerm = 250
	perUse  = 3
	perItem = 60
	sampled = 1 << 18 // items counted of a larger set, each by a look
	numbers = 1 << 16 // numbers counted of a larger set
)

// facetNames expands "*" and drops repeats.
func (v *Fields) facetNames(fields []string) []string {
	var out []string
	for _, f := range fields {
		list := []string{f}
		if f == "*" {
			list = v.commonest(bowerbird.MaxList)
		}
		for _, x := range list {
			if !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
	}
	return out
}

// commonest are the fields that items use most, by name where equal.
func (v *Fields) commonest(n int) []string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var out []string
	for name, f := range v.fields {
		if f.uses > 0 {
			out = append(out, name)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(-cmp.Compare(v.fields[a].uses, v.fields[b].uses), cmp.Compare(a, b))
	})
	return out[:min(n, len(out))]
}

func (v *Fields) termsOf(name string) ([]uint32, int) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	f := v.fields[fold(name)]
	if f == nil {
		return nil, 0
	}
	return f.terms[:len(f.terms):len(f.terms)], f.uses
}

// stretch is how many terms or items are looked at under one lock.
const stretch = 256

func (v *Fields) countTerms(set *roaring.Bitmap, terms []uint32) []bowerbird.FacetValue {
	var out []bowerbird.FacetValue
	for part := range slices.Chunk(terms, stretch) {
		v.mu.RLock()
		for _, t := range part {
			if v.words[t] == "" { // an erased person's
				continue
			}
			if n := v.items[t].AndCardinality(set); n > 0 {
				out = append(out, bowerbird.FacetValue{Value: v.labels[t], Count: int(n)})
			}
		}
		v.mu.RUnlock()
	}
	return out
}

// countItems counts the words of some facets by looking at items.
func (v *Fields) countItems(set *roaring.Bitmap, out []bowerbird.Facet, which []int) {
	every := (int(set.GetCardinality()) + sampled - 1) / sampled
	counts := v.carried(set, max(1, every))
	v.mu.RLock()
	defer v.mu.RUnlock()
	for _, i := range which {
		out[i].Exact = every <= 1
		for _, t := range v.fields[fold(out[i].Field)].terms {
			if int(t) < len(counts) && counts[t] > 0 && v.words[t] != "" {
				out[i].Values = append(out[i].Values, bowerbird.FacetValue{Value: v.labels[t], Count: int(counts[t]) * max(1, every)})
			}
		}
	}
}

// drawn chooses one item in k by a hash of its number: by every k-th a pattern in
// the catalogue would be taken for its whole. The mixing is Wellons's lowbias32.
func drawn(x, k uint32) bool {
	x ^= x >> 16
	x *= 0x7feb352d
	x ^= x >> 15
	x *= 0x846ca68b
	x ^= x >> 16
	return uint64(x)*uint64(k) < 1<<32
}

// carried counts terms over one item in k of a set.
func (v *Fields) carried(set *roaring.Bitmap, k int) []uint32 {
	var counts []uint32
	var buf [stretch]uint32
	for it := set.ManyIterator(); ; {
		n := it.NextMany(buf[:])
		if n == 0 {
			return counts
		}
		v.mu.RLock()
		if more := len(v.words) - len(counts); more > 0 {
			counts = append(counts, make([]uint32, more)...)
		}
		for _, x := range buf[:n] {
			if drawn(x, uint32(k)) && int(x) < len(v.carries) {
				for _, t := range v.carries[x] {
					counts[t]++
				}
			}
		}
		v.mu.RUnlock()
	}
}

// countNumbers adds the numbers of a column: the least, the greatest, and how
// often each stands.
func countNumbers(set *roaring.Bitmap, col *column, out *bowerbird.Facet) {
	every := uint64(1) // one in so many
	if n := min(set.GetCardinality(), uint64(col.used.Load())); n > numbers {
		every = (n + numbers - 1) / numbers
		out.Exact = false
	}
	var seen []uint32
	var buf [1024]uint32
	low, high, any := float32(0), float32(0), false
	for it := set.ManyIterator(); ; {
		n := it.NextMany(buf[:])
		if n == 0 {
			break
		}
		for _, x := range buf[:n] {
			bits := col.get(bowerbird.ItemID(x))
			if bits == 0 {
				continue
			}
			f := decode(bits)
			if !any {
				low, high, any = f, f, true
			}
			low, high = min(low, f), max(high, f)
			if drawn(x, uint32(every)) {
				seen = append(seen, bits)
			}
		}
	}
	if !any {
		return
	}
	out.Stats = &bowerbird.FacetStats{Min: number(low), Max: number(high)}
	out.Values = append(out.Values, commonNumbers(seen, int(every))...)
	out.More = out.More || len(out.Values) > bowerbird.MaxFacetValues
}

// commonNumbers are the numbers that stand most often in a list of bits, among
// equals the first by their bits, that is, the smaller of two positive ones: one
// more of them than a facet lists, so that it is known whether there are more.
func commonNumbers(seen []uint32, times int) []bowerbird.FacetValue {
	slices.Sort(seen)
	type run struct {
		bits uint32
		n    int
	}
	top := make([]run, 0, bowerbird.MaxFacetValues+2)
	for i, j := 0, 0; i < len(seen); i = j {
		for j = i; j < len(seen) && seen[j] == seen[i]; j++ {
		}
		at, _ := slices.BinarySearchFunc(top, j-i, func(r run, n int) int {
			if r.n >= n { // what came before is smaller
				return -1
			}
			return 1
		})
		if at > bowerbird.MaxFacetValues {
			continue
		}
		top = slices.Insert(top, at, run{seen[i], j - i})
		top = top[:min(len(top), bowerbird.MaxFacetValues+1)]
	}
	out := make([]bowerbird.FacetValue, len(top))
	for i, r := range top {
		out[i] = bowerbird.FacetValue{Value: label(decode(r.bits)), Count: r.n * times}
	}
	return out
}

// label writes a number as briefly as its 32 bits allow: 19.99, not 19.989999.
func label(f float32) string { return strconv.FormatFloat(float64(f), 'f', -1, 32) }

func number(f float32) float64 {
	x, err := strconv.ParseFloat(label(f), 64)
	if err != nil {
		return float64(f)
	}
	return x
}

// first keeps the commonest values.
func first(f *bowerbird.Facet) {
	slices.SortFunc(f.Values, byCount)
	if len(f.Values) > bowerbird.MaxFacetValues {
		f.Values, f.More = slices.Clip(f.Values[:bowerbird.MaxFacetValues]), true
	}
	if f.Values == nil {
		f.Values = []bowerbird.FacetValue{}
	}
}

// byCount orders values by count, then by the alphabet.
func byCount(a, b bowerbird.FacetValue) int {
	return cmp.Or(-cmp.Compare(a.Count, b.Count), cmp.Compare(a.Value, b.Value))
}
