package synth

import (
	"math/rand/v2"
	"strings"
)

// top is a top interest: the sub-interests subs[from:till].
type top struct {
	name       string
	from, till int
}

// sub is a sub-interest. Lists are parsed once from the table in interests.go.
type sub struct {
	top    int
	name   string
	nouns  []string  // English, singular, countable, without article
	words  [4]string // the same in de, fr, es, ja
	tags   []string  // also what people type
	boards []string  // what people call a board of it
	medium medium
	tone   tone
	peak   int    // day of the year of its season; 0 none
	style  int    // the style most of its items have; -1 any
	shape  string // the aspect ratios it comes in
	share  float64
	paint  func(*canvas)
}

// medium says what kind of thing an item is; words and prices follow it.
type medium int

const (
	printed medium = iota
	object
	textile
	food
	room
	wear
	scene
)

// tone says which palettes suit: any, light ground, dark ground.
type tone int

const (
	anyTone tone = iota
	light
	dark
)

// row is a line of the table.
type row struct {
	name, nouns, words, tags, boards string
	medium                           medium
	tone                             tone
	peak, style                      int
	shape                            string
	paint                            func(*canvas)
}

type group struct {
	name string
	rows []row
}

var tops, subs = readTaxonomy(taxonomy)

func readTaxonomy(gs []group) (ts []top, ss []sub) {
	list := func(s string) []string { return strings.Split(s, "|") }
	for g, gr := range gs {
		t := top{name: gr.name, from: len(ss), till: len(ss) + len(gr.rows)}
		for k, x := range gr.rows {
			s := sub{
				top: g, name: x.name, nouns: list(x.nouns), tags: list(x.tags), boards: list(x.boards),
				medium: x.medium, tone: x.tone, peak: x.peak, style: x.style, shape: x.shape, paint: x.paint,
				share: 1 / (1 + 0.35*float64((g*7+k*3)%10)), // some interests are commoner
			}
			copy(s.words[:], list(x.words))
			ss = append(ss, s)
		}
		ts = append(ts, t)
	}
	return ts, ss
}

var subSum = func() []float64 {
	out, t := make([]float64, len(subs)), 0.0
	for s := range subs {
		t += subs[s].share
		out[s] = t
	}
	return out
}()

// drawSub draws a sub-interest by its share.
func drawSub(r *rand.Rand) int { return drawSum(r.Float64(), subSum) }

// drawSum returns the k with sum[k-1] <= x·total < sum[k].
func drawSum(x float64, sum []float64) int {
	x *= sum[len(sum)-1]
	lo, hi := 0, len(sum)-1
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if sum[m] > x {
			hi = m
		} else {
			lo = m + 1
		}
	}
	return lo
}
