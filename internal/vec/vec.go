package vec

import (
	"math"
	"unsafe"
)

// Dot returns the inner product Σ a[i]·b[i] of two vectors of one length.
func Dot(a, b []float32) float32 {
	same(len(a), len(b))
	switch {
	case len(a) == 0 || !fast:
		return dotPlain(a, b)
	case wide:
		return dotF32.one(a, b)
	}
	return dotAVX2(&a[0], &b[0], len(a))
}

// L2 returns the squared Euclidean distance Σ (a[i]-b[i])² of two vectors of
// one length.
func L2(a, b []float32) float32 {
	same(len(a), len(b))
	switch {
	case len(a) == 0 || !fast:
		return l2Plain(a, b)
	case wide:
		return l2F32.one(a, b)
	}
	return l2AVX2(&a[0], &b[0], len(a))
}

// Norm returns the Euclidean length of a.
func Norm(a []float32) float32 { return float32(math.Sqrt(float64(Dot(a, a)))) }

// Cosine returns the cosine of the angle between a and b, 0 when either is zero.
func Cosine(a, b []float32) float32 {
	d := math.Sqrt(float64(Dot(a, a)) * float64(Dot(b, b)))
	if d == 0 {
		return 0
	}
	return float32(float64(Dot(a, b)) / d)
}

// Normalize scales a to length 1 in place and reports whether it could: a zero
// vector, or one whose length is not finite, stays as it is. So does one whose
// squared length is 1 within 2⁻²⁰: what was normalized once keeps its bits.
func Normalize(a []float32) bool {
	s := float64(Dot(a, a))
	if math.Abs(s-1) < 1.0/(1<<20) {
		return true
	}
	if s < 1e-30 || math.IsInf(s, 0) || math.IsNaN(s) {
		return normalizeWide(a)
	}
	Scale(float32(1/math.Sqrt(s)), a)
	return true
}

// normalizeWide is Normalize for lengths whose square leaves float32.
func normalizeWide(a []float32) bool {
	s := 0.0
	for _, v := range a {
		s += float64(v) * float64(v)
	}
	if s == 0 || math.IsInf(s, 0) || math.IsNaN(s) {
		return false
	}
	f := 1 / math.Sqrt(s)
	for i, v := range a {
		a[i] = float32(float64(v) * f)
	}
	return true
}

// Scale multiplies x by a in place. It is exact: one rounding for each element.
func Scale(a float32, x []float32) {
	for i := range x {
		x[i] *= a
	}
}

// Axpy adds a·x to y, element by element; x and y have one length.
func Axpy(a float32, x, y []float32) {
	same(len(x), len(y))
	if fast && len(x) > 0 {
		axpyAVX2(a, &x[0], &y[0], len(x))
		return
	}
	axpyPlain(a, x, y)
}

// Rectify adds, element by element, what s = scale·x - bias exceeds the threshold
// by: max(0, s-threshold) to pos and max(0, -s-threshold) to neg. All have one
// length.
func Rectify(pos, neg, x, bias []float32, scale, threshold float32) {
	same(len(pos), len(x))
	same(len(neg), len(x))
	same(len(bias), len(x))
	n := len(x) &^ 7
	if !fast || n == 0 {
		rectifyPlain(pos, neg, x, bias, scale, threshold)
		return
	}
	rectifyAVX2(&pos[0], &neg[0], &x[0], &bias[0], scale, threshold, n)
	rectifyPlain(pos[n:], neg[n:], x[n:], bias[n:], scale, threshold)
}

// The functions of float32 are not written by Kernel: the arguments of a generic
// method escape to the heap where another package calls it (Go 1.26), and their
// callers keep some on the stack.

// DotRows writes into dst[i] the inner product of q with row i of rows, a
// row-major matrix of len(dst) × len(q).
func DotRows(dst, q, rows []float32) { dotF32.rows(dst, q, rows) }

// L2Rows is DotRows for the squared Euclidean distance.
func L2Rows(dst, q, rows []float32) { l2F32.rows(dst, q, rows) }

// DotPtrs writes into dst[i] the inner product of q with the row that rows[i]
// points at; each points at len(q) floats. It asks for rows from memory some
// way ahead of their use, for rows that lie far apart.
func DotPtrs(dst, q []float32, rows []*float32) { dotF32.ptrs(dst, q, rows) }

// L2Ptrs is DotPtrs for the squared Euclidean distance.
func L2Ptrs(dst, q []float32, rows []*float32) { l2F32.ptrs(dst, q, rows) }

func (k kind) one(a, b []float32) float32 {
	var d float32
	k.many(unsafe.Pointer(&d), unsafe.Pointer(&a[0]), len(a), unsafe.Pointer(&b[0]), 0, nil, howRows, 1)
	return d
}

func (k kind) rows(dst, q, rows []float32) {
	same(len(rows), len(dst)*len(q))
	if len(rows) == 0 {
		clear(dst)
		return
	}
	k.many(unsafe.Pointer(&dst[0]), unsafe.Pointer(&q[0]), len(q), unsafe.Pointer(&rows[0]), 4*len(q), nil, howRows, len(dst))
}

func (k kind) ptrs(dst, q []float32, rows []*float32) {
	same(len(rows), len(dst))
	if len(rows) == 0 || len(q) == 0 {
		clear(dst)
		return
	}
	k.many(unsafe.Pointer(&dst[0]), unsafe.Pointer(&q[0]), len(q), nil, 0, unsafe.Pointer(&rows[0]), howPtrs, len(rows))
}

// DotInt8 returns the exact inner product of two vectors of bytes, which fits
// 32 bits up to a length of 131,071.
func DotInt8(a, b []int8) int32 { return DotI8.One(a, b) }

// Hamming returns the number of bits that differ between a and b.
func Hamming(a, b []uint64) int {
	same(len(a), len(b))
	return int(HammingBits.One(a, b))
}

// Finite reports whether no element is NaN or infinite.
func Finite(a []float32) bool {
	const exponent = 0x7f800000
	for _, v := range a {
		if math.Float32bits(v)&exponent == exponent {
			return false
		}
	}
	return true
}

func same(a, b int) {
	if a != b {
		panic("vec: lengths differ")
	}
}
