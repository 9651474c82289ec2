// Package nn holds the inner loops of training small networks: products of
// matrices with operands that are transposed or lie apart, exponentials of rows,
// and steps of Adam.
//
// It knows no layers; those are written out where they are used (model/seq). The
// fast paths need AVX-512 and have plain twins; on one path the order of every
// sum is fixed, so that the same input gives the same bits. Paths differ in the
// last bits. Everything is safe for concurrent use on distinct outputs.
package nn

//go:generate go run ./gen -out kernels_amd64.s -stubs kernels_amd64.go -pkg nn
