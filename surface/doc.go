// Package surface makes pages: each surface (home, related, search, ...) is a
// table of stages, and Pipeline.Run walks down the table.
//
//	rewrite   what the request means: what the person did lately, corrected words
//	match     everything that a search matches, where it must be counted or put in order
//	retrieve  sources side by side, hundreds among millions; one that fails costs its own candidates
//	filter    what may not be shown leaves; each filter says what it removed
//	hydrate   the features of what is left
//	score     a number each
//	select    near-duplicates out, diversity in, cut to the page
//
// Run writes nothing: the same views at the same offset, the same models and the
// same request give the same page. It knows no source, filter or model by name;
// those are handed in by the engine's wiring table.
package surface
