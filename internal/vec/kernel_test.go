package vec

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// twin checks one kernel with one query against its meaning on every path: each
// row alone, in a row, by number and by pointer.
type twin[Q, R, D any] struct {
	name string
	k    Kernel[Q, R, D]
	want func(q []Q, row []R) (want D, tol float64)
	less func(got, want D, tol float64) bool
}

func (c twin[Q, R, D]) check(t *testing.T, q []Q, rows [][]R) {
	t.Helper()
	l := c.k.RowLen(len(q))
	const gap = 3
	stride := l + gap
	all := make([]R, 1, 1+len(rows)*stride) // one element in: rows lie where they lie
	ids, ptrs := make([]uint32, len(rows)), make([]*R, len(rows))
	for i, r := range rows {
		all = append(append(all, r[:l]...), make([]R, gap)...)
		ids[i] = uint32(len(rows) - 1 - i)
	}
	matrix := all[1:]
	for i := range ptrs {
		ptrs[i] = &all[min(1+int(ids[i])*stride, len(all)-1)]
	}
	for _, path := range Paths() {
		restore := Use(path)
		one := make([]D, len(rows))
		for i := range rows {
			row := matrix[i*stride:][:l]
			one[i] = c.k.One(q, row)
			if want, tol := c.want(q, row); !c.less(one[i], want, tol) {
				t.Fatalf("%s of %d on %s: got %v, want %v ± %g", c.name, len(q), path, one[i], want, tol)
			}
		}
		for n := range len(rows) + 1 {
			dst := make([]D, n+1)
			var zero D
			same := func(how string, at func(i int) int) {
				t.Helper()
				for i := range n {
					if !c.less(dst[i], one[at(i)], 0) {
						t.Fatalf("%s of %d, %s, row %d of %d, on %s: got %v, alone %v", c.name, len(q), how, i, n, path, dst[i], one[at(i)])
					}
				}
				if !c.less(dst[n], zero, 0) {
					t.Fatalf("%s, %s, wrote beyond its end", c.name, how)
				}
			}
			c.k.Rows(dst[:n], q, matrix, stride)
			same("rows", func(i int) int { return i })
			clear(dst)
			c.k.Gather(dst[:n], q, matrix, stride, ids[:n])
			same("gather", func(i int) int { return int(ids[i]) })
			clear(dst)
			c.k.Ptrs(dst[:n], q, ptrs[:n])
			same("pointers", func(i int) int { return int(ids[i]) })
		}
		if l > 0 {
			Prefetch(matrix, stride, l, ids)
			PrefetchPtrs(ptrs, l)
		}
		restore()
	}
}

func within(got, want float32, tol float64) bool {
	g, w := float64(got), float64(want)
	return g == w || math.IsNaN(g) && math.IsNaN(w) || math.Abs(g-w) <= tol
}

func equal[D comparable](got, want D, _ float64) bool { return got == want }

// floatTwin sums in float64; a sum that is not finite has to be the same.
func floatTwin[R any](name string, k Kernel[float32, R, float32], widen func(R) float32, term func(x, y float64) float64) twin[float32, R, float32] {
	return twin[float32, R, float32]{name, k, func(q []float32, row []R) (float32, float64) {
		sum, mag := 0.0, 0.0
		for i, v := range q {
			x := term(float64(v), float64(widen(row[i])))
			sum += x
			mag += math.Abs(x)
		}
		return float32(sum), float64(len(q)+1)*math.Ldexp(mag, -22) + 1e-37
	}, within}
}

func intTwin[R any](name string, k Kernel[int8, R, int32], term func(q []int8, row []R, i int) int64) twin[int8, R, int32] {
	return twin[int8, R, int32]{name, k, func(q []int8, row []R) (int32, float64) {
		sum := int64(0)
		for i := range q {
			sum += term(q, row, i)
		}
		return int32(sum), 0
	}, equal[int32]}
}

