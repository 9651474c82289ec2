// Package index finds the nearest stored vectors to a query: exactly ([Flat]),
// by a graph (package hnsw), or by lists of codes, for catalogues larger than
// memory (package ivf), behind one interface, [Index]; package auto begins as the
// first and becomes the second as it grows; package durable keeps any of them in a
// folder; package vecfile reads the files that vectors are published in. [Range], [SearchMany] and [Diverse] are made of any
// index's searches, and a [Meter] measures the recall of what is served.
//
// It knows dense uint32 ids and float32 vectors and nothing of items. It holds
// everything in memory (ivf.Open and hnsw.Options.Rows map vectors), and is made durable by its owner (Save at an offset of a
// log, Load, replay of the tail) or by package durable.
//
// One flow: [NewFlat] or hnsw.New; Put as vectors arrive; Search for each
// request, with the ids it may or may not return; Save beside the log's offset.
//
// Posting lists for words are in package postings.
package index
