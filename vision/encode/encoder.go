package encode

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"

	"bowerbird/internal/onnx"
	"bowerbird/internal/vec"
	"bowerbird/vision"
)

// Options of Open. The zero value works.
type Options struct {
	Threads int // that one model runs on; default: as many as there are processors
	Batch   int // pictures that run together; default 8
	// Runtime is "go" or "onnxruntime"; "" is the second where it can be had.
	Runtime string
}

// Encoder gives pictures vectors of length 1. Safe for concurrent use.
type Encoder struct {
	m       Manifest
	model   onnx.Runner
	o       Options
	version string
	dim     int
	fixed   int // pictures that the model wants at once; 0 any number
}

// Open reads a model from a folder and runs it once. The error names the file
// and the field. Memory: the model's size.
func Open(dir string, o Options) (*Encoder, error) {
	if o.Batch <= 0 {
		o.Batch = 8
	}
	m, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, modelFile)
	model, err := onnx.Open(path, onnx.Options{Threads: o.Threads, Runtime: onnx.Runtime(o.Runtime)})
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	e := &Encoder{m: m, model: model, o: o}
	if err := e.ports(); err != nil {
		return nil, fmt.Errorf("encode: %s: %w", path, err)
	}
	if e.version, err = e.fingerprint(path); err != nil {
		return nil, err
	}
	v, err := e.run(context.Background(), make([]float32, e.pixels()*max(e.fixed, 1)), max(e.fixed, 1))
	if err != nil {
		return nil, fmt.Errorf("encode: %s: a trial run: %w", path, err)
	}
	e.dim = len(v) / max(e.fixed, 1)
	return e, nil
}

// ports finds the input and the output.
func (e *Encoder) ports() error {
	if err := e.input(); err != nil {
		return err
	}
	return e.output()
}

// input finds the input, and from its shape what the manifest leaves open.
func (e *Encoder) input() error {
	i := slices.IndexFunc(e.model.Inputs(), func(p onnx.Port) bool {
		return p.Name == e.m.Input || e.m.Input == "" && len(p.Shape) == 4
	})
	if i < 0 {
		return fmt.Errorf("there is no input %q of four dimensions", e.m.Input)
	}
	in := e.model.Inputs()[i]
	if len(in.Shape) != 4 || in.Type != onnx.Float32 {
		return fmt.Errorf("the input %q is of %v with %d dimensions, want float32 with four", in.Name, in.Type, len(in.Shape))
	}
	if len(e.model.Inputs()) > 1 {
		return fmt.Errorf("the model wants %d inputs; export the image tower alone", len(e.model.Inputs()))
	}
	e.m.Input = in.Name
	if e.m.Layout == "" {
		e.m.Layout = "nchw"
		if in.Shape[3] == 3 && in.Shape[1] != 3 {
			e.m.Layout = "nhwc"
		}
	}
	c, h, w := in.Shape[1], in.Shape[2], in.Shape[3]
	if e.m.Layout == "nhwc" {
		h, w, c = in.Shape[1], in.Shape[2], in.Shape[3]
	}
	if c != 3 && c != -1 {
		return fmt.Errorf("the input %q has %d channels, want 3", in.Name, c)
	}
	for _, s := range []struct {
		name string
		of   *int
		want int
	}{{"width", &e.m.Width, w}, {"height", &e.m.Height, h}} {
		if *s.of == 0 {
			*s.of = s.want
			if s.want <= 0 {
				*s.of = 224
			}
		}
		if s.want > 0 && *s.of != s.want {
			return fmt.Errorf("the manifest's %s is %d, the model's %d", s.name, *s.of, s.want)
		}
	}
	if e.m.Width > maxSide || e.m.Height > maxSide {
		return fmt.Errorf("an input of %d x %d pixels, at most %d are read", e.m.Width, e.m.Height, maxSide)
	}
	if e.m.Shortest == 0 {
		e.m.Shortest = min(e.m.Width, e.m.Height)
	}
	if e.m.Fit == "crop" && e.m.Shortest < max(e.m.Width, e.m.Height) && e.m.Width == e.m.Height {
		return fmt.Errorf("shortest is %d, less than the input's side of %d", e.m.Shortest, e.m.Width)
	}
	if in.Shape[0] > 0 {
		e.fixed = in.Shape[0]
	}
	return nil
}

