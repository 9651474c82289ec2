package graph

import (
	"os"
	"syscall"
	"unsafe"
)

const (
	hugePage    = 2 << 20
	hugeFrom    = 16 << 20 // bytes from which a column asks for huge pages
	advHuge     = 14       // MADV_HUGEPAGE
	advCollapse = 25       // MADV_COLLAPSE
)

// adviseHuge asks for huge pages for what lies in s. A system that has none goes on with small ones.
func adviseHuge[T any](s []T) {
	if b := hugeable(s); b != nil {
		_ = syscall.Madvise(b, advHuge) // advice only
	}
}

// makeHuge is adviseHuge for memory that the runtime has just handed out. What stands in small pages already, as memory does that it hands
// out again or has cleared before, is moved: a page keeps its size otherwise, and a graph in small pages is walked at two thirds of
// the speed.
func makeHuge[T any](s []T) {
	adviseHuge(s)
	if b := hugeable(s); b != nil && inUse(b) {
		_ = syscall.Madvise(b, advCollapse)
	}
}

// hugeable is the part of s that huge pages can hold; nil where it is not worth while.
func hugeable[T any](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	p := unsafe.Pointer(unsafe.SliceData(s))
	size := uintptr(len(s)) * unsafe.Sizeof(s[0])
	skip := -uintptr(p) & (hugePage - 1)
	if size < hugeFrom || size < skip+hugePage {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Add(p, skip)), (size-skip)&^(hugePage-1))
}

// inUse tells whether a thirtieth of the pages or more is there already. Of fresh memory none is, and the first writes bring huge ones.
func inUse(b []byte) bool {
	have := make([]byte, len(b)/os.Getpagesize())
	_, _, no := syscall.Syscall(syscall.SYS_MINCORE, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), uintptr(unsafe.Pointer(unsafe.SliceData(have))))
	n := 0
	for _, x := range have {
		n += int(x & 1)
	}
	return no == 0 && n > len(have)/30
}
