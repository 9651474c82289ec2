package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// many is one kernel that compares a query with many rows: what differs between
// the kinds of element. A row is read in blocks, each one register of the query
// and as much of the row as meets it.
type many struct {
	name   string
	what   string
	q, row string // Go types of an element
	out    string // float32 or int32
	wide   bool   // AVX-512: 64-byte registers, masked tails; otherwise AVX2 and whole blocks
	units  int    // what n counts, in a block
	qBytes int    // of the query, in a block
	rBytes int    // of the row, in a block
	accs   int    // sums of one row, joined at the end
	group  int    // rows at once

	setup func(k *kernel)
	// add emits acc += f(q, row), where q is what load returned.
	add func(k *kernel, q []reg.VecVirtual, row Op, acc reg.VecVirtual)
	// load emits the load of a block of the query; mask is nil for a whole one.
	load func(k *kernel, at Mem, mask reg.OpmaskVirtual) []reg.VecVirtual
	// tail returns the row's last block, of which mask says what is there.
	tail func(k *kernel, at Mem, mask reg.OpmaskVirtual) Op
	// join adds up one sum's lanes to a YMM register of 32-bit sums.
	narrow func(k *kernel, acc reg.VecVirtual) reg.VecVirtual
}

// kernel is a many while it is written out.
type kernel struct {
	*many
	query, n           reg.GPVirtual
	signs, ones, low   reg.VecVirtual // constants: 0x80, 1 and 0x0f in each byte
	spread, pick       reg.VecVirtual // AVX2: from bits to bytes
	correction         reg.VecVirtual // XMM: subtracted from integer sums
	how, count, stride Mem            // parameters that stay in memory
}

// The order of the rows: one after another, by number, or by pointer.
const (
	howRows = iota
	howIDs
	howPtrs
)

func (m *many) isa() string {
	if m.wide {
		return "AVX512"
	}
	return "AVX2"
}

func (m *many) vector() reg.VecVirtual {
	if m.wide {
		return ZMM()
	}
	return YMM()
}

func param(name string) Mem {
	p, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return p.Addr
}

// write emits the kernel's function. Each row is summed in one order, whatever
// the number of rows beside it.
func (m *many) write() {
	TEXT(m.name+m.isa(), 4, "func(dst *"+m.out+", q *"+m.q+", n int, base *byte, stride int, list *byte, how, count int)")
	Pragma("noescape")
	Doc(m.name+m.isa()+" writes the "+m.what+" of q with count rows: one after another,",
		"stride bytes apart (how 0), those whose numbers list holds (1), or those that it points at (2).")
	k := &kernel{many: m, how: param("how"), count: param("count"), stride: param("stride")}
	dst, base, list := load("dst"), load("base"), load("list")
	k.query, k.n = load("q"), load("n")
	if m.setup != nil {
		m.setup(k)
	}
	Label("group")
	CMPQ(k.count, I32(m.group))
	JL(LabelRef("one"))
	k.ask(base, list)
	k.rows(dst, k.places("g", base, list, m.group), "g_")
	SUBQ(I32(m.group), k.count)
	JMP(LabelRef("group"))

	Label("one")
	CMPQ(k.count, I32(0))
	JE(LabelRef("done"))
	k.rows(dst, k.places("o", base, list, 1), "o_")
	SUBQ(I32(1), k.count)
	JMP(LabelRef("one"))
	Label("done")
	VZEROUPPER()
	RET()
}

