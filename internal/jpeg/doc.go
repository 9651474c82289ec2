// Package jpeg reads JPEGs at a half, a quarter or an eighth of their size, or whole, and
// writes small ones, both faster than image/jpeg: planes of Y, Cb and Cr in, planes out,
// no RGB on the way. Decode takes baseline and progressive files of one component or of
// three in YCbCr; what is rarer (CMYK, RGB, 12 bits, arithmetic codes) it leaves to
// image/jpeg by ErrUnusual. It is not for editing and knows no metadata.
//
// A picture reduced by n is what the whole one gives when boxes of n x n pixels are
// averaged, to rounding: the average is taken among the coefficients (see fold).
//
// Transforms run by AVX-512 where the processor has it, else in plain Go; both give the
// same bytes. Everything starts no goroutine and may be called concurrently.
//
//go:generate go run ./gen -out kernels_amd64.s -stubs stubs_amd64.go -pkg jpeg
package jpeg
