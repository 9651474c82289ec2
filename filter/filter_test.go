package filter_test

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bowerbird"
	"bowerbird/filter"
	"bowerbird/internal/viewtest"
)

type fact = bowerbird.Fact

func TestViews(t *testing.T) {
	for name, empty := range map[string]func() viewtest.View[fact]{
		"fields":  func() viewtest.View[fact] { return filter.NewFields() },
		"seen":    func() viewtest.View[fact] { return filter.NewSeen(filter.SeenOptions{Again: 100 * time.Second}) },
		"refused": func() viewtest.View[fact] { return filter.NewRefused(nil, nil) },
	} {
		t.Run(name, func(t *testing.T) { viewtest.Run(t, empty, randomWorld(3, 900)) })
	}
}

// kept lists which of items 1..n a filter lets pass.
func kept(f interface {
	For(*bowerbird.Request) func(bowerbird.ItemID) bool
}, r bowerbird.Request, n int) []bowerbird.ItemID {
	test := f.For(&r)
	out := []bowerbird.ItemID{}
	for x := bowerbird.ItemID(1); int(x) <= n; x++ {
		if test == nil || test(x) {
			out = append(out, x)
		}
	}
	return out
}

func want(t *testing.T, got []bowerbird.ItemID, items ...bowerbird.ItemID) {
	t.Helper()
	if !slices.Equal(got, items) {
		t.Errorf("passed %v, want %v", got, items)
	}
}

func shop() *filter.Fields {
	v := filter.NewFields()
	price := func(x float64) bowerbird.Attributes {
		return bowerbird.Attributes{{Name: "price", Numeric: true, Number: x}}
	}
	v.Apply(logOf(
		put(1, bowerbird.Item{Categories: []string{"home/kitchen/pans"}, Tags: []string{"Copper"}, Attributes: price(19.99)}),
		put(2, bowerbird.Item{Categories: []string{"home/garden"}, Language: "de", Attributes: price(0)}),
		put(3, bowerbird.Item{Categories: []string{"homes"}, Attributes: bowerbird.Attributes{{Name: "Maker", Words: []string{"Ada", "Bo"}}}}),
		fact{Kind: bowerbird.ItemPut, Item: 4, Owner: 7, ItemDoc: &bowerbird.Item{Owner: "eve", Hidden: true, Attributes: price(-5)}},
		put(5, bowerbird.Item{Picture: &bowerbird.Picture{Colours: []bowerbird.Colour{{Name: "green", Share: .5}, {Name: "red", Share: .1}}}}),
	))
	return v
}

func TestWhere(t *testing.T) {
	w := filter.Where(shop())
	for _, c := range []struct {
		where string
		want  []bowerbird.ItemID
	}{
		{"category=home", []bowerbird.ItemID{1, 2}},
		{"category=home/kitchen", []bowerbird.ItemID{1}},
		{"category=HOME/kitchen/pans", []bowerbird.ItemID{1}},
		{"category=kitchen", nil},
		{"category!=home", []bowerbird.ItemID{3, 4, 5}},
		{"tag=copper", []bowerbird.ItemID{1}},
		{"language=de,fr", []bowerbird.ItemID{2}},
		{"maker=bo", []bowerbird.ItemID{3}},
		{"owner=eve", []bowerbird.ItemID{4}},
		{"colour=green", []bowerbird.ItemID{5}},
		{"colour=red", nil}, // too little of it
		{"price<=19.99", []bowerbird.ItemID{1, 2, 4}},
		{"price<19.99", []bowerbird.ItemID{2, 4}},
		{"price>=19.99", []bowerbird.ItemID{1}},
		{"price>-5", []bowerbird.ItemID{1, 2}},
		{"price=0", []bowerbird.ItemID{2}},
		{"price=19.99, 0", []bowerbird.ItemID{1, 2}},
		{"price!=0", []bowerbird.ItemID{1, 3, 4, 5}},
		{"nothing=x", nil},
		{"nothing!=x", []bowerbird.ItemID{1, 2, 3, 4, 5}},
		{"nothing>0", nil},
	} {
		cond, err := filter.ParseCondition(c.where)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(c.where, func(t *testing.T) {
			want(t, kept(w, bowerbird.Request{Where: []bowerbird.Condition{cond}}, 5), c.want...)
		})
	}
	a, _ := filter.ParseCondition("category=home")
	b, _ := filter.ParseCondition("price>1")
	want(t, kept(w, bowerbird.Request{Where: []bowerbird.Condition{a, b}}, 5), 1)
	want(t, kept(w, bowerbird.Request{}, 2), 1, 2)
}

