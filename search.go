package bowerbird

import "github.com/RoaringBitmap/roaring/v2"

// SearchSpec is what only searches by words ask for. The zero value: any of the
// words, best first, nothing counted.
type SearchSpec struct {
	Skip      int          // hits to pass over, of one and the same order
	Matching  Matching     // how many of the words must match
	Sort      []SortKey    // instead of by relevance; equal items by relevance, then by id
	Distinct  string       // a field of whose values each is shown once, "" none
	Semantic  float32      // weight of meaning, 0 (words alone) to 1 (meaning alone)
	Mix       []Ingredient // what else is asked for; the query itself weighs 1
	Plain     bool         // by words alone, also where meaning would be mixed in
	Threshold float32      // least ranking score of a hit, 0 to 1
	Cutoff    float32      // least ranking score as a part of the best hit's, 0 to 1
	Count     bool         // count all that matches
	Facets    []string     // fields whose values are counted; "*" stands for the 100 commonest
	Apart     bool         // each facet is counted without the conditions on its own field
	Verbatim  bool         // the words are searched as typed: none is mended
}

// MaxReach bounds a search: paging ends there, and what is asked beyond it is refused.
const MaxReach = 1_000

// Matching says which of a query's words an item must have.
type Matching uint8

// The ways of matching.
const (
	MatchAny       Matching = iota // one is enough; more rank higher
	MatchAll                       // every one
	MatchLast                      // every one; while nothing is found, the last is given up
	MatchFrequency                 // every one; while nothing is found, the most frequent is given up
)

// SortKey is one field to order by.
type SortKey struct {
	Field string // "created", "popularity", "category", ... or an attribute's name
	Desc  bool
}

// Ingredient is one thing that a mixed search asks for: words, an item, or a picture
// that is nobody's, more of it (Weight > 0) or less.
type Ingredient struct {
	Words   string
	Item    ItemID
	Picture []float32 // its visual vector
	Version string    // of what made Picture
	Built   []float32 // its vector by the built-in descriptor
	Part    bool      // Picture is a part of one: parts of items count as well
	Weight  float32
}

// Matched is everything that a request matches, for stages that need all of it.
type Matched struct {
	Items  *roaring.Bitmap // all that matches words, conditions and visibility, if Exact; else what the conditions leave at most, nil if that is no small part
	Exact  bool
	Beyond *roaring.Bitmap // the same without the request's conditions, where facets are counted apart
	Loose  []int           // the query's words, by place, that were given up so that something is found
	Hybrid *Hybrid         // the order by words and meaning; nil: by words alone
}

// Hybrid is one search's order by words and meaning, best first.
type Hybrid struct {
	Hits     []HybridHit
	Coverage float32 // share of the query, by idf, that the best items by words hold
	Share    float32 // weight of meaning beside 1 of words
	Quality  float32 // the odds, as a probability, that something here is meant
	Empty    bool    // Quality lies below what was tuned: nothing here is clearly meant
}

// HybridHit is an item with its ranking score and the parts of it.
type HybridHit struct {
	Item                  ItemID
	Score, Words, Meaning float32
}

// Counts is what a request matches, in numbers.
type Counts struct {
	Total  int
	Facets []Facet
}

// Facet counts the values of one field.
type Facet struct {
	Field  string
	Values []FacetValue // by count, then by value; at most MaxFacetValues
	More   bool         // there are further values
	Stats  *FacetStats  // of a field with numbers
	Exact  bool         // counts of every matching item, not of a sample of them
}

// MaxFacetValues is how many values of a facet are listed.
const MaxFacetValues = 100

// FacetValue is how many items carry a value.
type FacetValue struct {
	Value string
	Count int
}

// FacetStats are the least and the greatest number.
type FacetStats struct{ Min, Max float64 }
