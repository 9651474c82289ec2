package retrieve_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"bowerbird"
	"bowerbird/index"
	"bowerbird/index/auto"
	"bowerbird/retrieve"
	"bowerbird/vision/copies"
)

// ending is a context that will end but has not.
type ending struct {
	context.Context
	when time.Time
}

func (e ending) Deadline() (time.Time, bool) { return e.when, true }

// TestPartsCutShort: where there is no time to compare prints, the order by vectors
// comes with word of it.
func TestPartsCutShort(t *testing.T) {
	looks := newLooks(t)
	b := make([]byte, copies.Bytes)
	for i := range b {
		b[i] = byte(i * i)
	}
	print, err := copies.Unpack(b, 1)
	if err != nil {
		t.Fatal(err)
	}
	var wait time.Duration
	v, err := retrieve.NewParts(retrieve.PartsOptions{Version: "p1", Dim: dim, Count: 2, Looks: looks,
		Print: func(bowerbird.ItemID) *copies.Print { time.Sleep(wait); return print },
		New:   func() (index.Index, error) { return auto.New(dim, index.Cosine, auto.Options{}) },
		Load:  func(r io.Reader) (index.Index, error) { return auto.Load(r) },
	})
	if err != nil {
		t.Fatal(err)
	}
	facts := []fact{
		{Kind: bowerbird.SignalPut, Item: 1, Signal: &bowerbird.Signal{Name: "visual", Version: "v1", Vector: []float32{1, 0, 0, 0}}},
		{Kind: bowerbird.SignalPut, Item: 2, Signal: &bowerbird.Signal{Name: "visual", Version: "v1", Vector: []float32{1, 1, 0, 0}}},
	}
	looks.Apply(facts)
	v.Apply(facts)
	r := &bowerbird.Request{Vector: []float32{1, 0, 0, 0}, Version: "v1", Print: append(print.Vector(), 1)}
	hits, err := v.Candidates(t.Context(), r, 5, nil)
	if err != nil || len(hits) != 2 || hits[0].Score < 8 {
		t.Fatalf("with time: %v, %v", hits, err)
	}
	wait = 40 * time.Millisecond
	hits, err = v.Candidates(ending{t.Context(), time.Now().Add(15 * time.Millisecond)}, r, 5, nil)
	if !errors.Is(err, bowerbird.ErrCut) || len(hits) != 2 || hits[0].Item != 1 || hits[0].Score > 1.01 {
		t.Fatalf("without: %v, %v", hits, err)
	}
}
