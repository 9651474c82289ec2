package engine

import (
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"bowerbird"
	"bowerbird/filter"
	"bowerbird/rank"
	"bowerbird/retrieve"
	"bowerbird/surface"
)

// matching is the match stage of search: everything that a request matches, by
// its words, its conditions, and what the person may see.
type matching struct {
	words  *retrieve.Words
	fields *filter.Fields
	rest   []surface.Filter // what may not be shown, beside Live and Where, which are sets
	hybrid *retrieve.Hybrid
}

// Match finds all that matches where the request needs it. Else it only narrows
// the search, if the conditions leave few items.
func (m *matching) Match(ctx context.Context, r *bowerbird.Request) error {
	e := bowerbird.AllOf(r.Where, r.Filter)
	if !m.needed(r) {
		if len(e.Of) > 0 {
			r.Match.Items = m.fields.Selective(&e)
		}
		return m.order(ctx, r, r.Match.Items)
	}
	all := m.fields.All()
	within := all
	if len(e.Of) > 0 {
		within = m.fields.Within(all, &e)
	}
	var err error
	if r.Search.Matching >= bowerbird.MatchLast {
		within = m.visible(r, within)
		if r.Match.Loose, err = m.words.Relax(ctx, r, within); err != nil {
			return err
		}
	}
	if err := m.order(ctx, r, within); err != nil {
		return err
	}
	if r.Match.Items, err = m.match(ctx, r, within); err != nil {
		return err
	}
	if r.Search.Apart && len(r.Search.Facets) > 0 && len(e.Of) > 0 {
		if r.Match.Beyond, err = m.match(ctx, r, all); err != nil {
			return err
		}
	}
	r.Match.Exact = true
	return nil
}

func (m *matching) needed(r *bowerbird.Request) bool {
	s := &r.Search
	return s.Count || len(s.Sort) > 0 || s.Matching >= bowerbird.MatchLast || !retrieve.Blended(r) && m.words.Browses(r)
}

// order orders by words and meaning, where there is meaning. A search that sets a
// least score by words alone keeps words' order, and is empty if nothing here is
// clearly meant.
func (m *matching) order(ctx context.Context, r *bowerbird.Request, within *roaring.Bitmap) error {
	tests := make([]func(bowerbird.ItemID) bool, 0, 2+len(m.rest))
	for _, f := range append([]surface.Filter{filter.Live(m.fields), filter.Where(m.fields)}, m.rest...) {
		if t := f.For(r); t != nil {
			tests = append(tests, t)
		}
	}
	h, err := m.hybrid.Order(ctx, r, within, func(x bowerbird.ItemID) bool {
		for _, t := range tests {
			if !t(x) {
				return false
			}
		}
		return true
	})
	if err != nil || h == nil {
		return err
	}
	if r.Search.Threshold > 0 || r.Search.Cutoff > 0 {
		if !h.Empty {
			return nil
		}
		h.Hits = nil
	}
	r.Match.Hybrid = h
	return nil
}

func (m *matching) match(ctx context.Context, r *bowerbird.Request, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	h := r.Match.Hybrid
	if h != nil && len(h.Hits) == 0 {
		return roaring.New(), nil
	}
	set, err := m.words.Match(ctx, r, within)
	if err != nil {
		return nil, err
	}
	if h != nil { // what meaning found is found
		set = set.Clone()
		for _, x := range h.Hits {
			set.Add(uint32(x.Item))
		}
		return m.visible(r, set), nil
	}
	return m.words.Above(ctx, r, m.visible(r, set))
}

// visible leaves out what this person may not or will not see.
func (m *matching) visible(r *bowerbird.Request, set *roaring.Bitmap) *roaring.Bitmap {
	for _, f := range m.rest {
		if t := f.For(r); t != nil {
			set = filter.Pick(set, t)
		}
	}
	return set
}

// Count counts what Match found.
func (m *matching) Count(r *bowerbird.Request) *bowerbird.Counts {
	if r.Match.Items == nil {
		return nil
	}
	c := &bowerbird.Counts{Total: int(r.Match.Items.GetCardinality())}
	switch e := bowerbird.AllOf(r.Where, r.Filter); {
	case len(r.Search.Facets) == 0:
	case r.Match.Beyond != nil:
		c.Facets = m.fields.FacetsApart(r.Match.Items, r.Match.Beyond, &e, r.Search.Facets)
	default:
		c.Facets = m.fields.Facets(r.Match.Items, r.Search.Facets)
	}
	return c
}

// searchScore scores search: an order that was asked for stays, else the
// relevance decides, and popularity and taste between near-ties.
type searchScore struct {
	model  *rank.SearchModel
	sorted uint8 // the source whose order stays
}

// Score sets each candidate's score.
func (s *searchScore) Score(r *bowerbird.Request, c []bowerbird.Candidate) string {
	if len(c) == 0 || c[0].From[0].Source != s.sorted {
		return s.model.Score(r, c)
	}
	for i := range c {
		c[i].Score = 1 / float32(c[i].From[0].Rank)
	}
	return "fixed"
}

// once shows each picture once, and each value of the field that a request wants
// distinct. It reads no further than the page needs.
type once struct {
	picture []func(bowerbird.ItemID) uint64 // equal pictures, groups of copies
	group   func(field string) func(bowerbird.ItemID) uint64
}

// Select keeps the first n of different keys.
func (o once) Select(r *bowerbird.Request, c []bowerbird.Candidate, n int) []bowerbird.Candidate {
	keys := slices.Clone(o.picture)
	if r.Search.Distinct != "" {
		keys = append(keys, o.group(r.Search.Distinct))
	}
	type seen struct {
		key  int
		what uint64
	}
	met := map[seen]bool{}
	kept := c[:0]
next:
	for _, x := range c {
		if len(kept) == n {
			break
		}
		mine := make([]seen, len(keys))
		for i, key := range keys {
			if mine[i] = (seen{i + 1, key(x.Item)}); mine[i].what != 0 && met[mine[i]] {
				continue next
			}
		}
		for _, s := range mine {
			if s.what != 0 {
				met[s] = true
			}
		}
		kept = append(kept, x)
	}
	return kept
}
