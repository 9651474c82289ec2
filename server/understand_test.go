package server

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// TestUnderstandingOfSearches asks every endpoint that reads what people type.
func TestUnderstandingOfSearches(t *testing.T) {
	w := newWorld(t, Options{})
	for i, m := range []string{"linen", "leather", "linen", "velvet"} {
		w.ok("PUT", fmt.Sprintf("/v1/items/zofa%d", i), fmt.Sprintf(`{"title":"Zofa number %d","categories":["home/zofas"],"attributes":{"material":%q,"price":%d}}`, i, m, 100*(i+1)), nil)
	}
	for _, u := range []string{"u0", "u1"} {
		w.ok("POST", "/v1/events", fmt.Sprintf(`{"events":[{"type":"search","user":%q,"query":"linen zofa"}]}`, u), nil)
	}
	w.ok("POST", "/v1/events", `{"events":[{"type":"search","user":"u0","query":"zofa of my own"}]}`, nil)

	var g Guides
	w.ok("GET", "/v1/guides?q=zofa&limit=4", nil, &g)
	if len(g.Guides) == 0 || g.Guides[0].Text != "linen" || g.Guides[0].Query != "linen zofa" || g.Guides[0].Items != 2 || g.Guides[0].Item == "" || len(g.Related) == 0 {
		t.Errorf("%+v", g)
	}
	var u Understood
	w.ok("GET", "/v1/understand?q="+url.QueryEscape("linnen zofa under 250 eur"), nil, &u)
	if u.DidYouMean == nil || u.DidYouMean.Query != "linen zofa under 250 eur" {
		t.Errorf("%+v", u.DidYouMean)
	}
	if len(u.Categories) == 0 || u.Categories[0].Category != "home/zofas" {
		t.Errorf("%+v", u.Categories)
	}
	found := false
	for _, f := range u.Filters {
		found = found || f.Where == "price<=250" && f.Confidence > .5
	}
	if !found {
		t.Errorf("%+v", u.Filters)
	}
	w.ok("GET", "/v1/understand?q="+url.QueryEscape("velvet zofa spaceship"), nil, &u)
	if len(u.Relaxed) == 0 || u.Relaxed[0].Query != "velvet zofa" || u.Relaxed[0].Items != 1 {
		t.Errorf("%+v", u.Relaxed)
	}
	var s Searches
	w.ok("GET", "/v1/trending?limit=50", nil, &s)
	linen := 0
	for _, x := range s.Searches {
		if x.Text == "linen zofa" {
			linen++
		}
		if x.Text == "zofa of my own" {
			t.Error("one person's search is shown to everybody")
		}
	}
	if linen != 1 {
		t.Errorf("%+v", s)
	}
	for user, want := range map[string]bool{"u0": true, "u1": false, "": false} {
		var c Completions
		w.ok("GET", "/v1/complete?q=zofa+of&user="+user, nil, &c)
		if got := len(c.Completions) > 0 && c.Completions[0].Text == "zofa of my own" && c.Completions[0].Mine; got != want {
			t.Errorf("%q: %+v", user, c)
		}
	}
	w.bad("GET", "/v1/guides?q=", nil, 400, "invalid", "q")
	w.bad("GET", "/v1/understand?q=a&limit=0", nil, 400, "invalid", "limit")
	w.bad("GET", "/v1/trending?limit=x", nil, 400, "invalid", "limit")
}

