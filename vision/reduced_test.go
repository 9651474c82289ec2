package vision_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"testing"

	"bowerbird/vision"
	prints "bowerbird/vision/copies"
)

// TestReducedDecode holds pictures that are read at a half, a quarter or an eighth against
// the same read whole by image/jpeg.
func TestReducedDecode(t *testing.T) {
	for _, s := range []image.Point{{1925, 1003}, {3841, 400}, {300, 8000}} {
		for _, gray := range []bool{false, true} {
			t.Run(fmt.Sprint(s, gray), func(t *testing.T) {
				var m image.Image = scene(s.X, s.Y, 7)
				if gray {
					g := image.NewGray(m.Bounds())
					for i := range g.Pix {
						r, _, _, _ := m.At(i%s.X, i/s.X).RGBA()
						g.Pix[i] = byte(r >> 8)
					}
					m = g
				}
				data := encodeJPEG(t, m, 90)
				got, err := vision.Decode(data, vision.Options{})
				if err != nil {
					t.Fatal(err)
				}
				whole, err := jpeg.Decode(bytes.NewReader(data))
				if err != nil {
					t.Fatal(err)
				}
				want, err := vision.FromImage(whole, vision.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if got.Width != s.X || got.Height != s.Y {
					t.Errorf("%d x %d", got.Width, got.Height)
				}
				a, aw, ah, err := got.Pixels(vision.Full)
				if err != nil {
					t.Fatal(err)
				}
				b, bw, bh, err := want.Pixels(vision.Full)
				if err != nil {
					t.Fatal(err)
				}
				if aw != bw || ah != bh {
					t.Fatalf("%d x %d, want %d x %d", aw, ah, bw, bh)
				}
				sum := 0.0
				for i := range a {
					d := float64(a[i]) - float64(b[i])
					sum += d * d
				}
				if p := 10 * math.Log10(255*255/max(sum/float64(len(a)), 1e-9)); p < 38 {
					t.Errorf("PSNR %.1f dB", p)
				}
				x, err := prints.Of(got)
				if err != nil {
					t.Fatal(err)
				}
				y, err := prints.Of(want)
				if err != nil {
					t.Fatal(err)
				}
				for i, v := range x.Pack() {
					if d := int(v) - int(y.Pack()[i]); d < -6 || d > 6 {
						t.Fatalf("byte %d of the print is off by %d", i, d)
					}
				}
				for _, r := range []vision.Rect{vision.Full, {X: .1, Y: .2, W: .5, H: .4}} {
					d, err := got.Describe(r)
					if err != nil {
						t.Fatal(err)
					}
					e, err := want.Describe(r)
					if err != nil {
						t.Fatal(err)
					}
					if c := dot(d, e); c < .997 {
						t.Errorf("descriptors of %v have a cosine of %.5f", r, c)
					}
				}
			})
		}
	}
}

// TestReducedTurned: the sides are exchanged before it is decided by how much to reduce.
func TestReducedTurned(t *testing.T) {
	data := withExif(encodeJPEG(t, corners(1000, 2100), 90), exif(binary.BigEndian, 6))
	p, err := vision.Decode(data, vision.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Width != 2100 || p.Height != 1000 {
		t.Fatalf("%d x %d", p.Width, p.Height)
	}
	_, w, h, err := p.Pixels(vision.Full)
	if err != nil || w != 960 || h != 457 {
		t.Fatalf("kept %d x %d, %v", w, h, err)
	}
}
