package encode

import (
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"bowerbird/internal/onnx"
	"bowerbird/vision"
)

// expected is what PyTorch and Pillow gave (testdata/export.py).
type expected struct {
	Wave     []float32            `json:"wave"`
	Shape    []int                `json:"shape"`
	Pictures map[string][]float32 `json:"pictures"`
}

func expectedOf(t *testing.T, name string) (x expected) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &x); err != nil {
		t.Fatal(err)
	}
	return x
}

// runtimes are those that can be had here.
func runtimes() []string {
	if _, err := onnx.NativeVersion(); err != nil {
		return []string{"go"}
	}
	return []string{"go", "onnxruntime"}
}

// TestAgainstPyTorch runs the models on the same numbers and compares the tensors.
func TestAgainstPyTorch(t *testing.T) {
	for _, name := range []string{"vit", "mobile"} {
		for _, rt := range runtimes() {
			t.Run(name+"/"+rt, func(t *testing.T) {
				want := expectedOf(t, name)
				m, err := onnx.Open(filepath.Join("testdata", name, "model.onnx"), onnx.Options{Runtime: onnx.Runtime(rt)})
				if err != nil {
					t.Fatal(err)
				}
				p := m.Inputs()[0]
				side := p.Shape[2]
				in := make([]float32, 2*3*side*side)
				for i := range in {
					in[i] = float32(math.Sin(float64(float32(i) * .37)))
				}
				out, err := m.Run(t.Context(), map[string]*onnx.Tensor{p.Name: onnx.Floats(in, 2, 3, side, side)})
				if err != nil {
					t.Fatal(err)
				}
				got := out["out"]
				if !reflect.DeepEqual(got.Shape, want.Shape) {
					t.Fatalf("shape %v, want %v", got.Shape, want.Shape)
				}
				var worst, largest float64
				for i, v := range want.Wave {
					worst, largest = max(worst, math.Abs(float64(got.F[i]-v))), max(largest, math.Abs(float64(v)))
				}
				t.Logf("cosine %.9f, largest error %.2g of %.3g", cosine(got.F, want.Wave), worst, largest)
				if worst > 1e-4*largest || cosine(got.F, want.Wave) < .999 {
					t.Error("differs from PyTorch")
				}
			})
		}
	}
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab, aa, bb = ab+float64(a[i])*float64(b[i]), aa+float64(a[i])*float64(a[i]), bb+float64(b[i])*float64(b[i])
	}
	return ab / math.Sqrt(aa*bb)
}

