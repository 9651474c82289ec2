package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// kinds is every kernel of one query with many rows. float32 has four sums of a
// row, which hide the four cycles of an FMA; AVX2 keeps its older kernels of it.
func kinds() []*many {
	var all []*many
	for _, wide := range []bool{true, false} {
		if wide {
			all = append(all, float32Kind("dotF32", "inner product", false), float32Kind("l2F32", "squared Euclidean distance", true), hammingKind())
		}
		all = append(all,
			halfKind("dotF16", "inner product", wide, false, false),
			halfKind("l2F16", "squared Euclidean distance", wide, false, true),
			halfKind("dotBF16", "inner product", wide, true, false),
			halfKind("l2BF16", "squared Euclidean distance", wide, true, true),
			dotInt8Kind(wide), l2Int8Kind(wide), dotUint8Kind(wide), dotUint4Kind(wide), dotBitsKind(wide))
	}
	return all
}

// groupOf is how many rows of accs sums fit the registers.
func groupOf(wide bool) int {
	if wide {
		return 4
	}
	return 2
}

func width(wide bool) int {
	if wide {
		return 64
	}
	return 32
}

// multiply emits acc += q·x, or (q-x)² where distance is asked for.
func multiply(distance bool, q reg.VecVirtual, x Op, acc, d reg.VecVirtual) {
	if !distance {
		VFMADD231PS(x, q, acc)
		return
	}
	VSUBPS(x, q, d)
	VFMADD231PS(d, d, acc)
}

func loadFloats(k *kernel, at Mem, mask reg.OpmaskVirtual) []reg.VecVirtual {
	v := k.vector()
	if mask == nil {
		VMOVUPS(at, v)
	} else {
		VMOVUPS_Z(at, mask, v)
	}
	return []reg.VecVirtual{v}
}

func loadBytes(k *kernel, at Mem, mask reg.OpmaskVirtual) []reg.VecVirtual {
	v := k.vector()
	switch {
	case mask != nil:
		VMOVDQU8_Z(at, mask, v)
	case k.wide:
		VMOVDQU64(at, v)
	default:
		VMOVDQU(at, v)
	}
	return []reg.VecVirtual{v}
}

func tailFloats(k *kernel, at Mem, mask reg.OpmaskVirtual) Op {
	v := ZMM()
	VMOVUPS_Z(at, mask, v)
	return v
}

func tailBytes(k *kernel, at Mem, mask reg.OpmaskVirtual) Op {
	v := ZMM()
	VMOVDQU8_Z(at, mask, v)
	return v
}

func float32Kind(name, what string, distance bool) *many {
	return &many{
		name: name, what: what, q: "float32", row: "float32", out: "float32", wide: true,
		units: 16, qBytes: 64, rBytes: 64, accs: 4, group: 4,
		load: loadFloats, tail: tailFloats, narrow: halve,
		add: func(k *kernel, q []reg.VecVirtual, row Op, acc reg.VecVirtual) {
			d := reg.VecVirtual(nil)
			if distance {
				d = ZMM()
			}
			multiply(distance, q[0], row, acc, d)
		},
	}
}

// halfKind widens rows of 16-bit floats: IEEE's by VCVTPH2PS, bfloat16 by a
// shift. Both are exact; VDPBF16PS, which would round the query too and flush
// what is small, is not used.
func halfKind(name, what string, wide, bfloat, distance bool) *many {
	w := width(wide)
	return &many{
		name: name, what: what, q: "float32", row: "uint16", out: "float32", wide: wide,
		units: w / 4, qBytes: w, rBytes: w / 2, accs: 2, group: groupOf(wide),
		load: loadFloats, narrow: halve,
		tail: func(k *kernel, at Mem, mask reg.OpmaskVirtual) Op {
			v := YMM()
			VMOVDQU16_Z(at, mask, v)
			return v
		},
		add: func(k *kernel, q []reg.VecVirtual, row Op, acc reg.VecVirtual) {
			x := k.vector()
			if bfloat {
				VPMOVZXWD(row, x)
				VPSLLD(U8(16), x, x)
			} else {
				VCVTPH2PS(row, x)
			}
			multiply(distance, q[0], x, acc, x)
		},
	}
}

