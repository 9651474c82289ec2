// Package phrase counts words and pairs of neighbouring words, and tells which pairs are phrases.
//
// Its main type is [Counts]. One flow: [Counts.Add] with the words of each title and search, [Counts.Segment] on a
// query, [Counts.Top] to show what was learned. Spelling reads the same counts as context (spell.Options.Context).
//
// It compares what it is given: fold words first (text.Fold). It is not an index, and it knows no grammar: a phrase here
// is a pair, or a chain of pairs, that occurs far more often than its words would by chance.
package phrase
