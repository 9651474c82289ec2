package embed

import (
	"fmt"
	"io"
	"math"

	"bowerbird/graph"
	"bowerbird/internal/frame"
	"bowerbird/internal/vec"
)

// Vectors are embeddings: one row of Dim floats for each node. A node without edges that count has a zero row. Read only
// once made, and then safe for concurrent use.
type Vectors struct {
	Dim   int
	Left  []float32 // row-major, nodes × Dim
	Right []float32 // empty with Limits.OneMode
}

// Nodes returns the number of rows of a side.
func (v *Vectors) Nodes(side graph.Side) int { return len(v.side(side)) / max(v.Dim, 1) }

func (v *Vectors) side(s graph.Side) []float32 {
	if s == graph.Left {
		return v.Left
	}
	return v.Right
}

// Of returns the row of a node, which is the Vectors' own; nil for a node that has none.
func (v *Vectors) Of(side graph.Side, id uint32) []float32 {
	rows := v.side(side)
	if int(id) >= len(rows)/max(v.Dim, 1) {
		return nil
	}
	return rows[int(id)*v.Dim : (int(id)+1)*v.Dim]
}

// Score returns the inner product of a right and a left node: how well the left one fits. 0 where either has no row.
func (v *Vectors) Score(right, left uint32) float32 {
	a, b := v.Of(graph.Right, right), v.Of(graph.Left, left)
	if a == nil || b == nil {
		return 0
	}
	return vec.Dot(a, b)
}

// vectorsMagic and vectorsVersion of the file, which is framed as package frame says:
//
//	dim      uvarint
//	left     uvarint count, then float32 each, rows one after the other
//	right    likewise
const (
	vectorsMagic   = "bowembed"
	vectorsVersion = 1
)

// Save writes the vectors; the same vectors give the same bytes.
func (v *Vectors) Save(w io.Writer) error {
	f := frame.NewWriter(w, vectorsMagic, vectorsVersion)
	f.Int(v.Dim)
	f.F32s(v.Left)
	f.F32s(v.Right)
	if err := f.Close(); err != nil {
		return fmt.Errorf("embed: save vectors: %w", err)
	}
	return nil
}

// LoadVectors reads what Save wrote. Bytes that are cut short or altered are refused; memory grows with what was read.
func LoadVectors(r io.Reader) (*Vectors, error) {
	f, err := frame.NewReader(r, vectorsMagic, vectorsVersion)
	if err != nil {
		return nil, fmt.Errorf("embed: load vectors: %w", err)
	}
	v := &Vectors{Dim: f.Int(), Left: f.F32s(), Right: f.F32s()}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("embed: load vectors: %w", err)
	}
	if v.Dim < 1 || len(v.Left)%v.Dim != 0 || len(v.Right)%v.Dim != 0 {
		return nil, fmt.Errorf("embed: load vectors: %w: %d and %d numbers in rows of %d", frame.ErrCorrupt, len(v.Left), len(v.Right), v.Dim)
	}
	if !vec.Finite(v.Left) || !vec.Finite(v.Right) {
		return nil, fmt.Errorf("embed: load vectors: %w: a number is not finite", frame.ErrCorrupt)
	}
	return v, nil
}

// maxDim bounds dimensions, so that a wrong number is an error and not an allocation.
const maxDim = 1 << 14

func checkDim(field string, dim int) error {
	if dim < 1 || dim > maxDim {
		return fmt.Errorf("embed: %s: %d is out of range 1 to %d", field, dim, maxDim)
	}
	return nil
}

func checkFinite(field string, x float64) error {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return fmt.Errorf("embed: %s: %v is not finite", field, x)
	}
	return nil
}

// divide splits rows over all nodes into those of the two sides.
func divide(rows []float32, dim, left int, l Limits) *Vectors {
	if l.OneMode {
		return &Vectors{Dim: dim, Left: rows}
	}
	return &Vectors{Dim: dim, Left: rows[: left*dim : left*dim], Right: rows[left*dim:]}
}
