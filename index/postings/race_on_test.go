//go:build race

package postings_test

const underRace = true
