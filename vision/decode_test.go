package vision_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/color/palette"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"bowerbird/vision"
)

// corners draws a w x h picture whose quarters are red, green, blue and yellow.
func corners(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, quarter[2*(2*y/h)+2*x/w])
		}
	}
	return m
}

var quarter = [4]color.NRGBA{{220, 30, 30, 255}, {30, 180, 60, 255}, {40, 60, 220, 255}, {240, 220, 40, 255}}

func near(a color.Color, b color.NRGBA, slack int) bool {
	r, g, bl, _ := a.RGBA()
	off := func(v uint32, w uint8) bool { d := int(v>>8) - int(w); return d > slack || d < -slack }
	return !off(r, b.R) && !off(g, b.G) && !off(bl, b.B)
}

func small(t *testing.T, data []byte) (vision.Result, image.Image) {
	t.Helper()
	r, err := vision.Process(data, vision.Options{Quality: 95})
	if err != nil {
		t.Fatal(err)
	}
	m, err := jpeg.Decode(bytes.NewReader(r.Small.JPEG))
	if err != nil {
		t.Fatal(err)
	}
	if b := m.Bounds(); b.Dx() != r.Small.Width || b.Dy() != r.Small.Height {
		t.Fatalf("thumbnail says %d x %d and is %v", r.Small.Width, r.Small.Height, b)
	}
	return r, m
}

// TestOrientation stores a picture turned in each of the eight ways and expects
// it upright: the file of orientation o holds at (x, y) what belongs elsewhere.
func TestOrientation(t *testing.T) {
	up := corners(120, 80)
	for o := uint16(1); o <= 8; o++ {
		w, h := 120, 80
		if o >= 5 {
			w, h = 80, 120
		}
		stored := image.NewNRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				// EXIF 2.3, 4.6.4: which side of the upright picture row 0 and column 0 are.
				u, v := x, y
				switch o {
				case 2:
					u = w - 1 - x
				case 3:
					u, v = w-1-x, h-1-y
				case 4:
					v = h - 1 - y
				case 5:
					u, v = y, x
				case 6: // row 0 is the right side, column 0 the top
					u, v = 119-y, x
				case 7:
					u, v = 119-y, 79-x
				case 8: // row 0 is the left side, column 0 the bottom
					u, v = y, 79-x
				}
				stored.SetNRGBA(x, y, up.NRGBAAt(u, v))
			}
		}
		for name, data := range map[string][]byte{
			"little": withExif(encodeJPEG(t, stored, 95), exif(binary.LittleEndian, o)),
			"big":    withExif(encodeJPEG(t, stored, 95), exif(binary.BigEndian, o)),
			"png":    withChunk(encodePNG(t, stored), pngChunk("eXIf", exif(binary.BigEndian, o))),
		} {
			r, m := small(t, data)
			if r.Width != 120 || r.Height != 80 || r.Orientation != int(o) {
				t.Fatalf("%s %d: %+v", name, o, r.Info)
			}
			for i, p := range []image.Point{{20, 20}, {100, 20}, {20, 60}, {100, 60}} {
				if !near(m.At(p.X, p.Y), quarter[i], 12) {
					t.Errorf("%s %d: at %v %v, want %v", name, o, p, m.At(p.X, p.Y), quarter[i])
				}
			}
			if bytes.Contains(r.Small.JPEG, []byte("Exif")) || bytes.Contains(r.Large.JPEG, []byte("Exif")) {
				t.Error("metadata in a thumbnail")
			}
		}
	}
}

// withChunk puts a chunk after IHDR, which ends at byte 33.
func withChunk(data, chunk []byte) []byte {
	return append(append(append([]byte{}, data[:33]...), chunk...), data[33:]...)
}

