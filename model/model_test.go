package model_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"bowerbird/model"
	"bowerbird/model/modeltest"
)

func TestConformance(t *testing.T) {
	for name, tr := range map[string]model.Trainer{
		"popularity":     model.Popularity{},
		"item-knn":       model.ItemKNN{},
		"item-knn tfidf": model.ItemKNN{Weighting: model.TFIDF, Shrink: 10, Top: 30},
		"item-knn bm25":  model.ItemKNN{Weighting: model.BM25, Top: 30},
		"rp3beta":        model.RP3Beta{Beta: .4, Top: 30},
		"ease":           model.EASE{Lambda: 50},
		"ease sparse":    model.EASE{Lambda: 50, Top: 40},
		"ease bent":      model.EASE{Lambda: 20, Users: .4, Items: .3},
		"ials":           model.IALS{Dim: 12, Epochs: 5},
		"ials steps":     model.IALS{Dim: 12, Epochs: 8, Steps: 3},
		"ials blocks":    model.IALS{Dim: 12, Epochs: 8, Block: 5},
		"user-knn":       model.UserKNN{},
		"user-knn tfidf": model.UserKNN{Top: 40, Shrink: 5, Weighting: model.TFIDF},
		"local-ease":     model.LocalEASE{Lambda: 50, Near: 40},
		"slim":           model.SLIM{Near: 40},
		"bpr":            model.BPR{Dim: 12, Epochs: 15},
		"ultragcn":       model.UltraGCN{Dim: 12, Epochs: 8, Negatives: 8},
		"simplex":        model.SimpleX{Dim: 12, Epochs: 20, Negatives: 60, Batch: 64},
		"lightgcn":       model.LightGCN{Dim: 12, Negatives: 60, Batch: 64},
		"bspm":           model.BSPM{Dim: 12},
		"bspm, plain":    model.BSPM{Dim: 12, Ideal: .2, Sharpen: 2.5, Popular: .5, Tilt: -1, Top: 40},
		"markov":         model.Markov{},
		"markov, knn":    model.Markov{Window: 50, Decay: 1, Back: 1, Fade: .9},
		"sasrec":         model.SASRec{Dim: 16, Layers: 1, Length: 20, Epochs: 12, Batch: 128, Rate: .005, Dropout: .1},
		"sasrec sampled": model.SASRec{Dim: 16, Layers: 1, Length: 20, Epochs: 12, Batch: 128, Rate: .005, Dropout: .1, Negatives: 30, Refit: true},
		"spectral":       model.Spectral{Dim: 20},
		"spectral bent":  model.Spectral{Dim: 20, Users: .4, Items: .3, Popular: -1, Power: -.2, Sharpen: 1, Linear: .5, Top: 30},
		"mix":            model.Mix{Parts: []model.Part{{Trainer: model.EASE{}, Share: .5}, {Trainer: model.RP3Beta{Top: 20}, Share: .5}}},
	} {
		t.Run(name, func(t *testing.T) { modeltest.Run(t, tr) })
	}
}

func TestSettingsAreChecked(t *testing.T) {
	nan := math.NaN()
	m := modeltest.World(20, 12, 1)
	for _, tr := range []model.Trainer{model.ItemKNN{Top: -1}, model.ItemKNN{Shrink: -1}, model.ItemKNN{Shrink: float32(nan)},
		model.ItemKNN{Weighting: "cosine"}, model.RP3Beta{Alpha: -1}, model.RP3Beta{Beta: nan}, model.EASE{Lambda: -1}, model.EASE{Lambda: float32(nan)},
		model.IALS{Dim: -1}, model.IALS{Dim: 1 << 20}, model.IALS{Reg: nan}, model.IALS{Alpha: -1}, model.IALS{Nu: -2}, model.IALS{Epochs: -1}, model.IALS{Block: -1}, model.IALS{Block: 2, Steps: 1},
		model.UserKNN{Top: -1}, model.UserKNN{Shrink: float32(nan)}, model.UserKNN{Weighting: "x"}, model.LocalEASE{Lambda: -1}, model.LocalEASE{Near: -1}, model.LocalEASE{Users: nan},
		model.SLIM{L1: -1}, model.SLIM{L2: float32(nan)}, model.SLIM{Near: 1 << 20}, model.BPR{Rate: nan}, model.BPR{Dim: -1}, model.UltraGCN{Negatives: -1}, model.UltraGCN{NegativeWeight: nan}, model.UltraGCN{Lambda: -2},
		model.SimpleX{Margin: 1}, model.SimpleX{Batch: -1}, model.SimpleX{Rate: nan}, model.LightGCN{Layers: 9}, model.LightGCN{Temperature: nan}, model.LightGCN{Negatives: -1},
		model.SASRec{Dim: -1}, model.SASRec{Dim: 10, Heads: 3}, model.SASRec{Dropout: 1}, model.SASRec{Rate: nan}, model.SASRec{Length: 1 << 20}, model.SASRec{Epochs: -1},
		model.Markov{Window: -1}, model.Markov{Decay: 2}, model.Markov{Fade: nan}, model.Markov{Back: -2}, model.Markov{Length: -1}, model.Markov{Top: -1},
		model.SASRec{Layers: -1}, model.SASRec{Negatives: -2}, model.SASRec{Decay: -1}, model.SASRec{Attributes: [][]uint32{{0}}},
		model.Mix{}, model.Mix{Parts: []model.Part{{}}}, model.Mix{Parts: []model.Part{{Trainer: model.Popularity{}, Share: -1}}},
		model.Mix{Parts: []model.Part{{Trainer: model.Popularity{}}}}} {
		if _, err := tr.Fit(context.Background(), m, model.Options{}); err == nil {
			t.Errorf("%T %+v was taken", tr, tr)
		}
	}
}

