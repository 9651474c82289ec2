// Package hnsw is a graph index: each vector is linked to near ones, and a
// search walks from link to link towards the query. It finds nearly all of the
// nearest in a time that grows with the logarithm of their number.
//
// Source: Malkov and Yashunin, "Efficient and robust approximate nearest
// neighbor search using Hierarchical Navigable Small World graphs", 2018 (arXiv
// 1603.09320): Algorithms 1, 2, 4 and 5. A deleted vector's neighbours are linked
// anew as by Singh et al., "FreshDiskANN", 2021 (arXiv 2105.09613), Algorithm 4.
// Many vectors at once are put in as by Dhulipala et al., "ParlayANN", 2024 (arXiv
// 2305.04359), so that the graph does not depend on the number of goroutines.
//
// Where we differ: one writer at a time, so that a history has one graph;
// searches take no lock, and read links by atomic loads while a writer changes
// them. All nodes lie in a few flat arrays, outside the collector's heap where
// they are large. A walk may compare codes of a byte or a bit for each dimension
// ([Form]) and keeps what it met in one sorted array. Repair is not a batch that
// stops the house: each deletion repairs a few nodes, in turn, and [Graph.Compact] does the rest
// at once beside searches and writes. The level of a node
// follows from its id and the seed. A search with a filter walks over all nodes and keeps those
// admitted, or compares with the admitted directly where they are few.
//
// It is not for exact answers, nor for a few thousand vectors (index.Flat).
//
// One flow: New; Put as vectors arrive; Search at once; Save and Load.
package hnsw
