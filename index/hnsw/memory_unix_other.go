//go:build unix && !linux

package hnsw

import (
	"os"

	"golang.org/x/sys/unix"
)

const mapFlags = unix.MAP_ANON | unix.MAP_PRIVATE

func huge([]byte) {}

// reserve makes a file of that size. A disk that is full later ends the process.
func reserve(f *os.File, size int64) error { return f.Truncate(size) }
