package vision_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color/palette"
	"image/gif"
	"runtime"
	"strings"
	"testing"
	"time"

	"bowerbird/vision"
)

func encodeGIF(t testing.TB, frames ...*image.Paletted) []byte {
	t.Helper()
	g := &gif.GIF{Config: image.Config{ColorModel: frames[0].ColorModel(), Width: 40, Height: 30}}
	for _, f := range frames {
		g.Image, g.Delay = append(g.Image, f), append(g.Delay, 10)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func plainFrame(r image.Rectangle, index byte) *image.Paletted {
	m := image.NewPaletted(r, palette.Plan9)
	for i := range m.Pix {
		m.Pix[i] = index
	}
	return m
}

// scanBomb is a small progressive JPEG that claims many scans.
func scanBomb(n int) []byte {
	out := []byte{0xff, 0xd8, 0xff, 0xc2, 0, 17, 8, 0x10, 0, 0x10, 0, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0}
	for range n {
		out = append(out, 0xff, 0xda, 0, 8, 1, 1, 0, 1, 1, 0x10, 0x55)
	}
	return append(out, 0xff, 0xd9)
}

func TestRefused(t *testing.T) {
	jpg, pngs := encodeJPEG(t, scene(200, 150, 1), 85), encodePNG(t, scene(200, 150, 1))
	gifs := encodeGIF(t, plainFrame(image.Rect(0, 0, 40, 30), 9))
	webp := riff(riffChunk("VP8L", plainVP8L(30, 20, 1, 2, 3, 255)))
	for _, c := range []struct {
		name string
		data []byte
		want error
		says string
	}{
		{"nothing", nil, vision.ErrFormat, "no bytes"},
		{"svg", []byte("<?xml version='1.0'?><svg/>"), vision.ErrFormat, "SVG"},
		{"html called .jpg", []byte("  <html>"), vision.ErrFormat, "convert"},
		{"avif", []byte("\x00\x00\x00\x20ftypavif...."), vision.ErrFormat, "AVIF"},
		{"heic", []byte("\x00\x00\x00\x20ftypheic...."), vision.ErrFormat, "HEIC"},
		{"tiff", []byte("II*\x00aaaaaaaaaaaa"), vision.ErrFormat, "TIFF"},
		{"bomb 16,000 squared", pngOf(t, 16000, 16000, 1, 0, 2000, 16000), vision.ErrTooLarge, "40000000"},
		{"png header alone of 2^31", pngOf(t, 1<<31-1, 1<<31-1, 8, 2, 4, 1), vision.ErrUnsupported, ""},
		{"side", pngOf(t, 20001, 1, 8, 0, 20001, 1), vision.ErrTooLarge, "20000"},
		{"png of no width", pngOf(t, 0, 5, 8, 2, 0, 5), vision.ErrCorrupt, ""},
		{"webp bomb", riff(riffChunk("VP8L", plainVP8L(16384, 16384, 1, 2, 3, 255))), vision.ErrTooLarge, "pixels"},
		{"webp small canvas, huge frame", riff(vp8x(0, 8, 8), riffChunk("VP8L", plainVP8L(16384, 16384, 1, 2, 3, 255))), vision.ErrCorrupt, ""},
		{"animated webp bomb", animatedWebP(16384, 16384, [3]byte{1, 2, 3}), vision.ErrTooLarge, "pixels"},
		{"scans", scanBomb(5000), vision.ErrTooLarge, "scans"},
		{"png of too few rows", pngOf(t, 100, 100, 8, 0, 100, 50), vision.ErrTruncated, ""},
		{"half a jpeg", jpg[:len(jpg)/2], vision.ErrTruncated, "again"},
		{"jpeg without its last bytes", jpg[:len(jpg)-3], vision.ErrTruncated, ""},
		{"half a png", pngs[:len(pngs)/2], vision.ErrTruncated, ""},
		{"half a gif", gifs[:len(gifs)-20], vision.ErrTruncated, ""},
		{"half a webp", webp[:len(webp)-8], vision.ErrTruncated, ""},
		{"jpeg header and rubbish", append(append([]byte{}, jpg[:300]...), bytes.Repeat([]byte{7}, 4000)...), nil, ""},
		{"jpeg 12 bit", []byte{0xff, 0xd8, 0xff, 0xc1, 0, 11, 12, 0, 8, 0, 8, 1, 1, 0x11, 0, 0xff, 0xd9}, vision.ErrUnsupported, "common form"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := vision.Process(c.data, vision.Options{})
			if err == nil {
				t.Fatal("accepted")
			}
			if c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v, want %v saying %q", err, c.want, c.says)
			}
		})
	}
}

