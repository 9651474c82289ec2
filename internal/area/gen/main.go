// Command gen writes the AVX-512 kernels of package area: kernels_amd64.s and their Go
// declarations. Run it by `go generate ./internal/area`; the output is committed.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64")
	addRows()
	sumColumns()
	Generate()
}

func load(name string) reg.GPVirtual {
	r := GP64()
	Load(Param(name), r)
	return r
}

// addRows emits sums of two rows: bytes become pairs of words, one instruction weighs a pair.
func addRows() {
	TEXT("addRows", 4, "func(acc *uint32, a, b *byte, k uint32, n int, add bool)") // NOSPLIT
	Pragma("noescape")
	Doc("addRows sets acc to a times the low half of k and b times the high half, or adds that; n of each.")
	acc, a, b, n := load("acc"), load("a"), load("b"), load("n")
	k := ZMM()
	kk := GP32()
	Load(Param("k"), kk)
	VPBROADCASTD(kk, k)
	add := GP8()
	Load(Param("add"), add)
	all := K()
	KXNORW(all, all, all)
	keep := K()
	KXORW(keep, keep, keep)
	TESTB(add, add)
	JZ(LabelRef("loop"))
	KXNORW(keep, keep, keep)
	Label("loop")
	CMPQ(n, U8(16))
	JGE(LabelRef("full"))
	TESTQ(n, n)
	JLE(LabelRef("done"))
	m := GP64()
	MOVQ(I32(-1), m)
	BZHIQ(n, m, m)
	KMOVW(m.As32(), all)
	KANDW(all, keep, keep)
	Label("full")
	x, y, s := ZMM(), ZMM(), ZMM()
	VPMOVZXBD_Z(Mem{Base: a}, all, x)
	VPMOVZXBD_Z(Mem{Base: b}, all, y)
	VMOVDQU32_Z(Mem{Base: acc}, keep, s)
	VPSLLD(U8(16), y, y)
	VPORD(y, x, x)
	VPMADDWD(k, x, x)
	VPADDD(s, x, x)
	VMOVDQU32(x, all, Mem{Base: acc})
	ADDQ(U8(16), a)
	ADDQ(U8(16), b)
	ADDQ(U8(64), acc)
	SUBQ(U8(16), n)
	JMP(LabelRef("loop"))
	Label("done")
	VZEROUPPER()
	RET()
}

// sumColumns emits one group of outputs: places are picked out of 32 sums.
func sumColumns() {
	TEXT("sumColumns", 4, "func(dst *byte, acc, perm, weight *uint32, taps int, mask uint32)")
	Pragma("noescape")
	Doc("sumColumns makes the outputs that mask names of the 32 sums at acc: for each tap 16 places and weights.")
	dst, acc, perm, weight, taps := load("dst"), load("acc"), load("perm"), load("weight"), load("taps")
	lo, hi, sum := ZMM(), ZMM(), ZMM()
	VMOVDQU32(Mem{Base: acc}, lo)
	VMOVDQU32(Mem{Base: acc, Disp: 64}, hi)
	half := GP32()
	MOVL(U32(1<<22), half) // 1 << (rowBits + colBits - 1)
	VPBROADCASTD(half, sum)
	Label("tap")
	p := ZMM()
	VMOVDQU32(Mem{Base: perm}, p)
	VPERMI2D(hi, lo, p)
	VPMULLD(Mem{Base: weight}, p, p)
	VPADDD(p, sum, sum)
	ADDQ(U8(64), perm)
	ADDQ(U8(64), weight)
	DECQ(taps)
	JNZ(LabelRef("tap"))
	VPSRLD(U8(23), sum, sum)
	m := K()
	mm := GP32()
	Load(Param("mask"), mm)
	KMOVW(mm, m)
	VPMOVDB(sum, m, Mem{Base: dst})
	VZEROUPPER()
	RET()
}
