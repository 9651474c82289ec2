package bowerbird

import (
	"encoding/json"
	"fmt"
)

// Surface is a place where items are shown.
type Surface uint8

// The surfaces. The numbers are part of the log's format.
const (
	NoSurface     Surface = iota
	Home                  // a person's feed
	Related               // more like an item
	MoreIdeas             // what to add next to a board
	SearchWords           // search by words
	SearchPicture         // search by a picture: an item's, an upload's, a crop's
	Explore               // nobody in particular
	surfaces
)

var surfaceNames = [surfaces]string{"", "home", "related", "more_ideas", "search", "visual", "explore"}

// String is the surface's name on the wire, "home".
func (s Surface) String() string {
	if s < surfaces {
		return surfaceNames[s]
	}
	return fmt.Sprintf("surface(%d)", uint8(s))
}

// ParseSurface reads a surface's name; "" is NoSurface.
func ParseSurface(s string) (Surface, error) {
	for i, n := range surfaceNames {
		if n == s {
			return Surface(i), nil
		}
	}
	return NoSurface, fmt.Errorf("surface: %q is none of home, related, more_ideas, search, visual, explore", s)
}

// MarshalJSON writes the name.
func (s Surface) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// UnmarshalJSON reads the name.
func (s *Surface) UnmarshalJSON(b []byte) error {
	var t string
	if err := json.Unmarshal(b, &t); err != nil {
		return fmt.Errorf("surface: want a string")
	}
	v, err := ParseSurface(t)
	*s = v
	return err
}

// Request asks for a page. Together with a log offset and the model versions it
// determines the page; there is no clock in it but Now.
type Request struct {
	ID      string
	Surface Surface
	User    UserID    // 0: nobody known
	Item    ItemID    // Related, SearchPicture by an item
	Board   BoardID   // MoreIdeas
	Query   string    // SearchWords
	Vector  []float32 // SearchPicture by an upload or a crop: its visual vector
	Version string    // of what made Vector
	Built   []float32 // of the same upload or crop by the built-in descriptor
	Style   bool      // SearchPicture: made alike, whatever is shown
	Goes    bool      // Related: what goes with the item, of other categories
	Print   []float32 // of the same upload or crop, to find what it is cut from; nil none
	Where   []Condition
	Filter  *Expr      // holds as well; nil: everything passes
	Search  SearchSpec // SearchWords only
	// Diversity is λ of the page's variety, up to 1: how much it counts that an item is
	// unlike those above it. 0: what training chose, for searches none; below 0: none.
	Diversity float32
	Limit     int      // items wanted, 1..MaxLimit
	Seed      uint64   // of every random choice on the way
	Now       int64    // Unix milliseconds: the log's time, not the wall's
	Offset    uint64   // the log offset at which paging began: what was seen later does not count
	Served    []ItemID // shown on earlier pages of this paging

	Trace bool // remember every item that a filter removed

	// Filled in by rewriting, for sources, filters and features to read.
	Recent []Action          // what the person did last, newest first
	Terms  string            // the query after correction, "" if unchanged
	Meant  *Intent           // what the query seems to ask for; nil: as it stands
	Keep   func(ItemID) bool // what the filters let pass; sources skip the rest. nil: everything
	Match  Matched           // everything that matches, where the request needs that
}

// Intent is what the words of a search seem to ask for. It moves items up and hides none.
type Intent struct {
	Words      string   // the words to look for: without bounds as "under 50", which are Wishes; "" if all are
	Wishes     []Wish   // conditions that words stand for
	Categories []Wish   // likely ones, best first; their weights are shares
	Sure       float32  // of Categories: 0 says nothing, 1 that the first one is meant
	Phrases    []string // words that belong together
}

// Wish is a condition that need not hold.
type Wish struct {
	Condition
	Weight float32 // how sure it is that it is meant, 0 to 1
}

// Words are what a search looks for: the query as it was mended and understood.
func (r *Request) Words() string {
	switch {
	case r.Meant != nil && r.Meant.Words != "":
		return r.Meant.Words
	case r.Terms != "":
		return r.Terms
	}
	return r.Query
}

// Limits of a request.
const (
	MaxLimit  = 100   // items on a page
	MaxServed = 2_000 // items of one paging; then it ends
)

// Action is one thing that a person did to an item, for requests to carry.
type Action struct {
	Item   ItemID
	Board  BoardID // of a save
	Time   int64   // Unix milliseconds
	Offset uint64
	Weight float32 // Kind.Positive, or negative for a hide
	Kind   Kind
}

// Condition is one test on an item's fields; a request's conditions all hold.
type Condition struct {
	Field  string // "category", "tag", "language", "owner", "colour" or an attribute's name
	Op     Op
	Words  []string // for In and NotIn: any of them
	Number float64  // for the comparisons
}

// Op compares a field with a condition's words or number.
type Op uint8

// The operators.
const (
	In Op = iota // equals any of Words; a category also matches what lies under it
	NotIn
	Less
	LessEq
	Greater
	GreaterEq
	Exists // has any word or number in Field
)
