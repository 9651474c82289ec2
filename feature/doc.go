// Package feature holds what the ranker knows of an item and a person. Each
// feature is one file: how it folds, how it reads, its test. A Set of them is
// folded and read the same way when a page is served and when training replays
// the log, so that training sees what serving saw, bit for bit.
//
//	set := feature.NewSet(feature.NewPopularity(), feature.NewFreshness(), ...)
//	set.Apply(facts)                    // in the order of the log
//	set.Fill(request, items, out)       // len(items) rows of len(set.Names())
//
// Nothing here looks at a clock: ages are taken from the request's Now, which is
// the log's time.
package feature
