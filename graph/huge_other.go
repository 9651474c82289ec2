//go:build !linux

package graph

// adviseHuge does nothing here.
func adviseHuge[T any]([]T) {}

// makeHuge does nothing here.
func makeHuge[T any]([]T) {}
