package query_test

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bowerbird"
	"bowerbird/query"
)

// dataFile opens a file of the data sets beside the repository, or skips.
func dataFile(t testing.TB, name string) *os.File {
	t.Helper()
	dir := os.Getenv("BOWERBIRD_DATA")
	for at := "."; dir == ""; at = filepath.Join(at, "..") {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			dir = filepath.Join(at, "..", "shared", "data")
		} else if len(at) > 60 {
			break
		}
	}
	f, err := os.Open(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not there: set BOWERBIRD_DATA", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// icecat reads the product search of querqy/chorus: those products that are judged or
// say of what type they are, which stands for their category; the supplier is an
// attribute.
func icecat(t testing.TB, judged map[string]bool) (items []fact, ids map[string]bowerbird.ItemID) {
	z, err := gzip.NewReader(dataFile(t, "search-chorus-icecat/products.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	ids = map[string]bowerbird.ItemID{}
	in := bufio.NewScanner(z)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var p struct {
			ID, Title, Supplier string
			Price               float64
			Type                string `json:"attr_t_product_type"`
			Colour              string `json:"attr_t_product_colour"`
			Description         string `json:"short_description"`
		}
		if err := json.Unmarshal(in.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		if p.Type == "" && !judged[p.ID] {
			continue
		}
		d := bowerbird.Item{ID: p.ID, Title: p.Title, Description: p.Description}
		if p.Type != "" {
			d.Categories = []string{strings.ReplaceAll(p.Type, "/", " ")}
		}
		d.Attributes = d.Attributes.Set(bowerbird.Attribute{Name: "supplier", Words: []string{p.Supplier}})
		if p.Colour != "" {
			d.Attributes = d.Attributes.Set(bowerbird.Attribute{Name: "colour", Words: []string{p.Colour}})
		}
		d.Attributes = d.Attributes.Set(bowerbird.Attribute{Name: "price", Numeric: true, Number: p.Price / 100})
		x := bowerbird.ItemID(len(items) + 1)
		ids[p.ID] = x
		items = append(items, put(x, d))
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	return items, ids
}

// TestIcecat asks for the judged queries: the first category must be the one that
// most of the items judged 3 are of, brands must be seen, and none of the queries,
// which are right, mended.
func TestIcecat(t *testing.T) {
	if raceOn {
		t.Skip("measures need no race detector")
	}
	rows, err := csv.NewReader(dataFile(t, "search-chorus-icecat/Broad_Query_Set_rated.dev.csv")).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	judged := map[string]bool{}
	for _, r := range rows[1:] {
		judged[r[1]] = true
	}
	items, ids := icecat(t, judged)
	v := query.New(query.Options{})
	v.Apply(items)
	types := map[string]map[string]int{}
	for _, r := range rows[1:] {
		if types[r[0]] == nil {
			types[r[0]] = map[string]int{}
		}
		if c := items[ids[r[1]]-1].ItemDoc.Categories; r[2] == "3" && len(c) > 0 {
			types[r[0]][c[0]]++
		}
	}
	n, right, among, mended := 0, 0, 0, 0
	for q, count := range types {
		if c := v.DidYouMean(q); c.Auto {
			mended++
			t.Logf("%q: %+v", q, c)
		}
		if len(count) == 0 {
			continue
		}
		n++
		m := v.Understand(q)
		if len(m.Categories) > 0 && m.Categories[0].Category == byCount(count)[0] {
			right++
		} else {
			t.Logf("%q: %v, judged %v", q, m.Categories[:min(2, len(m.Categories))], count)
		}
		if len(m.Categories) > 0 && count[m.Categories[0].Category] > 0 {
			among++
		}
	}
	t.Logf("%d queries: first category is that of most items judged 3: %d; of some: %d; %d of %d mended", n, right, among, mended, len(types))
	brands, seen := []string{"hp", "lenovo", "samsung", "logitech", "canon", "xerox", "sony", "philips"}, 0
	for _, b := range brands {
		if got := suggested(b+" black", v.Understand(b+" black"), "supplier"); got != "" {
			seen++
		} else {
			t.Logf("%s: %+v", b, v.Understand(b+" black").Filters)
		}
	}
	t.Logf("%d products; %d of %d brands seen", len(items), seen, len(brands))
	if right < n/2 || mended > 1 || seen < len(brands) {
		t.Error("below the bar")
	}
}
