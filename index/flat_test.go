package index_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"bowerbird/index"
	"bowerbird/index/indextest"

	"github.com/RoaringBitmap/roaring/v2"
)

func TestFlat(t *testing.T) {
	indextest.Run(t, indextest.Build{
		New:    func(dim int, m index.Metric) (index.Index, error) { return index.NewFlat(dim, m) },
		Load:   func(r io.Reader) (index.Index, error) { return index.LoadFlat(r) },
		Recall: 1,
	})
}

// A filter that never returns must not hold up a Put or another search.
func TestSlowFilterHoldsUpNobody(t *testing.T) {
	f, err := index.NewFlat(2, index.L2)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Put(1, []float32{1, 1}); err != nil {
		t.Fatal(err)
	}
	inside, release := make(chan bool), make(chan bool)
	go func() {
		_, _ = f.Search([]float32{0, 0}, 1, index.Options{Filter: func(uint32) bool {
			inside <- true
			<-release
			return true
		}})
		close(inside)
	}()
	<-inside
	if err := f.Put(1, []float32{0, 1}); err != nil {
		t.Fatal(err)
	}
	if hits, err := f.Search([]float32{0, 0}, 1, index.Options{}); err != nil || hits[0].Score != -1 {
		t.Fatalf("%v, %v", hits, err)
	}
	close(release)
	<-inside
}

func FuzzLoadFlat(f *testing.F) {
	x, err := index.NewFlat(2, index.Cosine)
	if err != nil {
		f.Fatal(err)
	}
	for id := range uint32(3) {
		if err := x.Put(id, []float32{1, float32(id)}); err != nil {
			f.Fatal(err)
		}
	}
	var buf bytes.Buffer
	if err := x.Save(&buf); err != nil {
		f.Fatal(err)
	}
	f.Add(buf.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		y, err := index.LoadFlat(bytes.NewReader(data))
		if err != nil {
			return
		}
		if _, err := y.Search(make([]float32, y.Dim()), 1, index.Options{}); err != nil && y.Metric() != index.Cosine {
			t.Fatal(err)
		}
	})
}

func ExampleFlat() {
	x, err := index.NewFlat(2, index.Cosine)
	if err != nil {
		fmt.Println(err)
		return
	}
	for id, v := range [][]float32{{1, 0}, {1, 1}, {0, 1}} {
		if err := x.Put(uint32(id), v); err != nil {
			fmt.Println(err)
			return
		}
	}
	hits, err := x.Search([]float32{2, 1.9}, 2, index.Options{Exclude: roaring.BitmapOf(0)})
	for _, h := range hits {
		fmt.Printf("%d %.2f\n", h.ID, h.Score)
	}
	fmt.Println(err)
	// Output:
	// 1 1.00
	// 2 0.69
	// <nil>
}
