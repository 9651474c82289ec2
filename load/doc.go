// Package load turns files that people already have into events: JSON Lines,
// CSV, Parquet, folders of pictures, MovieLens, RecBole's atomic files and
// S3-Rec's sequences, each also gzipped.
//
//	report, err := load.Read(ctx, "ml-latest-small", load.Options{}, func(r load.Record) error {
//		return ingest(r.Event)
//	})
//
// Records come in an order that the engine takes: what is spoken of before what
// speaks of it, and by time where the input tells times. Event ids follow from
// the rows, so that reading a file twice gives the same ids and the log counts
// each row once. A bad row is counted and reported, and the rest goes on.
//
// The main type is Record; Read is the one flow. What it is not for: reading
// pictures' bytes (a Record names the file) and talking to the engine.
package load
