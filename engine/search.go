package engine

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"

	"bowerbird"
	"bowerbird/text"
)

// Seek is what only a search by words asks for, by names. The zero value is a
// plain search.
type Seek struct {
	bowerbird.SearchSpec          // without Mix
	Positive             []string // items to resemble, each an equal part of weight 1
	Negative             []string // items not to resemble, together half that weight
	Mix                  []Portion
	PictureWeight        float32 // of Query.Item or Upload beside 1 of the words; 0 means 1
	Strict               bool    // a quote that is not closed is refused
	Relax                bool    // where nothing is found, search for the best way to ask for less
}

// Portion is a part of a weighted mixture: words, or an item by name.
type Portion struct {
	Words  string
	Item   string
	Weight float32
}

// Limits of a Seek.
const (
	MaxPortions = 32
	MaxSortKeys = 5
)

// Relevance is how well a candidate of a search matches, 0 to 1, comparable
// between queries: what its source scored.
func Relevance(c *bowerbird.Candidate) float32 {
	if len(c.From) == 0 {
		return 0
	}
	return min(1, max(0, c.From[0].Score))
}

func badField(field, format string, a ...any) error {
	return &bowerbird.Invalid{Field: field, Message: fmt.Sprintf(format, a...)}
}

// seek checks a search and turns its names into numbers.
func (e *Engine) seek(q *Query, r *bowerbird.Request) error {
	h := e.House()
	if err := h.words.Check(q.Words, q.Seek.Strict); err != nil {
		var p *text.ParseError
		if errors.As(err, &p) {
			return badField("q", "%s at byte %d", p.Msg, p.Pos)
		}
		return err
	}
	s := q.Seek.SearchSpec
	if s.Skip < 0 || s.Skip > bowerbird.MaxReach-q.Limit {
		return badField("offset", "want 0 to %d, less limit, got %d: a search ends there, narrow it by a filter", bowerbird.MaxReach, s.Skip)
	}
	if s.Skip > 0 && q.Cursor != "" {
		return badField("offset", "cannot go with a cursor")
	}
	for _, x := range [...]struct {
		name string
		v    float32
	}{{"rankingScoreThreshold", s.Threshold}, {"rankingScoreCutoff", s.Cutoff}, {"hybrid.semanticRatio", s.Semantic}} {
		if !(x.v >= 0 && x.v <= 1) {
			return badField(x.name, "want 0 to 1, got %v", x.v)
		}
	}
	if err := e.seekFields(&s); err != nil {
		return err
	}
	mix, err := e.portions(&q.Seek)
	if err != nil {
		return err
	}
	s.Mix = mix
	if s.Semantic > 0 && !h.mix.Semantic() {
		s.Semantic = 0
		q.notes = append(q.notes, "hybrid.semanticRatio: there is no model of meaning yet: searched by words alone")
	}
	if len(s.Sort) > 0 && (len(mix) > 0 || s.Semantic > 0) {
		return badField("sort", "cannot go with positive, negative, mix or hybrid: those have an order of their own")
	}
	if r.Query = q.Words; strings.TrimSpace(q.Words) == "" {
		r.Query = ""
		if len(mix) == 0 {
			s.Semantic = 0 // nothing is said that could mean anything
		}
	}
	r.Search = s
	return nil
}

// seekFields refuses fields that no item has.
func (e *Engine) seekFields(s *bowerbird.SearchSpec) error {
	fields := e.House().fields
	if len(s.Sort) > MaxSortKeys {
		return badField("sort", "at most %d keys", MaxSortKeys)
	}
	for i, k := range s.Sort {
		if k.Field != "popularity" && !fields.Known(k.Field) {
			return badField(fmt.Sprintf("sort[%d]", i), "no item has a field %q", k.Field)
		}
	}
	if len(s.Facets) > bowerbird.MaxList {
		return badField("facets", "at most %d", bowerbird.MaxList)
	}
	for i, f := range s.Facets {
		if f != "*" && !fields.Known(f) {
			return badField(fmt.Sprintf("facets[%d]", i), "no item has a field %q", f)
		}
		if strings.EqualFold(f, "created") {
			return badField(fmt.Sprintf("facets[%d]", i), "moments are not counted: filter by created, or sort")
		}
	}
	if s.Distinct != "" && !strings.EqualFold(s.Distinct, CopiesField) && (!fields.Known(s.Distinct) || strings.EqualFold(s.Distinct, "created")) {
		return badField("distinct", "no item has a field %q", s.Distinct)
	}
	return nil
}

