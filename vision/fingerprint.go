package vision

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// Fingerprint is a perceptual hash of 64 bits: the signs, against their median,
// of the lowest 8 x 8 frequencies of a 32 x 32 picture of the luma. Copies that
// were resized, re-encoded or lightly tinted differ in a few bits; unrelated
// pictures in about 32. It does not survive a crop, a turn or a mirror, and says
// nothing about a plain picture, whose bits are all 0.
type Fingerprint uint64

// Distance is the number of bits in which two fingerprints differ, 0 to 64.
// Up to 6 is nearly always the same picture, over 14 seldom is.
func (f Fingerprint) Distance(g Fingerprint) int { return bits.OnesCount64(uint64(f ^ g)) }

// String is 16 hexadecimal digits.
func (f Fingerprint) String() string { return fmt.Sprintf("%016x", uint64(f)) }

// Fingerprint computes the hash of the whole picture. Cost: well under 1 ms.
func (p *Picture) Fingerprint() Fingerprint { return fingerprint(p.view(Full)) }

const hashSide, hashFreq = 32, 8

// cosines are the rows 1..8 of a 32-point DCT-II: the zeroth, the mean, is left
// out in both directions, so that brightness does not count.
var cosines = func() (c [hashFreq][hashSide]float64) {
	for u := range c {
		for x := range c[u] {
			c[u][x] = math.Cos(math.Pi / hashSide * (float64(x) + 0.5) * float64(u+1))
		}
	}
	return c
}()

func fingerprint(v view) Fingerprint {
	var rowsOf [hashSide][hashFreq]float64
	const step = side / hashSide
	for y := range hashSide {
		for x := range hashSide {
			s := 0
			for i := range step {
				o := (y*step+i)*side + x*step
				for _, p := range v.luma[o : o+step] {
					s += int(p)
				}
			}
			for u := range hashFreq {
				rowsOf[y][u] += float64(s) * cosines[u][x]
			}
		}
	}
	var coef [hashFreq * hashFreq]float64
	for w := range hashFreq {
		for u := range hashFreq {
			s := 0.0
			for y := range hashSide {
				s += rowsOf[y][u] * cosines[w][y]
			}
			coef[w*hashFreq+u] = math.Round(s) // a plain picture gives exact zeros
		}
	}
	sorted := coef
	slices.Sort(sorted[:])
	median := sorted[len(sorted)/2]
	var f Fingerprint
	for i, c := range coef {
		if c > median {
			f |= 1 << i
		}
	}
	return f
}
