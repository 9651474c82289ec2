// Package vec holds the inner loops of Bowerbird: products and distances of
// vectors of float32, 16-bit floats, int8, packed 4-bit numbers and bits, one
// query against many rows, sums of scaled vectors, products of matrices, and the
// selection of the best scores.
//
// It is not a linear-algebra library: decompositions are gonum's. Lengths are
// the caller's to check; a kernel panics when they do not fit, because that is
// a broken invariant of ours and never a user's input.
//
// [Kernel] is the table: for each kind of element, one row, rows that follow one
// another, rows by number (a step of a walk), rows by pointer. Dot, L2 and their
// Rows and Ptrs are the float32 ones.
//
// Every fast path has a plain Go twin in plain.go. The path is chosen once at
// start: "avx512" where the processor has F, BW, DQ, VL, VNNI and VPOPCNTDQ of it
// (Intel since Ice Lake, AMD since Zen 4), "avx2" where it has AVX2, FMA, F16C,
// BMI2 and POPCNT, "plain" otherwise. BOWERBIRD_VEC=plain or avx2 in the
// environment asks for less, as does [Use] in a test.
//
// # Which bits are promised
//
// On one path the order of summation is fixed: the same input gives the same
// bits, however many rows are compared at once and however they are named.
// Between paths the order differs and FMA rounds once where the plain path rounds
// twice, so the last bits of a float32 may differ, by at most n·2⁻²² of the sum of
// the magnitudes of n terms (the tests hold this). What must be byte-identical on
// different machines, such as a checkpoint that is compared with another's, has
// to be made on one path. Sums of integers and bits are exact and so the same
// everywhere.
//
// Everything here is safe for concurrent use on distinct outputs; nothing
// allocates except where a comment says so.
package vec

//go:generate go run ./gen -out kernels_amd64.s -stubs kernels_amd64.go -pkg vec
//go:generate go run ./gen512 -out matrix512_amd64.s -stubs matrix512_amd64.go -pkg vec
