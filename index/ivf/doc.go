// Package ivf is an inverted file: vectors are kept in lists around centres, as
// codes of one, four or eight bits a dimension (package quant, RaBitQ), and a
// search scans the lists whose centres are nearest, and scores by its float32
// vector only what the codes' bound of error lets through. Vectors may lie in a
// memory-mapped file: a catalogue may be larger than memory.
//
// A graph (package hnsw) answers faster at the same recall, and takes longer to
// build and more memory beside its vectors. One flow: [New], PutMany, [Index.Calibrate],
// Save; then [Open] maps the file.
//
// Sources: Jégou, Douze and Schmid, "Product quantization for nearest neighbor
// search", 2011 (the inverted file); Gao and Long, "RaBitQ", SIGMOD 2024 (codes,
// and the bound by which vectors are read).
package ivf
