package query_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"bowerbird"
	"bowerbird/internal/viewtest"
	"bowerbird/query"
)

const minute = 60_000

// visit is a search by somebody at a minute, and what they liked after it.
func visit(u bowerbird.UserID, at int64, q string, liked ...bowerbird.ItemID) []fact {
	out := []fact{{Kind: bowerbird.Search, User: u, Time: at * minute, Query: q, Request: fmt.Sprint("r", u, at), Surface: bowerbird.SearchWords}}
	for _, x := range liked {
		out = append(out, fact{Kind: bowerbird.Save, User: u, Time: at*minute + 1000, Item: x, Request: fmt.Sprint("r", u, at), Surface: bowerbird.SearchWords})
	}
	return out
}

// sofas is a shelf of sofas, each with a material, a colour and a price, and lamps.
func sofas() *query.Understanding {
	v := query.New(query.Options{})
	n := bowerbird.ItemID(0)
	add := func(d bowerbird.Item) {
		n++
		v.Apply([]fact{put(n, d)})
	}
	for i, m := range []string{"linen", "leather", "velvet", "linen", "leather", "linen"} {
		for j, k := range []string{"dark green", "navy", "sage"} {
			add(bowerbird.Item{Title: fmt.Sprintf("Corner sofa number %d", i), Categories: []string{"home/sofas"}, Tags: []string{"living room"},
				Attributes: bowerbird.Attributes{{Name: "material", Words: []string{m}}, {Name: "price", Numeric: true, Number: float64(100 * (i + 1))}, {Name: "width_cm", Numeric: true, Number: float64(150 + 10*j)}},
				Picture:    &bowerbird.Picture{Colours: []bowerbird.Colour{{Name: k, Share: .5}}}})
		}
	}
	for i := range 6 {
		add(bowerbird.Item{Title: "Table lamp", Categories: []string{"home/lamps"}, Tags: []string{"light"},
			Attributes: bowerbird.Attributes{{Name: "price", Numeric: true, Number: float64(20 * (i + 1))}}})
	}
	return v
}

func TestBoundedView(t *testing.T) {
	viewtest.Run(t, func() viewtest.View[fact] { return query.New(query.Options{MaxQueries: 12, MaxPeople: 5}) }, randomWorld(5, 900))
}

func TestDemoView(t *testing.T) {
	d := theDemo()
	facts := slices.Concat(d.items[:200], d.train[:8000])
	facts = append(facts, fact{Kind: bowerbird.UserErase, User: 7})
	v := query.New(query.Options{})
	v.Apply(facts)
	loaded := query.New(query.Options{})
	if err := loaded.Load(bytes.NewReader(viewtest.Bytes(t, v))); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"sofa", "linen", "kilim rug", "vases", "zodiac", "botanical print"} {
		a := fmt.Sprint(v.Guides(q, query.GuideOptions{User: 3}), v.Related(q, 5, nil), v.Understand(q), v.Relax(q+" xyz", 5), v.Trending(5, nil))
		b := fmt.Sprint(loaded.Guides(q, query.GuideOptions{User: 3}), loaded.Related(q, 5, nil), loaded.Understand(q), loaded.Relax(q+" xyz", 5), loaded.Trending(5, nil))
		if a != b {
			t.Errorf("%q:\nlive   %s\nloaded %s", q, a, b)
		}
	}
}

// TestWhatOnePersonTypedStaysTheirs: a search of one person is shown to nobody else,
// is shown to them, and is gone with them.
func TestWhatOnePersonTypedStaysTheirs(t *testing.T) {
	v := sofas()
	v.Apply(visit(1, 1, "corner sofa velvet", 3))
	v.Apply(visit(1, 2, "velvet sofa", 3))
	v.Apply(visit(2, 3, "velvet sofa", 3))
	shows := func(u bowerbird.UserID, q string) bool {
		return slices.ContainsFunc(v.CompleteFor("", query.CompleteOptions{User: u}), func(c query.Completion) bool { return c.Text == q }) ||
			slices.ContainsFunc(v.CompleteFor(q[:4], query.CompleteOptions{User: u}), func(c query.Completion) bool { return c.Text == q }) ||
			slices.ContainsFunc(v.Related("sofa", 20, nil), func(r query.RelatedSearch) bool { return u == 0 && r.Text == q }) ||
			slices.ContainsFunc(v.Trending(20, nil), func(r query.Trend) bool { return u == 0 && r.Text == q })
	}
	if !shows(1, "corner sofa velvet") || shows(2, "corner sofa velvet") || shows(0, "corner sofa velvet") {
		t.Error("one person's search is theirs")
	}
	if !shows(0, "velvet sofa") {
		t.Error("two people's search is everybody's")
	}
	v.Apply([]fact{{Kind: bowerbird.UserErase, User: 1}})
	if shows(0, "velvet sofa") || shows(1, "corner sofa velvet") || shows(1, "velvet sofa") {
		t.Error("what an erased person typed is still shown")
	}
	if saved := viewtest.Bytes(t, v); bytes.Contains(saved, []byte("corner sofa velvet")) {
		t.Error("what only an erased person typed is still saved")
	}
	if !shows(2, "velvet sofa") {
		t.Error("the other person's own search went with the erased one's")
	}
}

