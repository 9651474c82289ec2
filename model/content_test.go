package model_test

import (
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
func described(t *testing.T, users, items, cold int) (m, content *model.Matrix) {
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
	if c.Dim() != 16 || c.Features() != 80 || !(c.Cosine > .3) || !(c.Scale >= .25 && c.Scale <= 4) {
		t.Errorf("dim %d, features %d, cosine %v, scale %v", c.Dim(), c.Features(), c.Cosine, c.Scale)
	}
	right, mine, trained := 0, 0.0, 0.0
	for u := range 60 {
		x, _ := tower.FoldIn(nil, m.History(nil, u))
		best, at := float32(math.Inf(-1)), 0
		for i := items - cold; i < items; i++ {
			y, ok := c.Vector(nil, content.History(nil, i))
			if again, _ := one.Vector(nil, content.History(nil, i)); !ok || !slices.Equal(y, again) {
				t.Fatalf("item %d: %v on one thread, %v on all", i, again, y)
			}
			s := vec.Dot(x, y)
			if i%6 == u%6 {
				mine += float64(s) / (60 * cold / 6)
			}
			if s > best {
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
		if v, ok := c.Vector(nil, f); ok || len(v) != 4 || slices.ContainsFunc(v, func(x float32) bool { return x != 0 }) {
			t.Errorf("%v: %v, %v", f, v, ok)
		}
	}
}
