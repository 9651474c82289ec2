package jpeg_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	stdjpeg "image/jpeg"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bowerbird/internal/jpeg"
)

// drawn is a picture of gradients, edges and noise.
func drawn(w, h int, r image.YCbCrSubsampleRatio, seed uint64) *image.YCbCr {
	rnd := rand.New(rand.NewPCG(seed, 1))
	m := image.NewYCbCr(image.Rect(0, 0, w, h), r)
	for y := range h {
		for x := range w {
			v := 128 + 70*math.Sin(float64(x)/9) + 40*math.Cos(float64(y*x)/900)
			if (x/23+y/31)%3 == 0 {
				v = 30 + 2*rnd.Float64()
			}
			m.Y[m.YOffset(x, y)] = byte(min(max(v+6*rnd.NormFloat64(), 0), 255))
			m.Cb[m.COffset(x, y)] = byte(128 + 60*math.Sin(float64(x+2*y)/40))
			m.Cr[m.COffset(x, y)] = byte(128 + 60*math.Cos(float64(x*y)/4000))
		}
	}
	return m
}

// planes are the samples of a decoded picture, one plane after the other, with their sizes.
type samples struct {
	w, h int
	at   func(x, y int) byte
}

func planes(t testing.TB, m image.Image) []samples {
	t.Helper()
	switch m := m.(type) {
	case *image.Gray:
		return []samples{{m.Rect.Dx(), m.Rect.Dy(), func(x, y int) byte { return m.GrayAt(x, y).Y }}}
	case *image.YCbCr:
		w, h := m.Rect.Dx(), m.Rect.Dy()
		o := m.COffset(w-1, h-1)
		cw, ch := o%m.CStride+1, o/m.CStride+1
		return []samples{
			{w, h, func(x, y int) byte { return m.Y[y*m.YStride+x] }},
			{cw, ch, func(x, y int) byte { return m.Cb[y*m.CStride+x] }},
			{cw, ch, func(x, y int) byte { return m.Cr[y*m.CStride+x] }},
		}
	}
	t.Fatalf("decoded a %T", m)
	return nil
}

// compare holds a picture decoded at 1/k against the box means of the whole one by
// image/jpeg: largest error and PSNR of each plane, where whole boxes lie in the picture.
func compare(t testing.TB, data []byte, k int) {
	t.Helper()
	want, err := stdjpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	got, err := jpeg.Decode(data, k)
	if err != nil {
		t.Fatalf("1/%d: %v", k, err)
	}
	b := want.Bounds()
	if w, h := (b.Dx()+k-1)/k, (b.Dy()+k-1)/k; got.Bounds() != image.Rect(0, 0, w, h) {
		t.Fatalf("1/%d: %v, want %d x %d", k, got.Bounds(), w, h)
	}
	a, c := planes(t, want), planes(t, got)
	if len(a) != len(c) {
		t.Fatalf("%d planes, want %d", len(c), len(a))
	}
	for i := range a {
		worst, sum, n := 0.0, 0.0, 0
		for y := range a[i].h / k {
			for x := range a[i].w / k {
				mean := 0.0
				for j := range k * k {
					mean += float64(a[i].at(x*k+j%k, y*k+j/k)) / float64(k*k)
				}
				d := math.Abs(float64(c[i].at(x, y)) - mean)
				worst, sum, n = max(worst, d), sum+d*d, n+1
			}
		}
		if n == 0 {
			continue
		}
		psnr := 10 * math.Log10(255*255/max(sum/float64(n), 1e-9))
		// Rounding, and where whole samples were cut off at black or white.
		if limit := map[bool]float64{true: 2, false: 12}[k == 1]; worst > limit || psnr < 46 {
			t.Errorf("1/%d, plane %d: off by %.2f at most, PSNR %.1f dB", k, i, worst, psnr)
		}
	}
}

