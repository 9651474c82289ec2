package vec

import (
	"math"
	"testing"
)

func TestExp(t *testing.T) {
	for x := float32(-95); x < 95; x += .00137 {
		want, got := math.Exp(float64(x)), float64(Exp(x))
		switch {
		case want > math.MaxFloat32:
			if !math.IsInf(got, 1) {
				t.Fatalf("e^%v = %v, want +Inf", x, got)
			}
		case want < 1.2e-38:
			if got > 1.2e-38 {
				t.Fatalf("e^%v = %v, want %v or 0", x, got, want)
			}
		case math.Abs(got-want) > 2.5e-7*want:
			t.Fatalf("e^%v = %v, want %v", x, got, want)
		}
	}
	nan := float32(math.NaN())
	if Exp(0) != 1 || Exp(float32(math.Inf(-1))) != 0 || !math.IsInf(float64(Exp(float32(math.Inf(1)))), 1) || !math.IsNaN(float64(Exp(nan))) {
		t.Error(Exp(0), Exp(float32(math.Inf(-1))), Exp(float32(math.Inf(1))), Exp(nan))
	}
}
