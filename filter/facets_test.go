package filter_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	gocmp "github.com/google/go-cmp/cmp"

	"bowerbird"
	"bowerbird/filter"
)

// randomExpr is an expression over the fields of randomWorld.
func randomExpr(r *rand.Rand, depth int) bowerbird.Expr {
	if depth > 0 && r.IntN(3) > 0 {
		e := bowerbird.Expr{Node: bowerbird.Node(r.IntN(3))}
		for range 1 + r.IntN(3) {
			e.Of = append(e.Of, randomExpr(r, depth-1))
		}
		return e
	}
	words := []string{"grey", "cat", "oak", "home/lamp", "home", "u3", "7", "unknown"}
	fields := []string{"category", "tag", "maker", "price", "owner", "language", "created", "nothing"}
	return bowerbird.Expr{Node: bowerbird.Leaf, Test: bowerbird.Condition{Field: fields[r.IntN(len(fields))], Op: bowerbird.Op(r.IntN(int(bowerbird.Exists) + 1)),
		Words: []string{words[r.IntN(len(words))], words[r.IntN(len(words))]}, Number: float64(r.IntN(60) * (1 + 999*r.IntN(2)))}}
}

func TestSetsAgreeWithTests(t *testing.T) {
	v := filter.NewFields()
	v.Apply(randomWorld(3, 3000))
	r := rand.New(rand.NewPCG(4, 4))
	for range 500 {
		e := randomExpr(r, 3)
		agree(t, v, &e)
	}
}

// facetsByHand counts as slowly as can be.
func facetsByHand(docs map[bowerbird.ItemID]*bowerbird.Item, set *roaring.Bitmap, field string) map[string]int {
	out := map[string]int{}
	for x, d := range docs {
		if !set.Contains(uint32(x)) {
			continue
		}
		mine := map[string]bool{}
		switch field {
		case "tag":
			for _, t := range d.Tags {
				mine[t] = true
			}
		case "category":
			for _, c := range d.Categories {
				for ; c != ""; c = c[:max(0, strings.LastIndexByte(c, '/'))] {
					mine[c] = true
				}
			}
		default:
			a, _ := d.Attributes.Get(field)
			for _, w := range a.Words {
				mine[w] = true
			}
			if a.Numeric {
				mine[fmt.Sprint(a.Number)] = true
			}
		}
		for w := range mine {
			out[w]++
		}
	}
	return out
}

func TestFacetsAgainstBruteForce(t *testing.T) {
	facts := randomWorld(9, 4000)
	v := filter.NewFields()
	v.Apply(facts)
	docs := map[bowerbird.ItemID]*bowerbird.Item{}
	for _, f := range facts {
		switch f.Kind {
		case bowerbird.ItemPut:
			docs[f.Item] = f.ItemDoc
		case bowerbird.ItemDelete:
			delete(docs, f.Item)
		}
	}
	r := rand.New(rand.NewPCG(5, 5))
	for range 100 {
		e := randomExpr(r, 2)
		set := v.Within(v.All(), &e)
		for _, f := range v.Facets(set, []string{"tag", "category", "maker", "price"}) {
			got := map[string]int{}
			for _, x := range f.Values {
				got[x.Value] = x.Count
			}
			if d := gocmp.Diff(facetsByHand(docs, set, f.Field), got); d != "" || !f.Exact || f.More {
				t.Fatalf("%s over %s: exact %v, more %v\n%s", f.Field, &e, f.Exact, f.More, d)
			}
			if !slices.IsSortedFunc(f.Values, func(a, b bowerbird.FacetValue) int {
				return cmp.Or(-cmp.Compare(a.Count, b.Count), cmp.Compare(a.Value, b.Value))
			}) {
				t.Fatalf("%s: not by count, then value: %v", f.Field, f.Values)
			}
		}
	}
}

// TestFacetsApart: each facet ignores the conditions on itself, and no others.
func TestFacetsApart(t *testing.T) {
	v := filter.NewFields()
	v.Apply(randomWorld(11, 4000))
	e, err := filter.Parse(`tag = cat AND maker IN [oak, lamp] AND price < 30`, v.Known)
	if err != nil {
		t.Fatal(err)
	}
	all := v.All()
	got := v.FacetsApart(v.Within(all, e), all, e, []string{"tag", "category", "maker"})
	for i, text := range []string{`maker IN [oak, lamp] AND price < 30`, `tag = cat AND maker IN [oak, lamp] AND price < 30`, `tag = cat AND price < 30`} {
		other, err := filter.Parse(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := v.Facets(v.Within(all, other), []string{got[i].Field})[0]
		if d := gocmp.Diff(want, got[i]); d != "" {
			t.Errorf("%s: %s", got[i].Field, d)
		}
	}
}

// TestFacetLabels: values are shown as they were first written, and "*" begins
// with what most items use.
func TestFacetLabels(t *testing.T) {
	v := filter.NewFields()
	words := func(w ...string) bowerbird.Attributes { return bowerbird.Attributes{{Name: "Maker", Words: w}} }
	v.Apply(logOf(
		put(1, bowerbird.Item{Attributes: words("HP Inc"), Tags: []string{"New"}}),
		put(2, bowerbird.Item{Attributes: words("hp inc", "HP")}),
		put(3, bowerbird.Item{Attributes: words("hp inc"), Hidden: true}),
	))
	got := v.Facets(v.All(), []string{"*"})
	want := []bowerbird.Facet{
		{Field: "maker", Exact: true, Values: []bowerbird.FacetValue{{Value: "HP Inc", Count: 2}, {Value: "HP", Count: 1}}},
		{Field: "tag", Exact: true, Values: []bowerbird.FacetValue{{Value: "New", Count: 1}}},
	}
	if d := gocmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestFacetsAreCut: no more than 100 values, the commonest, and it says so.
func TestFacetsAreCut(t *testing.T) {
	v := filter.NewFields()
	var facts []bowerbird.Fact
	for x := range bowerbird.ItemID(300) {
		facts = append(facts, put(x+1, bowerbird.Item{Tags: []string{fmt.Sprintf("t%03d", x/2)}, Attributes: bowerbird.Attributes{{Name: "n", Numeric: true, Number: float64(x)}}}))
	}
	v.Apply(logOf(facts...))
	f := v.Facets(v.All(), []string{"tag", "n"})
	if len(f[0].Values) != 100 || !f[0].More || f[0].Values[0] != (bowerbird.FacetValue{Value: "t000", Count: 2}) {
		t.Errorf("%d values, more %v, first %v", len(f[0].Values), f[0].More, f[0].Values[0])
	}
	if *f[1].Stats != (bowerbird.FacetStats{Min: 0, Max: 299}) || len(f[1].Values) != 100 {
		t.Errorf("%+v", f[1].Stats)
	}
}
