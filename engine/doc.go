// Package engine is one door for events and one for requests: it wires the log,
// the views and the surfaces.
//
//	e, err := engine.Open(ctx, dir, engine.Options{})
//	res, err := e.Ingest(ctx, events)      // durable, then folded into every view
//	ans, err := e.Page(ctx, engine.Query{Surface: bowerbird.Home, User: "ann"})
//
// A House is the views and surfaces alone, without a log: training replays into
// one, and erasure and explanation rebuild one. wiring.go is the table that shows
// what a house is made of.
package engine
