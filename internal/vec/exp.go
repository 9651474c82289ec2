package vec

import "math"

// Exp is eˣ to about 2 units of the last place: x = n·ln 2 + r, a polynomial of degree 6 for eʳ (the coefficients of Cephes'
// expf, Moshier), and n into the exponent. It is the same on every machine that rounds as IEEE 754 says: each product is
// rounded, so that none is fused with a sum. Results below 1.2e-38 are 0.
func Exp(x float32) float32 {
	switch {
	case x > 88: // where 2ⁿ has no exponent of its own
		return float32(math.Exp(float64(x)))
	case x < -87.33654:
		return 0
	case x != x:
		return x
	}
	n := float32(math.Floor(float64(float32(x*1.44269504) + 0.5)))
	r := x - float32(n*0.693359375)
	r -= float32(n * -2.12194440e-4)
	p := float32(1.9875691500e-4)
	p = float32(p*r) + 1.3981999507e-3
	p = float32(p*r) + 8.3334519073e-3
	p = float32(p*r) + 4.1665795894e-2
	p = float32(p*r) + 1.6666665459e-1
	p = float32(p*r) + 5.0000001201e-1
	p = float32(float32(p*r)*r) + r + 1
	return p * math.Float32frombits(uint32(int32(n)+127)<<23)
}
