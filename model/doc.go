// Package model trains recommenders on interactions and serves them: popularity, item neighbourhoods, EASE, implicit
// ALS, filters on the spectrum of the graph of items, transformers over ordered actions, blends of them, maps from content to vectors, and the logistic regression of the ranker. It is a number room: users and items are dense uint32
// ids, weights and scores are floats.
//
// It is for learning from a sparse users x items [Matrix] and for answering, in microseconds, "which items next, given
// this history". It is not for reading events or names (package train does that), nor for measuring (package eval).
//
// The main types are [Trainer], which fits, and [Model], which serves. A Model holds no users: every request brings its
// history and is folded in.
//
// One flow: fill a [Builder], Build a [Matrix], let [Choose] pick among candidates on a validation part (or Fit one
// trainer), [Save] the model with its card, [Load] it in the serving process, and call Recommend.
//
// A new model is a new file: a Trainer, a Model if none of [Linear], [Factors] and [Blend] serves, a line in decode, and
// a call of modeltest.Run.
package model
