package main

import (
	"math/rand/v2"
	"strings"

	"bowerbird/index/fuse"
)

// floorMeasured is how often the cut-off says that nothing good is here.
type floorMeasured struct {
	Judged      float64 `json:"judged"` // share of judged queries that come back empty: each is a mistake
	JudgedOf    int     `json:"judged_of"`
	Senseless   float64 `json:"senseless"` // share of the owner's senseless queries
	SenselessOf int     `json:"senseless_of"`
	Thrown      float64 `json:"thrown"` // share of queries of words thrown together from the documents
	ThrownOf    int     `json:"thrown_of"`
}

func (c *evalSearchCmd) judgeFloor(a *app, b *searchBench) (*floorMeasured, error) {
	if b.hybrid.Floor == nil {
		return nil, nil
	}
	empty := func(text string) (bool, error) {
		terms := b.analyzer.Terms(text)
		r, err := b.hybrid.Search(a.ctx, fuse.Query{Words: fuse.Bag(terms), Vector: b.vector(text)}, fuse.Options{})
		if err != nil {
			return false, err
		}
		return r.Empty || len(r.Hits) == 0, nil
	}
	share := func(texts []string) (float64, error) {
		n := 0.0
		for _, t := range texts {
			e, err := empty(t)
			if err != nil {
				return 0, err
			}
			if e {
				n++
			}
		}
		return n / float64(max(1, len(texts))), nil
	}
	var judged, senseless []string
	for _, q := range b.set.queries {
		if b.set.qrels.Grades[q.ID] != nil {
			judged = append(judged, q.Text)
		}
	}
	if c.Senseless != "" {
		all, err := readQueries(c.Senseless)
		if err != nil {
			return nil, err
		}
		for _, q := range all {
			senseless = append(senseless, q.Text)
		}
	}
	thrown := b.thrown(judged, c.Seed+1)
	f := &floorMeasured{JudgedOf: len(judged), SenselessOf: len(senseless), ThrownOf: len(thrown)}
	var err error
	if f.Judged, err = share(judged); err != nil {
		return nil, err
	}
	if f.Senseless, err = share(senseless); err != nil {
		return nil, err
	}
	f.Thrown, err = share(thrown)
	return f, err
}

// thrown makes, for each query, one of as many words (two at least) drawn from the documents, each from another one.
func (b *searchBench) thrown(like []string, seed uint64) []string {
	rng := rand.New(rand.NewPCG(seed, 0x7a1))
	var out []string
	for _, q := range like {
		var words []string
		for range 1000 { // documents may be empty
			if len(words) >= max(2, len(strings.Fields(q))) {
				break
			}
			if w := strings.Fields(b.set.texts[rng.IntN(len(b.set.texts))]); len(w) > 0 {
				words = append(words, w[rng.IntN(len(w))])
			}
		}
		out = append(out, strings.Join(words, " "))
	}
	return out
}
