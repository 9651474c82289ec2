// Package eval measures ranked lists and probabilities: how good they are, how sure we may be of it, and whether one
// system is better than another. It is a number room: users and items are dense uint32 ids, values are floats.
//
// It is for offline evaluation of whatever returns a ranked list for a user (a model, a source, a whole served page) and
// of probabilities from a ranker. It is not for online experiments (package experiment) and it does not train anything.
//
// The main type is [Report]: per-user values of every metric at one cut-off, with means and confidence intervals.
//
// One flow: split interactions ([LeaveOneOut], [Temporal], [Holdout] or files that are already split), turn the test part
// into queries with [Queries], rank with [Evaluate], read [Report.Estimate], and set two systems side by side with
// [Compare].
//
// Lists are full-ranking lists: the ranker orders the whole catalogue, less the items that the protocol removes.
// Sampled metrics (ranking against a hundred random negatives) are left out on purpose: they can order systems wrongly
// (Krichene and Rendle, "On Sampled Metrics for Item Recommendation", KDD 2020).
package eval
