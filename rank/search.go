package rank

import (
	"fmt"
	"slices"
	"sync/atomic"

	"bowerbird"
	"bowerbird/index/fuse"
)

// ByWords ranks search until a model is learned: how well it matches decides,
// popularity and taste break near-ties.
var ByWords = []Term{
	{Name: "words.score", Weight: 1}, {Name: "mix.score", Weight: 1}, {Name: "popularity.saves", Weight: .02}, {Name: "taste.topics", Weight: .1},
}

// SearchModel scores search by a learned model of a candidate's columns, and by
// fixed weights until one is swapped in. The model is a fuse.Ranker: whatever
// scores a row can stand there.
type SearchModel struct {
	columns []string
	fixed   *Weighted
	now     atomic.Pointer[searchTrained]
}

type searchTrained struct {
	r       fuse.Ranker
	version string
}

// NewSearchModel returns a scorer of pages with these columns.
func NewSearchModel(columns []string, fixed []Term) *SearchModel {
	return &SearchModel{columns: columns, fixed: NewWeighted(columns, fixed)}
}

// Swap puts a model in place; r nil takes it out. learned are the columns that it
// was fitted to.
func (m *SearchModel) Swap(r fuse.Ranker, version string, learned []string) error {
	if r == nil {
		m.now.Store(nil)
		return nil
	}
	if !slices.Equal(learned, m.columns) {
		return fmt.Errorf("rank: the search model of %s was fitted to other columns than this program has (%d against %d): train again", version, len(learned), len(m.columns))
	}
	m.now.Store(&searchTrained{r, version})
	return nil
}

// Score sets each candidate's score.
func (m *SearchModel) Score(r *bowerbird.Request, c []bowerbird.Candidate) string {
	t := m.now.Load()
	if t == nil {
		return m.fixed.Score(r, c)
	}
	row := make([]float64, len(m.columns))
	for i := range c {
		for j, x := range c[i].Features {
			row[j] = float64(x)
		}
		c[i].Score = float32(t.r.Score(row))
	}
	return t.version
}

// Explain returns what each column adds to the score against the mean candidate,
// and its weight; nil where fixed weights score, or a model that is not linear.
func (m *SearchModel) Explain(row []float32) (contributions, weights []float64) {
	t := m.now.Load()
	if t == nil {
		return nil, nil
	}
	l, ok := t.r.(*fuse.Linear)
	if !ok || len(l.Weights) != len(row) {
		return nil, nil
	}
	contributions, weights = make([]float64, len(row)), make([]float64, len(row))
	for i, x := range row {
		weights[i] = l.Weights[i] * l.Scale[i]
		contributions[i] = weights[i] * (float64(x) - l.Mean[i])
	}
	return contributions, weights
}
