package fuse_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"bowerbird/index/fuse"
)

// lists draws groups in which the grade follows 2·a − b, with noise; c means nothing and d never varies.
func lists(n int, seed uint64) []fuse.Group {
	rng := rand.New(rand.NewPCG(seed, 1))
	out := make([]fuse.Group, n)
	for g := range out {
		shift := 10 * rng.Float64() // of the query: must not count
		for range 20 {
			a, b, c := rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64()
			grade := 0.0
			if s := 2*a - b + .3*rng.NormFloat64(); s > 3 {
				grade = 2
			} else if s > 1.5 {
				grade = 1
			}
			out[g].Features = append(out[g].Features, []float64{100 * a, .01*b + shift*1e-9, c, 7})
			out[g].Grades = append(out[g].Grades, grade)
		}
	}
	return out
}

func TestFitLinear(t *testing.T) {
	l, err := fuse.FitLinear(context.Background(), lists(200, 1), fuse.LinearOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if a, b, c, d := l.Weights[0], l.Weights[1], l.Weights[2], l.Weights[3]; a < 1 || b > -.5 || a/-b < 1.6 || a/-b > 2.5 || c*c > .05 || d != 0 {
		t.Errorf("weights %v, want about 2 to −1 to 0", l.Weights)
	}
	right, wrong := 0, 0
	for _, g := range lists(50, 2) {
		for i := range g.Grades {
			for j := range g.Grades {
				if g.Grades[i] > g.Grades[j] {
					if l.Score(g.Features[i]) > l.Score(g.Features[j]) {
						right++
					} else {
						wrong++
					}
				}
			}
		}
	}
	if share := float64(right) / float64(right+wrong); share < .95 {
		t.Errorf("%.3f of unseen pairs in order", share)
	}
	again, err := fuse.FitLinear(context.Background(), lists(200, 1), fuse.LinearOptions{})
	if err != nil || fmt.Sprint(again) != fmt.Sprint(l) {
		t.Error("the same data gave another model")
	}
}

func TestFitLinearErrors(t *testing.T) {
	for want, groups := range map[string][]fuse.Group{
		"no group of 0":       nil,
		"no group of 1":       {{Features: [][]float64{{1}, {2}}, Grades: []float64{1, 1}}},
		"2 rows and 1 grades": {{Features: [][]float64{{1}, {2}}, Grades: []float64{1}}},
		"row 1 has 2":         {{Features: [][]float64{{1}, {2, 3}}, Grades: []float64{1, 0}}},
		"not finite":          {{Features: [][]float64{{1}, {nan()}}, Grades: []float64{1, 0}}},
		"grade -1":            {{Features: [][]float64{{1}, {2}}, Grades: []float64{1, -1}}},
	} {
		if _, err := fuse.FitLinear(context.Background(), groups, fuse.LinearOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func nan() float64 { zero := 0.0; return zero / zero }

func TestReadLETOR(t *testing.T) {
	g, err := fuse.ReadLETOR(strings.NewReader("2 qid:7 1:.5 3:1 # doc a\n0 qid:7 2:4\n\n1 qid:8\n"), "f", nil)
	if err != nil || len(g) != 2 || fmt.Sprint(g[0].Features, g[1].Features, g[0].Grades) != "[[0.5 0 1] [0 4 0]] [[0 0 0]] [2 0]" {
		t.Errorf("%v, %v", g, err)
	}
	g, err = fuse.ReadLETOR(strings.NewReader("1 1:1\n0 1:2\n0 1:3\n"), "f", []int{1, 2})
	if err != nil || len(g) != 2 || len(g[1].Grades) != 2 {
		t.Errorf("%v, %v", g, err)
	}
	for in, want := range map[string]string{
		"x qid:1 1:1\n":          "f:1: grade",
		"1 qid:1 1:1\n1 qid:1 1": "f:2: \"1\"",
		"1 qid:1 0:1\n":          "f:1: \"0:1\"",
		"1 1:1\n":                "f:1: no qid",
		"1 qid:1 9999999:1\n":    "f:1:",
	} {
		if _, err := fuse.ReadLETOR(strings.NewReader(in), "f", nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
}

func TestCandidates(t *testing.T) {
	h, embed := shop(t)
	p, err := h.Candidates(context.Background(), fuse.Query{Words: fuse.Bag([]string{"couch"}), Vector: embed("couch")}, fuse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Docs) == 0 || len(p.Docs) != len(p.Features) || p.Docs[0] != 1 {
		t.Fatalf("%+v", p)
	}
	for i, row := range p.Features {
		if len(row) != len(fuse.FeatureNames) {
			t.Errorf("row %d has %d features", i, len(row))
		}
	}
	if best := p.Features[0]; best[0] != 1 || best[5] != 1 {
		t.Errorf("the best by words: %v", best)
	}
}

// TestLinearJSON holds that a file with too few numbers is an error and not a panic of Score.
func TestLinearJSON(t *testing.T) {
	var l fuse.Linear
	err := json.Unmarshal([]byte(`{"weights": [1, 2], "mean": [0], "scale": [1, 1]}`), &l)
	if err == nil || !strings.Contains(err.Error(), "2 weights, 1 of mean") {
		t.Errorf("got %v", err)
	}
	want := fuse.Linear{Weights: []float64{1, 2}, Mean: []float64{0, 1}, Scale: []float64{1, .5}}
	b, err := json.Marshal(want)
	if err == nil {
		err = json.Unmarshal(b, &l)
	}
	if err != nil || l.Score([]float64{1, 3}) != want.Score([]float64{1, 3}) {
		t.Errorf("%s gives %+v, %v", b, l, err)
	}
}
