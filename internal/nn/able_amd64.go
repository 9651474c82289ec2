package nn

import "golang.org/x/sys/cpu"

func able() bool { return cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL }
