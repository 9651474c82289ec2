package fuse

import "testing"

// TestClimb: the weight begins low, falls until meaning does no harm, stays where it changes nothing, and rises where it helps beyond doubt.
func TestClimb(t *testing.T) {
	for _, c := range []struct {
		name        string
		right, lure Hit
		want        float64
	}{
		{"misleads from .6 on", Hit{Words: 1}, Hit{Words: .5, Meaning: 1}, .3},
		{"misleads always", Hit{Words: 1}, Hit{Words: .9, Meaning: 1}, -1},
		{"says nothing", Hit{Words: 1}, Hit{Words: .5}, .3},
		{"helps from .6 on", Hit{Words: .5, Meaning: 1}, Hit{Words: 1}, .6},
		{"helps from 1.5 on", Hit{Meaning: .8}, Hit{Words: 1}, 1.5},
	} {
		x := &tuning{}
		c.right.Doc, c.lure.Doc = 1, 0
		for range 60 {
			x.cases = append(x.cases, tuneCase{doc: 1, found: &gathered{docs: []Hit{c.lure, c.right}, top: 1}})
		}
		if got := x.climb(&Evidence{}); got != c.want {
			t.Errorf("%s: weight %v, want %v", c.name, got, c.want)
		}
	}
}

func TestLogistic(t *testing.T) {
	var x [][]float64
	var y []float64
	for i := range 200 {
		v := float64(i) / 100
		x, y = append(x, []float64{v, 1}), append(y, 0)
		if v > 1.2 {
			y[i] = 1
		}
	}
	w := logistic(x, y, 1e-3)
	if edge := -w[1] / w[0]; edge < 1.1 || edge > 1.3 {
		t.Errorf("classes part at %v, want 1.2", edge)
	}
}
