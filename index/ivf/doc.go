// Package ivf is an inverted file: vectors are kept in lists around centres, as
// codes of one, four or eight bits a dimension (package quant, RaBitQ), and a
// search scans the lists whose centres are nearest, and scores by its float32
// vector only what the codes' bound of error lets through. Vectors may lie in a
// memory-mapped file: a catalogue may be larger than memory.
//
// At 200,000 vectors of 128 a graph over bytes (package hnsw) answers some eight times as many
// queries at a recall of .95, takes three times as long to build, and as much memory beside its vectors
// (docs/benchmarks/vectors.md). One flow: [New], PutMany, Save; then [Open] maps the file.
//
// Sources: Jégou, Douze and Schmid, "Product quantization for nearest neighbor
// search", 2011 (the inverted file); Gao and Long, "RaBitQ", SIGMOD 2024 (codes,
// and the bound by which vectors are read).
package ivf
