package onnx

import (
	"math"

	"bowerbird/internal/vec"
)

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
		e := vec.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + vec.Exp(-x))
}

func tanh32(x float32) float32 {
	if a := abs32(x); a < .25 { // where 1-e loses digits
		return float32(math.Tanh(float64(x)))
	}
	e := vec.Exp(-2 * abs32(x))
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
