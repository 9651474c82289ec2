package retrieve

import (
	"context"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"

	"bowerbird"
	"bowerbird/index/fuse"
	"bowerbird/index/postings"
)

// The served hybrid: words, and meaning where words leave something open. It is
// fuse.Hybrid over the word index and the vectors of Meaning, by the settings that
// training tuned. One search has one such order, whatever page of it is asked for.

// hybridDepth is how many items words and meaning bring to the order each; what
// else matches by words comes behind.
const hybridDepth = 400

// Hybrid orders by words and meaning.
type Hybrid struct {
	Words   *Words
	Meaning *Meaning
}

// applies returns the vectors to be used; nil where the order is another one's
// business or nothing is there to mix in.
func (h *Hybrid) applies(r *bowerbird.Request) *space {
	s := h.Meaning.now.Load()
	if s == nil || r.Search.Plain || r.Query == "" || len(r.Search.Sort) > 0 || Blended(r) || s.ix.Len() == 0 {
		return nil
	}
	return s
}

// Order searches by words and meaning among within (nil: everything) what keep
// lets pass. nil means that words alone order: there are no vectors, or the request
// asks for something else.
func (h *Hybrid) Order(ctx context.Context, r *bowerbird.Request, within *roaring.Bitmap, keep func(bowerbird.ItemID) bool) (*bowerbird.Hybrid, error) {
	s := h.applies(r)
	if s == nil {
		return nil, nil
	}
	q, err := h.Words.query(r)
	if err != nil || !asks(&q) {
		return nil, err
	}
	v, err := s.query(ctx, r.Words())
	if err != nil {
		return nil, ctx.Err() // an encoder that fails costs its part: words alone answer
	}
	f := fuse.Hybrid{Words: h.Words.index(), Vectors: s.ix, Settings: s.Settings}
	f.Depth = hybridDepth
	if mute := s.silent(); mute != nil {
		f.Silent, f.Nothing = mute.Contains, s.Bridge.Nothing()
	}
	o := fuse.Options{K: hybridDepth, Within: within}
	if keep != nil {
		o.Filter = func(doc uint32) bool { return keep(bowerbird.ItemID(doc)) }
	}
	found, err := f.Search(ctx, fuse.Query{Words: q, Vector: v}, o)
	if err != nil {
		return nil, fmt.Errorf("retrieve: hybrid: %w", err)
	}
	return h.result(found, h.Words.most(&q)), nil
}

// result scales scores to ranking scores, 0 to 1, in the same order: of the best by
// words its relevance or, where meaning is surer, the nearest cosine.
func (h *Hybrid) result(f *fuse.Result, most float64) *bowerbird.Hybrid {
	out := &bowerbird.Hybrid{Coverage: float32(f.Coverage), Share: float32(f.Share), Quality: float32(f.Quality), Empty: f.Empty}
	top := 0.0
	for _, x := range f.Hits {
		top = max(top, x.Words)
	}
	scale := float64(relative(top, most))
	if f.Share > 0 {
		scale = max(scale, f.Nearest)
	}
	for _, x := range f.Hits {
		out.Hits = append(out.Hits, bowerbird.HybridHit{Item: bowerbird.ItemID(x.Doc), Words: relative(x.Words, most), Meaning: float32(x.Meaning),
			Score: float32(min(1, scale*x.Score/f.Most))})
	}
	return out
}

// hybrid are the n best of an order that was made, and behind it what else matches by words.
func (v *Words) hybrid(ctx context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	had := roaring.New()
	least := float32(1)
	begin := len(dst)
	for _, x := range r.Match.Hybrid.Hits {
		if len(dst)-begin == n {
			return dst, nil
		}
		had.Add(uint32(x.Item))
		least = x.Score
		if pass(r, x.Item) {
			dst = append(dst, bowerbird.Hit{Item: x.Item, Score: x.Score, Why: bowerbird.Reason{Kind: bowerbird.BecauseQuery}})
		}
	}
	if had.GetCardinality() < hybridDepth {
		return dst, nil // there was no more
	}
	q, err := v.query(r)
	if err != nil {
		return dst, err
	}
	hits, err := v.index().Search(ctx, q, postings.SearchOptions{K: n, Within: r.Match.Items, Filter: func(doc uint32) bool {
		return !had.Contains(doc) && pass(r, bowerbird.ItemID(doc))
	}})
	if err != nil {
		return dst, fmt.Errorf("retrieve: words: %w", err)
	}
	most := v.most(&q)
	for _, h := range hits {
		if len(dst)-begin == n {
			break
		}
		dst = append(dst, bowerbird.Hit{Item: bowerbird.ItemID(h.Doc), Score: min(least, relative(h.Score, most)), Why: bowerbird.Reason{Kind: bowerbird.BecauseQuery}})
	}
	return dst, nil
}