func (e *Encoder) output() error {
	names := e.model.Outputs()
	if e.m.Output == "" {
		e.m.Output = names[0]
		for _, known := range []string{"image_embeds", "pooler_output"} {
			if slices.Contains(names, known) {
				e.m.Output = known
				break
			}
		}
	}
	if !slices.Contains(names, e.m.Output) {
		return fmt.Errorf("there is no output %q; the model has %q", e.m.Output, names)
	}
	return nil
}

// fingerprint names the weights and how pictures are prepared.
func (e *Encoder) fingerprint(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("encode: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("encode: %s: %w", path, err)
	}
	js, err := json.Marshal(e.m)
	if err != nil {
		return "", err
	}
	h.Write(js)
	return e.m.Name + "-" + hex.EncodeToString(h.Sum(nil)[:6]), nil
}

// Dim is the length of a vector.
func (e *Encoder) Dim() int { return e.dim }

// Side is the larger side of the model's input.
func (e *Encoder) Side() int { return max(e.m.Width, e.m.Height, e.m.Shortest) }

// Name is the manifest's, else the folder's.
func (e *Encoder) Name() string { return e.m.Name }

// Version names the weights and everything else that changes a vector, but not
// the runtime: its vectors agree to about 1e-5.
func (e *Encoder) Version() string { return e.version }

// Manifest is what Open made of the folder's files and the model.
func (e *Encoder) Manifest() Manifest { return e.m }

// Crop is a picture with the part of it that is meant.
type Crop struct {
	Picture *vision.Picture
	Box     vision.Rect // the zero value is all of it
}

// Encode returns the vectors of pictures: Dim floats of length 1 for each. The
// error names the picture, or is the context's, looked at between batches and
// within.
func (e *Encoder) Encode(ctx context.Context, pictures []Crop) ([][]float32, error) {
	out := make([][]float32, 0, len(pictures))
	batch := e.o.Batch
	if e.fixed > 0 {
		batch = e.fixed
	}
	for start := 0; start < len(pictures); start += batch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		part := pictures[start:min(start+batch, len(pictures))]
		rows := len(part)
		if e.fixed > 0 {
			rows = e.fixed
		}
		in := make([]float32, rows*e.pixels())
		for i, c := range part {
			if err := e.prepare(in[i*e.pixels():(i+1)*e.pixels()], c); err != nil {
				return nil, fmt.Errorf("encode: picture %d: %w", start+i, err)
			}
		}
		v, err := e.run(ctx, in, rows)
		if err != nil {
			return nil, err
		}
		for i := range part {
			x := slices.Clone(v[i*e.dim : (i+1)*e.dim])
			if !finite(x) || !vec.Normalize(x) {
				return nil, fmt.Errorf("encode: picture %d: the model gives no direction", start+i)
			}
			out = append(out, x)
		}
	}
	return out, nil
}

func finite(x []float32) bool {
	return !slices.ContainsFunc(x, func(v float32) bool { return math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) })
}

// pixels is the length of one picture's input.
func (e *Encoder) pixels() int { return 3 * e.m.Width * e.m.Height }

// placed is where a picture lies in the model's input.
type placed struct {
	pw, ph     int // size of the picture in its pixels
	seen       box // the part of it that is seen
	x, y, w, h int // where that lies in the input
}

// prepare writes one picture as the model wants it.
func (e *Encoder) prepare(dst []float32, c Crop) error {
	_, err := e.place(dst, c)
	return err
}

