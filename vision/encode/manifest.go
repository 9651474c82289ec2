package encode

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
)

// Manifest is bowerbird.json in a model's folder: how a picture becomes the
// model's input, and what of its output is the vector. Everything is optional.
type Manifest struct {
	Name   string `json:"name,omitempty"`   // default: the folder's name
	Width  int    `json:"width,omitempty"`  // of the model's input in pixels; default: the model's own, else 224
	Height int    `json:"height,omitempty"` // the same
	// Fit is how a picture is brought to that size: "crop" (its middle; the
	// default), "squash" (both sides as they must be) or "pad" (all of it, on the
	// mean colour).
	Fit string `json:"fit,omitempty"`
	// Shortest is what the shorter side is scaled to before the middle is cut
	// out; default: as the input, so that all of that side is seen.
	Shortest int `json:"shortest,omitempty"`
	// Filter of scaling: "bicubic" (the default), "bilinear", "lanczos" or
	// "nearest", all but the last with the support widened when a picture shrinks,
	// as Pillow does.
	Filter string `json:"filter,omitempty"`
	// Scale multiplies a byte of a pixel, before Mean is taken off and Std is
	// divided by; default 1/255.
	Scale  float64   `json:"scale,omitempty"`
	Mean   []float64 `json:"mean,omitempty"`   // of red, green and blue; default ImageNet's: .485 .456 .406
	Std    []float64 `json:"std,omitempty"`    // the same: .229 .224 .225
	Order  string    `json:"order,omitempty"`  // of channels: "rgb" (the default) or "bgr"; Mean and Std stay red, green, blue
	Layout string    `json:"layout,omitempty"` // of the input: "nchw" or "nhwc"; default: told from its shape
	Input  string    `json:"input,omitempty"`  // default: the model's first of four dimensions
	Output string    `json:"output,omitempty"` // default: image_embeds or pooler_output if there is one, else the first
	// Pooling of an output of more than one vector a picture: "first" (a class
	// token), "mean" (over tokens or places) or "" (the first for three
	// dimensions, the mean for four).
	Pooling string `json:"pooling,omitempty"`
}

// The files that Open reads.
const (
	manifestFile  = "bowerbird.json"
	processorFile = "preprocessor_config.json"
	modelFile     = "model.onnx"
)

// readManifest joins the two files of a folder.
func readManifest(dir string) (Manifest, error) {
	var m Manifest
	if err := m.fromProcessor(filepath.Join(dir, processorFile)); err != nil {
		return m, err
	}
	path := filepath.Join(dir, manifestFile)
	if err := readJSON(path, &m); err != nil {
		return m, err
	}
	if m.Name == "" {
		m.Name = filepath.Base(dir)
	}
	if err := m.complete(); err != nil {
		return m, fmt.Errorf("encode: %s: %w", dir, err)
	}
	return m, nil
}

// readJSON reads a file over v; one that is not there changes nothing.
func readJSON(path string, v any) error {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		return fmt.Errorf("encode: %s: %w", path, err)
	}
	return nil
}

