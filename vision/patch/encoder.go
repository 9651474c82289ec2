package patch

import (
	"fmt"
	"sync"

	"bowerbird/internal/vec"
	"bowerbird/vision"
)

// Encoder makes visual vectors by patch features that were learned from the
// owner's pictures without labels. It does not change; safe for concurrent use.
type Encoder struct {
	version string
	banks   []*bank
	project *projection
	share   float32 // weight of the built-in descriptor beside the learned part
	pool    sync.Pool
}

// Version names the encoder: the form of the file and the checksum of all that was
// learned. Vectors of different versions must never be compared.
func (e *Encoder) Version() string { return e.version }

// Dim is the length of a vector.
func (e *Encoder) Dim() int {
	if e.share == 0 {
		return e.project.out
	}
	return e.project.out + vision.Dim
}

// Features is the length of what Pooled writes.
func (e *Encoder) Features() int { return features(e.banks) }

func features(banks []*bank) int {
	n := 0
	for _, b := range banks {
		n += b.features()
	}
	return n
}

// Encode makes the vector of a box of a picture, of Euclidean length 1: the
// whitened patch features, and beside them the built-in descriptor. It returns
// vision.ErrCrop for a box outside the picture.
// Cost: see docs/benchmarks/vision.md; some milliseconds.
func (e *Encoder) Encode(p *vision.Picture, r vision.Rect) ([]float32, error) {
	s := e.scratch()
	defer e.pool.Put(s)
	s.pooled = resize(s.pooled, e.Features())
	if err := e.pooled(func(side int) ([]byte, error) { return p.Tile(r, side) }, s, s.pooled); err != nil {
		return nil, err
	}
	out := make([]float32, e.Dim())
	e.projected(s.pooled, out[:e.project.out])
	if e.share > 0 {
		d, err := p.Describe(r)
		if err != nil {
			return nil, err
		}
		copy(out[e.project.out:], d)
		vec.Scale(e.share, out[e.project.out:])
	}
	vec.Normalize(out)
	return out, nil
}

// projected writes the projection of pooled features, which it overwrites, at
// length 1.
func (e *Encoder) projected(pooled, out []float32) {
	e.project.apply(pooled, out)
	vec.Normalize(out)
}

// Pooled writes the patch features of a tile before projection: what a linear
// classifier does best on. tile is called once for each scale.
func (e *Encoder) Pooled(tile func(side int) ([]byte, error), out []float32) error {
	if len(out) != e.Features() {
		return fmt.Errorf("patch: %d numbers for %d features", len(out), e.Features())
	}
	s := e.scratch()
	defer e.pool.Put(s)
	return e.pooled(tile, s, out)
}

func (e *Encoder) pooled(tile func(side int) ([]byte, error), s *scratch, out []float32) error {
	for _, b := range e.banks {
		t, err := tile(b.side)
		if err != nil {
			return err
		}
		if len(t) != 3*b.side*b.side {
			return fmt.Errorf("patch: a tile of %d bytes where %d x %d pixels belong", len(t), b.side, b.side)
		}
		b.pool(t, s, out[:b.features()])
		out = out[b.features():]
	}
	return nil
}

func (e *Encoder) scratch() *scratch {
	if s, ok := e.pool.Get().(*scratch); ok {
		return s
	}
	return new(scratch)
}
