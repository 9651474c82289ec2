package vec

import "golang.org/x/sys/cpu"

func able() bool { return cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasPOPCNT }
