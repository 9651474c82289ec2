package patch

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"math"

	"bowerbird/internal/frame"
	"bowerbird/vision"
)

// A file, framed and summed as every other (internal/frame), magic "patch":
//
//	uvarint  descriptor version, as a string: what Share was set for
//	f32      share
//	uvarint  banks, then each:
//	           uvarint  side, patch, kernels
//	           f32      threshold
//	           f32s     fold, 3·patch² x kernels, row-major
//	           f32s     bias, kernels
//	uvarint  in, out of the projection
//	f32s     mean, in
//	f32s     matrix, in x out, row-major
const (
	magic       = "patch"
	fileVersion = 1
	maxBanks    = 8
)

// Save writes the encoder.
func (e *Encoder) Save(w io.Writer) error {
	f := frame.NewWriter(w, magic, fileVersion)
	f.String(vision.DescriptorVersion)
	f.F32(e.share)
	f.Int(len(e.banks))
	for _, b := range e.banks {
		f.Int(b.side)
		f.Int(b.patch)
		f.Int(b.kernels)
		f.F32(b.threshold)
		f.F32s(b.fold)
		f.F32s(b.bias)
	}
	f.Int(e.project.in)
	f.Int(e.project.out)
	f.F32s(e.project.mean)
	f.F32s(e.project.matrix)
	return f.Close()
}

// name sets the version from the checksum of what Save writes.
func (e *Encoder) name() error {
	var b bytes.Buffer
	if err := e.Save(&b); err != nil {
		return fmt.Errorf("patch: %w", err)
	}
	sum := sha256.Sum256(b.Bytes()) // not the CRC: a file ends with its own, and the CRC of both is the same for all
	e.version = fmt.Sprintf("patch-%d-%x", fileVersion, sum[:6])
	return nil
}

// Load reads an encoder that Save wrote. A file that is cut, changed, of another
// version, or made beside another version of the built-in descriptor is refused.
func Load(r io.Reader) (*Encoder, error) {
	f, err := frame.NewReader(r, magic, fileVersion)
	if err != nil {
		return nil, fmt.Errorf("patch: %w", err)
	}
	if d := f.String(); f.Err() == nil && d != vision.DescriptorVersion {
		return nil, fmt.Errorf("patch: made beside descriptor %q, this program has %q: train again", d, vision.DescriptorVersion)
	}
	e := &Encoder{share: f.F32(), project: new(projection)}
	banks := f.Int()
	if f.Err() == nil && (banks < 1 || banks > maxBanks) {
		return nil, fmt.Errorf("patch: %d scales: %w", banks, frame.ErrCorrupt)
	}
	for range banks {
		b := &bank{side: f.Int(), patch: f.Int(), kernels: f.Int(), threshold: f.F32()}
		b.fold, b.bias = f.F32s(), f.F32s()
		if f.Err() == nil && (b.patch < 2 || b.patch > 16 || b.side < 2*b.patch || b.side > 256 ||
			b.kernels < 1 || len(b.fold) != b.size()*b.kernels || len(b.bias) != b.kernels) {
			return nil, fmt.Errorf("patch: the kernels do not fit their sizes: %w", frame.ErrCorrupt)
		}
		if f.Err() != nil {
			break
		}
		e.banks = append(e.banks, b)
	}
	p := e.project
	p.in, p.out = f.Int(), f.Int()
	p.mean, p.matrix = f.F32s(), f.F32s()
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("patch: %w", err)
	}
	if p.in != e.Features() || p.out < 1 || len(p.mean) != p.in || len(p.matrix) != p.in*p.out || !finite(e) {
		return nil, fmt.Errorf("patch: the projection does not fit the kernels: %w", frame.ErrCorrupt)
	}
	return e, e.name()
}

func finite(e *Encoder) bool {
	all := [][]float32{{e.share}, e.project.mean, e.project.matrix}
	for _, b := range e.banks {
		all = append(all, []float32{b.threshold}, b.fold, b.bias)
	}
	for _, v := range all {
		for _, x := range v {
			if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
				return false
			}
		}
	}
	return true
}
