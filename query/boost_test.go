package query

import (
	"context"
	"slices"
	"testing"

	"bowerbird"
)

// TestIntent: a bound on a number is a wish and no word; exact measures and words in quotes stay words.
func TestIntent(t *testing.T) {
	v := New(Options{})
	var facts []bowerbird.Fact
	for i := range 120 {
		kind, colour := []string{"lamp", "sofa", "clock"}[i%3], []string{"red", "green"}[i%2]
		facts = append(facts, bowerbird.Fact{Kind: bowerbird.ItemPut, Item: bowerbird.ItemID(i + 1), ItemDoc: &bowerbird.Item{
			Title: colour + " leather " + kind, Categories: []string{"home/" + kind + "s"}, Tags: []string{colour},
			Attributes: bowerbird.Attributes{{Name: "price", Number: float64(10 + i), Numeric: true}, {Name: "width", Number: float64(60 + i%3*60), Numeric: true}},
		}})
	}
	v.Apply(facts)
	ask := func(q string) *bowerbird.Request {
		t.Helper()
		r := &bowerbird.Request{Surface: bowerbird.SearchWords, Query: q}
		if err := v.Rewrite(context.Background(), r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	for q, want := range map[string]string{
		"lamp under 50": "lamp", "red lamp between 20 and 40 eur": "red lamp", "under 50": "under 50", "sofa 120 cm": "sofa 120 cm",
		`"lamp under 50"`: `"lamp under 50"`, "lamp -under 50": "lamp -under 50", "red leather sofa": "red leather sofa",
	} {
		if got := ask(q).Words(); got != want {
			t.Errorf("%s: looks for %q, want %q", q, got, want)
		}
	}
	r := ask("lamp under 50")
	if !slices.ContainsFunc(r.Meant.Wishes, func(w bowerbird.Wish) bool {
		return w.Field == "price" && w.Op == bowerbird.LessEq && w.Number == 50 && w.Weight > 0
	}) {
		t.Errorf("%+v", r.Meant)
	}
	if r.Terms != "" {
		t.Errorf("nothing was misspelt, yet corrected to %q", r.Terms)
	}
	r = ask("red leather sofa")
	if len(r.Meant.Categories) == 0 || r.Meant.Categories[0].Words[0] != "home/sofas" || r.Meant.Sure <= 0 {
		t.Errorf("categories %+v, sure %v", r.Meant.Categories, r.Meant.Sure)
	}
	if !slices.ContainsFunc(r.Meant.Wishes, func(w bowerbird.Wish) bool { return slices.Contains(w.Words, "red") }) {
		t.Errorf("no wish for what is red: %+v", r.Meant.Wishes)
	}
	plain := &bowerbird.Request{Surface: bowerbird.SearchWords, Query: "lamp under 50", Search: bowerbird.SearchSpec{Verbatim: true}}
	if err := v.Rewrite(context.Background(), plain); err != nil || plain.Meant != nil || plain.Words() != "lamp under 50" {
		t.Errorf("verbatim: %+v, %v", plain.Meant, err)
	}
}
