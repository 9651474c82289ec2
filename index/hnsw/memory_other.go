//go:build !unix

package hnsw

// allocate returns n zeroes; the collector takes them back.
func allocate[T any](n int) ([]T, func()) { return make([]T, n), nil }
