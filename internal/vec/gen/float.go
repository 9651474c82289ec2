package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lanes is the number of float32 in one YMM register, accs the number of
// registers that one sum is spread over: the latency of an FMA is 4 cycles and
// two start in each, so that 8 sums keep the units busy: 4 for each of 2 rows.
const (
	lanes = 8
	accs  = 4
	step  = lanes * accs
)

type metric struct {
	name string
	what string
	// add emits acc += f(q, mem).
	add func(q reg.VecVirtual, mem Op, acc reg.VecVirtual)
}

var dot = metric{"dot", "inner product", func(q reg.VecVirtual, mem Op, acc reg.VecVirtual) {
	VFMADD231PS(mem, q, acc)
}}

var l2 = metric{"l2", "squared Euclidean distance", func(q reg.VecVirtual, mem Op, acc reg.VecVirtual) {
	d := YMM()
	VSUBPS(mem, q, d)
	VFMADD231PS(d, d, acc)
}}

var masks Mem

// tailMask holds 8 words of ones and 8 of zeros. Eight words from word 8-r
// select the first r lanes of a masked load, which never touches the rest.
func tailMask() {
	masks = GLOBL("tailMask", 8|16) // RODATA|NOPTR
	for i := range 16 {
		v := uint32(0)
		if i < lanes {
			v = 0xffffffff
		}
		DATA(4*i, U32(v))
	}
}

// loadMask returns the mask of the first r lanes, r in 1..7.
func loadMask(r reg.GPVirtual) reg.VecVirtual {
	base, m := GP64(), YMM()
	LEAQ(masks, base)
	off := GP64()
	MOVQ(U32(lanes), off)
	SUBQ(r, off)
	VMOVDQU(Mem{Base: base, Index: off, Scale: 4}, m)
	return m
}

// sums emits the sum over n lanes of f(q, row) for each row and leaves it in
// lane 0 of an XMM register for each. Whatever the number of rows, one row is
// summed in the same order: Dot, DotRows and DotPtrs agree to the bit.
func sums(label string, m metric, q reg.GPVirtual, n reg.GPVirtual, rows ...reg.GPVirtual) []reg.VecVirtual {
	acc := make([][]reg.VecVirtual, len(rows))
	for r := range rows {
		for range accs {
			y := YMM()
			VXORPS(y, y, y)
			acc[r] = append(acc[r], y)
		}
	}
	i, left := GP64(), GP64()
	XORQ(i, i)
	MOVQ(n, left)
	// block handles k registers of lanes, into sums first, first+1, ...
	block := func(first, k int) {
		for j := range k {
			y := YMM()
			VMOVUPS(Mem{Base: q, Index: i, Scale: 4, Disp: 4 * lanes * j}, y)
			for r, row := range rows {
				m.add(y, Mem{Base: row, Index: i, Scale: 4, Disp: 4 * lanes * j}, acc[r][first+j])
			}
		}
	}
	Label(label + "loop")
	CMPQ(left, U32(step))
	JL(LabelRef(label + "tail16"))
	block(0, accs)
	ADDQ(U32(step), i)
	SUBQ(U32(step), left)
	JMP(LabelRef(label + "loop"))

	Label(label + "tail16")
	CMPQ(left, U32(16))
	JL(LabelRef(label + "tail8"))
	block(0, 2)
	ADDQ(U32(16), i)
	SUBQ(U32(16), left)

	Label(label + "tail8")
	CMPQ(left, U32(8))
	JL(LabelRef(label + "tail"))
	block(2, 1)
	ADDQ(U32(8), i)
	SUBQ(U32(8), left)

	Label(label + "tail")
	CMPQ(left, U32(0))
	JE(LabelRef(label + "reduce"))
	mask := loadMask(left)
	y := YMM()
	VMASKMOVPS(Mem{Base: q, Index: i, Scale: 4}, mask, y)
	for r, row := range rows {
		x := YMM()
		VMASKMOVPS(Mem{Base: row, Index: i, Scale: 4}, mask, x)
		m.add(y, x, acc[r][3])
	}

	Label(label + "reduce")
	out := make([]reg.VecVirtual, len(rows))
	for r := range rows {
		a := acc[r]
		VADDPS(a[1], a[0], a[0])
		VADDPS(a[3], a[2], a[2])
		VADDPS(a[2], a[0], a[0])
		hi, lo := XMM(), XMM()
		VEXTRACTF128(U8(1), a[0], hi)
		VEXTRACTF128(U8(0), a[0], lo)
		VADDPS(hi, lo, lo)
		VHADDPS(lo, lo, lo)
		VHADDPS(lo, lo, lo)
		out[r] = lo
	}
	return out
}

