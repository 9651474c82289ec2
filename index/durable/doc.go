// Package durable keeps an index in a folder, so that it can be used alone as a library: what was
// acknowledged is there after a crash. The engine does not need it, since its log is the truth.
//
// A folder holds one generation: index.N, a checkpoint as the index saves itself, and tail.N, what
// was written since. A new checkpoint begins generation N+1; only when both its files are on disk
// is the old one removed.
//
// Where many vectors were deleted or replaced, the index is compacted behind what goes on and a
// checkpoint written ([Options.CompactAfter]).
//
// One flow: Open; Put, PutMany and Delete; Search; Close.
package durable
