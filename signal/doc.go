// Package signal understands items: it reads what an owner uploads and makes the
// events that carry what was understood, with the version of what understood it.
// A view then folds those events like any others, so that a replay needs no
// picture.
//
// Picture is the one signal so far: sizes, thumbnails, colours, a placeholder, a
// fingerprint, and a visual vector.
package signal
