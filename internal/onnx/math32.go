package onnx

import "math"

// exp32 is e^x to within 2 units in the last place: x = n·ln 2 + r, a polynomial
// of degree 6 for e^r (Cephes' expf coefficients), and n into the exponent.
func exp32(x float32) float32 {
	switch {
	case x > 88: // where 2ⁿ has no exponent of its own
		return float32(math.Exp(float64(x)))
	case x < -87.33654:
		return 0
	case x != x:
		return x
	}
	n := float32(int32(x*1.44269504 + 0.5*sign(x)))
	r := x - n*0.693359375 + n*2.12194440e-4
	p := float32(1.9875691500e-4)
	p = p*r + 1.3981999507e-3
	p = p*r + 8.3334519073e-3
	p = p*r + 4.1665795894e-2
	p = p*r + 1.6666665459e-1
	p = p*r + 5.0000001201e-1
	p = p*r*r + r + 1
	return p * math.Float32frombits(uint32(int32(n)+127)<<23)
}

func sign(x float32) float32 {
	if x < 0 {
		return -1
	}
	return 1
}

// erf32 is the error function to within 5e-7: a ratio of polynomials in x² on
// [-4, 4], beyond which it is ±1 in float32.
func erf32(x float32) float32 {
	x = min(max(x, -4), 4)
	y := x * x
	p := float32(-2.72614225801306e-10)
	p = p*y + 2.77068142495902e-08
	p = p*y - 2.10102402082508e-06
	p = p*y - 5.69250639462346e-05
	p = p*y - 7.34990630326855e-04
	p = p*y - 2.95459980854025e-03
	p = p*y - 1.60960333262415e-02
	q := float32(-1.45660718464996e-05)
	q = q*y - 2.13374055278905e-04
	q = q*y - 1.68282697438203e-03
	q = q*y - 7.37332916720468e-03
	q = q*y - 1.42647390514189e-02
	return x * p / q
}

func relu(x float32) float32 {
	if x < 0 {
		return 0
	}
	return x // NaN stays
}

func sigmoid(x float32) float32 {
	if x < 0 {
		e := exp32(x)
		return e / (1 + e)
	}
	return 1 / (1 + exp32(-x))
}

func tanh32(x float32) float32 {
	if a := abs32(x); a < .25 { // where 1-e loses digits
		return float32(math.Tanh(float64(x)))
	}
	e := exp32(-2 * abs32(x))
	return sign(x) * (1 - e) / (1 + e)
}

func abs32(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }

func neg32(x float32) float32      { return -x }
func reciprocal(x float32) float32 { return 1 / x }
func sqrt32(x float32) float32     { return float32(math.Sqrt(float64(x))) }
func log32(x float32) float32      { return float32(math.Log(float64(x))) }
func sin32(x float32) float32      { return float32(math.Sin(float64(x))) }
func cos32(x float32) float32      { return float32(math.Cos(float64(x))) }
func floor32(x float32) float32    { return float32(math.Floor(float64(x))) }
func ceil32(x float32) float32     { return float32(math.Ceil(float64(x))) }
func softplus(x float32) float32 {
	return float32(math.Log1p(math.Exp(-math.Abs(float64(x))))) + max(x, 0)
}
func hardSwish(x float32) float32 { return x * min(max(x/6+.5, 0), 1) }
func negInt(x int64) int64        { return -x }

func absInt(x int64) int64 {
	if x < 0 {
		return -x
	}
	return x
}
