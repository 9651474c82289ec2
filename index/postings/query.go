package postings

import (
	"fmt"
	"math"

	"github.com/RoaringBitmap/roaring/v2"
)

// Occur says how a clause takes part.
type Occur uint8

// Should adds to the score, Must is also required, MustNot excludes and adds nothing.
const (
	Should Occur = iota
	Must
	MustNot
)

// Leaf is what a clause matches: a term, a phrase, or all terms with a prefix or within some edits.
type Leaf struct {
	Terms  []string // one term, or a phrase in order
	Slots  []int    // place of each term in the phrase; nil means 0, 1, 2 …
	Prefix bool     // Terms[0] is the beginning of a term; not for phrases
	Boost  float64  // of this leaf's score; 0 means 1

	// Slop is how many further words may stand between the terms of a phrase, all gaps together; their order stays. A
	// place where n do counts 1 / (1 + n).
	Slop int

	// Fuzzy is how many edits, at most MaxEdits, may lie between Terms[0] and a term that matches, or its beginning if
	// Prefix is set too: a letter more, less or changed, or two neighbours exchanged (optimal string alignment). Not for
	// phrases. A term counts EditPenalty of one that is an edit nearer.
	Fuzzy  int
	Keep   int // letters at the beginning that no edit may touch
	Expand int // terms to take for a prefix or with edits: the nearest, then those in most documents; 0 means 64, at most MaxExpand
}

// Clause matches a document that any of its leaves matches, and scores what the best of them does.
type Clause struct {
	Any    []Leaf
	Occur  Occur
	Fields []int   // indexes of Options.Fields to look in; nil means all
	Boost  float64 // 0 means 1
}

// Query is a list of clauses. A document matches when every Must does, no MustNot does, and enough Should do. A query
// of MustNot alone matches nothing.
type Query struct {
	Clauses []Clause
	// MinShould is how many Should clauses must match; 0 means one if there is no Must, else none.
	MinShould int
}

// Terms returns a query of one Should clause for each term.
func Terms(terms ...string) Query {
	var q Query
	for _, t := range terms {
		q.Clauses = append(q.Clauses, Clause{Any: []Leaf{{Terms: []string{t}}}})
	}
	return q
}

// Limits of a query.
const (
	MaxClauses = 128
	MaxLeaves  = 256 // in all clauses
	MaxK       = 1e5 // hits of one search
	MaxEdits   = 2
	MaxExpand  = 1024 // terms of one prefix or fuzzy leaf
	MaxSlop    = 1 << 16
	expansions = 64 // default of Leaf.Expand; among terms of equally many documents, in order of their strings
)

// EditPenalty is what a term keeps of its score for each edit.
const EditPenalty = .5

// SearchOptions narrow a search. The zero value asks for the best 10.
type SearchOptions struct {
	K       int                   // default 10
	Filter  func(doc uint32) bool // only documents for which it is true; called without a lock, from the calling goroutine
	Within  *roaring.Bitmap       // only these documents
	Weights []float64             // instead of the fields' weights; 0 leaves a field out
	// Sort orders by a key instead of the score, the highest first and then by document; a hit's Score is its key. Every
	// match is looked at, none is scored. A NaN counts as −∞.
	Sort func(doc uint32) float64
	// Group keeps the best hit of each group, such as of near-duplicates. Documents of group 0 stand for themselves.
	Group func(doc uint32) uint64
	// Proximity prefers documents in which words of neighbouring clauses stand close. Not with Sort.
	Proximity Proximity
	// Statistics are counts to score with instead of the index's own: those of several shards joined (see Join).
	Statistics *Statistics
	// Exhaustive scores every matching document instead of skipping those that cannot reach the best K. The hits are
	// the same; it is the plain twin that tests compare with.
	Exhaustive bool
}

// Hit is a document and its score.
type Hit struct {
	Doc   uint32
	Score float64
}

