package signal

import (
	"context"
	"fmt"

	"bowerbird"
	"bowerbird/vision"
)

// Blobs keeps bytes by their hash.
type Blobs interface {
	Put(ctx context.Context, data []byte) (hash string, err error)
}

// Picture reads an encoded picture (JPEG, PNG, GIF, WebP), keeps it and its two
// thumbnails as blobs, and returns what a document holds of it and its visual
// vector. A picture that is too large, damaged or of another format is an
// *bowerbird.Invalid that says what to do.
//
// Cost: some tens of milliseconds for a photograph of two megapixels.
func Picture(ctx context.Context, blobs Blobs, data []byte) (*bowerbird.Picture, *bowerbird.Signal, error) {
	r, err := vision.Process(data, vision.Options{})
	if err != nil {
		return nil, nil, &bowerbird.Invalid{Field: "picture", Message: err.Error()}
	}
	p := &bowerbird.Picture{Width: r.Width, Height: r.Height, Placeholder: r.Placeholder, Fingerprint: uint64(r.Fingerprint)}
	for _, b := range []struct {
		to   *string
		data []byte
	}{{&p.Blob, data}, {&p.Small, r.Small.JPEG}, {&p.Large, r.Large.JPEG}} {
		if *b.to, err = blobs.Put(ctx, b.data); err != nil {
			return nil, nil, fmt.Errorf("signal: keep a picture: %w", err)
		}
	}
	for _, c := range r.Colors {
		p.Colours = append(p.Colours, bowerbird.Colour{Hex: c.Hex(), Name: c.Family, Share: c.Share})
	}
	return p, &bowerbird.Signal{Name: "visual", Version: vision.DescriptorVersion, Vector: r.Descriptor}, nil
}
