package vec

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// lengths cross every boundary of the kernels: masked tail, 8, 16, 32.
var lengths = []int{0, 1, 2, 3, 5, 7, 8, 9, 12, 15, 16, 17, 23, 24, 25, 31, 32, 33, 40, 47, 48, 56, 57, 63, 64, 65, 96, 100, 127, 128, 129, 300, 768, 1000}

func random(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// bound is what package vec promises between paths: n·2⁻²² of Σ|terms|.
func bound(a, b []float32, term func(x, y float64) float64) (exact, tol float64) {
	mag := 0.0
	for i := range a {
		t := term(float64(a[i]), float64(b[i]))
		exact += t
		mag += math.Abs(t)
	}
	return exact, float64(len(a)+1)*math.Ldexp(mag, -22) + 1e-37
}

func product(x, y float64) float64 { return x * y }
func square(x, y float64) float64  { return (x - y) * (x - y) }

// checkFloat holds both paths of every float32 kernel against float64.
func checkFloat(t *testing.T, a, b []float32) {
	t.Helper()
	for _, plain := range []bool{true, false} {
		restore := UsePlain(plain)
		for _, k := range []struct {
			name string
			one  func(a, b []float32) float32
			rows func(dst, q, rows []float32)
			ptrs func(dst, q []float32, rows []*float32)
			term func(x, y float64) float64
		}{{"dot", Dot, DotRows, DotPtrs, product}, {"l2", L2, L2Rows, L2Ptrs, square}} {
			want, tol := bound(a, b, k.term)
			got := k.one(a, b)
			if !(math.Abs(float64(got)-want) <= tol) {
				t.Fatalf("%s of %d on %s: got %g, want %g ± %g", k.name, len(a), Path(), got, want, tol)
			}
			rows := slices.Concat(b, a, b)
			dst := []float32{-1, -1, -1, -1}
			k.rows(dst[:3], a, rows)
			if dst[0] != got || dst[2] != got || dst[1] != k.one(a, a) || dst[3] != -1 {
				t.Fatalf("%s rows of %d on %s: %v, one %g", k.name, len(a), Path(), dst, got)
			}
			if len(a) == 0 {
				continue
			}
			var p []*float32
			for i := range 17 {
				p = append(p, &rows[i%3*len(a)])
			}
			for n := range len(p) + 1 {
				out := make([]float32, n+1)
				k.ptrs(out[:n], a, p[:n])
				for i := range n {
					if out[i] != dst[i%3] {
						t.Fatalf("%s pointer %d of %d on %s: %g, want %g", k.name, i, n, Path(), out[i], dst[i%3])
					}
				}
				if out[n] != 0 {
					t.Fatalf("%s pointers wrote beyond %d", k.name, n)
				}
			}
		}
		restore()
	}
}

func checkAxpy(t *testing.T, s float32, x, y []float32) {
	t.Helper()
	for _, plain := range []bool{true, false} {
		restore := UsePlain(plain)
		got := append(slices.Clone(y), 42)
		Axpy(s, x, got[:len(y)])
		for i := range x {
			want := float64(s)*float64(x[i]) + float64(y[i])
			tol := math.Ldexp(math.Abs(float64(s)*float64(x[i]))+math.Abs(float64(y[i])), -22) + 1e-37
			if !(math.Abs(float64(got[i])-want) <= tol) {
				t.Fatalf("axpy[%d] of %d on %s: got %g, want %g", i, len(x), Path(), got[i], want)
			}
		}
		if got[len(y)] != 42 {
			t.Fatal("axpy wrote beyond its end")
		}
		restore()
	}
}

func checkInt(t *testing.T, a, b []int8) {
	t.Helper()
	if got, want := DotInt8(a, b), dotInt8Plain(a, b); got != want {
		t.Fatalf("DotInt8 of %d: got %d, want %d", len(a), got, want)
	}
}

func checkBits(t *testing.T, a, b []uint64) {
	t.Helper()
	if got, want := Hamming(a, b), hammingPlain(a, b); got != want {
		t.Fatalf("Hamming of %d words: got %d, want %d", len(a), got, want)
	}
}

func TestKernelsAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range lengths {
		checkFloat(t, random(r, n), random(r, n))
		checkAxpy(t, float32(r.NormFloat64()), random(r, n), random(r, n))
		a, b := make([]int8, n), make([]int8, n)
		c, d := make([]uint64, n), make([]uint64, n)
		for i := range n {
			a[i], b[i] = int8(r.Uint32()), int8(r.Uint32())
			c[i], d[i] = r.Uint64(), r.Uint64()
		}
		checkInt(t, a, b)
		checkBits(t, c, d)
		for i := range n {
			a[i], b[i] = -128, -128
		}
		checkInt(t, a, b)
	}
}

// The masked tail must not read past the end of a slice into what follows.
func TestTailReadsOnlyItsOwn(t *testing.T) {
	buf := make([]float32, 64)
	for i := range buf {
		buf[i] = float32(math.NaN())
	}
	for n := 1; n <= 40; n++ {
		for i := range n {
			buf[i] = 1
		}
		if got := Dot(buf[:n], buf[:n]); got != float32(n) {
			t.Fatalf("Dot of %d ones beside NaN: %g", n, got)
		}
		if got := L2(buf[:n], buf[:n]); got != 0 {
			t.Fatalf("L2 of %d ones beside NaN: %g", n, got)
		}
	}
}

