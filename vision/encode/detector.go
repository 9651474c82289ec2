package encode

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"bowerbird/internal/onnx"
	"bowerbird/vision"
)

// DetectorManifest is bowerbird.json in a detector's folder: beside what every Manifest
// says of the input, where its output has boxes and scores. Fit is "pad" unless it says
// otherwise, so that all of a picture is seen.
type DetectorManifest struct {
	Manifest
	Boxes  string `json:"boxes,omitempty"`  // output of (1, n, 4) or (n, 4); default "boxes"
	Scores string `json:"scores,omitempty"` // output of (1, n), (1, n, classes) or without the 1; default "scores"
	// Form of a box: "xyxy" (corners; the default), "xywh" (a corner and the size),
	// "cxcywh" (the middle and the size) or "yxyx".
	Form string `json:"form,omitempty"`
	// Unit is "pixel" of the input (the default) or "one": its sides are 1.
	Unit string `json:"unit,omitempty"`
	// Activation of scores: "" where they are probabilities, "sigmoid" or "softmax" (over classes).
	Activation string `json:"activation,omitempty"`
	Background *int   `json:"background,omitempty"` // a class that is no thing; default none
	// Threshold is the least score of a box; default .3.
	Threshold float64 `json:"threshold,omitempty"`
	// Overlap is the intersection over the union from which the weaker of two boxes is
	// dropped; default .5.
	Overlap float64 `json:"overlap,omitempty"`
}

// Detection is a part of a picture in which a detector sees something.
type Detection struct {
	Box   vision.Rect
	Score float32
	Class int // 0 where there is one class
}

// Detector finds things in pictures by a model that its owner exported to ONNX. Safe for
// concurrent use.
type Detector struct {
	e Encoder // of which only the input is used
	m DetectorManifest
}

// OpenDetector reads a detector from a folder and runs it once. The error names the file
// and the field.
func OpenDetector(dir string, o Options) (*Detector, error) {
	d := &Detector{m: DetectorManifest{Manifest: Manifest{Fit: "pad"}, Boxes: "boxes", Scores: "scores", Form: "xyxy", Unit: "pixel", Threshold: .3, Overlap: .5}}
	if err := d.m.fromProcessor(filepath.Join(dir, processorFile)); err != nil {
		return nil, err
	}
	if err := readJSON(filepath.Join(dir, manifestFile), &d.m); err != nil {
		return nil, err
	}
	if d.m.Name == "" {
		d.m.Name = filepath.Base(dir)
	}
	if err := d.m.complete(); err != nil {
		return nil, fmt.Errorf("encode: %s: %w", dir, err)
	}
	path := filepath.Join(dir, modelFile)
	model, err := onnx.Open(path, onnx.Options{Threads: o.Threads, Runtime: onnx.Runtime(o.Runtime)})
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	d.e = Encoder{m: d.m.Manifest, model: model, o: o}
	if err := d.e.input(); err != nil {
		return nil, fmt.Errorf("encode: %s: %w", path, err)
	}
	for _, name := range []string{d.m.Boxes, d.m.Scores} {
		if !slices.Contains(model.Outputs(), name) {
			return nil, fmt.Errorf("encode: %s: there is no output %q; the model has %q", path, name, model.Outputs())
		}
	}
	if d.e.fixed > 1 {
		return nil, fmt.Errorf("encode: %s: it wants %d pictures at once, want one", path, d.e.fixed)
	}
	if _, err := d.run(context.Background(), make([]float32, d.e.pixels())); err != nil {
		return nil, fmt.Errorf("encode: %s: a trial run: %w", path, err)
	}
	return d, nil
}

func (m *DetectorManifest) complete() error {
	if err := m.Manifest.complete(); err != nil {
		return err
	}
	for _, c := range []struct {
		field, value string
		allowed      []string
	}{
		{"form", m.Form, []string{"xyxy", "xywh", "cxcywh", "yxyx"}}, {"unit", m.Unit, []string{"pixel", "one"}}, {"activation", m.Activation, []string{"", "sigmoid", "softmax"}},
	} {
		if !contains(c.allowed, c.value) {
			return fmt.Errorf("%s is %q, want one of %q", c.field, c.value, c.allowed)
		}
	}
	if !(m.Threshold >= 0 && m.Threshold <= 1) || !(m.Overlap > 0 && m.Overlap <= 1) {
		return fmt.Errorf("threshold is %v and overlap %v, want 0 to 1", m.Threshold, m.Overlap)
	}
	return nil
}

// Side is the larger side of the model's input.
func (d *Detector) Side() int { return d.e.Side() }

// Manifest is what OpenDetector made of the folder's files and the model.
func (d *Detector) Manifest() DetectorManifest {
	m := d.m
	m.Manifest = d.e.m
	return m
}

// Regions are the boxes of Detect.
func (d *Detector) Regions(ctx context.Context, p *vision.Picture, n int) ([]vision.Rect, error) {
	found, err := d.Detect(ctx, p, n)
	out := make([]vision.Rect, len(found))
	for i, f := range found {
		out[i] = f.Box
	}
	return out, err
}

