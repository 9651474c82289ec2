package hnsw

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"bowerbird/index"
	"bowerbird/index/indextest"
)

// churned is a graph of which a third was deleted and a fifth is new.
func churned(t *testing.T, o Options) (g *Graph, rows []float32) {
	const n, dim = 3000, 16
	rows = indextest.Clusters(2*n, dim, 6)
	g = filled(t, n, dim, rows, o)
	for i := range n / 3 {
		g.Delete(uint32(i * 2))
	}
	for i := n; i < n+n/5; i++ {
		if err := g.Put(uint32(i), rows[i*dim:][:dim]); err != nil {
			t.Fatal(err)
		}
	}
	return g, rows
}

// A compacted graph holds the same vectors, finds them, has neither dead nodes nor free slots, goes on as the
// graph that is loaded from it does, and does not depend on when it was made.
func TestCompact(t *testing.T) {
	oneGoroutine(t)
	for form := Float32; form <= lastForm; form++ {
		g, rows := churned(t, Options{Form: form, EfBuild: 48})
		var before []float32
		for id := range uint32(4000) {
			before, _ = g.Vector(before, id)
		}
		h, err := Load(bytes.NewReader(saved(t, g)))
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []*Graph{g, h} {
			if err := x.Compact(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := x.check(); err != nil {
				t.Fatal(err)
			}
		}
		if int(g.n) != g.Len() || g.dead.Load() != 0 || len(g.free) != 0 {
			t.Errorf("%v: %d slots of %d vectors, %d dead, %d free", form, g.n, g.Len(), g.dead.Load(), len(g.free))
		}
		var after []float32
		for id := range uint32(4000) {
			after, _ = g.Vector(after, id)
		}
		if !slices.Equal(before, after) {
			t.Errorf("%v: other vectors after Compact", form)
		}
		if f := walked(g, 3); f < .98 {
			t.Errorf("%v: %.3f of the vectors are found", form, f)
		}
		b := saved(t, g)
		if !bytes.Equal(b, saved(t, h)) {
			t.Errorf("%v: the loaded graph was compacted otherwise", form)
		}
		goesOn(t, g, b, rows)
		stopped, stop := context.WithCancel(t.Context())
		stop()
		if err := h.Compact(stopped); !errors.Is(err, context.Canceled) || !bytes.Equal(b, saved(t, h)) {
			t.Errorf("%v: stopped: %v", form, err)
		}
	}
	g := filled(t, 0, 3, nil, Options{})
	if err := g.Compact(t.Context()); err != nil {
		t.Errorf("an empty graph: %v", err)
	}
}

// Writers and searches go on while the graph is compacted, and nothing is lost.
func TestCompactBesideWrites(t *testing.T) {
	for _, form := range []Form{Float32, Int8Half} {
		const dim = 16
		g, rows := churned(t, Options{Form: form, EfBuild: 24, M: 6})
		n := len(rows) / dim
		done := make(chan struct{})
		var all sync.WaitGroup
		all.Go(func() {
			for range 6 {
				if err := g.Compact(t.Context()); err != nil {
					t.Error(err)
				}
			}
			close(done)
		})
		all.Go(func() {
			r := rand.New(rand.NewPCG(1, 7))
			for {
				select {
				case <-done:
					return
				default:
				}
				q := rows[r.IntN(n)*dim:][:dim]
				hits, err := g.Search(q, 5, index.Options{})
				if err != nil || len(hits) != 5 {
					t.Errorf("%v, %v", hits, err)
					return
				}
				for i, h := range hits {
					if want := index.L2.Score(q, rows[int(h.ID)*dim:][:dim]); form == Float32 && h.Score != want {
						t.Errorf("hit %d: id %d scores %g, want %g", i, h.ID, h.Score, want)
						return
					}
				}
			}
		})
		has := map[uint32]bool{}
		for id := range uint32(n) {
			has[id] = g.Has(id)
		}
		r := rand.New(rand.NewPCG(2, 7))
		for at := 0; ; at++ {
			select {
			case <-done:
			default:
				id := uint32(r.IntN(n))
				if r.IntN(2) == 0 {
					g.Delete(id)
					has[id] = false
				} else if err := g.Put(id, rows[int(id)*dim:][:dim]); err != nil {
					t.Fatal(err)
				} else {
					has[id] = true
				}
				continue
			}
			break
		}
		all.Wait()
		if err := g.check(); err != nil {
			t.Fatal(err)
		}
		live := 0
		for id, there := range has {
			v, ok := g.Vector(nil, id)
			if ok != there || there && form == Float32 && !slices.Equal(v, rows[int(id)*dim:][:dim]) {
				t.Fatalf("%v: id %d: %v, want %v", form, id, ok, there)
			}
			if there {
				live++
			}
		}
		if g.Len() != live {
			t.Errorf("%d vectors, want %d", g.Len(), live)
		}
		if f := walked(g, 3); f < .95 {
			t.Errorf("%v: %.3f of the vectors are found", form, f)
		}
		if _, err := Load(bytes.NewReader(saved(t, g))); err != nil {
			t.Error(err)
		}
	}
}

// Vectors in a mapped file are found and kept as in memory: the same graph, but for its memory.
func TestRowsInAFile(t *testing.T) {
	for _, form := range []Form{Float32, Int8, Bits} {
		const n, dim = 3000, 64
		rows := indextest.Clusters(n, dim, 8)
		dir := t.TempDir()
		g := filled(t, n, dim, rows, Options{Form: form, EfBuild: 40})
		h, err := New(dim, index.L2, Options{Form: form, EfBuild: 40, Rows: dir})
		if errors.Is(err, errors.ErrUnsupported) {
			t.Skip("files are not mapped on this system")
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if err := h.Put(uint32(i), rows[i*dim:][:dim]); err != nil {
				t.Fatal(err)
			}
		}
		if g.Bytes()-h.Bytes() != 4*n*dim {
			t.Errorf("%v: %d bytes with a file, %d without", form, h.Bytes(), g.Bytes())
		}
		b := saved(t, h)
		if !bytes.Equal(saved(t, g), b) {
			t.Errorf("%v: another graph", form)
		}
		y, err := LoadRows(bytes.NewReader(b), dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []*Graph{g, h, y} {
			for id := range uint32(500) {
				x.Delete(id * 2)
			}
			if err := x.Compact(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 40 {
			q := rows[(i*31+1)*dim:][:dim]
			want, err := g.Search(q, 10, index.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range []*Graph{h, y} {
				got, err := x.Search(q, 10, index.Options{})
				if err != nil || !slices.Equal(got, want) {
					t.Fatalf("%v: %v, %v; in memory %v", form, got, err, want)
				}
			}
		}
	}
	if _, err := New(3, index.L2, Options{Rows: "/no/such/folder"}); err == nil {
		t.Error("a folder that is not there: no error")
	}
}

// A walk over bits finds nearly what one over float32 finds, from a sixteenth of the bytes.
func TestBitsKeepRecall(t *testing.T) {
	oneGoroutine(t)
	const n, dim, queries = 6_000, 128, 100
	rows := indextest.Clusters(n+queries, dim, 31)
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
	var found [2]float64
	for i, form := range []Form{Float32, Bits} {
		g, err := New(dim, index.L2, Options{Form: form, EfBuild: 48})
		if err != nil {
			t.Fatal(err)
		}
		if err := g.PutMany(ids, rows[:n*dim], 2); err != nil {
			t.Fatal(err)
		}
		if v := g.store.Load(); form == Bits && 8*v.stride*16 > 4*dim {
			t.Errorf("%d bytes a code of %d", 8*v.stride, 4*dim)
		}
		for j := range queries {
			q := rows[(n+j)*dim:][:dim]
			truth, err := flat.Search(q, 10, index.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := g.Search(q, 10, index.Options{Ef: 320})
			if err != nil {
				t.Fatal(err)
			}
			found[i] += index.RecallOf(got, truth) / queries
		}
	}
	if found[1] < .99*found[0] {
		t.Errorf("recall %.4f over bits, %.4f over float32", found[1], found[0])
	}
}
