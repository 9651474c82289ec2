// Package postings is an inverted index: terms to documents, scored by BM25F over several fields.
//
// Its main type is Index. Documents are dense numbers and terms are strings that an analyser made (see package text); the
// index knows neither words nor languages. A document is visible to the next search as soon as Put returns, and gone as
// soon as Delete returns.
//
// One flow: New, Index.Put each document's fields, Index.Search a Query, Index.Explain a hit, Index.Store to a folder,
// Open it another day.
//
// Queries are clauses of terms, phrases (with slop), prefixes and fuzzy terms. Searches can be narrowed by filters, sorted
// by a key, keep the best of each group, and prefer words that stand close; Match and Find count. Shards are scored as one
// index by Statistics and Join.
//
// How it is built: new documents gather as plain records; every 512 of them become an immutable segment of compressed
// blocks; eight segments of like size are merged into one, in the background. A search reads a snapshot and takes the
// lock only to look its terms up, so a slow search never holds up a Put. Document counts and lengths are exact at every
// moment: each segment keeps the terms of its documents, so that a delete can subtract them. Segments of a folder are
// mapped, so an index may be larger than memory.
//
// It is not a store of documents, its dictionary stays in memory, and it does not rank by anything but words.
package postings