func TestMemoryErrorSaysWhatToUse(t *testing.T) {
	_, err := model.EASE{}.Fit(context.Background(), modeltest.World(50, 5000, 1), model.Options{MemoryBudget: 1 << 20})
	if !errors.Is(err, model.ErrMemory) || !strings.Contains(err.Error(), "item-knn") {
		t.Errorf("got %v", err)
	}
}

func TestBuilder(t *testing.T) {
	for name, w := range map[string]float32{"NaN": float32(math.NaN()), "infinite": float32(math.Inf(1)), "negative": -1} {
		var b model.Builder
		if err := b.Add(1, 2, w); err == nil || !strings.Contains(err.Error(), "item 2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for merge, want := range map[model.Merge]float32{model.Sum: 8, model.Max: 5, model.Last: 3} {
		b := model.Builder{Merge: merge}
		for _, w := range []float32{5, 3} {
			if err := b.Add(1, 2, w); err != nil {
				t.Fatal(err)
			}
		}
		b.Add(0, 1, 0)
		m, err := b.Build(0, 0)
		if err != nil {
			t.Fatal(err)
		}
		items, weights := m.Row(1)
		if m.Users() != 2 || m.Items() != 3 || m.Entries() != 1 || items[0] != 2 || weights[0] != want {
			t.Errorf("merge %d: %v %v, want weight %v", merge, items, weights, want)
		}
	}
	var b model.Builder
	b.Add(5, 1, 1)
	if _, err := b.Build(5, 2); err == nil {
		t.Error("a user outside was taken")
	}
	m := modeltest.World(50, 30, 2)
	if back := m.Transpose().Transpose(); back.Fingerprint() != m.Fingerprint() {
		t.Error("transposing twice changed the matrix")
	}
	if m.Transpose().Fingerprint() == m.Fingerprint() {
		t.Error("the fingerprint does not see the shape")
	}
}

func TestWeigh(t *testing.T) {
	w := model.Weigh{Least: 4, Decay: .5}
	for raw, want := range map[float32]float32{5: 1, 4: 1, 3: .5, 2: .25, 0: 0, -1: 0} {
		if got := w.Of(raw); got != want {
			t.Errorf("a weight of %v became %v, want %v", raw, got, want)
		}
	}
	if (model.Weigh{}).Of(2.5) != 2.5 || (model.Weigh{Least: 4}).Of(3) != 0 {
		t.Error("the zero value or the cut are off")
	}
}

func TestChooseNeverGoesBelowPopularity(t *testing.T) {
	m := modeltest.World(300, 120, 1)
	fit, cases := model.HoldOut(m, model.HoldOutOptions{Seed: 2})
	var log []string
	bad := model.IALS{Dim: 1, Epochs: 1, Reg: 1e5}
	o := model.ChooseOptions{Log: func(s string) { log = append(log, s) }, MemoryBudget: 1 << 20,
		// A measure on which popularity cannot be beaten: small ids first is what World's long tail makes popular.
		Metric: func(list, _ []uint32) float64 {
			s := 0.0
			for _, it := range list {
				s -= float64(it)
			}
			return s
		}}
	c, err := model.Choose(context.Background(), fit, cases, []model.Candidate{{Trainer: bad}}, o)
	if err != nil {
		t.Fatal(err)
	}
	if c.Score < c.Floor {
		t.Errorf("chose %s with %v, popularity has %v", c.Best, c.Score, c.Floor)
	}
	// On NDCG the world's groups are found, the one that does not fit is skipped and said so, and the answer repeats.
	o.Metric = nil
	candidates := []model.Candidate{{Trainer: model.EASE{Lambda: 20}}, {Trainer: model.RP3Beta{}}, {Trainer: model.IALS{Dim: 2000}}}
	a, err := model.Choose(context.Background(), fit, cases, candidates, o)
	if err != nil {
		t.Fatal(err)
	}
	b, err := model.Choose(context.Background(), fit, cases, candidates, o)
	if err != nil || a.Best.String() != b.Best.String() || a.Score != b.Score {
		t.Errorf("%v: %s with %v, then %s with %v", err, a.Best, a.Score, b.Best, b.Score)
	}
	if a.Score <= a.Floor || a.Best.Trainer.Name() == "popularity" {
		t.Errorf("chose %s with %v, popularity has %v", a.Best, a.Score, a.Floor)
	}
	if v := a.Trials[3].Verdict; !strings.Contains(v, "memory budget") || !math.IsNaN(a.Trials[3].Score) {
		t.Errorf("the candidate that is too large: %s", v)
	}
	if len(log) == 0 {
		t.Error("nothing was logged")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := model.Choose(ctx, fit, cases, candidates, o); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := model.Choose(context.Background(), fit, nil, candidates, o); !errors.Is(err, model.ErrEmpty) {
		t.Errorf("no cases: %v", err)
	}
}

// A clock that moves a second at each look stands for slow trainers: what no longer fits into the time is said and skipped,
// and there is a choice all the same.
func TestChooseKeepsToTheTime(t *testing.T) {
	m := modeltest.World(300, 120, 1)
	fit, cases := model.HoldOut(m, model.HoldOutOptions{Seed: 2})
	now := time.Unix(0, 0)
	o := model.ChooseOptions{Time: 5 * time.Second, Now: func() time.Time { now = now.Add(time.Second); return now }}
	c, err := model.Choose(context.Background(), fit, cases, model.Candidates(fit, 3), o)
	if err != nil {
		t.Fatal(err)
	}
	last := c.Trials[len(c.Trials)-1]
	if !strings.Contains(last.Verdict, "time limit") || math.IsNaN(c.Score) || c.Score < c.Floor {
		t.Errorf("chose %s with %v; the last trial says %q", c.Best, c.Score, last.Verdict)
	}
}

func TestChooseRefinesEveryFamily(t *testing.T) {
	m := modeltest.World(200, 60, 1)
	for _, least := range []float32{0, 3} {
		fit, cases := model.HoldOut(m, model.HoldOutOptions{Least: least, Seed: 2})
		all := model.Candidates(fit, least)
		for _, c := range all {
			for _, n := range model.Around(c) {
				if n.Weigh != c.Weigh || n.Trainer.Name() != c.Trainer.Name() || n.String() == c.String() {
					t.Errorf("%s is no neighbour of %s", n, c)
				}
			}
		}
		c, err := model.Choose(context.Background(), fit, cases, all, model.ChooseOptions{Refine: model.Around, Steps: 3})
		if err != nil || c.Score <= c.Floor {
			t.Errorf("least %v: %v, %+v", least, err, c)
		}
		if len(c.Trials) < len(all)+3 {
			t.Errorf("least %v: only %d trials of %d candidates and their neighbours", least, len(c.Trials), len(all))
		}
		if _, err := c.Best.Fit(context.Background(), m, model.Options{}); err != nil {
			t.Error(err)
		}
	}
}

func TestFactorsFoldIn(t *testing.T) {
	m := modeltest.World(300, 120, 1)
	got, err := model.IALS{Dim: 16, Epochs: 6, Reg: .003}.Fit(context.Background(), m, model.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	f := got.(*model.Factors)
	if f.Dim() != 16 || len(f.Vectors()) != 16*120 || !slices.Equal(f.Vector(2), f.Vectors()[32:48]) || f.Vector(120) != nil {
		t.Fatal("factors are not where they belong")
	}
	// Users of one group of the world (user mod 6) are nearer to each other than to another group.
	at := func(u int) []float32 {
		x, ok := f.FoldIn(nil, m.History(nil, u))
		if !ok {
			t.Fatal("no factor")
		}
		return x
	}
	same, other := 0.0, 0.0
	for u := range 60 {
		same += cosine(at(u), at(u+6))
		other += cosine(at(u), at(u+7))
	}
	if same < other+12 {
		t.Errorf("mean cosine within a group %.2f, across %.2f", same/60, other/60)
	}
	if x, ok := f.FoldIn(nil, nil); ok || len(x) != 16 {
		t.Error("an empty history folds in")
	}
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return ab / math.Sqrt(aa*bb)
}

func TestRecommendAllocatesLittle(t *testing.T) {
	m := modeltest.World(300, 120, 1)
	h := m.History(nil, 0)
	dst := make([]model.Scored, 0, 10)
	for _, tr := range []model.Trainer{model.EASE{}, model.EASE{Top: 30}, model.IALS{Dim: 16}, model.ItemKNN{}, model.Popularity{}} {
		got, err := tr.Fit(context.Background(), m, model.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got.Recommend(dst, h, 10, nil)
		if n := testing.AllocsPerRun(100, func() { got.Recommend(dst, h, 10, nil) }); n > 1 && !raceEnabled {
			t.Errorf("%s: %.1f allocations for a request", tr.Name(), n)
		}
	}
}

func Example() {
	var b model.Builder
	for user, items := range [][]uint32{{0, 1, 2}, {0, 1}, {1, 2}, {3, 4}, {3, 4, 5}} {
		for _, it := range items {
			if err := b.Add(uint32(user), it, 1); err != nil {
				fmt.Println(err)
				return
			}
		}
	}
	m, err := b.Build(0, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	ease, err := model.EASE{Lambda: 1}.Fit(context.Background(), m, model.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	// Someone new, whose first save is item 3.
	for _, x := range ease.Recommend(nil, []model.Weighted{{Item: 3, Weight: 1}}, 2, nil) {
		fmt.Println(x.Item)
	}
	// Output:
	// 4
	// 5
}
