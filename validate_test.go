package bowerbird

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestKindNames(t *testing.T) {
	seen := map[string]bool{}
	for k := NoKind + 1; k < kinds; k++ {
		name := k.String()
		if name == "" || seen[name] || strings.Contains(name, "(") {
			t.Errorf("kind %d is called %q", k, name)
		}
		seen[name] = true
		if got, err := ParseKind(name); err != nil || got != k {
			t.Errorf("ParseKind(%q) = %v, %v", name, got, err)
		}
		b, err := json.Marshal(k)
		if err != nil || string(b) != `"`+name+`"` {
			t.Errorf("%v in JSON: %s, %v", k, b, err)
		}
		var back Kind
		if err := json.Unmarshal(b, &back); err != nil || back != k {
			t.Errorf("%s back: %v, %v", b, back, err)
		}
	}
	// The numbers are part of the log's format.
	for k, want := range map[Kind]uint8{ItemPut: 1, UserErase: 6, SignalPut: 7, Impression: 8, Save: 11, Purchase: 16, Unmute: 21, Erased: 22} {
		if uint8(k) != want {
			t.Errorf("%v is number %d, want %d", k, k, want)
		}
	}
	if got := Kind(200).String(); got != "kind(200)" {
		t.Errorf("an unknown kind is called %q", got)
	}
	for _, bad := range []string{`""`, `"Save"`, `"saved"`, `"kind(3)"`, `7`, `null2`, `[]`, `{}`} {
		var k Kind
		if err := json.Unmarshal([]byte(bad), &k); err == nil {
			t.Errorf("%s was read as %v", bad, k)
		}
	}
}

func TestPositive(t *testing.T) {
	want := map[Kind]float32{Save: 1, Purchase: 1, Share: .8, Click: .5, Closeup: .2}
	items := []Kind{Impression, Closeup, Click, Save, Unsave, Hide, Unhide, Share, Purchase}
	for k := NoKind; k <= kinds; k++ {
		if k.Positive() != want[k] {
			t.Errorf("%v: %g, want %g", k, k.Positive(), want[k])
		}
		if k.OnItem() != slices.Contains(items, k) {
			t.Errorf("%v: on an item %v", k, k.OnItem())
		}
	}
}

