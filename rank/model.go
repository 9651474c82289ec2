package rank

import (
	"fmt"
	"slices"
	"sync/atomic"

	"bowerbird"
	"bowerbird/model"
)

// Model scores candidates with a trained logistic regression: the logit orders
// them, Probability turns it into the chance of a save. Until a model is swapped
// in, the fused score of the sources stands.
type Model struct {
	now atomic.Pointer[trained]
}

type trained struct {
	l       *model.Logistic
	version string
	names   []string
}

// NewModel returns a scorer without a model.
func NewModel() *Model { return new(Model) }

// Swap puts a model in place; l nil takes it out. names are the columns that it
// was trained on, in order; they must be those that have pages.
func (m *Model) Swap(l *model.Logistic, version string, names, have []string) error {
	if l == nil {
		m.now.Store(nil)
		return nil
	}
	if !slices.Equal(names, have) {
		return fmt.Errorf("rank: model %s was trained on other features than this program has (%d against %d): train again", version, len(names), len(have))
	}
	if l.Features() != len(names) {
		return fmt.Errorf("rank: model %s has %d weights for %d features", version, l.Features(), len(names))
	}
	m.now.Store(&trained{l, version, names})
	return nil
}

// Score sets each candidate's score to the model's logit.
func (m *Model) Score(_ *bowerbird.Request, c []bowerbird.Candidate) string {
	t := m.now.Load()
	if t == nil {
		return ""
	}
	for i := range c {
		c[i].Score = float32(t.l.Logit(c[i].Features))
	}
	return t.version
}

// Explain returns what each feature adds to the logit against the mean
// candidate, and the probability; nil without a model.
func (m *Model) Explain(row []float32) (contributions, weights []float64, probability float32) {
	t := m.now.Load()
	if t == nil || len(row) != t.l.Features() {
		return nil, nil, 0
	}
	contributions = make([]float64, len(row))
	t.l.Contributions(row, contributions)
	weights, _ = t.l.Weights()
	return contributions, weights, t.l.Predict(row)
}

// Weighted scores by a fixed sum of columns, for surfaces that have no trained
// model yet. Columns that pages lack count for nothing.
type Weighted struct {
	at []int
	w  []float32
}

// Term is one column and its weight.
type Term struct {
	Name   string
	Weight float32
}

// NewWeighted resolves the terms against the pages' columns.
func NewWeighted(columns []string, terms []Term) *Weighted {
	s := new(Weighted)
	for _, t := range terms {
		if i := slices.Index(columns, t.Name); i >= 0 {
			s.at, s.w = append(s.at, i), append(s.w, t.Weight)
		}
	}
	return s
}

// Score sets each candidate's score; its version is "fixed".
func (s *Weighted) Score(_ *bowerbird.Request, c []bowerbird.Candidate) string {
	for i := range c {
		var sum float32
		for j, at := range s.at {
			sum += s.w[j] * c[i].Features[at]
		}
		c[i].Score = sum
	}
	return "fixed"
}
