package auto

import (
	"fmt"
	"io"
	"testing"

	"bowerbird/index"
	"bowerbird/index/hnsw"
	"bowerbird/index/indextest"
)

// Three thresholds: the suite runs on a flat index, while vectors move, and on a
// graph that was grown by moving.
func TestAuto(t *testing.T) {
	for _, threshold := range []int{0, 450, 30} {
		t.Run(fmt.Sprint("threshold ", threshold), func(t *testing.T) {
			indextest.Run(t, indextest.Build{
				New: func(dim int, m index.Metric) (index.Index, error) {
					x, err := New(dim, m, Options{Threshold: threshold, Graph: hnsw.Options{EfBuild: 64}})
					if err != nil {
						return nil, err
					}
					return x, nil
				},
				Load: func(r io.Reader) (index.Index, error) {
					x, err := Load(r)
					if err != nil {
						return nil, err
					}
					return x, nil
				},
				Recall: 0.95, Size: 1300,
			})
		})
	}
}

func TestBecomesAGraph(t *testing.T) {
	x, err := New(8, index.Cosine, Options{Threshold: 400})
	if err != nil {
		t.Fatal(err)
	}
	rows := indextest.Clusters(600, 8, 1)
	for i := range 600 {
		if exact := x.Exact(); exact != (i <= 500) {
			t.Fatalf("at %d vectors Exact is %v", i, exact)
		}
		if err := x.Put(uint32(i), rows[i*8:][:8]); err != nil {
			t.Fatal(err)
		}
		if x.Len() != i+1 {
			t.Fatalf("Len %d after %d", x.Len(), i+1)
		}
	}
	if _, err := New(8, index.Cosine, Options{Threshold: -1}); err == nil {
		t.Error("negative threshold: no error")
	}
	if _, err := New(8, index.Cosine, Options{Graph: hnsw.Options{M: 1}}); err == nil {
		t.Error("bad graph options: no error")
	}
}

func Example() {
	x, err := New(2, index.InnerProduct, Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for id, v := range [][]float32{{1, 0}, {2, 1}, {0, 3}} {
		if err := x.Put(uint32(id), v); err != nil {
			fmt.Println(err)
			return
		}
	}
	hits, err := x.Search([]float32{1, 0}, 2, index.Options{})
	fmt.Println(hits, x.Exact(), err)
	// Output: [{1 2} {0 1}] true <nil>
}
