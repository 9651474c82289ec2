package vision

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	stdjpeg "image/jpeg"
	"image/png"
	"io"
	"math"

	"golang.org/x/image/webp"

	"bowerbird/internal/area"
	"bowerbird/internal/jpeg"
)

// Picture is a decoded picture, upright, reduced to at most 960 pixels of width
// (or Options.Large, if more) and four times that of height: about 1.5 bytes a
// pixel, so 1 MB for a photograph. It does not change, so that any number of goroutines
// may use it.
type Picture struct {
	Info
	// Transparent says that some of the picture let the page show through; it
	// was laid on white.
	Transparent bool

	pix *image.YCbCr // 4:2:0, JFIF range
	mid *image.YCbCr // the same, at most midWidth wide, for everything small
	opt Options
}

// Decode reads a JPEG, PNG, GIF (first frame) or WebP (first frame). The limits
// of o are applied to the header before pixels are decoded. Colour profiles are
// not applied: the numbers are taken as sRGB. Errors are ErrTooLarge, ErrFormat,
// ErrUnsupported, ErrTruncated or ErrCorrupt, wrapped with what to do.
// A JPEG is read at a half, a quarter or an eighth where what is kept of it is no larger.
// Cost: about 5 ns a pixel for a JPEG. It may be called concurrently.
func Decode(data []byte, o Options) (*Picture, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	h, err := inspect(data, o)
	if err != nil {
		return nil, err
	}
	w, t := h.Width, h.Height // as stored; h has them upright
	dw, dh := fit(w, t, o.kept())
	if h.Orientation >= 5 {
		w, t, dw, dh = t, w, dh, dw
	}
	k := reduction(h.Format, w, t, dw, dh)
	m, err := decode(h, k)
	if err != nil {
		return nil, err
	}
	b := m.Bounds()
	if b.Dx() == w && b.Dy() == t {
		k = 1
	} else if b.Dx() != (w+k-1)/k || b.Dy() != (t+k-1)/k {
		return nil, fmt.Errorf("vision: %s holds %d x %d pixels, its header says otherwise: %w", h.Format, b.Dx(), b.Dy(), ErrCorrupt)
	}
	p := &Picture{Info: h.Info, opt: o, Transparent: !opaque(m)}
	p.keep(orient(reduce(m, area.Window{X1: float64(w) / float64(k), Y1: float64(t) / float64(k)}, dw, dh), h.Orientation))
	return p, nil
}

// reduction is by how much a w x h picture may be reduced while it is decoded if dw x dh
// pixels are wanted: by a power of two, and never to fewer.
func reduction(f Format, w, h, dw, dh int) int {
	k := 1
	for f == JPEG && k < 8 && w >= 2*k*dw && h >= 2*k*dh {
		k *= 2
	}
	return k
}

const (
	// keptWidth is the least width that a Picture keeps of a larger one, so that
	// a descriptor does not depend on how small the thumbnails are.
	keptWidth = 960
	// midWidth is the width from which colours and descriptors start.
	midWidth = 320
)

func (o Options) kept() int { return max(o.Large, keptWidth) }

func (p *Picture) keep(m *image.YCbCr) {
	p.pix, p.mid = m, m
	if w, h := fit(m.Rect.Dx(), m.Rect.Dy(), midWidth); w < m.Rect.Dx() {
		p.mid = reduceYCbCr(m, w, h)
	}
}

// Read is Decode of a stream, of which it reads at most MaxBytes + 1.
func Read(r io.Reader, o Options) (*Picture, error) {
	data, err := ReadBytes(r, o)
	if err != nil {
		return nil, err
	}
	return Decode(data, o)
}

// ReadBytes reads an encoded picture whole, or fails with ErrTooLarge as soon
// as there is more than MaxBytes.
func ReadBytes(r io.Reader, o Options) ([]byte, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, o.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("vision: read picture: %w", err)
	}
	if int64(len(data)) > o.MaxBytes {
		return nil, fmt.Errorf("vision: more than %d bytes: %w; save it smaller", o.MaxBytes, ErrTooLarge)
	}
	return data, nil
}

// FromImage wraps an image that is already in memory, such as a drawn one.
// It shares nothing with m afterwards.
func FromImage(m image.Image, o Options) (*Picture, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	b := m.Bounds()
	h := header{Info: Info{Width: b.Dx(), Height: b.Dy(), Orientation: 1}}
	if err := h.check(o, 0); err != nil {
		return nil, err
	}
	w, t := fit(b.Dx(), b.Dy(), o.kept())
	p := &Picture{Info: h.Info, opt: o, Transparent: !opaque(m)}
	p.keep(reduce(m, area.Whole(b.Dx(), b.Dy()), w, t))
	return p, nil
}

// decode reads the pixels; a JPEG perhaps at 1/reduce of its size, rounded up.
func decode(h header, reduce int) (m image.Image, err error) {
	defer guard(&err)
	r := bytes.NewReader(h.frame)
	switch h.Format {
	case JPEG:
		if m, err = jpeg.Decode(h.frame, reduce); errors.Is(err, jpeg.ErrUnusual) {
			m, err = stdjpeg.Decode(r)
		}
	case PNG:
		m, err = png.Decode(r)
	case GIF:
		m, err = gif.Decode(r)
		if f, ok := m.(*image.Paletted); ok && err == nil && (f.Rect.Dx() != h.Width || f.Rect.Dy() != h.Height) {
			m = onCanvas(f, h.Width, h.Height)
		}
	case WebP:
		m, err = webp.Decode(r)
		if err == nil {
			expandRange(m)
		}
	default:
		return nil, errors.New("vision: no decoder")
	}
	if err != nil {
		return nil, classify(h.Format, err)
	}
	return m, nil
}

// onCanvas places a GIF frame that covers only part of its screen.
func onCanvas(f *image.Paletted, w, h int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := f.Rect.Min.Y; y < f.Rect.Max.Y; y++ {
		for x := f.Rect.Min.X; x < f.Rect.Max.X; x++ {
			m.Set(x, y, f.At(x, y))
		}
	}
	return m
}

// expandRange brings the planes of a lossy WebP, which keep luma in 16..235 and
// chroma in 16..240 (RFC 6386 section 9.2), to the full range of JFIF.
func expandRange(m image.Image) {
	var p *image.YCbCr
	switch m := m.(type) {
	case *image.YCbCr:
		p = m
	case *image.NYCbCrA:
		p = &m.YCbCr
	default:
		return
	}
	var luma, chroma [256]byte
	for i := range 256 {
		luma[i] = clampByte(float64(i-16) * 255 / 219)
		chroma[i] = clampByte(float64(i-128)*255/224 + 128)
	}
	for _, t := range []struct {
		plane []byte
		table *[256]byte
	}{{p.Y, &luma}, {p.Cb, &chroma}, {p.Cr, &chroma}} {
		for i, v := range t.plane {
			t.plane[i] = t.table[v]
		}
	}
}

func clampByte(v float64) byte { return byte(math.Round(min(max(v, 0), 255))) }

func opaque(m image.Image) bool {
	o, ok := m.(interface{ Opaque() bool })
	return !ok || o.Opaque()
}

// fit gives the size of a w x h picture within the width and tallest times it,
// never larger than it is and never empty.
func fit(w, h, width int) (int, int) {
	s := min(1, float64(width)/float64(w), float64(width*tallest)/float64(h))
	return max(1, int(math.Round(float64(w)*s))), max(1, int(math.Round(float64(h)*s)))
}
