package vec

import "os"

// level is a set of kernels; each holds the ones before it.
type level int

const (
	plain  level = iota
	avx2         // AVX2, FMA, F16C, POPCNT, BMI2
	avx512       // and AVX-512 F, BW, DQ, VL, VNNI, VPOPCNTDQ
)

var levelNames = [...]string{"plain", "avx2", "avx512"}

// most is what the processor can do; use is what is used. It is written at start,
// and by Use in tests, and only read otherwise.
var (
	most = able()
	use  = chosen(os.Getenv("BOWERBIRD_VEC"))
	fast = use >= avx2
	wide = use >= avx512
)

// chosen is the named level, or the most where there is none of that name or the
// processor cannot do it.
func chosen(name string) level {
	for l, s := range levelNames {
		if s == name {
			return min(level(l), most)
		}
	}
	return most
}

// Path names the kernels in use: "avx512", "avx2" or "plain".
func Path() string { return levelNames[use] }

// Paths names every set of kernels that this processor can run, plain first.
func Paths() []string { return levelNames[:most+1] }

// Use turns to the kernels of that name and returns a function that restores what
// was before. It is for tests and benchmarks, and not safe while other goroutines
// compute.
func Use(name string) (restore func()) {
	was := use
	set(chosen(name))
	return func() { set(was) }
}

// UsePlain turns the plain path on, or back to what the processor can do, as Use.
func UsePlain(on bool) (restore func()) {
	if on {
		return Use("plain")
	}
	return Use("")
}

func set(l level) { use, fast, wide = l, l >= avx2, l >= avx512 }