// checkAll holds every kernel to its meaning on vectors of n that next gives.
func checkAll(t *testing.T, n, count int, float func() float32, word func() uint64) {
	t.Helper()
	floats := fill(n, float)
	f32 := func(v float32) float32 { return v }
	rows := func() [][]float32 { return fill(count, func() []float32 { return fill(n, float) }) }
	floatTwin("dot f32", DotF32, f32, product).check(t, floats, rows())
	floatTwin("l2 f32", L2F32, f32, square).check(t, floats, rows())
	halves := func(to func(float32) uint16) [][]uint16 {
		return fill(count, func() []uint16 { return fill(n, func() uint16 { return to(float()) }) })
	}
	floatTwin("dot f16", DotF16, FromF16, product).check(t, floats, halves(ToF16))
	floatTwin("l2 f16", L2F16, FromF16, square).check(t, floats, halves(ToF16))
	floatTwin("dot bf16", DotBF16, FromBF16, product).check(t, floats, halves(ToBF16))
	floatTwin("l2 bf16", L2BF16, FromBF16, square).check(t, floats, halves(ToBF16))

	signed := func() int8 { return int8(word()) }
	bytes := fill(n, signed)
	i8 := fill(count, func() []int8 { return fill(n, signed) })
	u8 := fill(count, func() []uint8 { return fill(n, func() uint8 { return uint8(word()) }) })
	u64 := fill(count, func() []uint64 { return fill(n, word) })
	intTwin("dot i8", DotI8, func(q []int8, r []int8, i int) int64 { return int64(q[i]) * int64(r[i]) }).check(t, bytes, i8)
	intTwin("l2 i8", L2I8, func(q []int8, r []int8, i int) int64 {
		d := int64(q[i]) - int64(r[i])
		return d * d
	}).check(t, bytes, i8)
	intTwin("dot u8", DotU8, func(q []int8, r []uint8, i int) int64 { return int64(q[i]) * int64(r[i]) }).check(t, bytes, u8)
	intTwin("dot u4", DotU4, func(q []int8, r []uint8, i int) int64 {
		return int64(q[i]) * int64(r[i%len(r)]>>(4*(i/len(r)))&15)
	}).check(t, bytes[:n&^1], u8)
	intTwin("dot bits", DotBits, func(q []int8, r []uint64, i int) int64 {
		return int64(q[i]) * int64(r[i/64]>>(i%64)&1)
	}).check(t, bytes, u64)
	twin[uint64, uint64, int32]{"hamming", HammingBits, func(q, row []uint64) (int32, float64) {
		return int32(hammingPlain(q, row)), 0
	}, equal[int32]}.check(t, fill(n, word), u64)
}

func fill[T any](n int, f func() T) []T {
	s := make([]T, n)
	for i := range s {
		s[i] = f()
	}
	return s
}

func TestEveryKernelOnEveryPath(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 4))
	normal := func() float32 { return float32(r.NormFloat64()) }
	for n := range 301 {
		checkAll(t, n, 6, normal, r.Uint64)
	}
	for _, n := range []int{511, 512, 768, 1000, 4097} {
		checkAll(t, n, 19, normal, r.Uint64)
	}
}

// Sums of the largest and smallest bytes, and floats that are not finite.
func TestKernelsAtTheEdges(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	edge := []float32{0, float32(math.Copysign(0, -1)), 1, -1, 65504, 6e-8, float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 1e-45}
	bytes := []uint64{0, math.MaxUint64, 0x8080808080808080, 0x7f7f7f7f7f7f7f7f}
	for _, n := range []int{1, 7, 8, 31, 32, 33, 64, 100, 127, 128, 130, 200, 300} {
		for _, b := range bytes {
			checkAll(t, n, 5, func() float32 { return edge[r.IntN(6)] }, func() uint64 { return b })
		}
		checkAll(t, n, 5, func() float32 { return edge[r.IntN(len(edge))] }, func() uint64 { return bytes[r.IntN(len(bytes))] })
	}
	// 65,536 is the longest vector of an index: the sum still fits.
	a := fill(1<<16, func() int8 { return -128 })
	u := fill(1<<16, func() uint8 { return 255 })
	for _, path := range Paths() {
		restore := Use(path)
		if got := DotI8.One(a, a); got != 1<<30 {
			t.Errorf("%s: %d", path, got)
		}
		if got := DotU8.One(a, u); got != -128*255<<16 {
			t.Errorf("%s: %d", path, got)
		}
		restore()
	}
}