// dotInt8Kind adds 128 to a row's bytes, for VPDPBUSD takes unsigned by signed,
// and takes 128·Σq from the sum. AVX2 widens to words: VPMADDUBSW would saturate.
func dotInt8Kind(wide bool) *many {
	m := &many{
		name: "dotI8", what: "inner product", q: "int8", row: "int8", out: "int32", wide: wide,
		units: 64, qBytes: 64, rBytes: 64, accs: 2, group: groupOf(wide),
		load: loadBytes, tail: tailBytes, narrow: halve,
		setup: func(k *kernel) {
			k.signs = k.bytes(0x80)
			k.correct()
		},
		add: func(k *kernel, q []reg.VecVirtual, row Op, acc reg.VecVirtual) {
			x := ZMM()
			VPXORD(row, k.signs, x)
			VPDPBUSD(q[0], x, acc)
		},
	}
	if !wide {
		m.words(func(q, x, acc reg.VecVirtual) {
			VPMADDWD(q, x, x)
			VPADDD(x, acc, acc)
		})
	}
	return m
}

// l2Int8Kind squares differences of words: exact.
func l2Int8Kind(wide bool) *many {
	m := &many{name: "l2I8", what: "squared Euclidean distance", q: "int8", row: "int8", out: "int32", wide: wide, accs: 2, group: groupOf(wide), narrow: halve}
	m.words(func(q, x, acc reg.VecVirtual) {
		VPSUBW(x, q, x)
		if wide {
			VPDPWSSD(x, x, acc)
			return
		}
		VPMADDWD(x, x, x)
		VPADDD(x, acc, acc)
	})
	return m
}

// words makes m widen bytes of the query and of the row to signed words.
func (m *many) words(add func(q, x, acc reg.VecVirtual)) {
	w := width(m.wide) / 2
	m.units, m.qBytes, m.rBytes, m.setup = w, w, w, nil
	m.load = func(k *kernel, at Mem, mask reg.OpmaskVirtual) []reg.VecVirtual {
		v := k.vector()
		if mask == nil {
			VPMOVSXBW(at, v)
		} else {
			VPMOVSXBW_Z(at, mask, v)
		}
		return []reg.VecVirtual{v}
	}
	m.tail = func(k *kernel, at Mem, mask reg.OpmaskVirtual) Op {
		v := YMM()
		VMOVDQU8_Z(at, mask, v)
		return v
	}
	m.add = func(k *kernel, q []reg.VecVirtual, row Op, acc reg.VecVirtual) {
		x := k.vector()
		VPMOVSXBW(row, x)
		add(q[0], x, acc)
	}
}

// dotUint8Kind is VPDPBUSD as it is; AVX2 widens to words.
func dotUint8Kind(wide bool) *many {
	m := &many{
		name: "dotU8", what: "inner product", q: "int8", row: "uint8", out: "int32", wide: wide,
		units: 64, qBytes: 64, rBytes: 64, accs: 2, group: groupOf(wide),
		load: loadBytes, tail: tailBytes, narrow: halve,
		add: func(k *kernel, q []reg.VecVirtual, row Op, acc reg.VecVirtual) {
			x := row
			if mem, ok := row.(Mem); ok {
				v := ZMM()
				VMOVDQU64(mem, v)
				x = v
			}
			VPDPBUSD(q[0], x, acc)
		},
	}
	if !wide {
		m.words(nil)
		m.add = func(k *kernel, q []reg.VecVirtual, row Op, acc reg.VecVirtual) {
			x := YMM()
			VPMOVZXBW(row, x)
			VPMADDWD(q[0], x, x)
			VPADDD(x, acc, acc)
		}
	}
	return m
}

