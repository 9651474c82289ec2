// Package query understands what people type: it mends misspelt words and
// completes unfinished ones, from the owner's own catalogue and searches.
//
// Understanding is a view: it follows the log, item by item and search by search,
// and nothing is downloaded. As a rewriter it sets Request.Terms when it would
// search for other words than those typed.
package query
