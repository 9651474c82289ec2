// Command gen writes the AVX-512 kernels of package jpeg: kernels_amd64.s and its Go
// declarations. Run it by `go generate ./internal/jpeg`; the output is committed.
package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

type vec = reg.VecVirtual

func main() {
	ConstraintExpr("amd64")
	constants()
	inverse()
	halved()
	forward()
	Generate()
}

// The numbers of both transforms; each is broadcast from memory.
var numbers = []float64{
	math.Sqrt2, 1.847759065022573, 1.082392200292394, 2.613125929752753, 128.5,
	1024, math.Sqrt2 / 2, 0.3826834323650898, 0.541196100146197, 1.3065629648763766,
	0.9238795325112867, 0.3826834323650898,
}

const (
	sqrt2 = 4 * iota
	twoC2
	c2lessC6
	c2andC6
	half
	shift
	sqrtHalf
	c6
	c2lessC6half
	c2andC6half
	cos1
	cos3
)

var table, order Mem

func constants() {
	table = GLOBL("numbers", 8|16) // RODATA|NOPTR
	for i, v := range numbers {
		DATA(4*i, F32(float32(v)))
	}
	order = GLOBL("zigzagWords", 8|16)
	u, v := 0, 0
	for k := range 64 {
		DATA(2*k, U16(8*u+v))
		switch {
		case (u+v)%2 == 0 && u == 7:
			v++
		case (u+v)%2 == 0 && v == 0:
			u++
		case (u+v)%2 == 0:
			u, v = u+1, v-1
		case v == 7:
			u++
		case u == 0:
			v++
		default:
			u, v = u-1, v+1
		}
	}
}

func load(name string) reg.GPVirtual {
	r := GP64()
	Load(Param(name), r)
	return r
}

func number(disp int) Mem { return table.Offset(disp) }

func constant(disp int) vec {
	r := YMM()
	VBROADCASTSS(number(disp), r)
	return r
}

func add(a, b vec) vec { r := YMM(); VADDPS(b, a, r); return r }
func sub(a, b vec) vec { r := YMM(); VSUBPS(b, a, r); return r } // a - b
func mul(a, b vec) vec { r := YMM(); VMULPS(b, a, r); return r }

// transpose turns 8 x 8 floats.
func transpose(x [8]vec) (out [8]vec) {
	var t, s [8]vec
	for i := 0; i < 8; i += 2 {
		t[i], t[i+1] = YMM(), YMM()
		VUNPCKLPS(x[i+1], x[i], t[i])
		VUNPCKHPS(x[i+1], x[i], t[i+1])
	}
	for i := 0; i < 8; i += 4 {
		for j := range 2 {
			s[i+2*j], s[i+2*j+1] = YMM(), YMM()
			VUNPCKLPD(t[i+2+j], t[i+j], s[i+2*j])
			VUNPCKHPD(t[i+2+j], t[i+j], s[i+2*j+1])
		}
	}
	for i := range 4 {
		out[i], out[i+4] = YMM(), YMM()
		VPERM2F128(U8(0x20), s[i+4], s[i], out[i])
		VPERM2F128(U8(0x31), s[i+4], s[i], out[i+4])
	}
	return out
}