// Detect finds up to n things, the surest first. Of boxes of any class that overlap by more
// than the manifest's Overlap the surest stands; one of less than a hundredth of the picture,
// or that is not finite, is left out; what reaches beyond the picture is cut off.
func (d *Detector) Detect(ctx context.Context, p *vision.Picture, n int) ([]Detection, error) {
	in := make([]float32, d.e.pixels())
	at, err := d.e.place(in, Crop{Picture: p})
	if err != nil {
		return nil, fmt.Errorf("encode: a picture: %w", err)
	}
	raw, err := d.run(ctx, in)
	if err != nil {
		return nil, err
	}
	var all []Detection
	for i, score := range raw.scores {
		if !(float64(score) >= d.m.Threshold) {
			continue
		}
		if box, ok := d.back(raw.boxes[4*i:4*i+4], at); ok {
			all = append(all, Detection{box, score, raw.classes[i]})
		}
	}
	return suppressed(all, d.m.Overlap, n), nil
}

// suppressed keeps the surest of boxes that overlap (greedy non-maximum suppression).
func suppressed(all []Detection, overlap float64, n int) []Detection {
	slices.SortStableFunc(all, func(a, b Detection) int { return cmp.Compare(b.Score, a.Score) })
	var out []Detection
	for _, x := range all {
		if len(out) >= n {
			break
		}
		if !slices.ContainsFunc(out, func(y Detection) bool { return x.Box.Overlap(y.Box) > overlap }) {
			out = append(out, x)
		}
	}
	return out
}

// raw is what the model said of one picture.
type raw struct {
	boxes   []float32 // four of each
	scores  []float32 // of its best class, as a probability
	classes []int
}

func (d *Detector) run(ctx context.Context, in []float32) (r raw, err error) {
	out, err := d.e.model.Run(ctx, map[string]*onnx.Tensor{d.e.m.Input: onnx.Floats(in, d.e.shape(1)...)})
	if err != nil {
		return r, err
	}
	boxes, scores := out[d.m.Boxes], out[d.m.Scores]
	b, ok := alone(boxes)
	if !ok || len(b) != 2 || b[1] != 4 || len(boxes.F) != b[0]*4 {
		return r, fmt.Errorf("encode: the output %q has the shape %v, want (1, n, 4) of float32", d.m.Boxes, shapeOf(boxes))
	}
	n := b[0]
	s, ok := alone(scores)
	if ok && len(s) == 1 {
		s = append(slices.Clone(s), 1)
	}
	if !ok || len(s) != 2 || s[0] != n || s[1] < 1 || len(scores.F) != n*s[1] {
		return r, fmt.Errorf("encode: the output %q has the shape %v, want (1, %d) or (1, %d, classes) of float32", d.m.Scores, shapeOf(scores), n, n)
	}
	r = raw{boxes.F, make([]float32, n), make([]int, n)}
	for i := range n {
		r.scores[i], r.classes[i] = d.best(scores.F[i*s[1] : (i+1)*s[1]])
	}
	return r, nil
}

// alone is a shape without the one picture.
func alone(t *onnx.Tensor) ([]int, bool) {
	if t == nil || len(t.Shape) == 0 {
		return nil, false
	}
	if len(t.Shape) > 1 && t.Shape[0] == 1 {
		return t.Shape[1:], true
	}
	return t.Shape, true
}

// best is the probability of the likeliest class that is not the background.
func (d *Detector) best(scores []float32) (float32, int) {
	best, at := float32(math.Inf(-1)), -1
	for c, s := range scores {
		if (d.m.Background == nil || *d.m.Background != c) && s > best {
			best, at = s, c
		}
	}
	if at < 0 {
		return 0, 0
	}
	switch d.m.Activation {
	case "sigmoid":
		return float32(1 / (1 + math.Exp(-float64(best)))), at
	case "softmax":
		sum, most := 0.0, float64(slices.Max(scores))
		for _, s := range scores {
			sum += math.Exp(float64(s) - most)
		}
		return float32(math.Exp(float64(best)-most) / sum), at
	}
	return best, at
}

// back turns a box of the input into one of the picture.
func (d *Detector) back(b []float32, at placed) (vision.Rect, bool) {
	x0, y0, x1, y1 := float64(b[0]), float64(b[1]), float64(b[2]), float64(b[3])
	switch d.m.Form {
	case "xywh":
		x1, y1 = x0+x1, y0+y1
	case "cxcywh":
		x0, y0, x1, y1 = x0-x1/2, y0-y1/2, x0+x1/2, y0+y1/2
	case "yxyx":
		x0, y0, x1, y1 = y0, x0, y1, x1
	}
	if d.m.Unit == "one" {
		w, h := float64(d.e.m.Width), float64(d.e.m.Height)
		x0, y0, x1, y1 = x0*w, y0*h, x1*w, y1*h
	}
	across := func(x float64) float64 {
		return min(1, max(0, (at.seen.x0+(x-float64(at.x))/float64(at.w)*(at.seen.x1-at.seen.x0))/float64(at.pw)))
	}
	down := func(y float64) float64 {
		return min(1, max(0, (at.seen.y0+(y-float64(at.y))/float64(at.h)*(at.seen.y1-at.seen.y0))/float64(at.ph)))
	}
	x0, y0, x1, y1 = across(x0), down(y0), across(x1), down(y1)
	r := vision.Rect{X: x0, Y: y0, W: x1 - x0, H: y1 - y0}
	return r, r.W > 0 && r.H > 0 && r.W*r.H >= .01 && r.Validate() == nil
}
