package server

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"bowerbird"
	"bowerbird/text"
)

// TestSearchBadInput: every refusal names the field, and the byte where there is one.
func TestSearchBadInput(t *testing.T) {
	w := newWorld(t, Options{})
	long := strings.Repeat("x", 10_000)
	for _, c := range []struct {
		body           string
		code           int
		field, message string
	}{
		{`{"q":"grey \"cat"}`, 422, "q", "quote is not closed at byte 5"},
		{`{"q":"grey\u0001cat"}`, 422, "q", "control character U+0001 at byte 4"},
		{"{\"q\":\"grey \xff\"}", 400, "", "invalid UTF-8 at byte 11"},
		{`{"q":"` + long + `"}`, 422, "q", "longer than 1000 bytes"},
		{`{"q":"` + strings.Repeat("x ", 80) + `"}`, 422, "q", "more than 64 words or phrases at byte 128"},
		{`{"qq":"cat"}`, 400, "qq", "there is no such field"},
		{`{"q":1}`, 400, "q", "want a string, got a JSON number"},
		{`{"q":"cat"`, 400, "", "the JSON ends too early"},
		{`{"filter":"price < 5)"}`, 400, "filter", `want AND, OR or the end, got ")" at byte 9`},
		{`{"filter":"(price < 5"}`, 400, "filter", "the parenthesis is not closed at byte 0"},
		{`{"filter":"tag = \"red"}`, 400, "filter", "the quote is not closed at byte 6"},
		{`{"filter":"prise < 5"}`, 400, "filter", `no item has a field "prise" at byte 0`},
		{`{"filter":["price < 5",["tag = red","prise > 1"]]}`, 400, "filter[1][1]", `no item has a field "prise" at byte 0`},
		{`{"filter":["price < 5","tag ="]}`, 400, "filter[1]", "want a value, got the end at byte 5"},
		{`{"filter":7}`, 400, "filter", "want a string or a list"},
		{`{"filter":[[1]]}`, 400, "filter[0]", "want a string or a list of strings"},
		{`{"filter":"` + long + `x"}`, 400, "filter", "longer than 10000 bytes"},
		{`{"filter":[` + strings.Repeat(`"price > 1",`, 200) + `"price > 2"]}`, 400, "filter", "more than 200 conditions"},
		{`{"facets":["prise"]}`, 422, "facets[0]", `no item has a field "prise"`},
		{`{"facets":["created"]}`, 422, "facets[0]", "moments are not counted: filter by created, or sort"},
		{`{"distinct":"created"}`, 422, "distinct", `no item has a field "created"`},
		{`{"sort":["price"]}`, 400, "sort[0]", `"price": want field:asc or field:desc`},
		{`{"sort":["price:up"]}`, 400, "sort[0]", `"price:up": want field:asc or field:desc`},
		{`{"sort":["price:asc","prise:asc"]}`, 422, "sort[1]", `no item has a field "prise"`},
		{`{"sort":["price:asc","price:asc","price:asc","price:asc","price:asc","price:asc"]}`, 422, "sort", "at most 5 keys"},
		{`{"distinct":"prise"}`, 422, "distinct", `no item has a field "prise"`},
		{`{"limit":0}`, 400, "limit", "want 1 to 100, got 0"},
		{`{"limit":101}`, 400, "limit", "want 1 to 100, got 101"},
		{`{"limit":1000000000000000000000}`, 400, "limit", "want a whole number, got a JSON number 1000000000000000000000"},
		{`{"offset":-1}`, 422, "offset", "want 0 to 1000, less limit, got -1: a search ends there, narrow it by a filter"},
		{`{"offset":976}`, 422, "offset", "want 0 to 1000, less limit, got 976: a search ends there, narrow it by a filter"},
		{`{"offset":9223372036854775807}`, 422, "offset", "want 0 to 1000, less limit, got 9223372036854775807: a search ends there, narrow it by a filter"},
		{`{"offset":5,"cursor":"x"}`, 422, "offset", "cannot go with a cursor"},
		{`{"matchingStrategy":"some"}`, 400, "matchingStrategy", `"some" is none of any, all, last, frequency`},
		{`{"hybrid":{"semanticRatio":1.5}}`, 422, "hybrid.semanticRatio", "want 0 to 1, got 1.5"},
		{`{"rankingScoreThreshold":-0.5}`, 422, "rankingScoreThreshold", "want 0 to 1, got -0.5"},
		{`{"rankingScoreCutoff":2}`, 422, "rankingScoreCutoff", "want 0 to 1, got 2"},
		{`{"positive":["i1","nobody"]}`, 422, "positive[1]", `"nobody" is no known item`},
		{`{"negative":["i1"]}`, 422, "negative", "say also what is wanted: q, positive, or a part of mix above 0"},
		{`{"mix":{"dark":-0.3}}`, 422, "negative", "say also what is wanted: q, positive, or a part of mix above 0"},
		{`{"mix":{"dark":0}}`, 422, "mix.dark", "want a weight from -100 to 100 that is not 0, got 0"},
		{`{"mix":{"item:":1}}`, 400, "mix", "a part is empty: want words or item:ID"},
		{`{"mix":{"item:zz":1}}`, 422, "mix.item:zz", `"zz" is no known item`},
		{`{"positive":["i1"],"sort":["price:asc"]}`, 422, "sort", "cannot go with positive, negative, mix or hybrid: those have an order of their own"},
		{`{"attributesToRetrieve":["prise"]}`, 400, "attributesToRetrieve[0]", `no item has a field "prise"`},
		{`{"attributesToCrop":["prise:5"]}`, 400, "attributesToCrop[0]", `no item has a field "prise"`},
		{`{"cropLength":-1}`, 400, "cropLength", "want 1 to 1000"},
		{`{"highlightPreTag":"` + long + `"}`, 400, "highlightPreTag", "longer than 100 bytes"},
	} {
		p := w.do("POST", "/v1/search", c.body)
		var x Problem
		if err := json.Unmarshal(p.body, &x); err != nil {
			t.Fatalf("%.60s: %s", c.body, p.body)
		}
		if p.code != c.code || x.Field != c.field || x.Message != c.message {
			t.Errorf("%.80s:\n got %d %q: %s\nwant %d %q: %s", c.body, p.code, x.Field, x.Message, c.code, c.field, c.message)
		}
	}
	for query, field := range map[string]string{
		"q=%ff": "q", "q=a%00b": "q", "q=": "q", "q=cat&filter=price+%3C": "filter", "q=cat&facets=price,prise": "facets[1]", "q=cat&semanticRatio=x": "semanticRatio",
		"q=cat&sort=price": "sort[0]", "q=cat&offset=1000": "offset", "q=cat&count=perhaps": "count", "q=cat&showRankingScore=perhaps": "showRankingScore", "q=cat&rankingScoreThreshold=NaN": "rankingScoreThreshold",
	} {
		p := w.do("GET", "/v1/search?"+query, nil)
		if p.code/100 != 4 || p.field("field") != field {
			t.Errorf("%s: %d %s, want field %q", query, p.code, p.body, field)
		}
	}
	var all SearchOut
	if w.ok("POST", "/v1/search", `{"q":"  ","hybrid":{"semanticRatio":0}}`, &all); *all.EstimatedTotalHits != 60 || len(all.Hits) != 25 {
		t.Errorf("no words: %d of %d", len(all.Hits), *all.EstimatedTotalHits)
	}
	var doc struct {
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	w.ok("GET", "/openapi.json", nil, &doc)
	for _, name := range []string{"hits", "facetDistribution", "estimatedTotalHits"} {
		if doc.Components.Schemas["SearchOut"].Properties[name] == nil {
			t.Errorf("the description of SearchOut lacks %s", name)
		}
	}
	if p := w.do("GET", "/v1/search?q="+url.QueryEscape(`17" cat`), nil); p.code != 200 {
		t.Errorf("people may leave a quote open: %s", p.body)
	}
	if p := w.do("POST", "/v1/search", `{"q":"cat"}`, "Content-Type", "text/plain"); p.code != 415 {
		t.Errorf("text/plain: %d", p.code)
	}
}

// TestSearchShows: fields, marks, crops, scores and explanations of hits.
func TestSearchShows(t *testing.T) {
	w := newWorld(t, Options{})
	w.put([]bowerbird.Event{{Kind: bowerbird.ItemPut, ItemDoc: &bowerbird.Item{ID: "sofa", Title: "Linen sofas <new>", Tags: []string{"sofa", "grey"},
		Description: "one two three four five six a sofa of linen ten eleven twelve thirteen fourteen fifteen", Attributes: bowerbird.Attributes{
			{Name: "Fabric", Words: []string{"linen"}}, {Name: "price", Numeric: true, Number: 400}}}}})
	var got SearchOut
	w.ok("POST", "/v1/search", `{"q":"linen sofa","limit":1,"attributesToRetrieve":["title","fabric"],"attributesToHighlight":["*"],"attributesToCrop":["description:6"],
		"highlightPreTag":"[","highlightPostTag":"]","cropMarker":"~","explain":true}`, &got)
	h := got.Hits[0]
	if h.ID != "sofa" || h.Title == "" || h.Description != "" || len(h.Tags) > 0 || len(h.Attributes) != 1 || h.Attributes[0].Name != "Fabric" {
		t.Errorf("retrieved %+v", h.Item)
	}
	f := h.Formatted
	if f.Title != "[Linen] [sofas] <new>" || f.Description != "~six a [sofa] of [linen] ten~" || !slices.Equal(f.Tags, []string{"[sofa]", "grey"}) || f.Attributes[0].Words[0] != "[linen]" {
		t.Errorf("formatted %+v", f)
	}
	d := h.Details
	if *h.RankingScore <= .5 || *h.RankingScore > 1 || d == nil || len(d.Clauses) != 2 || d.Clauses[0].Words != "linen" || !d.Clauses[0].Matched {
		t.Fatalf("score %v, details %+v", *h.RankingScore, d)
	}
	sum := 0.0
	for _, c := range d.Clauses {
		sum += c.Score
		fields := 0.0
		for _, f := range c.Fields {
			fields += f.Score
		}
		if diff := fields - c.Score; diff > 1e-9 || diff < -1e-9 {
			t.Errorf("%s: the fields make %v of %v", c.Words, fields, c.Score)
		}
	}
	if r := float64(*h.RankingScore) - sum/d.Most; r > 1e-6 || r < -1e-6 {
		t.Errorf("the ranking score is %v, the clauses make %v of %v", *h.RankingScore, sum, d.Most)
	}
	var x Explanation
	w.ok("GET", "/v1/explain?request="+got.RequestID+"&item=sofa", nil, &x)
	if x.Position != 1 || x.Search == nil || len(x.Search.Clauses) != 2 {
		t.Errorf("explanation %+v", x)
	}

	w.ok("POST", "/v1/search", `{"q":"linnen sfoa","showRankingScoreDetails":true}`, &got)
	if got.Corrected != "linen sofa" || len(got.Hits) == 0 || len(got.Hits[0].Details.Mended) != 2 || got.Hits[0].Details.Mended[0].ToItems != 1 {
		t.Errorf("corrected to %q, hits %+v", got.Corrected, got.Hits)
	}
	var p Page
	w.ok("GET", "/v1/search?q=linen+sofa&attributesToHighlight=title&showRankingScore=true&facets=tag,price&filter=price+%3E+100", nil, &p)
	if p.Items[0].Formatted.Title != "<em>Linen</em> <em>sofas</em> <new>" || *p.Items[0].RankingScore != *h.RankingScore || *p.EstimatedTotalHits != 1 ||
		(*p.FacetStats)["price"] != (MinMax{400, 400}) {
		t.Errorf("GET: %+v", p)
	}
	if s := w.ok("POST", "/v1/search", `{"q":"grey","facets":["tag"]}`, nil).body; !strings.Contains(string(s), `"facetDistribution":{"tag":{"grey":`) {
		t.Errorf("facets are not in their order: %s", s)
	}
}

func TestCrop(t *testing.T) {
	s := "a b c d e f g h i j"
	at := func(i int) text.Span { return text.Span{Start: 2 * i, End: 2*i + 1} }
	for _, c := range []struct {
		spans []text.Span
		n     int
		want  string
	}{
		{nil, 3, "a b c"}, {nil, 10, s}, {nil, 50, s}, {[]text.Span{at(0)}, 3, "a b c"}, {[]text.Span{at(5)}, 3, "e f g"},
		{[]text.Span{at(9)}, 3, "h i j"}, {[]text.Span{at(1), at(5), at(7)}, 3, "f g h"}, {[]text.Span{at(4)}, 1, "e"},
	} {
		if from, to := crop(s, c.spans, c.n); s[from:to] != c.want {
			t.Errorf("%v, %d words: %q, want %q", c.spans, c.n, s[from:to], c.want)
		}
	}
	if from, to := crop("", nil, 5); from != 0 || to != 0 {
		t.Error("of nothing, nothing")
	}
}

// TestSearchCountsWhatMayBeSeen: withdrawn and hidden items, and what a person
// has refused, are neither found nor counted; an erased person is no facet.
func TestSearchCountsWhatMayBeSeen(t *testing.T) {
	w := newEmptyWorld(t, Options{})
	var ev []bowerbird.Event
	for i := range 20 {
		ev = append(ev, bowerbird.Event{Kind: bowerbird.ItemPut, ItemDoc: &bowerbird.Item{ID: fmt.Sprint("i", i), Title: "a lamp", Tags: []string{"lamp"}, Owner: fmt.Sprint("o", i%2), Hidden: i == 3}})
	}
	w.put(append(ev, bowerbird.Event{Kind: bowerbird.ItemDelete, Item: "i4"}, bowerbird.Event{Kind: bowerbird.Hide, User: "me", Item: "i5"}, bowerbird.Event{Kind: bowerbird.Mute, User: "me", Subject: "o1"}))
	count := func(user string) (int, map[string]int) {
		var got SearchOut
		w.ok("POST", "/v1/search", SearchIn{Q: "lamp", User: user, Facets: []string{"tag", "owner"}}, &got)
		values := map[string]int{}
		for _, f := range *got.FacetDistribution {
			for _, v := range f.Values {
				values[f.Field+"="+v.Value] = v.Count
			}
		}
		if len(got.Hits) != *got.EstimatedTotalHits {
			t.Errorf("%s: %d hits, %d counted", user, len(got.Hits), *got.EstimatedTotalHits)
		}
		return *got.EstimatedTotalHits, values
	}
	if n, v := count("anybody"); n != 18 || v["tag=lamp"] != 18 || v["owner=o0"] != 9 || v["owner=o1"] != 9 {
		t.Errorf("anybody: %d %v", n, v)
	}
	if n, v := count("me"); n != 9 || v["tag=lamp"] != 9 || v["owner=o1"] != 0 {
		t.Errorf("me: %d %v", n, v)
	}
	w.ok("DELETE", "/v1/users/o0", nil, nil)
	if n, v := count("anybody"); n != 18 || v["owner=o0"] != 0 || len(v) != 2 {
		t.Errorf("after the erasure: %d %v", n, v)
	}
}
