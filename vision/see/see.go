// Package see is the one interface behind which encoders of pictures stand: the built-in
// descriptor, patch features learned from the owner's pictures (vision/patch), a model
// in ONNX (vision/encode), and any of them with a map learned from boards after it
// (vision/adapt).
//
// Its main type is Encoder. What makes a vector is named by its version: vectors of
// two versions are never compared.
package see

import (
	"context"
	"fmt"

	"bowerbird/vision"
	"bowerbird/vision/adapt"
	"bowerbird/vision/encode"
	"bowerbird/vision/patch"
)

// Crop is a picture with the part of it that is meant; the zero Box is all of it.
type Crop = encode.Crop

// Encoder makes vectors of length 1. Safe for concurrent use.
type Encoder interface {
	Version() string
	Dim() int
	// Side is the width in pixels beyond which it sees nothing more of a picture.
	Side() int
	// Encode returns a vector for each picture. The error names the picture, or is the
	// context's.
	Encode(ctx context.Context, pictures []Crop) ([][]float32, error)
}

// BuiltIn is the descriptor of package vision.
func BuiltIn() Encoder { return one{vision.DescriptorVersion, vision.Dim, (*vision.Picture).Describe} }

// Patches is an encoder that was learned from the owner's pictures.
func Patches(e *patch.Encoder) Encoder { return one{e.Version(), e.Dim(), e.Encode} }

// one is an encoder that takes pictures one by one.
type one struct {
	version string
	dim     int
	encode  func(*vision.Picture, vision.Rect) ([]float32, error)
}

func (e one) Version() string { return e.version }
func (e one) Dim() int        { return e.dim }
func (one) Side() int         { return 256 }

func (e one) Encode(ctx context.Context, pictures []Crop) ([][]float32, error) {
	out := make([][]float32, len(pictures))
	for i, c := range pictures {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if c.Box == (vision.Rect{}) {
			c.Box = vision.Full
		}
		v, err := e.encode(c.Picture, c.Box)
		if err != nil {
			return nil, fmt.Errorf("see: picture %d: %w", i, err)
		}
		out[i] = v
	}
	return out, nil
}

// Mapped is an encoder with a map after it.
type Mapped struct {
	Inner Encoder
	Map   *adapt.Map
}

// Version joins both.
func (m *Mapped) Version() string { return m.Inner.Version() + "+" + m.Map.Version() }

// Dim is that of the map, which must be the inner encoder's.
func (m *Mapped) Dim() int { return m.Map.Dim() }

// Side is the inner encoder's.
func (m *Mapped) Side() int { return m.Inner.Side() }

// Encode maps what the inner encoder makes.
func (m *Mapped) Encode(ctx context.Context, pictures []Crop) ([][]float32, error) {
	vs, err := m.Inner.Encode(ctx, pictures)
	if err != nil {
		return nil, err
	}
	return m.Of(vs), nil
}

// Of maps vectors of the inner encoder; nil stays nil.
func (m *Mapped) Of(vs [][]float32) [][]float32 {
	out := make([][]float32, len(vs))
	for i, v := range vs {
		if v != nil {
			out[i] = make([]float32, len(v))
			m.Map.Apply(v, out[i])
		}
	}
	return out
}

// Split takes an encoder apart: what looks at pictures, and the map after it, nil if none.
func Split(e Encoder) (Encoder, *Mapped) {
	if m, ok := e.(*Mapped); ok {
		return m.Inner, m
	}
	return e, nil
}
