package vec

import "math/bits"

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

func dotHalfPlain(q []float32, row []uint16, widen func(uint16) float32) float32 {
	var s [4]float32
	for i, v := range q {
		s[i&3] += v * widen(row[i])
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

func l2HalfPlain(q []float32, row []uint16, widen func(uint16) float32) float32 {
	var s [4]float32
	for i, v := range q {
		d := v - widen(row[i])
		s[i&3] += d * d
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

func l2Int8Plain(a, b []int8) int32 {
	var s int32
	b = b[:len(a)]
	for i, v := range a {
		d := int32(v) - int32(b[i])
		s += d * d
	}
	return s
}

func dotUint8Plain(q []int8, row []uint8) int32 {
	var s int32
	row = row[:len(q)]
	for i, v := range q {
		s += int32(v) * int32(row[i])
	}
	return s
}

func dotUint4Plain(q []int8, row []uint8) int32 {
	var s int32
	lo, hi := q[:len(row)], q[len(row):2*len(row)]
	for i, v := range row {
		s += int32(lo[i])*int32(v&15) + int32(hi[i])*int32(v>>4)
	}
	return s
}

func dotBitsPlain(q []int8, row []uint64) int32 { return dotBitsFrom(q, row, 0) }

// dotBitsFrom is dotBitsPlain without what comes before element from.
func dotBitsFrom(q []int8, row []uint64, from int) int32 {
	var s int32
	for i := from; i < len(q); i++ {
		s += int32(q[i]) & -int32(row[i>>6]>>(i&63)&1)
	}
	return s
}

func rectifyPlain(pos, neg, x, bias []float32, scale, threshold float32) {
	for i, v := range x {
		s := v*scale - bias[i]
		pos[i] += max(0, s-threshold)
		neg[i] += max(0, -s-threshold)
	}
}
