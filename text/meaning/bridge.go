package meaning

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"

	"bowerbird/internal/frame"
	"bowerbird/internal/vec"
)

// Bridge takes vectors of another kind, as descriptors of pictures, into the space of texts, so that words find
// pictures of which nothing is written. It is safe for concurrent use.
//
// A vector x goes to the direction of
//
//	mean of the texts + Sharpness · (φ(x) − mean of φ) · W
//
// where W is ridge regression from pairs (FitBridge), and φ(x) is x itself or x and Features random Fourier features of
// it, √(2/n)·cos(ωx + b), ω normal with the deviation 1/width (Rahimi and Recht, NIPS 2007): then W is close to kernel
// ridge regression with a Gaussian kernel. Ridge keeps the space of texts as it is; canonical correlations would
// make a new one, in which texts would have to be embedded a second time.
type Bridge struct {
	Settings BridgeSettings

	from    string
	in, out int
	before  []float32 // the mean of φ
	after   []float32 // the mean of the texts
	weights []float32 // φ × out
	waves   []float32 // ω, Features × in; follows from Seed
	phase   []float32 // b
}

// BridgeSettings are what FitBridge chooses between.
type BridgeSettings struct {
	Ridge     float64 `json:"ridge"`           // as a share of the mean variance of φ
	Sharpness float64 `json:"sharpness"`       // how far from the mean of all texts a picture may lead
	Features  int     `json:"features"`        // random Fourier features; 0: the vector alone
	Width     float64 `json:"width,omitempty"` // of their kernel
	Seed      uint64  `json:"seed,omitempty"`
}

// From is the version of the vectors that it takes; others must not be given to it.
func (b *Bridge) From() string { return b.from }

// In and Out are the lengths of the vectors that it takes and gives.
func (b *Bridge) In() int { return b.in }

// Out is the length of the vectors that it gives.
func (b *Bridge) Out() int { return b.out }

// Map returns where a vector leads, at length 1; nil for one of another length or of nothing but zeros. It costs
// (In + Features) · Out + Features · In multiply-adds.
func (b *Bridge) Map(x []float32) []float32 {
	if len(x) != b.in || vec.Dot(x, x) == 0 {
		return nil
	}
	phi := b.phi(make([]float32, 0, len(b.before)), x)
	out := make([]float32, b.out)
	for i, v := range phi {
		vec.Axpy(v-b.before[i], b.weights[i*b.out:(i+1)*b.out], out)
	}
	vec.Scale(float32(b.Settings.Sharpness), out)
	vec.Axpy(1, b.after, out)
	if !vec.Normalize(out) || !vec.Finite(out) {
		return nil
	}
	return out
}

// Nothing is where a vector leads that tells nothing: the direction of the mean of the texts.
func (b *Bridge) Nothing() []float32 {
	out := slices.Clone(b.after)
	vec.Normalize(out)
	return out
}

// phi appends φ(x).
func (b *Bridge) phi(dst, x []float32) []float32 {
	dst = append(dst, x...)
	n := b.Settings.Features
	scale := float32(math.Sqrt(2 / float64(max(1, n))))
	for j := range n {
		dst = append(dst, scale*float32(math.Cos(float64(vec.Dot(x, b.waves[j*b.in:(j+1)*b.in])+b.phase[j]))))
	}
	return dst
}

// wave draws the random features.
func (b *Bridge) wave() {
	s := b.Settings
	rng := rand.New(rand.NewPCG(s.Seed, 0xb71d6e))
	b.waves, b.phase = make([]float32, s.Features*b.in), make([]float32, s.Features)
	for i := range b.waves {
		b.waves[i] = float32(rng.NormFloat64() / s.Width)
	}
	for i := range b.phase {
		b.phase[i] = float32(2 * math.Pi * rng.Float64())
	}
}

const (
	bridgeMagic  = "BWBRIDGE"
	bridgeFormat = 1
	maxFeatures  = 1 << 14
)

// Save writes the bridge, framed with a checksum (internal/frame):
//
//	magic BWBRIDGE, version 1, from, in, out, ridge, sharpness, features, width, seed, means before and after, weights
func (b *Bridge) Save(w io.Writer) error {
	f := frame.NewWriter(w, bridgeMagic, bridgeFormat)
	f.String(b.from)
	f.Int(b.in)
	f.Int(b.out)
	f.F64(b.Settings.Ridge)
	f.F64(b.Settings.Sharpness)
	f.Int(b.Settings.Features)
	f.F64(b.Settings.Width)
	f.Uvarint(b.Settings.Seed)
	f.F32s(b.before)
	f.F32s(b.after)
	f.F32s(b.weights)
	if err := f.Close(); err != nil {
		return fmt.Errorf("meaning: save a bridge: %w", err)
	}
	return nil
}

// LoadBridge reads what Save wrote. A file that was cut or changed is ErrCorrupt, never a wrong bridge.
func LoadBridge(r io.Reader) (*Bridge, error) {
	f, err := frame.NewReader(r, bridgeMagic, bridgeFormat)
	if err != nil {
		return nil, fmt.Errorf("meaning: load a bridge: %w", err)
	}
	b := &Bridge{from: f.String(), in: f.Int(), out: f.Int()}
	b.Settings = BridgeSettings{f.F64(), f.F64(), f.Int(), f.F64(), f.Uvarint()}
	b.before, b.after, b.weights = f.F32s(), f.F32s(), f.F32s()
	if err := errors.Join(f.Err(), f.Close()); err != nil {
		return nil, fmt.Errorf("meaning: load a bridge: %w", err)
	}
	s := b.Settings
	switch width := b.in + s.Features; {
	case b.in < 1 || b.out < 1 || b.out > maxDim || s.Features < 0 || s.Features > maxFeatures || s.Features > 0 && !(s.Width > 0),
		len(b.before) != width, len(b.after) != b.out, len(b.weights) != width*b.out,
		!vec.Finite(b.before), !vec.Finite(b.after), !vec.Finite(b.weights), !(s.Sharpness > 0):
		return nil, fmt.Errorf("meaning: load a bridge: its numbers do not fit together: %w", ErrCorrupt)
	}
	b.wave()
	return b, nil
}
