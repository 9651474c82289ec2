//go:build !amd64

package vec

// Never called: able is false.
func tileAVX512(k int, a, b, c *float32, stride int) { panic("vec: no AVX-512") }
