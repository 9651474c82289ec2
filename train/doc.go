// Package train learns from the log: log → point-in-time rows → model → registry.
//
// It cuts the log in three by its own order: what the models learn from, what
// they are chosen on, and a last part that judges the whole. The log is replayed
// through the same house that serves (views, sources, filters, feature.Set), so
// that a row holds what serving would have seen at that moment; a row's label is
// what the person kept afterwards. Nothing that is worse than what serves now, or
// than the plain fusion of the sources, is put in place.
//
// The main type is Options; Run is the whole of it.
package train
