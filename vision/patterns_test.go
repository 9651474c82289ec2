package vision

import (
	"math/rand/v2"
	"testing"
)

// TestPatterns holds the patterns of eight pixels at once against one at a time.
func TestPatterns(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for _, n := range []int{3, 9, 10, 17, 64} {
		for _, spread := range []int{2, 7, 256} {
			p := make([]byte, n*n+8)
			for i := range p {
				p[i] = byte(256 - spread*r.IntN(2) - r.IntN(spread)) // at 0 and 255 too
			}
			var got [10]float32
			binaryPatterns(p[:n*n], n, got[:])
			var counts [10]int
			for y := 1; y < n-1; y++ {
				for x := 1; x < n-1; x++ {
					code := 0
					for b, o := range [8]int{-n - 1, -n, -n + 1, 1, n + 1, n, n - 1, -1} {
						if int(p[y*n+x+o]) > int(p[y*n+x])+2 {
							code |= 1 << b
						}
					}
					counts[patternBin[code]]++
				}
			}
			for i, c := range counts {
				if got[i] != float32(c)/float32((n-2)*(n-2)) {
					t.Fatalf("%d pixels, spread %d: bin %d is %v, want %d", n, spread, i, got[i], c)
				}
			}
		}
	}
}
