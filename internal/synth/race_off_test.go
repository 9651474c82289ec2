//go:build !race

package synth

// raceOn is true under -race, where drawing takes ten times as long.
const raceOn = false
