package retrieve

import (
	"context"
	"slices"

	"bowerbird"
	"bowerbird/index"
	"bowerbird/internal/vec"
	"bowerbird/vision"
)

// styled is how many of the nearest by built-in vectors are compared by their style.
const styled = 1500

// sameStyle finds items made alike: of the nearest by their built-in vectors, those whose
// colours and texture are most alike, whatever they show.
func (v *Parts) sameStyle(r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	base := v.o.Looks.builtIn()
	q := r.Built
	if len(q) == 0 {
		var ok bool
		if q, ok = base.ix.Vector(nil, uint32(r.Item)); !ok {
			return dst, nil
		}
	}
	style := vision.Style(q)
	near, err := base.ix.Search(q, max(n, styled), index.Options{Filter: func(id uint32) bool { return pass(r, bowerbird.ItemID(id)) }})
	if err != nil || style == nil {
		return dst, err
	}
	hits := make([]bowerbird.Hit, 0, len(near))
	var buf []float32
	for _, h := range near {
		var ok bool
		if buf, ok = base.ix.Vector(buf[:0], h.ID); !ok {
			continue
		}
		if s := vision.Style(buf); s != nil {
			hits = append(hits, bowerbird.Hit{Item: bowerbird.ItemID(h.ID), Score: vec.Dot(style, s), Why: bowerbird.Reason{Kind: bowerbird.BecausePicture, Item: r.Item}})
		}
	}
	sortHits(hits)
	return append(dst, hits[:min(n, len(hits))]...), nil
}

// Near finds the items of which the whole, or a part, looks like a part of a picture.
func (v *Parts) Near(ctx context.Context, r *bowerbird.Request, of bowerbird.Ingredient, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	if !of.Part || len(of.Built) == 0 {
		return dst, nil
	}
	one := *r
	one.Item, one.Vector, one.Version, one.Built, one.Print = 0, of.Picture, of.Version, of.Built, nil
	return v.Candidates(ctx, &one, n, dst)
}

// Rate is how like a part of a picture the best part of each item is.
func (v *Parts) Rate(_ context.Context, _ *bowerbird.Request, of bowerbird.Ingredient, items []bowerbird.ItemID, out []float32) (bool, error) {
	if !of.Part || len(of.Built) == 0 {
		return false, nil
	}
	whole, ix, n := v.o.Looks.builtIn().ix, v.index(), uint32(v.o.Count)
	var buf []float32
	for i, x := range items {
		best := float32(-1)
		var ok bool
		if buf, ok = whole.Vector(buf[:0], uint32(x)); ok {
			best = vec.Dot(of.Built, buf)
		}
		for k := range n {
			if buf, ok = ix.Vector(buf[:0], uint32(x)*n+k); ok {
				best = max(best, vec.Dot(of.Built, buf))
			}
		}
		out[i] = Likeness(best)
	}
	return true, nil
}

// Mean is the mean of the serving and of the built-in vectors of items, up to 500 of
// them spread over the set; nil where none has any.
func (v *Looks) Mean(items []uint32) (serving, built []float32) {
	const most = 500
	s, base := v.serving(), v.builtIn()
	mean := func(ix index.Index) []float32 {
		sum := make([]float32, ix.Dim())
		n := 0
		var buf []float32
		for i := 0; i < len(items); i += max(1, len(items)/most) {
			var ok bool
			if buf, ok = ix.Vector(buf[:0], items[i]); ok {
				vec.Axpy(1, buf, sum)
				n++
			}
		}
		if n == 0 {
			return nil
		}
		vec.Scale(1/float32(n), sum)
		return sum
	}
	built = mean(base.ix)
	if serving = slices.Clone(built); s.version != base.version {
		serving = mean(s.ix)
	}
	return serving, built
}

// Of gives an item's vector with its version, and its built-in vector; nil where it has none.
func (v *Looks) Of(x bowerbird.ItemID) (vector []float32, version string, built []float32) {
	s, q := v.vectorOf(x)
	if q == nil {
		return nil, "", nil
	}
	built, _ = v.Vector(nil, x)
	return q, s.version, built
}
