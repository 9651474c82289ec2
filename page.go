package bowerbird

import "errors"

// Reason says, in numbers, why a source found an item: what of the person's own
// doings led there. The zero value says nothing.
type Reason struct {
	Kind  ReasonKind
	Item  ItemID
	Board BoardID
	User  UserID
}

// ReasonKind is the form of a reason.
type ReasonKind uint8

// The reasons.
const (
	NoReason       ReasonKind = iota
	BecauseItem               // you acted on Item (kept on Board, if that is set)
	BecauseBoard              // it belongs with Board
	BecauseUser               // User, whom you follow or resemble
	BecauseQuery              // it matches your words
	BecausePicture            // it looks like the picture
	BecausePopular            // many people like it now
	BecauseNew                // it is new
)

// Hit is what a source returns: an item, how strongly, and why. Scores of
// different sources are not comparable.
type Hit struct {
	Item  ItemID
	Score float32
	Why   Reason
}

// ErrCut comes with hits that are sound but not as good as they would be with more time: a
// page is made of them, says so, and is not remembered.
var ErrCut = errors.New("cut short: what there was in time")

// Found is one source's word for a candidate.
type Found struct {
	Source uint8  // index in the pipeline's table of sources
	Rank   uint16 // from 1
	Score  float32
	Why    Reason
}

// Candidate is an item on its way to a page.
type Candidate struct {
	Item     ItemID
	From     []Found   // by source, ascending
	Features []float32 // as the ranker sees them
	Score    float32   // the ranker's; before that, the fused source score
}

// Page is the answer to a request.
type Page struct {
	Request  Request
	Offset   uint64 // of the views when the page was made
	Model    string // version of the ranker, "" if none
	Items    []Candidate
	Sources  []string // names, by Found.Source
	Features []string // names, by index
	More     bool     // whether asking on may bring more
	Counts   *Counts  // of everything that matches, if the request asks for it
	Trace    Trace
}

// Trace tells what each stage did.
type Trace struct {
	Sources []SourceTrace
	Filters []FilterTrace
	Merged  int      // distinct candidates
	Kept    int      // after the filters
	Notes   []string // what went wrong without costing the page
}

// SourceTrace is one source's part in a page.
type SourceTrace struct {
	Name  string
	Found int
	Nanos int64
	Error string // "" if none
}

// FilterTrace says what one filter removed.
type FilterTrace struct {
	Name    string
	Count   int      // how often an item was refused, by every source and after merging
	Removed []ItemID // distinct; complete when the request asked for a trace
}