func TestKindsOfPixels(t *testing.T) {
	want := color.NRGBA{200, 120, 40, 255}
	plain := func(m interface {
		image.Image
		Set(x, y int, c color.Color)
	}) []byte {
		for y := range 30 {
			for x := range 40 {
				m.Set(x, y, want)
			}
		}
		return encodePNG(t, m)
	}
	r := image.Rect(0, 0, 40, 30)
	grey := color.NRGBA{133, 133, 133, 255}
	for _, c := range []struct {
		name     string
		data     []byte
		want     color.NRGBA
		format   vision.Format
		animated bool
	}{
		{"png rgb", plain(image.NewRGBA(r)), want, vision.PNG, false},
		{"png 16 bit", plain(image.NewNRGBA64(r)), want, vision.PNG, false},
		{"png grey", plain(image.NewGray(r)), grey, vision.PNG, false},
		{"png grey 16", plain(image.NewGray16(r)), grey, vision.PNG, false},
		{"png palette", plain(image.NewPaletted(r, color.Palette{color.Black, want})), want, vision.PNG, false},
		{"jpeg cmyk", cmykJPEG(55, 135, 215, 0), want, vision.JPEG, false},
		{"jpeg cmyk with black", cmykJPEG(0, 0, 0, 122), grey, vision.JPEG, false},
		{"webp lossless", riff(riffChunk("VP8L", plainVP8L(40, 30, 200, 120, 40, 255))), want, vision.WebP, false},
		{"webp animated", animatedWebP(30, 40, [3]byte{200, 120, 40}, [3]byte{1, 1, 1}), want, vision.WebP, true},
		{"gif", encodeGIF(t, plainFrame(r, 7)), color.NRGBAModel.Convert(palette.Plan9[7]).(color.NRGBA), vision.GIF, false},
		{"gif animated", encodeGIF(t, plainFrame(r, 7), plainFrame(r, 100)), color.NRGBAModel.Convert(palette.Plan9[7]).(color.NRGBA), vision.GIF, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, m := small(t, c.data)
			if b := m.Bounds(); !near(m.At(b.Dx()/2, b.Dy()/2), c.want, 4) {
				t.Errorf("got %v, want %v", m.At(b.Dx()/2, b.Dy()/2), c.want)
			}
			if got.Format != c.format || got.Animated != c.animated || got.Transparent {
				t.Errorf("%+v transparent %v", got.Info, got.Transparent)
			}
			if len(got.Colors) != 1 || got.Colors[0].Share != 1 {
				t.Errorf("colours of a plain picture: %v", got.Colors)
			}
		})
	}
}

func TestTransparencyOnWhite(t *testing.T) {
	half := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	for y := range 40 {
		for x := range 20 {
			half.SetNRGBA(x, y, color.NRGBA{255, 0, 0, 128})
		}
	}
	frame := plainFrame(image.Rect(0, 0, 20, 30), 0) // a frame on the left half of its screen
	for name, data := range map[string][]byte{
		"png": encodePNG(t, half), "gif": encodeGIF(t, frame),
		"webp": riff(riffChunk("VP8L", plainVP8L(40, 40, 9, 9, 9, 0))),
	} {
		r, m := small(t, data)
		if !r.Transparent || !near(m.At(35, 10), color.NRGBA{255, 255, 255, 255}, 3) {
			t.Errorf("%s: transparent %v, %v", name, r.Transparent, m.At(35, 10))
		}
		if name == "png" && !near(m.At(5, 10), color.NRGBA{255, 127, 127, 255}, 4) {
			t.Errorf("half red on white is %v", m.At(5, 10))
		}
	}
}

