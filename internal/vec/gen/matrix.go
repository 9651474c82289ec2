package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tile is 6 rows of 16: 12 registers of sums, 2 of B and 2 of A fill the 16, and
// each row of B that is loaded serves 12 FMAs.
const (
	tileRows = 6
	tileRegs = 2
)

func tile() {
	TEXT("tileAVX2", 4, "func(k int, a, b, c *float32, stride int)")
	Pragma("noescape")
	Doc("tileAVX2 adds to a tile of 6 × 16 of c, whose rows lie stride floats apart, the product",
		"of a, k columns of 6, and b, k rows of 16.")
	k, a, b, c, stride := load("k"), load("a"), load("b"), load("c"), load("stride")
	SHLQ(U8(2), stride)
	var acc [tileRows][tileRegs]reg.VecVirtual
	for i := range acc {
		for j := range acc[i] {
			acc[i][j] = YMM()
			VXORPS(acc[i][j], acc[i][j], acc[i][j])
		}
	}
	bs := [tileRegs]reg.VecVirtual{YMM(), YMM()}
	as := [2]reg.VecVirtual{YMM(), YMM()}
	one := func(u int) {
		for j := range bs {
			VMOVUPS(Mem{Base: b, Disp: 64*u + 32*j}, bs[j])
		}
		for i := range acc {
			VBROADCASTSS(Mem{Base: a, Disp: 24*u + 4*i}, as[i%2])
			for j := range bs {
				VFMADD231PS(bs[j], as[i%2], acc[i][j])
			}
		}
	}
	Label("two")
	CMPQ(k, U32(2))
	JL(LabelRef("one"))
	one(0)
	one(1)
	ADDQ(U32(48), a)
	ADDQ(U32(128), b)
	SUBQ(U32(2), k)
	JMP(LabelRef("two"))
	Label("one")
	CMPQ(k, U32(0))
	JE(LabelRef("add"))
	one(0)
	Label("add")
	for i := range acc {
		for j := range bs {
			VADDPS(Mem{Base: c, Disp: 32 * j}, acc[i][j], acc[i][j])
			VMOVUPS(acc[i][j], Mem{Base: c, Disp: 32 * j})
		}
		if i < tileRows-1 {
			ADDQ(stride, c)
		}
	}
	VZEROUPPER()
	RET()
}