// TestRelaxedSearches: a search that finds nothing says how to ask for less, each
// way with what it finds, and asks so itself if that is wanted.
func TestRelaxedSearches(t *testing.T) {
	w := newWorld(t, Options{})
	for i := range 8 {
		colour := []string{"green", "blue, dark"}[i%2]
		w.ok("PUT", fmt.Sprintf("/v1/items/zofa%d", i), fmt.Sprintf(`{"title":"Zofa number %d","categories":["home/zofas"],"attributes":{"shade":%q,"price":%d}}`, i, colour, 100*(i+1)), nil)
	}
	var out SearchOut
	w.ok("POST", "/v1/search", `{"q":"velvet zofa","matchingStrategy":"all"}`, &out)
	if len(out.Hits) != 0 || len(out.Relaxed) == 0 || out.Relaxed[0].Query != "zofa" || out.Relaxed[0].Items != 8 || out.Instead != nil {
		t.Fatalf("%+v", out)
	}
	// Under a filter the ways are counted under it, and going without it is one.
	w.ok("POST", "/v1/search", `{"q":"velvet zofa","matchingStrategy":"all","filter":"price < 350"}`, &out)
	if len(out.Relaxed) == 0 || out.Relaxed[0].Query != "zofa" || out.Relaxed[0].Items != 3 {
		t.Errorf("%+v", out.Relaxed)
	}
	out = SearchOut{}
	w.ok("POST", "/v1/search", `{"q":"zofa","filter":"price > 5000"}`, &out)
	if len(out.Relaxed) == 0 || out.Relaxed[0].Kind != "filter" || out.Relaxed[0].Items != 8 {
		t.Errorf("%+v", out.Relaxed)
	}
	// relax pages through the other search, by cursor and by offset alike.
	seen := map[string]bool{}
	cursor := ""
	for pages := 0; pages < 5; pages++ {
		out = SearchOut{}
		w.ok("POST", "/v1/search", fmt.Sprintf(`{"q":"velvet zofa","matchingStrategy":"all","relax":true,"limit":3,"cursor":%q}`, cursor), &out)
		if out.Instead == nil || out.Instead.Query != "zofa" || len(out.Notes) != 1 {
			t.Fatalf("%+v", out)
		}
		for _, h := range out.Hits {
			if seen[h.ID] {
				t.Errorf("%s twice", h.ID)
			}
			seen[h.ID] = true
		}
		if cursor = out.NextCursor; cursor == "" {
			break
		}
	}
	if len(seen) != 8 {
		t.Errorf("%d of 8", len(seen))
	}
	out = SearchOut{}
	w.ok("POST", "/v1/search", `{"q":"velvet zofa","matchingStrategy":"all","relax":true,"limit":3,"offset":6}`, &out)
	if len(out.Hits) != 2 || out.Instead == nil {
		t.Errorf("%+v", out)
	}
	// What finds enough is left alone; so are pages behind the end.
	out = SearchOut{}
	w.ok("POST", "/v1/search", `{"q":"zofa","relax":true}`, &out)
	if len(out.Hits) != 8 || out.Relaxed != nil || out.Instead != nil {
		t.Errorf("%+v", out)
	}
	w.ok("POST", "/v1/search", `{"q":"zofa","relax":true,"offset":20}`, &out)
	if len(out.Hits) != 0 || out.Relaxed != nil || out.Instead != nil {
		t.Errorf("%+v", out)
	}
	var p Page
	w.ok("GET", "/v1/search?q=velvet+zofa&matchingStrategy=all&relax=1", nil, &p)
	if len(p.Items) != 8 || p.Instead == nil || len(p.Notes) != 1 {
		t.Errorf("%+v", p)
	}
}

// TestVerbatim: words that would be mended are searched as typed, on every page.
func TestVerbatim(t *testing.T) {
	w := newWorld(t, Options{})
	for i := range 6 {
		w.ok("PUT", fmt.Sprintf("/v1/items/zofa%d", i), `{"title":"Wooden zofa"}`, nil)
	}
	w.ok("PUT", "/v1/items/odd", `{"description":"a zofaa as they say there, long and blue","title":"Odd"}`, nil)
	var out SearchOut
	w.ok("POST", "/v1/search", `{"q":"zoffa","limit":2}`, &out)
	if out.Corrected != "zofa" || len(out.Hits) != 2 {
		t.Fatalf("%+v", out)
	}
	w.bad("POST", "/v1/search", fmt.Sprintf(`{"q":"zoffa","limit":2,"verbatim":true,"cursor":%q}`, out.NextCursor), 422, "invalid", "cursor")
	out = SearchOut{}
	w.ok("POST", "/v1/search", `{"q":"zoffa","limit":2,"verbatim":true}`, &out)
	if out.Corrected != "" || len(out.Hits) != 0 {
		t.Errorf("%+v", out)
	}
	var p Page
	w.ok("GET", "/v1/search?q=zoffa&verbatim=1", nil, &p)
	if p.Corrected != "" || len(p.Items) != 0 {
		t.Errorf("%+v", p)
	}
	w.ok("GET", "/v1/search?q=zoffa", nil, &p)
	if p.Corrected != "zofa" || len(p.Items) != 6 {
		t.Errorf("%+v", p)
	}
	w.bad("GET", "/v1/search?q=a&verbatim=perhaps", nil, 400, "invalid", "verbatim")
}

