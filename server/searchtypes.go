package server

import (
	"encoding/json"
	"fmt"

	"github.com/danielgtaylor/huma/v2"

	"bowerbird"
	"bowerbird/engine"
)

// SearchIn is a search, in the words of Meilisearch; see docs/search.md.
type SearchIn struct {
	Q                       string             `json:"q,omitempty" doc:"The words; empty: everything that the filter lets pass"`
	User                    string             `json:"user,omitempty" doc:"Whom the page is for"`
	Filter                  filterIn           `json:"filter,omitempty"`
	Facets                  []string           `json:"facets,omitempty" doc:"Fields whose values are counted over everything that matches; * stands for the 100 commonest"`
	DisjunctiveFacets       bool               `json:"disjunctiveFacets,omitempty" doc:"Count each facet without the conditions on its own field"`
	Sort                    []string           `json:"sort,omitempty" doc:"field:asc or field:desc; also created and popularity. Equal items by relevance"`
	Limit                   *int               `json:"limit,omitempty" doc:"1 to 100; default 25"`
	Offset                  int                `json:"offset,omitempty" doc:"Hits to pass over; offset and limit reach no further than 1,000"`
	Cursor                  string             `json:"cursor,omitempty" doc:"next_cursor of the page before, instead of offset"`
	AttributesToRetrieve    []string           `json:"attributesToRetrieve,omitempty" doc:"Fields of a hit; default all"`
	AttributesToHighlight   []string           `json:"attributesToHighlight,omitempty" doc:"Fields of _formatted in which what matched is marked; * stands for all with words"`
	HighlightPreTag         *string            `json:"highlightPreTag,omitempty" doc:"Default <em>"`
	HighlightPostTag        *string            `json:"highlightPostTag,omitempty" doc:"Default </em>"`
	AttributesToCrop        []string           `json:"attributesToCrop,omitempty" doc:"Fields of _formatted that are cut around what matched; field:N gives the number of words"`
	CropLength              int                `json:"cropLength,omitempty" doc:"Words; default 10"`
	CropMarker              *string            `json:"cropMarker,omitempty" doc:"Where something was cut off; default …"`
	Hybrid                  *Hybrid            `json:"hybrid,omitempty" doc:"Without it, meaning is mixed in as training found it to help"`
	MatchingStrategy        string             `json:"matchingStrategy,omitempty" enum:"any,all,last,frequency" doc:"Which words must match; default any"`
	Distinct                string             `json:"distinct,omitempty" doc:"A field of whose values each is shown once, or copies: of near-duplicate pictures one"`
	Diversity               *float32           `json:"diversity,omitempty" doc:"How unlike each other the hits are to look, 0 (default) to 1; not with sort"`
	Positive                []string           `json:"positive,omitempty" doc:"Items to resemble"`
	Negative                []string           `json:"negative,omitempty" doc:"Items not to resemble"`
	Mix                     map[string]float32 `json:"mix,omitempty" doc:"Words, or item:ID, with weights; below 0: less of it"`
	ShowRankingScore        bool               `json:"showRankingScore,omitempty"`
	ShowRankingScoreDetails bool               `json:"showRankingScoreDetails,omitempty"`
	RankingScoreThreshold   float32            `json:"rankingScoreThreshold,omitempty" doc:"Least ranking score of a hit, 0 to 1"`
	RankingScoreCutoff      float32            `json:"rankingScoreCutoff,omitempty" doc:"Least ranking score as a part of the best hit's, 0 to 1"`
	Verbatim                bool               `json:"verbatim,omitempty" doc:"Search for the words as typed; mend none"`
	Relax                   bool               `json:"relax,omitempty" doc:"Where nothing is found, search for the best of relaxed instead, and say so"`
	Explain                 bool               `json:"explain,omitempty" doc:"showRankingScore, showRankingScoreDetails and trace together"`
	Trace                   bool               `json:"trace,omitempty" doc:"Remember what every filter removed, for /v1/explain"`
}

// Hybrid weighs meaning against words.
type Hybrid struct {
	SemanticRatio float32 `json:"semanticRatio" doc:"0: words alone, 1: meaning alone"`
}

// filterIn is an expression, or a list of expressions that all hold, in which a
// list stands for expressions of which any holds.
type filterIn [][]string

// UnmarshalJSON reads a string or a list of strings and lists of strings.
func (f *filterIn) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*f = filterIn{{one}}
		return nil
	}
	var parts []json.RawMessage
	if json.Unmarshal(b, &parts) != nil {
		return fmt.Errorf("filter: want a string or a list")
	}
	out := filterIn{}
	for i, p := range parts {
		var any []string
		if json.Unmarshal(p, &one) == nil {
			any = []string{one}
		} else if json.Unmarshal(p, &any) != nil {
			return fmt.Errorf("filter[%d]: want a string or a list of strings", i)
		}
		out = append(out, any)
	}
	*f = out
	return nil
}

