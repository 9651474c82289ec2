package retrieve

import (
	"context"
	"fmt"
	"math"

	"github.com/RoaringBitmap/roaring/v2"

	"bowerbird"
	"bowerbird/index/postings"
	"bowerbird/internal/vec"
	"bowerbird/text"
)

// What the sources of other surfaces know of an ingredient of a mixture.

// ask is the index's query for an ingredient: its words, or the rarest words of
// an item.
func (v *Words) ask(of bowerbird.Ingredient) (postings.Query, error) {
	if len(of.Picture) > 0 {
		return postings.Query{}, nil
	}
	if of.Item == 0 {
		p, err := v.m.Parse(of.Words, text.ParseOptions{Lenient: true})
		if err != nil {
			return postings.Query{}, fmt.Errorf("retrieve: words: query: %w", err)
		}
		return queryOf(p), nil
	}
	d, err := v.doc(of.Item)
	if err != nil {
		return postings.Query{}, fmt.Errorf("retrieve: words: item %d: %w", of.Item, err)
	}
	return v.like(d), nil
}

// Near finds items by an ingredient's words, or those that an item shares.
func (v *Words) Near(ctx context.Context, r *bowerbird.Request, of bowerbird.Ingredient, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	return v.near(ctx, of, dst, postings.SearchOptions{K: n, Filter: func(doc uint32) bool { return pass(r, bowerbird.ItemID(doc)) }})
}

func (v *Words) near(ctx context.Context, of bowerbird.Ingredient, dst []bowerbird.Hit, o postings.SearchOptions) ([]bowerbird.Hit, error) {
	q, err := v.ask(of)
	if err != nil || !asks(&q) {
		return dst, err
	}
	hits, err := v.index().Search(ctx, q, o)
	if err != nil {
		return dst, fmt.Errorf("retrieve: words: %w", err)
	}
	most := v.most(&q)
	for _, h := range hits {
		dst = append(dst, bowerbird.Hit{Item: bowerbird.ItemID(h.Doc), Score: relative(h.Score, most)})
	}
	return dst, nil
}

// Rate is the relevance of each item to an ingredient's words.
func (v *Words) Rate(ctx context.Context, _ *bowerbird.Request, of bowerbird.Ingredient, items []bowerbird.ItemID, out []float32) (bool, error) {
	q, err := v.ask(of)
	if err != nil || !asks(&q) || len(items) == 0 {
		return false, err
	}
	set := roaring.New()
	at := make(map[bowerbird.ItemID]int, len(items))
	for i, x := range items {
		set.Add(uint32(x))
		at[x] = i
	}
	hits, err := v.near(ctx, of, nil, postings.SearchOptions{K: len(at), Within: set})
	for _, h := range hits {
		out[at[h.Item]] = h.Score
	}
	return true, err
}

// unrelated is about the cosine of pictures that have nothing in common; what
// lies above it is likeness.
const unrelated = .5

// Likeness is how much more alike two pictures with a cosine are than any two: 0 to 1.
func Likeness(cosine float32) float32 { return min(1, max(0, cosine-unrelated)/(1-unrelated)) }

// of is the visual vector of an ingredient, its picture or that of its item, and
// the space that it lies in; nil if it has none.
func (v *Looks) of(g bowerbird.Ingredient) (*Space, []float32) {
	if g.Part && g.Version == v.o.Version {
		return nil, nil // Parts knows more of it
	}
	if len(g.Picture) > 0 {
		if s, err := v.space(g.Version); err == nil && len(g.Picture) == s.ix.Dim() {
			return s, g.Picture
		}
		return nil, nil
	}
	if g.Item == 0 {
		return nil, nil
	}
	return v.vectorOf(g.Item)
}

// Near finds items that look like an ingredient's item or picture.
func (v *Looks) Near(_ context.Context, r *bowerbird.Request, of bowerbird.Ingredient, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	s, q := v.of(of)
	if q == nil {
		return dst, nil
	}
	return v.near(s, dst, r, q, n, bowerbird.Reason{})
}

// Rate is how much more alike two pictures are than any two.
func (v *Looks) Rate(_ context.Context, _ *bowerbird.Request, of bowerbird.Ingredient, items []bowerbird.ItemID, out []float32) (bool, error) {
	s, q := v.of(of)
	if q == nil {
		return false, nil
	}
	var buf []float32
	for i, x := range items {
		var ok bool
		if buf, ok = s.ix.Vector(buf[:0], uint32(x)); ok && len(buf) == len(q) {
			out[i] = Likeness(s.level(vec.Dot(q, buf)))
		}
	}
	return true, nil
}

// Near finds the items that a trained model holds for alike.
func (s *Learned) Near(_ context.Context, r *bowerbird.Request, of bowerbird.Ingredient, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	l := s.now.Load()
	if l == nil || of.Item == 0 {
		return dst, nil
	}
	one := *r
	one.Item = of.Item
	return l.similar(&one, n, dst), nil
}

// Rate is the cosine of learned vectors or, of a model without vectors, the
// likeness that it knows of, as a part of the greatest.
func (s *Learned) Rate(_ context.Context, _ *bowerbird.Request, of bowerbird.Ingredient, items []bowerbird.ItemID, out []float32) (bool, error) {
	l := s.now.Load()
	if l == nil || of.Item == 0 || int(of.Item) >= l.m.Items() {
		return false, nil
	}
	if l.tower == nil {
		return l.rateKnown(of, items, out), nil
	}
	q := l.tower.Vector(uint32(of.Item))
	long := norm(q)
	if long == 0 {
		return false, nil
	}
	for i, x := range items {
		if int(x) >= l.m.Items() {
			continue
		}
		if y := l.tower.Vector(uint32(x)); len(y) == len(q) {
			if m := long * norm(y); m > 0 {
				out[i] = min(1, max(0, vec.Dot(q, y)/m))
			}
		}
	}
	return true, nil
}

func (l *learned) rateKnown(of bowerbird.Ingredient, items []bowerbird.ItemID, out []float32) bool {
	near := l.m.Similar(nil, uint32(of.Item), l.m.Items())
	if len(near) == 0 || near[0].Score <= 0 {
		return false
	}
	score := make(map[bowerbird.ItemID]float32, len(near))
	for _, h := range near {
		score[bowerbird.ItemID(h.Item)] = h.Score
	}
	for i, x := range items {
		out[i] = max(0, score[x]/near[0].Score)
	}
	return true
}

func norm(v []float32) float32 { return float32(math.Sqrt(float64(vec.Dot(v, v)))) }
