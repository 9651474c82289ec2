package vision

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// Format of an encoded picture, told from its first bytes and never from a name.
type Format string

// The formats that are read.
const (
	JPEG Format = "jpeg"
	PNG  Format = "png"
	GIF  Format = "gif"
	WebP Format = "webp"
)

// MediaType is the format's MIME type.
func (f Format) MediaType() string { return "image/" + string(f) }

// Info is what the header of a picture says.
type Info struct {
	Format Format
	// Width and Height in pixels, as the picture is meant to be seen (after
	// its EXIF orientation).
	Width, Height int
	// Orientation is the EXIF tag 0x0112, 1 to 8; 1 where there is none.
	Orientation int
	// Animated pictures are represented by their first frame.
	Animated bool
}

// Inspect reads the header of a picture and applies the limits of o, without
// decoding a pixel: it costs microseconds and a few kilobytes for a picture of
// any claimed size. It may be called concurrently.
func Inspect(data []byte, o Options) (Info, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Info{}, err
	}
	h, err := inspect(data, o)
	return h.Info, err
}

// header is Info with what only decoding needs.
type header struct {
	Info
	frame  []byte // the bytes to decode: all, or an animated WebP's first frame rewrapped
	memory int64  // estimate of the bytes that decoding allocates
}

func inspect(data []byte, o Options) (h header, err error) {
	defer guard(&err)
	if int64(len(data)) > o.MaxBytes {
		return h, fmt.Errorf("vision: %d bytes, at most %d are read: %w; save it smaller", len(data), o.MaxBytes, ErrTooLarge)
	}
	f, err := Sniff(data)
	if err != nil {
		return h, err
	}
	h = header{Info: Info{Format: f, Orientation: 1}, frame: data}
	var c image.Config
	r := bytes.NewReader(data)
	perPixel, short := int64(4), false
	switch f {
	case JPEG:
		c, err = jpeg.DecodeConfig(r)
		j := scanJPEG(data)
		if j.scans > maxScans {
			return h, fmt.Errorf("vision: a JPEG of more than %d scans: %w; save it as a baseline JPEG", maxScans, ErrTooLarge)
		}
		h.Orientation, perPixel = j.orientation, j.bytesPerPixel()
		// Each block of 8 x 8 samples takes a bit or more, the first of its DC code.
		short = !j.ended || int64(c.Width)*int64(c.Height)*j.samples/4/64 > 8*int64(len(data))
	case PNG:
		c, err = png.DecodeConfig(r)
		p := scanPNG(data)
		h.Orientation, h.Animated, perPixel = p.orientation, p.animated, p.bytesPerPixel()
		// DEFLATE makes at most 1,032 bytes of one; a row has a bit or more for each pixel.
		short = !p.ended || (int64(c.Width)*p.bits()/8+1)*int64(c.Height) > 1032*p.data+1032
	case GIF:
		c, err = gif.DecodeConfig(r)
		h.Animated, perPixel = scanGIF(data), 2
		// A code of LZW has 3 to 12 bits and stands for at most 4,096 pixels; a first frame
		// smaller than the screen needs fewer, but a screen that large has no use.
		short = int64(c.Width)*int64(c.Height) > 4096*8/3*int64(len(data))
	case WebP:
		w := scanWebP(data)
		h.Orientation, h.Animated, h.frame = w.orientation, w.animated, w.frame
		c, err = webp.DecodeConfig(bytes.NewReader(h.frame))
		perPixel = 9 // NRGBA with VP8L's transforms, or YCbCr with an alpha plane made from NRGBA
	}
	if err != nil {
		return h, classify(f, err)
	}
	h.Width, h.Height = c.Width, c.Height
	if err := h.check(o, perPixel); err != nil {
		return h, err
	}
	if short { // told before memory is taken for pixels that cannot be there
		return h, fmt.Errorf("vision: %s of %d x %d pixels in %d bytes: %w; send the whole file again", f, c.Width, c.Height, len(data), ErrTruncated)
	}
	if h.Orientation >= 5 {
		h.Width, h.Height = h.Height, h.Width
	}
	return h, nil
}

func (h *header) check(o Options, perPixel int64) error {
	w, t := int64(h.Width), int64(h.Height)
	switch {
	case w <= 0 || t <= 0:
		return fmt.Errorf("vision: %s of %d x %d pixels: %w", h.Format, w, t, ErrCorrupt)
	case w > int64(o.MaxSide) || t > int64(o.MaxSide):
		return fmt.Errorf("vision: %d x %d pixels, a side may have %d: %w; save it smaller", w, t, o.MaxSide, ErrTooLarge)
	case w*t > o.MaxPixels:
		return fmt.Errorf("vision: %d x %d is %d pixels, at most %d are decoded: %w; save it smaller", w, t, w*t, o.MaxPixels, ErrTooLarge)
	}
	if h.memory = w * t * perPixel; h.memory > o.MaxMemory {
		return fmt.Errorf("vision: decoding %d x %d of this %s takes about %d bytes, %d are allowed: %w; save it smaller, or as a baseline JPEG",
			w, t, h.Format, h.memory, o.MaxMemory, ErrTooLarge)
	}
	return nil
}

// Sniff tells a picture's format from its first 12 bytes; more help it to name
// what it knows but cannot read. The error wraps ErrFormat.
func Sniff(data []byte) (Format, error) {
	at := func(i int, s string) bool { return len(data) >= i+len(s) && string(data[i:i+len(s)]) == s }
	switch {
	case at(0, "\xff\xd8\xff"):
		return JPEG, nil
	case at(0, "\x89PNG\r\n\x1a\n"):
		return PNG, nil
	case at(0, "GIF87a"), at(0, "GIF89a"):
		return GIF, nil
	case at(0, "RIFF") && at(8, "WEBP"):
		return WebP, nil
	}
	what := "unknown bytes"
	switch {
	case len(data) == 0:
		what = "no bytes"
	case at(4, "ftypavif"), at(4, "ftypavis"):
		what = "AVIF"
	case at(4, "ftyp"):
		what = "HEIC or a video"
	case at(0, "II*\x00"), at(0, "MM\x00*"):
		what = "TIFF"
	case at(0, "BM"):
		what = "BMP"
	case at(0, "%PDF"):
		what = "PDF"
	case bytes.HasPrefix(bytes.TrimSpace(data[:min(len(data), 256)]), []byte("<")):
		what = "SVG, XML or HTML"
	}
	return "", fmt.Errorf("vision: %s: %w; convert it to JPEG, PNG, GIF or WebP", what, ErrFormat)
}

// classify turns a decoder's error into one of ours.
func classify(f Format, err error) error {
	var ju jpeg.UnsupportedError
	var pu png.UnsupportedError
	kind := ErrCorrupt
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), isShort(err):
		kind = ErrTruncated
	case errors.As(err, &ju), errors.As(err, &pu):
		kind = ErrUnsupported
	}
	advice := "send the whole file again"
	if kind == ErrUnsupported {
		advice = "save it in the common form of " + string(f)
	}
	return fmt.Errorf("vision: %s: %w (%v); %s", f, kind, err, advice)
}

// isShort knows the decoders' own words for an early end.
func isShort(err error) bool {
	switch err.Error() {
	case "gif: not enough image data", "png: invalid format: not enough pixel data", "riff: short chunk data", "riff: short chunk header",
		"invalid JPEG format: short Huffman data":
		return true
	}
	return errors.Is(err, io.ErrNoProgress)
}

// guard turns a panic of a decoder into an error: the decoders are other
// people's code, fed by strangers.
func guard(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("vision: the decoder gave up (%v): %w", r, ErrCorrupt)
	}
}
