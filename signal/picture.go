package signal

import (
	"context"
	"fmt"

	"bowerbird"
	"bowerbird/vision"
	"bowerbird/vision/copies"
)

// Blobs keeps bytes by their hash.
type Blobs interface {
	Put(ctx context.Context, data []byte) (hash string, err error)
}

// Picture reads an encoded picture (JPEG, PNG, GIF, WebP), keeps it without its metadata (vision.Strip) and its two
// thumbnails as blobs, and returns what a document holds of it and three signals: its
// visual vector, the vectors of its parts, and its print. A picture that is too large,
// damaged or of another format is an *bowerbird.Invalid that says what to do.
//
// Cost: some tens of milliseconds for a photograph of two megapixels.
func Picture(ctx context.Context, blobs Blobs, data []byte) (*bowerbird.Picture, []*bowerbird.Signal, error) {
	decoded, err := vision.Decode(data, vision.Options{})
	if err != nil {
		return nil, nil, &bowerbird.Invalid{Field: "picture", Message: err.Error()}
	}
	r, err := decoded.Process()
	if err != nil {
		return nil, nil, fmt.Errorf("signal: %w", err)
	}
	clean := vision.Strip(data)
	if info, err := vision.Inspect(clean, vision.Options{}); err != nil || info != decoded.Info {
		return nil, nil, &bowerbird.Invalid{Field: "picture", Message: "is built in a way that its metadata cannot be taken out: save it anew"}
	}
	p := &bowerbird.Picture{Width: r.Width, Height: r.Height, Placeholder: r.Placeholder, Fingerprint: uint64(r.Fingerprint),
		Looks: r.Look.Words(), Quality: r.Quality}
	for _, b := range []struct {
		to   *string
		data []byte
	}{{&p.Blob, clean}, {&p.Small, r.Small.JPEG}, {&p.Large, r.Large.JPEG}} {
		if *b.to, err = blobs.Put(ctx, b.data); err != nil {
			return nil, nil, fmt.Errorf("signal: keep a picture: %w", err)
		}
	}
	for _, c := range r.Colors {
		p.Colours = append(p.Colours, bowerbird.Colour{Hex: c.Hex(), Name: c.Family, Share: c.Share})
	}
	signals, err := signalsOf(decoded, r.Descriptor)
	return p, signals, err
}

func signalsOf(p *vision.Picture, visual []float32) ([]*bowerbird.Signal, error) {
	parts, err := p.Parts()
	if err != nil {
		return nil, fmt.Errorf("signal: %w", err)
	}
	print, err := Print(p, vision.Full)
	if err != nil {
		return nil, err
	}
	return []*bowerbird.Signal{
		{Name: "visual", Version: vision.DescriptorVersion, Vector: visual},
		{Name: "parts", Version: vision.PartsVersion, Vector: parts},
		{Name: "print", Version: copies.PrintVersion, Vector: print},
	}, nil
}

// Print is the print of a box of a picture with its aspect behind it, as the signal
// "print" and a request carry it.
func Print(p *vision.Picture, r vision.Rect) ([]float32, error) {
	x, err := copies.OfPart(p, r)
	if err != nil {
		return nil, fmt.Errorf("signal: %w", err)
	}
	return append(x.Vector(), x.Aspect), nil
}
