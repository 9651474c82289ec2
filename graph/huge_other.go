//go:build !linux

package graph

// adviseHuge does nothing here.
func adviseHuge[T any]([]T) {}