func TestSizes(t *testing.T) {
	for _, c := range []struct{ w, h, sw, sh, lw, lh int }{
		{2000, 1000, 320, 160, 960, 480},
		{500, 700, 320, 448, 500, 700},
		{100, 80, 100, 80, 100, 80},
		{1, 1, 1, 1, 1, 1},
		{7, 5000, 2, 1280, 5, 3840},
		{5000, 3, 320, 1, 960, 1},
	} {
		p, err := vision.FromImage(image.NewGray(image.Rect(0, 0, c.w, c.h)), vision.Options{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := p.Process()
		if err != nil {
			t.Fatal(err)
		}
		got := [4]int{r.Small.Width, r.Small.Height, r.Large.Width, r.Large.Height}
		if got != [4]int{c.sw, c.sh, c.lw, c.lh} {
			t.Errorf("%d x %d: thumbnails %v, want %v", c.w, c.h, got, c)
		}
	}
}

// TestThumbnailKeepsMeans compares a thumbnail with a plain mean of the pixels
// that each of its own covers.
func TestThumbnailKeepsMeans(t *testing.T) {
	m := scene(960, 640, 11)
	p, err := vision.FromImage(m, vision.Options{Quality: 100})
	if err != nil {
		t.Fatal(err)
	}
	th, err := p.Thumbnail(240)
	if err != nil {
		t.Fatal(err)
	}
	got, err := jpeg.Decode(bytes.NewReader(th.JPEG))
	if err != nil {
		t.Fatal(err)
	}
	off := 0.0
	for y := range 160 {
		for x := range 240 {
			var want [3]float64
			for i := range 16 {
				c := m.NRGBAAt(4*x+i%4, 4*y+i/4)
				want[0], want[1], want[2] = want[0]+float64(c.R)/16, want[1]+float64(c.G)/16, want[2]+float64(c.B)/16
			}
			r, g, b, _ := got.At(x, y).RGBA()
			l := 0.299*(float64(r>>8)-want[0]) + 0.587*(float64(g>>8)-want[1]) + 0.114*(float64(b>>8)-want[2])
			off += math.Abs(l) / (240 * 160)
		}
	}
	if off > 1.5 {
		t.Errorf("luma is off by %.2f on average", off)
	}
}

func TestPlaceholder(t *testing.T) {
	for _, s := range []image.Point{{1, 1}, {640, 480}, {300, 900}, {5000, 10}} {
		m := scene(s.X, s.Y, 3)
		p, err := vision.FromImage(m, vision.Options{})
		if err != nil {
			t.Fatal(err)
		}
		uri := p.Placeholder()
		if len(uri) > 600 {
			t.Errorf("%v: %d bytes", s, len(uri))
		}
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(uri, "data:image/png;base64,"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%v: %v", s, err)
		}
		if b := got.Bounds(); max(b.Dx(), b.Dy()) > 8 || min(b.Dx(), b.Dy()) < 1 {
			t.Errorf("%v: placeholder of %v", s, b)
		}
	}
	p, err := vision.FromImage(corners(400, 400), vision.Options{})
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(p.Placeholder(), "data:image/png;base64,"))
	got, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for i, q := range quarter {
		if c := got.At(1+5*(i%2), 1+5*(i/2)); !near(c, q, 10) {
			t.Errorf("quarter %d is %v, want %v", i, c, q)
		}
	}
}

func TestColors(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 200, 100))
	for y := range 100 {
		for x := range 200 {
			c := color.NRGBA{22, 34, 74, 255} // navy, 60 %
			if x >= 120 {
				c = color.NRGBA{245, 130, 32, 255} // orange, 30 %
			}
			if x >= 180 {
				c = color.NRGBA{250, 250, 250, 255} // white, 10 %
			}
			m.SetNRGBA(x, y, c)
		}
	}
	p, err := vision.FromImage(m, vision.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := p.Colors()
	want := []struct {
		name, family string
		share        float64
	}{{"navy", "blue", 0.6}, {"orange", "orange", 0.3}, {"white", "white", 0.1}}
	if len(got) != len(want) {
		t.Fatalf("colours %v", got)
	}
	for i, w := range want {
		if g := got[i]; g.Name != w.name || g.Family != w.family || math.Abs(float64(g.Share)-w.share) > 0.03 {
			t.Errorf("colour %d is %+v %s, want %+v", i, g, g.Hex(), w)
		}
	}
}