func TestFieldsFollowTheItem(t *testing.T) {
	v := shop()
	where := func(s string) []bowerbird.ItemID {
		c, err := filter.ParseCondition(s)
		if err != nil {
			t.Fatal(err)
		}
		return kept(filter.Where(v), bowerbird.Request{Where: []bowerbird.Condition{c}}, 5)
	}
	want(t, kept(filter.Live(v), bowerbird.Request{}, 9), 1, 2, 3, 5)
	if v.Owner(4) != 7 || v.Owner(99_999) != 0 {
		t.Error("owner", v.Owner(4), v.Owner(99_999))
	}
	v.Apply([]fact{put(1, bowerbird.Item{Tags: []string{"tin"}}), {Kind: bowerbird.ItemDelete, Item: 2}, put(4, bowerbird.Item{Owner: "eve"})})
	want(t, where("tag=copper"))
	want(t, where("tag=tin"), 1)
	want(t, where("category=home"))
	want(t, where("price>=-100"))
	want(t, kept(filter.Live(v), bowerbird.Request{}, 9), 1, 3, 4, 5)
	for f, known := range map[string]bool{"Price": true, "maker": true, "owner": true, "tag": true, "weight": false, "mak": false} {
		if v.Known(f) != known {
			t.Errorf("Known(%q) = %v", f, !known)
		}
	}
}

func TestErasedOwnerIsForgotten(t *testing.T) {
	v := shop()
	v.Apply([]fact{{Kind: bowerbird.UserErase, User: 7}})
	c, _ := filter.ParseCondition("owner=eve")
	want(t, kept(filter.Where(v), bowerbird.Request{Where: []bowerbird.Condition{c}}, 5))
	if v.Owner(4) != 0 {
		t.Error("the number stays")
	}
	if bytes.Contains(viewtest.Bytes(t, v), []byte("eve")) {
		t.Error("the name is still in the checkpoint")
	}
}

func TestParseConditionErrors(t *testing.T) {
	for _, s := range []string{"", "=x", " =x", "field", "field=", "field= ", "a!b", "price<cheap", "price<", "price>nan", "price<inf", "price<=1e999", "a=x,,y", "a=,", "a=" + strings.Repeat("x,", 200) + "x"} {
		if c, err := filter.ParseCondition(s); err == nil {
			t.Errorf("%q was read as %+v", s, c)
		} else if !strings.HasPrefix(err.Error(), "where: ") {
			t.Errorf("%q: the error does not name the field: %v", s, err)
		}
	}
}

func TestParseCondition(t *testing.T) {
	for s, w := range map[string]bowerbird.Condition{
		"colour = green, dark blue": {Field: "colour", Op: bowerbird.In, Words: []string{"green", "dark blue"}},
		"tag!=x":                    {Field: "tag", Op: bowerbird.NotIn, Words: []string{"x"}},
		"p<1":                       {Field: "p", Op: bowerbird.Less, Number: 1},
		"p<=-1.5":                   {Field: "p", Op: bowerbird.LessEq, Number: -1.5},
		"p>1e3":                     {Field: "p", Op: bowerbird.Greater, Number: 1000},
		"p>=0":                      {Field: "p", Op: bowerbird.GreaterEq},
	} {
		c, err := filter.ParseCondition(s)
		if err != nil || c.Field != w.Field || c.Op != w.Op || c.Number != w.Number || !slices.Equal(c.Words, w.Words) {
			t.Errorf("%q: %+v, %v", s, c, err)
		}
	}
}

