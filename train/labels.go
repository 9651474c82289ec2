package train

import (
	"context"
	"errors"
	"maps"
	"slices"

	"bowerbird"
	"bowerbird/rank"
	"bowerbird/retrieve"
	"bowerbird/vision"
	"bowerbird/vision/label"
)

// labelled are what items are called: their categories and tags.
type labelled map[uint32][]string

func (l labelled) read(f *bowerbird.Fact) {
	switch f.Kind {
	case bowerbird.ItemPut:
		if d := f.ItemDoc; len(d.Categories)+len(d.Tags) > 0 {
			l[uint32(f.Item)] = append(slices.Clone(d.Categories), d.Tags...)
		} else {
			delete(l, uint32(f.Item))
		}
	case bowerbird.ItemDelete:
		delete(l, uint32(f.Item))
	}
}

// learnLabels learns linear labels from the items that have a picture and are called
// something, and for which labels they are better than neighbours.
func (t *training) learnLabels(ctx context.Context, b *rank.Bundle) error {
	if t.search == nil || t.search.pictured != vision.DescriptorVersion {
		return nil
	}
	var x []float32
	var names [][]string
	for _, id := range slices.Sorted(maps.Keys(t.search.pictures)) {
		if list := t.search.called[id]; len(list) > 0 {
			x, names = append(x, t.search.pictures[id]...), append(names, list)
		}
	}
	if len(names) == 0 {
		return nil
	}
	t.o.Step("learning labels", 0, 1)
	all, has := retrieve.Numbered(names)
	at := make(map[string]int, len(all))
	for i, n := range all {
		at[n] = i
	}
	set, figures, err := label.Fit(ctx, x, vision.Dim, all, has, label.Options{Seed: t.o.Seed, Beside: func(row int, known []bool) []float32 {
		out := make([]float32, len(all))
		for _, l := range retrieve.VoteAmong(x, vision.Dim, names, row, known) {
			out[at[l.Name]] = l.Confidence
		}
		return out
	}})
	if errors.Is(err, label.ErrTooFew) {
		return nil
	}
	if err != nil {
		return err
	}
	card := &rank.Labels{Learned: len(figures)}
	for i, f := range figures {
		card.Neighbours += f.Beside / float64(len(figures))
		card.Line += f.Linear / float64(len(figures))
		if set.Better(i) {
			card.Linear++
		}
	}
	t.note("labels: of %d, %d are told better by a linear classifier than by neighbours; mean average precision on held-out items %.3f and %.3f",
		card.Learned, card.Linear, card.Line, card.Neighbours)
	b.Card.Labels = card
	if card.Linear > 0 {
		b.Labels = set
	}
	return nil
}