// fromProcessor takes over what the transformers library wrote.
func (m *Manifest) fromProcessor(path string) error {
	var p struct {
		Resize     *bool           `json:"do_resize"`
		CenterCrop *bool           `json:"do_center_crop"`
		Rescale    *bool           `json:"do_rescale"`
		Normalize  *bool           `json:"do_normalize"`
		Factor     float64         `json:"rescale_factor"`
		Mean       []float64       `json:"image_mean"`
		Std        []float64       `json:"image_std"`
		Resample   *int            `json:"resample"`
		Size       json.RawMessage `json:"size"`
		CropSize   json.RawMessage `json:"crop_size"`
	}
	if _, err := os.Stat(path); err != nil {
		return nil
	}
	if err := readJSON(path, &p); err != nil {
		return err
	}
	no := func(b *bool) bool { return b != nil && !*b }
	m.Scale, m.Mean, m.Std = p.Factor, p.Mean, p.Std
	if no(p.Rescale) {
		m.Scale = 1
	}
	if no(p.Normalize) {
		m.Mean, m.Std = []float64{0, 0, 0}, []float64{1, 1, 1}
	}
	if p.Resample != nil { // Pillow's numbers
		filters := map[int]string{0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic"}
		if m.Filter = filters[*p.Resample]; m.Filter == "" {
			return fmt.Errorf("encode: %s: resample %d is not known", path, *p.Resample)
		}
	}
	size, crop := sides(p.Size), sides(p.CropSize)
	switch {
	case p.CenterCrop != nil && *p.CenterCrop && crop.w > 0:
		m.Fit, m.Width, m.Height, m.Shortest = "crop", crop.w, crop.h, size.shortest
		if size.shortest == 0 && size.w > 0 {
			m.Shortest = min(size.w, size.h)
		}
	case size.w > 0:
		m.Fit, m.Width, m.Height = "squash", size.w, size.h
	case size.shortest > 0:
		m.Fit, m.Width, m.Height = "crop", size.shortest, size.shortest
	}
	return nil
}

type boxOf struct{ w, h, shortest int }

// sides reads a size, which is a number or {"height", "width"} or {"shortest_edge"}.
func sides(raw json.RawMessage) boxOf {
	var n int
	if json.Unmarshal(raw, &n) == nil && n > 0 {
		return boxOf{n, n, n}
	}
	var s struct {
		Height   int `json:"height"`
		Width    int `json:"width"`
		Shortest int `json:"shortest_edge"`
	}
	_ = json.Unmarshal(raw, &s)
	return boxOf{s.Width, s.Height, s.Shortest}
}

// complete sets the defaults and refuses what cannot be.
func (m *Manifest) complete() error {
	if m.Fit == "" {
		m.Fit = "crop"
	}
	if m.Filter == "" {
		m.Filter = "bicubic"
	}
	if m.Order == "" {
		m.Order = "rgb"
	}
	if m.Scale == 0 {
		m.Scale = 1.0 / 255
	}
	if m.Mean == nil {
		m.Mean = []float64{.485, .456, .406}
	}
	if m.Std == nil {
		m.Std = []float64{.229, .224, .225}
	}
	for _, c := range []struct {
		field, value string
		allowed      []string
	}{
		{"fit", m.Fit, []string{"crop", "squash", "pad"}}, {"filter", m.Filter, []string{"bicubic", "bilinear", "lanczos", "nearest"}},
		{"order", m.Order, []string{"rgb", "bgr"}}, {"layout", m.Layout, []string{"", "nchw", "nhwc"}}, {"pooling", m.Pooling, []string{"", "first", "mean"}},
	} {
		if !contains(c.allowed, c.value) {
			return fmt.Errorf("%s is %q, want one of %q", c.field, c.value, c.allowed)
		}
	}
	for field, n := range map[string]int{"width": m.Width, "height": m.Height, "shortest": m.Shortest} {
		if n < 0 || n > maxSide {
			return fmt.Errorf("%s is %d, want 1 to %d", field, n, maxSide)
		}
	}
	if len(m.Mean) != 3 || len(m.Std) != 3 {
		return fmt.Errorf("mean has %d numbers and std %d, want 3 of each", len(m.Mean), len(m.Std))
	}
	for i, s := range m.Std {
		if !(s > 0) || math.IsInf(s, 0) || math.IsNaN(m.Mean[i]) || math.IsInf(m.Mean[i], 0) {
			return fmt.Errorf("mean %v and std %v must be finite, and std above 0", m.Mean, m.Std)
		}
	}
	if !(m.Scale > 0) || math.IsInf(m.Scale, 0) {
		return fmt.Errorf("scale is %v, want a number above 0", m.Scale)
	}
	return nil
}

// maxSide is the largest input in pixels.
const maxSide = 2048

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
