package engine

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"bowerbird/vision"
	"bowerbird/vision/encode"
)

// broken is a detector that finds nothing, or fails.
type broken struct{ err error }

func (b broken) Regions(context.Context, *vision.Picture, int) ([]vision.Rect, error) {
	return nil, b.err
}
func (broken) Side() int { return 640 }

// TestRegionsByADetector: the owner's detector proposes the parts; where it finds nothing or
// fails, what stands out is proposed.
func TestRegionsByADetector(t *testing.T) {
	e := pictured(t, t.TempDir(), 3, 0)
	defer e.Close()
	plain, err := e.Regions(t.Context(), "a1")
	if err != nil {
		t.Fatal(err)
	}
	d, err := encode.OpenDetector(filepath.Join("..", "vision", "encode", "testdata", "detector"), encode.Options{Runtime: "go"})
	if err != nil {
		t.Fatal(err)
	}
	e.o.House.Detector = d
	got, err := e.Regions(t.Context(), "a1")
	if err != nil || len(got) != regionsWanted || len(plain) > 0 && got[0] == plain[0] {
		t.Errorf("a detector: %v, %v; without %v", got, err, plain)
	}
	for _, b := range []broken{{}, {errors.New("no memory")}} {
		e.o.House.Detector = b
		if got, err := e.Regions(t.Context(), "a1"); err != nil || len(got) != len(plain) {
			t.Errorf("%v: %v, %v; want %v", b, got, err, plain)
		}
	}
	if _, err := e.Regions(t.Context(), "nobody"); err == nil {
		t.Error("an item that is not there has regions")
	}
}
