// Package label learns what vectors are called: a linear one-against-the-rest classifier for
// each label, with a confidence that is calibrated on rows it did not learn from, and says of
// each label whether it or another way, as neighbours, is better on those.
//
// It knows vectors and numbers of labels, no items. Its main type is Set; one flow: Fit,
// then Set.Confidence.
package label