func (q *Query) validate(fields int) error {
	if len(q.Clauses) > MaxClauses {
		return fmt.Errorf("postings: query has %d clauses; %d are possible", len(q.Clauses), MaxClauses)
	}
	if q.MinShould < 0 {
		return fmt.Errorf("postings: query: MinShould is %d", q.MinShould)
	}
	leaves, expanded := 0, 0
	for i, c := range q.Clauses {
		if c.Occur > MustNot {
			return fmt.Errorf("postings: clause %d: unknown Occur %d", i, c.Occur)
		}
		if !goodBoost(c.Boost) {
			return fmt.Errorf("postings: clause %d: boost is %v", i, c.Boost)
		}
		for _, f := range c.Fields {
			if f < 0 || f >= fields {
				return fmt.Errorf("postings: clause %d: field %d of %d", i, f, fields)
			}
		}
		leaves += len(c.Any)
		for _, l := range c.Any {
			if err := l.validate(); err != nil {
				return fmt.Errorf("postings: clause %d: %w", i, err)
			}
			if l.wide() {
				expanded += max(l.Expand, expansions)
			}
		}
	}
	if leaves > MaxLeaves {
		return fmt.Errorf("postings: query has %d leaves; %d are possible", leaves, MaxLeaves)
	}
	if expanded > MaxLeaves*expansions {
		return fmt.Errorf("postings: prefixes and fuzzy terms of the query expand to %d terms; %d are possible", expanded, MaxLeaves*expansions)
	}
	return nil
}

func (l *Leaf) validate() error {
	switch {
	case len(l.Terms) == 0 || len(l.Terms) > 32:
		return fmt.Errorf("leaf of %d terms; 1 to 32 are possible", len(l.Terms))
	case l.Prefix && len(l.Terms) > 1:
		return fmt.Errorf("a phrase cannot be a prefix")
	case l.Slots != nil && len(l.Slots) != len(l.Terms):
		return fmt.Errorf("%d slots for %d terms", len(l.Slots), len(l.Terms))
	case l.wide() && len(l.Terms[0]) == 0 && l.Fuzzy > 0:
		return fmt.Errorf("empty fuzzy term")
	case !goodBoost(l.Boost):
		return fmt.Errorf("boost is %v", l.Boost)
	case l.Slop < 0 || l.Slop > MaxSlop:
		return fmt.Errorf("slop is %d; 0 to %d are possible", l.Slop, MaxSlop)
	case l.Fuzzy < 0 || l.Fuzzy > MaxEdits:
		return fmt.Errorf("%d edits; 0 to %d are possible", l.Fuzzy, MaxEdits)
	case l.Fuzzy > 0 && len(l.Terms) > 1:
		return fmt.Errorf("a phrase cannot be fuzzy")
	case l.Fuzzy > 0 && len(l.Terms[0]) > MaxTerm:
		return fmt.Errorf("fuzzy term of %d bytes; %d are possible", len(l.Terms[0]), MaxTerm)
	case l.Keep < 0:
		return fmt.Errorf("keeps %d letters", l.Keep)
	case l.Expand < 0 || l.Expand > MaxExpand:
		return fmt.Errorf("expands to %d terms; 1 to %d are possible", l.Expand, MaxExpand)
	}
	for i, s := range l.Slots {
		if s < 0 || s >= maxPos || i > 0 && s <= l.Slots[i-1] {
			return fmt.Errorf("slots %v do not ascend from 0", l.Slots)
		}
	}
	return nil
}

func goodBoost(b float64) bool { return b >= 0 && !math.IsInf(b, 0) }

func (o *SearchOptions) validate(fields int) error {
	if o.K < 0 || o.K > MaxK {
		return fmt.Errorf("postings: K is %d; 1 to %d are possible", o.K, int(MaxK))
	}
	if o.K == 0 {
		o.K = 10
	}
	if o.Weights != nil && len(o.Weights) != fields {
		return fmt.Errorf("postings: %d weights for %d fields", len(o.Weights), fields)
	}
	if err := o.Proximity.validate(); err != nil {
		return err
	}
	if o.Statistics != nil {
		if err := o.Statistics.validate(fields); err != nil {
			return err
		}
	}
	for f, w := range o.Weights {
		if !goodBoost(w) {
			return fmt.Errorf("postings: weight of field %d is %v", f, w)
		}
	}
	return nil
}

func (o *SearchOptions) keeps(doc uint32) bool {
	return (o.Within == nil || o.Within.Contains(doc)) && (o.Filter == nil || o.Filter(doc))
}
