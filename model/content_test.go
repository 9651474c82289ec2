package model_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"bowerbird/internal/vec"
	"bowerbird/model"
)

// described is a world of six groups whose items share words; the last items have words and no actions.
func described(t testing.TB, users, items, cold int) (m, content *model.Matrix) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	const groups, words = 6, 10
	var b, c model.Builder
	b.Merge = model.Max
	for u := range users {
		for range 15 {
			it := rng.IntN((items-cold)/groups)*groups + u%groups
			if rng.IntN(8) == 0 {
				it = rng.IntN(items - cold)
			}
			if err := b.Add(uint32(u), uint32(it), 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range items {
		for range 4 {
			if err := c.Add(uint32(i), uint32(i%groups*words+rng.IntN(words)), 1); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Add(uint32(i), uint32(groups*words+rng.IntN(20)), 1); err != nil { // words that say nothing
			t.Fatal(err)
		}
	}
	var err error
	if m, err = b.Build(users, items); err != nil {
		t.Fatal(err)
	}
	if content, err = c.Build(items, groups*words+20); err != nil {
		t.Fatal(err)
	}
	return m, content
}

// TestContent: an item that nobody acted on is retrieved for the people of its group, and its scores are on the scale of
// the trained ones.
func TestContent(t *testing.T) {
	const items, cold = 240, 24
	m, content := described(t, 200, items, cold)
	got, err := model.IALS{Dim: 16}.Fit(context.Background(), m, model.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	tower := got.(model.Tower)
	c, err := model.FitContent(context.Background(), content, tower, m, model.ContentOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	one, err := model.FitContent(context.Background(), content, tower, m, model.ContentOptions{Seed: 1, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	if c.Factors() != 16 || c.Features() != 80 || !(c.Cosine > .3) || !(c.Scale >= .25 && c.Scale <= 4) {
		t.Errorf("dim %d, features %d, cosine %v, scale %v", c.Dim(), c.Features(), c.Cosine, c.Scale)
	}
	right, mine, trained := 0, 0.0, 0.0
	for u := range 60 {
		x, _ := tower.FoldIn(nil, m.History(nil, u))
		q, base, ok := c.Person(nil, x, m.History(nil, u), func(i uint32) []float32 { return c.Likeness(nil, content.History(nil, int(i))) })
		if !ok || len(q) != c.Dim() || !slices.Equal(q[:16], x) {
			t.Fatalf("person %d: %v, %v of %v", u, ok, q, x)
		}
		best, at := float32(math.Inf(-1)), 0
		for i := items - cold; i < items; i++ {
			y, ok := c.Vector(nil, content.History(nil, i))
			if again, _ := one.Vector(nil, content.History(nil, i)); !ok || !slices.Equal(y, again) {
				t.Fatalf("item %d: %v on one thread, %v on all", i, again, y)
			}
			if i%6 == u%6 {
				mine += float64(vec.Dot(x, y[:16])) / (60 * cold / 6)
			}
			if s := vec.Dot(q, y) - base; s > best {
				best, at = s, i
			}
		}
		if at%6 == u%6 {
			right++
		}
		for i := u % 6; i < items-cold; i += 6 {
			trained += float64(vec.Dot(x, tower.Vector(uint32(i)))) / (60 * (items - cold) / 6)
		}
	}
	if right < 54 {
		t.Errorf("the best new item is of the person's group for %d of 60", right)
	}
	if mine < trained/2 || mine > trained*2 {
		t.Errorf("new items of the group score %.3f on average, trained ones %.3f", mine, trained)
	}
}

// TestLikeness: where the factors know nothing, what a person likes is told by content alone; a person is a mix of both in
// units of deviation; and a map that was written and read says the same.
func TestLikeness(t *testing.T) {
	ctx := context.Background()
	const items, cold = 240, 24
	m, content := described(t, 200, items, cold)
	got, err := model.IALS{Dim: 2, Epochs: 2}.Fit(ctx, m, model.Options{Seed: 1}) // too small for six groups
	if err != nil {
		t.Fatal(err)
	}
	c, err := model.FitContent(ctx, content, got.(model.Tower), m, model.ContentOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if c.Mix == 0 || c.Dim() <= c.Factors() {
		t.Fatalf("likeness counts %v, %d numbers of which %d are the map's", c.Mix, c.Dim(), c.Factors())
	}
	var file bytes.Buffer
	if err := model.WriteContent(&file, c, c.Card()); err != nil {
		t.Fatal(err)
	}
	again, err := model.ReadContent(&file)
	if err != nil {
		t.Fatal(err)
	}
	of := func(i uint32) []model.Weighted { return content.History(nil, int(i)) }
	like := func(i uint32) []float32 { return c.Likeness(nil, of(i)) }
	for u := range 12 {
		liked := []model.Weighted{{Item: uint32(items - cold + u), Weight: 1}} // a newcomer: the factors do not know it
		q, base, ok := c.Person(nil, nil, liked, like)
		if !ok {
			t.Fatalf("nothing is known of who likes %d", liked[0].Item)
		}
		if q2, base2, _ := again.Person(nil, nil, liked, func(i uint32) []float32 { return again.Likeness(nil, of(i)) }); !slices.Equal(q, q2) || base != base2 {
			t.Errorf("read again: %v, %v; before: %v, %v", q2, base2, q, base)
		}
		all, sum, square := 0.0, 0.0, 0.0
		best, at := float32(-100), -1
		for i := range items {
			y, _ := c.Vector(nil, of(uint32(i)))
			s := vec.Dot(q, y) - base
			if i < items-cold {
				all, sum, square = all+1, sum+float64(s), square+float64(s*s)
			} else if i != int(liked[0].Item) && s > best {
				best, at = s, i
			}
		}
		if at%6 != u%6 {
			t.Errorf("most like item %d is %d, of another group", liked[0].Item, at)
		}
		if mean, dev := sum/all, math.Sqrt(square/all); math.Abs(mean) > .05 || math.Abs(dev-1) > .05 {
			t.Errorf("scores have mean %.3f and deviation %.3f, want 0 and 1", mean, dev)
		}
	}
	if q, _, ok := c.Person(nil, nil, nil, like); ok || slices.ContainsFunc(q, func(x float32) bool { return x != 0 }) {
		t.Errorf("a person without a history: %v", q)
	}
}

func TestContentBadInput(t *testing.T) {
	ctx := context.Background()
	m, content := described(t, 60, 60, 6)
	got, err := model.IALS{Dim: 4, Epochs: 2}.Fit(ctx, m, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tower := got.(model.Tower)
	_, other := described(t, 60, 66, 6)
	for name, try := range map[string]func() error{
		"no content":  func() error { _, err := model.FitContent(ctx, nil, tower, m, model.ContentOptions{}); return err },
		"no tower":    func() error { _, err := model.FitContent(ctx, content, nil, m, model.ContentOptions{}); return err },
		"other items": func() error { _, err := model.FitContent(ctx, other, tower, m, model.ContentOptions{}); return err },
		"reg below 0": func() error {
			_, err := model.FitContent(ctx, content, tower, m, model.ContentOptions{Reg: -1})
			return err
		},
		"reg not a number": func() error {
			_, err := model.FitContent(ctx, content, tower, m, model.ContentOptions{Reg: math.NaN()})
			return err
		},
	} {
		if try() == nil {
			t.Errorf("%s was taken", name)
		}
	}
	var b model.Builder
	if err := b.Add(59, 3, 1); err != nil { // only an item without actions has words
		t.Fatal(err)
	}
	lone, err := b.Build(60, 80)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := model.FitContent(ctx, lone, tower, m, model.ContentOptions{}); !errors.Is(err, model.ErrEmpty) {
		t.Errorf("no item has both: %v", err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := model.FitContent(ended, content, tower, m, model.ContentOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	c, err := model.FitContent(ctx, content, tower, m, model.ContentOptions{})
	if err != nil {
		t.Fatal(err)
	}
	nan := float32(math.NaN())
	for _, f := range [][]model.Weighted{nil, {{Item: 1 << 30, Weight: 1}}, {{Item: 1, Weight: nan}, {Item: 2, Weight: -1}, {Item: 3, Weight: float32(math.Inf(1))}}} {
		if v, ok := c.Vector(nil, f); ok || len(v) != c.Dim() || slices.ContainsFunc(v, func(x float32) bool { return x != 0 }) {
			t.Errorf("%v: %v, %v", f, v, ok)
		}
	}
}

// BenchmarkPerson is what a page pays for likeness: fifty liked things whose places are kept.
func BenchmarkPerson(b *testing.B) {
	const items = 240
	m, content := described(b, 200, items, 24)
	got, err := model.IALS{Dim: 2, Epochs: 2}.Fit(context.Background(), m, model.Options{Seed: 1}) // too small for six groups
	if err != nil {
		b.Fatal(err)
	}
	tower := got.(model.Tower)
	c, err := model.FitContent(context.Background(), content, tower, m, model.ContentOptions{Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	if c.Dim() == c.Factors() {
		b.Fatal("likeness does not count")
	}
	var history []model.Weighted
	places := make([][]float32, items)
	for i := range places {
		places[i] = c.Likeness(nil, content.History(nil, i))
		if i < 50 {
			history = append(history, model.Weighted{Item: uint32(i), Weight: 1})
		}
	}
	folded, _ := tower.FoldIn(nil, history)
	for b.Loop() {
		c.Person(nil, folded, history, func(i uint32) []float32 { return places[i] })
	}
}