func load(name string) reg.GPVirtual {
	r := GP64()
	Load(Param(name), r)
	return r
}

func pair(m metric) {
	TEXT(m.name+"AVX2", 4, "func(a, b *float32, n int) float32") // NOSPLIT
	Pragma("noescape")
	Doc(m.name + "AVX2 returns the " + m.what + " of n floats.")
	a, b, n := load("a"), load("b"), load("n")
	s := sums("", m, a, n, b)
	VZEROUPPER()
	Store(s[0], ReturnIndex(0))
	RET()
}

func rows(m metric) {
	TEXT(m.name+"RowsAVX2", 4, "func(dst, q *float32, n int, rows *float32, count int)")
	Pragma("noescape")
	Doc(m.name + "RowsAVX2 writes the " + m.what + " of q with each of count rows of n floats that follow one another.")
	dst, q, n, row, count := load("dst"), load("q"), load("n"), load("rows"), load("count")
	bytes := GP64()
	MOVQ(n, bytes)
	SHLQ(U8(2), bytes)

	Label("two")
	CMPQ(count, U32(2))
	JL(LabelRef("one"))
	row1 := GP64()
	LEAQ(Mem{Base: row, Index: bytes, Scale: 1}, row1)
	s := sums("two_", m, q, n, row, row1)
	VMOVSS(s[0], Mem{Base: dst})
	VMOVSS(s[1], Mem{Base: dst, Disp: 4})
	ADDQ(U32(8), dst)
	LEAQ(Mem{Base: row, Index: bytes, Scale: 2}, row)
	SUBQ(U32(2), count)
	JMP(LabelRef("two"))

	Label("one")
	CMPQ(count, U32(0))
	JE(LabelRef("done"))
	s = sums("one_", m, q, n, row)
	VMOVSS(s[0], Mem{Base: dst})
	Label("done")
	VZEROUPPER()
	RET()
}

// ahead is how many rows ahead of the sum pointers() asks for cache lines.
const ahead = 4

func pointers(m metric) {
	TEXT(m.name+"PtrsAVX2", 4, "func(dst, q *float32, n int, rows **float32, count int)")
	Pragma("noescape")
	Doc(m.name + "PtrsAVX2 writes the " + m.what + " of q with each of count rows of n floats, wherever they lie.")
	dst, q, n, row, count := load("dst"), load("q"), load("n"), load("rows"), load("count")

	Label("two")
	CMPQ(count, U32(2))
	JL(LabelRef("one"))
	CMPQ(count, U32(ahead+2))
	JL(LabelRef("near"))
	p0, p1, end := GP64(), GP64(), GP64()
	MOVQ(Mem{Base: row, Disp: 8 * ahead}, p0)
	MOVQ(Mem{Base: row, Disp: 8*ahead + 8}, p1)
	LEAQ(Mem{Base: p0, Index: n, Scale: 4}, end)
	Label("ask")
	PREFETCHT0(Mem{Base: p0})
	PREFETCHT0(Mem{Base: p1})
	ADDQ(U32(64), p0)
	ADDQ(U32(64), p1)
	CMPQ(p0, end)
	JL(LabelRef("ask"))

	Label("near")
	row0, row1 := GP64(), GP64()
	MOVQ(Mem{Base: row}, row0)
	MOVQ(Mem{Base: row, Disp: 8}, row1)
	s := sums("two_", m, q, n, row0, row1)
	VMOVSS(s[0], Mem{Base: dst})
	VMOVSS(s[1], Mem{Base: dst, Disp: 4})
	ADDQ(U32(8), dst)
	ADDQ(U32(16), row)
	SUBQ(U32(2), count)
	JMP(LabelRef("two"))

	Label("one")
	CMPQ(count, U32(0))
	JE(LabelRef("done"))
	last := GP64()
	MOVQ(Mem{Base: row}, last)
	s = sums("one_", m, q, n, last)
	VMOVSS(s[0], Mem{Base: dst})
	Label("done")
	VZEROUPPER()
	RET()
}

