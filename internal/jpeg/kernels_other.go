//go:build !amd64

package jpeg

var vectors = false

func idct(b *[64]int16, scale *[64]float32, dst []byte, stride int) {
	idctPlain(b, scale, dst, stride)
}

func half(b *[64]int16, scale *[64]float32, dst []byte, stride int) {
	halfPlain(b, scale, dst, stride)
}

func fdct(src []byte, stride int, scale *[64]float32, out *[64]int16) uint64 {
	return fdctPlain(src, stride, scale, out)
}
