// Command gen writes the kernel of package graph: course_amd64.s and its Go declaration. Run it by `go generate ./graph`; the output
// is committed, so that a plain `go build` needs neither this program nor avo.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const lanes = 16

// Offsets in graph.course, which keeps this order.
const (
	offA    = 0
	toA     = 8
	offB    = 16
	toB     = 24
	out     = 32
	home    = 40
	restart = 44
	gold    = 48
	more    = 56
	cur     = 64
	rng     = cur + 4*lanes
	at      = rng + 8*lanes
	draw    = at + 4*lanes
)

func main() {
	ConstraintExpr("amd64")
	TEXT("courseSSE", 4, "func(c *byte, n int)") // NOSPLIT
	Pragma("noescape")
	Doc("courseSSE takes n steps on 16 lanes; c is a *course.")
	c := Load(Param("c"), GP64()).(reg.GPVirtual)
	n := Load(Param("n"), GP64()).(reg.GPVirtual)
	field := func(disp int) Mem { return Mem{Base: c, Disp: disp} }
	load := func(disp int) reg.GPVirtual {
		r := GP64()
		MOVQ(field(disp), r)
		return r
	}
	pOffA, pToA, pOffB, pToB, pOut := load(offA), load(toA), load(offB), load(toB), load(out)
	m1, m2 := GP64(), GP64()
	MOVQ(U64(0xbf58476d1ce4e5b9), m1)
	MOVQ(U64(0x94d049bb133111eb), m2)

	// place turns the node in id and 32 bits in bits (both zero-extended) into a place in its row, left in bits.
	place := func(off reg.GPVirtual, id, bits reg.GPVirtual) {
		lo, width := GP64(), GP64()
		MOVL(Mem{Base: off, Index: id, Scale: 4}, lo.As32())
		MOVL(Mem{Base: off, Index: id, Scale: 4, Disp: 4}, width.As32())
		SUBL(lo.As32(), width.As32())
		IMULQ(width, bits)
		SHRQ(U8(32), bits)
		ADDL(lo.As32(), bits.As32())
	}

	Label("step")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	for k := range lanes { // SplitMix64, and where in the row of cur
		r, t, id := GP64(), GP64(), GP64()
		MOVQ(field(rng+8*k), r)
		ADDQ(field(gold), r)
		MOVQ(r, field(rng+8*k))
		for _, x := range []struct {
			shift uint8
			by    reg.GPVirtual
		}{{30, m1}, {27, m2}, {31, nil}} {
			MOVQ(r, t)
			SHRQ(U8(x.shift), t)
			XORQ(t, r)
			if x.by != nil {
				IMULQ(x.by, r)
			}
		}
		MOVQ(r, field(draw+8*k))
		SHRQ(U8(32), r)
		MOVL(field(cur+4*k), id.As32())
		place(pOffA, id, r)
		PREFETCHT0(Mem{Base: pToA, Index: r, Scale: 4})
		MOVL(r.As32(), field(at+4*k))
	}
	for k := range lanes { // the node there
		x := GP64()
		MOVL(field(at+4*k), x.As32())
		MOVL(Mem{Base: pToA, Index: x, Scale: 4}, x.As32())
		PREFETCHT0(Mem{Base: pOffB, Index: x, Scale: 4})
		MOVL(x.As32(), field(at+4*k))
	}
	for k := range lanes { // where in its row
		x, r := GP64(), GP64()
		MOVL(field(at+4*k), x.As32())
		MOVL(field(draw+8*k), r.As32())
		place(pOffB, x, r)
		PREFETCHT0(Mem{Base: pToB, Index: r, Scale: 4})
		MOVL(r.As32(), field(at+4*k))
	}
	for k := range lanes { // the node there is visited; then back home, or on from it
		x, r := GP64(), GP64()
		MOVL(field(at+4*k), x.As32())
		MOVL(Mem{Base: pToB, Index: x, Scale: 4}, x.As32())
		MOVL(x.As32(), Mem{Base: pOut, Disp: 4 * k})
		MOVQ(field(draw+8*k), r)
		IMULQ(field(more), r)
		SHRQ(U8(32), r)
		CMPL(r.As32(), field(restart))
		CMOVLCS(field(home), x.As32())
		PREFETCHT0(Mem{Base: pOffA, Index: x, Scale: 4})
		MOVL(x.As32(), field(cur+4*k))
	}
	ADDQ(Imm(4*lanes), pOut)
	DECQ(n)
	JMP(LabelRef("step"))
	Label("done")
	RET()
	Generate()
}
