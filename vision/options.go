package vision

import (
	"fmt"
	"math"
)

// Options bound what a picture may cost and say what is made of it. The zero
// value works.
type Options struct {
	// MaxBytes of an encoded picture; 0 means 20 MiB.
	MaxBytes int64
	// MaxPixels, width x height, read from the header before any pixel is
	// decoded; 0 means 40 million.
	MaxPixels int64
	// MaxSide in pixels; 0 means 20,000.
	MaxSide int
	// MaxMemory that decoding may take in bytes, estimated from the header
	// (a progressive JPEG keeps 5 bytes a sample, a 16-bit PNG 8 a pixel);
	// 0 means 512 MiB. A process that decodes n pictures at once needs n times it.
	MaxMemory int64
	// Small is the width of the small thumbnail in pixels; 0 means 320.
	Small int
	// Large is the width of the large thumbnail in pixels; 0 means 960.
	Large int
	// Quality of the JPEG thumbnails, 1 to 100; 0 means 82.
	Quality int
}

// tallest is the highest thumbnail, in widths: a strip of 100 x 20,000 pixels
// must not become a thumbnail of the same size.
const tallest = 4

// withDefaults fills the zero fields and refuses the impossible ones.
func (o Options) withDefaults() (Options, error) {
	for _, f := range []struct {
		name  string
		value *int64
		unset int64
	}{{"MaxBytes", &o.MaxBytes, 20 << 20}, {"MaxPixels", &o.MaxPixels, 40e6}, {"MaxMemory", &o.MaxMemory, 512 << 20}} {
		if *f.value == 0 {
			*f.value = f.unset
		}
		if *f.value < 0 || *f.value > math.MaxInt64/2 {
			return o, fmt.Errorf("vision: Options.%s is %d; it must be positive", f.name, *f.value)
		}
	}
	for _, f := range []struct {
		name       string
		value      *int
		unset, max int
	}{{"MaxSide", &o.MaxSide, 20000, 65535}, {"Small", &o.Small, 320, 4096}, {"Large", &o.Large, 960, 4096}, {"Quality", &o.Quality, 82, 100}} {
		if *f.value == 0 {
			*f.value = f.unset
		}
		if *f.value < 1 || *f.value > f.max {
			return o, fmt.Errorf("vision: Options.%s is %d; it must be 1 to %d", f.name, *f.value, f.max)
		}
	}
	if o.Small > o.Large {
		return o, fmt.Errorf("vision: Options.Small is %d, wider than Options.Large, %d", o.Small, o.Large)
	}
	return o, nil
}
