//go:build !amd64

package vec

import "unsafe"

func able() level { return plain }

// Never called: able is plain.
func dotAVX2(a, b *float32, n int) float32     { panic("vec: no AVX2") }
func l2AVX2(a, b *float32, n int) float32      { panic("vec: no AVX2") }
func axpyAVX2(a float32, x, y *float32, n int) { panic("vec: no AVX2") }
func tileAVX2(k int, a, b, c *float32, stride int) {
	panic("vec: no AVX2")
}
func prefetchList(base *byte, stride int, list *byte, how, count, span int) {
	panic("vec: no AVX2")
}

func (k kind) wide(dst, q unsafe.Pointer, n int, base unsafe.Pointer, stride int, list unsafe.Pointer, how, count int) {
	panic("vec: no AVX-512")
}

func rectifyAVX2(pos, neg, x, bias *float32, scale, threshold float32, n int) {
	panic("vec: no AVX2")
}

func (k kind) fast(dst, q unsafe.Pointer, n int, base unsafe.Pointer, stride int, list unsafe.Pointer, how, count int) {
	panic("vec: no AVX2")
}
