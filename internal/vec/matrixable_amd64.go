package vec

import "golang.org/x/sys/cpu"

// wide says whether matrices use the AVX-512 tile. Where it is false, or the
// plain path is on, the others do; the bits of products do not depend on it.
var wide = cpu.X86.HasAVX512F
