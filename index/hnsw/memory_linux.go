package hnsw

import (
	"os"

	"golang.org/x/sys/unix"
)

const mapFlags = unix.MAP_ANON | unix.MAP_PRIVATE | unix.MAP_NORESERVE

// huge asks for pages of 2 MiB: a walk touches rows all over the array, and small pages would
// cost a miss of the translation buffer for each.
func huge(b []byte) { _ = unix.Madvise(b, unix.MADV_HUGEPAGE) }

// reserve makes a file of that size with room on the disk for it: writing to a mapping that has none ends the process.
func reserve(f *os.File, size int64) error { return unix.Fallocate(int(f.Fd()), 0, 0, size) }
