// Package rank orders candidates: it turns what the sources said into features,
// scores with a trained model or by fusion, drops near-duplicates and diversifies.
//
// It trains nothing (train does) and finds nothing (retrieve does).
//
//	Sources   hydrates what each source said of a candidate
//	Model     scores by logistic regression; swapped live; fusion until there is one
//	Weighted  scores by fixed weights of columns, where no model fits
//	Dedupe    one of each group of equal pictures
//	Diversify maximal marginal relevance
package rank
