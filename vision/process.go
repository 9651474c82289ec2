package vision

import (
	"fmt"
	"image"

	"bowerbird/internal/jpeg"
)

// Thumbnail is a JPEG without metadata, upright, on white where the picture was
// transparent.
type Thumbnail struct {
	JPEG          []byte
	Width, Height int // pixels
}

// Thumbnail encodes the picture at most width pixels wide, and four times that
// high; it is never enlarged. Cost: about 5 ns a pixel of the thumbnail.
func (p *Picture) Thumbnail(width int) (Thumbnail, error) {
	if width < 1 || width > p.opt.kept() {
		return Thumbnail{}, fmt.Errorf("vision: thumbnail width is %d; it must be 1 to %d (Options.Large)", width, p.opt.kept())
	}
	src := p.pix
	if width <= p.mid.Rect.Dx() {
		src = p.mid
	}
	w, h := fit(p.pix.Rect.Dx(), p.pix.Rect.Dy(), width)
	m := src
	if w != src.Rect.Dx() || h != src.Rect.Dy() {
		m = reduceYCbCr(src, w, h)
	}
	return encodeJPEG(m, p.opt.Quality)
}

func encodeJPEG(m *image.YCbCr, quality int) (Thumbnail, error) {
	data, err := jpeg.Encode(m, quality)
	if err != nil {
		return Thumbnail{}, fmt.Errorf("vision: encode thumbnail: %w", err)
	}
	return Thumbnail{JPEG: data, Width: m.Rect.Dx(), Height: m.Rect.Dy()}, nil
}

// Result is everything that the importing path keeps of a picture.
type Result struct {
	Info
	Transparent  bool
	Small, Large Thumbnail
	Placeholder  string // see Picture.Placeholder
	Colors       []Color
	Look         Look
	Quality      float32 // see Picture.Quality
	// Descriptor has Dim numbers and length 1, made by DescriptorVersion.
	Descriptor  []float32
	Fingerprint Fingerprint
}

// Process decodes a picture once and makes everything from it. It fails as
// Decode does, runs on the caller's goroutine, and may be called concurrently.
func Process(data []byte, o Options) (Result, error) {
	p, err := Decode(data, o)
	if err != nil {
		return Result{}, err
	}
	return p.Process()
}

// Process makes everything from a picture that is already decoded.
func (p *Picture) Process() (Result, error) {
	small, err := p.Thumbnail(p.opt.Small)
	if err != nil {
		return Result{}, err
	}
	large, err := p.Thumbnail(p.opt.Large)
	if err != nil {
		return Result{}, err
	}
	v := p.view(Full)
	return Result{
		Info: p.Info, Transparent: p.Transparent,
		Small: small, Large: large, Placeholder: p.Placeholder(),
		Colors: dominant(v.colors), Look: v.look(), Quality: p.Quality(),
		Descriptor: v.describe(), Fingerprint: fingerprint(v),
	}, nil
}
