package graph

import (
	"os"
	"syscall"
	"testing"
)

// Memory that nobody has written to is not in use; after it was, it is.
func TestInUse(t *testing.T) {
	b, err := syscall.Mmap(-1, 0, 4<<20, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Skip(err)
	}
	defer func() { _ = syscall.Munmap(b) }()
	if inUse(b) {
		t.Error("fresh memory is said to be in use")
	}
	for i := 0; i < len(b); i += os.Getpagesize() {
		b[i] = 1
	}
	if !inUse(b) {
		t.Error("memory that was written to is said to be fresh")
	}
}
