package area_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"bowerbird/internal/area"
)

var cases = []struct {
	w, h, dw, dh int
	win          area.Window
}{
	{1, 1, 1, 1, area.Whole(1, 1)}, {1, 1, 9, 5, area.Whole(1, 1)}, {40, 30, 40, 30, area.Whole(40, 30)},
	{1225, 61, 960, 48, area.Whole(1225, 61)}, {960, 64, 320, 21, area.Whole(960, 64)}, {960, 128, 128, 128, area.Whole(960, 128)},
	{320, 240, 128, 128, area.Window{X0: 31.5, Y0: 20.25, X1: 250.75, Y1: 200}}, {5000, 9, 17, 3, area.Whole(5000, 9)},
	{3, 200, 3, 8, area.Whole(3, 200)}, {37, 37, 128, 128, area.Window{X0: 36, Y0: 36, X1: 37, Y1: 37}},
	{961, 31, 960, 30, area.Window{X1: 960.5, Y1: 30.5}},
}

func noise(n int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 2))
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(r.Uint32())
	}
	return out
}

func TestTwins(t *testing.T) {
	for i, c := range cases {
		t.Run(fmt.Sprintf("%dx%d to %dx%d", c.w, c.h, c.dw, c.dh), func(t *testing.T) {
			src := noise((c.w+5)*c.h, uint64(i))
			fast, plain := make([]byte, c.dh*(c.dw+3)), make([]byte, c.dh*(c.dw+3))
			m := area.NewMap(c.w, c.h, c.win, c.dw, c.dh)
			m.Apply(fast, c.dw+3, src, c.w+5)
			m.Apply(fast, c.dw+3, src, c.w+5) // again: nothing is left over
			done := area.Plain()
			area.NewMap(c.w, c.h, c.win, c.dw, c.dh).Apply(plain, c.dw+3, src, c.w+5)
			done()
			if !bytes.Equal(fast, plain) {
				t.Error("the kernels differ from plain Go")
			}
			for y := range c.dh {
				if !bytes.Equal(plain[y*(c.dw+3)+c.dw:(y+1)*(c.dw+3)], []byte{0, 0, 0}) {
					t.Fatal("written beyond the row")
				}
			}
		})
	}
}

// TestMeans holds a reduction against the mean of what each output covers.
func TestMeans(t *testing.T) {
	const w, h, dw, dh = 103, 57, 40, 21
	src := noise(w*h, 3)
	out := make([]byte, dw*dh)
	area.NewMap(w, h, area.Whole(w, h), dw, dh).Apply(out, dw, src, w)
	three := area.Interleaved(func(y int) []byte {
		row := make([]byte, 0, 3*w)
		for _, v := range src[y*w : (y+1)*w] {
			row = append(row, v, 255-v, v/2)
		}
		return row
	}, w, h, area.Whole(w, h), dw, dh)
	overlap := func(lo, hi float64, i int) float64 { return max(0, min(hi, float64(i+1))-max(lo, float64(i))) }
	for y := range dh {
		for x := range dw {
			sum := 0.0
			for v := range h {
				for u := range w {
					k := overlap(float64(x)*w/dw, float64(x+1)*w/dw, u) * overlap(float64(y)*h/dh, float64(y+1)*h/dh, v)
					sum += k * float64(src[v*w+u]) * dw * dh / w / h
				}
			}
			if d := math.Abs(sum - float64(out[y*dw+x])); d > 1 {
				t.Fatalf("%d, %d is %d, want %.2f", x, y, out[y*dw+x], sum)
			}
			if d := math.Abs(sum - float64(three[3*(y*dw+x)])); d > 1 {
				t.Fatalf("interleaved: %d, %d is %d, want %.2f", x, y, three[3*(y*dw+x)], sum)
			}
		}
	}
}

func BenchmarkApply(b *testing.B) {
	src := noise(1225*1633, 1)
	out := make([]byte, 960*1280)
	run := func(b *testing.B) {
		for b.Loop() {
			area.NewMap(1225, 1633, area.Whole(1225, 1633), 960, 1280).Apply(out, 960, src, 1225)
		}
	}
	b.Run("kernels", run)
	b.Run("plain", func(b *testing.B) {
		defer area.Plain()()
		run(b)
	})
}
