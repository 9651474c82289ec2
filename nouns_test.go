package bowerbird_test

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"bowerbird"
)

func TestKindsAndSurfacesHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for k := bowerbird.ItemPut; k <= bowerbird.Erased; k++ {
		name := k.String()
		if name == "" || seen[name] {
			t.Errorf("kind %d is named %q", k, name)
		}
		seen[name] = true
		if got, err := bowerbird.ParseKind(name); got != k || err != nil {
			t.Errorf("%q is read as %v, %v", name, got, err)
		}
		if p := k.Positive(); p < 0 || p > 1 || p > 0 && !k.OnItem() {
			t.Errorf("%s is worth %v", k, p)
		}
	}
	for s := bowerbird.NoSurface; s <= bowerbird.Explore; s++ {
		if got, err := bowerbird.ParseSurface(s.String()); got != s || err != nil {
			t.Errorf("surface %d: %v, %v", s, got, err)
		}
	}
	for _, bad := range []string{"", "kind(3)", "SAVE"} {
		if k, err := bowerbird.ParseKind(bad); err == nil {
			t.Errorf("%q is the kind %v", bad, k)
		}
	}
	if _, err := bowerbird.ParseSurface("shop"); err == nil {
		t.Error("shop is no surface")
	}
}

func TestAttributes(t *testing.T) {
	var a bowerbird.Attributes
	if err := json.Unmarshal([]byte(`{"b":["x","y"],"a":1.5,"none":null,"empty":[],"yes":true,"c":"z"}`), &a); err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(a)
	if err != nil || string(got) != `{"a":1.5,"b":["x","y"],"c":"z","yes":"true"}` {
		t.Errorf("%s, %v", got, err)
	}
	if x, ok := a.Get("b"); !ok || len(x.Words) != 2 {
		t.Error("b", x, ok)
	}
	if _, ok := a.Get("bb"); ok {
		t.Error("bb is not there")
	}
	a = a.Set(bowerbird.Attribute{Name: "aa", Words: []string{"new"}}).Set(bowerbird.Attribute{Name: "c", Numeric: true, Number: 2})
	if got, _ := json.Marshal(a); string(got) != `{"a":1.5,"aa":"new","b":["x","y"],"c":2,"yes":"true"}` {
		t.Errorf("%s", got)
	}
	for in, field := range map[string]string{`[]`: "object", `{"deep":{"x":1}}`: "deep", `{"mixed":["x",1]}`: "mixed"} {
		if err := json.Unmarshal([]byte(in), &a); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", in, err)
		}
	}
	if _, err := bowerbird.AttributesOf(map[string]any{"n": math.Inf(1)}); err == nil {
		t.Error("infinity is no number")
	}
}

