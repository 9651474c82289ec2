package vec

import "math"

// Dot returns the inner product Σ a[i]·b[i] of two vectors of one length.
func Dot(a, b []float32) float32 {
	same(len(a), len(b))
	if fast && len(a) > 0 {
		return dotAVX2(&a[0], &b[0], len(a))
	}
	return dotPlain(a, b)
}

// L2 returns the squared Euclidean distance Σ (a[i]-b[i])² of two vectors of
// one length.
func L2(a, b []float32) float32 {
	same(len(a), len(b))
	if fast && len(a) > 0 {
		return l2AVX2(&a[0], &b[0], len(a))
	}
	return l2Plain(a, b)
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

// DotRows writes into dst[i] the inner product of q with row i of rows, a
// row-major matrix of len(dst) × len(q).
func DotRows(dst, q, rows []float32) {
	same(len(rows), len(dst)*len(q))
	if fast && len(rows) > 0 {
		dotRowsAVX2(&dst[0], &q[0], len(q), &rows[0], len(dst))
		return
	}
	rowsPlain(dst, q, rows, dotPlain)
}

// L2Rows is DotRows for the squared Euclidean distance.
func L2Rows(dst, q, rows []float32) {
	same(len(rows), len(dst)*len(q))
	if fast && len(rows) > 0 {
		l2RowsAVX2(&dst[0], &q[0], len(q), &rows[0], len(dst))
		return
	}
	rowsPlain(dst, q, rows, l2Plain)
}

// DotPtrs writes into dst[i] the inner product of q with the row that rows[i]
// points at; each points at len(q) floats. It asks for rows from memory some
// way ahead of their use, for rows that lie far apart.
func DotPtrs(dst, q []float32, rows []*float32) {
	same(len(rows), len(dst))
	if fast && len(rows) > 0 && len(q) > 0 {
		dotPtrsAVX2(&dst[0], &q[0], len(q), &rows[0], len(rows))
		return
	}
	pointersPlain(dst, q, rows, dotPlain)
}

// L2Ptrs is DotPtrs for the squared Euclidean distance.
func L2Ptrs(dst, q []float32, rows []*float32) {
	same(len(rows), len(dst))
	if fast && len(rows) > 0 && len(q) > 0 {
		l2PtrsAVX2(&dst[0], &q[0], len(q), &rows[0], len(rows))
		return
	}
	pointersPlain(dst, q, rows, l2Plain)
}

// DotInt8 returns the exact inner product of two vectors of bytes, which fits
// 32 bits up to a length of 131,071.
func DotInt8(a, b []int8) int32 {
	same(len(a), len(b))
	n := len(a) &^ 15
	if !fast || n == 0 {
		return dotInt8Plain(a, b)
	}
	return dotInt8AVX2(&a[0], &b[0], n) + dotInt8Plain(a[n:], b[n:])
}

// Hamming returns the number of bits that differ between a and b.
func Hamming(a, b []uint64) int {
	same(len(a), len(b))
	if fast && len(a) > 0 {
		return hammingPOPCNT(&a[0], &b[0], len(a))
	}
	return hammingPlain(a, b)
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
