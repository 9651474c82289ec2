package fuse_test

import (
	"context"
	"slices"
	"testing"

	"bowerbird/index"
	"bowerbird/index/fuse"
	"bowerbird/index/postings"
)

// TestSilentDocuments: what has no words is found by its vector also where others hold the whole
// query, behind those, and only if it is nearer to the query than what tells nothing.
func TestSilentDocuments(t *testing.T) {
	words, err := postings.New(postings.Options{Fields: []postings.Field{{Name: "text"}}, SyncMerge: true})
	if err != nil {
		t.Fatal(err)
	}
	vectors, err := index.NewFlat(3, index.InnerProduct)
	if err != nil {
		t.Fatal(err)
	}
	all := []struct {
		word string
		v    []float32
	}{0: {"lamp", []float32{0, 1, 0}}, 1: {"", []float32{.1, .1, .99}}, 2: {"", []float32{.8, .6, 0}}}
	for range 12 { // so many that words hold the query
		all = append(all, all[0])
		all[len(all)-1].word, all[len(all)-1].v = "sofa", []float32{.6, .8, 0}
	}
	for doc, x := range all {
		var terms []postings.Token
		if x.word != "" {
			terms = []postings.Token{{Term: x.word}}
		}
		if err := words.Put(uint32(doc), terms); err != nil {
			t.Fatal(err)
		}
		if err := vectors.Put(uint32(doc), x.v); err != nil {
			t.Fatal(err)
		}
	}
	q := fuse.Query{Words: fuse.Bag([]string{"sofa"}), Vector: []float32{1, 0, 0}}
	for _, weight := range []float64{0, -1} { // -1: words alone, for documents that have some
		h := &fuse.Hybrid{Words: words, Vectors: vectors, Settings: fuse.Settings{Weight: weight}}
		ask := func(o fuse.Options) []uint32 {
			t.Helper()
			o.K = 20
			r, err := h.Search(context.Background(), q, o)
			if err != nil {
				t.Fatal(err)
			}
			var out []uint32
			for _, x := range r.Hits {
				out = append(out, x.Doc)
				if x.Silent != (h.Silent != nil && x.Doc == 2) {
					t.Errorf("%+v", x)
				}
			}
			return out
		}
		if got := ask(fuse.Options{}); slices.Contains(got, 2) != (weight == 0) || slices.Contains(got, 1) {
			t.Errorf("weight %v: %v: want what is near behind those that hold the query, unless words alone are wanted", weight, got)
		}
		h.Silent = func(d uint32) bool { return d == 1 || d == 2 }
		h.Nothing = []float32{.5, .5, .7071}
		if got := ask(fuse.Options{}); len(got) != 13 || got[12] != 2 || slices.Contains(got, 1) {
			t.Errorf("weight %v: %v, want the sofas, then what looks like one", weight, got)
		}
		if got := ask(fuse.Options{Filter: func(d uint32) bool { return d != 2 }}); slices.Contains(got, 2) {
			t.Errorf("weight %v: %v: 2 is filtered out", weight, got)
		}
	}
}
