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
	data := encodeJPEG(b, textured(1632, 1224), 90)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := vision.Process(data, vision.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkInspect(b *testing.B) {
	data := pngOf(b, 16000, 16000, 1, 0, 2000, 16000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := vision.Inspect(data, vision.Options{}); err == nil {
			b.Fatal("accepted")
		}
	}
}

// BenchmarkParts says where the time of BenchmarkProcess2MP goes.
func BenchmarkParts(b *testing.B) {
	data := encodeJPEG(b, textured(1632, 1224), 90)
	p, err := vision.Decode(data, vision.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		do   func() error
	}{
		{"jpeg.Decode", func() error { _, err := jpeg.Decode(bytes.NewReader(data)); return err }},
		{"Decode", func() error { _, err := vision.Decode(data, vision.Options{}); return err }},
		{"Large", func() error { _, err := p.Thumbnail(960); return err }},
		{"Small", func() error { _, err := p.Thumbnail(320); return err }},
		{"Placeholder", func() error { p.Placeholder(); return nil }},
		{"Colors", func() error { p.Colors(); return nil }},
		{"Look", func() error { p.Look(); return nil }},
		{"Describe", func() error { _, err := p.Describe(vision.Full); return err }},
		{"DescribeCrop", func() error { _, err := p.Describe(vision.Rect{X: 0.1, Y: 0.1, W: 0.6, H: 0.6}); return err }},
		{"Fingerprint", func() error { p.Fingerprint(); return nil }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if err := c.do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// textured is a scene with fine grain, which costs a JPEG decoder about as much
// as a photograph does.
func textured(w, h int) *image.NRGBA {
	m := scene(w, h, 7)
	seed := uint32(1)
	for i := range m.Pix {
		seed = seed*1664525 + 1013904223
		if i%4 != 3 {
			m.Pix[i] = byte(min(255, int(m.Pix[i])*15/16+int(seed>>28)))
		}
	}
	return m
}
