package model_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"bowerbird/model"
)

// In cycle nothing but order tells what comes next, and with Back none the counts know the way.
func TestMarkovLearnsOrder(t *testing.T) {
	m := cycle(t, 120, 40, 12)
	got, err := model.Markov{Back: -1}.Fit(context.Background(), m, model.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		var h []model.Weighted
		for k := range 5 {
			h = append(h, model.Weighted{Item: uint32((i + k) % 40), Weight: 1})
		}
		if list := got.Recommend(nil, h, 1, nil); len(list) != 1 || list[0].Item != uint32((i+5)%40) {
			t.Errorf("after %v: %v, want item %d", h, list, (i+5)%40)
		}
		next, there, back := []uint32{uint32((i + 5) % 40)}, make([]float32, 1), make([]float32, 1)
		got.ScoreItems(h, next, there)
		slices.Reverse(h)
		if got.ScoreItems(h, next, back); back[0] >= there[0] {
			t.Errorf("the other way round, %v is as good: %v, %v", next, there, back)
		}
	}
}

// The counts are those of the definition, by hand: the histories 0 1 2 and 0 2.
func TestMarkovCounts(t *testing.T) {
	var b model.Builder
	for _, x := range []struct{ u, i, at int }{{0, 0, 1}, {0, 1, 2}, {0, 2, 3}, {1, 0, 1}, {1, 2, 2}} {
		if err := b.AddAt(uint32(x.u), uint32(x.i), 1, int64(x.at)); err != nil {
			t.Fatal(err)
		}
	}
	m, err := b.Build(2, 3)
	if err != nil {
		t.Fatal(err)
	}
	got, err := model.Markov{Decay: .5, Back: .25, From: -1, To: 1, Fade: .5}.Fit(context.Background(), m, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	// Row 0: item 1 one later; item 2 two later once and one later once. Row 1: item 2 later, item 0 before. All over d_j.
	want := [][]float32{{0, 1, 1.5 / 2}, {.25 / 2, 0, 1. / 2}, {(.125 + .25) / 2, .25, 0}}
	out := make([]float32, 3)
	for i, row := range want {
		got.ScoreItems([]model.Weighted{{Item: uint32(i), Weight: 1}}, []uint32{0, 1, 2}, out)
		if !slices.Equal(out, row) {
			t.Errorf("row %d: %v, want %v", i, out, row)
		}
	}
	got.ScoreItems([]model.Weighted{{Item: 0, Weight: 1}, {Item: 1, Weight: 1}}, []uint32{2}, out)
	if out[0] != .5*1.5/2+.5 {
		t.Errorf("after 0 and 1, item 2 has %v: the older one counts half", out[0])
	}
}

func TestMarkovWantsOrder(t *testing.T) {
	var b model.Builder
	for i := range uint32(5) {
		if err := b.Add(0, i, 1); err != nil {
			t.Fatal(err)
		}
	}
	m, err := b.Build(1, 5)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (model.Markov{}).Fit(context.Background(), m, model.Options{}); err == nil || !strings.Contains(err.Error(), "AddAt") {
		t.Errorf("a matrix without order: %v", err)
	}
}
