package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// dotInt8 widens 16 bytes to words, multiplies and adds pairs into 32 bits:
// exact for every input, unlike VPMADDUBSW, which saturates.
func dotInt8() {
	TEXT("dotInt8AVX2", 4, "func(a, b *int8, n int) int32")
	Pragma("noescape")
	Doc("dotInt8AVX2 returns the inner product of n bytes; n is a multiple of 16.")
	a, b, n := load("a"), load("b"), load("n")
	acc := []reg.VecVirtual{YMM(), YMM()}
	for _, y := range acc {
		VPXOR(y, y, y)
	}
	i := GP64()
	XORQ(i, i)
	block := func(k int) {
		for j := range k {
			x, y := YMM(), YMM()
			VPMOVSXBW(Mem{Base: a, Index: i, Scale: 1, Disp: 16 * j}, x)
			VPMOVSXBW(Mem{Base: b, Index: i, Scale: 1, Disp: 16 * j}, y)
			VPMADDWD(x, y, y)
			VPADDD(y, acc[j%2], acc[j%2])
		}
		ADDQ(U32(16*k), i)
		SUBQ(U32(16*k), n)
	}
	Label("loop")
	CMPQ(n, U32(64))
	JL(LabelRef("sixteen"))
	block(4)
	JMP(LabelRef("loop"))
	Label("sixteen")
	CMPQ(n, U32(16))
	JL(LabelRef("reduce"))
	block(1)
	JMP(LabelRef("sixteen"))
	Label("reduce")
	VPADDD(acc[1], acc[0], acc[0])
	hi, lo := XMM(), XMM()
	VEXTRACTI128(U8(1), acc[0], hi)
	VEXTRACTI128(U8(0), acc[0], lo)
	VPADDD(hi, lo, lo)
	VPHADDD(lo, lo, lo)
	VPHADDD(lo, lo, lo)
	out := GP32()
	VMOVD(lo, out)
	VZEROUPPER()
	Store(out, ReturnIndex(0))
	RET()
}

// hamming counts four words a step with POPCNT, each into its own sum.
func hamming() {
	TEXT("hammingPOPCNT", 4, "func(a, b *uint64, n int) int")
	Pragma("noescape")
	Doc("hammingPOPCNT returns the number of bits that differ in n words.")
	a, b, n := load("a"), load("b"), load("n")
	acc := []reg.GPVirtual{GP64(), GP64(), GP64(), GP64()}
	for _, r := range acc {
		XORQ(r, r)
	}
	i := GP64()
	XORQ(i, i)
	block := func(k int) {
		for j := range k {
			x := GP64()
			MOVQ(Mem{Base: a, Index: i, Scale: 8, Disp: 8 * j}, x)
			XORQ(Mem{Base: b, Index: i, Scale: 8, Disp: 8 * j}, x)
			POPCNTQ(x, x)
			ADDQ(x, acc[j])
		}
		ADDQ(U32(k), i)
		SUBQ(U32(k), n)
	}
	Label("loop")
	CMPQ(n, U32(4))
	JL(LabelRef("one"))
	block(4)
	JMP(LabelRef("loop"))
	Label("one")
	CMPQ(n, U32(0))
	JE(LabelRef("done"))
	block(1)
	JMP(LabelRef("one"))
	Label("done")
	for _, r := range acc[1:] {
		ADDQ(r, acc[0])
	}
	Store(acc[0], ReturnIndex(0))
	RET()
}
