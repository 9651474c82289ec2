package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bowerbird"
	"bowerbird/filter"
	"bowerbird/retrieve"
)

// shopEvents are 240 items with prices, makers and near-equal titles, and a few
// people who save them.
func shopEvents() []bowerbird.Event {
	colours, things := []string{"grey", "red", "blue"}, []string{"sofa", "lamp", "table", "shelf"}
	var out []bowerbird.Event
	for i := range 240 {
		title := colours[i%3] + " " + things[i%4]
		if i%5 == 0 {
			title += " of oak"
		}
		out = append(out, bowerbird.Event{Kind: bowerbird.ItemPut, Time: int64(1000 * (i + 1)), ItemDoc: &bowerbird.Item{ID: fmt.Sprint("i", i), Title: title, Tags: []string{things[i%4]},
			Attributes: bowerbird.Attributes{{Name: "maker", Words: []string{fmt.Sprint("m", i%17)}}, {Name: "price", Numeric: true, Number: float64(i * 7 % 50)}}}})
	}
	for u := range 20 {
		for i := range 9 {
			out = append(out, bowerbird.Event{Kind: bowerbird.Save, Time: int64(300_000 + u), User: fmt.Sprint("u", u), Item: fmt.Sprint("i", (u*u+i*i*3)%240)})
		}
	}
	return out
}

// searches are of every kind.
func searches(t testing.TB, e *Engine) map[string]Query {
	t.Helper()
	where, err := filter.Parse("price < 30 AND NOT maker = m3", e.House().HasField)
	if err != nil {
		t.Fatal(err)
	}
	q := func(words string, k Seek) Query {
		return Query{Surface: bowerbird.SearchWords, User: "u3", Words: words, Seek: k}
	}
	spec := func(s bowerbird.SearchSpec) Seek { return Seek{SearchSpec: s} }
	filtered := q("grey sofa", Seek{})
	filtered.Filter = where
	return map[string]Query{
		"words":      q("grey sofa", Seek{}),
		"filter":     filtered,
		"all":        q("grey sofa", spec(bowerbird.SearchSpec{Matching: bowerbird.MatchAll})),
		"last":       q("grey sofa nothing", spec(bowerbird.SearchSpec{Matching: bowerbird.MatchLast})),
		"sort":       q("sofa lamp", spec(bowerbird.SearchSpec{Sort: []bowerbird.SortKey{{Field: "price"}, {Field: "maker", Desc: true}}})),
		"newest":     q("", spec(bowerbird.SearchSpec{Sort: []bowerbird.SortKey{{Field: "created", Desc: true}}})),
		"everything": q("", Seek{}),
		"without":    q("-grey", Seek{}),
		"distinct":   q("sofa lamp table", spec(bowerbird.SearchSpec{Distinct: "maker"})),
		"positive":   q("", Seek{Positive: []string{"i3", "i7"}, Negative: []string{"i4"}}),
		"mix":        q("sofa", Seek{Mix: []Portion{{Words: "oak", Weight: .6}, {Item: "i8", Weight: .5}, {Words: "red", Weight: -.4}}}),
		"cutoff":     q("grey sofa oak", spec(bowerbird.SearchSpec{Cutoff: .6})),
	}
}

// TestOffsetsAndCursorsAgree: pages of any size, by offset or by cursor, are cuts
// of one order.
func TestOffsetsAndCursorsAgree(t *testing.T) {
	e := open(t, t.TempDir(), Options{})
	defer e.Close()
	put(t, e, shopEvents(), 1000)
	for name, q := range searches(t, e) {
		var whole []string
		q.Limit = 100
		for at := 0; ; at += 100 {
			q.Seek.Skip = at
			a := page(t, e, q)
			whole = append(whole, ids(a)...)
			if !a.Page.More {
				break
			}
		}
		if len(whole) < 3 {
			t.Errorf("%s: %d hits prove nothing", name, len(whole))
		}
		if dup := slices.Sorted(slices.Values(whole)); len(slices.Compact(dup)) != len(whole) {
			t.Errorf("%s: a hit stands twice", name)
		}
		for _, limit := range []int{7, 40} {
			q.Seek.Skip, q.Limit, q.Cursor = 0, limit, ""
			var byCursor []string
			for {
				a := page(t, e, q)
				byCursor = append(byCursor, ids(a)...)
				if q.Cursor = a.Next; q.Cursor == "" {
					break
				}
			}
			if !slices.Equal(byCursor, whole) {
				t.Errorf("%s, %d a page:\n got %v\nwant %v", name, limit, byCursor, whole)
			}
			q.Cursor = ""
			var byOffset []string
			for at := 0; at < len(whole); at += limit {
				q.Seek.Skip = at
				byOffset = append(byOffset, ids(page(t, e, q))...)
			}
			if !slices.Equal(byOffset, whole) {
				t.Errorf("%s, %d a page by offset:\n got %v\nwant %v", name, limit, byOffset, whole)
			}
		}
	}
}

