package engine

import (
	"bowerbird"
	"bowerbird/query"
	"bowerbird/surface"
	"bowerbird/text"
)

// understander is what the query room does for typed words.
type understander interface {
	View
	surface.Rewriter
	CompleteFor(typed string, o query.CompleteOptions) []query.Completion
	DidYouMean(q string) query.Correction
	Understand(q string) query.Meaning
	Find(q string) int
	Relax(q string, n int) []query.Relaxed
	Guides(q string, o query.GuideOptions) []query.Guide
	Related(q string, n int, keep func(bowerbird.ItemID) bool) []query.RelatedSearch
	Trending(n int, keep func(bowerbird.ItemID) bool) []query.Trend
	Synonyms(n int) []text.Synonym
}

// Complete returns up to n ways to go on from what was typed, each with a picture
// where there is one. user is a name, or "" for nobody in particular.
func (e *Engine) Complete(typed, user string, n int) []query.Completion {
	h := e.House()
	u, _ := h.Catalogue.User(user)
	return h.query.CompleteFor(typed, query.CompleteOptions{N: n, User: u, Keep: h.fields.Live})
}

// Guides returns up to n words or phrases to add to a query, for a person or, if
// user is "", for nobody in particular.
func (e *Engine) Guides(q, user string, n int) []query.Guide {
	h := e.House()
	u, _ := h.Catalogue.User(user)
	return h.query.Guides(q, query.GuideOptions{N: n, User: u, Keep: h.fields.Live})
}

// RelatedSearches returns up to n searches that are near a query.
func (e *Engine) RelatedSearches(q string, n int) []query.RelatedSearch {
	h := e.House()
	return h.query.Related(q, n, h.fields.Live)
}

// TrendingSearches returns up to n searches that are hot at the log's time.
func (e *Engine) TrendingSearches(n int) []query.Trend {
	h := e.House()
	return h.query.Trending(n, h.fields.Live)
}

// Understand reads a query, mends it, and says what to ask for instead where it
// finds nothing: at most n ways.
func (e *Engine) Understand(q string, n int) (query.Meaning, query.Correction, []query.Relaxed) {
	h := e.House()
	m, c := h.query.Understand(q), h.query.DidYouMean(q)
	if n <= 0 || h.query.Find(q) > 0 {
		return m, c, nil
	}
	return m, c, h.query.Relax(q, n)
}

// Synonyms returns up to n pairs of words that lead people to the same items, for
// the owner to look at. It may take seconds.
func (e *Engine) Synonyms(n int) []text.Synonym { return e.House().query.Synonyms(n) }
