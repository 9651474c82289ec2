//go:build race

package model_test

// raceEnabled: the race detector makes sync.Pool drop things on purpose.
const raceEnabled = true
