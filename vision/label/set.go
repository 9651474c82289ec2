package label

import (
	"fmt"
	"io"
	"math"

	"bowerbird/internal/frame"
	"bowerbird/internal/vec"
)

// Set is a linear classifier for each of some labels. It does not change; safe for
// concurrent use.
type Set struct {
	dim    int
	names  []string
	rows   []float32 // of each label dim weights and a constant
	bend   []float32 // of each label slope and offset of its confidence (Platt 1999)
	better []bool    // than the other way, on held-out rows
}

// Dim is the length of vectors.
func (s *Set) Dim() int { return s.dim }

// Names are the labels, in the order of their numbers.
func (s *Set) Names() []string { return s.names }

// Better tells whether a label is better told by this classifier than by the other way.
func (s *Set) Better(i int) bool { return s.better[i] }

// Confidence is how sure it is that a vector has a label, 0 to 1.
func (s *Set) Confidence(v []float32, i int) float32 {
	row := s.rows[i*(s.dim+1) : (i+1)*(s.dim+1)]
	return sigmoid(float64(s.bend[2*i])*float64(vec.Dot(v, row[:s.dim])+row[s.dim]) + float64(s.bend[2*i+1]))
}

func sigmoid(x float64) float32 { return float32(1 / (1 + math.Exp(-x))) }

// A file, framed and summed as every other (internal/frame), magic "labels":
//
//	uvarint  dim
//	uvarint  labels, then of each: its name, 0 or 1 (better)
//	f32s     dim weights and a constant of each label
//	f32s     slope and offset of each label
const (
	magic       = "labels"
	fileVersion = 1
	most        = 1 << 16
)

// Save writes the set.
func (s *Set) Save(w io.Writer) error {
	f := frame.NewWriter(w, magic, fileVersion)
	f.Int(s.dim)
	f.Int(len(s.names))
	for i, name := range s.names {
		f.String(name)
		f.Bool(s.better[i])
	}
	f.F32s(s.rows)
	f.F32s(s.bend)
	return f.Close()
}

// Load reads a set that Save wrote, and refuses one that is cut or changed.
func Load(r io.Reader) (*Set, error) {
	f, err := frame.NewReader(r, magic, fileVersion)
	if err != nil {
		return nil, fmt.Errorf("label: %w", err)
	}
	s := &Set{dim: f.Int()}
	n := f.Int()
	for i := 0; i < n && i < most && f.Err() == nil; i++ {
		s.names = append(s.names, f.String())
		s.better = append(s.better, f.Bool())
	}
	s.rows, s.bend = f.F32s(), f.F32s()
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("label: %w", err)
	}
	if s.dim < 1 || n > most || len(s.rows) != n*(s.dim+1) || len(s.bend) != 2*n {
		return nil, fmt.Errorf("label: %d weights for %d labels of %d numbers: %w", len(s.rows), n, s.dim, frame.ErrCorrupt)
	}
	for _, list := range [][]float32{s.rows, s.bend} {
		for _, x := range list {
			if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
				return nil, fmt.Errorf("label: a number that is not finite: %w", frame.ErrCorrupt)
			}
		}
	}
	return s, nil
}
