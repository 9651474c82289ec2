package rank

import (
	"fmt"
	"math"

	"bowerbird"
)

// Sources are the columns of what each source said: two for each source, the
// score as a share of that source's best score on this page, and 1/√rank. Both
// are 0 where the source did not find the candidate.
type Sources struct {
	names []string
}

const maxSources = 32

// NewSources names the columns "walk.score", "walk.rank", ... in the order of
// the pipeline's sources. It panics for more than 32, which is our own mistake.
func NewSources(sources []string) *Sources {
	if len(sources) > maxSources {
		panic(fmt.Sprintf("rank: %d sources, at most %d are possible", len(sources), maxSources))
	}
	s := new(Sources)
	for _, name := range sources {
		s.names = append(s.names, name+".score", name+".rank")
	}
	return s
}

// Names are the columns.
func (s *Sources) Names() []string { return s.names }

// Fill writes the columns of each candidate at its Features[at:].
func (s *Sources) Fill(c []bowerbird.Candidate, at int) {
	var most [maxSources]float32
	for i := range c {
		for _, f := range c[i].From {
			if f.Score > most[f.Source] {
				most[f.Source] = f.Score
			}
		}
	}
	for i := range c {
		row := c[i].Features[at:]
		for _, f := range c[i].From {
			if m := most[f.Source]; m > 0 {
				row[2*f.Source] = max(0, f.Score) / m
			}
			row[2*f.Source+1] = float32(1 / math.Sqrt(float64(f.Rank)))
		}
	}
}
