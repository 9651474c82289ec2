// Package adapt moves the vectors of any encoder towards what people keep together:
// a linear map, learned from groups (boards), under which members of one group lie
// nearer than members of others.
//
// It knows rows of numbers and groups of row numbers, not pictures, people or boards.
// Whether a map is worth using is for [Judge] to say: it must beat its input on saves
// that were held out, or it is not used.
package adapt
