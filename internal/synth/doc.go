// Package synth makes a seeded world with a known truth: items with drawn
// pictures, people with tastes, boards, and a log of what they did. It is the
// demo's data, the tests' data, and the answer sheet against which the engine
// is judged.
//
// It is not a model of any real site, and its figures must not be read as one:
// tastes follow the formula on [Truth.Affinity], and attention falls with
// position as on [Truth.Examination]. The order in which a page shows items is
// independent of taste, so position bias can be read off the log.
//
// The main type is [World]. New is cheap (tens of nanoseconds to a few
// microseconds an item or a person, no text and no pictures); documents,
// pictures and events are made when they are asked for:
//
//	w, err := synth.New(synth.Options{Seed: 1})
//	for it := range w.Items() { ... }      // title, words, attributes
//	jpg, err := w.Picture(17)              // drawn now, about 10 ms
//	for e := range w.Events() { ... }      // in time order, streamed
//	a := w.Truth().Affinity(user, item)    // what a perfect engine would know
//
// or, for the ordinary import command, w.WriteTo(ctx, folder, WriteOptions{}).
//
// The same Options give the same bytes on every run and with any number of
// workers. Across processor architectures the last bit of a pixel may differ
// (fused multiply-add); words, people and events use the same arithmetic
// too, so a borderline draw could in principle differ there as well.
package synth
