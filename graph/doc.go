// Package graph keeps a live bipartite graph in memory and walks it.
//
// Left nodes are things (items, pins); right nodes are what collects them (boards, people: the caller numbers both on one
// right side). Edges carry a kind, a weight and a time. The package knows dense uint32 ids and nothing else; names, titles
// and rights stay with the caller.
//
// # What it is for
//
//   - [Graph] takes edges one at a time or in bulk ([Build]); an added edge is walkable by the next walk.
//   - [Snapshot.Walk] runs Pixie-style random walks with restart: from several weighted query nodes, to either side, with
//     early stop, budgets, label bias and an account of why each result was reached.
//   - [Snapshot.PPR] is the exact personalised PageRank that walks estimate.
//   - [Snapshot.Degrees], [Snapshot.PageRank], [Snapshot.Components], [Snapshot.Cooccur] and [Snapshot.Communities]
//     describe a graph.
//   - [Builder] takes hundreds of millions of edges in batches; [Graph.Prune] leaves out what is not worth walking on.
//   - [Graph.WriteTo], [Read] and [Open] keep a checkpoint with checksums; Open maps it.
//
// # What it is not for
//
// It is not a store: nothing is durable before WriteTo has returned and the caller has synced the file. It is not a property
// graph, and it has no query language. Edges between two nodes of one side do not exist.
//
// # How it is built
//
// The bulk lies in compressed sparse rows, one set for each direction. Changes since lie in a small live layer: for each
// touched node the edges added and the row positions removed. A [Snapshot] freezes both in O(1): the writer copies what it
// changes afterwards, so a slow walk never holds up a writer and a writer never disturbs a walk. When the live layer
// has grown, new rows are built in the background and swapped in.
//
// Left and right ids are two spaces: the edge (5, 5) joins item 5 with collection 5 and is no loop. Nothing joins two nodes of one
// side, so that there are no self-loops to refuse.
//
// Order is part of the state. A node's edges are ordered by the label of the other end, then by kind, then by arrival. A walk draws a
// place in that order, so it goes the same way whether or not a merge has run in between, and the same operations give
// byte-identical checkpoints.
//
// One flow: [New], [Graph.Add], [Graph.Snapshot], [Snapshot.Walk].
package graph
