package quant

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"bowerbird/internal/vec"
)

func normal(r *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

func TestRotationKeepsLengthsAndProducts(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for _, dim := range []int{1, 3, 64, 65, 100, 128, 192, 300, 768} {
		r := NewRotation(dim, 7)
		a, b := normal(rnd, dim), normal(rnd, dim)
		x, y := make([]float32, r.Padded()), make([]float32, r.Padded())
		r.Apply(x, a)
		r.Apply(y, b)
		for name, p := range map[string][2]float32{"length": {vec.Dot(x, x), vec.Dot(a, a)}, "product": {vec.Dot(x, y), vec.Dot(a, b)}} {
			if math.Abs(float64(p[0]-p[1])) > 1e-4*float64(vec.Dot(a, a)+vec.Dot(b, b)) {
				t.Errorf("dim %d: %s %g, was %g", dim, name, p[0], p[1])
			}
		}
	}
	// One coordinate is spread over all.
	r := NewRotation(128, 3)
	x := make([]float32, 128)
	one := make([]float32, 128)
	one[5] = 1
	r.Apply(x, one)
	for i, v := range x {
		if math.Abs(float64(v)) > 0.5 {
			t.Errorf("coordinate %d is %g", i, v)
		}
	}
}

// The mean error is near zero, and errors lie within the bound as often as a
// normal distribution would have them.
func TestEstimatesAreUnbiasedAndBounded(t *testing.T) {
	rnd := rand.New(rand.NewPCG(2, 2))
	for _, bits := range []int{1, 4, 8} {
		for _, dim := range []int{64, 96, 128, 300} {
			r, err := NewRabit(dim, bits, 5)
			if err != nil {
				t.Fatal(err)
			}
			const n = 3000
			codes, factors := make([]uint64, n*r.Size()/8), make([]Factors, n)
			rows, turned := make([][]float32, n), make([]float32, r.Padded())
			for i := range rows {
				rows[i] = normal(rnd, dim)
				r.Apply(turned, rows[i])
				factors[i] = r.Encode(Bytes(codes)[i*r.Size():][:r.Size()], turned)
			}
			q := normal(rnd, dim)
			r.Apply(turned, q)
			var ask Query
			r.Ask(&ask, turned)
			got := make([]float32, n)
			r.Estimate(got, &ask, codes, factors)
			sum, square, beyond, size := 0.0, 0.0, 0, 0.0
			for i, row := range rows {
				want := float64(vec.Dot(q, row))
				e := float64(got[i]) - want
				sum += e
				square += e * e
				size += want * want
				rounding := float64(ask.step) * float64(vec.Norm(row)) // of the query
				if math.Abs(e) > 3*float64(factors[i].Error*ask.Norm)+rounding {
					beyond++
				}
			}
			deviation := math.Sqrt(square / n)
			if math.Abs(sum/n) > 4*deviation/math.Sqrt(n) {
				t.Errorf("%d bits, dim %d: mean error %g, deviation %g", bits, dim, sum/n, deviation)
			}
			relative := deviation / math.Sqrt(size/n)
			if most := map[int]float64{1: 0.85, 4: 0.13, 8: 0.02}[bits]; relative > most {
				t.Errorf("%d bits, dim %d: error %.4f of the products, want %.3f at most", bits, dim, relative, most)
			}
			if beyond > n/100 {
				t.Errorf("%d bits, dim %d: %d of %d errors beyond the bound", bits, dim, beyond, n)
			}
		}
	}
}

func TestZeroAndBadShapes(t *testing.T) {
	r, _ := NewRabit(10, 4, 1)
	code := make([]byte, r.Size())
	if f := r.Encode(code, make([]float32, r.Padded())); f != (Factors{}) {
		t.Errorf("zeros: %v", f)
	}
	for _, c := range [][2]int{{0, 1}, {1 << 17, 1}, {8, 3}, {8, 0}} {
		if _, err := NewRabit(c[0], c[1], 1); err == nil {
			t.Errorf("NewRabit(%d, %d): no error", c[0], c[1])
		}
	}
}

func ExampleRabit() {
	r, _ := NewRabit(64, 4, 1)
	v, turned := make([]float32, 64), make([]float32, r.Padded())
	for i := range v {
		v[i] = float32(i%7) - 3
	}
	r.Apply(turned, v)
	codes := make([]uint64, r.Size()/8)
	factors := []Factors{r.Encode(Bytes(codes), turned)}
	var q Query
	r.Ask(&q, turned) // the vector itself as the query
	product := make([]float32, 1)
	r.Estimate(product, &q, codes, factors)
	fmt.Println(r.Size(), "bytes; error below 3 %:", math.Abs(float64(product[0]/vec.Dot(v, v)-1)) < 0.03)
	// Output: 32 bytes; error below 3 %: true
}
