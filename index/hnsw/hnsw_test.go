package hnsw

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"bowerbird/index"
	"bowerbird/index/indextest"
)

func suite(o Options, recall float64) indextest.Build {
	return indextest.Build{
		New: func(dim int, m index.Metric) (index.Index, error) {
			g, err := New(dim, m, o)
			if err != nil {
				return nil, err
			}
			return g, nil
		},
		Load: func(r io.Reader) (index.Index, error) {
			g, err := Load(r)
			if err != nil {
				return nil, err
			}
			return g, nil
		},
		Recall: recall, Size: 2100,
	}
}

func TestGraph(t *testing.T) {
	for form := Float32; form <= lastForm; form++ {
		b := suite(Options{Form: form, EfBuild: 64}, 0.95)
		switch form {
		case Int8Half:
			b.Rounding = 1. / 2048
		case Int8Only:
			b.Rounding, b.Recall = 1./10, 0.93
		}
		t.Run(form.String(), func(t *testing.T) { indextest.Run(t, b) })
	}
}

func TestOptions(t *testing.T) {
	for _, o := range []Options{{M: 1}, {M: maxM + 1}, {EfBuild: -1}, {Ef: maxEf + 1}} {
		if _, err := New(3, index.L2, o); err == nil {
			t.Errorf("New with %+v: no error", o)
		}
	}
}

func TestBitsOrderAsFloats(t *testing.T) {
	d := []float32{-1e30, -2, -1e-40, 0, 1e-40, 0.5, 2, 3e38}
	for i, a := range d {
		if bitsFloat(floatBits(a)) != a {
			t.Fatalf("%g does not come back", a)
		}
		if i > 0 && floatBits(d[i-1]) >= floatBits(a) {
			t.Fatalf("bits of %g are not below those of %g", d[i-1], a)
		}
	}
}

func ExampleGraph() {
	g, err := New(2, index.L2, Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for id, v := range [][]float32{{0, 0}, {1, 1}, {5, 5}} {
		if err := g.Put(uint32(id), v); err != nil {
			fmt.Println(err)
			return
		}
	}
	g.Delete(0)
	var saved bytes.Buffer
	if err := g.Save(&saved); err != nil {
		fmt.Println(err)
		return
	}
	g, err = Load(&saved)
	if err != nil {
		fmt.Println(err)
		return
	}
	hits, err := g.Search([]float32{0.9, 1}, 1, index.Options{})
	fmt.Println(hits[0].ID, err)
	// Output: 1 <nil>
}
