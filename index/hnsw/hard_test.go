package hnsw

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"bowerbird/index"
	"bowerbird/index/indextest"
	"bowerbird/index/internal/file"
)

func filled(t testing.TB, n, dim int, rows []float32, o Options) *Graph {
	t.Helper()
	g, err := New(dim, index.L2, o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := g.Put(uint32(i), rows[i*dim:][:dim]); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

func oneGoroutine(t *testing.T) {
	t.Helper()
	if indextest.Race {
		t.Skip("one goroutine: nothing for the race detector to see")
	}
}

// walked is the share of stored vectors that a walk, not a scan, finds by
// themselves.
func walked(g *Graph, every int) float64 {
	s, found, asked := g.newScratch(), 0, 0
	v := g.store.Load()
	for slot := uint32(0); slot < g.n; slot += uint32(every) {
		meta := v.meta[slot].Load()
		if !isLive(meta) {
			continue
		}
		asked++
		s.at.stand(v, slot)
		g.beam(s, v, g.descend(s, v, v.entry.Load(), 0), 64, 0)
		for _, k := range s.pool.into(nil) {
			if slotOf(k) == slot {
				found++
			}
		}
	}
	return float64(found) / float64(max(asked, 1))
}

// After nine in ten are deleted the rest must still be found by walking, and the
// deleted nodes must be gone from every list.
func TestMostAreDeleted(t *testing.T) {
	oneGoroutine(t)
	const n, dim = 4000, 16
	rows := indextest.Clusters(n, dim, 2)
	g := filled(t, n, dim, rows, Options{EfBuild: 64})
	order := rand.New(rand.NewPCG(1, 1)).Perm(n)
	for _, id := range order[:n*9/10] {
		if !g.Delete(uint32(id)) {
			t.Fatalf("Delete(%d) = false", id)
		}
	}
	if err := g.check(); err != nil {
		t.Fatal(err)
	}
	if dead, live := g.dead.Load(), g.live.Load(); dead > live {
		t.Errorf("%d dead nodes are left beside %d live", dead, live)
	}
	if f := walked(g, 1); f < 0.99 {
		t.Errorf("%.3f of the vectors are found after most were deleted", f)
	}
}

// Slots are used again, so that churn does not grow the graph.
func TestChurnKeepsItsSize(t *testing.T) {
	oneGoroutine(t)
	const n, dim = 1500, 8
	rows := indextest.Clusters(n, dim, 2)
	g := filled(t, n, dim, rows, Options{EfBuild: 32})
	for i := range 4 * n {
		id := i * 7 % n
		if err := g.Put(uint32(id), rows[id*dim:][:dim]); err != nil {
			t.Fatal(err)
		}
	}
	if g.n > n*3/2 {
		t.Errorf("%d slots for %d vectors", g.n, n)
	}
	if err := g.check(); err != nil {
		t.Fatal(err)
	}
	if f := walked(g, 1); f < 0.99 {
		t.Errorf("%.3f of the vectors are found after churn", f)
	}
}

// Many items with one picture must not hide the others.
func TestManyEqualVectors(t *testing.T) {
	oneGoroutine(t)
	const n, dim = 3000, 16
	rows := indextest.Clusters(n, dim, 5)
	for i := range n {
		if i%3 != 0 {
			copy(rows[i*dim:][:dim], rows[(i%3-1)*dim:][:dim]) // one of two vectors
		}
	}
	g := filled(t, n, dim, rows, Options{EfBuild: 64})
	var sum, asked float64
	for i := 0; i < n; i += 3 * 11 {
		hits, err := g.Search(rows[i*dim:][:dim], 1, index.Options{})
		if err != nil {
			t.Fatal(err)
		}
		asked++
		if len(hits) == 1 && hits[0].Score == 0 {
			sum++
		}
	}
	if sum/asked < 0.99 {
		t.Errorf("%.3f of the single vectors are found beside many equal ones", sum/asked)
	}
}

// FuzzLoad gives Load any bytes inside a frame with good checksums, so that what
// lies behind them is tested too: it refuses, or the graph can be used.
func FuzzLoad(f *testing.F) {
	g := filled(f, 60, 2, indextest.Clusters(60, 2, 1), Options{M: 2, EfBuild: 4, Ef: 4})
	for id := range uint32(35) {
		g.Delete(id)
	}
	var buf bytes.Buffer
	if err := g.Save(&buf); err != nil {
		f.Fatal(err)
	}
	in, err := file.NewReader(&buf, magic)
	if err != nil {
		f.Fatal(err)
	}
	payload, err := io.ReadAll(in)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(payload)
	f.Add(payload[:40])
	for i := range 40 {
		bad := bytes.Clone(payload)
		bad[i*len(bad)/40] ^= 0x41
		f.Add(bad)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		var framed bytes.Buffer
		w := file.NewWriter(&framed, magic)
		if _, err := w.Write(payload); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		g, err := Load(&framed)
		if err != nil {
			return
		}
		v := make([]float32, g.Dim())
		v[0] = 1
		if _, err := g.Search(v, 3, index.Options{}); err != nil {
			t.Fatal(err)
		}
		for id := range uint32(80) {
			g.Delete(id)
			if err := g.Put(id*2, v); err != nil {
				t.Fatal(err)
			}
		}
		if err := g.check(); err != nil {
			t.Fatal(err)
		}
	})
}
