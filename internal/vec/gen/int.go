package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

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
