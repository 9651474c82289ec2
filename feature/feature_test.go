package feature_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"bowerbird"
	"bowerbird/feature"
	"bowerbird/internal/viewtest"
)

type fact = bowerbird.Fact

func newSet() *feature.Set {
	return feature.NewSet(feature.NewPopularity(), feature.NewFreshness(), feature.NewTaste(),
		feature.NewLook(func(dst []float32, x bowerbird.ItemID) ([]float32, bool) {
			return append(dst, 1, 0), x%2 == 0
		}))
}

// rows fills a set's rows of items 1..n, with a stride wider than the set.
func rows(f interface {
	Fill(*bowerbird.Request, []bowerbird.ItemID, []float32, int)
}, r bowerbird.Request, n int) []float32 {
	const stride = 10
	var items []bowerbird.ItemID
	for x := range n {
		items = append(items, bowerbird.ItemID(x+1))
	}
	out := make([]float32, n*stride)
	f.Fill(&r, items, out, stride)
	return out
}

func near(t *testing.T, what string, got float32, want float64) {
	t.Helper()
	if math.Abs(float64(got)-want) > 1e-6 {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestViews(t *testing.T) {
	for i, f := range newSet().Features() {
		if _, stateless := f.(*feature.Look); stateless {
			continue
		}
		t.Run(f.Names()[0], func(t *testing.T) {
			viewtest.Run(t, func() viewtest.View[fact] { return newSet().Features()[i] }, randomWorld(3, 800))
		})
	}
	l := feature.NewLook(nil)
	if err := l.Load(bytes.NewReader(viewtest.Bytes(t, l))); err != nil {
		t.Error(err)
	}
}

// TestServingIsTraining fills rows from a set that lived through the log, from
// one that replayed it in one go, and from one that came from a checkpoint.
func TestServingIsTraining(t *testing.T) {
	facts := randomWorld(9, 800)
	live, replayed, loaded := newSet(), newSet(), newSet()
	for i := range facts {
		live.Apply(facts[i : i+1])
	}
	replayed.Apply(facts)
	for i, f := range loaded.Features() {
		if err := f.Load(bytes.NewReader(viewtest.Bytes(t, live.Features()[i]))); err != nil {
			t.Fatal(err)
		}
	}
	r := bowerbird.Request{Now: 2_000_000, Recent: []bowerbird.Action{{Item: 3, Weight: 1}, {Item: 8, Weight: .5}, {Item: 9, Weight: -1}}}
	want := rows(live, r, 45)
	if !slices.Equal(want, rows(replayed, r, 45)) || !slices.Equal(want, rows(loaded, r, 45)) {
		t.Error("rows differ")
	}
	if slices.Max(want) == 0 {
		t.Error("nothing but zeroes")
	}
}

func TestPopularity(t *testing.T) {
	f := feature.NewPopularity()
	f.Apply([]fact{does(bowerbird.Impression, 1, 1), does(bowerbird.Impression, 2, 1), does(bowerbird.Closeup, 1, 1), does(bowerbird.Save, 1, 1),
		does(bowerbird.Save, 2, 1), does(bowerbird.Unsave, 1, 1), does(bowerbird.Unsave, 1, 2), does(bowerbird.Save, 1, 2), does(bowerbird.Share, 1, 2)})
	out := rows(f, bowerbird.Request{}, 3)
	near(t, "saves of 1", out[0], math.Log(2))
	near(t, "opens of 1", out[1], math.Log(2))
	near(t, "rate of 1", out[2], 2./52)
	near(t, "saves of 2", out[10], math.Log(3))
	near(t, "rate of 2, never shown", out[12], 3./52)
	near(t, "rate of 3, never met", out[22], 1./50)
	g := feature.NewPopularity()
	g.Apply([]fact{{Kind: bowerbird.BoardPut, Board: 1, BoardDoc: &bowerbird.Board{Secret: true}}, {Kind: bowerbird.Save, User: 1, Item: 1, Board: 1}})
	near(t, "saved in secret", rows(g, bowerbird.Request{}, 1)[0], 0)
}

func TestFreshness(t *testing.T) {
	f := feature.NewFreshness()
	const week = 7 * 24 * 3600 * 1000
	at := func(x bowerbird.ItemID, time, created int64) fact {
		return fact{Kind: bowerbird.ItemPut, Item: x, Time: time, ItemDoc: &bowerbird.Item{Created: created}}
	}
	f.Apply([]fact{at(1, 10*week, 0), at(2, 10*week, 9*week), at(1, 11*week, 0), at(3, 20*week, 0)})
	out := rows(f, bowerbird.Request{Now: 12 * week}, 4)
	near(t, "first put two weeks ago", out[0], .25)
	near(t, "made three weeks ago", out[10], .125)
	near(t, "from the future", out[20], 1)
	near(t, "unknown", out[30], 0)
}

func TestTaste(t *testing.T) {
	f := feature.NewTaste()
	item := func(x bowerbird.ItemID, owner bowerbird.UserID, tags ...string) fact {
		return fact{Kind: bowerbird.ItemPut, Item: x, Owner: owner, ItemDoc: &bowerbird.Item{Tags: tags}}
	}
	f.Apply([]fact{item(1, 5, "cat", "grey"), item(2, 5, "Cat", "black "), item(3, 0, "lamp"), item(4, 0, "cat", "cat", "CAT"), item(5, 6)})
	r := bowerbird.Request{Recent: []bowerbird.Action{{Item: 1, Weight: 1}, {Item: 3, Weight: .5}, {Item: 2, Weight: -1}, {Item: 99, Weight: 1}}}
	out := rows(f, r, 6)
	// Of the weight of 1.5, "cat" and "grey" have 1 each, "lamp" .5.
	near(t, "topics of 1", out[0], (1+1)/(1.5*2))
	near(t, "topics of 2", out[10], 1/(1.5*2))
	near(t, "topics of 3", out[20], .5/1.5)
	near(t, "topics of 4", out[30], 1/1.5)
	near(t, "topics of 5, no labels", out[40], 0)
	near(t, "owner of 2", out[11], 1/1.5)
	near(t, "owner of 3", out[21], 0)
	near(t, "1 and 2 share one of three", f.Likeness(1, 2), 1./3)
	near(t, "a label given three times counts once", f.Likeness(4, 1), .5)
	near(t, "itself", f.Likeness(1, 1), 1)
	near(t, "no labels", f.Likeness(5, 5), 0)
	near(t, "unknown", f.Likeness(1, 500), 0)
	f.Apply([]fact{{Kind: bowerbird.UserErase, User: 5}})
	near(t, "erased owner", rows(f, r, 2)[11], 0)
	if m := slices.Max(rows(f, bowerbird.Request{}, 5)); m != 0 {
		t.Error("nobody has a taste of", m)
	}
}

func TestLook(t *testing.T) {
	vectors := map[bowerbird.ItemID][]float32{1: {1, 0}, 2: {.6, .8}, 3: {-1, 0}, 4: {1, 0, 0}}
	f := feature.NewLook(func(dst []float32, x bowerbird.ItemID) ([]float32, bool) {
		return append(dst, vectors[x]...), vectors[x] != nil
	})
	for _, c := range []struct {
		name string
		r    bowerbird.Request
		want [5]float64
	}{
		{"an item", bowerbird.Request{Item: 1}, [5]float64{1, .6, -1, 0, 0}},
		{"a picture", bowerbird.Request{Vector: []float32{0, 1}}, [5]float64{0, .8, 0, 0, 0}},
		{"what was liked", bowerbird.Request{Recent: []bowerbird.Action{{Item: 3, Weight: -1}, {Item: 2, Weight: 1}, {Item: 1, Weight: .2}}}, [5]float64{1, 1, -.6, 0, 0}},
		{"nothing", bowerbird.Request{}, [5]float64{}},
	} {
		out := rows(f, c.r, 5)
		for x, w := range c.want {
			near(t, fmt.Sprintf("%s, item %d", c.name, x+1), out[10*x], w)
		}
	}
}

func TestSet(t *testing.T) {
	s := newSet()
	if len(s.Names()) != 7 || len(s.Features()) != 4 {
		t.Fatal(s.Names())
	}
	for _, n := range s.Names() {
		if s.Meaning(n) == "" || strings.ToLower(n) != n {
			t.Errorf("%s means %q", n, s.Meaning(n))
		}
	}
	if s.Meaning("nothing") != "" {
		t.Error("a column that is not there means something")
	}
	s.Apply(randomWorld(2, 200))
	// The set's columns are those of its parts, side by side.
	r := bowerbird.Request{Now: 1 << 20, Recent: []bowerbird.Action{{Item: 2, Weight: 1}}}
	whole, at := rows(s, r, 30), 0
	for _, f := range s.Features() {
		part := rows(f, r, 30)
		for x := range 30 {
			for k := range f.Names() {
				if whole[10*x+at+k] != part[10*x+k] {
					t.Fatalf("column %s of item %d", f.Names()[k], x+1)
				}
			}
		}
		at += len(f.Names())
	}
	defer func() {
		if recover() == nil {
			t.Error("two columns of one name were taken")
		}
	}()
	feature.NewSet(feature.NewTaste(), feature.NewTaste())
}

func TestFillBesideApply(t *testing.T) {
	s, facts := newSet(), randomWorld(4, 600)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for range 100 {
				rows(s, bowerbird.Request{Now: 1 << 20, Recent: []bowerbird.Action{{Item: 2, Weight: 1}}}, 40)
			}
		})
	}
	for i := range facts {
		s.Apply(facts[i : i+1])
	}
	wg.Wait()
}

func FuzzLoad(f *testing.F) {
	s := newSet()
	s.Apply(randomWorld(1, 60))
	for _, x := range s.Features() {
		f.Add(viewtest.Bytes(f, x))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := newSet()
		for _, x := range s.Features() {
			_ = x.Load(bytes.NewReader(data))
		}
		rows(s, bowerbird.Request{Now: 1, Recent: []bowerbird.Action{{Item: 1, Weight: 1}}}, 5)
	})
}

func ExampleSet() {
	s := feature.NewSet(feature.NewPopularity())
	s.Apply([]bowerbird.Fact{{Kind: bowerbird.Save, User: 1, Item: 1}})
	out := make([]float32, len(s.Names()))
	s.Fill(&bowerbird.Request{}, []bowerbird.ItemID{1}, out, len(s.Names()))
	for i, n := range s.Names() {
		fmt.Printf("%s %.2f: %s\n", n, out[i], s.Meaning(n))
	}
	// Output:
	// popularity.saves 0.69: many people saved it
	// popularity.opens 0.00: many people opened it
	// popularity.rate 0.04: many of those who saw it saved it
}