// TestFormatCondition: what is written is read as it was.
func TestFormatCondition(t *testing.T) {
	for want, c := range map[string]bowerbird.Condition{
		`tag=red\, white,a\\b`: {Field: "tag", Op: bowerbird.In, Words: []string{"red, white", `a\b`}},
		"tag!=x":               {Field: "tag", Op: bowerbird.NotIn, Words: []string{"x"}},
		"price<=12.5":          {Field: "price", Op: bowerbird.LessEq, Number: 12.5},
	} {
		got := filter.FormatCondition(c)
		back, err := filter.ParseCondition(got)
		if got != want || err != nil || back.Field != c.Field || back.Op != c.Op || back.Number != c.Number || !slices.Equal(back.Words, c.Words) {
			t.Errorf("%q, %+v, %v; want %q", got, back, err, want)
		}
	}
	for _, c := range []bowerbird.Condition{{Field: "a=b", Words: []string{"x"}}, {Field: "a", Op: bowerbird.Exists}} {
		if got := filter.FormatCondition(c); got != "" {
			t.Errorf("%+v: %q, which reads as something else", c, got)
		}
	}
}

func FuzzParseCondition(f *testing.F) {
	for _, s := range []string{"a=b", "a!=b,c", "p<=1", "p>x", "=", "!"} {
		f.Add(s)
	}
	v := shop()
	f.Fuzz(func(t *testing.T, s string) {
		c, err := filter.ParseCondition(s)
		if err != nil {
			return
		}
		if text := filter.FormatCondition(c); text != "" {
			if back, err := filter.ParseCondition(text); err != nil || back.Field != c.Field || !slices.Equal(back.Words, c.Words) {
				t.Fatalf("%q: %+v was written as %q and read as %+v, %v", s, c, text, back, err)
			}
		}
		if c.Field == "" || len(c.Words) > bowerbird.MaxList || c.Number != c.Number {
			t.Fatalf("%q: %+v", s, c)
		}
		kept(filter.Where(v), bowerbird.Request{Where: []bowerbird.Condition{c}}, 5)
	})
}

func FuzzLoad(f *testing.F) {
	for _, v := range []viewtest.View[fact]{filter.NewFields(), filter.NewSeen(filter.SeenOptions{}), filter.NewRefused(nil, nil)} {
		v.Apply(randomWorld(1, 60))
		f.Add(viewtest.Bytes(f, v))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = filter.NewFields().Load(bytes.NewReader(data))
		_ = filter.NewSeen(filter.SeenOptions{}).Load(bytes.NewReader(data))
		_ = filter.NewRefused(nil, nil).Load(bytes.NewReader(data))
	})
}

func TestSeen(t *testing.T) {
	v := filter.NewSeen(filter.SeenOptions{Again: time.Minute})
	v.Apply(logOf(
		does(bowerbird.Impression, 1, 1),
		does(bowerbird.Closeup, 1, 2),
		does(bowerbird.Save, 1, 3), does(bowerbird.Unsave, 1, 3),
		does(bowerbird.Hide, 1, 4),
		does(bowerbird.Impression, 2, 5),
	)) // at 1 s to 6 s, offsets 1 to 6
	want(t, kept(v, bowerbird.Request{User: 1, Offset: 6, Now: 6000}, 5), 4, 5)
	want(t, kept(v, bowerbird.Request{User: 1, Offset: 1, Now: 6000}, 5), 2, 3, 4, 5) // frozen
	want(t, kept(v, bowerbird.Request{User: 1, Now: 6000}, 5), 4, 5)                  // now
	want(t, kept(v, bowerbird.Request{User: 1, Offset: 6, Now: 61_000}, 5), 4, 5)     // just within
	want(t, kept(v, bowerbird.Request{User: 1, Offset: 6, Now: 61_001}, 5), 1, 4, 5)  // shown again
	want(t, kept(v, bowerbird.Request{Offset: 6, Now: 6000}, 2), 1, 2)                // nobody
	want(t, kept(v, bowerbird.Request{User: 77, Offset: 6, Now: 6000}, 2), 1, 2)
	v.Apply([]fact{{Kind: bowerbird.UserErase, User: 1}})
	want(t, kept(v, bowerbird.Request{User: 1, Offset: 9, Now: 6000}, 3), 1, 2, 3)
}