// dotUint4Kind unpacks two numbers of four bits from a byte: the lower meets the
// first half of the query, the upper the second. n counts bytes of the row. The
// products are at most 15·128, so that VPMADDUBSW of AVX2 is exact.
func dotUint4Kind(wide bool) *many {
	w := width(wide)
	return &many{
		name: "dotU4", what: "inner product", q: "int8", row: "uint8", out: "int32", wide: wide,
		units: w, qBytes: w, rBytes: w, accs: 2, group: groupOf(wide), tail: tailBytes, narrow: halve,
		setup: func(k *kernel) {
			k.low = k.bytes(0x0f)
			if !wide {
				k.wordOnes()
			}
		},
		load: func(k *kernel, at Mem, mask reg.OpmaskVirtual) []reg.VecVirtual {
			far := at
			far.Index, far.Scale = k.n, 1
			return append(loadBytes(k, at, mask), loadBytes(k, far, mask)...)
		},
		add: func(k *kernel, q []reg.VecVirtual, row Op, acc reg.VecVirtual) {
			lo, hi := k.vector(), k.vector()
			if wide {
				x, ok := row.(reg.VecVirtual)
				if !ok {
					x = ZMM()
					VMOVDQU64(row, x)
				}
				VPSRLW(U8(4), x, hi)
				VPANDD(x, k.low, lo)
				VPANDD(hi, k.low, hi)
				VPDPBUSD(q[0], lo, acc)
				VPDPBUSD(q[1], hi, acc)
				return
			}
			VMOVDQU(row, lo)
			VPSRLW(U8(4), lo, hi)
			VPAND(lo, k.low, lo)
			VPAND(hi, k.low, hi)
			VPMADDUBSW(q[0], lo, lo)
			VPMADDUBSW(q[1], hi, hi)
			VPADDW(hi, lo, lo)
			VPMADDWD(k.ones, lo, lo)
			VPADDD(lo, acc, acc)
		},
	}
}

// dotBitsKind sums the bytes of the query where the row has a one.
func dotBitsKind(wide bool) *many {
	if !wide {
		return dotBitsAVX2()
	}
	return &many{
		name: "dotBits", what: "sum of what the ones of a row select", q: "int8", row: "uint64", out: "int32", wide: true,
		units: 64, qBytes: 64, rBytes: 8, accs: 2, group: 4, load: loadBytes, narrow: halve,
		setup: func(k *kernel) { k.ones = k.bytes(1) },
		tail:  func(k *kernel, at Mem, mask reg.OpmaskVirtual) Op { return at },
		add: func(k *kernel, q []reg.VecVirtual, row Op, acc reg.VecVirtual) {
			m, x := K(), ZMM()
			KMOVQ(row, m)
			VMOVDQU8_Z(q[0], m, x)
			VPDPBUSD(x, k.ones, acc)
		},
	}
}

// dotBitsAVX2 spreads 32 bits to 32 bytes: each byte is shuffled to the eight
// that its bits belong to, and compared with the bit that is asked for.
func dotBitsAVX2() *many {
	return &many{
		name: "dotBits", what: "sum of what the ones of a row select", q: "int8", row: "uint64", out: "int32",
		units: 32, qBytes: 32, rBytes: 4, accs: 2, group: 2, load: loadBytes, narrow: halve,
		setup: func(k *kernel) {
			k.spread, k.pick = YMM(), YMM()
			VMOVDQU(bitsTable.Offset(0), k.spread)
			VMOVDQU(bitsTable.Offset(32), k.pick)
			k.low = k.bytes(1)
			k.wordOnes()
		},
		add: func(k *kernel, q []reg.VecVirtual, row Op, acc reg.VecVirtual) {
			x := YMM()
			VPBROADCASTD(row, x)
			VPSHUFB(k.spread, x, x)
			VPAND(k.pick, x, x)
			VPCMPEQB(k.pick, x, x)
			VPAND(q[0], x, x)
			VPMADDUBSW(x, k.low, x)
			VPMADDWD(k.ones, x, x)
			VPADDD(x, acc, acc)
		},
	}
}

var bitsTable Mem

// bitsTables holds, for 32 bytes, which byte of four and which bit of it.
func bitsTables() {
	bitsTable = GLOBL("bitsTable", 8|16) // RODATA|NOPTR
	for i := range 4 {
		DATA(8*i, U64(uint64(i)*0x0101010101010101))
	}
	for i := range 4 {
		DATA(32+8*i, U64(0x8040201008040201))
	}
}

