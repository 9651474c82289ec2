package retrieve

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"bowerbird"
)

// Sense is one way in which an item can be like what is asked for: its words, its
// meaning, its looks. Scores are 0, nothing in common, to 1.
type Sense interface {
	Name() string
	// Near appends the items most like an ingredient, at most n, best first, that
	// r.Keep lets pass. It finds nothing where the sense does not know the ingredient.
	Near(ctx context.Context, r *bowerbird.Request, of bowerbird.Ingredient, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error)
	// Rate writes how like the ingredient each item is to out, which is as long as
	// items; false if the sense does not know the ingredient.
	Rate(ctx context.Context, r *bowerbird.Request, of bowerbird.Ingredient, items []bowerbird.ItemID, out []float32) (bool, error)
}

// MixOptions name the senses. Any may be missing.
type MixOptions struct {
	Words   Sense   // of typed words
	Meaning Sense   // of typed words, items and pictures: SearchSpec.Semantic is its weight against Words, half if that is 0
	Items   []Sense // of items and pictures; those that know one count alike
}

// Mix finds items by a weighted mixture of words and items: the query, examples
// and counter-examples. With S the senses that know an ingredient and w their
// shares,
//
//	score(x) = Σ_i weight_i · Σ_{s in S_i} w_s · rate_s(i, x)  /  Σ_{weight_i > 0} weight_i
//
// cut to 0..1. Positive ingredients propose candidates, every ingredient rates
// all of them. It owns no view.
//
// Where we differ from a vector database's recommendation by average vectors: the
// average is of scores, not of vectors, so that words, looks and learned vectors,
// which live in different spaces, can be mixed.
type Mix struct{ o MixOptions }

// NewMix returns the source.
func NewMix(o MixOptions) *Mix { return &Mix{o} }

// Name is what traces and explanations call it.
func (m *Mix) Name() string { return "mix" }

// Semantic tells whether there is a sense of meaning.
func (m *Mix) Semantic() bool {
	if v, ok := m.o.Meaning.(*Meaning); ok {
		ok, _, _ = v.Ready()
		return ok
	}
	return m.o.Meaning != nil
}

// Part is one sense's word for an item on one ingredient.
type Part struct {
	Of     bowerbird.Ingredient
	Sense  string
	Weight float32 // of the sense in the whole score
	Rate   float32
}

// use is a sense with its share in an ingredient.
type use struct {
	sense Sense
	share float32
}

// mixedSemantic is the weight of meaning in the words of a mixture that sets none:
// half, as items of which nothing is written are found by meaning alone.
const mixedSemantic = .5

// senses are those that may know an ingredient.
func (m *Mix) senses(r *bowerbird.Request, of bowerbird.Ingredient) []use {
	var out []use
	if of.Item != 0 || len(of.Picture) > 0 {
		for _, s := range m.o.Items {
			out = append(out, use{s, 1})
		}
		if m.Semantic() {
			out = append(out, use{m.o.Meaning, 1})
		}
		return out
	}
	semantic := r.Search.Semantic
	switch {
	case !m.Semantic():
		semantic = 0
	case semantic == 0 && !r.Search.Plain:
		semantic = mixedSemantic
	}
	if m.o.Words != nil && semantic < 1 {
		out = append(out, use{m.o.Words, 1 - semantic})
	}
	if semantic > 0 {
		out = append(out, use{m.o.Meaning, semantic})
	}
	return out
}

// ingredients are the query, weighing 1, and the request's mix.
func ingredients(r *bowerbird.Request) []bowerbird.Ingredient {
	var out []bowerbird.Ingredient
	if words := r.Words(); words != "" {
		out = append(out, bowerbird.Ingredient{Words: words, Weight: 1})
	}
	return append(out, r.Search.Mix...)
}

