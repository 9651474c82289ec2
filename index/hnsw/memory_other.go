//go:build !unix

package hnsw

import "errors"

// allocate returns n zeroes; the collector takes them back.
func allocate[T any](n int) ([]T, func()) { return make([]T, n), nil }

// inFile is not there.
func inFile(string, int) ([]float32, func(), error) { return nil, nil, errors.ErrUnsupported }
