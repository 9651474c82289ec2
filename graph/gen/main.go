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
	mid     = draw + 8*lanes
	sieveA  = mid + 4*lanes
	sieveB  = sieveA + 8
	maskA   = sieveB + 8
	maskB   = maskA + 4
	nodesA  = maskB + 4
	nodesB  = nodesA + 4
	zero    = nodesB + 4
	stop    = zero + 4
	left    = stop + 4
	keep    = left + 8
	share   = keep + 8
	spans   = share + 8
)

func main() {
	ConstraintExpr("amd64")
	TEXT("courseSSE", 4, "func(c *byte, n int)") // NOSPLIT
	Pragma("noescape")
	Doc("courseSSE takes n steps on 16 lanes; c is a *course.")
	newKernel(false, false).steps()
	TEXT("courseLiveSSE", 4, "func(c *byte, n, from int)")
	Pragma("noescape")
	Doc("courseLiveSSE takes n steps on 16 lanes, the first of them from its second hop where from is 1, and stops before the first",
		"hop from a node that the live layer may have touched. It leaves in c.stop which hop that is, 1 or 2, or 0, and in c.left the",
		"steps not yet done.")
	newKernel(true, false).steps()
	TEXT("courseKeepSSE", 4, "func(c *byte, n int)")
	Pragma("noescape")
	Doc("courseKeepSSE is courseSSE where the second hop keeps to a label with a chance: it draws from spans.")
	newKernel(false, true).steps()
	TEXT("courseKeepLiveSSE", 4, "func(c *byte, n, from int)")
	Pragma("noescape")
	Doc("courseKeepLiveSSE is courseLiveSSE where the second hop keeps to a label with a chance.")
	newKernel(true, true).steps()
	Generate()
}

// kernel is one form of the loop. The pointers to the columns stay in registers.
type kernel struct {
	live, keep                bool // where keep is set, offB is that of the spans
	c, n, flags               reg.GPVirtual
	offA, toA, offB, toB, out reg.GPVirtual
	m1, m2                    reg.GPVirtual
}

func newKernel(live, kept bool) *kernel {
	k := &kernel{live: live, keep: kept, c: Load(Param("c"), GP64()).(reg.GPVirtual), n: Load(Param("n"), GP64()).(reg.GPVirtual)}
	load := func(disp int) reg.GPVirtual {
		r := GP64()
		MOVQ(k.field(disp), r)
		return r
	}
	second := offB
	if kept {
		second = spans
	}
	k.offA, k.toA, k.offB, k.toB, k.out = load(offA), load(toA), load(second), load(toB), load(out)
	k.m1, k.m2 = GP64(), GP64()
	MOVQ(U64(0xbf58476d1ce4e5b9), k.m1)
	MOVQ(U64(0x94d049bb133111eb), k.m2)
	return k
}

func (k *kernel) field(disp int) Mem { return Mem{Base: k.c, Disp: disp} }

// steps is the loop. Each of its four parts asks for 16 places in memory and reads what the part before has asked for.
func (k *kernel) steps() {
	if k.live {
		k.enter()
	}
	Label("step")
	TESTQ(k.n, k.n)
	JZ(LabelRef("done"))
	k.clear()
	for i := range lanes { // SplitMix64, and where in the row of cur
		r, id := k.next(i), GP64()
		SHRQ(U8(32), r)
		MOVL(k.field(cur+4*i), id.As32())
		k.sift(id, sieveA, maskA, nodesA)
		place(k.offA, id, r)
		PREFETCHT0(Mem{Base: k.toA, Index: r, Scale: 4})
		MOVL(r.As32(), k.field(at+4*i))
	}
	k.leave("first")
	for i := range lanes { // the node there
		x := GP64()
		MOVL(k.field(at+4*i), x.As32())
		MOVL(Mem{Base: k.toA, Index: x, Scale: 4}, x.As32())
		MOVL(x.As32(), k.field(mid+4*i))
		k.ask(x)
	}
	if k.live {
		Label("second")
	}
	k.clear()
	for i := range lanes { // where in its row
		x := GP64()
		MOVL(k.field(mid+4*i), x.As32())
		k.sift(x, sieveB, maskB, nodesB)
		r := GP64()
		if k.keep {
			k.placeKept(i, x, r)
		} else {
			MOVL(k.field(draw+8*i), r.As32())
			place(k.offB, x, r)
		}
		PREFETCHT0(Mem{Base: k.toB, Index: r, Scale: 4})
		MOVL(r.As32(), k.field(at+4*i))
	}
	k.leave("other")
	for i := range lanes { // the node there is visited; then back home, or on from it
		x, r := GP64(), GP64()
		MOVL(k.field(at+4*i), x.As32())
		MOVL(Mem{Base: k.toB, Index: x, Scale: 4}, x.As32())
		MOVL(x.As32(), Mem{Base: k.out, Disp: 4 * i})
		MOVQ(k.field(draw+8*i), r)
		IMULQ(k.field(more), r)
		SHRQ(U8(32), r)
		CMPL(r.As32(), k.field(restart))
		CMOVLCS(k.field(home), x.As32())
		PREFETCHT0(Mem{Base: k.offA, Index: x, Scale: 4})
		MOVL(x.As32(), k.field(cur+4*i))
	}
	ADDQ(Imm(4*lanes), k.out)
	DECQ(k.n)
	JMP(LabelRef("step"))
	Label("done")
	if k.live {
		k.exit(0)
		Label("first")
		k.exit(1)
		Label("other")
		k.exit(2)
		return
	}
	RET()
}

