package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// checkProduct compares both paths with float64, within k·2⁻²² of the sum of
// magnitudes.
func checkProduct(t *testing.T, r *rand.Rand, m, k, n int) {
	t.Helper()
	a, b, c := random(r, m*k), random(r, k*n), random(r, m*n)
	for _, plain := range []bool{true, false} {
		restore := UsePlain(plain)
		got := append([]float32(nil), c...)
		MatMul(got, a, b, m, k, n)
		for i := range m {
			for j := range n {
				want := float64(c[i*n+j])
				mag := math.Abs(want)
				for l := range k {
					v := float64(a[i*k+l]) * float64(b[l*n+j])
					want += v
					mag += math.Abs(v)
				}
				if d := math.Abs(float64(got[i*n+j]) - want); d > float64(k+1)*math.Ldexp(mag, -22) {
					t.Fatalf("%d×%d×%d on %s: C[%d][%d] is %g, want %g", m, k, n, Path(), i, j, got[i*n+j], want)
				}
			}
		}
		restore()
	}
}

func checkGram(t *testing.T, r *rand.Rand, rows, dim int) {
	t.Helper()
	x := random(r, rows*dim)
	xt := make([]float32, len(x))
	for i := range rows {
		for j := range dim {
			xt[j*rows+i] = x[i*dim+j]
		}
	}
	want := make([]float32, dim*dim)
	matMulPlain(want, xt, x, dim, rows, dim)
	for _, plain := range []bool{true, false} {
		restore := UsePlain(plain)
		got := make([]float32, dim*dim)
		Gram(got, x, rows, dim)
		for i := range got {
			if d := math.Abs(float64(got[i] - want[i])); d > float64(rows+1)*2e-6*float64(rows) {
				t.Fatalf("Gram of %d×%d on %s: [%d] is %g, want %g", rows, dim, Path(), i, got[i], want[i])
			}
			if got[i] != got[i%dim*dim+i/dim] {
				t.Fatalf("Gram of %d×%d on %s is not symmetric", rows, dim, Path())
			}
		}
		restore()
	}
}

func TestMatrixPathsAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for _, s := range [][3]int{{0, 3, 3}, {3, 0, 3}, {1, 1, 1}, {5, 7, 15}, {6, 2, 16}, {7, 3, 17}, {12, 64, 32}, {97, 257, 33}, {13, 300, 273}, {100, 10, 300}} {
		checkProduct(t, r, s[0], s[1], s[2])
	}
	for range 60 {
		checkProduct(t, r, r.IntN(30), r.IntN(30), r.IntN(40))
		checkGram(t, r, r.IntN(30), r.IntN(50))
	}
	checkGram(t, r, 600, 130)
	checkGram(t, r, 20, 290)
}

func BenchmarkMatMul(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{64, 128, 512, 1024} {
		x, y, c := random(r, n*n), random(r, n*n), make([]float32, n*n)
		flops := 2 * float64(n) * float64(n) * float64(n)
		run := func(name string, f func()) {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(flops*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
			})
		}
		run("fast", func() { MatMul(c, x, y, n, n, n) })
		run("plain", func() { matMulPlain(c, x, y, n, n, n) })
		g := func(d []float32) blas32.General { return blas32.General{Rows: n, Cols: n, Stride: n, Data: d} }
		run("gonum", func() { blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, g(x), g(y), 1, g(c)) })
	}
	x, c := random(r, 10_000*64), make([]float32, 64*64)
	b.Run("gram/10000x64", func(b *testing.B) {
		for b.Loop() {
			Gram(c, x, 10_000, 64)
		}
	})
}