// TestSearchAgain: the same log gives the same answer in another process, with
// counts, from checkpoint and from replay.
func TestSearchAgain(t *testing.T) {
	dir := t.TempDir()
	one := open(t, dir, Options{})
	put(t, one, shopEvents(), 100)
	show := func(e *Engine) string {
		var b strings.Builder
		all := searches(t, e)
		for _, name := range slices.Sorted(mapKeys(all)) {
			q := all[name]
			q.Seek.Count, q.Seek.Facets, q.Seek.Apart = true, []string{"*"}, true
			a := page(t, e, q)
			counts, err := json.Marshal(a.Page.Counts)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "%s %v\n%s\n", name, ids(a), counts)
			for i := range a.Page.Items {
				fmt.Fprintf(&b, "%v %v\n", a.Page.Items[i].Score, Relevance(&a.Page.Items[i]))
			}
		}
		return b.String()
	}
	before := show(one)
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	two := open(t, dir, Options{})
	defer two.Close()
	was, now := strings.Split(before, "\n"), strings.Split(show(two), "\n")
	for i := range was {
		if i >= len(now) || was[i] != now[i] {
			t.Fatalf("from the checkpoint, line %d: %.300s\nwant %.300s", i, now[min(i, len(now)-1)], was[i])
		}
	}
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func TestSearchBehaviour(t *testing.T) {
	e := open(t, t.TempDir(), Options{})
	defer e.Close()
	put(t, e, shopEvents(), 1000)
	all := searches(t, e)
	doc := func(s Shown, field string) bowerbird.Attribute { a, _ := s.Doc.Attributes.Get(field); return a }

	makers := map[string]bool{}
	for _, s := range page(t, e, all["distinct"]).Items {
		if m := doc(s, "maker").Words[0]; makers[m] {
			t.Errorf("distinct: %s twice", m)
		} else {
			makers[m] = true
		}
	}
	if len(makers) != 17 {
		t.Errorf("distinct: %d makers of 17", len(makers))
	}
	if a := page(t, e, all["last"]); len(a.Items) == 0 || !slices.Equal(e.House().Loosened(a.Page), []string{"nothing"}) {
		t.Errorf("last: %d items, gave up %v", len(a.Items), e.House().Loosened(a.Page))
	}
	for _, s := range page(t, e, all["filter"]).Items {
		if doc(s, "price").Number >= 30 || doc(s, "maker").Words[0] == "m3" {
			t.Errorf("filter: %+v", s.Doc)
		}
	}
	for _, s := range page(t, e, all["without"]).Items {
		if strings.Contains(s.Doc.Title, "grey") {
			t.Errorf("without grey: %s", s.Doc.Title)
		}
	}
	if a := page(t, e, all["newest"]); a.Items[0].Doc.ID != "i239" || a.Items[1].Doc.ID != "i238" {
		t.Errorf("newest first: %v", ids(a))
	}
	if a := page(t, e, all["positive"]); slices.Contains(ids(a), "i3") || slices.Contains(ids(a), "i4") || !strings.Contains(a.Items[0].Why, "looks") && a.Items[0].Why == "" {
		t.Errorf("positive: %v, %q", ids(a), a.Items[0].Why)
	}
	q := all["words"]
	q.Seek.Semantic = .5
	a := page(t, e, q)
	if len(a.Items) == 0 || len(a.Page.Trace.Notes) != 1 || !strings.Contains(a.Page.Trace.Notes[0], "semanticRatio") {
		t.Errorf("without a model of meaning: %d items, notes %q", len(a.Items), a.Page.Trace.Notes)
	}
	if b := page(t, e, all["words"]); !slices.Equal(ids(a), ids(b)) {
		t.Errorf("and searched by words: %v, want %v", ids(a), ids(b))
	}
	q = all["words"]
	q.Seek.Threshold, q.Seek.Count, q.Limit = .55, true, 100
	a = page(t, e, q)
	for i := range a.Page.Items {
		if Relevance(&a.Page.Items[i]) < .55 {
			t.Errorf("below the threshold: %v", Relevance(&a.Page.Items[i]))
		}
	}
	if len(a.Items) != a.Page.Counts.Total || len(a.Items) == 0 {
		t.Errorf("%d items above the threshold, %d counted", len(a.Items), a.Page.Counts.Total)
	}
	q.Filter = &bowerbird.Expr{Node: bowerbird.Leaf, Test: bowerbird.Condition{Field: "nobody", Op: bowerbird.Exists}}
	var inv *bowerbird.Invalid
	if _, err := e.Page(context.Background(), q); !errors.As(err, &inv) || inv.Field != "filter" {
		t.Errorf("an unknown field: %v", err)
	}
}

// oneMeaning is a model of meaning that knows one item.
type oneMeaning struct{}

func (oneMeaning) Name() string { return "meaning" }
func (oneMeaning) Near(_ context.Context, r *bowerbird.Request, of bowerbird.Ingredient, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	if of.Item == 0 && r.Keep(5) {
		dst = append(dst, bowerbird.Hit{Item: 5, Score: 1})
	}
	return dst, nil
}
func (oneMeaning) Rate(_ context.Context, _ *bowerbird.Request, of bowerbird.Ingredient, items []bowerbird.ItemID, out []float32) (bool, error) {
	for i, x := range items {
		if x == 5 {
			out[i] = 1
		}
	}
	return true, nil
}

var _ retrieve.Sense = oneMeaning{}

// TestMeaningIsASeam: a model of meaning brings what no word matches, and is
// explained.
func TestMeaningIsASeam(t *testing.T) {
	e := open(t, t.TempDir(), Options{House: HouseOptions{Meaning: oneMeaning{}}})
	defer e.Close()
	put(t, e, shopEvents(), 1000)
	q := Query{Surface: bowerbird.SearchWords, Words: "grey sofa", Seek: Seek{SearchSpec: bowerbird.SearchSpec{Semantic: .9}}}
	a := page(t, e, q)
	if a.Items[0].Doc.ID != "i4" || len(a.Page.Trace.Notes) > 0 { // number 5 is i4, a red sofa
		t.Fatalf("%v, notes %v", ids(a), a.Page.Trace.Notes)
	}
	x, err := e.Explain(a.RequestID, "i4")
	if err != nil || x.Search == nil || len(x.Search.Mix) != 2 || x.Search.Mix[1].Sense != "meaning" || x.Search.Mix[1].Rate != 1 {
		t.Errorf("explanation %+v, %v", x.Search, err)
	}
}
