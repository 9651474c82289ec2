//go:build unix

package graph

import (
	"errors"
	"os"
	"syscall"
)

var errNoMap = errors.New("graph: this system maps no files")

// mapFile maps a file for reading. It begins at a page, so that the columns lie at multiples of 8.
func mapFile(f *os.File, size int) ([]byte, error) {
	b, err := syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	adviseHuge(b)
	return b, nil
}

func unmapFile(b []byte) error { return os.NewSyscallError("munmap", syscall.Munmap(b)) }
