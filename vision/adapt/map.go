package adapt

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"math"

	"bowerbird/internal/frame"
	"bowerbird/internal/vec"
)

// Map is a learned square map. It does not change; safe for concurrent use.
type Map struct {
	version string
	dim     int
	matrix  []float32 // y = x·matrix, row-major
}

// Version names the map by the checksum of all that was learned.
func (m *Map) Version() string { return m.version }

// Dim is the length of vectors before and after.
func (m *Map) Dim() int { return m.dim }

// Apply writes the mapped vector, of Euclidean length 1. Both have Dim numbers and
// must not overlap. A vector that maps to zero stays zero.
func (m *Map) Apply(x, out []float32) {
	clear(out)
	vec.MatMul(out, x, m.matrix, 1, m.dim, m.dim)
	vec.Normalize(out)
}

// A file, framed and summed as every other (internal/frame), magic "adapted":
//
//	uvarint  dim
//	f32s     the matrix, dim x dim, row-major
const (
	magic       = "adapted"
	fileVersion = 1
)

// Save writes the map.
func (m *Map) Save(w io.Writer) error {
	f := frame.NewWriter(w, magic, fileVersion)
	f.Int(m.dim)
	f.F32s(m.matrix)
	return f.Close()
}

func (m *Map) name() error {
	var b bytes.Buffer
	if err := m.Save(&b); err != nil {
		return fmt.Errorf("adapt: %w", err)
	}
	sum := sha256.Sum256(b.Bytes()) // not the CRC: a file ends with its own, and the CRC of both is the same for all
	m.version = fmt.Sprintf("adapted-%d-%x", fileVersion, sum[:6])
	return nil
}

// Load reads a map that Save wrote, and refuses one that is cut or changed.
func Load(r io.Reader) (*Map, error) {
	f, err := frame.NewReader(r, magic, fileVersion)
	if err != nil {
		return nil, fmt.Errorf("adapt: %w", err)
	}
	m := &Map{dim: f.Int(), matrix: f.F32s()}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("adapt: %w", err)
	}
	if m.dim < 1 || m.dim > 1<<14 || len(m.matrix) != m.dim*m.dim {
		return nil, fmt.Errorf("adapt: %d numbers are no map of %d: %w", len(m.matrix), m.dim, frame.ErrCorrupt)
	}
	for _, x := range m.matrix {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return nil, fmt.Errorf("adapt: a number that is not finite: %w", frame.ErrCorrupt)
		}
	}
	return m, m.name()
}