func encoded(t testing.TB, m image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := stdjpeg.Encode(&b, m, &stdjpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var sizes = []image.Point{{1, 1}, {7, 3}, {8, 8}, {15, 17}, {16, 16}, {33, 40}, {100, 75}, {161, 119}}

func TestDecode(t *testing.T) {
	for _, s := range sizes {
		for _, q := range []int{20, 75, 95, 100} {
			m := drawn(s.X, s.Y, image.YCbCrSubsampleRatio420, uint64(q))
			gray := &image.Gray{Pix: m.Y, Stride: m.YStride, Rect: m.Rect}
			for _, k := range []int{1, 2, 4, 8} {
				t.Run(fmt.Sprintf("%dx%d at %d, 1/%d", s.X, s.Y, q, k), func(t *testing.T) {
					compare(t, encoded(t, m, q), k)
					compare(t, encoded(t, gray, q), k)
				})
			}
		}
	}
}

func TestEncode(t *testing.T) {
	for _, s := range append(sizes, image.Pt(640, 401)) {
		for _, q := range []int{1, 30, 82, 95, 100} {
			m := drawn(s.X, s.Y, image.YCbCrSubsampleRatio420, uint64(q))
			want := encoded(t, m, q)
			got, err := jpeg.Encode(m, q)
			if err != nil {
				t.Fatal(err)
			}
			back, err := stdjpeg.Decode(bytes.NewReader(got))
			if err != nil {
				t.Fatalf("%v at %d: %v", s, q, err)
			}
			theirs, err := stdjpeg.Decode(bytes.NewReader(want))
			if err != nil {
				t.Fatal(err)
			}
			a, b := psnr(t, m, back), psnr(t, m, theirs)
			if slack := .1 + 20/float64(s.X*s.Y); a < b-slack && a < 55 {
				t.Errorf("%v at %d: PSNR %.2f dB, image/jpeg's %.2f", s, q, a, b)
			}
			if d := len(got) - len(want); float64(d) > .01*float64(len(want))+4 {
				t.Errorf("%v at %d: %d bytes, image/jpeg's %d", s, q, len(got), len(want))
			}
		}
	}
}

func psnr(t testing.TB, a, b image.Image) float64 {
	sum, n := 0.0, 0
	pa, pb := planes(t, a), planes(t, b)
	for i := range pa {
		for y := range pa[i].h {
			for x := range pa[i].w {
				d := float64(pa[i].at(x, y)) - float64(pb[i].at(x, y))
				sum, n = sum+d*d, n+1
			}
		}
	}
	return 10 * math.Log10(255*255/max(sum/float64(n), 1e-9))
}

// TestKinds holds files that libjpeg-turbo wrote (testdata/README.md) against image/jpeg.
func TestKinds(t *testing.T) {
	for name, data := range files(t) {
		t.Run(name, func(t *testing.T) {
			switch name {
			case "cmyk", "rgb", "arithmetic":
				if _, err := jpeg.Decode(data, 1); !errors.Is(err, jpeg.ErrUnusual) {
					t.Fatal(err)
				}
				return
			case "restarts-progressive", "scans-restarts": // image/jpeg counts them otherwise than T.81 A.2 in scans of one component
				same(t, data, files(t)[map[string]string{"restarts-progressive": "420-progressive", "scans-restarts": "scans"}[name]])
				return
			}
			for _, k := range []int{1, 2, 4, 8} {
				compare(t, data, k)
			}
		})
	}
}

func files(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("testdata/*.jpg")
	if err != nil || len(names) == 0 {
		t.Fatal("no files", err)
	}
	out := map[string][]byte{}
	for _, n := range names {
		if out[strings.TrimSuffix(filepath.Base(n), ".jpg")], err = os.ReadFile(n); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// same checks that two files hold the same pixels.
func same(t *testing.T, a, b []byte) {
	t.Helper()
	x, err := jpeg.Decode(a, 1)
	if err != nil {
		t.Fatal(err)
	}
	y, err := jpeg.Decode(b, 1)
	if err != nil {
		t.Fatal(err)
	}
	if p := psnr(t, x, y); p < 100 {
		t.Errorf("PSNR %v", p)
	}
}

// TestTwins runs what the kernels do by plain Go: the same bytes.
func TestTwins(t *testing.T) {
	m := drawn(203, 150, image.YCbCrSubsampleRatio420, 9)
	encode := func() []byte {
		data, err := jpeg.Encode(m, 82)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	fast := encode()
	decode := func(k int) image.Image {
		m, err := jpeg.Decode(fast, k)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	var by [2][]image.Image
	for i := range by {
		for _, k := range []int{1, 2, 4, 8} {
			by[i] = append(by[i], decode(k))
		}
		if i == 0 {
			defer jpeg.Plain()()
		}
	}
	if !bytes.Equal(fast, encode()) {
		t.Error("encoded otherwise")
	}
	for i, m := range by[0] {
		if p := psnr(t, m, by[1][i]); p < 100 {
			t.Errorf("1/%d decoded otherwise: PSNR %v", 1<<i, p)
		}
	}
}

// TestEveryCut shows that a file cut short is an error, of which the kind is told.
func TestEveryCut(t *testing.T) {
	for name, data := range files(t) {
		for n := range len(data) - 2 {
			var format jpeg.FormatError
			_, err := jpeg.Decode(data[:n], 2)
			if err == nil || !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, jpeg.ErrUnusual) && !errors.As(err, &format) {
				t.Fatalf("%s: the first %d of %d bytes: %v", name, n, len(data), err)
			}
		}
	}
}

// TestPhotographs decodes every 40th photograph beside the repository.
func TestPhotographs(t *testing.T) {
	root := os.Getenv("BOWERBIRD_DATA")
	if root == "" {
		root = "../../../shared/data"
	}
	var names []string
	for _, set := range []string{"vision-clothing-small-256", "vision-dup-ukbench-mini"} {
		_ = filepath.WalkDir(filepath.Join(root, set), func(path string, d fs.DirEntry, err error) error {
			if err == nil && strings.EqualFold(filepath.Ext(path), ".jpg") {
				names = append(names, path)
			}
			return nil
		})
	}
	if len(names) == 0 {
		t.Skipf("no photographs in %s", root)
	}
	read := 0
	for i := 0; i < len(names); i += 40 {
		data, err := os.ReadFile(names[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := jpeg.Decode(data, 1); errors.Is(err, jpeg.ErrUnusual) {
			continue
		}
		read++
		for _, k := range []int{1, 2, 4, 8} {
			compare(t, data, k)
		}
	}
	t.Logf("%d of %d looked at", read, len(names))
}

// FuzzDecode: no panic, and what both read they read alike.
func FuzzDecode(f *testing.F) {
	for _, data := range files(f) {
		f.Add(data, uint8(0))
		f.Add(data, uint8(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, k uint8) {
		c, err := stdjpeg.DecodeConfig(bytes.NewReader(data))
		if err != nil || c.Width*c.Height > 1<<16 || bytes.Count(data, []byte("\xff\xda")) > 20 {
			return // vision checks both before
		}
		reduce := 1 << (k & 3)
		got, err := jpeg.Decode(data, reduce)
		if err != nil {
			return
		}
		if b := got.Bounds(); b.Dx() != (c.Width+reduce-1)/reduce || b.Dy() != (c.Height+reduce-1)/reduce {
			t.Fatalf("%v of %d x %d at 1/%d", b, c.Width, c.Height, reduce)
		}
		if m, ok := got.(*image.YCbCr); ok {
			_, _, _ = m.Y[m.YOffset(m.Rect.Max.X-1, m.Rect.Max.Y-1)], m.Cb[m.COffset(m.Rect.Max.X-1, m.Rect.Max.Y-1)], m.Cr[m.COffset(m.Rect.Max.X-1, m.Rect.Max.Y-1)]
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	data := encoded(b, drawn(1200, 1600, image.YCbCrSubsampleRatio420, 1), 88)
	for _, k := range []int{1, 2, 4, 8} {
		b.Run(fmt.Sprintf("1of%d", k), func(b *testing.B) {
			for b.Loop() {
				if _, err := jpeg.Decode(data, k); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("image_jpeg", func(b *testing.B) {
		for b.Loop() {
			if _, err := stdjpeg.Decode(bytes.NewReader(data)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	m := drawn(960, 1280, image.YCbCrSubsampleRatio420, 1)
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			if _, err := jpeg.Encode(m, 82); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("image_jpeg", func(b *testing.B) {
		for b.Loop() {
			if err := stdjpeg.Encode(io.Discard, m, &stdjpeg.Options{Quality: 82}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