// places emits the addresses of the next n rows and moves on.
func (k *kernel) places(label string, base, list reg.GPVirtual, n int) []reg.GPVirtual {
	p := make([]reg.GPVirtual, n)
	for i := range p {
		p[i] = GP64()
	}
	CMPQ(k.how, I32(howIDs))
	JE(LabelRef(label + "_ids"))
	JG(LabelRef(label + "_ptrs"))
	for i := range p {
		MOVQ(base, p[i])
		ADDQ(k.stride, base)
	}
	JMP(LabelRef(label + "_placed"))
	Label(label + "_ids")
	for i := range p {
		MOVL(Mem{Base: list, Disp: 4 * i}, p[i].As32())
		IMULQ(k.stride, p[i])
		ADDQ(base, p[i])
	}
	ADDQ(I32(4*n), list)
	JMP(LabelRef(label + "_placed"))
	Label(label + "_ptrs")
	for i := range p {
		MOVQ(Mem{Base: list, Disp: 8 * i}, p[i])
	}
	ADDQ(I32(8*n), list)
	Label(label + "_placed")
	return p
}

// groupsAhead is how many groups ahead of the sum ask asks for cache lines.
const groupsAhead = 2

// manyRows is from how many rows that follow one another on they are asked for as well: fewer are likely to be in a cache.
const manyRows = 1024

// ask emits requests for the rows of a later group. Of rows that follow one another the processor itself fetches what
// comes next, but less well in as many streams as there are rows in a group.
func (k *kernel) ask(base, list reg.GPVirtual) {
	least, asking := GP64(), GP64()
	MOVQ(I32(k.group*(groupsAhead+1)), least)
	MOVQ(I32(manyRows), asking)
	CMPQ(k.how, I32(howRows))
	CMOVQEQ(asking, least)
	CMPQ(k.count, least)
	JL(LabelRef("asked"))
	p := make([]reg.GPVirtual, k.group)
	for i := range p {
		p[i] = GP64()
	}
	ahead := k.group * groupsAhead
	CMPQ(k.how, I32(howIDs))
	JG(LabelRef("ask_ptrs"))
	JE(LabelRef("ask_ids"))
	far := GP64()
	MOVQ(k.stride, far)
	IMUL3Q(I32(ahead), far, far)
	ADDQ(base, far)
	for i := range p {
		MOVQ(far, p[i])
		ADDQ(k.stride, far)
	}
	JMP(LabelRef("ask"))
	Label("ask_ids")
	for i := range p {
		MOVL(Mem{Base: list, Disp: 4 * (ahead + i)}, p[i].As32())
		IMULQ(k.stride, p[i])
		ADDQ(base, p[i])
	}
	JMP(LabelRef("ask"))
	Label("ask_ptrs")
	for i := range p {
		MOVQ(Mem{Base: list, Disp: 8 * (ahead + i)}, p[i])
	}
	Label("ask")
	left := GP64()
	MOVQ(k.n, left)
	Label("ask_line")
	for i := range p {
		PREFETCHT0(Mem{Base: p[i]})
		ADDQ(I32(64), p[i])
	}
	SUBQ(I32(64*k.units/k.rBytes), left)
	JG(LabelRef("ask_line"))
	Label("asked")
}

// rows emits the sums over some rows and stores them at dst, which moves on.
func (k *kernel) rows(dst reg.GPVirtual, p []reg.GPVirtual, label string) {
	acc := make([][]reg.VecVirtual, len(p))
	for r := range p {
		for range k.accs {
			a := k.vector()
			if k.wide {
				VPXORD(a, a, a)
			} else {
				VPXOR(a, a, a)
			}
			acc[r] = append(acc[r], a)
		}
	}
	at, i, left := GP64(), GP64(), GP64()
	MOVQ(k.query, at)
	XORQ(i, i)
	MOVQ(k.n, left)
	block := func(n int) {
		for j := range n {
			q := k.load(k, Mem{Base: at, Disp: k.qBytes * j}, nil)
			for r := range p {
				k.add(k, q, Mem{Base: p[r], Index: i, Scale: 1, Disp: k.rBytes * j}, acc[r][j])
			}
		}
		ADDQ(I32(k.qBytes*n), at)
		ADDQ(I32(k.rBytes*n), i)
		SUBQ(I32(k.units*n), left)
	}
	if k.accs > 1 {
		Label(label + "loop")
		CMPQ(left, I32(k.units*k.accs))
		JL(LabelRef(label + "block"))
		block(k.accs)
		JMP(LabelRef(label + "loop"))
	}
	Label(label + "block")
	CMPQ(left, I32(k.units))
	JL(LabelRef(label + "tail"))
	block(1)
	JMP(LabelRef(label + "block"))
	Label(label + "tail")
	if k.wide {
		CMPQ(left, I32(0))
		JE(LabelRef(label + "join"))
		bits, mask := GP64(), K()
		MOVQ(I64(-1), bits)
		BZHIQ(left, bits, bits)
		KMOVQ(bits, mask)
		q := k.load(k, Mem{Base: at}, mask)
		for r := range p {
			k.add(k, q, k.tail(k, Mem{Base: p[r], Index: i, Scale: 1}, mask), acc[r][k.accs-1])
		}
	}
	Label(label + "join")
	k.store(dst, acc)
}

