package nn

import (
	"math"
	"math/rand/v2"
	"testing"
)

func random(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = rng.Float32()*2 - 1
	}
	return x
}

// TestMul holds both paths to the definition, for every odd shape of the edges.
func TestMul(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, plain := range []bool{true, false} {
		restore := UsePlain(plain)
		for _, m := range []int{1, 3, 4, 12, 13, 29} {
			for _, k := range []int{0, 1, 5, 40} {
				for _, n := range []int{1, 31, 32, 33, 70} {
					for variant := range 8 {
						checkMul(t, rng, m, k, n, variant&1 > 0, variant&2 > 0, variant&4 > 0)
					}
				}
			}
		}
		restore()
	}
}

func checkMul(t *testing.T, rng *rand.Rand, m, k, n int, ta, tb, add bool) {
	t.Helper()
	a, b := View{random(rng, (m+1)*(k+3)), k + 3, 1}, Rows(random(rng, k*n+1), n)
	if ta {
		a = View{random(rng, (m+2)*(k+1)), 1, m + 2}
	}
	if tb {
		b = View{random(rng, k*n+1), 1, k}
	}
	stride := n + 2
	c := random(rng, m*stride)
	want := make([]float64, len(c))
	for i := range c {
		want[i] = float64(c[i])
	}
	for i := range m {
		for j := range n {
			s := 0.0
			for l := range k {
				s += float64(a.Data[i*a.Row+l*a.Col]) * float64(b.Data[l*b.Row+j*b.Col])
			}
			if add {
				s += want[i*stride+j]
			}
			want[i*stride+j] = s
		}
	}
	var p Panels
	p.Pack(b, k, n)
	Mul(c, stride, a, &p, m, add)
	for i := range c {
		if math.Abs(float64(c[i])-want[i]) > 1e-5 {
			t.Fatalf("%d×%d×%d, transposed %v %v, add %v: element %d is %v, want %v", m, k, n, ta, tb, add, i, c[i], want[i])
		}
	}
}

func TestExpSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, plain := range []bool{true, false} {
		restore := UsePlain(plain)
		for _, n := range []int{0, 1, 15, 16, 17, 100} {
			x := random(rng, n)
			for i := range x {
				x[i] *= 30
			}
			if n > 15 {
				x[3], x[4] = 1e9, -1e9
			}
			y := make([]float32, n)
			got, want := ExpSum(y, x, 2, 1.5), 0.0
			for i, v := range x {
				e := math.Exp(min(max(2*float64(v)-1.5, -87), 60))
				want += e
				if math.Abs(float64(y[i])-e) > 2e-6*e {
					t.Errorf("exp(%v) is %v, want %v", 2*v-1.5, y[i], e)
				}
			}
			if math.Abs(float64(got)-want) > 1e-5*want {
				t.Errorf("the sum of %d is %v, want %v", n, got, want)
			}
		}
		restore()
	}
}

func TestAdamPathsAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	n := 37
	p, g := random(rng, n), random(rng, n)
	run := func(plain bool) []float32 {
		defer UsePlain(plain)()
		q, m, v := append([]float32(nil), p...), make([]float32, n), make([]float32, n)
		for i := range 5 {
			Step{Rate: .01, Beta1: .9, Beta2: .98, Epsilon: 1e-8, Decay: .1, Number: i + 1}.Apply(q, m, v, g)
		}
		return q
	}
	a, b := run(true), run(false)
	for i := range a {
		if math.Abs(float64(a[i]-b[i])) > 1e-6 {
			t.Errorf("number %d: %v plain, %v fast", i, a[i], b[i])
		}
		// A constant gradient moves every weight by about the rate, against its sign.
		if d := float64(p[i] - b[i]); math.Abs(d-.05*float64(sign(g[i]))) > .01 {
			t.Errorf("number %d moved by %v with gradient %v", i, d, g[i])
		}
	}
}

func sign(x float32) float32 {
	if x < 0 {
		return -1
	}
	return 1
}

func BenchmarkMul(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range []struct {
		name    string
		m, k, n int
	}{{"logits", 96, 64, 12096}, {"layer", 960, 128, 512}, {"deep", 96, 12096, 64}} {
		b.Run(s.name, func(b *testing.B) {
			x, y := random(rng, s.m*s.k), random(rng, s.k*s.n)
			c := make([]float32, s.m*s.n)
			var p Panels
			p.Pack(Rows(y, s.n), s.k, s.n)
			for b.Loop() {
				Mul(c, s.n, Rows(x, s.k), &p, s.m, false)
			}
			b.ReportMetric(2*float64(s.m*s.k*s.n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFlop/s")
		})
	}
}

func BenchmarkExpSum(b *testing.B) {
	x := random(rand.New(rand.NewPCG(1, 2)), 12096)
	y := make([]float32, len(x))
	for b.Loop() {
		ExpSum(y, x, 1, 0)
	}
	b.ReportMetric(float64(len(x))*float64(b.N)/b.Elapsed().Seconds()/1e9, "G/s")
}
