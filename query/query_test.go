package query_test

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"

	"bowerbird"
	"bowerbird/internal/viewtest"
	"bowerbird/query"
)

type fact = bowerbird.Fact

func TestView(t *testing.T) {
	viewtest.Run(t, func() viewtest.View[fact] { return query.New(query.Options{}) }, randomWorld(3, 600))
}

func shelf() *query.Understanding {
	v := query.New(query.Options{})
	v.Apply(logOf(
		put(1, bowerbird.Item{Title: "Grey cat", Tags: []string{"animals"}, Description: "by the vaze works"}),
		put(2, bowerbird.Item{Title: "Glass vase", Categories: []string{"home/vases"}, Attributes: bowerbird.Attributes{{Name: "maker", Words: []string{"Bauhaus"}}}}),
		put(3, bowerbird.Item{Title: "Grey cat", Picture: &bowerbird.Picture{Colours: []bowerbird.Colour{{Name: "teal"}}}}),
		put(4, bowerbird.Item{Title: "Tall lamp"}),
	))
	return v
}

// said writes completions as text, kind and item.
func said(list []query.Completion) string {
	out := []string{}
	for _, c := range list {
		out = append(out, fmt.Sprintf("{%s %s %d}", c.Text, c.Kind, c.Item))
	}
	return fmt.Sprint(out)
}

func TestCorrect(t *testing.T) {
	v := shelf()
	for typed, want := range map[string]string{
		"gry cat":   "grey cat",
		"galss vas": "glass vase",
		"animlas":   "animals",
		// Typed right: in a title, a label, a description, an attribute, a colour.
		"grey cat": "", "Grey CAT": "", "vases": "", "vaze": "", "bauhaus": "", "teal": "",
		// Left alone: unknown, quoted, excluded, with a prefix operator, nothing.
		"xylophone": "", `"gry cat"`: "", "cat -gry": "", "gry*": "", "": "", "  ": "", "7": "",
	} {
		if got := v.Correct(typed); got != want {
			t.Errorf("%q is mended to %q, want %q", typed, got, want)
		}
	}
	r := bowerbird.Request{Query: "gry cat"}
	if err := v.Rewrite(context.Background(), &r); err != nil || r.Terms != "grey cat" || r.Query != "gry cat" {
		t.Errorf("%+v %v", r, err)
	}
}

// TestAWordTypedRightIsNeverChanged asks for every word of a catalogue of words
// that differ in one letter.
func TestAWordTypedRightIsNeverChanged(t *testing.T) {
	v := query.New(query.Options{})
	var words []string
	for a := 'a'; a <= 'z'; a++ {
		for _, form := range []string{"b%clk", "ba%ck", "s%cone", "l%cmp"} {
			words = append(words, fmt.Sprintf(form, a))
		}
	}
	for i, w := range words {
		d := bowerbird.Item{Title: w}
		if i%2 == 0 {
			d = bowerbird.Item{Title: "popular balk", Description: w}
		}
		v.Apply([]fact{put(bowerbird.ItemID(i+1), d)})
	}
	for _, w := range words {
		if got := v.Correct(w); got != "" {
			t.Errorf("%q was changed to %q", w, got)
		}
	}
}

func TestComplete(t *testing.T) {
	v := shelf()
	complete := func(typed string) string { return said(v.Complete(typed, 5)) }
	if got := complete("gr"); got != "[{Grey cat item 1}]" {
		t.Errorf("a title: %s", got)
	}
	if got := complete("vas"); got != "[{vases category 0} {Glass vase item 2}]" {
		t.Errorf("a category before a title: %s", got)
	}
	if got := complete("ani"); got != "[{animals tag 0}]" {
		t.Errorf("a tag: %s", got)
	}
	for u := bowerbird.UserID(1); u <= 2; u++ {
		v.Apply([]fact{{Kind: bowerbird.Search, User: u, Query: " Tall   LAMP "}, {Kind: bowerbird.Search, User: u, Query: "tal lmp"}})
	}
	if got := complete("ta"); got != "[{Tall lamp query 0}]" {
		t.Errorf("a query, once for all spellings, and no slip of the finger: %s", got)
	}
	if got := v.Complete("", 5); len(got) > 5 {
		t.Error(got)
	}
}

