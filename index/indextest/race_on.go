//go:build race

package indextest

// Race says that the race detector is on: what runs in one goroutine is then
// tested on less, because it takes ten times as long.
const Race = true