func TestValidate(t *testing.T) {
	item := func(x bowerbird.Item) bowerbird.Event {
		return bowerbird.Event{Kind: bowerbird.ItemPut, ItemDoc: &x}
	}
	long := strings.Repeat("x", 300)
	for _, c := range []struct {
		field string // of the error, "" if the event is good
		event bowerbird.Event
	}{
		{"", bowerbird.Event{Kind: bowerbird.Save, User: "ann", Item: "cat1"}},
		{"", item(bowerbird.Item{ID: "cat 1/ä"})},
		{"", bowerbird.Event{Kind: bowerbird.Follow, User: "ann", Board: "b"}},
		{"", bowerbird.Event{Kind: bowerbird.Mute, User: "ann", Topic: "home"}},
		{"type", bowerbird.Event{}},
		{"type", bowerbird.Event{Kind: bowerbird.Erased}},
		{"type", bowerbird.Event{Kind: 99}},
		{"user", bowerbird.Event{Kind: bowerbird.Save, Item: "cat1"}},
		{"item", bowerbird.Event{Kind: bowerbird.Save, User: "ann"}},
		{"item", bowerbird.Event{Kind: bowerbird.Save, User: "ann", Item: "a\nb"}},
		{"item", bowerbird.Event{Kind: bowerbird.Save, User: "ann", Item: "\xff"}},
		{"id", bowerbird.Event{Kind: bowerbird.Save, User: "ann", Item: "x", ID: long}},
		{"time", bowerbird.Event{Kind: bowerbird.Save, User: "ann", Item: "x", Time: -1}},
		{"time", bowerbird.Event{Kind: bowerbird.Save, User: "ann", Item: "x", Time: bowerbird.MaxTime + 1}},
		{"value", bowerbird.Event{Kind: bowerbird.Save, User: "ann", Item: "x", Value: math.NaN()}},
		{"position", bowerbird.Event{Kind: bowerbird.Impression, User: "ann", Item: "x", Position: 70000}},
		{"item_doc", bowerbird.Event{Kind: bowerbird.ItemPut}},
		{"id", item(bowerbird.Item{})},
		{"title", item(bowerbird.Item{ID: "x", Title: strings.Repeat("x", 2000)})},
		{"categories[1]", item(bowerbird.Item{ID: "x", Categories: []string{"a", ""}})},
		{"tags", item(bowerbird.Item{ID: "x", Tags: make([]string, 101)})},
		{"created", item(bowerbird.Item{ID: "x", Created: -5})},
		{"picture", item(bowerbird.Item{ID: "x", Picture: &bowerbird.Picture{Width: -1}})},
		{"attributes.p", item(bowerbird.Item{ID: "x", Attributes: bowerbird.Attributes{{Name: "p", Numeric: true, Number: math.Inf(1)}}})},
		{"board_doc", bowerbird.Event{Kind: bowerbird.BoardPut}},
		{"user_doc", bowerbird.Event{Kind: bowerbird.UserPut}},
		{"board", bowerbird.Event{Kind: bowerbird.BoardDelete}},
		{"query", bowerbird.Event{Kind: bowerbird.Search, User: "ann", Query: "  "}},
		{"subject", bowerbird.Event{Kind: bowerbird.Follow, User: "ann"}},
		{"subject", bowerbird.Event{Kind: bowerbird.Follow, User: "ann", Board: "b", Subject: "s"}},
		{"subject", bowerbird.Event{Kind: bowerbird.Mute, User: "ann", Topic: "t", Subject: "s"}},
		{"signal", bowerbird.Event{Kind: bowerbird.SignalPut, Item: "x"}},
		{"signal.vector", bowerbird.Event{Kind: bowerbird.SignalPut, Item: "x", Signal: &bowerbird.Signal{Name: "v", Version: "1", Vector: []float32{float32(math.NaN())}}}},
	} {
		err := c.event.Validate()
		var bad *bowerbird.Invalid
		switch {
		case c.field == "" && err != nil:
			t.Errorf("%+v: %v", c.event, err)
		case c.field != "" && (!errors.As(err, &bad) || bad.Field != c.field):
			t.Errorf("%+v: %v, want the field %s", c.event, err, c.field)
		}
	}
}

// FuzzEvent reads events as they are posted. One that is valid comes back from
// its own JSON as it was.
func FuzzEvent(f *testing.F) {
	for _, s := range []string{`{"type":"save","user":"ann","item":"cat1"}`, `{"type":"item_put","item_doc":{"id":"x","attributes":{"a":1,"b":["x"]},"tags":["t"]}}`,
		`{"type":"mute","user":"a","topic":"t","surface":"home"}`, `{"type":7}`, `{}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var a, b bowerbird.Event
		if json.Unmarshal([]byte(s), &a) != nil || a.Validate() != nil {
			return
		}
		data, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &b); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		again, err := json.Marshal(b)
		if err != nil || string(again) != string(data) || b.Validate() != nil {
			t.Fatalf("%s\n%s\n%v", data, again, err)
		}
		if a.Kind != b.Kind || !reflect.DeepEqual(a.Served, b.Served) {
			t.Fatalf("%+v and %+v", a, b)
		}
	})
}
