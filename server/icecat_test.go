package server

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/text"
)

// icecat reads the products of the Icecat catalogue as items: the everyday shop.
func icecat(t testing.TB) []*bowerbird.Item {
	t.Helper()
	base := os.Getenv("BOWERBIRD_DATA")
	if base == "" {
		base = filepath.Join("..", "..", "shared", "data")
	}
	f, err := os.Open(filepath.Join(base, "search-chorus-icecat", "products.jsonl.gz"))
	if err != nil {
		t.Skip("search-chorus-icecat is not here: put the public data sets into ../shared/data or name their folder by BOWERBIRD_DATA")
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []*bowerbird.Item
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m map[string]any
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		out = append(out, product(t, m))
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// product keeps the attributes that a shopper filters by.
func product(t testing.TB, m map[string]any) *bowerbird.Item {
	word := func(name string) string { s, _ := m[name].(string); return s }
	d := &bowerbird.Item{ID: word("id"), Title: word("title"), Description: word("short_description"), Tags: []string{word("supplier")}}
	keep := map[string]any{"supplier": m["supplier"], "price": m["price"]}
	for _, k := range []string{"attr_t_product_colour", "attr_n_weight", "attr_t_type", "attr_n_quantity_per_pack", "attr_t_print_technology", "attr_b_touchscreen"} {
		if v, ok := m[k]; ok {
			keep[k[len("attr_t_"):]] = v
		}
	}
	var err error
	if d.Attributes, err = bowerbird.AttributesOf(keep); err != nil {
		t.Fatal(err)
	}
	return d
}

// carries tells whether an item has a word in a field.
func carries(d *bowerbird.Item, field string, words ...string) bool {
	a, _ := d.Attributes.Get(field)
	return slices.ContainsFunc(a.Words, func(w string) bool {
		return slices.ContainsFunc(words, func(x string) bool { return strings.EqualFold(strings.TrimSpace(w), x) })
	})
}

func price(d *bowerbird.Item) float64 { a, _ := d.Attributes.Get("price"); return a.Number }

// TestIcecat asks a shop for what shoppers ask, and compares every count with a
// slow look at all products.
func TestIcecat(t *testing.T) {
	items := icecat(t)
	if len(items) != 19_406 {
		t.Errorf("%d products, want the published 19,406", len(items))
	}
	if raceOn || testing.Short() {
		items = items[:2000]
	} else {
		items = items[:8000] // time is short; all 19,406 pass as well
	}
	w := newEmptyWorld(t, Options{})
	for part := range slices.Chunk(items, 5000) {
		events := make([]bowerbird.Event, len(part))
		for i, d := range part {
			events[i] = bowerbird.Event{Kind: bowerbird.ItemPut, Time: 1_600_000_000_000, ItemDoc: d}
		}
		w.put(events)
	}
	a, err := text.New(text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	terms := make([]map[string]bool, len(items))
	for i, d := range items {
		terms[i] = map[string]bool{}
		all := []string{d.Title, d.Description, strings.Join(d.Tags, " . ")}
		for _, x := range d.Attributes {
			all = append(all, strings.Join(x.Words, " . "))
		}
		for _, s := range all {
			for _, k := range a.Terms(s) {
				terms[i][k] = true
			}
		}
	}
	for _, c := range []struct {
		name   string
		in     SearchIn
		passes func(d *bowerbird.Item) bool
		words  []string // any of them, or all
	}{
		{"a word", SearchIn{Q: "notebook"}, nil, []string{"notebook"}},
		{"two words", SearchIn{Q: "hp toner"}, nil, []string{"hp", "toner"}},
		{"both words", SearchIn{Q: "hp toner", MatchingStrategy: "all"}, nil, []string{"hp", "toner"}},
		{"a typo", SearchIn{Q: "notebok"}, nil, []string{"notebook"}},
		{"a maker", SearchIn{Q: "toner", Filter: filterIn{{`supplier = HP`}}}, func(d *bowerbird.Item) bool { return carries(d, "supplier", "HP") }, []string{"toner"}},
		{"makers or a price", SearchIn{Q: "cable", Filter: filterIn{{`(supplier IN [Lindy, "HP"] OR price < 5000) AND NOT product_colour = black`}}}, func(d *bowerbird.Item) bool {
			return (carries(d, "supplier", "Lindy", "HP") || price(d) < 5000) && !carries(d, "product_colour", "black")
		}, []string{"cable"}},
		{"a range, as lists", SearchIn{Filter: filterIn{{"price 1000 TO 20000"}, {"product_colour = white", "product_colour = silver"}}}, func(d *bowerbird.Item) bool {
			return price(d) >= 1000 && price(d) <= 20000 && carries(d, "product_colour", "white", "silver")
		}, nil},
		{"no weight", SearchIn{Q: "monitor", Filter: filterIn{{"weight NOT EXISTS"}}}, func(d *bowerbird.Item) bool { _, ok := d.Attributes.Get("weight"); return !ok }, []string{"monitor"}},
		{"everything", SearchIn{}, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := bruteForce(a, items, terms, c.words, c.in.MatchingStrategy == "all", c.passes)
			c.in.Facets = []string{"supplier", "product_colour", "price"}
			c.in.Sort = nil
			var got SearchOut
			w.ok("POST", "/v1/search", c.in, &got)
			want.compare(t, &got)
			for _, h := range got.Hits {
				if i := slices.IndexFunc(items, func(d *bowerbird.Item) bool { return d.ID == h.ID }); !want.matches[i] {
					t.Errorf("%s: %q does not match", h.ID, h.Title)
				}
			}
			if c.name == "a typo" && got.Corrected != "notebook" {
				t.Errorf("corrected to %q", got.Corrected)
			}
			sortsByPrice(t, w, c.in, items, want)
		})
	}
	t.Run("twice the same", func(t *testing.T) { samePages(t, w) })
}

// found is what a look at everything finds.
type found struct {
	matches  map[int]bool
	facets   map[string]map[string]int
	low, top float64
}

func bruteForce(a *text.Analyzer, items []*bowerbird.Item, terms []map[string]bool, words []string, all bool, passes func(*bowerbird.Item) bool) *found {
	out := &found{matches: map[int]bool{}, facets: map[string]map[string]int{"supplier": {}, "product_colour": {}}}
	query := a.Terms(strings.Join(words, " "))
	for i, d := range items {
		n := 0
		for _, q := range query {
			if terms[i][q] {
				n++
			}
		}
		if len(query) > 0 && (n == 0 || all && n < len(query)) || passes != nil && !passes(d) {
			continue
		}
		if p := price(d); len(out.matches) == 0 {
			out.low, out.top = p, p
		} else {
			out.low, out.top = min(out.low, p), max(out.top, p)
		}
		out.matches[i] = true
		for field, counts := range out.facets {
			x, _ := d.Attributes.Get(field)
			mine := map[string]bool{}
			for _, w := range x.Words {
				mine[strings.ToLower(strings.TrimSpace(w))] = true
			}
			for w := range mine {
				counts[w]++
			}
		}
	}
	return out
}

func (f *found) compare(t *testing.T, got *SearchOut) {
	t.Helper()
	if *got.EstimatedTotalHits != len(f.matches) {
		t.Fatalf("%d hits, want %d", *got.EstimatedTotalHits, len(f.matches))
	}
	if len(f.matches) == 0 {
		t.Fatal("nothing matches: the test proves nothing")
	}
	for _, facet := range *got.FacetDistribution {
		want, there := f.facets[facet.Field]
		if !there {
			continue
		}
		if len(facet.Values) != min(100, len(want)) {
			t.Errorf("%s: %d values, want %d", facet.Field, len(facet.Values), min(100, len(want)))
		}
		for _, v := range facet.Values {
			if want[strings.ToLower(v.Value)] != v.Count {
				t.Errorf("%s = %s: %d, want %d", facet.Field, v.Value, v.Count, want[strings.ToLower(v.Value)])
			}
		}
	}
	if s := (*got.FacetStats)["price"]; s.Min != f.low || s.Max != f.top {
		t.Errorf("price from %v to %v, want %v to %v", s.Min, s.Max, f.low, f.top)
	}
}

// sortsByPrice walks the first pages in the order of price.
func sortsByPrice(t *testing.T, w *world, in SearchIn, items []*bowerbird.Item, want *found) {
	t.Helper()
	var prices []float64
	for i := range want.matches {
		prices = append(prices, price(items[i]))
	}
	slices.Sort(prices)
	in.Sort, in.Facets = []string{"price:asc"}, nil
	n, limit := 0, 40
	in.Limit = &limit
	for range 3 {
		var got SearchOut
		w.ok("POST", "/v1/search", in, &got)
		for _, h := range got.Hits {
			x, _ := h.Attributes.Get("price")
			if x.Number != prices[n] {
				t.Fatalf("hit %d costs %v, want %v", n+1, x.Number, prices[n])
			}
			n++
		}
		if in.Cursor = got.NextCursor; in.Cursor == "" {
			break
		}
	}
	if n < min(100, len(prices)) {
		t.Errorf("paging ended after %d of %d", n, len(prices))
	}
}

// samePages: GET and POST, offsets and cursors show one order.
func samePages(t *testing.T, w *world) {
	var byCursor, byOffset, byGet []string
	cursor := ""
	for at := 0; at < 300; at += 60 {
		var a, b SearchOut
		var c Page
		w.ok("POST", "/v1/search", fmt.Sprintf(`{"q":"hp printer","limit":60,"cursor":%q}`, cursor), &a)
		w.ok("POST", "/v1/search", fmt.Sprintf(`{"q":"hp printer","limit":60,"offset":%d}`, at), &b)
		w.ok("GET", fmt.Sprintf("/v1/search?q=%s&limit=60&offset=%d", url.QueryEscape("hp printer"), at), nil, &c)
		for _, h := range a.Hits {
			byCursor = append(byCursor, h.ID)
		}
		for _, h := range b.Hits {
			byOffset = append(byOffset, h.ID)
		}
		for _, h := range c.Items {
			byGet = append(byGet, h.ID)
		}
		cursor = a.NextCursor
	}
	if !slices.Equal(byCursor, byOffset) || !slices.Equal(byOffset, byGet) {
		t.Errorf("orders differ:\n%v\n%v\n%v", byCursor, byOffset, byGet)
	}
	seen := map[string]bool{}
	for _, id := range byOffset {
		if seen[id] {
			t.Errorf("%s stands twice", id)
		}
		seen[id] = true
	}
	if len(seen) != 300 {
		t.Errorf("%d hits in 5 pages of 60", len(seen))
	}
}

// newEmptyWorld is a server over an engine without items.
func newEmptyWorld(t testing.TB, o Options) *world {
	t.Helper()
	e, err := engine.Open(t.Context(), t.TempDir(), engine.Options{Logger: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	o.Logger = quiet()
	s, err := New(e, o)
	if err != nil {
		t.Fatal(err)
	}
	return &world{t, e, s}
}

// put ingests events, all of which must be good.
func (w *world) put(events []bowerbird.Event) {
	w.t.Helper()
	results, err := w.e.Ingest(w.t.Context(), events)
	if err != nil {
		w.t.Fatal(err)
	}
	for i, r := range results {
		if r.Err != nil {
			w.t.Fatalf("event %d: %v", i, r.Err)
		}
	}
}
