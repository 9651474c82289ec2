package vec

import "unsafe"

func (k kind) wide(dst, q unsafe.Pointer, n int, base unsafe.Pointer, stride int, list unsafe.Pointer, how, count int) {
	b, l := (*byte)(base), (*byte)(list)
	switch k {
	case dotF32:
		dotF32AVX512((*float32)(dst), (*float32)(q), n, b, stride, l, how, count)
	case l2F32:
		l2F32AVX512((*float32)(dst), (*float32)(q), n, b, stride, l, how, count)
	case dotF16:
		dotF16AVX512((*float32)(dst), (*float32)(q), n, b, stride, l, how, count)
	case l2F16:
		l2F16AVX512((*float32)(dst), (*float32)(q), n, b, stride, l, how, count)
	case dotBF16:
		dotBF16AVX512((*float32)(dst), (*float32)(q), n, b, stride, l, how, count)
	case l2BF16:
		l2BF16AVX512((*float32)(dst), (*float32)(q), n, b, stride, l, how, count)
	case dotI8:
		dotI8AVX512((*int32)(dst), (*int8)(q), n, b, stride, l, how, count)
	case l2I8:
		l2I8AVX512((*int32)(dst), (*int8)(q), n, b, stride, l, how, count)
	case dotU8:
		dotU8AVX512((*int32)(dst), (*int8)(q), n, b, stride, l, how, count)
	case dotU4:
		dotU4AVX512((*int32)(dst), (*int8)(q), n, b, stride, l, how, count)
	case dotBits:
		dotBitsAVX512((*int32)(dst), (*int8)(q), n, b, stride, l, how, count)
	case hamming:
		hammingAVX512((*int32)(dst), (*uint64)(q), n, b, stride, l, how, count)
	}
}

// fast is many by AVX2, whose kernels take whole blocks: what is over is added
// by the plain twins.
func (k kind) fast(dst, q unsafe.Pointer, n int, base unsafe.Pointer, stride int, list unsafe.Pointer, how, count int) {
	if k == dotF32 || k == l2F32 {
		k.floats((*float32)(dst), (*float32)(q), n, base, stride, list, how, count)
		return
	}
	head := n &^ (k.block() - 1)
	if k == dotU4 && head < n {
		head = 0 // the query's halves would lie elsewhere
	}
	if head > 0 && k != hamming {
		k.blocks(dst, q, head, base, stride, list, how, count)
		if head == n {
			return
		}
	}
	for i := range count {
		row, to := place(base, stride, list, how, i), unsafe.Add(dst, 4*i)
		if k == hamming {
			*(*int32)(to) = int32(hammingPOPCNT((*uint64)(q), (*uint64)(row), n))
			continue
		}
		k.rest(to, q, n, row, head)
	}
}

// block is what an AVX2 kernel reads at once, in units of n.
func (k kind) block() int {
	switch k {
	case dotF16, l2F16, dotBF16, l2BF16:
		return 8
	case dotI8, l2I8, dotU8:
		return 16
	}
	return 32
}

// rest adds to dst, which holds the sum up to head, what follows in the row.
func (k kind) rest(dst, q unsafe.Pointer, n int, row unsafe.Pointer, head int) {
	if head == 0 {
		k.plain(dst, q, n, row)
		return
	}
	var more int32 // or the bits of a float32
	to := unsafe.Pointer(&more)
	switch k {
	case dotF16, l2F16, dotBF16, l2BF16:
		k.plain(to, unsafe.Add(q, 4*head), n-head, unsafe.Add(row, 2*head))
		*(*float32)(dst) += *(*float32)(to)
	case dotBits:
		more = dotBitsFrom(slice[int8](q, n), slice[uint64](row, (n+63)/64), head)
		*(*int32)(dst) += more
	default:
		k.plain(to, unsafe.Add(q, head), n-head, unsafe.Add(row, head))
		*(*int32)(dst) += more
	}
}

func (k kind) blocks(dst, q unsafe.Pointer, n int, base unsafe.Pointer, stride int, list unsafe.Pointer, how, count int) {
	b, l := (*byte)(base), (*byte)(list)
	switch k {
	case dotF16:
		dotF16AVX2((*float32)(dst), (*float32)(q), n, b, stride, l, how, count)
	case l2F16:
		l2F16AVX2((*float32)(dst), (*float32)(q), n, b, stride, l, how, count)
	case dotBF16:
		dotBF16AVX2((*float32)(dst), (*float32)(q), n, b, stride, l, how, count)
	case l2BF16:
		l2BF16AVX2((*float32)(dst), (*float32)(q), n, b, stride, l, how, count)
	case dotI8:
		dotI8AVX2((*int32)(dst), (*int8)(q), n, b, stride, l, how, count)
	case l2I8:
		l2I8AVX2((*int32)(dst), (*int8)(q), n, b, stride, l, how, count)
	case dotU8:
		dotU8AVX2((*int32)(dst), (*int8)(q), n, b, stride, l, how, count)
	case dotU4:
		dotU4AVX2((*int32)(dst), (*int8)(q), n, b, stride, l, how, count)
	case dotBits:
		dotBitsAVX2((*int32)(dst), (*int8)(q), n, b, stride, l, how, count)
	}
}

// floats is DotF32 and L2F32 by the older AVX2 kernels, which take rows that
// touch, or pointers. The calls are written out: through a variable, their
// arguments would escape to the heap.
func (k kind) floats(dst, q *float32, n int, base unsafe.Pointer, stride int, list unsafe.Pointer, how, count int) {
	switch {
	case how == howRows && stride == 4*n && k == dotF32:
		dotRowsAVX2(dst, q, n, (*float32)(base), count)
		return
	case how == howRows && stride == 4*n:
		l2RowsAVX2(dst, q, n, (*float32)(base), count)
		return
	}
	var at [64]*float32
	for from := 0; from < count; from += len(at) {
		m := min(len(at), count-from)
		for i := range m {
			at[i] = (*float32)(place(base, stride, list, how, from+i))
		}
		to := (*float32)(unsafe.Add(unsafe.Pointer(dst), 4*from))
		if k == dotF32 {
			dotPtrsAVX2(to, q, n, &at[0], m)
		} else {
			l2PtrsAVX2(to, q, n, &at[0], m)
		}
	}
}
