//go:build race

package query_test

const raceOn = true
