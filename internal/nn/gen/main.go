// Command gen writes the AVX-512 kernels of package nn: kernels_amd64.s and their
// Go declarations. Run it by `go generate ./internal/nn`; the output is committed.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64")
	constants()
	for _, rows := range []int{12, 4, 1} {
		tile(rows)
	}
	exp()
	adam()
	Generate()
}

func load(name string) reg.GPVirtual {
	r := GP64()
	Load(Param(name), r)
	return r
}

// tile emits rows × 32: 24 registers of sums at most, 2 of B and 1 of A of the 32;
// 14 loads feed 24 FMAs. A is read in place, by its two steps.
func tile(rows int) {
	name := fmt.Sprintf("tile%d", rows)
	TEXT(name, 4, "func(k int, a *float32, rowStep, colStep int, b, c *float32, stride int, mask uint32, add bool)") // NOSPLIT
	Pragma("noescape")
	Doc(fmt.Sprintf("%s makes a tile of %d × 32 of c, whose rows lie stride bytes apart, of a, k columns of %d with steps in bytes,", name, rows, rows),
		"and b, k rows of 32; mask picks the columns, add keeps what c held.")
	k, a, rs, cs := load("k"), load("a"), load("rowStep"), load("colStep")
	b, c, stride := load("b"), load("c"), load("stride")
	m := GP32()
	Load(Param("mask"), m)
	lo, hi := K(), K()
	KMOVW(m, lo)
	SHRL(U8(16), m)
	KMOVW(m, hi)
	masks := []reg.OpmaskVirtual{lo, hi}

	acc := make([][2]reg.VecVirtual, rows)
	for i := range acc {
		for j := range 2 {
			acc[i][j] = ZMM()
			VPXORD(acc[i][j], acc[i][j], acc[i][j])
		}
	}
	keep := GP8()
	Load(Param("add"), keep)
	TESTB(keep, keep)
	JZ(LabelRef("start"))
	row := GP64()
	MOVQ(c, row)
	for i := range acc {
		for j := range 2 {
			VMOVUPS_Z(Mem{Base: row, Disp: 64 * j}, masks[j], acc[i][j])
		}
		if i < rows-1 {
			ADDQ(stride, row)
		}
	}
	Label("start")
	// Rows of A: a base for each four, plus 0, 1, 2 or 3 row steps.
	three := GP64()
	LEAQ(Mem{Base: rs, Index: rs, Scale: 2}, three)
	bases := []reg.GPVirtual{a}
	for len(bases)*4 < rows {
		next := GP64()
		LEAQ(Mem{Base: bases[len(bases)-1], Index: rs, Scale: 4}, next)
		bases = append(bases, next)
	}
	at := func(i int) Mem {
		switch base := bases[i/4]; i % 4 {
		case 0:
			return Mem{Base: base}
		case 1:
			return Mem{Base: base, Index: rs, Scale: 1}
		case 2:
			return Mem{Base: base, Index: rs, Scale: 2}
		default:
			return Mem{Base: base, Index: three, Scale: 1}
		}
	}
	Label("loop")
	CMPQ(k, U32(0))
	JE(LabelRef("store"))
	bs := [2]reg.VecVirtual{ZMM(), ZMM()}
	VMOVUPS(Mem{Base: b}, bs[0])
	VMOVUPS(Mem{Base: b, Disp: 64}, bs[1])
	for i := range acc {
		x := ZMM()
		VBROADCASTSS(at(i), x)
		VFMADD231PS(bs[0], x, acc[i][0])
		VFMADD231PS(bs[1], x, acc[i][1])
	}
	for _, base := range bases {
		ADDQ(cs, base)
	}
	ADDQ(U32(128), b)
	DECQ(k)
	JMP(LabelRef("loop"))
	Label("store")
	for i := range acc {
		for j := range 2 {
			VMOVUPS(acc[i][j], masks[j], Mem{Base: c, Disp: 64 * j})
		}
		if i < rows-1 {
			ADDQ(stride, c)
		}
	}
	VZEROUPPER()
	RET()
}

var table Mem

// The numbers of exp: bounds, log2(e), ln 2 in two parts and the polynomial of Cephes' expf.
var numbers = []float32{-87, 60, 1.44269504088896341, -0.693359375, 2.12194440e-4,
	1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, 1}

func constants() {
	table = GLOBL("expTable", 8|16) // RODATA|NOPTR
	for i, v := range numbers {
		DATA(4*i, F32(v))
	}
}