func axpy() {
	TEXT("axpyAVX2", 4, "func(a float32, x, y *float32, n int)")
	Pragma("noescape")
	Doc("axpyAVX2 adds a times x to y, n floats.")
	a := YMM()
	p, err := Param("a").Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(p.Addr, a)
	x, y, n := load("x"), load("y"), load("n")
	i := GP64()
	XORQ(i, i)
	block := func(k int) {
		v := make([]reg.VecVirtual, k)
		for j := range k {
			v[j] = YMM()
			VMOVUPS(Mem{Base: y, Index: i, Scale: 4, Disp: 4 * lanes * j}, v[j])
			VFMADD231PS(Mem{Base: x, Index: i, Scale: 4, Disp: 4 * lanes * j}, a, v[j])
		}
		for j := range k {
			VMOVUPS(v[j], Mem{Base: y, Index: i, Scale: 4, Disp: 4 * lanes * j})
		}
		ADDQ(U32(lanes*k), i)
		SUBQ(U32(lanes*k), n)
	}
	Label("loop")
	CMPQ(n, U32(step))
	JL(LabelRef("eight"))
	block(accs)
	JMP(LabelRef("loop"))
	Label("eight")
	CMPQ(n, U32(lanes))
	JL(LabelRef("tail"))
	block(1)
	JMP(LabelRef("eight"))
	Label("tail")
	CMPQ(n, U32(0))
	JE(LabelRef("done"))
	mask := loadMask(n)
	vx, vy := YMM(), YMM()
	VMASKMOVPS(Mem{Base: x, Index: i, Scale: 4}, mask, vx)
	VMASKMOVPS(Mem{Base: y, Index: i, Scale: 4}, mask, vy)
	VFMADD231PS(vx, a, vy)
	VMASKMOVPS(vy, mask, Mem{Base: y, Index: i, Scale: 4})
	Label("done")
	VZEROUPPER()
	RET()
}

func rectify() {
	TEXT("rectifyAVX2", 4, "func(pos, neg, x, bias *float32, scale, threshold float32, n int)")
	Pragma("noescape")
	Doc("rectifyAVX2 adds to pos and neg what x, scaled and less its bias, exceeds the threshold by on either side; n is a multiple of 8.")
	broadcast := func(name string) reg.VecVirtual {
		p, err := Param(name).Resolve()
		if err != nil {
			panic(err)
		}
		v := YMM()
		VBROADCASTSS(p.Addr, v)
		return v
	}
	pos, neg, x, bias, n := load("pos"), load("neg"), load("x"), load("bias"), load("n")
	scale, threshold, zero, below := broadcast("scale"), broadcast("threshold"), YMM(), YMM()
	VXORPS(zero, zero, zero)
	VSUBPS(threshold, zero, below)
	i := GP64()
	XORQ(i, i)
	Label("loop")
	CMPQ(i, n)
	JGE(LabelRef("done"))
	at := func(p reg.Register) Mem { return Mem{Base: p, Index: i, Scale: 4} }
	s, b, up, down := YMM(), YMM(), YMM(), YMM()
	VMOVUPS(at(x), s)
	VMOVUPS(at(bias), b)
	VFMSUB132PS(scale, b, s)
	VSUBPS(threshold, s, up)
	VSUBPS(s, below, down)
	VMAXPS(zero, up, up)
	VMAXPS(zero, down, down)
	VADDPS(at(pos), up, up)
	VADDPS(at(neg), down, down)
	VMOVUPS(up, at(pos))
	VMOVUPS(down, at(neg))
	ADDQ(U32(lanes), i)
	JMP(LabelRef("loop"))
	Label("done")
	VZEROUPPER()
	RET()
}
