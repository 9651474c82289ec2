package model_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"bowerbird/model"
	"bowerbird/model/modeltest"
)

// A person's first save is enough: the sum that it folds in to ranks as Recommend does, and the best items are of its group.
func TestSpectralFoldsInFromTheFirstSave(t *testing.T) {
	m := modeltest.World(300, 120, 1)
	for _, linear := range []float64{0, 4} {
		got, err := model.Spectral{Dim: 16, Linear: linear}.Fit(context.Background(), m, model.Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		l := got.(*model.LowRank)
		if (l.Vectors() == nil) != (linear > 0) || l.Dim() != 16 {
			t.Errorf("linear %v: %d dimensions, vectors for an index: %v", linear, l.Dim(), l.Vectors() != nil)
		}
		same, all := 0, 0
		for item := range uint32(30) {
			h := []model.Weighted{{Item: item, Weight: 1}}
			x, ok := l.FoldIn(nil, h)
			list := l.Recommend(nil, h, 5, nil)
			if !ok || len(list) != 5 || !slices.Equal(l.RecommendFor(nil, x, h, 5, nil), list) {
				t.Fatalf("item %d: folded in %v, %v", item, ok, list)
			}
			for _, s := range list {
				all++
				if s.Item%6 == item%6 {
					same++
				}
			}
		}
		if same*2 < all {
			t.Errorf("linear %v: %d of %d are of the group of the one save, chance is a sixth", linear, same, all)
		}
	}
}

// A new person is served from their first save, without training again: what iALS, EASE, its local form, item-kNN, the
// process and the counts of order say of one item is of its group, far above chance, and another save changes it.
func TestEveryServedModelFoldsInTheFirstSave(t *testing.T) {
	m := modeltest.World(300, 120, 1)
	for _, tr := range []model.Trainer{model.IALS{Dim: 16, Epochs: 6, Reg: .003}, model.IALS{Dim: 16, Epochs: 8, Reg: .003, Steps: 3}, model.EASE{Lambda: 20}, model.LocalEASE{Lambda: 20},
		model.ItemKNN{}, model.RP3Beta{}, model.BSPM{Dim: 16}, model.Markov{}, model.SimpleX{}} {
		got, err := tr.Fit(context.Background(), m, model.Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		same, all, changed := 0, 0, 0
		for item := range uint32(30) { // of World's items, the six first of each group are liked most
			h := []model.Weighted{{Item: item, Weight: 1}}
			list := got.Recommend(nil, h, 5, nil)
			for _, s := range list {
				all++
				if s.Item%6 == item%6 {
					same++
				}
			}
			if len(list) != 5 || slices.ContainsFunc(list, func(s model.Scored) bool { return s.Item == item }) {
				t.Fatalf("%s: the first save of item %d is answered by %v", tr.Name(), item, list)
			}
			if more := got.Recommend(nil, append(h, model.Weighted{Item: (item + 7) % 30, Weight: 1}), 5, nil); !slices.Equal(more, list) {
				changed++
			}
		}
		if same*2 < all {
			t.Errorf("%s: %d of %d are of the group of the one save, chance is a sixth", tr.Name(), same, all)
		}
		if changed < 30 {
			t.Errorf("%s: %d of 30 second saves change the list", tr.Name(), changed)
		}
	}
}

// RecommendAll gives what Recommend gives, for every kind of model.
func TestRecommendAllIsRecommend(t *testing.T) {
	m := modeltest.World(300, 120, 1)
	for _, tr := range []model.Trainer{model.Popularity{}, model.ItemKNN{}, model.IALS{Dim: 8, Epochs: 2}, model.Spectral{Dim: 8, Linear: 1}, model.BSPM{Dim: 8}, model.Markov{},
		model.Mix{Parts: []model.Part{{Trainer: model.EASE{}, Share: 1}, {Trainer: model.Spectral{Dim: 8}, Share: 1}}}} {
		got, err := tr.Fit(context.Background(), m, model.Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		lists := make([][]model.Scored, m.Users()+1)
		history := func(i int) []model.Weighted {
			if i == m.Users() {
				return nil
			}
			return m.History(nil, i)
		}
		err = model.RecommendAll(context.Background(), got, history, len(lists), 10, 2, func(i int, l []model.Scored) { lists[i] = slices.Clone(l) })
		if err != nil {
			t.Fatal(err)
		}
		for i := range lists {
			want := got.Recommend(nil, history(i), 10, nil)
			if len(want) != len(lists[i]) {
				t.Fatalf("%s, user %d: %d items, one by one %d", tr.Name(), i, len(lists[i]), len(want))
			}
			for k, x := range want {
				if d := math.Abs(float64(x.Score - lists[i][k].Score)); d > 1e-4*(1+math.Abs(float64(x.Score))) {
					t.Errorf("%s, user %d, place %d: %v, one by one %v", tr.Name(), i, k, lists[i][k], x)
				}
			}
		}
	}
}

// On large data families are compared on a sample of the users first, the lower half is dropped and said so, and item-knn
// stays, so that nothing below it can be chosen.
func TestChooseHalvesFamilies(t *testing.T) {
	m := modeltest.World(400, 120, 1)
	fit, cases := model.HoldOut(m, model.HoldOutOptions{Seed: 2})
	var log []string
	all := []model.Candidate{{Trainer: model.IALS{Dim: 1, Epochs: 1, Reg: 1e5}}, {Trainer: model.IALS{Dim: 2, Epochs: 1, Reg: 1e5}}, {Trainer: model.EASE{Lambda: 20}},
		{Trainer: model.RP3Beta{}}, {Trainer: model.Spectral{Dim: 8}}, {Trainer: model.ItemKNN{Shrink: 1e6, Top: 1}}}
	c, err := model.Choose(context.Background(), fit, cases, all, model.ChooseOptions{Thin: 1000, Families: 1, Log: func(s string) { log = append(log, s) }})
	if err != nil {
		t.Fatal(err)
	}
	families := map[string]bool{}
	for _, l := range c.Leaders {
		families[l.Trainer.Name()] = true
	}
	if families["ials"] || !families["item-knn"] || !slices.ContainsFunc(log, func(s string) bool { return len(s) > 4 && s[:4] == "ials" }) {
		t.Errorf("left: %v\n%v", families, log)
	}
	if c.Score < c.Floor {
		t.Errorf("chose %v below the floor %v", c.Score, c.Floor)
	}
}
