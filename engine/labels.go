package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"bowerbird"
	"bowerbird/rank"
	"bowerbird/retrieve"
	"bowerbird/vision"
)

// Label is a word or a category that fits an item.
type Label struct {
	Name       string
	Confidence float32
	Own        bool // it is written of the item already
}

const leastConfidence = .1

// putLabels puts what training learned of labels in place; what does not fit the built-in
// vectors is left out.
func (h *House) putLabels(b *rank.Bundle) {
	if b == nil || b.Labels == nil || b.Labels.Dim() != vision.Dim {
		h.labels.Store(nil)
		return
	}
	h.labels.Store(b.Labels)
}

// Labels proposes tags and categories of an item: by those of the items that look most like it
// (not its copies) or, for the labels for which training found it better, by a linear
// classifier; with what lies above them in the owner's tree, no less sure than what lies
// below. The surest come first.
func (e *Engine) Labels(ctx context.Context, name string) ([]Label, error) {
	h, tree := e.House(), e.tree.Load().t
	x, ok := h.Catalogue.Item(name)
	if !ok {
		return nil, &Unknown{"item", name}
	}
	d, err := h.Catalogue.ItemDoc(x)
	if err != nil {
		return nil, &Unknown{"item", name}
	}
	copies := h.copies.Members(x)
	r := &bowerbird.Request{Item: x, Keep: func(y bowerbird.ItemID) bool { return y != x && h.fields.Live(y) && !slices.Contains(copies, y) }}
	hits, err := h.looks.Candidates(ctx, r, retrieve.Voters, nil)
	if err != nil {
		return nil, fmt.Errorf("engine: labels of item %s: %w", name, err)
	}
	var voters []retrieve.Voter
	for _, hit := range hits {
		if n, err := h.Catalogue.ItemDoc(hit.Item); err == nil {
			voters = append(voters, retrieve.Voter{Likeness: retrieve.Likeness(hit.Score), Labels: append(slices.Clone(n.Categories), n.Tags...)})
		}
	}
	sure := map[string]float32{}
	for _, l := range retrieve.Vote(voters, tree) {
		sure[l.Name] = l.Confidence
	}
	if set := h.labels.Load(); set != nil {
		if v, ok := h.looks.Vector(nil, x); ok && len(v) == set.Dim() {
			for i, l := range set.Names() {
				if set.Better(i) {
					sure[l] = set.Confidence(v, i)
				}
			}
		}
	}
	own := append(slices.Clone(d.Categories), d.Tags...)
	var out []Label
	for l, c := range retrieve.Raised(sure, tree) {
		if c >= leastConfidence {
			out = append(out, Label{l, c, slices.Contains(own, l)})
		}
	}
	slices.SortFunc(out, func(a, b Label) int {
		return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(a.Name, b.Name))
	})
	return out, nil
}
