package bowerbird

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAttributesJSON(t *testing.T) {
	for _, c := range []struct{ in, out string }{
		{`{}`, `{}`},
		{`{"b":1,"a":"x"}`, `{"a":"x","b":1}`},
		{`{"a":["x"]}`, `{"a":"x"}`},
		{`{"a":["y","x"]}`, `{"a":["y","x"]}`},
		{`{"a":[],"b":null,"c":false}`, `{"c":"false"}`},
		{`{"a":1,"a":2}`, `{"a":2}`},
		{`{"a":""}`, `{"a":""}`},
		{`{"ü":"ß","z":-1.5e-7}`, `{"z":-1.5e-7,"ü":"ß"}`},
		{`{"a<b>":"&"}`, `{"a\u003cb\u003e":"\u0026"}`},
	} {
		var a Attributes
		if err := json.Unmarshal([]byte(c.in), &a); err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		b, err := json.Marshal(a)
		if err != nil || string(b) != c.out {
			t.Errorf("%s: got %s, %v, want %s", c.in, b, err, c.out)
		}
	}
	for _, c := range []struct{ in, names string }{
		{`{"a":{"b":1}}`, "attributes.a"}, {`{"a":[1]}`, "attributes.a"}, {`{"a":["x",null]}`, "attributes.a"},
		{`[]`, "attributes"}, {`"x"`, "attributes"}, {`{"a":1e999}`, "attributes"},
	} {
		var a Attributes
		if err := json.Unmarshal([]byte(c.in), &a); err == nil || !strings.HasPrefix(err.Error(), c.names+":") {
			t.Errorf("%s: got %v, want %s named", c.in, err, c.names)
		}
	}
	if _, err := AttributesOf(map[string]any{"a": math.NaN()}); err == nil {
		t.Error("NaN was taken")
	}
}

// TestAttributesOrder: the same set in any order is the same.
func TestAttributesOrder(t *testing.T) {
	var want Attributes
	for round := range 20 {
		m := map[string]any{}
		for i := range 30 {
			m[fmt.Sprintf("n%d", (i*7+round)%30)] = "x"
		}
		got, err := AttributesOf(m)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
	}
	if !slices.IsSortedFunc(want, func(a, b Attribute) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("not sorted by name")
	}
}

func TestAttributesSet(t *testing.T) {
	var a Attributes
	for _, n := range []string{"m", "b", "z", "b", "a", "m"} {
		a = a.Set(Attribute{Name: n, Words: []string{fmt.Sprint(len(a))}})
	}
	var names []string
	for _, x := range a {
		names = append(names, x.Name+x.Words[0])
	}
	if want := []string{"a3", "b3", "m4", "z2"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
	if x, ok := a.Get("m"); !ok || x.Words[0] != "4" {
		t.Errorf("m is %v, %v", x, ok)
	}
	if _, ok := a.Get("n"); ok {
		t.Error("n was found")
	}
	if _, ok := Attributes(nil).Get(""); ok {
		t.Error("nothing holds something")
	}
}

func FuzzAttributes(f *testing.F) {
	for _, s := range []string{`{"price": 20, "material": ["oak", "brass"], "new": true}`, `{"a":null}`, `{"a":[[]]}`, `{"\u0000":""}`, `{"a":-0}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var a Attributes
		if json.Unmarshal(b, &a) != nil {
			return
		}
		for i := 1; i < len(a); i++ {
			if a[i-1].Name >= a[i].Name {
				t.Fatalf("%q: %q stands before %q", b, a[i-1].Name, a[i].Name)
			}
		}
		out, err := json.Marshal(a)
		if err != nil {
			t.Fatalf("%q: %v", b, err)
		}
		var back Attributes
		if err := json.Unmarshal(out, &back); err != nil {
			t.Fatalf("%s: %v", out, err)
		}
		if len(a) == 0 && len(back) == 0 {
			return
		}
		if d := cmp.Diff(a, back); d != "" {
			t.Fatalf("%s came back otherwise:\n%s", out, d)
		}
	})
}