// TestFiltersOfUnderstanding: a suggested filter can be sent back, whatever is in
// its values.
func TestFiltersOfUnderstanding(t *testing.T) {
	w := newWorld(t, Options{})
	for i, shade := range []string{"sea, light", "sea, light", "clay"} {
		w.ok("PUT", fmt.Sprintf("/v1/items/zofa%d", i), fmt.Sprintf(`{"title":"Zofa","attributes":{"shade":%q}}`, shade), nil)
	}
	var u Understood
	w.ok("GET", "/v1/understand?q="+url.QueryEscape("zofa sea light"), nil, &u)
	for _, f := range u.Filters {
		if f.Where != `shade=sea\, light` {
			continue
		}
		for _, query := range []string{"where=" + url.QueryEscape(f.Where), "filter=" + url.QueryEscape(f.Filter)} {
			var p Page
			w.ok("GET", "/v1/search?q=zofa&"+query, nil, &p)
			if len(p.Items) != 2 {
				t.Errorf("%s: %+v", query, p.Items)
			}
		}
		return
	}
	t.Fatalf("%+v", u.Filters)
}

// TestSynonymsEndpoint: a log that suggests nothing is an empty list, no null.
func TestSynonymsEndpoint(t *testing.T) {
	w := newWorld(t, Options{})
	if got := string(w.do("GET", "/v1/synonyms", nil).body); got != `{"lines":[],"synonyms":[]}`+"\n" {
		t.Errorf("%q", got)
	}
	for i := range 4 {
		w.ok("PUT", fmt.Sprintf("/v1/items/zofa%d", i), fmt.Sprintf(`{"title":"Zofa number %d"}`, i), nil)
	}
	// The shop says zofa, some visitors say kouch, which no item has. What one person alone says stays theirs.
	at, n := int64(1_790_000_000_000), 0
	say := func(user, query string) {
		for _, e := range []string{fmt.Sprintf(`"type":"search","query":%q`, query), `"type":"save","item":"zofa0"`, `"type":"save","item":"zofa1"`, `"type":"save","item":"zofa2"`, `"type":"save","item":"zofa3"`} {
			n++
			if got := w.ok("POST", "/v1/events", fmt.Sprintf(`{"events":[{"id":"syn-%d","user":%q,"time":%d,%s}]}`, n, user, at+int64(n)*1000, e), nil); strings.Contains(string(got.body), "error") {
				t.Fatalf("%s", got.body)
			}
		}
	}
	say("s1", "zofa")
	say("s2", "zofa")
	say("s3", "kouch")
	say("s5", "davenport")
	var out struct{ Synonyms []struct{ A, B string } }
	if w.ok("GET", "/v1/synonyms", nil, &out); len(out.Synonyms) != 0 {
		t.Errorf("one person's word is shown: %+v", out)
	}
	say("s4", "kouch")
	if w.ok("GET", "/v1/synonyms", nil, &out); len(out.Synonyms) != 1 || out.Synonyms[0].A != "kouch" || out.Synonyms[0].B != "zofa" {
		t.Errorf("got %+v, want kouch and zofa", out)
	}
	w.bad("GET", "/v1/synonyms?own=perhaps", nil, 400, "invalid", "own")
	w.bad("GET", "/v1/synonyms?limit=0", nil, 400, "invalid", "limit")
	w.bad("GET", "/v1/synonyms?limit=1001", nil, 400, "invalid", "limit")
}

