package vision_test

import (
	"encoding/binary"
	"image"
	"math/rand/v2"
	"testing"
	"time"

	"bowerbird/vision"
)

// TestDamaged changes a few bytes of good files, many times: no panic, and
// nothing takes long. FuzzDecode looks further.
func TestDamaged(t *testing.T) {
	o := vision.Options{MaxPixels: 1 << 16, MaxMemory: 1 << 22}
	refused := 0
	for name, good := range map[string][]byte{
		"jpeg": withExif(encodeJPEG(t, scene(24, 17, 2), 60), exif(binary.BigEndian, 6)),
		"cmyk": cmykJPEG(10, 200, 30, 0), "scans": scanBomb(3), "png": encodePNG(t, scene(24, 17, 3)),
		"gif":  encodeGIF(t, plainFrame(image.Rect(5, 5, 20, 20), 9), plainFrame(image.Rect(0, 0, 40, 30), 3)),
		"webp": riff(riffChunk("VP8L", plainVP8L(30, 20, 1, 2, 3, 255))), "anim": animatedWebP(12, 10, [3]byte{1, 2, 3}, [3]byte{9, 9, 9}),
	} {
		r := rand.New(rand.NewPCG(3, 4))
		for range 300 {
			data := append([]byte{}, good...)
			for range 1 + r.IntN(3) {
				data[r.IntN(len(data))] = byte(r.Uint32())
			}
			start := time.Now()
			if _, err := vision.Decode(data, o); err != nil {
				refused++
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Fatalf("%s: %v for % x", name, took, data)
			}
		}
	}
	if refused == 0 {
		t.Error("no damaged file was refused")
	}
}