// inverse emits the inverse transform of a block: see idctPlain, operation by operation.
func inverse() {
	TEXT("idct8", 4, "func(b *[64]int16, scale *[64]float32, dst *byte, stride int)") // NOSPLIT
	Pragma("noescape")
	Doc("idct8 is idctPlain; 8 rows of 8 bytes at dst, stride apart, are written.")
	b, scale, dst, stride := load("b"), load("scale"), load("dst"), load("stride")
	root, z5by, z12by, z10by := constant(sqrt2), constant(twoC2), constant(c2lessC6), constant(c2andC6)
	var x [8]vec
	for i := range x {
		x[i] = YMM()
		VPMOVSXWD(Mem{Base: b, Disp: 16 * i}, x[i])
		VCVTDQ2PS(x[i], x[i])
		VMULPS(Mem{Base: scale, Disp: 32 * i}, x[i], x[i])
	}
	pass := func(x [8]vec) (o [8]vec) {
		a, b := add(x[0], x[4]), sub(x[0], x[4])
		c := add(x[2], x[6])
		d := sub(mul(sub(x[2], x[6]), root), c)
		e0, e3, e1, e2 := add(a, c), sub(a, c), add(b, d), sub(b, d)
		z13, z10, z11, z12 := add(x[5], x[3]), sub(x[5], x[3]), add(x[1], x[7]), sub(x[1], x[7])
		o7 := add(z11, z13)
		z5 := mul(add(z10, z12), z5by)
		o6 := sub(sub(z5, mul(z10, z10by)), o7)
		o5 := sub(mul(sub(z11, z13), root), o6)
		o4 := sub(sub(z5, mul(z12, z12by)), o5)
		o[0], o[7] = add(e0, o7), sub(e0, o7)
		o[1], o[6] = add(e1, o6), sub(e1, o6)
		o[2], o[5] = add(e2, o5), sub(e2, o5)
		o[3], o[4] = add(e3, o4), sub(e3, o4)
		return o
	}
	x = pass(transpose(pass(x)))
	zero := YMM()
	VPXOR(zero, zero, zero)
	r := constant(half)
	for i := range x {
		v := add(x[i], r)
		VCVTTPS2DQ(v, v)
		VPMAXSD(zero, v, v)
		VPMOVUSDB(v, Mem{Base: dst})
		if i < 7 {
			ADDQ(stride, dst)
		}
	}
	VZEROUPPER()
	RET()
}

// halved emits the inverse transform at half the size: see half, operation by operation.
func halved() {
	TEXT("half4", 4, "func(b *[64]int16, scale *[64]float32, dst *byte, stride int)")
	Pragma("noescape")
	Doc("half4 is halfPlain; 4 rows of 4 bytes at dst, stride apart, are written.")
	b, scale, dst, stride := load("b"), load("scale"), load("dst"), load("stride")
	var x [8]vec
	for i := range x {
		if i == 4 { // folds away
			continue
		}
		x[i] = YMM()
		VPMOVSXWD(Mem{Base: b, Disp: 16 * i}, x[i])
		VCVTDQ2PS(x[i], x[i])
		VMULPS(Mem{Base: scale, Disp: 32 * i}, x[i], x[i])
	}
	c1, c3 := constant(cos1), constant(cos3)
	four := func(z0, z1, z2, z3 vec) [4]vec {
		e0, e1 := add(z0, z2), sub(z0, z2)
		o0, o1 := add(mul(z1, c1), mul(z3, c3)), sub(mul(z1, c3), mul(z3, c1))
		return [4]vec{add(e0, o0), add(e1, o1), sub(e1, o1), sub(e0, o0)}
	}
	r := four(x[0], sub(x[1], x[7]), sub(x[2], x[6]), sub(x[3], x[5]))
	// Four rows of eight become eight rows of four: low and high half are four rows apart.
	var t, s [4]vec
	for i := range 2 {
		t[2*i], t[2*i+1] = YMM(), YMM()
		VUNPCKLPS(r[2*i+1], r[2*i], t[2*i])
		VUNPCKHPS(r[2*i+1], r[2*i], t[2*i+1])
	}
	for i := range 2 {
		s[2*i], s[2*i+1] = YMM(), YMM()
		VUNPCKLPD(t[i+2], t[i], s[2*i])
		VUNPCKHPD(t[i+2], t[i], s[2*i+1])
	}
	upper := func(v vec) vec { // the other half is not used
		h := YMM()
		VPERM2F128(U8(0x11), v, v, h)
		return h
	}
	y := four(s[0], sub(s[1], upper(s[3])), sub(s[2], upper(s[2])), sub(s[3], upper(s[1])))
	zero, round := YMM(), constant(half)
	VPXOR(zero, zero, zero)
	for i := range y {
		v := add(y[i], round)
		VCVTTPS2DQ(v, v)
		VPMAXSD(zero, v, v)
		VPMOVUSDB(v.AsX(), Mem{Base: dst})
		if i < 3 {
			ADDQ(stride, dst)
		}
	}
	VZEROUPPER()
	RET()
}

