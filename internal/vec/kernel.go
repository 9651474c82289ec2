package vec

import "unsafe"

// Kernel compares one query, elements Q, with rows of elements R, and gives one
// number D for each row. The kernels below are all there are.
//
// A row has as many elements as the query, except where a kernel says otherwise;
// rows may lie further apart than they are long, so that other things of a row
// can lie beside it. Integer kernels are exact while the result fits 32 bits,
// which it does up to a length of 65,536.
//
// Slices handed to a Kernel escape: keep them in something that is used again.
type Kernel[Q, R, D any] struct{ kind kind }

var (
	// DotF32 and L2F32 are Dot and L2, to the bit.
	DotF32 = Kernel[float32, float32, float32]{dotF32}
	L2F32  = Kernel[float32, float32, float32]{l2F32}
	// DotF16 and L2F16 compare with rows of IEEE 754 half floats, as ToF16
	// writes them: each is widened exactly, and summed as float32.
	DotF16 = Kernel[float32, uint16, float32]{dotF16}
	L2F16  = Kernel[float32, uint16, float32]{l2F16}
	// DotBF16 and L2BF16 are the same of bfloat16, as ToBF16 writes them.
	DotBF16 = Kernel[float32, uint16, float32]{dotBF16}
	L2BF16  = Kernel[float32, uint16, float32]{l2BF16}
	// DotI8 and L2I8 are exact sums over signed bytes. Unsigned bytes less 128
	// have the same L2I8.
	DotI8 = Kernel[int8, int8, int32]{dotI8}
	L2I8  = Kernel[int8, int8, int32]{l2I8}
	// DotU8 is the exact product of signed bytes with unsigned ones.
	DotU8 = Kernel[int8, uint8, int32]{dotU8}
	// DotU4 is the exact product of signed bytes with numbers 0..15, two in
	// each byte of a row: byte i holds in its lower half what meets q[i], in its
	// upper half what meets q[len(q)/2+i]. len(q) is even, a row half of it.
	DotU4 = Kernel[int8, uint8, int32]{dotU4}
	// DotBits is the exact sum of q[i] over the ones of a row of ⌈len(q)/64⌉
	// words, bit i&63 of word i/64. Bits beyond len(q) do not count.
	DotBits = Kernel[int8, uint64, int32]{dotBits}
	// HammingBits is Hamming.
	HammingBits = Kernel[uint64, uint64, int32]{hamming}
)

// RowLen returns how many elements a row has that a query of n is compared with.
func (k Kernel[Q, R, D]) RowLen(n int) int { return k.kind.rowLen(n) }

// One compares q with one row.
func (k Kernel[Q, R, D]) One(q []Q, row []R) D {
	same(len(row), k.kind.rowLen(len(q)))
	var d D
	if len(q) > 0 {
		k.kind.many(unsafe.Pointer(&d), pointer(q), k.kind.n(len(q)), pointer(row), 0, nil, howRows, 1)
	}
	return d
}

// Rows compares q with len(dst) rows that begin stride elements apart.
func (k Kernel[Q, R, D]) Rows(dst []D, q []Q, rows []R, stride int) {
	if len(dst) == 0 {
		return
	}
	l := k.kind.rowLen(len(q))
	if stride < l || (len(dst)-1)*stride+l > len(rows) {
		panic("vec: rows out of range")
	}
	if len(q) == 0 {
		clear(dst)
		return
	}
	k.kind.many(pointer(dst), pointer(q), k.kind.n(len(q)), pointer(rows), stride*size[R](), nil, howRows, len(dst))
}

// Gather compares q with the rows that ids name, row i beginning at element
// i·stride: what a walk of a graph does. It asks memory for rows some way ahead
// of their use. dst has the length of ids.
func (k Kernel[Q, R, D]) Gather(dst []D, q []Q, rows []R, stride int, ids []uint32) {
	same(len(dst), len(ids))
	if len(ids) == 0 {
		return
	}
	l := k.kind.rowLen(len(q))
	checkIDs(ids, len(rows), stride, l)
	if len(q) == 0 {
		clear(dst)
		return
	}
	k.kind.many(pointer(dst), pointer(q), k.kind.n(len(q)), pointer(rows), stride*size[R](), pointer(ids), howIDs, len(ids))
}

// Ptrs compares q with the rows that begin where rows point. It asks memory for
// rows some way ahead of their use. dst has the length of rows.
func (k Kernel[Q, R, D]) Ptrs(dst []D, q []Q, rows []*R) {
	same(len(dst), len(rows))
	if len(rows) == 0 {
		return
	}
	if len(q) == 0 {
		clear(dst)
		return
	}
	k.kind.many(pointer(dst), pointer(q), k.kind.n(len(q)), nil, 0, pointer(rows), howPtrs, len(rows))
}

// Prefetch asks memory for the rows that ids name, of length elements each, to
// be in cache when they are read a little later. It waits for nothing. On the
// plain path it does nothing.
func Prefetch[R any](rows []R, stride, length int, ids []uint32) {
	if !fast || len(ids) == 0 || length == 0 {
		return
	}
	checkIDs(ids, len(rows), stride, length)
	prefetchList(bytePointer(pointer(rows)), stride*size[R](), bytePointer(pointer(ids)), howIDs, len(ids), length*size[R]())
}

// PrefetchPtrs is Prefetch for rows that begin where rows point.
func PrefetchPtrs[R any](rows []*R, length int) {
	if !fast || len(rows) == 0 || length == 0 {
		return
	}
	prefetchList(nil, 0, bytePointer(pointer(rows)), howPtrs, len(rows), length*size[R]())
}

func checkIDs(ids []uint32, length, stride, row int) {
	if stride < row || stride < 1 || length < row {
		panic("vec: rows out of range")
	}
	most := uint32(0)
	for _, id := range ids {
		most = max(most, id)
	}
	if uint64(most) > uint64((length-row)/stride) {
		panic("vec: row number out of range")
	}
}

func size[R any]() int {
	var r R
	return int(unsafe.Sizeof(r))
}

func pointer[T any](s []T) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(s)) }

func bytePointer(p unsafe.Pointer) *byte { return (*byte)(p) }
