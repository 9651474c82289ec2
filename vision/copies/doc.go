// Package copies tells whether two pictures are one picture: the same shot that was
// cut, resized, compressed again, mirrored, tinted, framed or written over.
//
// A [Print] is a thousand bytes of a picture. [Compare] lays one print over a part of
// the other, finds where it fits best, mirrored or not, and says in a few numbers how
// well. A [Judge] turns those into a probability; it was learned from edits that were
// made on purpose ([Edits]) and from pictures that only look alike. [Group] makes
// groups in which every member was compared with the group's first: being a copy is not
// transitive, and a chain of small changes must not become one group.
//
// It does not find candidates: an index of visual vectors and equal fingerprints do.
// It knows pictures, not items.
package copies
