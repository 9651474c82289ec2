package model_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"bowerbird/model"
	"bowerbird/model/modeltest"
)

// cycle is a log in which item i+1 always follows item i: nothing but order tells what comes next.
func cycle(t *testing.T, users, items, length int) *model.Matrix {
	t.Helper()
	var b model.Builder
	for u := range users {
		for k := range length {
			if err := b.AddAt(uint32(u), uint32((u*7+k)%items), 1, int64(k)); err != nil {
				t.Fatal(err)
			}
		}
	}
	m, err := b.Build(users, items)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSASRecLearnsOrder(t *testing.T) {
	m := cycle(t, 120, 40, 12)
	got, err := model.SASRec{Dim: 16, Layers: 1, Length: 10, Epochs: 30, Batch: 128, Rate: .01, Dropout: .1, Patience: -1}.Fit(context.Background(), m, model.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	blind := 0
	for i := range 40 {
		var h []model.Weighted
		for k := range 5 {
			h = append(h, model.Weighted{Item: uint32((i + k) % 40), Weight: 1})
		}
		if list := got.Recommend(nil, h, 1, nil); len(list) != 1 || list[0].Item != uint32((i+5)%40) {
			t.Errorf("after %v: %v, want item %d", h, list, (i+5)%40)
		}
		// The same items the other way round lead elsewhere.
		slices.Reverse(h)
		if list := got.Recommend(nil, h, 1, nil); len(list) == 1 && list[0].Item == uint32((i+5)%40) {
			blind++
		}
	}
	if blind > 20 {
		t.Errorf("%d of 40 histories are answered as if the order did not count", blind)
	}
}

// TestTower: an index over Vectors and FoldIn would find what Recommend does.
func TestTower(t *testing.T) {
	m := modeltest.World(200, 90, 1)
	for _, tr := range []model.Trainer{model.IALS{Dim: 12}, model.SASRec{Dim: 16, Layers: 1, Epochs: 3, Attributes: make([][]uint32, 90)}} {
		got, err := tr.Fit(context.Background(), m, model.Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		tower, ok := got.(model.Tower)
		if !ok {
			t.Fatalf("%T is no Tower", got)
		}
		h := m.History(nil, 3)
		x, ok := tower.FoldIn(nil, h)
		if !ok || len(x) != tower.Dim() || len(tower.Vectors()) != tower.Dim()*m.Items() {
			t.Fatalf("%s: a vector of %d, told %v", tr.Name(), len(x), ok)
		}
		list := tower.Recommend(nil, h, 10, nil)
		if again := tower.RecommendFor(nil, x, h, 10, nil); !slices.Equal(list, again) {
			t.Errorf("%s: RecommendFor gives %v, Recommend %v", tr.Name(), again, list)
		}
		for _, c := range list {
			sum := 0.0
			for k, v := range x {
				sum += float64(v) * float64(tower.Vectors()[int(c.Item)*tower.Dim()+k])
			}
			if math.Abs(sum-float64(c.Score)) > 1e-4*(1+math.Abs(sum)) {
				t.Errorf("%s: item %d: inner product %v, score %v", tr.Name(), c.Item, sum, c.Score)
			}
		}
		if _, ok := tower.FoldIn(nil, nil); ok {
			t.Errorf("%s: no history folds in", tr.Name())
		}
	}
}

func TestSASRecBadInput(t *testing.T) {
	ctx, tr := context.Background(), model.SASRec{Dim: 8, Layers: 1, Epochs: 2}
	build := func(ordered bool, cells ...model.Entry) *model.Matrix {
		var b model.Builder
		for i, c := range cells {
			add := func() error { return b.Add(c.User, c.Item, 1) }
			if ordered {
				add = func() error { return b.AddAt(c.User, c.Item, 1, int64(i)) }
			}
			if err := add(); err != nil {
				t.Fatal(err)
			}
		}
		m, err := b.Build(0, 0)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	two := []model.Entry{{User: 0, Item: 0}, {User: 0, Item: 1}}
	if _, err := tr.Fit(ctx, build(false, two...), model.Options{}); err == nil || !strings.Contains(err.Error(), "AddAt") {
		t.Errorf("a matrix without order: %v", err)
	}
	if _, err := tr.Fit(ctx, build(true), model.Options{}); !errors.Is(err, model.ErrEmpty) {
		t.Errorf("an empty log: %v", err)
	}
	if _, err := tr.Fit(ctx, build(true, model.Entry{User: 0}, model.Entry{User: 1}), model.Options{}); !errors.Is(err, model.ErrEmpty) {
		t.Errorf("one action each: %v", err)
	}
	// One person; one item over and over; duplicate rows: trained, and finite.
	for name, m := range map[string]*model.Matrix{"one person": build(true, two...), "duplicates": build(true, append(two, two...)...),
		"one item besides": build(true, model.Entry{User: 0}, model.Entry{User: 1}, model.Entry{User: 1, Item: 1})} {
		got, err := tr.Fit(ctx, m, model.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if list := got.Recommend(nil, []model.Weighted{{Item: 0, Weight: 1}}, 5, nil); len(list) != 1 || list[0].Score != list[0].Score {
			t.Errorf("%s: %v", name, list)
		}
	}
	wild := tr
	wild.Attributes = [][]uint32{{3}, {math.MaxUint32}}
	if _, err := wild.Fit(ctx, build(true, two...), model.Options{MemoryBudget: 1 << 30}); err == nil {
		t.Error("an attribute of 2³²-1 was taken")
	}
}