// against is the weight of all counter-examples together, for examples of 1. A
// database of vectors recommends by 2·positive − negative, which is the same.
const against = .5

// portions are the examples, the counter-examples and the mixture, by numbers.
func (e *Engine) portions(k *Seek) ([]bowerbird.Ingredient, error) {
	if n := len(k.Positive) + len(k.Negative) + len(k.Mix); n > MaxPortions {
		return nil, badField("mix", "at most %d parts, with positive and negative, got %d", MaxPortions, n)
	}
	var out []bowerbird.Ingredient
	item := func(field, name string, w float32) error {
		x, ok := e.House().Catalogue.Item(name)
		if !ok || !e.House().fields.Live(x) {
			return badField(field, "%q is no known item", name)
		}
		out = append(out, bowerbird.Ingredient{Item: x, Weight: w})
		return nil
	}
	for i, name := range k.Positive {
		if err := item(fmt.Sprintf("positive[%d]", i), name, 1/float32(len(k.Positive))); err != nil {
			return nil, err
		}
	}
	for i, name := range k.Negative {
		if err := item(fmt.Sprintf("negative[%d]", i), name, -against/float32(len(k.Negative))); err != nil {
			return nil, err
		}
	}
	for _, p := range k.Mix {
		field := "mix." + p.Words
		if p.Item != "" {
			field += "item:" + p.Item
		}
		if w := float64(p.Weight); p.Weight == 0 || !(math.Abs(w) <= 100) {
			return nil, badField(field, "want a weight from -100 to 100 that is not 0, got %v", p.Weight)
		}
		if p.Item != "" {
			if err := item(field, p.Item, p.Weight); err != nil {
				return nil, err
			}
			continue
		}
		if len(p.Words) > bowerbird.MaxQuery {
			return nil, badField("mix", "words longer than %d bytes", bowerbird.MaxQuery)
		}
		if err := e.House().words.Check(p.Words, k.Strict); err != nil {
			return nil, badField(field, "%v", err)
		}
		out = append(out, bowerbird.Ingredient{Words: p.Words, Weight: p.Weight})
	}
	return out, nil
}

// wanted refuses a mixture of which nothing is wanted.
func wanted(r *bowerbird.Request) error {
	positive := func(g bowerbird.Ingredient) bool { return g.Weight > 0 }
	if r.Query == "" && len(r.Search.Mix) > 0 && !slices.ContainsFunc(r.Search.Mix, positive) {
		return badField("negative", "say also what is wanted: q, positive, or a part of mix above 0")
	}
	return nil
}

// hash is what of a search must stay the same from page to page.
func (k *Seek) hash() uint64 {
	s := k.SearchSpec
	s.Skip, s.Count, s.Facets, s.Apart = 0, false, nil, false
	h := fnv.New64a()
	fmt.Fprintf(h, "%#v\x00%q\x00%q\x00%#v\x00%t\x00%v", s, k.Positive, k.Negative, k.Mix, k.Relax, k.PictureWeight)
	return h.Sum64()
}

// counted is what of a search changes what is counted, but no hit.
func (k *Seek) counted() uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d\x00%t\x00%t\x00%q", k.Skip, k.Count, k.Apart, k.Facets)
	return h.Sum64()
}

// HasField tells whether any item has a field, for reading filters.
func (h *House) HasField(name string) bool { return h.fields.Known(name) }

// Highlight returns what finds the words of a page's search in a text; nil if it
// was no search by words.
func (h *House) Highlight(p *bowerbird.Page) func(s string) []text.Span {
	if p.Request.Surface != bowerbird.SearchWords || strings.TrimSpace(p.Request.Query) == "" {
		return nil
	}
	f, err := h.words.Highlighter(&p.Request)
	if err != nil {
		return nil
	}
	return f
}

// Loosened are the words of a page's search that were given up.
func (h *House) Loosened(p *bowerbird.Page) []string {
	if len(p.Request.Match.Loose) == 0 {
		return nil
	}
	return h.words.Loosened(&p.Request)
}
