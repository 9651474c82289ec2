package server

import (
	"fmt"
	"net/url"
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
