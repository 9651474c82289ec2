package vec

import (
	"math/bits"
	"unsafe"
)

// The twins: what each kernel means, in plain Go. Four partial sums hide the
// latency of an addition; they are joined as (s0+s1)+(s2+s3).

func dotPlain(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		x, y := a[i:i+4:i+4], b[i:i+4:i+4]
		s0 += x[0] * y[0]
		s1 += x[1] * y[1]
		s2 += x[2] * y[2]
		s3 += x[3] * y[3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return (s0 + s1) + (s2 + s3)
}

func l2Plain(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		x, y := a[i:i+4:i+4], b[i:i+4:i+4]
		d0, d1, d2, d3 := x[0]-y[0], x[1]-y[1], x[2]-y[2], x[3]-y[3]
		s0 += d0 * d0
		s1 += d1 * d1
		s2 += d2 * d2
		s3 += d3 * d3
	}
	for ; i < len(a); i++ {
		d := a[i] - b[i]
		s0 += d * d
	}
	return (s0 + s1) + (s2 + s3)
}

func rowsPlain(dst, q, rows []float32, f func(a, b []float32) float32) {
	for i := range dst {
		dst[i] = f(q, rows[i*len(q):(i+1)*len(q)])
	}
}

func pointersPlain(dst, q []float32, rows []*float32, f func(a, b []float32) float32) {
	for i, p := range rows {
		dst[i] = f(q, unsafe.Slice(p, len(q)))
	}
}

func axpyPlain(a float32, x, y []float32) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += a * v
	}
}

func dotInt8Plain(a, b []int8) int32 {
	var s int32
	b = b[:len(a)]
	for i, v := range a {
		s += int32(v) * int32(b[i])
	}
	return s
}

func hammingPlain(a, b []uint64) int {
	n := 0
	b = b[:len(a)]
	for i, v := range a {
		n += bits.OnesCount64(v ^ b[i])
	}
	return n
}
