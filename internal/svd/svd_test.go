package svd

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// drawn is a sparse matrix of rank 8 and a little noise, with the same as a dense one.
func drawn(rows, cols int) (*Sparse, *mat.Dense) {
	rng := rand.New(rand.NewPCG(1, 2))
	m, d := &Sparse{Cols: cols, Off: []int{0}}, mat.NewDense(rows, cols, nil)
	for i := range rows {
		for j := range cols {
			if rng.IntN(4) > 0 && i%8 != j%8 {
				continue
			}
			w := float32(1+i%8) + .01*rng.Float32()
			m.To, m.W = append(m.To, uint32(j)), append(m.W, w)
			d.Set(i, j, float64(w))
		}
		m.Off = append(m.Off, len(m.To))
	}
	return m, d
}

// The largest singular values are those of a full decomposition, the vectors orthonormal, and no thread changes a bit.
func TestTruncated(t *testing.T) {
	m, d := drawn(120, 90)
	var full mat.SVD
	if !full.Factorize(d, mat.SVDNone) {
		t.Fatal("the full decomposition failed")
	}
	want := full.Values(nil)
	got, err := Truncated(context.Background(), BothWays(m), Options{K: 6, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for k, s := range got.S {
		if math.Abs(s-want[k]) > 1e-3*want[0] {
			t.Errorf("value %d is %v, want %v", k, s, want[k])
		}
	}
	for a := range got.K {
		for b := range got.K {
			dot := 0.0
			for i := range m.Cols {
				dot += float64(got.V[i*got.K+a]) * float64(got.V[i*got.K+b])
			}
			if one := map[bool]float64{true: 1}[a == b]; math.Abs(dot-one) > 1e-3 {
				t.Errorf("right vectors %d and %d: inner product %v", a, b, dot)
			}
		}
	}
	again, err := Truncated(context.Background(), BothWays(m), Options{K: 6, Seed: 1, Threads: 3})
	if err != nil || !slices.Equal(got.V, again.V) || !slices.Equal(got.U, again.U) {
		t.Errorf("three threads give another result (%v)", err)
	}
}

// Transposed twice a matrix is itself.
func TestTransposed(t *testing.T) {
	m, _ := drawn(30, 20)
	b := m.Transposed().Transposed()
	if b.Cols != m.Cols || !slices.Equal(b.Off, m.Off) || !slices.Equal(b.To, m.To) || !slices.Equal(b.W, m.W) {
		t.Error("it is not")
	}
}
