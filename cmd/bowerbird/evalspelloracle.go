package main

import (
	"math"

	"bowerbird/text/phrase"
	"bowerbird/text/spell"
)

// oracleLooks is how many slips an oracle is asked about: it takes some 20 ms for each.
const oracleLooks = 300

// spellOracle knows how slips are made up, how many there are, how words are drawn, and which of three words has them. Of
// the corpus it knows the same counts that are learned from. It chooses the likeliest word, alone and between its
// neighbours; with these counts of words and pairs nobody does better but by luck.
type spellOracle struct {
	d            *spell.Dictionary
	words        []string
	pairs        *phrase.Counts
	slips        int
	frequency    bool // words are drawn by it, and not alike
	n            int
	alone, joint int
}

// ask has the oracle choose what was meant by typed at a place of a query, which holds the right word there.
func (o *spellOracle) ask(query []string, place int, typed string) {
	var alone, joint string
	most, mostJoint := math.Inf(-1), math.Inf(-1)
	eachSource(o.words, typed, o.slips, func(word string, p float64) {
		v := math.Log(p)
		if o.frequency {
			v += math.Log(float64(o.d.Count(word)))
		}
		if v > most {
			alone, most = word, v
		}
		if v += o.beside(query, place, word); v > mostJoint {
			joint, mostJoint = word, v
		}
	})
	o.n++
	if alone == query[place] {
		o.alone++
	}
	if joint == query[place] {
		o.joint++
	}
}

// beside is ln P(neighbours | word), up to what does not depend on the word, by pairs with the words' own frequency as a
// Dirichlet prior (MacKay and Peto 1995).
func (o *spellOracle) beside(query []string, place int, word string) (v float64) {
	const prior = 60
	lift := func(a, b string) float64 {
		of, n := float64(o.pairs.Word(a)), float64(o.pairs.Word(b))
		if of == 0 || n == 0 {
			return 0
		}
		all := float64(max(o.d.Total(), 1))
		return math.Log((float64(o.pairs.Pair(a, b))*all/n + prior) / (of + prior))
	}
	if place > 0 {
		v += lift(query[place-1], word)
	}
	if place+1 < len(query) {
		v += lift(word, query[place+1])
	}
	return v
}

func (o *spellOracle) shares() [2]float64 {
	n := float64(max(o.n, 1))
	return [2]float64{float64(o.alone) / n, float64(o.joint) / n}
}