// store joins the sums of each row and writes one number for each.
func (k *kernel) store(dst reg.GPVirtual, acc [][]reg.VecVirtual) {
	plus, level := VADDPS, VHADDPS
	if k.out != "float32" {
		plus, level = VPADDD, VPHADDD
	}
	low := []reg.VecPhysical{reg.X0, reg.X1, reg.X2, reg.X3} // VHADDPS knows no other half of the registers
	sums := make([]reg.VecPhysical, len(acc))
	for r, a := range acc {
		for n := len(a); n > 1; n /= 2 {
			for j := range n / 2 {
				k.sum(a[2*j], a[2*j+1])
				a[j] = a[2*j]
			}
		}
		y := k.narrow(k, a[0])
		sums[r] = k.fold(y, low[r], plus)
	}
	out := sums[0]
	switch len(sums) {
	case 1:
		level(out, out, out)
		level(out, out, out)
	case 2:
		level(sums[1], out, out)
		level(out, out, out)
	case 4:
		level(sums[1], out, out)
		level(sums[3], sums[2], sums[2])
		level(sums[2], out, out)
	}
	if k.correction != nil {
		VPSUBD(k.correction, out, out)
	}
	switch len(sums) {
	case 1:
		VMOVD(out, Mem{Base: dst})
	case 2:
		VMOVQ(out, Mem{Base: dst})
	case 4:
		VMOVDQU(out, Mem{Base: dst})
	}
	ADDQ(I32(4*len(sums)), dst)
}

// fold emits the upper half of a YMM register onto the lower, into to.
func (k *kernel) fold(y reg.VecVirtual, to reg.VecPhysical, plus func(...Op)) reg.VecPhysical {
	hi := XMM()
	if k.wide {
		VEXTRACTI32X4(U8(1), y, hi)
	} else {
		VEXTRACTI128(U8(1), y, hi)
	}
	plus(hi, y.AsX(), to)
	return to
}

// sum emits a += b over whole registers.
func (k *kernel) sum(a, b reg.VecVirtual) {
	switch {
	case k.out == "float32":
		VADDPS(b, a, a)
	case k.name == "hamming":
		VPADDQ(b, a, a)
	default:
		VPADDD(b, a, a)
	}
}

// halve is the usual narrow: the upper half of a ZMM register onto the lower.
func halve(k *kernel, acc reg.VecVirtual) reg.VecVirtual {
	if !k.wide {
		return acc
	}
	hi := YMM()
	VEXTRACTI64X4(U8(1), acc, hi)
	if k.out == "float32" {
		VADDPS(hi, acc.AsY(), hi)
	} else {
		VPADDD(hi, acc.AsY(), hi)
	}
	return hi
}

// bytes emits a register each byte of which is b.
func (k *kernel) bytes(b byte) reg.VecVirtual {
	g, v := GP32(), k.vector()
	MOVL(U32(uint32(b)*0x01010101), g)
	x := XMM()
	VMOVD(g, x)
	VPBROADCASTD(x, v)
	return v
}
