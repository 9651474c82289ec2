package graph

import (
	"syscall"
	"unsafe"
)

const (
	hugePage  = 2 << 20
	hugeFrom  = 16 << 20 // bytes from which a column asks for huge pages
	advHuge   = 14       // MADV_HUGEPAGE
	advRandom = 1        // MADV_RANDOM
)

// adviseHuge asks for huge pages for what lies in s. A system that has none goes on with small ones.
func adviseHuge[T any](s []T) {
	if len(s) == 0 {
		return
	}
	p := unsafe.Pointer(unsafe.SliceData(s))
	size := uintptr(len(s)) * unsafe.Sizeof(s[0])
	skip := -uintptr(p) & (hugePage - 1)
	if size < hugeFrom || size < skip+hugePage {
		return
	}
	b := unsafe.Slice((*byte)(unsafe.Add(p, skip)), (size-skip)&^(hugePage-1))
	_ = syscall.Madvise(b, advHuge) // advice only
}
