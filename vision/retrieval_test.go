package vision_test

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bowerbird/vision"

	xdraw "golang.org/x/image/draw"
)

// copies are what people do to a picture before they post it again.
var copies = []struct {
	name string
	of   func(m image.Image) image.Image
}{
	{"crop of 60 %", func(m image.Image) image.Image { return part(m, 0.12, 0.1, 0.7746, 0.7746) }},
	{"half the size", func(m image.Image) image.Image { return resized(m, 0.5, 0.5) }},
	{"squeezed", func(m image.Image) image.Image { return resized(m, 0.8, 1) }},
	{"tinted", tinted},
}

func part(m image.Image, x, y, w, h float64) image.Image {
	b := m.Bounds()
	at := func(f float64, n int) int { return int(f * float64(n)) }
	r := image.Rect(at(x, b.Dx()), at(y, b.Dy()), at(x+w, b.Dx()), at(y+h, b.Dy()))
	out := image.NewRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	draw.Draw(out, out.Rect, m, r.Min, draw.Src)
	return out
}

func resized(m image.Image, fx, fy float64) image.Image {
	b := m.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, int(fx*float64(b.Dx())), int(fy*float64(b.Dy()))))
	xdraw.ApproxBiLinear.Scale(out, out.Rect, m, b, xdraw.Src, nil)
	return out
}

func tinted(m image.Image) image.Image {
	out := resized(m, 1, 1).(*image.RGBA)
	for i := 0; i < len(out.Pix); i += 4 {
		out.Pix[i] = byte(min(255, 10+int(out.Pix[i])))
		out.Pix[i+2] = byte(int(out.Pix[i+2]) * 9 / 10)
	}
	return out
}

// found counts the queries whose source is among the first n of the base.
func found(base, queries [][]float32, n int) int {
	hits := 0
	for i, q := range queries {
		own, ahead := dot(q, base[i]), 0
		for _, b := range base {
			if dot(q, b) > own {
				ahead++
			}
		}
		if ahead < n {
			hits++
		}
	}
	return hits
}

func TestCopiesFindTheirSource(t *testing.T) {
	const n = 40
	var base [][]float32
	var prints []vision.Fingerprint
	var pictures []image.Image
	for i := range n {
		m := scene(320, 240, uint32(100+i))
		r, err := vision.Process(encodeJPEG(t, m, 90), vision.Options{})
		if err != nil {
			t.Fatal(err)
		}
		base, prints, pictures = append(base, r.Descriptor), append(prints, r.Fingerprint), append(pictures, m)
	}
	for _, c := range copies {
		var queries [][]float32
		far := 0
		for i, m := range pictures {
			r, err := vision.Process(encodeJPEG(t, c.of(m), 60), vision.Options{})
			if err != nil {
				t.Fatal(err)
			}
			queries = append(queries, r.Descriptor)
			far = max(far, prints[i].Distance(r.Fingerprint))
		}
		one, five := found(base, queries, 1), found(base, queries, 5)
		t.Logf("%-14s source first %d, among five %d of %d; fingerprints at most %d bits apart", c.name, one, five, n, far)
		if five < n*95/100 {
			t.Errorf("%s: only %d of %d find their source among five", c.name, five, n)
		}
		if c.name != "crop of 60 %" && far > 10 {
			t.Errorf("%s: fingerprints are %d bits apart", c.name, far)
		}
	}
	near := 64
	for i := range prints {
		for j := range i {
			near = min(near, prints[i].Distance(prints[j]))
		}
	}
	if near < 12 {
		t.Errorf("two different pictures have fingerprints %d bits apart", near)
	}
}

// TestCropBoxFindsItsSource is the same for a box drawn on the picture itself.
func TestCropBoxFindsItsSource(t *testing.T) {
	const n = 40
	var base, queries [][]float32
	for i := range n {
		p, err := vision.FromImage(scene(400, 300, uint32(500+i)), vision.Options{})
		if err != nil {
			t.Fatal(err)
		}
		full, err := p.Describe(vision.Full)
		if err != nil {
			t.Fatal(err)
		}
		box, err := p.Describe(vision.Rect{X: 0.05, Y: 0.2, W: 0.8, H: 0.75})
		if err != nil {
			t.Fatal(err)
		}
		base, queries = append(base, full), append(queries, box)
	}
	if five := found(base, queries, 5); five < n*95/100 {
		t.Errorf("%d of %d boxes find their picture among five", five, n)
	}
}

func TestUKBench(t *testing.T) {
	folder := dataFolder(t, "vision-dup-ukbench-mini")
	files, err := filepath.Glob(filepath.Join(folder, "base_images", "*.jpg"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var names []string
	var base [][]float32
	var prints []vision.Fingerprint
	var pictures []image.Image
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		r, err := vision.Process(data, vision.Options{})
		if err != nil {
			t.Fatal(f, err)
		}
		m, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		names, base, prints = append(names, filepath.Base(f)), append(base, r.Descriptor), append(prints, r.Fingerprint)
		pictures = append(pictures, m)
	}
	for _, c := range copies {
		var queries [][]float32
		for _, m := range pictures {
			r, err := vision.Process(encodeJPEG(t, c.of(m), 60), vision.Options{})
			if err != nil {
				t.Fatal(err)
			}
			queries = append(queries, r.Descriptor)
		}
		if one := found(base, queries, 1); one < len(base)-1 {
			t.Errorf("%s: %d of %d find their source first", c.name, one, len(base))
		}
	}
	for name, source := range map[string]string{
		"mixed_images/ukbench00120_resize.jpg": "ukbench00120.jpg", "ukbench00120_gray.jpg": "ukbench00120.jpg",
		"mixed_images/ukbench00120_hflip.jpg": "ukbench00120.jpg", "formats_images/ukbench09380.png": "ukbench09380.jpg",
		"formats_images/ukbench09380.webp": "ukbench09380.jpg", "formats_images/ukbench09380.jpeg": "ukbench09380.jpg",
	} {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		r, err := vision.Process(data, vision.Options{})
		if err != nil {
			t.Fatal(name, err)
		}
		best, i := -1, -1
		for j := range base {
			if best < 0 || dot(r.Descriptor, base[j]) > dot(r.Descriptor, base[best]) {
				best = j
			}
			if names[j] == source {
				i = j
			}
		}
		t.Logf("%-38s nearest %s, cosine to source %.3f, fingerprint %d bits", name, names[best], dot(r.Descriptor, base[i]), r.Fingerprint.Distance(prints[i]))
		if best != i && !strings.Contains(name, "gray") {
			t.Errorf("%s is nearest to %s", name, names[best])
		}
		if strings.Contains(name, "formats") && (r.Fingerprint.Distance(prints[i]) > 6 || dot(r.Descriptor, base[i]) < 0.95) {
			t.Errorf("%s differs from its source", name)
		}
	}
	for _, name := range []string{"mixed_images/ukbench09268_corrupt.jpg", "formats_images/copyleft.tiff", "formats_images/baboon.pgm"} {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := vision.Process(data, vision.Options{}); err == nil {
			t.Errorf("%s was accepted", name)
		} else {
			t.Log(err)
		}
	}
}

func dataFolder(t testing.TB, name string) string { return vision.DataFolder(t, name) }