// place writes one picture as the model wants it, and says where it lies.
func (e *Encoder) place(dst []float32, c Crop) (placed, error) {
	if c.Picture == nil {
		return placed{}, errors.New("there is none")
	}
	if c.Box == (vision.Rect{}) {
		c.Box = vision.Full
	}
	rgb, w, h, err := c.Picture.Pixels(c.Box)
	if err != nil {
		return placed{}, err
	}
	W, H := e.m.Width, e.m.Height
	x0, y0, dw, dh := 0, 0, W, H
	b := box{0, 0, float64(w), float64(h)}
	switch e.m.Fit {
	case "crop":
		b = middle(w, h, W, H, e.m.Shortest)
	case "pad":
		s := min(float64(W)/float64(w), float64(H)/float64(h))
		dw, dh = max(1, int(math.Round(float64(w)*s))), max(1, int(math.Round(float64(h)*s)))
		x0, y0 = (W-dw)/2, (H-dh)/2
	}
	px := scale(rgb, w, h, b, e.m.Filter, dw, dh)
	for ch := range 3 {
		to := ch
		if e.m.Order == "bgr" {
			to = 2 - ch
		}
		k, off := float32(e.m.Scale/e.m.Std[ch]), float32(e.m.Mean[ch]/e.m.Std[ch])
		for y := range dh {
			for x := range dw {
				v := px[3*(y*dw+x)+ch]*k - off
				if e.m.Layout == "nchw" {
					dst[(to*H+y+y0)*W+x+x0] = v
				} else {
					dst[3*((y+y0)*W+x+x0)+to] = v
				}
			}
		}
	}
	return placed{w, h, b, x0, y0, dw, dh}, nil
}

// middle is the part of a w x h picture that is seen when its shorter side is
// scaled to shortest and the middle W x H is cut out.
func middle(w, h, W, H, shortest int) box {
	s := float64(shortest) / float64(min(w, h))
	s = max(s, float64(W)/float64(w), float64(H)/float64(h)) // an oblong input of a square picture
	cw, ch := float64(W)/s, float64(H)/s
	x, y := (float64(w)-cw)/2, (float64(h)-ch)/2
	return box{x, y, x + cw, y + ch}
}

// shape is the input's, of so many pictures.
func (e *Encoder) shape(rows int) []int {
	if e.m.Layout == "nhwc" {
		return []int{rows, e.m.Height, e.m.Width, 3}
	}
	return []int{rows, 3, e.m.Height, e.m.Width}
}

// run runs the model on prepared rows and returns a vector for each.
func (e *Encoder) run(ctx context.Context, in []float32, rows int) ([]float32, error) {
	out, err := e.model.Run(ctx, map[string]*onnx.Tensor{e.m.Input: onnx.Floats(in, e.shape(rows)...)})
	if err != nil {
		return nil, err
	}
	t := out[e.m.Output]
	if t == nil || len(t.F) == 0 || len(t.Shape) < 2 || t.Shape[0] != rows {
		return nil, fmt.Errorf("encode: the output %q is no vector for each picture: shape %v", e.m.Output, shapeOf(t))
	}
	return e.pool(t)
}

func shapeOf(t *onnx.Tensor) []int {
	if t == nil {
		return nil
	}
	return t.Shape
}

// pool makes one vector a picture of an output: of tokens (rows, tokens, dim) or
// of places (rows, dim, height, width).
func (e *Encoder) pool(t *onnx.Tensor) ([]float32, error) {
	rows := t.Shape[0]
	switch len(t.Shape) {
	case 2:
		return t.F, nil
	case 3:
		tokens, dim := t.Shape[1], t.Shape[2]
		out := make([]float32, rows*dim)
		n := 1
		if e.m.Pooling == "mean" {
			n = tokens
		}
		for r := range rows {
			for k := range n {
				vec.Axpy(1/float32(n), t.F[(r*tokens+k)*dim:(r*tokens+k+1)*dim], out[r*dim:(r+1)*dim])
			}
		}
		return out, nil
	case 4:
		dim, places := t.Shape[1], t.Shape[2]*t.Shape[3]
		if e.m.Pooling == "first" && places > 1 {
			return nil, fmt.Errorf("encode: pooling %q of the output %q, which has places and no tokens", e.m.Pooling, e.m.Output)
		}
		out := make([]float32, rows*dim)
		for i := range out {
			var sum float32
			for _, v := range t.F[i*places : (i+1)*places] {
				sum += v
			}
			out[i] = sum / float32(places)
		}
		return out, nil
	}
	return nil, fmt.Errorf("encode: the output %q has the shape %v, want 2 to 4 dimensions", e.m.Output, t.Shape)
}