// hammingKind counts with VPOPCNTQ. AVX2 has none: there POPCNT counts words.
func hammingKind() *many {
	return &many{
		name: "hamming", what: "number of bits that differ", q: "uint64", row: "uint64", out: "int32", wide: true,
		units: 8, qBytes: 64, rBytes: 64, accs: 2, group: 4,
		load: func(k *kernel, at Mem, mask reg.OpmaskVirtual) []reg.VecVirtual {
			v := ZMM()
			if mask == nil {
				VMOVDQU64(at, v)
			} else {
				VMOVDQU64_Z(at, mask, v)
			}
			return []reg.VecVirtual{v}
		},
		tail: func(k *kernel, at Mem, mask reg.OpmaskVirtual) Op {
			v := ZMM()
			VMOVDQU64_Z(at, mask, v)
			return v
		},
		narrow: func(k *kernel, acc reg.VecVirtual) reg.VecVirtual {
			y := YMM()
			VPMOVQD(acc, y)
			return y
		},
		add: func(k *kernel, q []reg.VecVirtual, row Op, acc reg.VecVirtual) {
			x := ZMM()
			VPXORQ(row, q[0], x)
			VPOPCNTQ(x, x)
			VPADDQ(x, acc, acc)
		},
	}
}

// wordOnes makes ones hold 1 in each word.
func (k *kernel) wordOnes() {
	g, x := GP32(), XMM()
	MOVL(U32(0x00010001), g)
	VMOVD(g, x)
	k.ones = YMM()
	VPBROADCASTD(x, k.ones)
}

// correct sums the query and leaves 128·Σq in every lane of correction.
func (k *kernel) correct() {
	ones, sum := k.bytes(1), ZMM()
	VPXORD(sum, sum, sum)
	at, left := GP64(), GP64()
	MOVQ(k.query, at)
	MOVQ(k.n, left)
	Label("query")
	CMPQ(left, I32(64))
	JL(LabelRef("query_tail"))
	VPDPBUSD(Mem{Base: at}, ones, sum)
	ADDQ(I32(64), at)
	SUBQ(I32(64), left)
	JMP(LabelRef("query"))
	Label("query_tail")
	bits, mask, x := GP64(), K(), ZMM()
	MOVQ(I64(-1), bits)
	BZHIQ(left, bits, bits)
	KMOVQ(bits, mask)
	VMOVDQU8_Z(Mem{Base: at}, mask, x)
	VPDPBUSD(x, ones, sum)
	lo := k.fold(halve(k, sum), reg.X0, func(ops ...Op) { VPADDD(ops...) })
	VPHADDD(lo, lo, lo)
	VPHADDD(lo, lo, lo)
	k.correction = XMM()
	VPSLLD(U8(7), lo, k.correction)
}

// prefetch asks for the lines of rows that a list names.
func prefetch() {
	TEXT("prefetchList", 4, "func(base *byte, stride int, list *byte, how, count, span int)")
	Pragma("noescape")
	Doc("prefetchList asks for span bytes of each of count rows, by number (how 1) or pointer (2).")
	base, stride, list, how, count, span := load("base"), load("stride"), load("list"), load("how"), load("count"), load("span")
	p, end := GP64(), GP64()
	Label("row")
	CMPQ(count, I32(0))
	JE(LabelRef("done"))
	CMPQ(how, I32(howPtrs))
	JE(LabelRef("ptrs"))
	MOVL(Mem{Base: list}, p.As32())
	IMULQ(stride, p)
	ADDQ(base, p)
	ADDQ(I32(4), list)
	JMP(LabelRef("placed"))
	Label("ptrs")
	MOVQ(Mem{Base: list}, p)
	ADDQ(I32(8), list)
	Label("placed")
	LEAQ(Mem{Base: p, Index: span, Scale: 1}, end)
	Label("line")
	PREFETCHT0(Mem{Base: p})
	ADDQ(I32(64), p)
	CMPQ(p, end)
	JL(LabelRef("line"))
	SUBQ(I32(1), count)
	JMP(LabelRef("row"))
	Label("done")
	RET()
}