func TestManyPeopleRaiseTheBar(t *testing.T) {
	v := sofas()
	for u := range 1100 {
		v.Apply(visit(bowerbird.UserID(u+10), int64(u), fmt.Sprint("sofa ", u)))
	}
	for u := bowerbird.UserID(1); u <= 3; u++ {
		v.Apply(visit(u, 2000, "corner sofa"))
		got := slices.ContainsFunc(v.Complete("corner s", 5), func(c query.Completion) bool { return c.Kind == "query" })
		if got != (u == 3) {
			t.Errorf("after %d people: shown %v", u, got)
		}
	}
}

// TestRareSearchesMakeRoom: of more searches than there is room for, those of
// several people stay.
func TestRareSearchesMakeRoom(t *testing.T) {
	v := query.New(query.Options{MaxQueries: 20})
	v.Apply([]fact{put(1, bowerbird.Item{Title: "one two three four five six seven eight nine ten"})})
	v.Apply(visit(1, 0, "one two"))
	v.Apply(visit(2, 1, "one two"))
	for i := range 500 {
		v.Apply(visit(bowerbird.UserID(3+i%7), int64(2+i), fmt.Sprint("two ", i)))
	}
	if got := said(v.Complete("one tw", 5)); !strings.HasPrefix(got, "[{one two query 0}") {
		t.Errorf("got %s", got)
	}
	if n := len(viewtest.Bytes(t, v)); n > 20_000 {
		t.Errorf("%d bytes for 20 searches", n)
	}
}

// TestLikesBelongToTheirSearch: by request, else by the last search on a search page.
func TestLikesBelongToTheirSearch(t *testing.T) {
	for name, x := range map[string]struct {
		f    fact
		want string
	}{
		"of its request":         {fact{Kind: bowerbird.Save, Request: "a"}, "home/lamps"},
		"of another request":     {fact{Kind: bowerbird.Save, Request: "zz"}, "home/sofas"},
		"on a search page":       {fact{Kind: bowerbird.Save, Surface: bowerbird.SearchWords}, "home/lamps"},
		"on the home page":       {fact{Kind: bowerbird.Save, Surface: bowerbird.Home}, "home/sofas"},
		"of somebody else":       {fact{Kind: bowerbird.Save, Surface: bowerbird.SearchWords, User: 9}, "home/sofas"},
		"an hour later":          {fact{Kind: bowerbird.Save, Request: "a", Time: 60 * minute}, "home/sofas"},
		"a hide":                 {fact{Kind: bowerbird.Hide, Request: "a"}, "home/sofas"},
		"an impression":          {fact{Kind: bowerbird.Impression, Request: "a"}, "home/sofas"},
		"no request, no surface": {fact{Kind: bowerbird.Click}, "home/lamps"},
	} {
		v := sofas()
		v.Apply([]fact{{Kind: bowerbird.Search, User: 1, Time: minute, Query: "sofa", Request: "a", Surface: bowerbird.SearchWords}})
		f := x.f
		f.Item, f.Time = 20, f.Time+2*minute // a lamp
		if f.User == 0 {
			f.User = 1
		}
		for range 20 {
			v.Apply([]fact{f})
		}
		if got := v.Understand("sofa").Categories[0].Category; got != x.want {
			t.Errorf("%s: sofa means %s, want %s", name, got, x.want)
		}
	}
}

func TestTrendingFades(t *testing.T) {
	v := sofas()
	for u := bowerbird.UserID(1); u <= 5; u++ {
		v.Apply(visit(u, 1, "leather sofa"))
	}
	for u := bowerbird.UserID(1); u <= 3; u++ {
		v.Apply(visit(u, 120*24*60, "table lamp"))
	}
	got := v.Trending(5, nil)
	if len(got) != 2 || got[0].Text != "table lamp" || got[0].Item == 0 {
		t.Errorf("%+v", got)
	}
}

func TestHiddenItemsAreNotSpokenOf(t *testing.T) {
	v := sofas()
	secret := bowerbird.Item{Title: "Secret prototype zeppelin", Tags: []string{"zeppelin"}, Hidden: true}
	v.Apply([]fact{put(50, secret)})
	if got := v.Complete("zep", 5); len(got) != 0 || v.Find("zeppelin") != 0 || v.Correct("zepelin") != "" {
		t.Errorf("a hidden item is offered: %v", got)
	}
	secret.Hidden = false
	v.Apply([]fact{put(50, secret)})
	if got := v.Complete("zep", 5); len(got) == 0 || v.Find("zeppelin") != 1 {
		t.Error("it is not found when shown")
	}
	secret.Hidden = true
	v.Apply([]fact{put(50, secret)})
	if got := v.Complete("zep", 5); len(got) != 0 || v.Find("zeppelin") != 0 {
		t.Errorf("hidden again: %v", got)
	}
}

// TestReadersBesideABigLog asks everything while the log goes on, searches make room
// and people go: for the race detector.
func TestReadersBesideABigLog(t *testing.T) {
	v, facts := query.New(query.Options{MaxQueries: 10, MaxPeople: 4}), randomWorld(11, 500)
	var wg sync.WaitGroup
	for u := range bowerbird.UserID(3) {
		wg.Go(func() {
			for range 20 {
				v.Guides("cat", query.GuideOptions{User: u})
				v.Related("oak", 5, nil)
				v.Understand("grey oak under 20")
				v.Relax("grey oak xx", 5)
				v.Trending(5, nil)
				v.CompleteFor("g", query.CompleteOptions{User: u})
				v.Synonyms(5)
			}
		})
	}
	for i := range facts {
		v.Apply(facts[i : i+1])
	}
	wg.Wait()
}