func TestDeletesAreForgotten(t *testing.T) {
	v := shelf()
	v.Apply([]fact{{Kind: bowerbird.ItemDelete, Item: 1}})
	if got := said(v.Complete("gr", 5)); got != "[{Grey cat item 3}]" {
		t.Errorf("the other of the same title: %s", got)
	}
	v.Apply([]fact{put(3, bowerbird.Item{Title: "Blue bird"}), {Kind: bowerbird.ItemDelete, Item: 4}, {Kind: bowerbird.ItemDelete, Item: 400}})
	for _, typed := range []string{"gr", "ani", "tall"} {
		if got := v.Complete(typed, 5); len(got) != 0 {
			t.Errorf("%q still completes to %v", typed, got)
		}
	}
	if got := v.Correct("gry"); got != "" {
		t.Errorf("a word that no item has is still offered: %q", got)
	}
	if got := v.Correct("vaze"); got != "vase" {
		t.Errorf("the description that held vaze is gone: %q", got)
	}
}

// TestALabelGoesWithItsLastItem puts and deletes many items of one label: what
// their weights add up to must end at nothing.
func TestALabelGoesWithItsLastItem(t *testing.T) {
	v := query.New(query.Options{})
	for n := bowerbird.ItemID(1); n <= 40; n++ {
		for x := range n {
			v.Apply([]fact{put(x+1, bowerbird.Item{Tags: []string{"zinnia"}})})
		}
		if got := v.Complete("zin", 5); len(got) != 1 {
			t.Fatalf("%d items of a label complete to %v", n, got)
		}
		for x := range n {
			v.Apply([]fact{{Kind: bowerbird.ItemDelete, Item: x + 1}})
		}
		if got := v.Complete("zin", 5); len(got) != 0 {
			t.Fatalf("after %d items came and went: %v", n, got)
		}
	}
}

// TestLoadedCompletesAlike compares what a view and its checkpoint answer.
func TestLoadedCompletesAlike(t *testing.T) {
	live := query.New(query.Options{})
	live.Apply(randomWorld(8, 500))
	loaded := query.New(query.Options{})
	if err := loaded.Load(bytes.NewReader(viewtest.Bytes(t, live))); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, typed := range []string{"g", "gre", "c", "ca", "oak", "ta", "l", "woo", "chair"} {
		a, b := live.Complete(typed, 20), loaded.Complete(typed, 20)
		if found += len(a); fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("%q:\nlive   %v\nloaded %v", typed, a, b)
		}
		if a, b := live.Correct(typed+"x"), loaded.Correct(typed+"x"); a != b {
			t.Errorf("%qx: %q and %q", typed, a, b)
		}
	}
	if found == 0 {
		t.Error("nothing was completed")
	}
}

func TestReadBesideApply(t *testing.T) {
	v, facts := query.New(query.Options{}), randomWorld(4, 400)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for range 100 {
				v.Correct("gray cot")
				v.Complete("c", 5)
			}
		})
	}
	for i := range facts {
		v.Apply(facts[i : i+1])
	}
	wg.Wait()
}

func FuzzLoad(f *testing.F) {
	v := shelf()
	f.Add(viewtest.Bytes(f, v))
	f.Fuzz(func(t *testing.T, data []byte) {
		v := query.New(query.Options{})
		_ = v.Load(bytes.NewReader(data))
		v.Correct("gry")
		v.Complete("g", 3)
	})
}

func FuzzCorrect(f *testing.F) {
	v := shelf()
	for _, s := range []string{"gry cat", "", "\xff", "“cat”", "-", "a\x00b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := v.Correct(s); got != "" && v.Correct(got) != "" {
			t.Errorf("%q becomes %q, which becomes %q", s, got, v.Correct(got))
		}
		v.Complete(s, 3)
	})
}

func ExampleUnderstanding() {
	v := query.New(query.Options{})
	v.Apply([]bowerbird.Fact{
		{Kind: bowerbird.ItemPut, Item: 1, ItemDoc: &bowerbird.Item{Title: "Grey cat", Tags: []string{"animals"}}},
	})
	fmt.Println(v.Correct("gray cta"))
	for _, c := range v.Complete("an", 3) {
		fmt.Println(c.Text, c.Kind)
	}
	// Output:
	// grey cat
	// animals tag
}
