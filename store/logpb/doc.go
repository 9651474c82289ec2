// Package logpb is generated from event.proto, the schema of the log's records.
//
// The store itself encodes and decodes by hand, which is several times faster;
// a fuzz test holds the two to each other. This package is that twin, and what a
// Go program outside Bowerbird would read an exported log with.
package logpb

//go:generate sh -c "protoc --plugin=protoc-gen-go=$(go tool -n protoc-gen-go) --go_out=. --go_opt=paths=source_relative event.proto"
