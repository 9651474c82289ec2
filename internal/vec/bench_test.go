package vec

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas/blas32"
)

var sink float32

// BenchmarkDot compares one product of two vectors in cache on both paths and
// in gonum.
func BenchmarkDot(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{64, 128, 768} {
		x, y := random(r, n), random(r, n)
		for _, path := range Paths() {
			restore := Use(path)
			b.Run(fmt.Sprintf("%s/%d", Path(), n), func(b *testing.B) {
				for b.Loop() {
					sink = Dot(x, y)
				}
			})
			restore()
		}
		b.Run(fmt.Sprintf("gonum/%d", n), func(b *testing.B) {
			u, v := blas32.Vector{N: n, Inc: 1, Data: x}, blas32.Vector{N: n, Inc: 1, Data: y}
			for b.Loop() {
				sink = blas32.Dot(u, v)
			}
		})
	}
}

func BenchmarkL2(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	x, y := random(r, 128), random(r, 128)
	for _, path := range Paths() {
		restore := Use(path)
		b.Run(Path(), func(b *testing.B) {
			for b.Loop() {
				sink = L2(x, y)
			}
		})
		restore()
	}
}

// BenchmarkRows reports the time of one row of 128 in a batch, in cache (1 Ki
// rows) and out of it (256 Ki rows, 128 MiB), in a row and far apart.
func BenchmarkRows(b *testing.B) {
	const dim = 128
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{1 << 10, 1 << 18} {
		q, rows := random(r, dim), make([]float32, n*dim)
		for i := range rows {
			rows[i] = float32(i & 15)
		}
		dst := make([]float32, n)
		ptrs := make([]*float32, n)
		for i, j := range r.Perm(n) {
			ptrs[i] = &rows[j*dim]
		}
		b.Run(fmt.Sprintf("contiguous/%d", n), func(b *testing.B) {
			for b.Loop() {
				DotRows(dst, q, rows)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/row")
		})
		b.Run(fmt.Sprintf("scattered/%d", n), func(b *testing.B) {
			for b.Loop() {
				DotPtrs(dst, q, ptrs)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/row")
		})
	}
}

func BenchmarkDotInt8(b *testing.B) {
	x, y := make([]int8, 128), make([]int8, 128)
	for _, path := range Paths() {
		restore := Use(path)
		b.Run(Path(), func(b *testing.B) {
			for b.Loop() {
				sink = float32(DotInt8(x, y))
			}
		})
		restore()
	}
}

func BenchmarkHamming(b *testing.B) {
	x, y := make([]uint64, 16), make([]uint64, 16)
	for _, path := range Paths() {
		restore := Use(path)
		b.Run(Path(), func(b *testing.B) {
			for b.Loop() {
				sink = float32(Hamming(x, y))
			}
		})
		restore()
	}
}

// BenchmarkGather is a walk's step: 32 rows of 128 far apart, of each kind.
func BenchmarkGather(b *testing.B) {
	const n, dim = 1 << 20, 128
	r := rand.New(rand.NewPCG(1, 1))
	ids := make([]uint32, n)
	for i, j := range r.Perm(n) {
		ids[i] = uint32(j)
	}
	benchGather(b, "f32", DotF32, n, dim, ids)
	benchGather(b, "f16", DotF16, n, dim, ids)
	benchGather(b, "bf16", DotBF16, n, dim, ids)
	benchGather(b, "i8", DotI8, n, dim, ids)
	benchGather(b, "l2i8", L2I8, n, dim, ids)
	benchGather(b, "u4", DotU4, n, dim, ids)
	benchGather(b, "bits", DotBits, n, dim, ids)
	benchGather(b, "hamming", HammingBits, n, dim/64, ids)
}

func benchGather[Q, R, D any](b *testing.B, name string, k Kernel[Q, R, D], n, dim int, ids []uint32) {
	const step = 32
	l := k.RowLen(dim)
	rows, q, dst := make([]R, n*l), make([]Q, dim), make([]D, step)
	for i := 0; i < len(rows); i += 512 {
		clear(rows[i:min(i+512, len(rows))])
	}
	for _, near := range []bool{true, false} {
		for _, path := range Paths() {
			restore := Use(path)
			where := "memory"
			if near {
				where = "cache"
			}
			b.Run(name+"/"+where+"/"+path, func(b *testing.B) {
				at := 0
				small := make([]uint32, step)
				for i := range small {
					small[i] = uint32(i)
				}
				for b.Loop() {
					if near {
						k.Gather(dst, q, rows, l, small)
						continue
					}
					k.Gather(dst, q, rows, l, ids[at:at+step])
					at = (at + step) % (n - step)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/step, "ns/row")
			})
			restore()
		}
	}
}