func TestRowsMustLieInside(t *testing.T) {
	m := make([]int8, 40)
	q, dst := make([]int8, 8), make([]int32, 5)
	for name, f := range map[string]func(){
		"rows":          func() { DotI8.Rows(dst, q, m[:39], 8) },
		"stride":        func() { DotI8.Rows(dst, q, m, 7) },
		"id":            func() { DotI8.Gather(dst[:1], q, m, 8, []uint32{5}) },
		"large id":      func() { DotI8.Gather(dst[:1], q, m, 8, []uint32{1 << 31}) },
		"prefetch":      func() { Prefetch(m, 8, 8, []uint32{5}) },
		"lengths":       func() { DotI8.Gather(dst, q, m, 8, []uint32{1}) },
		"one":           func() { DotI8.One(q, m) },
		"odd 4-bit row": func() { DotU4.One(q[:7], make([]uint8, 3)) },
		"pointers":      func() { DotI8.Ptrs(dst, q, nil) },
	} {
		if name == "prefetch" && Path() == "plain" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

// Every half float widens and rounds back to itself; what lies between two goes
// to the nearer, or to the even one.
func TestHalves(t *testing.T) {
	for h := range 1 << 16 {
		v := FromF16(uint16(h))
		back := ToF16(v)
		if v != v {
			if back&0x7c00 != 0x7c00 || back&0x3ff == 0 {
				t.Fatalf("half %#x is NaN, back %#x", h, back)
			}
		} else if back != uint16(h) {
			t.Fatalf("half %#x is %g, back %#x", h, v, back)
		}
		b := FromBF16(uint16(h))
		if back := ToBF16(b); b == b && back != uint16(h) || b != b && FromBF16(back) == FromBF16(back) {
			t.Fatalf("bfloat16 %#x is %g, back %#x", h, b, back)
		}
		next := FromF16(uint16(h + 1))
		if h&0x7fff >= 0x7bff {
			continue
		}
		mid := (v + next) / 2
		even := uint16(h + h&1)
		if got := ToF16(mid); got != even {
			t.Fatalf("the middle of %g and %g is %#x, want %#x", v, next, got, even)
		}
		if got := ToF16(math.Nextafter32(mid, next)); got != uint16(h+1) {
			t.Fatalf("above the middle of %g and %g: %#x", v, next, got)
		}
	}
	for _, c := range []struct {
		v    float32
		want uint16
	}{{65519.99, 0x7bff}, {65520, 0x7c00}, {-1e9, 0xfc00}, {float32(math.Inf(1)), 0x7c00}, {1e-9, 0}, {-1e-9, 0x8000}} {
		if got := ToF16(c.v); got != c.want {
			t.Errorf("ToF16(%g) = %#x, want %#x", c.v, got, c.want)
		}
	}
	if got := ToBF16(math.MaxFloat32); got != 0x7f80 {
		t.Errorf("ToBF16 of the largest float32 = %#x", got)
	}
}

// FuzzMany reads floats of any bits, NaN and infinite ones too, and words.
func FuzzMany(f *testing.F) {
	f.Add([]byte("some bytes that every kernel reads over and over"), uint16(77))
	f.Add([]byte{0xff, 0xff, 0x7f, 0x7f, 0, 0, 0x80, 0xff, 0x80}, uint16(130))
	f.Fuzz(func(t *testing.T, data []byte, n uint16) {
		if len(data) == 0 {
			return
		}
		at := 0
		next := func() uint64 {
			var b [8]byte
			for i := range b {
				b[i] = data[at%len(data)]
				at++
			}
			return binary.LittleEndian.Uint64(b[:])
		}
		checkAll(t, int(n%301), 5, func() float32 {
			v := math.Float32frombits(uint32(next()))
			if v-v != 0 {
				return v
			}
			return tame(math.Float32bits(v))
		}, next)
	})
}

func ExampleKernel_Gather() {
	// Three rows of two bytes, each followed by two that are not compared.
	rows := []int8{1, 2, 99, 99, 3, 4, 99, 99, -5, 6, 99, 99}
	dst := make([]int32, 2)
	DotI8.Gather(dst, []int8{10, 1}, rows, 4, []uint32{2, 0})
	fmt.Println(dst)
	// Output: [-44 12]
}