func TestSurfaceNames(t *testing.T) {
	for s := NoSurface; s < surfaces; s++ {
		if got, err := ParseSurface(s.String()); err != nil || got != s {
			t.Errorf("%d: %q is read as %v, %v", s, s.String(), got, err)
		}
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back Surface
		if err := json.Unmarshal(b, &back); err != nil || back != s {
			t.Errorf("%s back: %v, %v", b, back, err)
		}
	}
	for _, bad := range []string{"Home", "feed", "home ", "surface(1)"} {
		if _, err := ParseSurface(bad); err == nil || !strings.HasPrefix(err.Error(), "surface:") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	var s Surface
	if err := json.Unmarshal([]byte("3"), &s); err == nil {
		t.Errorf("3 was read as %v", s)
	}
	if got := Surface(99).String(); got != "surface(99)" {
		t.Errorf("an unknown surface is called %q", got)
	}
}

// valid is one good event of each kind.
func valid(k Kind) Event {
	e := Event{Kind: k, Time: 1}
	switch {
	case k.OnItem():
		e.User, e.Item = "ann", "lamp"
		return e
	}
	switch k {
	case ItemPut:
		e.ItemDoc = &Item{ID: "lamp"}
	case BoardPut:
		e.BoardDoc = &Board{ID: "home"}
	case UserPut:
		e.UserDoc = &User{ID: "ann"}
	case ItemDelete:
		e.Item = "lamp"
	case BoardDelete:
		e.Board = "home"
	case UserErase:
		e.User = "ann"
	case SignalPut:
		e.Item, e.Signal = "lamp", &Signal{Name: "visual", Version: "1", Vector: []float32{1}}
	case Search:
		e.User, e.Query = "ann", "oak"
	case Follow, Unfollow, Mute, Unmute:
		e.User, e.Subject = "ann", "bob"
	}
	return e
}

// TestValidateEachKind: each kind is good with what it needs, and refused without
// any part of it, by a message that names the part.
func TestValidateEachKind(t *testing.T) {
	for k := NoKind + 1; k < Erased; k++ {
		e := valid(k)
		if err := e.Validate(); err != nil {
			t.Errorf("%v: %v", k, err)
		}
		parts := map[string]func(*Event){
			"user": func(e *Event) { e.User = "" }, "item": func(e *Event) { e.Item = "" }, "board": func(e *Event) { e.Board = "" },
			"subject": func(e *Event) { e.Subject = "" }, "query": func(e *Event) { e.Query = "" },
			"item_doc": func(e *Event) { e.ItemDoc = nil }, "board_doc": func(e *Event) { e.BoardDoc = nil },
			"user_doc": func(e *Event) { e.UserDoc = nil }, "signal": func(e *Event) { e.Signal = nil },
		}
		needed := 0
		for field, take := range parts {
			without := e
			take(&without)
			if same(&without, &e) {
				continue // the kind does not have it
			}
			needed++
			refuses(t, fmt.Sprintf("%v without %s", k, field), &without, field)
		}
		if needed == 0 {
			t.Errorf("%v needs nothing", k)
		}
	}
	for _, k := range []Kind{NoKind, Erased, kinds, 255} {
		refuses(t, fmt.Sprintf("kind %d", k), &Event{Kind: k, User: "ann", Item: "lamp"}, "type")
	}
}

func same(a, b *Event) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

// refuses fails the test unless the event is refused with an *Invalid of that field.
func refuses(t *testing.T, what string, e *Event, field string) {
	t.Helper()
	err := e.Validate()
	var inv *Invalid
	if !errors.As(err, &inv) || inv.Field != field || inv.Message == "" || !strings.HasPrefix(err.Error(), field+": ") {
		t.Errorf("%s: got %v, want the field %q refused", what, err, field)
	}
}

func TestValidateLimits(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	inf, nan := math.Inf(1), math.NaN()
	infinite, huge := float32(inf), float32(math.MaxFloat32)
	words := func(n int) []string { return slices.Repeat([]string{"w"}, n) }
	many := func(n int) (a Attributes) {
		for i := range n {
			a = append(a, Attribute{Name: fmt.Sprintf("a%03d", i), Words: []string{"w"}})
		}
		return a
	}
	type change = func(*Event)
	for _, c := range []struct {
		kind    Kind
		field   string
		ok, bad change // at the limit, and just beyond
	}{
		{Save, "id", func(e *Event) { e.ID = long(MaxName) }, func(e *Event) { e.ID = long(MaxName + 1) }},
		{Save, "user", func(e *Event) { e.User = long(MaxName) }, func(e *Event) { e.User = long(MaxName + 1) }},
		{Save, "item", func(e *Event) { e.Item = "ключ/1?" }, func(e *Event) { e.Item = "a\x00b" }},
		{Save, "board", func(e *Event) { e.Board = " b " }, func(e *Event) { e.Board = "a\nb" }},
		{Save, "request", func(e *Event) { e.Request = "é" }, func(e *Event) { e.Request = "\xff" }},
		{Save, "topic", func(e *Event) { e.Topic = "a/b" }, func(e *Event) { e.Topic = "\x7f" }},
		{Save, "subject", func(e *Event) { e.Subject = "b" }, func(e *Event) { e.Subject = "\xc3" }},
		{Save, "time", func(e *Event) { e.Time = MaxTime }, func(e *Event) { e.Time = MaxTime + 1 }},
		{Save, "time", func(e *Event) { e.Time = 0 }, func(e *Event) { e.Time = -1 }},
		{Save, "value", func(e *Event) { e.Value = -math.MaxFloat64 }, func(e *Event) { e.Value = nan }},
		{Save, "value", func(e *Event) { e.Value = 0 }, func(e *Event) { e.Value = -inf }},
		{Save, "position", func(e *Event) { e.Position = math.MaxUint16 }, func(e *Event) { e.Position = math.MaxUint16 + 1 }},
		{Save, "position", func(e *Event) { e.Position = 0 }, func(e *Event) { e.Position = -1 }},
		{Search, "query", func(e *Event) { e.Query = long(MaxQuery) }, func(e *Event) { e.Query = long(MaxQuery + 1) }},
		{Search, "query", func(e *Event) { e.Query = "\tx" }, func(e *Event) { e.Query = " \t\n" }},
		{Search, "query", func(e *Event) { e.Query = "ö" }, func(e *Event) { e.Query = "\xf6" }},
		{Follow, "subject", func(e *Event) { e.Subject, e.Board = "", "b" }, func(e *Event) { e.Board = "b" }},
		{Unfollow, "subject", func(e *Event) {}, func(e *Event) { e.Subject = "" }},
		{Mute, "subject", func(e *Event) { e.Subject, e.Topic = "", "home/oak" }, func(e *Event) { e.Topic = "home" }},
		{Unmute, "subject", func(e *Event) { e.Subject, e.Board = "", "b" }, func(e *Event) { e.Board, e.Topic = "b", "c" }},

		{ItemPut, "id", func(e *Event) { e.ItemDoc.ID = "a" }, func(e *Event) { e.ItemDoc.ID = "" }},
		{ItemPut, "title", func(e *Event) { e.ItemDoc.Title = long(MaxTitle) }, func(e *Event) { e.ItemDoc.Title = long(MaxTitle + 1) }},
		{ItemPut, "title", func(e *Event) { e.ItemDoc.Title = "a\nb" }, func(e *Event) { e.ItemDoc.Title = "\xc0\x80" }},
		{ItemPut, "description", func(e *Event) { e.ItemDoc.Description = long(MaxText) }, func(e *Event) { e.ItemDoc.Description = long(MaxText + 1) }},
		{ItemPut, "link", func(e *Event) { e.ItemDoc.Link = long(4 * MaxTitle) }, func(e *Event) { e.ItemDoc.Link = long(4*MaxTitle + 1) }},
		{ItemPut, "owner", func(e *Event) { e.ItemDoc.Owner = "o" }, func(e *Event) { e.ItemDoc.Owner = "\x1f" }},
		{ItemPut, "language", func(e *Event) { e.ItemDoc.Language = "de" }, func(e *Event) { e.ItemDoc.Language = long(MaxName + 1) }},
		{ItemPut, "categories", func(e *Event) { e.ItemDoc.Categories = words(MaxList) }, func(e *Event) { e.ItemDoc.Categories = words(MaxList + 1) }},
		{ItemPut, "categories[1]", func(e *Event) { e.ItemDoc.Categories = words(1) }, func(e *Event) { e.ItemDoc.Categories = []string{"a", ""} }},
		{ItemPut, "tags", func(e *Event) { e.ItemDoc.Tags = words(MaxList) }, func(e *Event) { e.ItemDoc.Tags = words(MaxList + 1) }},
		{ItemPut, "tags[0]", func(e *Event) { e.ItemDoc.Tags = words(1) }, func(e *Event) { e.ItemDoc.Tags = []string{"a\x01"} }},
		{ItemPut, "created", func(e *Event) { e.ItemDoc.Created = MaxTime }, func(e *Event) { e.ItemDoc.Created = -1 }},
		{ItemPut, "picture", func(e *Event) { e.ItemDoc.Picture = &Picture{Width: 1 << 20} }, func(e *Event) { e.ItemDoc.Picture = &Picture{Width: 1<<20 + 1} }},
		{ItemPut, "picture", func(e *Event) { e.ItemDoc.Picture = &Picture{} }, func(e *Event) { e.ItemDoc.Picture = &Picture{Height: -1} }},
		{ItemPut, "picture", func(e *Event) { e.ItemDoc.Picture = &Picture{Colours: make([]Colour, MaxList)} }, func(e *Event) { e.ItemDoc.Picture = &Picture{Colours: make([]Colour, MaxList+1)} }},
		{ItemPut, "picture", func(e *Event) { e.ItemDoc.Picture = &Picture{Placeholder: long(4096)} }, func(e *Event) { e.ItemDoc.Picture = &Picture{Placeholder: "\xff"} }},
		{ItemPut, "picture", func(e *Event) { e.ItemDoc.Picture = &Picture{Blob: "ab"} }, func(e *Event) { e.ItemDoc.Picture = &Picture{Large: "\xff"} }},
		{ItemPut, "picture", func(e *Event) { e.ItemDoc.Picture = &Picture{Colours: []Colour{{Share: 1}}} }, func(e *Event) { e.ItemDoc.Picture = &Picture{Colours: []Colour{{Share: infinite}}} }},
		{ItemPut, "attributes", func(e *Event) { e.ItemDoc.Attributes = many(MaxList) }, func(e *Event) { e.ItemDoc.Attributes = many(MaxList + 1) }},
		{ItemPut, "attributes", func(e *Event) {}, func(e *Event) { e.ItemDoc.Attributes = Attributes{{}} }},
		{ItemPut, "attributes.a", func(e *Event) { e.ItemDoc.Attributes = Attributes{{Name: "a", Words: words(MaxList)}} }, func(e *Event) { e.ItemDoc.Attributes = Attributes{{Name: "a", Words: words(MaxList + 1)}} }},
		{ItemPut, "attributes.a", func(e *Event) { e.ItemDoc.Attributes = Attributes{{Name: "a", Words: []string{long(MaxTitle)}}} }, func(e *Event) { e.ItemDoc.Attributes = Attributes{{Name: "a", Words: []string{"\xff"}}} }},
		{ItemPut, "attributes.a", func(e *Event) { e.ItemDoc.Attributes = Attributes{{Name: "a", Numeric: true, Number: 1e308}} }, func(e *Event) { e.ItemDoc.Attributes = Attributes{{Name: "a", Numeric: true, Number: inf}} }},

		{BoardPut, "id", func(e *Event) { e.BoardDoc.ID = "b" }, func(e *Event) { e.BoardDoc.ID = "" }},
		{BoardPut, "title", func(e *Event) { e.BoardDoc.Title = long(MaxTitle) }, func(e *Event) { e.BoardDoc.Title = long(MaxTitle + 1) }},
		{BoardPut, "description", func(e *Event) { e.BoardDoc.Description = long(MaxTitle) }, func(e *Event) { e.BoardDoc.Description = long(MaxText + 1) }},
		{BoardPut, "owner", func(e *Event) { e.BoardDoc.Owner = "ann" }, func(e *Event) { e.BoardDoc.Owner = "\x00" }},
		{BoardPut, "created", func(e *Event) { e.BoardDoc.Created = MaxTime }, func(e *Event) { e.BoardDoc.Created = MaxTime + 1 }},
		{UserPut, "id", func(e *Event) { e.UserDoc.ID = "b" }, func(e *Event) { e.UserDoc.ID = "" }},
		{UserPut, "name", func(e *Event) { e.UserDoc.Name = long(MaxTitle) }, func(e *Event) { e.UserDoc.Name = long(MaxTitle + 1) }},
		{UserPut, "language", func(e *Event) { e.UserDoc.Language = "de" }, func(e *Event) { e.UserDoc.Language = "\xff" }},
		{UserPut, "created", func(e *Event) { e.UserDoc.Created = 0 }, func(e *Event) { e.UserDoc.Created = -1 }},
		{UserPut, "labels", func(e *Event) { e.UserDoc.Labels = many(3) }, func(e *Event) { e.UserDoc.Labels = many(MaxList + 1) }},

		{SignalPut, "signal.name", func(e *Event) { e.Signal.Name = long(MaxName) }, func(e *Event) { e.Signal.Name = long(MaxName + 1) }},
		{SignalPut, "signal.name", func(e *Event) {}, func(e *Event) { e.Signal.Name = "\xff" }},
		{SignalPut, "signal.version", func(e *Event) { e.Signal.Version = "2" }, func(e *Event) { e.Signal.Version = "" }},
		{SignalPut, "signal.version", func(e *Event) {}, func(e *Event) { e.Signal.Version = "a\nb" }},
		{SignalPut, "signal.vector", func(e *Event) { e.Signal.Vector = make([]float32, MaxVector) }, func(e *Event) { e.Signal.Vector = make([]float32, MaxVector+1) }},
		{SignalPut, "signal.vector", func(e *Event) { e.Signal.Vector = []float32{huge} }, func(e *Event) { e.Signal.Vector = nil }},
		{SignalPut, "signal.vector", func(e *Event) { e.Signal.Vector = []float32{-huge} }, func(e *Event) { e.Signal.Vector = []float32{0, infinite} }},
		{SignalPut, "signal.vector", func(e *Event) {}, func(e *Event) { e.Signal.Vector = []float32{float32(nan)} }},

		{Impression, "served", func(e *Event) { e.Served = &Served{Features: []float32{1}} }, func(e *Event) { e.Served = &Served{Features: []float32{infinite}} }},
		{Impression, "served", func(e *Event) { e.Served = &Served{Score: 1} }, func(e *Event) { e.Served = &Served{Score: float32(nan)} }},
		{Impression, "served", func(e *Event) { e.Served = &Served{Model: "m"} }, func(e *Event) { e.Served = &Served{Model: "\xff"} }},
		{Impression, "served", func(e *Event) { e.Served = &Served{Sources: words(MaxList)} }, func(e *Event) { e.Served = &Served{Sources: words(MaxList + 1)} }},
		{Impression, "surface", func(e *Event) { e.Surface = Explore }, func(e *Event) { e.Surface = surfaces }},
	} {
		e := valid(c.kind)
		c.ok(&e)
		if err := e.Validate(); err != nil {
			t.Errorf("%v %s at its limit: %v", c.kind, c.field, err)
		}
		e = valid(c.kind)
		c.bad(&e)
		refuses(t, fmt.Sprintf("%v %s", c.kind, c.field), &e, c.field)
	}
}

// FuzzValidate: whatever is read, also in part, Validate does not panic and names
// the field. FuzzEvent takes the valid ones to JSON and back.
func FuzzValidate(f *testing.F) {
	for k := NoKind + 1; k < Erased; k++ {
		e := valid(k)
		b, err := json.Marshal(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, s := range []string{``, `{}`, `null`, `[]`, `{"type":null}`, `{"type":"item_put","item_doc":{"id":"x","attributes":{"a":[1]}}}`,
		`{"type":"item_put","item_doc":{"id":"x","attributes":{"a":{"b":1}},"picture":{}}}`, `{"type":"signal_put","item":"i","signal":{"vector":[1e39]}}`,
		`{"type":"user_put","user_doc":{"id":"a","labels":null}}`, `{"type":"save","user":"\ud800","item":"i","surface":"nowhere"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var e Event
		_ = json.Unmarshal(b, &e) // what was read before an error stays
		err := e.Validate()
		var inv *Invalid
		if err != nil && (!errors.As(err, &inv) || inv.Field == "" || inv.Message == "") {
			t.Fatalf("%q: %v names no field", b, err)
		}
	})
}
