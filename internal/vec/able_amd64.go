package vec

import "golang.org/x/sys/cpu"

func able() level {
	x := &cpu.X86
	switch {
	case !x.HasAVX2 || !x.HasFMA || !x.HasPOPCNT || !x.HasBMI2 || !x.HasF16C:
		return plain
	case !x.HasAVX512F || !x.HasAVX512BW || !x.HasAVX512DQ || !x.HasAVX512VL || !x.HasAVX512VNNI || !x.HasAVX512VPOPCNTDQ:
		return avx2
	}
	return avx512
}