// TestSeenStaysFrozen shows an item before a paging begins and, on another
// surface, after: the second page must still count it as seen.
func TestSeenStaysFrozen(t *testing.T) {
	v := filter.NewSeen(filter.SeenOptions{Again: time.Minute})
	v.Apply(logOf(does(bowerbird.Impression, 1, 1), does(bowerbird.Impression, 1, 2), does(bowerbird.Impression, 1, 1)))
	want(t, kept(v, bowerbird.Request{User: 1, Offset: 2, Now: 2000}, 2))
	// After a pause longer than Again a new stretch begins.
	v.Apply([]fact{{Kind: bowerbird.Impression, User: 1, Item: 1, Offset: 9, Time: 90_000}})
	want(t, kept(v, bowerbird.Request{User: 1, Offset: 8, Now: 80_000}, 2), 1, 2)
	want(t, kept(v, bowerbird.Request{User: 1, Offset: 9, Now: 90_000}, 2), 2)
}

func TestSeenPrunes(t *testing.T) {
	v := filter.NewSeen(filter.SeenOptions{Again: time.Second})
	var facts []fact
	for i := range 5000 {
		facts = append(facts, does(bowerbird.Impression, 1, bowerbird.ItemID(i+1)))
	}
	v.Apply(logOf(facts...))
	if n := len(viewtest.Bytes(t, v)); n > 2000 {
		t.Errorf("5,000 old impressions cost %d bytes", n)
	}
}

// TestSeenOfASmallCollection: with most of ten items shown, the five shown last
// stay away and the others come back; what was acted on stays away for good.
func TestSeenOfASmallCollection(t *testing.T) {
	v := filter.NewSeen(filter.SeenOptions{Again: time.Hour, Items: func() int { return 10 }})
	var facts []fact
	for i := range 8 {
		facts = append(facts, does(bowerbird.Impression, 1, bowerbird.ItemID(i+1)))
	}
	v.Apply(logOf(append(facts, does(bowerbird.Save, 1, 2))...))
	now := bowerbird.Request{User: 1, Now: 1000}
	want(t, kept(v, now, 10), 1, 3, 9, 10)
	frozen := now
	frozen.Offset = 5 // five were shown by then: none comes back
	want(t, kept(v, frozen, 10), 6, 7, 8, 9, 10)
}