func TestBombCostsNothing(t *testing.T) {
	data := pngOf(t, 16000, 16000, 1, 0, 2000, 16000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	_, err := vision.Decode(data, vision.Options{})
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, vision.ErrTooLarge) {
		t.Fatal(err)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 || took > time.Second {
		t.Fatalf("refusing took %v and %d bytes", took, grown)
	}
}

func TestEveryCutIsRefused(t *testing.T) {
	for name, data := range map[string][]byte{
		"jpeg": encodeJPEG(t, scene(40, 30, 1), 85), "png": encodePNG(t, scene(40, 30, 1)),
		"gif": encodeGIF(t, plainFrame(image.Rect(0, 0, 40, 30), 9)), "webp": riff(riffChunk("VP8L", plainVP8L(30, 20, 1, 2, 3, 255))),
	} {
		// The last bytes of a GIF, a PNG and a WebP hold no pixels of the first frame.
		for n := range len(data) - 12 {
			if _, err := vision.Decode(data[:n], vision.Options{}); err == nil && name != "webp" {
				t.Fatalf("%s: the first %d of %d bytes were accepted", name, n, len(data))
			}
		}
	}
}

func TestMemoryLimit(t *testing.T) {
	data := pngOf(t, 1000, 1000, 16, 6, 8000, 1000)
	if _, err := vision.Inspect(data, vision.Options{MaxMemory: 7e6}); !errors.Is(err, vision.ErrTooLarge) {
		t.Fatalf("8 MB of pixels within 7 MB: %v", err)
	}
	if _, err := vision.Decode(data, vision.Options{MaxMemory: 9e6}); err != nil {
		t.Fatal(err)
	}
}

func TestReadStopsAtTheLimit(t *testing.T) {
	var r countReader
	if _, err := vision.Read(&r, vision.Options{MaxBytes: 1 << 16}); !errors.Is(err, vision.ErrTooLarge) {
		t.Fatal(err)
	}
	if r.n > 1<<18 {
		t.Fatalf("read %d bytes of an endless stream", r.n)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for name, o := range map[string]vision.Options{
		"MaxBytes": {MaxBytes: -1}, "Quality": {Quality: 101}, "Small": {Small: 500, Large: 400}, "MaxSide": {MaxSide: 1 << 20},
	} {
		if _, err := vision.Inspect(nil, o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encodeJPEG(f, scene(24, 17, 1), 60))
	f.Add(withExif(encodeJPEG(f, scene(24, 17, 2), 60), exif(binary.BigEndian, 6)))
	f.Add(cmykJPEG(10, 200, 30, 0))
	f.Add(scanBomb(3))
	f.Add(encodePNG(f, scene(24, 17, 3)))
	f.Add(pngOf(f, 9, 9, 16, 6, 72, 9, pngChunk("eXIf", exif(binary.LittleEndian, 8))))
	f.Add(encodeGIF(f, plainFrame(image.Rect(5, 5, 20, 20), 9), plainFrame(image.Rect(0, 0, 40, 30), 3)))
	f.Add(riff(riffChunk("VP8L", plainVP8L(30, 20, 1, 2, 3, 255))))
	f.Add(animatedWebP(12, 10, [3]byte{1, 2, 3}, [3]byte{9, 9, 9}))
	f.Add([]byte("RIFF\x04\x00\x00\x00WEBP"))
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Add([]byte("\xff\xd8\xff"))
	f.Add([]byte("GIF89a"))
	o := vision.Options{MaxPixels: 1 << 16, MaxMemory: 1 << 22}
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := vision.Inspect(data, o)
		r, err2 := vision.Process(data, o)
		if err != nil && err2 == nil {
			t.Fatalf("decoded what Inspect refused: %v", err)
		}
		if err2 != nil {
			for _, kind := range []error{vision.ErrTooLarge, vision.ErrFormat, vision.ErrUnsupported, vision.ErrTruncated, vision.ErrCorrupt} {
				if errors.Is(err2, kind) {
					return
				}
			}
			t.Fatalf("untyped error: %v", err2)
		}
		if r.Info != info || len(r.Descriptor) != vision.Dim || r.Orientation < 1 || r.Orientation > 8 {
			t.Fatalf("%+v differs from %+v", r.Info, info)
		}
	})
}
