package feature

import (
	"io"

	"bowerbird"
	"bowerbird/internal/frame"
)

// Meant is how far an item is what a search seems to ask for: the conditions that its
// words stand for, the colour among them, and the category that is probably meant.
type Meant struct {
	test func(bowerbird.Condition) func(bowerbird.ItemID) bool
}

// NewMeant asks for tests of items; test compiles one.
func NewMeant(test func(bowerbird.Condition) func(bowerbird.ItemID) bool) *Meant { return &Meant{test} }

// Names are the columns.
func (v *Meant) Names() []string { return []string{"meant.wishes", "meant.colour", "meant.category"} }

// Meaning says what a large value means.
func (v *Meant) Meaning() []string {
	return []string{"it has what the words ask for", "it has the colour that the words ask for", "it is of the kind that the words ask for"}
}

// Apply has nothing to fold.
func (v *Meant) Apply([]bowerbird.Fact) {}

// Fill writes Σ weight of the wishes that hold / Σ weight, the same of colours, and sure · share of the item's category.
func (v *Meant) Fill(r *bowerbird.Request, items []bowerbird.ItemID, out []float32, stride int) {
	if r.Surface != bowerbird.SearchWords || r.Meant == nil {
		return
	}
	var all [2]float32
	for _, w := range r.Meant.Wishes {
		all[colour(w)] += w.Weight
	}
	for _, w := range r.Meant.Wishes {
		holds, k := v.test(w.Condition), colour(w)
		for i, x := range items {
			if holds(x) {
				out[i*stride+k] += w.Weight / all[k]
			}
		}
	}
	for _, w := range r.Meant.Categories {
		holds := v.test(w.Condition)
		for i, x := range items {
			if holds(x) {
				out[i*stride+2] = max(out[i*stride+2], r.Meant.Sure*w.Weight)
			}
		}
	}
}

func colour(w bowerbird.Wish) int {
	if w.Field == "colour" {
		return 1
	}
	return 0
}

// Save writes an empty file: there is no state.
func (v *Meant) Save(w io.Writer) error { return frame.NewWriter(w, "fmeant", 1).Close() }

// Load reads it.
func (v *Meant) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "fmeant", 1)
	if err != nil {
		return err
	}
	return fr.Close()
}