func TestRefused(t *testing.T) {
	fields := filter.NewFields()
	fields.Apply(logOf(
		fact{Kind: bowerbird.ItemPut, Item: 1, Owner: 9, ItemDoc: &bowerbird.Item{Categories: []string{"home/kitchen"}}},
		put(2, bowerbird.Item{Tags: []string{"Cats"}}), put(3, bowerbird.Item{}), put(4, bowerbird.Item{})))
	boards := map[bowerbird.BoardID][]bowerbird.ItemID{5: {3}}
	v := filter.NewRefused(fields, func(b bowerbird.BoardID) []bowerbird.ItemID { return boards[b] })
	me := bowerbird.Request{User: 1}
	want(t, kept(v.Hidden(), me, 4), 1, 2, 3, 4)
	v.Apply([]fact{does(bowerbird.Hide, 1, 4), does(bowerbird.Hide, 2, 1)})
	want(t, kept(v.Hidden(), me, 4), 1, 2, 3)
	v.Apply([]fact{does(bowerbird.Unhide, 1, 4)})
	want(t, kept(v.Hidden(), me, 4), 1, 2, 3, 4)

	for _, c := range []struct {
		what string
		mute fact
		left []bowerbird.ItemID
	}{
		{"person", fact{Subject: 9}, []bowerbird.ItemID{2, 3, 4}},
		{"board", fact{Board: 5}, []bowerbird.ItemID{1, 2, 4}},
		{"topic above", fact{Topic: "Home"}, []bowerbird.ItemID{2, 3, 4}},
		{"tag", fact{Topic: "cats "}, []bowerbird.ItemID{1, 3, 4}},
	} {
		t.Run(c.what, func(t *testing.T) {
			m := c.mute
			m.User, m.Kind = 1, bowerbird.Mute
			v.Apply([]fact{m})
			want(t, kept(v.Muted(), me, 4), c.left...)
			want(t, kept(v.Muted(), bowerbird.Request{User: 2}, 4), 1, 2, 3, 4)
			m.Kind = bowerbird.Unmute
			v.Apply([]fact{m})
			want(t, kept(v.Muted(), me, 4), 1, 2, 3, 4)
		})
	}
	v.Apply([]fact{{Kind: bowerbird.Mute, User: 1, Subject: 9}, does(bowerbird.Hide, 1, 1), {Kind: bowerbird.UserErase, User: 9}})
	want(t, kept(v.Muted(), me, 4), 1, 2, 3, 4)
	v.Apply([]fact{{Kind: bowerbird.UserErase, User: 1}})
	want(t, kept(v.Hidden(), me, 4), 1, 2, 3, 4)
}

func TestSelfAndOnBoard(t *testing.T) {
	want(t, kept(filter.Self(), bowerbird.Request{Item: 2, Served: []bowerbird.ItemID{4}}, 5), 1, 3, 5)
	want(t, kept(filter.Self(), bowerbird.Request{}, 2), 1, 2)
	f := filter.OnBoard(func(b bowerbird.BoardID) []bowerbird.ItemID { return []bowerbird.ItemID{bowerbird.ItemID(b)} })
	want(t, kept(f, bowerbird.Request{Board: 3}, 4), 1, 2, 4)
	want(t, kept(f, bowerbird.Request{}, 2), 1, 2)
	names := []string{filter.Self().Name(), f.Name(), filter.Live(nil).Name(), filter.Where(nil).Name()}
	slices.Sort(names)
	if len(slices.Compact(names)) != 4 {
		t.Error("two filters share a name", names)
	}
}

// TestTestsHoldNothingUp compiles a page's tests, uses them half-way and folds on:
// what a compiled test reads must not keep Apply waiting, and is safe beside it.
func TestTestsHoldNothingUp(t *testing.T) {
	fields, seen := filter.NewFields(), filter.NewSeen(filter.SeenOptions{})
	refused := filter.NewRefused(fields, func(bowerbird.BoardID) []bowerbird.ItemID { return nil })
	all := randomWorld(5, 600)
	apply := func(f []fact) { fields.Apply(f); seen.Apply(f); refused.Apply(f) }
	apply(all[:300])
	c, _ := filter.ParseCondition("price<30")
	var wg sync.WaitGroup
	for u := range bowerbird.UserID(4) {
		wg.Go(func() {
			r := bowerbird.Request{User: u + 1, Where: []bowerbird.Condition{c}, Now: 1 << 40}
			for range 50 {
				for _, f := range []interface {
					For(*bowerbird.Request) func(bowerbird.ItemID) bool
				}{filter.Live(fields), filter.Where(fields), seen, refused.Hidden(), refused.Muted()} {
					kept(f, r, 40)
				}
			}
		})
	}
	for i := 300; i < len(all); i += 10 {
		apply(all[i : i+10])
	}
	wg.Wait()
}
