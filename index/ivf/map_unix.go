//go:build linux && (amd64 || arm64)

package ivf

import (
	"errors"
	"os"
	"syscall"
)

// mapFile maps a file for reading. The machine is little-endian, as the file is.
func mapFile(f *os.File) (*mapped, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if st.Size() == 0 || st.Size() != int64(int(st.Size())) {
		return nil, errors.New("a file of this size cannot be mapped")
	}
	b, err := syscall.Mmap(int(f.Fd()), 0, int(st.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	return &mapped{b, func() error { return syscall.Munmap(b) }}, nil
}
