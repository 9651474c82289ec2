package filter

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/go-cmp/cmp"

	"bowerbird"
)

// market is n items of a shop: 40 makers, 2,000 tags, 12 categories, prices.
func market(n int) *Fields {
	r := rand.New(rand.NewPCG(1, 2))
	v := NewFields()
	facts := make([]bowerbird.Fact, n)
	for i := range facts {
		facts[i] = bowerbird.Fact{Kind: bowerbird.ItemPut, Item: bowerbird.ItemID(i + 1), ItemDoc: &bowerbird.Item{
			Categories: []string{fmt.Sprintf("c%d/d%d", r.IntN(4), r.IntN(3))}, Tags: []string{fmt.Sprint("tag", r.IntN(2000)), fmt.Sprint("tag", r.IntN(200))},
			Attributes: bowerbird.Attributes{{Name: "maker", Words: []string{fmt.Sprint("maker", r.IntN(40))}}, {Name: "price", Numeric: true, Number: float64(r.IntN(100_000)) / 100}}}}
	}
	v.Apply(facts)
	return v
}

func sample(v *Fields, one int) *roaring.Bitmap {
	r := rand.New(rand.NewPCG(3, 4))
	return Pick(v.All(), func(bowerbird.ItemID) bool { return r.IntN(one) == 0 })
}

// TestBothWaysOfCounting: intersections and looks at items give one answer.
func TestBothWaysOfCounting(t *testing.T) {
	v := market(20_000)
	for _, one := range []int{1, 3, 500} {
		set := sample(v, one)
		for _, field := range []string{"tag", "maker", "category"} {
			terms, _ := v.termsOf(field)
			a := bowerbird.Facet{Field: field, Exact: true, Values: v.countTerms(set, terms)}
			b := []bowerbird.Facet{{Field: field, Exact: true}}
			v.countItems(set, b, []int{0})
			first(&a)
			first(&b[0])
			if d := cmp.Diff(a, b[0]); d != "" {
				t.Errorf("%s of one in %d: %s", field, one, d)
			}
		}
	}
}

// TestSampledCounts: what is counted of a sample says so and comes near; the ends
// of a range are exact all the same.
func TestSampledCounts(t *testing.T) {
	v := market(20_000)
	set := v.All()
	whole, sevenths := v.carried(set, 1), v.carried(set, 7)
	for term, n := range whole {
		// A binomial count of n·1/7 strays by more than five deviations once in a million.
		if d := float64(sevenths[term])*7 - float64(n); n >= 100 && d*d > 25*6*float64(n) {
			t.Errorf("%q: %d, estimated %d", v.words[term], n, sevenths[term]*7)
		}
	}
	col := new(column)
	many := roaring.New()
	n := 3*numbers + 5
	for x := range n {
		col.set(bowerbird.ItemID(x), encode(float32(x%10)))
	}
	col.set(bowerbird.ItemID(1), encode(-3))
	many.AddRange(0, uint64(n))
	f := bowerbird.Facet{Exact: true}
	countNumbers(many, col, &f)
	if f.Exact || f.Stats.Min != -3 || f.Stats.Max != 9 || len(f.Values) < 10 {
		t.Errorf("%+v %+v", f, f.Stats)
	}
	for _, x := range f.Values[:10] { // the numbers repeat every ten items, and the sample is one in four
		if d := float64(x.Count) - float64(n)/10; d*d > 25*3*float64(n)/10 {
			t.Errorf("%s: estimated %d of %d", x.Value, x.Count, n/10)
		}
	}
}

// BenchmarkFacets counts three word facets and a numeric one over a part of a
// million items.
func BenchmarkFacets(b *testing.B) {
	v := market(1_000_000)
	for _, one := range []int{1, 4, 100} {
		set := sample(v, one)
		b.Run(fmt.Sprintf("items=%d", set.GetCardinality()), func(b *testing.B) {
			for b.Loop() {
				v.Facets(set, []string{"category", "maker", "tag", "price"})
			}
		})
		for _, field := range []string{"category", "maker", "tag", "price"} {
			b.Run(fmt.Sprintf("items=%d/%s", set.GetCardinality(), field), func(b *testing.B) {
				for b.Loop() {
					v.Facets(set, []string{field})
				}
			})
		}
	}
}

// BenchmarkWithin compares the forms of a filter over a million items.
func BenchmarkWithin(b *testing.B) {
	v := market(1_000_000)
	all := v.All()
	for _, text := range []string{"maker = maker3", "price 10 TO 50", "maker = maker3 AND price 10 TO 50", "maker = maker3 OR tag = tag7", "NOT maker = maker3"} {
		e, err := Parse(text, v.Known)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("set/"+text, func(b *testing.B) {
			for b.Loop() {
				v.Within(all, e)
			}
		})
		b.Run("test/"+text, func(b *testing.B) {
			for b.Loop() {
				Pick(all, v.test(e))
			}
		})
	}
}
