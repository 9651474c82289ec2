package fuse

import (
	"context"
	"strings"
	"testing"
)

// TestReadLETORBounded holds that a short file cannot ask for rows without end.
func TestReadLETORBounded(t *testing.T) {
	old := maxCells
	defer func() { maxCells = old }()
	maxCells = 12
	if _, err := ReadLETOR(strings.NewReader(strings.Repeat("1 qid:1 3:1\n", 4)), "f", nil); err != nil {
		t.Errorf("4 rows of 3: %v", err)
	}
	for in, want := range map[string]string{
		strings.Repeat("1 qid:1 3:1\n", 5):    "f:5: 5 rows of 3 numbers",
		"1 qid:1 1:1\n1 qid:1 7:1\n":          "f:2: 2 rows of 7 numbers",
		"1 qid:1 7:1\n1 qid:1\n1 qid:1 1:1\n": "f:2: 2 rows of 7 numbers",
	} {
		if _, err := ReadLETOR(strings.NewReader(in), "f", nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
}

func TestTuneRefuses(t *testing.T) {
	for _, lost := range []float64{-1, 1, 2} {
		_, _, err := Tune(context.Background(), nil, strings.Fields, nil, TuneOptions{Lost: lost})
		if err == nil || !strings.Contains(err.Error(), "Lost") {
			t.Errorf("%v: got %v", lost, err)
		}
	}
}
