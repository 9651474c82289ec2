package vec

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestTilesAgree: both tiles give the same bits, and views their transposes, for every kind of edge.
func TestTilesAgree(t *testing.T) {
	if !wide {
		t.Skip("no AVX-512")
	}
	r := rand.New(rand.NewPCG(3, 3))
	for range 40 {
		m, k, n := 1+r.IntN(140), 1+r.IntN(300), 1+r.IntN(600)
		a, b, c := random(r, m*k), random(r, k*n), random(r, m*n)
		at, bt := transposed(a, m, k), transposed(b, k, n)
		var got [5][]float32
		for i := range got {
			got[i] = append([]float32(nil), c...)
		}
		multiplyWith(tiling256, got[0], n, View{a, k, 1}, View{b, n, 1}, m, k, n)
		multiplyWith(tiling512, got[1], n, View{a, k, 1}, View{b, n, 1}, m, k, n)
		multiplyWith(tiling512, got[2], n, View{at, 1, m}, View{bt, 1, k}, m, k, n)
		AddProduct(got[3], n, -1, View{a, k, 1}, View{bt, 1, k}, m, k, n)
		AddProduct(got[3], n, 2, View{at, 1, m}, View{b, n, 1}, m, k, n)
		productPlain(got[4], n, 1, View{a, k, 1}, View{bt, 1, k}, m, k, n)
		for i := range c {
			if got[0][i] != got[1][i] || got[0][i] != got[2][i] {
				t.Fatalf("%d×%d×%d: C[%d] is %v, %v and %v", m, k, n, i, got[0][i], got[1][i], got[2][i])
			}
			for _, g := range got[3:] {
				if d := math.Abs(float64(got[0][i] - g[i])); d > 1e-4*float64(k) {
					t.Fatalf("%d×%d×%d: C[%d] is %v and %v", m, k, n, i, got[0][i], g[i])
				}
			}
		}
	}
}

func multiplyWith(l *tiling, c []float32, stride int, a, b View, m, k, n int) {
	was := wide
	defer func() { wide = was }()
	wide = l == tiling512
	multiply(c, stride, 1, a, b, m, k, n, false)
}

func transposed(x []float32, rows, cols int) []float32 {
	out := make([]float32, len(x))
	for i := range rows {
		for j := range cols {
			out[j*rows+i] = x[i*cols+j]
		}
	}
	return out
}