// Schema describes both forms.
func (filterIn) Schema(huma.Registry) *huma.Schema {
	text := &huma.Schema{Type: "string"}
	any := &huma.Schema{Type: "array", Items: text}
	return &huma.Schema{Description: "category = sofas AND (price < 100 OR colour IN [red, blue]); or a list, whose parts all hold and in which a list is of parts of which any holds",
		OneOf: []*huma.Schema{text, {Type: "array", Items: &huma.Schema{OneOf: []*huma.Schema{text, any}}}}}
}

// SearchOut is what POST /v1/search answers.
type SearchOut struct {
	RequestID string `json:"request_id" doc:"Quote it in events, and in /v1/explain"`
	Query     string `json:"query"`
	Hits      []Hit  `json:"hits"`
	Limit     int    `json:"limit"`
	Offset    int    `json:"offset"`
	Extras
	ProcessingTimeMs float64  `json:"processingTimeMs"`
	Corrected        string   `json:"corrected,omitempty" doc:"The words that were searched instead"`
	Model            string   `json:"model" doc:"Version of the ranker"`
	LogOffset        uint64   `json:"log_offset" doc:"Of the log, when the page was made"`
	NextCursor       string   `json:"next_cursor,omitempty" doc:"Absent at the end"`
	Notes            []string `json:"notes,omitempty" doc:"What went wrong without costing the page"`
}

// Extras are what a search may ask for of the whole page.
type Extras struct {
	EstimatedTotalHits *int          `json:"estimatedTotalHits,omitempty" doc:"Items that match: exact, before distinct"`
	FacetDistribution  *distribution `json:"facetDistribution,omitempty"`
	FacetStats         *facetStats   `json:"facetStats,omitempty"`
	ExhaustiveFacets   *bool         `json:"exhaustiveFacetsCount,omitempty" doc:"Whether the counts are of every matching item, not of a sample of them"`
	MoreValues         []string      `json:"facetsCut,omitempty" doc:"Facets that have more values than the 100 listed"`
	Loosened           []string      `json:"loosened,omitempty" doc:"Words that were given up so that something is found"`
	Relaxed            []Relaxed     `json:"relaxed,omitempty" doc:"Where fewer than three items are found: other ways to ask, the best first, each of which finds something"`
	Instead            *Relaxed      `json:"instead,omitempty" doc:"The one of relaxed that was searched, as relax asked"`
}

// Hit is an item that was found.
type Hit struct {
	Item
	Position int      `json:"position" doc:"On this page, from 1"`
	Why      string   `json:"why,omitempty"`
	Sources  []string `json:"sources"`
	Shows
}

// Shows are what a search may ask for of each hit.
type Shows struct {
	Formatted    *Formatted         `json:"_formatted,omitempty"`
	RankingScore *float32           `json:"_rankingScore,omitempty" doc:"0 to 1, comparable between queries"`
	Details      *engine.SearchSays `json:"_rankingScoreDetails,omitempty"`
}

// Formatted are the fields that were to be highlighted or cropped. Nothing in
// them is escaped.
type Formatted struct {
	Title       string               `json:"title,omitempty"`
	Description string               `json:"description,omitempty"`
	Categories  []string             `json:"categories,omitempty"`
	Tags        []string             `json:"tags,omitempty"`
	Attributes  bowerbird.Attributes `json:"attributes,omitempty"`
}

// distribution writes facets as an object of objects, values by count.
type distribution []bowerbird.Facet

// MarshalJSON keeps the order of the values.
func (d distribution) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, f := range d {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, f.Field), ':', '{')
		for j, v := range f.Values {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, v.Value), ':')
			b = fmt.Append(b, v.Count)
		}
		b = append(b, '}')
	}
	return append(b, '}'), nil
}

// UnmarshalJSON reads what MarshalJSON wrote, without its order; for tests and
// clients in Go.
func (d *distribution) UnmarshalJSON(b []byte) error {
	var m map[string]map[string]int
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	for field, values := range m {
		f := bowerbird.Facet{Field: field}
		for v, n := range values {
			f.Values = append(f.Values, bowerbird.FacetValue{Value: v, Count: n})
		}
		*d = append(*d, f)
	}
	return nil
}

// Schema is an object of objects of numbers.
func (distribution) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "object", Description: "For each facet how many matching items carry each value, most first; at most 100 values",
		AdditionalProperties: &huma.Schema{Type: "object", AdditionalProperties: &huma.Schema{Type: "integer"}}}
}

// facetStats are the least and the greatest number of each facet that has any.
type facetStats map[string]MinMax

// MinMax are the ends of a range.
type MinMax struct {
	Min float64 `json:"min"`
	Max float64 `json:"max"`
}
