package index_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"bowerbird/index"
	"bowerbird/index/hnsw"
	"bowerbird/index/indextest"
)

func both(t *testing.T, n, dim int) (*hnsw.Graph, *index.Flat, []float32) {
	t.Helper()
	g, err := hnsw.New(dim, index.L2, hnsw.Options{Form: hnsw.Int8, EfBuild: 40})
	if err != nil {
		t.Fatal(err)
	}
	f, err := index.NewFlat(dim, index.L2)
	if err != nil {
		t.Fatal(err)
	}
	rows, ids := indextest.Clusters(n, dim, 5), make([]uint32, n)
	for i := range ids {
		ids[i] = uint32(i)
		if err := f.Put(uint32(i), rows[i*dim:][:dim]); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.PutMany(ids, rows, 2); err != nil {
		t.Fatal(err)
	}
	return g, f, rows
}

func TestRange(t *testing.T) {
	const n, dim = 3000, 16
	g, f, rows := both(t, n, dim)
	found, wanted := 0, 0
	for i := range 20 {
		q := rows[i*77*dim:][:dim]
		near, err := f.Search(q, 150, index.Options{})
		if err != nil {
			t.Fatal(err)
		}
		least := near[149].Score
		exact, err := index.Range(f, q, least, 0, index.Options{})
		if err != nil || len(exact) != 150 {
			t.Fatalf("%d hits of at least %g, want 150: %v", len(exact), least, err)
		}
		got, err := index.Range(g, q, least, 0, index.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range got {
			if h.Score < least {
				t.Fatalf("%v is below %g", h, least)
			}
		}
		found, wanted = found+len(got), wanted+len(exact)
		if few, err := index.Range(g, q, least, 7, index.Options{}); err != nil || len(few) != 7 {
			t.Fatalf("limit 7: %d hits, %v", len(few), err)
		}
	}
	if r := float64(found) / float64(wanted); r < .97 {
		t.Errorf("a range search finds %.3f", r)
	}
	if _, err := index.Range(f, rows[:dim], float32(math.NaN()), 0, index.Options{}); !errors.Is(err, index.ErrNotFinite) {
		t.Errorf("NaN: %v", err)
	}
	if hits, err := index.Range(f, rows[:dim], 1, 0, index.Options{}); err != nil || len(hits) != 0 {
		t.Errorf("nothing is so near: %v, %v", hits, err)
	}
}

func TestSearchMany(t *testing.T) {
	f, err := index.NewFlat(2, index.InnerProduct)
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint32(10) { // 0..9 along x, 10..19 along y, 20 near both
		_ = f.Put(i, []float32{1 + float32(i)/10, 0})
		_ = f.Put(10+i, []float32{0, .5 + float32(i)/10})
	}
	_ = f.Put(20, []float32{1.85, 1.35})
	x, y := index.Interest{Vector: []float32{1, 0}}, index.Interest{Vector: []float32{0, 1}, Weight: 1}
	got, err := index.SearchMany(f, []index.Interest{x, y}, 6, index.Share, index.Options{})
	if err != nil || len(got) != 6 {
		t.Fatal(got, err)
	}
	alongY := 0
	seen := map[uint32]bool{}
	for _, h := range got {
		if seen[h.ID] {
			t.Errorf("%d twice", h.ID)
		}
		seen[h.ID] = true
		if h.ID >= 10 && h.ID < 20 {
			alongY++
		}
	}
	if alongY < 2 || !seen[20] {
		t.Errorf("shares are not kept: %v", got)
	}
	got, err = index.SearchMany(f, []index.Interest{x, {Vector: y.Vector, Weight: 2}}, 3, index.Best, index.Options{})
	if err != nil || len(got) != 3 || got[0].ID != 19 || got[0].Score != 2.8 || got[1].ID != 20 {
		t.Errorf("best: %v, %v", got, err)
	}
	for _, bad := range [][]index.Interest{nil, {{Vector: []float32{1}}}, {{Vector: []float32{1, 0}, Weight: -1}}} {
		if _, err := index.SearchMany(f, bad, 3, index.Best, index.Options{}); err == nil {
			t.Errorf("%v: no error", bad)
		}
	}
}

func TestDiverse(t *testing.T) {
	f, err := index.NewFlat(2, index.Cosine)
	if err != nil {
		t.Fatal(err)
	}
	for id, v := range [][]float32{{1, 0}, {1, .01}, {1, .02}, {1, -.6}} {
		_ = f.Put(uint32(id), v)
	}
	hits, err := f.Search([]float32{1, .01}, 4, index.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		lambda float32
		second uint32
	}{{0, hits[1].ID}, {.6, 3}} {
		got, err := index.Diverse(f, hits, 2, c.lambda)
		if err != nil || len(got) != 2 || got[0].ID != 1 || got[1].ID != c.second {
			t.Errorf("λ %g: %v, %v", c.lambda, got, err)
		}
	}
	if _, err := index.Diverse(f, hits, 2, 1.5); err == nil {
		t.Error("λ 1.5: no error")
	}
	if _, err := index.Diverse(f, hits, 0, .5); !errors.Is(err, index.ErrK) {
		t.Errorf("k 0: %v", err)
	}
}

// What the meter says must be the truth within a point.
func TestMeter(t *testing.T) {
	const n, dim, queries = 4000, 24, 700
	g, f, rows := both(t, n, dim)
	m := index.NewMeter(index.MeterOptions{Every: 1, Most: 1e6})
	x := m.Watch(g)
	if mean, _, checks := m.Recall(); checks != 0 || mean == mean {
		t.Fatalf("%g of %d checks before any", mean, checks)
	}
	r, sum := rand.New(rand.NewPCG(3, 3)), 0.0
	o := index.Options{Ef: 10}
	for i := range queries {
		q := make([]float32, dim)
		for j := range q {
			q[j] = rows[r.IntN(n)*dim+j]*.1 + rows[i*5*dim+j]
		}
		got, err := x.Search(q, 10, o)
		if err != nil {
			t.Fatal(err)
		}
		truth, err := f.Search(q, 10, o)
		if err != nil {
			t.Fatal(err)
		}
		sum += index.RecallOf(got, truth)
		for _, _, c := m.Recall(); c <= i; _, _, c = m.Recall() {
			time.Sleep(10 * time.Microsecond)
		}
	}
	mean, half, checks := m.Recall()
	if d := mean - sum/queries; checks != queries || math.Abs(d) > .01 {
		t.Errorf("the meter says %.4f ± %.4f after %d checks, the truth is %.4f", mean, half, checks, sum/queries)
	}
	if sum/queries > .995 {
		t.Errorf("recall %.4f: too high to tell anything", sum/queries)
	}
}
