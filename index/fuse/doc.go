// Package fuse puts what several searches found into one order: words and meaning into one list, and many features of a
// document into one score.
//
// Its main type is [Hybrid]: BM25 over package postings and nearest vectors over package index, with a weight of meaning
// for each query. One flow: [Tune] on the owner's texts gives [Settings] that were held to queries made of the texts
// themselves; [Hybrid.Search] answers a query; [Result.Empty] says that nothing good was found.
//
// For lists of unknown origin there are [RRF] and [Sum]. For features and judgments or clicks there is [Linear], a
// ranker learned list by list; [Ranker] is the seam for a stronger one.
//
// It analyses no text and knows no items: terms, vectors and numbers of documents come from the caller.
package fuse
