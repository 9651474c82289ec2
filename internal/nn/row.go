package nn

import "math"

// ExpSum sets dst to exp(scale·src - shift), the exponent held within [-87, 60] so
// that nothing becomes infinite or denormal, and returns the sum. dst may be src.
// Relative error about 2⁻²².
func ExpSum(dst, src []float32, scale, shift float32) float32 {
	if len(src) == 0 {
		return 0
	}
	dst = dst[:len(src)]
	if fast {
		return expSum512(&dst[0], &src[0], len(src), scale, shift)
	}
	sum := float32(0)
	for i, v := range src {
		x := float32(math.Exp(float64(min(max(scale*v-shift, -87), 60))))
		dst[i] = x
		sum += x
	}
	return sum
}

// Step is one step of AdamW: the rate of this step, corrected for the start, the
// decays of both moments, and the weight decay.
type Step struct {
	Rate, Beta1, Beta2, Epsilon, Decay float32
	Number                             int // from 1
}

// Apply moves p against the gradient g; m and v are the moments, zero at first.
// Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019; the
// correction of the moments is put into the rate and ε, as in Kingma and Ba,
// section 2.
func (s Step) Apply(p, m, v, g []float32) {
	one := 1 - math.Pow(float64(s.Beta1), float64(s.Number))
	two := math.Sqrt(1 - math.Pow(float64(s.Beta2), float64(s.Number)))
	c := [5]float32{1 - s.Beta1, 1 - s.Beta2, float32(float64(s.Rate) * two / one), float32(float64(s.Epsilon) * two), 1 - s.Rate*s.Decay}
	n := 0
	if fast && len(p) >= 16 {
		n = len(p) &^ 15
		adam512(&p[0], &m[:n][0], &v[:n][0], &g[:n][0], n, &c[0])
	}
	for i := n; i < len(p); i++ {
		m[i] += c[0] * (g[i] - m[i])
		v[i] += c[1] * (g[i]*g[i] - v[i])
		p[i] = c[4]*p[i] - c[2]*m[i]/(float32(math.Sqrt(float64(v[i])))+c[3])
	}
}