func TestNormalize(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		name string
		in   []float32
		ok   bool
	}{
		{"plain", []float32{3, 4}, true},
		{"square underflows", []float32{3e-30, 4e-30}, true},
		{"square overflows", []float32{3e30, 4e30}, true},
		{"zero", []float32{0, 0}, false},
		{"empty", nil, false},
		{"infinite", []float32{inf, 1}, false},
		{"not a number", []float32{float32(math.NaN()), 1}, false},
	} {
		got := slices.Clone(c.in)
		if ok := Normalize(got); ok != c.ok {
			t.Errorf("%s: Normalize = %v", c.name, ok)
		}
		if c.ok && (math.Abs(float64(got[0])-0.6) > 1e-6 || math.Abs(float64(got[1])-0.8) > 1e-6) {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
	if c := Cosine([]float32{2, 0}, []float32{1, 1}); math.Abs(float64(c)-math.Sqrt2/2) > 1e-6 {
		t.Errorf("Cosine = %g", c)
	}
	if c := Cosine([]float32{0, 0}, []float32{1, 1}); c != 0 {
		t.Errorf("Cosine with zero = %g", c)
	}
	if Finite([]float32{1, inf}) || Finite([]float32{float32(math.NaN())}) || !Finite([]float32{math.MaxFloat32, -1}) {
		t.Error("Finite is wrong")
	}
}

func TestTop(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		n, k := r.IntN(50), r.IntN(60)
		scores := make([]float32, n)
		want := make([]Scored, n)
		for i := range scores {
			scores[i] = float32(r.IntN(10))
			want[i] = Scored{uint32(i), scores[i]}
		}
		slices.SortFunc(want, Compare)
		got := Top(scores, k)
		if !slices.Equal(got, want[:min(k, n)]) {
			t.Fatalf("Top(%v, %d) = %v", scores, k, got)
		}
	}
}

func TestLengthsMustFit(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Fatal("Dot of unequal lengths did not panic")
		}
	}()
	Dot(make([]float32, 3), make([]float32, 4))
}

// FuzzKernels reads two vectors from bytes. Floats beyond 2⁴⁰ or not finite are
// replaced, because an overflow has no bound to hold.
func FuzzKernels(f *testing.F) {
	f.Add([]byte("a few bytes to begin with, more than thirty-two of them, so that a lane fills"))
	f.Add(make([]byte, 400))
	f.Fuzz(func(t *testing.T, data []byte) {
		data = data[:min(len(data), 1<<14)]
		n := len(data) / 8
		a, b := make([]float32, n), make([]float32, n)
		for i := range n {
			a[i] = tame(binary.LittleEndian.Uint32(data[8*i:]))
			b[i] = tame(binary.LittleEndian.Uint32(data[8*i+4:]))
		}
		checkFloat(t, a, b)
		if n > 0 {
			checkAxpy(t, a[0], a, b)
		}
		x, y := make([]int8, len(data)/2), make([]int8, len(data)/2)
		for i := range x {
			x[i], y[i] = int8(data[2*i]), int8(data[2*i+1])
		}
		checkInt(t, x, y)
		u, v := make([]uint64, len(data)/16), make([]uint64, len(data)/16)
		for i := range u {
			u[i] = binary.LittleEndian.Uint64(data[16*i:])
			v[i] = binary.LittleEndian.Uint64(data[16*i+8:])
		}
		checkBits(t, u, v)
	})
}

func tame(b uint32) float32 {
	v := math.Float32frombits(b)
	if a := math.Abs(float64(v)); !(a < 1<<40) || a < 1.0/(1<<40) {
		return float32(int32(b)%1000) / 8
	}
	return v
}

func ExampleTop() {
	query := []float32{1, 0}
	rows := []float32{ // three rows of two
		0.5, 0.5,
		0.9, 0.1,
		0.0, 1.0,
	}
	scores := make([]float32, 3)
	DotRows(scores, query, rows)
	fmt.Println(Top(scores, 2))
	// Output: [{1 0.9} {0 0.5}]
}

func TestRectify(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for _, n := range []int{0, 1, 7, 8, 9, 31, 64, 100} {
		x, bias := make([]float32, n), make([]float32, n)
		for i := range x {
			x[i], bias[i] = float32(r.NormFloat64()), float32(r.NormFloat64())
		}
		for _, plain := range []bool{true, false} {
			restore := UsePlain(plain)
			pos, neg := append(slices.Clone(bias), 42), append(slices.Clone(x), 43)
			Rectify(pos[:n], neg[:n], x, bias, 1.5, .25)
			for i := range x {
				s := 1.5*float64(x[i]) - float64(bias[i])
				p, m := float64(bias[i])+max(0, s-.25), float64(x[i])+max(0, -s-.25)
				if math.Abs(float64(pos[i])-p) > 1e-5 || math.Abs(float64(neg[i])-m) > 1e-5 {
					t.Fatalf("%d of %d on %s: %v and %v, want %v and %v", i, n, Path(), pos[i], neg[i], p, m)
				}
			}
			if pos[n] != 42 || neg[n] != 43 {
				t.Fatal("rectify wrote beyond its end")
			}
			restore()
		}
	}
}
