// Package signal understands items: it reads what an owner uploads and makes the
// events that carry what was understood, with the version of what understood it.
// A view then folds those events like any others, so that a replay needs no
// picture.
//
// Picture makes what is understood of one picture alone: sizes, thumbnails, colours, a
// placeholder, a fingerprint, looks in words, a quality score, a visual vector, vectors of
// parts, and a print. Which pictures are copies of others is found by the engine, which
// knows the others.
package signal
