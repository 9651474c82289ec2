package jpeg

import "golang.org/x/sys/cpu"

// vectors says that the kernels run here.
var vectors = cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL

func idct(b *[64]int16, scale *[64]float32, dst []byte, stride int) {
	if !vectors {
		idctPlain(b, scale, dst, stride)
		return
	}
	_ = dst[7*stride+7]
	idct8(b, scale, &dst[0], stride)
}

func half(b *[64]int16, scale *[64]float32, dst []byte, stride int) {
	if !vectors {
		halfPlain(b, scale, dst, stride)
		return
	}
	_ = dst[3*stride+3]
	half4(b, scale, &dst[0], stride)
}

func fdct(src []byte, stride int, scale *[64]float32, out *[64]int16) uint64 {
	if !vectors {
		return fdctPlain(src, stride, scale, out)
	}
	_ = src[7*stride+7]
	return fdct8(&src[0], stride, scale, out)
}
