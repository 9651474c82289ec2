// Command gen512 writes the AVX-512 tile of matrix products of package vec. Run it by `go generate ./internal/vec`; the
// output is committed.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The tile is 12 rows of 32: 24 registers of sums, 2 of B and 4 that broadcast A leave 2 of the 32 free. A step of k is 24
// FMAs, 12 cycles on two units, and 14 loads, so that the units and not the loads are the limit.
const (
	rows = 12
	regs = 2
)

func main() {
	ConstraintExpr("amd64")
	TEXT("tileAVX512", 4, "func(k int, a, b, c *float32, stride int)")
	Pragma("noescape")
	Doc("tileAVX512 adds to a tile of 12 × 32 of c, whose rows lie stride floats apart, the product",
		"of a, k columns of 12, and b, k rows of 32.")
	k, a, b, c, stride := load("k"), load("a"), load("b"), load("c"), load("stride")
	SHLQ(U8(2), stride)
	var acc [rows][regs]reg.VecVirtual
	for i := range acc {
		for j := range acc[i] {
			acc[i][j] = ZMM()
			VPXORD(acc[i][j], acc[i][j], acc[i][j])
		}
	}
	bs := [regs]reg.VecVirtual{ZMM(), ZMM()}
	as := [4]reg.VecVirtual{ZMM(), ZMM(), ZMM(), ZMM()}
	one := func(u int) {
		for j := range bs {
			VMOVUPS(Mem{Base: b, Disp: 128*u + 64*j}, bs[j])
		}
		for i := range acc {
			VBROADCASTSS(Mem{Base: a, Disp: 4*rows*u + 4*i}, as[i%4])
			for j := range bs {
				VFMADD231PS(bs[j], as[i%4], acc[i][j])
			}
		}
	}
	Label("two")
	CMPQ(k, U32(2))
	JL(LabelRef("one"))
	one(0)
	one(1)
	ADDQ(U32(8*rows), a)
	ADDQ(U32(256), b)
	SUBQ(U32(2), k)
	JMP(LabelRef("two"))
	Label("one")
	CMPQ(k, U32(0))
	JE(LabelRef("add"))
	one(0)
	Label("add")
	for i := range acc {
		for j := range bs {
			VADDPS(Mem{Base: c, Disp: 64 * j}, acc[i][j], acc[i][j])
			VMOVUPS(acc[i][j], Mem{Base: c, Disp: 64 * j})
		}
		if i < rows-1 {
			ADDQ(stride, c)
		}
	}
	VZEROUPPER()
	RET()
	Generate()
}

func load(name string) reg.GPVirtual {
	return Load(Param(name), GP64()).(reg.GPVirtual)
}
