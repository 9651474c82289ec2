// Package vec holds the inner loops of Bowerbird: products and distances of
// vectors of float32, int8 and bits, one query against many rows, sums of
// scaled vectors, products of matrices, and the selection of the best scores.
//
// It is not a linear-algebra library: decompositions are gonum's. Lengths are
// the caller's to check; a kernel panics when they do not fit, because that is
// a broken invariant of ours and never a user's input.
//
// Every fast path has a plain Go twin in plain.go. The fast path is chosen once
// at start, when the processor has AVX2, FMA and POPCNT; BOWERBIRD_VEC=plain in
// the environment keeps the plain path, as does [UsePlain] in a test.
//
// # Which bits are promised
//
// On one path the order of summation is fixed: the same input gives the same
// bits, and Dot, DotRows and DotPtrs (L2, L2Rows and L2Ptrs) agree with each
// other to the bit. Between paths the order differs and FMA rounds once where
// the plain path rounds twice, so the last bits of a float32 may differ, by at
// most n·2⁻²² of the sum of the magnitudes of n terms (the tests hold this).
// What must be byte-identical on different machines, such as a checkpoint that
// is compared with another's, has to be made on one path. DotInt8 and Hamming
// are exact and so the same everywhere.
//
// Everything here is safe for concurrent use on distinct outputs; nothing
// allocates except where a comment says so.
package vec

//go:generate go run ./gen -out kernels_amd64.s -stubs kernels_amd64.go -pkg vec
//go:generate go run ./gen512 -out matrix512_amd64.s -stubs matrix512_amd64.go -pkg vec
