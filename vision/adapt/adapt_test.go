package adapt_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"bowerbird/internal/vec"
	"bowerbird/vision/adapt"
)

// world has rows of 16 numbers of which four tell the group and the rest, which are
// larger, do not.
func world(groups, each int, seed uint64) (x []float32, boards [][]int) {
	r := rand.New(rand.NewPCG(seed, 1))
	for range groups {
		var centre [4]float64
		for i := range centre {
			centre[i] = r.NormFloat64()
		}
		var board []int
		for range each {
			row := make([]float32, 16)
			for i := range row {
				row[i] = float32(2 * r.NormFloat64())
				if i < 4 {
					row[i] = float32(centre[i] + .3*r.NormFloat64())
				}
			}
			vec.Normalize(row)
			board = append(board, len(x)/16)
			x = append(x, row...)
		}
		boards = append(boards, board)
	}
	return x, boards
}

func TestBeatsItsInput(t *testing.T) {
	x, boards := world(40, 8, 1)
	rest, held := adapt.HoldOut(boards, 1)
	if len(held) != 40 || len(rest[0]) != 7 || len(boards[0]) != 8 {
		t.Fatalf("%d held, %d left of %d", len(held), len(rest[0]), len(boards[0]))
	}
	m, err := adapt.Fit(t.Context(), x, 16, rest, adapt.Options{Batch: 64, Steps: 300, Rate: .02})
	if err != nil {
		t.Fatal(err)
	}
	j, err := adapt.Judge(t.Context(), m, x, held, 10, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", j)
	if !j.Better() || j.After < j.Before+.2 {
		t.Errorf("Recall@10 %.3f, before %.3f", j.After, j.Before)
	}
	again, err := adapt.Fit(t.Context(), x, 16, rest, adapt.Options{Batch: 64, Steps: 300, Rate: .02})
	if err != nil || again.Version() != m.Version() {
		t.Error("the same groups give another map", err)
	}
	if other, err := adapt.Fit(t.Context(), x, 16, rest[1:], adapt.Options{Batch: 64, Steps: 300, Rate: .02}); err != nil || other.Version() == m.Version() {
		t.Error("another map has the same version", err)
	}
}

// TestLearnsNothingFromChance: boards by lot must not pass for better.
func TestLearnsNothingFromChance(t *testing.T) {
	x, boards := world(40, 8, 2)
	p := rand.New(rand.NewPCG(5, 5)).Perm(320)
	for i := range boards {
		for k := range boards[i] {
			boards[i][k] = p[i*8+k]
		}
	}
	rest, held := adapt.HoldOut(boards, 1)
	m, err := adapt.Fit(t.Context(), x, 16, rest, adapt.Options{Batch: 64, Steps: 100})
	if err != nil {
		t.Fatal(err)
	}
	j, err := adapt.Judge(t.Context(), m, x, held, 10, 1)
	if err != nil {
		t.Fatal(err)
	}
	if j.Better() {
		t.Errorf("boards by lot are called better: %+v", j)
	}
}

func TestSaveLoad(t *testing.T) {
	x, boards := world(10, 4, 3)
	m, err := adapt.Fit(t.Context(), x, 16, boards, adapt.Options{Batch: 16, Steps: 5})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := m.Save(&b); err != nil {
		t.Fatal(err)
	}
	n, err := adapt.Load(bytes.NewReader(b.Bytes()))
	if err != nil || n.Version() != m.Version() || n.Dim() != 16 {
		t.Fatal(n, err)
	}
	for i := range b.Len() - 1 {
		if _, err := adapt.Load(bytes.NewReader(b.Bytes()[:i])); err == nil {
			t.Fatalf("the first %d bytes were taken", i)
		}
	}
}

func TestRefuses(t *testing.T) {
	x, _ := world(2, 2, 1)
	if _, err := adapt.Fit(t.Context(), x, 16, [][]int{{0}, {1}}, adapt.Options{}); !errors.Is(err, adapt.ErrNoPairs) {
		t.Error(err)
	}
	if _, err := adapt.Fit(t.Context(), x, 16, [][]int{{0, 99}}, adapt.Options{}); err == nil {
		t.Error("a row that is not there was taken")
	}
	if _, err := adapt.Fit(t.Context(), x, 15, nil, adapt.Options{}); err == nil {
		t.Error("rows of another length were taken")
	}
	if _, err := adapt.Fit(t.Context(), x, 16, [][]int{{0, 1}}, adapt.Options{Rate: -1}); err == nil {
		t.Error("a rate of -1 was taken")
	}
}
