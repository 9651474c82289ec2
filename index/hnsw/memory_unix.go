//go:build unix

package hnsw

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// mapAt is the size in bytes from which an array lies outside the garbage collector's heap, in
// pages that are taken from the machine as they are first written to.
const mapAt = 1 << 22

// allocate returns n zeroes, and what gives them back, nil where the collector does.
func allocate[T any](n int) ([]T, func()) {
	var t T
	size := n * int(unsafe.Sizeof(t))
	if size < mapAt {
		return make([]T, n), nil
	}
	b, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, mapFlags)
	if err != nil {
		return make([]T, n), nil
	}
	huge(b)
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n), func() { _ = unix.Munmap(b) }
}
