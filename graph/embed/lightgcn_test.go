package embed

import (
	"math"
	"testing"
)

// TestSoftmaxOfHeld compares the coefficients of the negatives, where a node that is held stands among the sample and is
// nearer by far, with float64.
func TestSoftmaxOfHeld(t *testing.T) {
	cos := []float64{.95, .1, .05, 0} // of the left nodes; the first is held
	g := &lightGCN{
		o:      LightGCNOptions{Dim: 2, Temperature: .02},
		edges:  &csr{Cols: 4, Off: []int{0, 1}, To: []uint32{0}, W: []float32{1}},
		batch:  []uint32{0},
		sample: []uint32{0, 1, 2, 3},
		user:   []float32{1, 0},
		first:  []int{0, 1},
		pull:   make([]float32, 1),
	}
	row := make([]float32, len(cos))
	for i, c := range cos {
		g.out = append(g.out, float32(c), float32(math.Sqrt(1-c*c)))
		row[i] = float32(c)
	}
	g.one(0, row)
	tau := 1 / .02
	sum := 0.0
	for _, c := range cos[1:] {
		sum += math.Exp((c - 1) * tau)
	}
	all := sum + math.Exp((cos[0]-1)*tau)
	near := func(what string, got float32, want float64) {
		t.Helper()
		if math.Abs(float64(got)-want) > 1e-4*math.Abs(want) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	near("the held one's", g.pull[0], -tau*sum/all)
	for i, c := range cos[1:] {
		near("a negative's", row[i+1], tau*math.Exp((c-1)*tau)/all)
	}
	if row[0] != 0 {
		t.Errorf("the held one counts as a negative: %v", row[0])
	}
}
