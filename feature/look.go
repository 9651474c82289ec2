package feature

import (
	"io"

	"bowerbird"
	"bowerbird/internal/frame"
	"bowerbird/internal/vec"
)

// Look is how much an item looks like what the person liked last: the largest
// cosine with the visual vectors of the five newest likes, or with the vector
// that the request brings. The vectors belong to another view.
type Look struct {
	vector func(dst []float32, x bowerbird.ItemID) ([]float32, bool)
}

// newest is how many likes are looked at for five that have a vector.
const newest = 8

// NewLook reads vectors of length 1 through the given function.
func NewLook(vector func(dst []float32, x bowerbird.ItemID) ([]float32, bool)) *Look {
	return &Look{vector}
}

// Names are the columns.
func (v *Look) Names() []string { return []string{"look"} }

// Meaning says what a large value means.
func (v *Look) Meaning() []string { return []string{"it looks like what you liked last"} }

// Apply has nothing to fold.
func (v *Look) Apply([]bowerbird.Fact) {}

// Fill costs five dot products for each item, nothing where there are no vectors.
func (v *Look) Fill(r *bowerbird.Request, items []bowerbird.ItemID, out []float32, stride int) {
	var targets [][]float32
	if len(r.Vector) > 0 {
		targets = append(targets, r.Vector)
	} else if r.Item != 0 {
		if t, ok := v.vector(nil, r.Item); ok {
			targets = append(targets, t)
		}
	} else {
		looked := 0
		for _, a := range r.Recent {
			if a.Weight <= 0 {
				continue
			}
			if t, ok := v.vector(nil, a.Item); ok {
				targets = append(targets, t)
			}
			if looked++; looked == newest || len(targets) == 5 {
				break
			}
		}
	}
	if len(targets) == 0 {
		return
	}
	var buf []float32
	for i, x := range items {
		b, ok := v.vector(buf[:0], x)
		if buf = b; !ok {
			continue
		}
		best, compared := float32(-1), false
		for _, t := range targets {
			if len(t) == len(b) {
				best, compared = max(best, vec.Dot(t, b)), true
			}
		}
		if compared {
			out[i*stride] = best
		}
	}
}

// Save writes an empty file: there is no state.
func (v *Look) Save(w io.Writer) error { return frame.NewWriter(w, "flook", 1).Close() }

// Load reads it.
func (v *Look) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "flook", 1)
	if err != nil {
		return err
	}
	return fr.Close()
}