// enter asks for what the first part to come reads, which no part before has asked for.
func (k *kernel) enter() {
	from := Load(Param("from"), GP64()).(reg.GPVirtual)
	k.flags = GP64()
	TESTQ(from, from)
	JNZ(LabelRef("ask"))
	for _, x := range []struct {
		off reg.GPVirtual
		id  int
		to  string
	}{{k.offA, cur, "step"}, {k.offB, mid, "second"}} {
		if x.id == mid {
			Label("ask")
		}
		for i := range lanes {
			id := GP64()
			MOVL(k.field(x.id+4*i), id.As32())
			if x.id == mid {
				k.ask(id)
			} else {
				PREFETCHT0(Mem{Base: x.off, Index: id, Scale: 4})
			}
		}
		JMP(LabelRef(x.to))
	}
}

// exit notes where the loop has ended.
func (k *kernel) exit(at int) {
	MOVL(U32(uint32(at)), k.field(stop))
	if at != 0 { // at the end out points behind the visits
		MOVQ(k.n, k.field(left))
		MOVQ(k.out, k.field(out))
	}
	RET()
}

func (k *kernel) clear() {
	if k.live {
		XORL(k.flags.As32(), k.flags.As32())
	}
}

func (k *kernel) leave(to string) {
	if k.live {
		TESTL(k.flags.As32(), k.flags.As32())
		JNZ(LabelRef(to))
	}
}

// sift counts in flags whether the sieve holds id, and takes a node that the rows do not have for node 0: it is in the sieve.
func (k *kernel) sift(id reg.GPVirtual, sieve, mask, nodes int) {
	if !k.live {
		return
	}
	h, word, base, both := GP64(), GP64(), GP64(), GP64()
	MOVQ(id, h)
	IMULQ(k.field(gold), h)
	SHRQ(U8(32), h)
	MOVL(h.As32(), word.As32())
	SHRL(U8(10), word.As32())
	ANDL(k.field(mask), word.As32())
	MOVQ(k.field(sieve), base)
	MOVL(Mem{Base: base, Index: word, Scale: 4}, word.As32())
	BTL(h.As32(), word.As32()) // by the lowest five bits of h
	SBBL(both.As32(), both.As32())
	ANDL(word.As32(), both.As32())
	SHRL(U8(5), h.As32())
	BTL(h.As32(), both.As32())
	ADCL(Imm(0), k.flags.As32())
	CMPL(id.As32(), k.field(nodes))
	CMOVLCC(k.field(zero), id.As32())
}

// next is SplitMix64 of a lane, kept in draw.
func (k *kernel) next(i int) reg.GPVirtual {
	r, t := GP64(), GP64()
	MOVQ(k.field(rng+8*i), r)
	ADDQ(k.field(gold), r)
	MOVQ(r, k.field(rng+8*i))
	for _, x := range []struct {
		shift uint8
		by    reg.GPVirtual
	}{{30, k.m1}, {27, k.m2}, {31, nil}} {
		MOVQ(r, t)
		SHRQ(U8(x.shift), t)
		XORQ(t, r)
		if x.by != nil {
			IMULQ(x.by, r)
		}
	}
	MOVQ(r, k.field(draw+8*i))
	return r
}

// ask fetches what the second hop reads of a node; it spoils id.
func (k *kernel) ask(id reg.GPVirtual) {
	if k.keep {
		ADDQ(id, id)
		PREFETCHT0(Mem{Base: k.offB, Index: id, Scale: 8})
	} else {
		PREFETCHT0(Mem{Base: k.offB, Index: id, Scale: 4})
	}
}

// placeKept is place of the second hop of lane i, by the node's span: its edges to the label where bits of the draw say so. There is no
// branch to guess wrong.
func (k *kernel) placeKept(i int, id, bits reg.GPVirtual) {
	lo, wide := GP64(), GP64()
	ADDQ(id, id)
	MOVQ(k.field(draw+8*i), lo)
	IMULQ(k.field(keep), lo)
	SHRQ(U8(32), lo)
	MOVL(k.field(draw+8*i), bits.As32())
	CMPL(lo.As32(), k.field(share))
	MOVL(Mem{Base: k.offB, Index: id, Scale: 8}, lo.As32())
	MOVL(Mem{Base: k.offB, Index: id, Scale: 8, Disp: 4}, wide.As32())
	CMOVLCS(Mem{Base: k.offB, Index: id, Scale: 8, Disp: 8}, lo.As32())
	CMOVLCS(Mem{Base: k.offB, Index: id, Scale: 8, Disp: 12}, wide.As32())
	IMULQ(wide, bits)
	SHRQ(U8(32), bits)
	ADDL(lo.As32(), bits.As32())
}

// place turns the node in id and 32 bits in bits (both zero-extended) into a place in its row, left in bits.
func place(off, id, bits reg.GPVirtual) {
	lo, width := GP64(), GP64()
	MOVL(Mem{Base: off, Index: id, Scale: 4}, lo.As32())
	MOVL(Mem{Base: off, Index: id, Scale: 4, Disp: 4}, width.As32())
	SUBL(lo.As32(), width.As32())
	IMULQ(width, bits)
	SHRQ(U8(32), bits)
	ADDL(lo.As32(), bits.As32())
}
