// Package retrieve finds candidates: hundreds among millions. Each source is one
// file, with the view that it serves from beside it: Apply folds what happened,
// Candidates reads it.
//
//	Walk       random walks over items, boards and people (live, the next request sees a save)
//	Together   items saved together, counted as it happens
//	Learned    a trained model's best items for a history, and its nearest items
//	People     what people with a similar history saved
//	Words      BM25 over titles, tags, categories and descriptions
//	Looks      nearest by visual vector
//	Followed   boards and people that are followed
//	Trending   liked lately (decayed), Popular liked ever, Fresh just arrived
//	History    not a source: what a person did last, for the others to start from
//
// Views guard their own reads: a lock is held while numbers are copied, never
// while a source thinks, so that a slow page does not hold up ingest. Apply is
// called by one goroutine in the order of the log and is deterministic.
//
// It is not for deciding what is best: scores of different sources are not
// comparable, and rank orders what was found.
package retrieve