// Candidates finds the n best items of the mixture, down to the request's least
// score.
func (m *Mix) Candidates(ctx context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	if !Blended(r) || len(r.Search.Sort) > 0 || n <= 0 {
		return dst, nil
	}
	of := ingredients(r)
	items, err := m.propose(ctx, r, of, n)
	if err != nil || len(items) == 0 {
		return dst, err
	}
	rated, err := m.rate(ctx, r, of, items)
	if err != nil {
		return dst, err
	}
	slices.SortFunc(rated, func(a, b bowerbird.Hit) int {
		return cmp.Or(-cmp.Compare(a.Score, b.Score), cmp.Compare(a.Item, b.Item))
	})
	for _, h := range rated[:min(n, len(rated))] {
		if h.Score <= 0 || h.Score < max(r.Search.Threshold, r.Search.Cutoff*rated[0].Score) {
			break
		}
		dst = append(dst, h)
	}
	return dst, nil
}

// propose is the union of what is near the positive ingredients, by id.
func (m *Mix) propose(ctx context.Context, r *bowerbird.Request, of []bowerbird.Ingredient, n int) ([]bowerbird.ItemID, error) {
	found := roaring.New()
	var hits []bowerbird.Hit
	for _, g := range of {
		if g.Weight <= 0 {
			continue
		}
		for _, u := range m.senses(r, g) {
			var err error
			if hits, err = u.sense.Near(ctx, r, g, n, hits[:0]); err != nil {
				return nil, fmt.Errorf("retrieve: mix: %s: %w", u.sense.Name(), err)
			}
			for _, h := range hits {
				found.Add(uint32(h.Item))
			}
		}
	}
	items := make([]bowerbird.ItemID, 0, found.GetCardinality())
	for it := found.Iterator(); it.HasNext(); {
		items = append(items, bowerbird.ItemID(it.Next()))
	}
	return items, nil
}

// rate scores items; each hit's reason is what added most.
func (m *Mix) rate(ctx context.Context, r *bowerbird.Request, of []bowerbird.Ingredient, items []bowerbird.ItemID) ([]bowerbird.Hit, error) {
	out := make([]bowerbird.Hit, len(items))
	most := make([]float32, len(items))
	for i, x := range items {
		out[i].Item = x
	}
	err := m.each(ctx, r, of, items, func(p Part, rates []float32) {
		for i, x := range rates {
			add := p.Weight * x
			out[i].Score += add
			if add > most[i] {
				most[i], out[i].Why = add, reasonOf(p)
			}
		}
	})
	for i := range out {
		out[i].Score = min(1, max(0, out[i].Score))
	}
	return out, err
}

func reasonOf(p Part) bowerbird.Reason {
	switch {
	case len(p.Of.Picture) > 0:
		return bowerbird.Reason{Kind: bowerbird.BecausePicture}
	case p.Of.Item == 0:
		return bowerbird.Reason{Kind: bowerbird.BecauseQuery}
	case p.Sense == "looks":
		return bowerbird.Reason{Kind: bowerbird.BecausePicture, Item: p.Of.Item}
	}
	return bowerbird.Reason{Kind: bowerbird.BecauseItem, Item: p.Of.Item}
}

// each calls f with the rates of every sense that knows an ingredient.
func (m *Mix) each(ctx context.Context, r *bowerbird.Request, of []bowerbird.Ingredient, items []bowerbird.ItemID, f func(Part, []float32)) error {
	whole := float32(0)
	for _, g := range of {
		whole += max(0, g.Weight)
	}
	if whole == 0 {
		return nil
	}
	for _, g := range of {
		var knows []use
		var rates [][]float32
		shares := float32(0)
		for _, u := range m.senses(r, g) {
			out := make([]float32, len(items))
			ok, err := u.sense.Rate(ctx, r, g, items, out)
			if err != nil {
				return fmt.Errorf("retrieve: mix: %s: %w", u.sense.Name(), err)
			}
			if ok {
				knows, rates, shares = append(knows, u), append(rates, out), shares+u.share
			}
		}
		for i, u := range knows {
			f(Part{Of: g, Sense: u.sense.Name(), Weight: g.Weight / whole * u.share / shares}, rates[i])
		}
	}
	return nil
}

// Explain says how the mixture scores one item, part by part.
func (m *Mix) Explain(ctx context.Context, r *bowerbird.Request, x bowerbird.ItemID) ([]Part, error) {
	if !Blended(r) {
		return nil, nil
	}
	var out []Part
	err := m.each(ctx, r, ingredients(r), []bowerbird.ItemID{x}, func(p Part, rates []float32) {
		p.Rate = rates[0]
		out = append(out, p)
	})
	return out, err
}
