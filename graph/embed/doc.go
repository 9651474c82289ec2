// Package embed makes vectors out of a graph: one for each node, so that nodes that belong together have a large inner
// product.
//
// It is for candidates by nearest neighbours, for features of a ranker, and for placing a new item by its content and its
// first edges. It is not an index (package index searches vectors), and it does not follow a live graph: every job reads one
// [graph.Snapshot] and returns.
//
// Without features:
//
//   - [Spectral] takes the largest singular values of the normalised adjacency. It is the best and the quickest here for
//     ranking what a collection may hold next; give it many dimensions.
//   - [LightGCN] learns short vectors by propagation and a sampled softmax.
//   - [ProNE] and [Walks] (DeepWalk, node2vec) are for similarity of nodes and for classifying them.
//
// With features:
//
//   - [TrainAggregator] learns an [Aggregator] (PinSage), which embeds nodes it has never seen: [Aggregator.Embed].
//   - [Smooth] spreads features over the graph and learns nothing.
//
// The main type is [Vectors]. One flow: graph.Build, Graph.Snapshot, [Spectral], [Vectors.Score].
//
// A graph whose nodes are all of one kind is given as a bipartite one that has each edge in both directions, with
// Limits.OneMode. Results depend on the snapshot's edges, the options and the seed, never on the number of threads; as
// package vec says, the last bits differ between machines with and without its fast path.
package embed