func TestColorNames(t *testing.T) {
	families := strings.Join(vision.Families(), " ")
	for rgb, want := range map[[3]byte]string{
		{0, 0, 0}: "black", {255, 255, 255}: "white", {128, 128, 128}: "gray", {255, 0, 0}: "red", {0, 128, 0}: "green",
		{0, 0, 255}: "blue", {255, 255, 0}: "yellow", {128, 0, 128}: "purple", {255, 192, 203}: "pink", {139, 69, 19}: "brown",
		{255, 165, 0}: "orange", {245, 245, 220}: "white", {210, 180, 140}: "brown", {0, 0, 128}: "blue", {0, 128, 128}: "blue",
	} {
		name, got := vision.ColorName(rgb)
		if got != want {
			t.Errorf("%v is %s (%s), want %s", rgb, got, name, want)
		}
	}
	for range 2000 {
		r := rand.Uint32()
		if _, f := vision.ColorName([3]byte{byte(r), byte(r >> 8), byte(r >> 16)}); !strings.Contains(families, f) {
			t.Fatalf("family %q is not listed", f)
		}
	}
}

func TestLook(t *testing.T) {
	at := func(m image.Image) vision.Look {
		p, err := vision.FromImage(m, vision.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return p.Look()
	}
	checks := image.NewGray(image.Rect(0, 0, 256, 128))
	for i := range checks.Pix {
		checks.Pix[i] = byte(255 * ((i%256/8 + i/256/8) % 2))
	}
	dark, busy := at(image.NewGray(image.Rect(0, 0, 50, 100))), at(checks)
	if dark.Tone() != "dark" || dark.Detail() != "calm" || dark.Vividness() != "gray" || dark.Aspect != 0.5 || dark.Contrast != 0 {
		t.Errorf("black: %+v", dark)
	}
	if busy.Detail() != "busy" || busy.Contrast < 0.8 || busy.Aspect != 2 {
		t.Errorf("chequers: %+v", busy)
	}
	if l := at(corners(100, 100)); l.Vividness() != "vivid" || l.Detail() != "calm" {
		t.Errorf("quarters: %+v", l)
	}
}

func TestCropBox(t *testing.T) {
	p, err := vision.FromImage(corners(400, 300), vision.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]vision.Rect{
		"x": {-0.1, 0, 0.5, 0.5}, "y": {0, math.NaN(), 0.5, 0.5}, "w": {0, 0, 0, 0.5}, "h": {0, 0, 0.5, math.Inf(1)},
		"x + w": {0.6, 0, 0.5, 0.5}, "y + h": {0, 0.9, 0.5, 0.2},
	} {
		if _, err := p.Describe(r); !errors.Is(err, vision.ErrCrop) || !strings.Contains(err.Error(), "crop "+name+" is") {
			t.Errorf("%v: %v", r, err)
		}
	}
	for _, r := range []vision.Rect{vision.Full, {0.99, 0.99, 0.01, 0.01}, {0.3, 0.7, 0.7, 0.3}} {
		d, err := p.Describe(r)
		if err != nil {
			t.Fatal(err)
		}
		if n := dot(d, d); len(d) != vision.Dim || math.Abs(n-1) > 1e-5 {
			t.Errorf("%v: %d numbers of length %v", r, len(d), n)
		}
	}
}

func TestProcessIsDeterministic(t *testing.T) {
	data := encodeJPEG(t, scene(700, 500, 5), 90)
	a, err := vision.Process(data, vision.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := vision.Process(data, vision.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a.Fingerprint != b.Fingerprint || a.Placeholder != b.Placeholder || dot(a.Descriptor, b.Descriptor) < 1-1e-6 ||
		!bytes.Equal(a.Large.JPEG, b.Large.JPEG) || !bytes.Equal(a.Small.JPEG, b.Small.JPEG) {
		t.Error("two runs differ")
	}
	for i := range a.Descriptor {
		if a.Descriptor[i] != b.Descriptor[i] {
			t.Fatal("descriptors differ")
		}
	}
}

func dot(a, b []float32) float64 {
	s := 0.0
	for i := range a {
		s += float64(a[i]) * float64(b[i])
	}
	return s
}
