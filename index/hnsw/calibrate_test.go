package hnsw

import (
	"bytes"
	"errors"
	"testing"

	"bowerbird/index"
	"bowerbird/index/indextest"
)

// Who asks for a recall must get it, at a width that is not far above what is needed.
func TestRecallAsked(t *testing.T) {
	oneGoroutine(t)
	const n, dim, queries = 20_000, 32, 400
	rows := indextest.Clusters(n+queries, dim, 21)
	g, err := New(dim, index.L2, Options{Form: Int8, EfBuild: 60, M: 12})
	if err != nil {
		t.Fatal(err)
	}
	flat, err := index.NewFlat(dim, index.L2)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]uint32, n)
	for i := range ids {
		ids[i] = uint32(i)
		if err := flat.Put(uint32(i), rows[i*dim:][:dim]); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.PutMany(ids, rows[:n*dim], 2); err != nil {
		t.Fatal(err)
	}
	at, ef, recall := g.Calibration()
	t.Logf("measured at %d: ef %v, recall %.3f", at, ef, recall)
	if at < n/2 {
		t.Fatalf("the last calibration is of %d vectors of %d", at, n)
	}
	for _, want := range []float32{.96, .97, .98, .99} {
		sum := 0.0
		for i := range queries {
			q := rows[(n+i)*dim:][:dim]
			truth, err := flat.Search(q, 10, index.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := g.Search(q, 10, index.Options{Recall: want})
			if err != nil {
				t.Fatal(err)
			}
			sum += index.RecallOf(got, truth)
		}
		r := sum / queries
		t.Logf("recall %.2f asked: ef %d, recall %.4f", want, g.widthFor(want, 10), r)
		if r < float64(want)-.01 || r > float64(want)+.012 {
			t.Errorf("recall %.2f asked, %.4f found", want, r)
		}
	}
	h, err := Load(bytes.NewReader(saved(t, g)))
	if err != nil {
		t.Fatal(err)
	}
	if h.widthFor(.95, 10) != g.widthFor(.95, 10) {
		t.Error("the calibration is not kept with the graph")
	}
	if _, err := g.Search(rows[:dim], 1, index.Options{Recall: 2}); !errors.Is(err, index.ErrNotFinite) {
		t.Errorf("recall 2: %v", err)
	}
}
