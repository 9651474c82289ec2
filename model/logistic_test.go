package model_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bowerbird/eval"
	"bowerbird/model"
)

// rows drawn from a logistic model with weights 1.5, -1, 0 and intercept -1 on features of odd scales, the last constant.
func rows(n int, seed uint64) model.Rows {
	rng := rand.New(rand.NewPCG(seed, 0))
	r := model.Rows{Features: 4}
	for range n {
		a, b, c := rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64()
		r.X = append(r.X, float32(1000+50*a), float32(.001*b), float32(c), 3)
		r.Y = append(r.Y, rng.Float64() < 1/(1+math.Exp(-(1.5*a-b-1))))
	}
	return r
}

func TestLogisticRecoversTheTruth(t *testing.T) {
	train, test := rows(20000, 1), rows(20000, 2)
	l, err := model.LogisticRegression{}.Fit(context.Background(), train, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, b := l.Weights()
	for i, want := range []float64{1.5, -1, 0, 0} {
		if math.Abs(w[i]-want) > .08 {
			t.Errorf("weight %d is %.3f, the truth %.1f", i, w[i], want)
		}
	}
	if math.Abs(b+1) > .08 {
		t.Errorf("intercept %.3f, the truth -1", b)
	}
	judge := func(r model.Rows) eval.Probabilities {
		p, out := make([]float64, len(r.Y)), make([]float32, len(r.Y))
		l.PredictRows(r.X, out)
		for i, v := range out {
			p[i] = float64(v)
		}
		got, err := eval.Judge(p, r.Y, 10)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if p := judge(train); math.Abs(p.Ratio-1) > 1e-3 {
		t.Errorf("on the training rows the probabilities add up to %.4f of the positives", p.Ratio)
	}
	if p := judge(test); p.AUC < .83 || p.ECE > .02 || math.Abs(p.Ratio-1) > .03 || p.LogLoss > .9*p.BaseLoss {
		t.Errorf("on new rows: AUC %.4f ECE %.4f ratio %.4f loss %.4f of %.4f", p.AUC, p.ECE, p.Ratio, p.LogLoss, p.BaseLoss)
	}
	out := make([]float64, 4)
	row := test.X[:4]
	l.Contributions(row, out)
	if s := out[0] + out[1] + out[2] + out[3] + b; math.Abs(s-l.Logit(row)) > 1e-6 {
		t.Errorf("contributions add up to %v, the logit is %v", s, l.Logit(row))
	}
	again, err := model.LogisticRegression{}.Fit(context.Background(), train, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if w2, b2 := again.Weights(); !slices.Equal(w, w2) || b != b2 {
		t.Error("a second fit gave other bits")
	}
}

// A row of weight 2 is a row given twice.
func TestLogisticWeights(t *testing.T) {
	r := rows(500, 3)
	twice := model.Rows{Features: 4, X: slices.Clone(r.X), Y: slices.Clone(r.Y)}
	r.Weight = make([]float32, 500)
	for i := range r.Weight {
		r.Weight[i] = 1
		if i%3 == 0 {
			r.Weight[i] = 2
			twice.X, twice.Y = append(twice.X, r.X[i*4:i*4+4]...), append(twice.Y, r.Y[i])
		}
	}
	a, err := model.LogisticRegression{}.Fit(context.Background(), r, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := model.LogisticRegression{}.Fit(context.Background(), twice, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	wa, ia := a.Weights()
	wb, ib := b.Weights()
	for i := range wa {
		if math.Abs(wa[i]-wb[i]) > 1e-4 || math.Abs(ia-ib) > 1e-4 {
			t.Errorf("weighted %v %v, repeated %v %v", wa, ia, wb, ib)
		}
	}
}

func TestLogisticRefuses(t *testing.T) {
	nan := float32(math.NaN())
	ok := model.Rows{Features: 1, X: []float32{1, 2}, Y: []bool{true, false}}
	for name, c := range map[string]struct {
		r    model.Rows
		says string
	}{
		"no rows":         {model.Rows{Features: 1}, "0 rows"},
		"one class":       {model.Rows{Features: 1, X: []float32{1, 2}, Y: []bool{true, true}}, "both are needed"},
		"NaN":             {model.Rows{Features: 1, X: []float32{1, nan}, Y: ok.Y}, "feature 0 of row 1"},
		"infinite":        {model.Rows{Features: 1, X: []float32{float32(math.Inf(1)), 1}, Y: ok.Y}, "feature 0 of row 0"},
		"short":           {model.Rows{Features: 2, X: []float32{1, 2}, Y: ok.Y}, "2 numbers"},
		"negative weight": {model.Rows{Features: 1, X: ok.X, Y: ok.Y, Weight: []float32{1, -1}}, "weight of row 1"},
		"NaN weight":      {model.Rows{Features: 1, X: ok.X, Y: ok.Y, Weight: []float32{nan, 1}}, "weight of row 0"},
	} {
		if _, err := (model.LogisticRegression{}).Fit(context.Background(), c.r, model.Options{}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (model.LogisticRegression{L2: math.NaN()}).Fit(context.Background(), ok, model.Options{}); err == nil {
		t.Error("an L2 of NaN was taken")
	}
	if _, err := (model.LogisticRegression{}).Fit(context.Background(), ok, model.Options{MemoryBudget: 1}); !errors.Is(err, model.ErrMemory) {
		t.Errorf("memory: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (model.LogisticRegression{}).Fit(ctx, ok, model.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	// Separable rows without any L2 have no finite optimum; the answer is finite all the same.
	l, err := model.LogisticRegression{L2: -1}.Fit(context.Background(), ok, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p := l.Predict([]float32{nan}); !(p >= 0 && p <= 1) {
		t.Errorf("a NaN at serving gave %v", p)
	}
}

func TestLogisticFile(t *testing.T) {
	r := rows(2000, 4)
	l, err := model.LogisticRegression{}.Fit(context.Background(), r, model.Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "rank.model")
	if err := model.SaveLogistic(path, l, l.Card()); err != nil {
		t.Fatal(err)
	}
	back, err := model.LoadLogistic(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		if row := r.X[i*4 : i*4+4]; back.Predict(row) != l.Predict(row) {
			t.Fatal("the loaded model predicts otherwise")
		}
	}
	if _, err := model.Load(path); !errors.Is(err, model.ErrCorrupt) || !strings.Contains(err.Error(), path) {
		t.Errorf("read as a recommender: %v", err)
	}
}
