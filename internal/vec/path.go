package vec

import "os"

// fast says whether the assembly is used. It is written at start, and by
// UsePlain in tests, and only read otherwise.
var fast = able() && os.Getenv("BOWERBIRD_VEC") != "plain"

// Path names the kernels in use: "avx2" or "plain".
func Path() string {
	if fast {
		return "avx2"
	}
	return "plain"
}

// UsePlain turns the plain path on, or back to what the processor can do, and
// returns a function that restores what was before. It is for tests and
// benchmarks, and not safe while other goroutines compute.
func UsePlain(on bool) (restore func()) {
	was := fast
	fast = able() && !on
	return func() { fast = was }
}
