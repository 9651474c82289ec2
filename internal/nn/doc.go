// Package nn holds the inner loops of training small networks: products of
// matrices with operands that are transposed or lie apart, exponentials of rows,
// and steps of Adam.
//
// vec.AddProduct copies both sides on every call, as large products want. Here the
// right side is copied once and serves many small left sides, which are read in
// place: the weights of a layer and the vectors of a catalogue, block after block
// of a batch.
//
// It knows no layers; those are written out where they are used (model/seq). The
// fast paths need AVX-512 and have plain twins; on one path the order of every
// sum is fixed, so that the same input gives the same bits. Paths differ in the
// last bits. Everything is safe for concurrent use on distinct outputs.
package nn

//go:generate go run ./gen -out kernels_amd64.s -stubs kernels_amd64.go -pkg nn