// forward emits the transform and quantization of a block: see fdctPlain.
func forward() {
	TEXT("fdct8", 4, "func(src *byte, stride int, scale *[64]float32, out *[64]int16) uint64")
	Pragma("noescape")
	Doc("fdct8 is fdctPlain; 8 rows of 8 bytes at src, stride apart, are read.")
	src, stride, scale, out := load("src"), load("stride"), load("scale"), load("out")
	var x [8]vec
	for i := range x {
		x[i] = YMM()
		VPMOVZXBD(Mem{Base: src}, x[i])
		VCVTDQ2PS(x[i], x[i])
		if i < 7 {
			ADDQ(stride, src)
		}
	}
	root, z5by, z2by, z4by := constant(sqrtHalf), constant(c6), constant(c2lessC6half), constant(c2andC6half)
	pass := func(x [8]vec) (o [8]vec) {
		t0, t7, t1, t6 := add(x[0], x[7]), sub(x[0], x[7]), add(x[1], x[6]), sub(x[1], x[6])
		t2, t5, t3, t4 := add(x[2], x[5]), sub(x[2], x[5]), add(x[3], x[4]), sub(x[3], x[4])
		a0, a3, a1, a2 := add(t0, t3), sub(t0, t3), add(t1, t2), sub(t1, t2)
		o[0], o[4] = add(a0, a1), sub(a0, a1)
		z1 := mul(add(a2, a3), root)
		o[2], o[6] = add(a3, z1), sub(a3, z1)
		b0, b1, b2 := add(t4, t5), add(t5, t6), add(t6, t7)
		z5 := mul(sub(b0, b2), z5by)
		z2 := add(mul(b0, z2by), z5)
		z4 := add(mul(b2, z4by), z5)
		z3 := mul(b1, root)
		z11, z13 := add(t7, z3), sub(t7, z3)
		o[5], o[3] = add(z13, z2), sub(z13, z2)
		o[1], o[7] = add(z11, z4), sub(z11, z4)
		return o
	}
	x = pass(x)
	x[0] = sub(x[0], constant(shift))
	x = pass(transpose(x))
	// Words in pairs of columns, four pairs in two registers, then in the order of files.
	var q [4]vec
	for i := range q {
		a, b := YMM(), YMM()
		VMULPS(Mem{Base: scale, Disp: 64 * i}, x[2*i], a)
		VMULPS(Mem{Base: scale, Disp: 64*i + 32}, x[2*i+1], b)
		VCVTPS2DQ(a, a)
		VCVTPS2DQ(b, b)
		q[i] = YMM()
		VPACKSSDW(b, a, q[i]) // a0-3 b0-3 a4-7 b4-7
		VPERMQ(U8(0xd8), q[i], q[i])
	}
	lo, hi := ZMM(), ZMM()
	VINSERTI64X4(U8(1), q[1], q[0].AsZ(), lo)
	VINSERTI64X4(U8(1), q[3], q[2].AsZ(), hi)
	i0, i1 := ZMM(), ZMM()
	VMOVDQU16(order, i0)
	VMOVDQU16(order.Offset(64), i1)
	VPERMI2W(hi, lo, i0)
	VPERMI2W(hi, lo, i1)
	VMOVDQU16(i0, Mem{Base: out})
	VMOVDQU16(i1, Mem{Base: out, Disp: 64})
	k0, k1 := K(), K()
	VPTESTMW(i0, i0, k0)
	VPTESTMW(i1, i1, k1)
	KUNPCKDQ(k0, k1, k1)
	m := GP64()
	KMOVQ(k1, m)
	Store(m, ReturnIndex(0))
	VZEROUPPER()
	RET()
}
