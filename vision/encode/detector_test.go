package encode

import (
	"encoding/json"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bowerbird/vision"
)

// found is a detection as testdata/detector.py writes it: corners in parts of the picture.
type found struct {
	Score float32    `json:"score"`
	Class int        `json:"class"`
	Box   [4]float64 `json:"box"`
}

// TestDetector compares boxes, classes and scores with what Pillow, numpy and ONNX Runtime
// make of the same pictures, after suppression.
func TestDetector(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "detector", "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want map[string][]found
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	for _, rt := range runtimes() {
		d, err := OpenDetector(filepath.Join("testdata", "detector"), Options{Runtime: rt})
		if err != nil {
			t.Fatal(err)
		}
		for name, list := range want {
			t.Run(rt+"/"+name, func(t *testing.T) {
				got, err := d.Detect(t.Context(), drawn(t, name), 100)
				if err != nil {
					t.Fatal(err)
				}
				// The colour picture went through 4:2:0, as a JPEG does; the grey one loses nothing by it.
				near, over := .01, .97
				if name == "ramp" {
					near, over = .04, .9
				}
				same := 0
				for _, w := range list {
					box := vision.Rect{X: w.Box[0], Y: w.Box[1], W: w.Box[2] - w.Box[0], H: w.Box[3] - w.Box[1]}
					for _, g := range got {
						if g.Class == w.Class && math.Abs(float64(g.Score-w.Score)) < near && g.Box.Overlap(box) > over {
							same++
							break
						}
					}
				}
				t.Logf("%d boxes, %d wanted, %d of them the same", len(got), len(list), same)
				if same < len(list)*9/10 || len(got) > len(list)+2 {
					t.Errorf("%d of %d boxes are those of the script; %d were found", same, len(list), len(got))
				}
				for i, g := range got[1:] {
					if g.Score > got[i].Score {
						t.Error("not the surest first")
					}
				}
				if few, err := d.Regions(t.Context(), drawn(t, name), 3); err != nil || len(few) != 3 || few[0] != got[0].Box {
					t.Errorf("three of them: %v, %v", few, err)
				}
			})
		}
	}
}

// TestBack: a box of the input is brought back to the picture, whatever its form, its unit,
// and however the picture was fitted.
func TestBack(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 200, 100))
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	m.SetNRGBA(3, 3, color.NRGBA{A: 255})
	p, err := vision.FromImage(m, vision.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		fit, form, unit string
		box             [4]float32
		want            vision.Rect
	}{
		// 200 x 100 in 64 x 64: padded it is 64 x 32 at (0, 16).
		{"pad", "xyxy", "pixel", [4]float32{16, 24, 48, 40}, vision.Rect{X: .25, Y: .25, W: .5, H: .5}},
		{"pad", "xywh", "pixel", [4]float32{16, 24, 32, 16}, vision.Rect{X: .25, Y: .25, W: .5, H: .5}},
		{"pad", "cxcywh", "one", [4]float32{.5, .5, .5, .25}, vision.Rect{X: .25, Y: .25, W: .5, H: .5}},
		{"pad", "yxyx", "one", [4]float32{.375, .25, .625, .75}, vision.Rect{X: .25, Y: .25, W: .5, H: .5}},
		{"pad", "xyxy", "pixel", [4]float32{-10, 0, 32, 64}, vision.Rect{X: 0, Y: 0, W: .5, H: 1}}, // cut off
		{"squash", "xyxy", "pixel", [4]float32{16, 16, 48, 48}, vision.Rect{X: .25, Y: .25, W: .5, H: .5}},
		// The middle square of the picture is seen.
		{"crop", "xyxy", "pixel", [4]float32{0, 0, 32, 64}, vision.Rect{X: .25, Y: 0, W: .25, H: 1}},
	} {
		d := &Detector{m: DetectorManifest{Form: c.form, Unit: c.unit}}
		d.e.m = Manifest{Width: 64, Height: 64, Fit: c.fit, Shortest: 64, Layout: "nchw"}
		if err := d.e.m.complete(); err != nil {
			t.Fatal(err)
		}
		at, err := d.e.place(make([]float32, 3*64*64), Crop{Picture: p})
		if err != nil {
			t.Fatal(err)
		}
		got, ok := d.back(c.box[:], at)
		if !ok || math.Abs(got.X-c.want.X)+math.Abs(got.Y-c.want.Y)+math.Abs(got.W-c.want.W)+math.Abs(got.H-c.want.H) > 1e-6 {
			t.Errorf("%s %s %s: %+v (%t), want %+v", c.fit, c.form, c.unit, got, ok, c.want)
		}
	}
	d := &Detector{m: DetectorManifest{Form: "xyxy", Unit: "pixel"}}
	d.e.m = Manifest{Width: 64, Height: 64}
	at := placed{pw: 64, ph: 64, seen: box{0, 0, 64, 64}, w: 64, h: 64}
	nan := float32(math.NaN())
	for _, b := range [][]float32{{nan, 0, 30, 30}, {0, 0, nan, 30}, {30, 30, 10, 10}, {70, 70, 80, 80}, {0, 0, 3, 3}} {
		if r, ok := d.back(b, at); ok {
			t.Errorf("%v became %+v", b, r)
		}
	}
}

func TestSuppression(t *testing.T) {
	at := func(x float64, s float32) Detection { return Detection{vision.Rect{X: x, Y: 0, W: .4, H: .4}, s, 0} }
	got := suppressed([]Detection{at(0, .5), at(.05, .9), at(.5, .6), at(.2, .7)}, .5, 9)
	if len(got) != 3 || got[0].Score != .9 || got[1].Score != .7 || got[2].Score != .6 {
		t.Errorf("%+v", got)
	}
}

func TestDetectorRefuses(t *testing.T) {
	model, err := os.ReadFile(filepath.Join("testdata", "detector", "model.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	for manifest, part := range map[string]string{
		`{"boxes": "corners"}`:   `there is no output "corners"`,
		`{"scores": "boxes"}`:    "", // four classes: it runs
		`{"boxes": "scores"}`:    `want (1, n, 4)`,
		`{"form": "xxyy"}`:       `form is "xxyy"`,
		`{"threshold": 2}`:       "threshold is 2",
		`{"activation": "relu"}`: `activation is "relu"`,
		`{"width": 32}`:          "the manifest's width is 32, the model's 64",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "model.onnx"), model, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "bowerbird.json"), []byte(manifest), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := OpenDetector(dir, Options{Runtime: "go"})
		if (err == nil) != (part == "") || err != nil && !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v, want %q", manifest, err, part)
		}
	}
}
