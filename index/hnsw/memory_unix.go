//go:build unix

package hnsw

import (
	"fmt"
	"os"
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

// inFile returns n zeroes in a file of a folder, mapped: the file has no name, and is gone with the mapping.
func inFile(dir string, n int) ([]float32, func(), error) {
	f, err := os.CreateTemp(dir, "rows-")
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if err := os.Remove(f.Name()); err != nil {
		return nil, nil, err
	}
	size := int64(n) * 4
	if err := reserve(f, size); err != nil {
		return nil, nil, fmt.Errorf("%d bytes in %s: %w", size, dir, err)
	}
	b, err := unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, nil, fmt.Errorf("map %d bytes in %s: %w", size, dir, err)
	}
	_ = unix.Madvise(b, unix.MADV_RANDOM)
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(b))), n), func() { _ = unix.Munmap(b) }, nil
}
