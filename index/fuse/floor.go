package fuse

import (
	"context"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// Floor tells results that were meant from results that are there by chance: a logistic regression over what the
// searches found.
type Floor struct {
	Weights []float64 `json:"weights"` // of the evidence, in its order, the intercept last
	Least   float64   `json:"least"`   // quality below which a result is empty
}

// evidence of one query, in the order of Floor.Weights.
func evidence(g *gathered) []float64 {
	return []float64{g.best, g.coverage, g.nearest, g.best * g.nearest, math.Log(float64(1 + g.clauses)), 1}
}

func (f *Floor) quality(g *gathered) float64 {
	x, s := evidence(g), 0.0
	for i, w := range f.Weights[:min(len(x), len(f.Weights))] {
		s += w * x[i]
	}
	return 1 / (1 + math.Exp(-s))
}

// floor learns good queries, those that found the text that they were made of, from words thrown together,
// in every second query half of them unknown ones. Its Least is
// the quality that all but Lost of the good reach. nil if too few were found.
func (t *tuning) floor(ctx context.Context) (*Floor, error) {
	if len(t.words) == 0 {
		return nil, nil
	}
	var x [][]float64
	var y []float64
	var good []*gathered
	for i, c := range t.cases {
		if !c.answered() {
			continue
		}
		good = append(good, c.found)
		x, y = append(x, evidence(c.found)), append(y, 1)
		n := len(strings.Fields(c.query))
		if n < 2 {
			n = 2 // one word of the corpus is never senseless
		}
		var w []string
		for range n {
			word := t.words[t.rng.IntN(len(t.words))]
			if i%2 == 0 && t.rng.IntN(2) == 0 {
				word = backwards(word)
			}
			w = append(w, word)
		}
		g, err := t.ask(ctx, strings.Join(w, " "))
		if err != nil {
			return nil, err
		}
		x, y = append(x, evidence(g)), append(y, 0)
	}
	if len(good) < leastAnswered {
		return nil, nil
	}
	f := &Floor{Weights: logistic(x, y, 1e-3)}
	var quality []float64
	for _, g := range good {
		quality = append(quality, f.quality(g))
	}
	slices.Sort(quality)
	f.Least = quality[int(t.o.Lost*float64(len(quality)))]
	return f, nil
}

// backwards makes a word that is hardly a word of the corpus.
func backwards(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}

// answered reports whether the text stands among the best ten of words and meaning.
func (c *tuneCase) answered() bool {
	return slices.ContainsFunc(c.found.rank(mix{words: 1, meaning: 1, gated: true}, 10), func(h Hit) bool { return h.Doc == c.doc })
}

const leastAnswered = 20

// logistic fits a logistic regression by Newton's method; l2 is the penalty of a weight, per row.
func logistic(x [][]float64, y []float64, l2 float64) []float64 {
	k := len(x[0])
	w := make([]float64, k)
	for range 30 {
		gradient, hessian := mat.NewVecDense(k, nil), mat.NewSymDense(k, nil)
		for i, row := range x {
			s := 0.0
			for j := range row {
				s += w[j] * row[j]
			}
			p := 1 / (1 + math.Exp(-s))
			for a := range row {
				gradient.SetVec(a, gradient.AtVec(a)+(p-y[i])*row[a])
				for b := a; b < k; b++ {
					hessian.SetSym(a, b, hessian.At(a, b)+p*(1-p)*row[a]*row[b])
				}
			}
		}
		penalty := l2 * float64(len(x))
		for a := range w {
			gradient.SetVec(a, gradient.AtVec(a)+penalty*w[a])
			hessian.SetSym(a, a, hessian.At(a, a)+penalty)
		}
		var c mat.Cholesky
		var step mat.VecDense
		if !c.Factorize(hessian) || c.SolveVecTo(&step, gradient) != nil {
			break
		}
		for a := range w {
			w[a] -= step.AtVec(a)
		}
		if mat.Norm(&step, 2) < 1e-8 {
			break
		}
	}
	return w
}
