package train

import (
	"context"
	"testing"
)

// TestRareColumnsAreNotUsed: a column that speaks of one candidate in five
// hundred gets no weight, although it is right each time; one that speaks of one
// in fifty does.
func TestRareColumnsAreNotUsed(t *testing.T) {
	tr := &training{o: Options{Seed: 1}, features: []string{"rare.score", "often.score", "other.score"}}
	r := new(rows)
	for i := range 5000 {
		x := []float32{0, 0, float32(i%7) / 7}
		y := i%97 == 0
		if i%500 == 0 {
			x[0], y = 1, true
		}
		if i%50 == 1 {
			x[1], y = 1, true
		}
		r.add(x, y, 1)
	}
	l, err := tr.logistic(context.Background(), r, func(string) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	if w, _ := l.Weights(); w[0] != 0 || w[1] <= 0 {
		t.Errorf("weights %v, want none for the first column and a positive one for the second", w)
	}
}
