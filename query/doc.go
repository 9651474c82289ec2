// Package query understands what people type: it mends misspelt words, completes
// unfinished ones, says what a search seems to mean, how people might go on from
// it, and what to ask for where it finds nothing. All of it is learned from the
// owner's own catalogue and searches.
//
// Understanding is a view: it follows the log, item by item and search by search,
// and nothing is downloaded. It works from the catalogue alone, and better with a
// log. As a rewriter it sets Request.Terms when it would search for other words
// than those typed.
//
//	v := query.New(query.Options{Analyzer: a})
//	v.Apply(facts)                                  // items, searches, what was liked after them
//	v.DidYouMean("linnen sofa")                     // linen sofa
//	v.Understand("dark green sofa under 500 eur")   // categories, colour, price: to boost or suggest
//	v.Guides("sofa", query.GuideOptions{User: 7})   // linen, corner, green, ...
//	v.Related("sofa", 8, nil)                       // armchair, living room, ...
//	v.Relax("purple zebra sofa", 5)                 // sofa, without “purple” and “zebra”
//	v.CompleteFor("so", query.CompleteOptions{User: 7})
//
// A search that one person typed is shown to nobody else: two people must have
// typed it, three on a site where a thousand search. A person's own searches are
// remembered for them, and go with them.
//
// It is not a search: it finds no items and orders none, it only counts them. It
// hides nothing by what it guesses. How words are spelt, completed and parted into
// phrases is in text/spell, text/complete and text/phrase.
package query
