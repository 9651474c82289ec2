package engine

import (
	"errors"
	"slices"
	"testing"

	"bowerbird"
	"bowerbird/internal/vec"
)

// TestSearchOfManyLooks: with diversity a search shows the same items in another order, the
// first of them less alike, and its pages are cuts of that order.
func TestSearchOfManyLooks(t *testing.T) {
	e := pictured(t, t.TempDir(), 40, 0)
	defer e.Close()
	q := Query{Surface: bowerbird.SearchWords, Words: "lamp", Limit: 40}
	plain := page(t, e, q)
	q.Diversity = new(float32(.6))
	varied := page(t, e, q)
	a, b := items(plain.Page), items(varied.Page)
	if slices.Equal(a, b) || len(a) != 40 {
		t.Fatalf("%d items, the order is the same", len(a))
	}
	alike := func(list []bowerbird.ItemID) (sum float32) {
		for i, x := range list[:10] {
			for _, y := range list[:i] {
				vx, _ := e.House().looks.Vector(nil, x)
				vy, _ := e.House().looks.Vector(nil, y)
				sum += vec.Dot(vx, vy) / 45
			}
		}
		return sum
	}
	if p, v := alike(a), alike(b); v >= p {
		t.Errorf("the first ten are alike by %.3f, by %.3f without", v, p)
	}
	slices.Sort(a)
	sorted := slices.Clone(b)
	if slices.Sort(sorted); !slices.Equal(a, sorted) {
		t.Error("other items are found")
	}
	q.Limit = 7
	var all []bowerbird.ItemID
	for {
		p := page(t, e, q)
		all = append(all, items(p.Page)...)
		if q.Cursor = p.Next; q.Cursor == "" {
			break
		}
	}
	if !slices.Equal(all, b) {
		t.Errorf("pages of 7 give %v, one of 40 %v", all, b)
	}

	var bad *bowerbird.Invalid
	for _, d := range []float32{-.1, 1.1} {
		_, err := e.Page(t.Context(), Query{Surface: bowerbird.SearchWords, Words: "lamp", Diversity: &d})
		if !errors.As(err, &bad) || bad.Field != "diversity" {
			t.Errorf("%v: %v", d, err)
		}
	}
	sort := Query{Surface: bowerbird.SearchWords, Words: "lamp", Diversity: new(float32(.5))}
	sort.Seek.Sort = []bowerbird.SortKey{{Field: "popularity"}}
	if _, err := e.Page(t.Context(), sort); !errors.As(err, &bad) || bad.Field != "diversity" {
		t.Error(err)
	}
}
