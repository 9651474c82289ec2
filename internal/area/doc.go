// Package area resamples planes of pixels by area: each output pixel is the mean of the
// input that it covers, which neither rings nor aliases and reads each input byte once or
// twice. Where the output is larger, neighbours are mixed linearly. It knows bytes only;
// what the planes mean is its callers' business.
//
// Weights are integers, so that AVX-512, where the processor has it, and plain Go give the
// same bytes. Everything may be called concurrently.
//
//go:generate go run ./gen -out kernels_amd64.s -stubs stubs_amd64.go -pkg area
package area
