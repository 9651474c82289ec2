package vec

import "unsafe"

type kind uint8

const (
	dotF32 kind = iota
	l2F32
	dotF16
	l2F16
	dotBF16
	l2BF16
	dotI8
	l2I8
	dotU8
	dotU4
	dotBits
	hamming
)

// Where the rows are: one after another, by number, or by pointer. The assembly
// knows these numbers.
const (
	howRows = iota
	howIDs
	howPtrs
)

// rowLen is the number of elements of a row that meets a query of n.
func (k kind) rowLen(n int) int {
	switch k {
	case dotU4:
		return n / 2
	case dotBits:
		return (n + 63) / 64
	}
	return n
}

// n is what kernels count: elements of the query, or bytes of a row of DotU4.
func (k kind) n(q int) int {
	if k == dotU4 {
		if q%2 != 0 {
			panic("vec: DotU4 of an odd length")
		}
		return q / 2
	}
	return q
}

// many compares a query with count rows on the path in use; n is above 0.
func (k kind) many(dst, q unsafe.Pointer, n int, base unsafe.Pointer, stride int, list unsafe.Pointer, how, count int) {
	switch {
	case wide:
		k.wide(dst, q, n, base, stride, list, how, count)
	case fast:
		k.fast(dst, q, n, base, stride, list, how, count)
	default:
		for i := range count {
			k.plain(unsafe.Add(dst, 4*i), q, n, place(base, stride, list, how, i))
		}
	}
}

// place returns where row i begins.
func place(base unsafe.Pointer, stride int, list unsafe.Pointer, how, i int) unsafe.Pointer {
	switch how {
	case howIDs:
		return unsafe.Add(base, int(*(*uint32)(unsafe.Add(list, 4*i)))*stride)
	case howPtrs:
		return *(*unsafe.Pointer)(unsafe.Add(list, 8*i))
	}
	return unsafe.Add(base, i*stride)
}

func slice[T any](p unsafe.Pointer, n int) []T { return unsafe.Slice((*T)(p), n) }

// plain writes at dst what one row gives.
func (k kind) plain(dst, q unsafe.Pointer, n int, row unsafe.Pointer) {
	f, i := (*float32)(dst), (*int32)(dst)
	switch k {
	case dotF32:
		*f = dotPlain(slice[float32](q, n), slice[float32](row, n))
	case l2F32:
		*f = l2Plain(slice[float32](q, n), slice[float32](row, n))
	case dotF16:
		*f = dotHalfPlain(slice[float32](q, n), slice[uint16](row, n), FromF16)
	case l2F16:
		*f = l2HalfPlain(slice[float32](q, n), slice[uint16](row, n), FromF16)
	case dotBF16:
		*f = dotHalfPlain(slice[float32](q, n), slice[uint16](row, n), FromBF16)
	case l2BF16:
		*f = l2HalfPlain(slice[float32](q, n), slice[uint16](row, n), FromBF16)
	case dotI8:
		*i = dotInt8Plain(slice[int8](q, n), slice[int8](row, n))
	case l2I8:
		*i = l2Int8Plain(slice[int8](q, n), slice[int8](row, n))
	case dotU8:
		*i = dotUint8Plain(slice[int8](q, n), slice[uint8](row, n))
	case dotU4:
		*i = dotUint4Plain(slice[int8](q, 2*n), slice[uint8](row, n))
	case dotBits:
		*i = dotBitsPlain(slice[int8](q, n), slice[uint64](row, (n+63)/64))
	case hamming:
		*i = int32(hammingPlain(slice[uint64](q, n), slice[uint64](row, n)))
	}
}
