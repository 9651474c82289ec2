package hnsw

import (
	"bytes"
	"errors"
	"testing"

	"bowerbird/index"
	"bowerbird/index/indextest"
)

func saved(t *testing.T, g *Graph) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := g.Save(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The graph must not depend on how many goroutines put a batch, nor on ids that come twice, or
// again, in it; and it must be as good as one that was put one by one.
func TestPutMany(t *testing.T) {
	const n, dim = 2600, 24
	rows := indextest.Clusters(n, dim, 11)
	ids := make([]uint32, n)
	for i := range ids {
		ids[i] = uint32(i % (n - 500)) // the last replace the first
	}
	ids[2000] = 1999
	for form := Float32; form <= lastForm; form++ {
		var first []byte
		for _, threads := range []int{1, 2, 5} {
			g, err := New(dim, index.L2, Options{Form: form, EfBuild: 48})
			if err != nil {
				t.Fatal(err)
			}
			if err := g.PutMany(ids, rows, threads); err != nil {
				t.Fatal(err)
			}
			if err := g.check(); err != nil {
				t.Fatal(err)
			}
			if g.Len() != n-501 {
				t.Fatalf("%d vectors, want %d", g.Len(), n-501)
			}
			if b := saved(t, g); first == nil {
				first = b
				goesOn(t, g, b, rows)
				if f := walked(g, 7); f < .98 {
					t.Errorf("%v: %.3f of the vectors are found", form, f)
				}
			} else if !bytes.Equal(first, b) {
				t.Fatalf("%v: %d goroutines made another graph than one", form, threads)
			}
		}
	}
}

// goesOn asks that a graph with codes, loaded from b, saves the same and goes on as g does.
func goesOn(t *testing.T, g *Graph, b []byte, rows []float32) {
	t.Helper()
	h, err := Load(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, saved(t, h)) {
		t.Fatalf("%v: saved, loaded and saved again: other bytes", g.o.Form)
	}
	if g, err = Load(bytes.NewReader(b)); err != nil {
		t.Fatal(err)
	}
	dim := g.Dim()
	for i := range uint32(400) {
		for _, x := range []*Graph{g, h} {
			x.Delete(i * 3)
			if err := x.Put(i*7, rows[int(i)*5*dim:][:dim]); err != nil {
				t.Fatal(err)
			}
		}
		if i == 200 { // once more from a file
			if h, err = Load(bytes.NewReader(saved(t, h))); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !bytes.Equal(saved(t, g), saved(t, h)) {
		t.Fatalf("%v: the loaded graph went on otherwise", g.o.Form)
	}
}

func TestPutManyRefuses(t *testing.T) {
	g := filled(t, 20, 2, indextest.Clusters(20, 2, 1), Options{})
	before := saved(t, g)
	for _, c := range []struct {
		ids  []uint32
		rows []float32
		want error
	}{
		{[]uint32{1, 2}, []float32{1, 2, 3}, index.ErrDim},
		{[]uint32{1, 2}, []float32{1, 2, 3, float32(1) / zero}, index.ErrNotFinite},
	} {
		if err := g.PutMany(c.ids, c.rows, 2); !errors.Is(err, c.want) {
			t.Errorf("PutMany(%v): %v, want %v", c.rows, err, c.want)
		}
	}
	if !bytes.Equal(before, saved(t, g)) {
		t.Error("a batch that was refused changed the graph")
	}
}

var zero float32

// A coder made from small vectors must not serve large ones for long.
func TestCoderFollows(t *testing.T) {
	const n, dim = 5000, 16
	rows := indextest.Clusters(n, dim, 3)
	for i := 2 * codeAt * dim; i < len(rows); i++ {
		rows[i] *= 50
	}
	for _, form := range []Form{Int8, Int8Half} {
		g := filled(t, n, dim, rows, Options{Form: form, EfBuild: 32})
		if step := g.store.Load().coder.step; step < .3 {
			t.Errorf("%v: numbers reach 200, and codes %g", form, step*codeMost)
		}
		hits, err := g.Search(rows[(n-1)*dim:], 1, index.Options{})
		if err != nil || len(hits) != 1 || hits[0].ID != n-1 {
			t.Errorf("%v: a large vector is not found by itself: %v, %v", form, hits, err)
		}
	}
	g, err := New(2, index.L2, Options{Form: Int8Half})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Put(1, []float32{1, 1e5}); !errors.Is(err, index.ErrNotFinite) {
		t.Errorf("a number beyond half floats: %v", err)
	}
}