// exp emits dst = exp(scale·src - shift), the exponent held within [-87, 60], and the sum.
func exp() {
	TEXT("expSum512", 4, "func(dst, src *float32, n int, scale, shift float32) float32")
	Pragma("noescape")
	Doc("expSum512 sets n floats of dst to exp(scale·src - shift), the exponent held within [-87, 60], and returns their sum.")
	dst, src, n := load("dst"), load("src"), load("n")
	broadcast := func(name string) reg.VecVirtual {
		z := ZMM()
		p, err := Param(name).Resolve()
		if err != nil {
			panic(err)
		}
		VBROADCASTSS(p.Addr, z)
		return z
	}
	scale, shift := broadcast("scale"), broadcast("shift")
	base := GP64()
	LEAQ(table, base)
	c := make([]reg.VecVirtual, len(numbers))
	for i := range c {
		c[i] = ZMM()
		VBROADCASTSS(Mem{Base: base, Disp: 4 * i}, c[i])
	}
	sum := ZMM()
	VPXORD(sum, sum, sum)
	one := func(x reg.VecVirtual) reg.VecVirtual {
		VFMSUB213PS(shift, scale, x) // x = scale·x - shift
		VMAXPS(c[0], x, x)
		VMINPS(c[1], x, x)
		e := ZMM()
		VMULPS(c[2], x, e)
		VRNDSCALEPS(U8(0), e, e)
		VFMADD231PS(c[3], e, x)
		VFMADD231PS(c[4], e, x)
		y := ZMM()
		VMOVAPS(c[5], y)
		for i := 6; i <= 10; i++ {
			VFMADD213PS(c[i], x, y)
		}
		square := ZMM()
		VMULPS(x, x, square)
		VFMADD213PS(x, square, y)
		VADDPS(c[11], y, y)
		VSCALEFPS(e, y, y)
		return y
	}
	Label("loop")
	CMPQ(n, U32(16))
	JL(LabelRef("tail"))
	x := ZMM()
	VMOVUPS(Mem{Base: src}, x)
	y := one(x)
	VADDPS(y, sum, sum)
	VMOVUPS(y, Mem{Base: dst})
	ADDQ(U32(64), src)
	ADDQ(U32(64), dst)
	SUBQ(U32(16), n)
	JMP(LabelRef("loop"))
	Label("tail")
	CMPQ(n, U32(0))
	JE(LabelRef("done"))
	bits, cl := GP32(), reg.RCX
	MOVL(U32(1), bits)
	MOVQ(n, cl)
	SHLL(reg.CL, bits)
	DECL(bits)
	k := K()
	KMOVW(bits, k)
	VMOVUPS_Z(Mem{Base: src}, k, x)
	y = one(x)
	VADDPS(y, sum, k, sum)
	VMOVUPS(y, k, Mem{Base: dst})
	Label("done")
	fold(sum)
	VZEROUPPER()
	Store(sum.AsX(), ReturnIndex(0))
	RET()
}

// fold leaves the sum of 16 lanes in lane 0.
func fold(z reg.VecVirtual) {
	h := YMM()
	VEXTRACTF64X4(U8(1), z, h)
	VADDPS(h, z.AsY(), z.AsY())
	x := XMM()
	VEXTRACTF128(U8(1), z.AsY(), x)
	VADDPS(x, z.AsX(), z.AsX())
	VHADDPS(z.AsX(), z.AsX(), z.AsX())
	VHADDPS(z.AsX(), z.AsX(), z.AsX())
}

// adam emits one step of AdamW for n numbers, a multiple of 16.
func adam() {
	TEXT("adam512", 4, "func(p, m, v, d *float32, n int, s *float32)")
	Pragma("noescape")
	Doc("adam512 makes one step of AdamW on n numbers, a multiple of 16; s holds 1-β1, 1-β2, the step size, ε and what is left of a weight, 1 - rate·decay.")
	p, m, v, g, n, s := load("p"), load("m"), load("v"), load("d"), load("n"), load("s")
	var c [5]reg.VecVirtual
	for i := range c {
		c[i] = ZMM()
		VBROADCASTSS(Mem{Base: s, Disp: 4 * i}, c[i])
	}
	i := GP64()
	XORQ(i, i)
	Label("loop")
	CMPQ(i, n)
	JGE(LabelRef("done"))
	at := func(b reg.GPVirtual) Mem { return Mem{Base: b, Index: i, Scale: 4} }
	gr, mm, vv, pp, d := ZMM(), ZMM(), ZMM(), ZMM(), ZMM()
	VMOVUPS(at(g), gr)
	VMOVUPS(at(m), mm)
	VMOVUPS(at(v), vv)
	VMOVUPS(at(p), pp)
	VSUBPS(mm, gr, d)
	VFMADD231PS(c[0], d, mm) // m += (1-β1)(g-m)
	VMULPS(gr, gr, d)
	VSUBPS(vv, d, d)
	VFMADD231PS(c[1], d, vv) // v += (1-β2)(g²-v)
	VMOVUPS(mm, at(m))
	VMOVUPS(vv, at(v))
	VSQRTPS(vv, d)
	VADDPS(c[3], d, d)
	VMULPS(c[2], mm, mm)
	VDIVPS(d, mm, mm)
	VMULPS(c[4], pp, pp)
	VSUBPS(mm, pp, pp)
	VMOVUPS(pp, at(p))
	ADDQ(U32(16), i)
	JMP(LabelRef("loop"))
	Label("done")
	VZEROUPPER()
	RET()
}
