package vision_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"bowerbird/vision"
)

// scene draws a repeatable picture of w x h: a graded ground with discs and bars
// whose places and colours depend on seed.
func scene(w, h int, seed uint32) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	next := func() float64 {
		seed = seed*1664525 + 1013904223
		return float64(seed>>8) / (1 << 24)
	}
	tint := func() [3]float64 { return [3]float64{255 * next(), 255 * next(), 255 * next()} }
	type disc struct {
		x, y, r float64
		c       [3]float64
		square  bool
	}
	from, to := tint(), tint()
	discs := make([]disc, 9)
	for i := range discs {
		discs[i] = disc{next(), next(), 0.05 + 0.2*next(), tint(), next() < 0.5}
	}
	for y := range h {
		for x := range w {
			fx, fy := float64(x)/float64(w), float64(y)/float64(h)
			var c [3]float64
			for i := range c {
				c[i] = from[i]*(1-fy) + to[i]*fy
			}
			for _, d := range discs {
				dx, dy := fx-d.x, fy-d.y
				if in := dx*dx+dy*dy < d.r*d.r; in && !d.square || d.square && max(dx, -dx) < d.r && max(dy, -dy) < d.r/2 {
					c = d.c
				}
			}
			m.SetNRGBA(x, y, color.NRGBA{byte(c[0]), byte(c[1]), byte(c[2]), 255})
		}
	}
	return m
}

func encodeJPEG(t testing.TB, m image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodePNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func BenchmarkProcess2MP(b *testing.B) {
	data := encodeJPEG(b, scene(1632, 1224, 7), 90)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := vision.Process(data, vision.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
