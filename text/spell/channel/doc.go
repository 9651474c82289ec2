// Package channel says how words are mistyped: how likely a string is, given the word that was meant.
//
// Its main type is [Model]. One flow: [Default] for the fitted model, [Model.Score] for each candidate. [Key] is how a
// word sounds, roughly, by which candidates can be found that are spelt quite differently.
//
// The model is that of Brill and Moore (2000): the word is parted into stretches of up to three letters, its ends
// included, and each is typed as another stretch with a probability counted on real misspellings: ph as f, e at the end
// not at all, ei as ie. Where ours differs is that stretches which were never counted have the costs of plain slips,
// which know the keyboard, and that the result is one of several features, weighed by a conditional log-linear model
// that was fitted on real misspellings and on made-up slips together (see fit).
//
// It knows nothing of how frequent words are, nor of their neighbours; text/spell does.
package channel
