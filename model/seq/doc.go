// Package seq is a sequence model in pure Go: a causal transformer that predicts
// the next item of an ordered history (SASRec and what followed it), with its own
// forward and backward passes over internal/nn.
//
// It knows sequences of item numbers and nothing of people; package model wraps it
// as a Trainer. Sequences of a batch lie one after another without padding; a
// batch is cut in a fixed number of parts whose gradients are added in order, so
// that the same seed gives the same bits on any number of threads.
//
//	net, report, err := seq.Fit(ctx, seq.Data{Items: n, Sequences: histories}, seq.Options{})
//	state := net.Encode(nil, history) // compare with net.Table() by inner product
package seq