// TestWhatNobodyTypes wants bytes that no search box sends refused, everywhere that takes typed words.
func TestWhatNobodyTypes(t *testing.T) {
	w := newWorld(t, Options{})
	for _, path := range []string{"search", "understand", "guides", "complete"} {
		for _, q := range []string{"a%00b", "ab%ff"} {
			w.bad("GET", "/v1/"+path+"?q="+q, nil, 400, "invalid", "q")
		}
	}
	w.bad("GET", "/v1/search?q="+url.QueryEscape(strings.Repeat("a* ", 9)), nil, 422, "invalid", "q")
}

// TestOwnSynonyms: the owner's list widens searches at once, a remembered page too, and what is wrong in it is named.
func TestOwnSynonyms(t *testing.T) {
	w := newWorld(t, Options{})
	found := func(q string) int {
		var p Page
		w.ok("GET", "/v1/search?verbatim=1&q="+url.QueryEscape(q), nil, &p)
		return len(p.Items)
	}
	var own OwnSynonyms
	if found("kitten") != 0 || found("feline beast") != 0 {
		t.Fatal("there is a kitten already")
	}
	w.ok("PUT", "/v1/synonyms", `{"lines":["kitten, cat","# a remark","feline beast => cat"]}`, &own)
	if own.Version == "" || len(own.Lines) != 3 {
		t.Errorf("%+v", own)
	}
	if found("kitten") == 0 || found("feline beast") == 0 {
		t.Error("the list is not searched by")
	}
	for body, field := range map[string]string{
		`{}`: "lines", `{"lines":["kitten"]}`: "lines[0]", `{"lines":["a cat, b","kitten, , cat"]}`: "lines[1]",
		`{"lines":["kitten, cat\nx, y"]}`: "lines[0]", `{"lines":["kitten, c\u0000at"]}`: "lines[0]", `{"lines":["a => b => c"]}`: "lines[0]",
		`{"lines":["one two three four five, cat"]}`: "lines[0]", `{"lines":["the, cat"]}`: "lines[0]",
	} {
		status := 422
		if body == `{}` {
			status = 400
		}
		w.bad("PUT", "/v1/synonyms", body, status, "invalid", field)
	}
	var all Synonyms
	if w.ok("GET", "/v1/synonyms?own=1", nil, &all); all.Version != own.Version || len(all.Lines) != 3 || found("kitten") == 0 {
		t.Errorf("a refused list changed something: %+v", all)
	}
	if w.ok("DELETE", "/v1/synonyms", nil, &own); len(own.Lines) != 0 || own.Version != "" || found("kitten") != 0 {
		t.Errorf("still there: %+v", own)
	}
}

// TestTaxonomy: the owner's tree is put, shown, refused with the path at fault, and taken away.
func TestTaxonomy(t *testing.T) {
	w := newWorld(t, Options{})
	var out Taxonomy
	if w.ok("GET", "/v1/taxonomy", nil, &out); len(out.Paths) != 0 || out.Version != "" {
		t.Errorf("%+v before any", out)
	}
	w.ok("PUT", "/v1/taxonomy", `{"paths":["home/kitchen/mug","garden/pot"]}`, &out)
	first := out.Version
	if len(out.Paths) != 2 || first == "" || out.File {
		t.Errorf("%+v", out)
	}
	w.bad("PUT", "/v1/taxonomy", `{"paths":["home/kitchen/mug","mug/home"]}`, 422, "invalid", "paths[0]")
	w.bad("PUT", "/v1/taxonomy", `{"paths":["a","b/c","d/c"]}`, 422, "invalid", "paths[2]")
	w.bad("PUT", "/v1/taxonomy", `{}`, 400, "invalid", "paths")
	if w.ok("GET", "/v1/taxonomy", nil, &out); out.Version != first {
		t.Error("a tree that was refused is in place")
	}
	if w.ok("DELETE", "/v1/taxonomy", nil, &out); len(out.Paths) != 0 {
		t.Errorf("%+v after it was taken away", out)
	}
}
