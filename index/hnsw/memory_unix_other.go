//go:build unix && !linux

package hnsw

import "golang.org/x/sys/unix"

const mapFlags = unix.MAP_ANON | unix.MAP_PRIVATE

func huge([]byte) {}