// drawn are the two pictures of export.py.
func drawn(t testing.TB, name string) *vision.Picture {
	t.Helper()
	const w, h = 150, 110
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			fx, fy := float64(x), float64(y)
			c := color.NRGBA{byte(math.RoundToEven(255 * fx / w)), byte(math.RoundToEven(255 * fy / h)), 40, 255}
			if (fx-w/2)*(fx-w/2)+(fy-h/2)*(fy-h/2) < h/3.*(h/3.) {
				c.B = 220
			}
			if name == "stripes" {
				v := byte(math.RoundToEven(127.5 + 100*math.Sin(fx/5+fy/11)))
				c = color.NRGBA{v, v, v, 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	p, err := vision.FromImage(m, vision.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestWholePath compares picture to vector with Pillow, numpy and PyTorch. The
// colour picture went through 4:2:0, as a JPEG does; the grey one loses nothing by it.
func TestWholePath(t *testing.T) {
	for _, name := range []string{"vit", "mobile"} {
		for _, rt := range runtimes() {
			want := expectedOf(t, name)
			e, err := Open(filepath.Join("testdata", name), Options{Runtime: rt})
			if err != nil {
				t.Fatal(err)
			}
			for picture, least := range map[string]float64{"stripes": .99999, "ramp": .999} {
				got, err := e.Encode(t.Context(), []Crop{{Picture: drawn(t, picture)}})
				if err != nil {
					t.Fatal(err)
				}
				c := cosine(got[0], want.Pictures[picture])
				t.Logf("%s, %s, %s: cosine %.7f", name, rt, picture, c)
				if c < least {
					t.Errorf("%s, %s, %s: cosine %v, want %v", name, rt, picture, c, least)
				}
			}
		}
	}
}

// TestBatches: a picture's vector does not depend on what it is run with, and a
// crop is another picture.
func TestBatches(t *testing.T) {
	e, err := Open("testdata/vit", Options{Batch: 2, Runtime: "go"})
	if err != nil {
		t.Fatal(err)
	}
	a, b := drawn(t, "ramp"), drawn(t, "stripes")
	all, err := e.Encode(t.Context(), []Crop{{Picture: a}, {Picture: b}, {Picture: a, Box: vision.Rect{X: .5, Y: .5, W: .5, H: .5}}})
	if err != nil {
		t.Fatal(err)
	}
	one, err := e.Encode(t.Context(), []Crop{{Picture: b}})
	if err != nil {
		t.Fatal(err)
	}
	if c := cosine(all[1], one[0]); c < 1-1e-6 || e.Dim() != 24 || len(all) != 3 || len(all[2]) != 24 {
		t.Errorf("cosine %v of the same picture in another batch; %d vectors of %d", c, len(all), e.Dim())
	}
	if c := cosine(all[0], all[2]); c > .9999 {
		t.Errorf("a crop is as the whole: cosine %v", c)
	}
	if none, err := e.Encode(t.Context(), nil); err != nil || len(none) != 0 {
		t.Errorf("of no picture: %v %v", none, err)
	}
	var g sync.WaitGroup
	for range 4 {
		g.Go(func() {
			v, err := e.Encode(context.Background(), []Crop{{Picture: b}})
			if err != nil || cosine(v[0], one[0]) < 1-1e-6 {
				t.Errorf("beside others: %v", err)
			}
		})
	}
	g.Wait()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Encode(ctx, []Crop{{Picture: a}}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := e.Encode(t.Context(), []Crop{{}}); err == nil || !strings.Contains(err.Error(), "picture 0") {
		t.Error(err)
	}
	if _, err := e.Encode(t.Context(), []Crop{{Picture: a, Box: vision.Rect{X: .9, W: .5, H: 1}}}); !errors.Is(err, vision.ErrCrop) {
		t.Error(err)
	}
}

// TestPrepare checks the fits, orders and layouts on a picture of two halves.
func TestPrepare(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 32))
	for y := range 32 {
		for x := range 64 {
			c := color.NRGBA{255, 255, 255, 255}
			if x >= 32 {
				c = color.NRGBA{0, 0, 0, 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	p, err := vision.FromImage(m, vision.Options{})
	if err != nil {
		t.Fatal(err)
	}
	base := Manifest{Width: 4, Height: 4, Shortest: 4, Filter: "nearest", Mean: []float64{.5, .5, .5}, Std: []float64{.5, .5, .5}, Scale: 1. / 255, Layout: "nchw", Order: "rgb"}
	for fit, want := range map[string]string{"crop": "++--++--++--++--", "squash": "++--++--++--++--", "pad": "0000++--++--0000"} {
		for _, layout := range []string{"nchw", "nhwc"} {
			x := base
			x.Fit, x.Layout = fit, layout
			e := &Encoder{m: x}
			in := make([]float32, e.pixels())
			if err := e.prepare(in, Crop{Picture: p}); err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for i := range 16 {
				at := i
				if layout == "nhwc" {
					at = 3 * i
				}
				got.WriteByte("-0+"[int(math.Round(float64(in[at])))+1])
			}
			if got.String() != want {
				t.Errorf("%s, %s: %s, want %s", fit, layout, got.String(), want)
			}
		}
	}
}

func TestScaleKeepsFlat(t *testing.T) {
	rgb := make([]byte, 3*37*23)
	for i := range rgb {
		rgb[i] = []byte{10, 200, 255}[i%3]
	}
	for filter := range map[string]bool{"bicubic": true, "bilinear": true, "lanczos": true, "nearest": true} {
		for _, to := range [][2]int{{5, 7}, {100, 60}, {37, 23}, {1, 1}} {
			for i, v := range scale(rgb, 37, 23, box{0, 0, 37, 23}, filter, to[0], to[1]) {
				if want := []float32{10, 200, 255}[i%3]; math.Abs(float64(v-want)) > .01 {
					t.Fatalf("%s to %v: %v, want %v", filter, to, v, want)
				}
			}
		}
	}
}

func TestProcessorConfig(t *testing.T) {
	for name, c := range map[string]struct {
		json string
		want Manifest
	}{
		"clip": {`{"do_center_crop":true,"crop_size":{"height":224,"width":224},"size":{"shortest_edge":224},"resample":3,"image_mean":[0.5,0.4,0.3],"image_std":[0.2,0.2,0.2],"rescale_factor":0.00392156862745098}`,
			Manifest{Fit: "crop", Width: 224, Height: 224, Shortest: 224, Filter: "bicubic", Mean: []float64{.5, .4, .3}, Std: []float64{.2, .2, .2}, Scale: 0.00392156862745098}},
		"old clip":  {`{"do_center_crop":true,"crop_size":224,"size":224,"resample":3}`, Manifest{Fit: "crop", Width: 224, Height: 224, Shortest: 224, Filter: "bicubic"}},
		"siglip":    {`{"size":{"height":384,"width":384},"resample":2,"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5]}`, Manifest{Fit: "squash", Width: 384, Height: 384, Filter: "bilinear", Mean: []float64{.5, .5, .5}, Std: []float64{.5, .5, .5}}},
		"dino":      {`{"do_center_crop":true,"crop_size":{"height":224,"width":224},"size":{"shortest_edge":256},"resample":3}`, Manifest{Fit: "crop", Width: 224, Height: 224, Shortest: 256, Filter: "bicubic"}},
		"raw bytes": {`{"size":{"height":96,"width":64},"do_rescale":false,"do_normalize":false}`, Manifest{Fit: "squash", Width: 64, Height: 96, Scale: 1, Mean: []float64{0, 0, 0}, Std: []float64{1, 1, 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), processorFile)
			if err := os.WriteFile(path, []byte(c.json), 0o644); err != nil {
				t.Fatal(err)
			}
			var m Manifest
			if err := m.fromProcessor(path); err != nil || !reflect.DeepEqual(m, c.want) {
				t.Errorf("%+v, %v; want %+v", m, err, c.want)
			}
		})
	}
}

// TestBadFolders: each names the file or the field.
func TestBadFolders(t *testing.T) {
	model, err := os.ReadFile("testdata/mobile/model.onnx")
	if err != nil {
		t.Fatal(err)
	}
	for want, files := range map[string]map[string]string{
		"model.onnx":     {},
		"bowerbird.json": {"model.onnx": string(model), "bowerbird.json": "{"},
		"fit is":         {"model.onnx": string(model), "bowerbird.json": `{"fit":"stretch"}`},
		"std":            {"model.onnx": string(model), "bowerbird.json": `{"std":[1,0,1]}`},
		"mean has":       {"model.onnx": string(model), "bowerbird.json": `{"mean":[1]}`},
		"scale is":       {"model.onnx": string(model), "bowerbird.json": `{"scale":-1}`},
		"width is":       {"model.onnx": string(model), "bowerbird.json": `{"width":100}`},
		"output":         {"model.onnx": string(model), "bowerbird.json": `{"output":"none"}`},
		"input":          {"model.onnx": string(model), "bowerbird.json": `{"input":"none"}`},
		"resample":       {"model.onnx": string(model), "preprocessor_config.json": `{"resample":9}`},
		"malformed":      {"model.onnx": string(model[:len(model)/2])},
	} {
		dir := t.TempDir()
		for name, data := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Open(dir, Options{Runtime: "go"}); err == nil || want != "malformed" && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
	if _, err := Open("testdata/vit", Options{Runtime: "tpu"}); err == nil {
		t.Error("a runtime that there is not")
	}
}

// TestVersion: another way to prepare pictures is another version.
func TestVersion(t *testing.T) {
	model, err := os.ReadFile("testdata/mobile/model.onnx")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, manifest := range []string{`{"name":"m"}`, `{"name":"m","fit":"squash"}`, `{"name":"m","mean":[0,0,0]}`} {
		dir := t.TempDir()
		for name, data := range map[string][]byte{"model.onnx": model, "bowerbird.json": []byte(manifest)} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			e, err := Open(dir, Options{Runtime: "go"})
			if err != nil {
				t.Fatal(err)
			}
			if was := seen[e.Version()]; was != "" && was != manifest || !strings.HasPrefix(e.Version(), "m-") {
				t.Errorf("%s and %s are both %s", was, manifest, e.Version())
			}
			seen[e.Version()] = manifest
		}
	}
	if len(seen) != 3 {
		t.Errorf("%v", seen)
	}
}
