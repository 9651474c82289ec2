//go:build linux

package vec

import (
	"syscall"
	"testing"
	"unsafe"
)

// Rows that end where a page ends, with a page behind that may not be read: a
// kernel that reads one byte too many ends the test.
func TestKernelsReadNothingBehind(t *testing.T) {
	page := syscall.Getpagesize()
	mem, err := syscall.Mmap(-1, 0, 2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Skip(err)
	}
	defer func() { _ = syscall.Munmap(mem) }()
	if err := syscall.Mprotect(mem[page:], syscall.PROT_NONE); err != nil {
		t.Skip(err)
	}
	for _, path := range Paths() {
		restore := Use(path)
		for n := 2; n <= 200; n += 2 {
			atEnd(t, mem[:page], DotF32, n)
			atEnd(t, mem[:page], L2F32, n)
			atEnd(t, mem[:page], DotF16, n)
			atEnd(t, mem[:page], L2BF16, n)
			atEnd(t, mem[:page], DotI8, n)
			atEnd(t, mem[:page], L2I8, n)
			atEnd(t, mem[:page], DotU8, n)
			atEnd(t, mem[:page], DotU4, n)
			atEnd(t, mem[:page], DotBits, n)
			atEnd(t, mem[:page], HammingBits, n)
		}
		restore()
	}
}

// atEnd has the query, and then the rows, end at the end of mem.
func atEnd[Q, R, D any](t *testing.T, mem []byte, k Kernel[Q, R, D], n int) {
	t.Helper()
	l := k.RowLen(n)
	const count = 1
	end := unsafe.Add(unsafe.Pointer(&mem[0]), len(mem))
	q := unsafe.Slice((*Q)(unsafe.Add(end, -n*size[Q]())), n)
	rows := unsafe.Slice((*R)(unsafe.Add(end, -count*l*size[R]())), count*l)
	k.One(q, make([]R, l))
	var dst [count]D
	k.Gather(dst[:], make([]Q, n), rows, l, []uint32{0})
}
