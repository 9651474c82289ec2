package label_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"bowerbird/internal/vec"
	"bowerbird/vision/label"
)

// made are rows of which label 0 is told by one direction, 1 by nothing; 2 is rare.
func made(n int) (x []float32, has [][]int) {
	const dim = 12
	r := rand.New(rand.NewPCG(4, 4))
	for i := range n {
		v := make([]float32, dim)
		for k := range v {
			v[k] = float32(r.NormFloat64())
		}
		vec.Normalize(v)
		var h []int
		if v[0]+v[1] > .25 {
			h = append(h, 0)
		}
		if r.IntN(4) == 0 {
			h = append(h, 1)
		}
		if i < 5 {
			h = append(h, 2)
		}
		x, has = append(x, v...), append(has, h)
	}
	return x, has
}

func TestFit(t *testing.T) {
	const dim, n = 12, 900
	x, has := made(n)
	names := []string{"leaning", "any", "rare"}
	half := func(row int, _ []bool) []float32 { // knows label 1 and nothing of 0
		out := make([]float32, 3)
		for _, l := range has[row] {
			if l == 1 {
				out[1] = 1
			}
		}
		return out
	}
	s, figures, err := label.Fit(t.Context(), x, dim, names, has, label.Options{Beside: half, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Names()) != 2 || s.Names()[0] != "leaning" || !s.Better(0) || s.Better(1) || figures[0].Linear < .9 || figures[1].Beside != 1 {
		t.Fatalf("%q, %+v", s.Names(), figures)
	}
	// Confidences are shares: of those around .7, about .7 are right.
	var said, right [5]float64
	for i, h := range has {
		c := s.Confidence(x[i*dim:(i+1)*dim], 0)
		b := min(4, int(c*5))
		said[b]++
		if len(h) > 0 && h[0] == 0 {
			right[b] += 1
		}
	}
	for b := range said {
		if said[b] >= 60 {
			if share := right[b] / said[b]; math.Abs(share-(float64(b)+.5)/5) > .2 {
				t.Errorf("confidence %.1f: right %.2f of %.0f", (float64(b)+.5)/5, share, said[b])
			}
		}
	}
	var b bytes.Buffer
	if err := s.Save(&b); err != nil {
		t.Fatal(err)
	}
	back, err := label.Load(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		if back.Names()[i] != s.Names()[i] || back.Better(i) != s.Better(i) || back.Confidence(x[:dim], i) != s.Confidence(x[:dim], i) {
			t.Errorf("label %d is another after a turn through a file", i)
		}
	}
	for i := range b.Bytes() {
		bad := bytes.Clone(b.Bytes())
		bad[i] ^= 0x40
		if _, err := label.Load(bytes.NewReader(bad)); err == nil {
			t.Fatalf("a file with byte %d changed was read", i)
		}
	}
	if _, _, err := label.Fit(t.Context(), x[:12*8], dim, names, has[:8], label.Options{}); !errors.Is(err, label.ErrTooFew) {
		t.Errorf("8 rows: %v", err)
	}
	if _, _, err := label.Fit(t.Context(), x[:5], dim, names, has, label.Options{}); err == nil {
		t.Error("rows of another length were learned from")
	}
}

func TestAveragePrecision(t *testing.T) {
	if got := label.AveragePrecision([]float64{.9, .8, .7, .6}, []bool{true, false, true, false}); math.Abs(got-(1+2./3)/2) > 1e-12 {
		t.Error(got)
	}
	if got := label.AveragePrecision([]float64{0, 0, 0, 0}, []bool{true, false, false, false}); got != .25 {
		t.Error("equal scores must count against:", got)
	}
}
