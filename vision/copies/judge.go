package copies

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// Judge weighs a Likeness: a logistic regression on its numbers, their squares and the
// products of the first four, which are what is most telling. The zero value is of no
// use; see Default and Learn.
type Judge struct {
	// Weights of the terms, the constant first.
	Weights []float64 `json:"weights"`
	// Threshold from which a pair is a copy.
	Threshold float64 `json:"threshold"`
}

const terms = 1 + 2*features + 6

func expand(l Likeness) (t [terms]float64) {
	t[0] = 1
	for i, x := range l {
		t[1+i], t[1+features+i] = float64(x), float64(x)*float64(x)
	}
	n := 1 + 2*features
	for i := range 4 {
		for j := range i {
			t[n] = float64(l[i]) * float64(l[j])
			n++
		}
	}
	return t
}

// Probability that the pair is one picture.
func (j *Judge) Probability(l Likeness) float64 {
	s := 0.0
	for i, x := range expand(l) {
		s += j.Weights[i] * x
	}
	return 1 / (1 + math.Exp(-s))
}

// Copy tells whether the pair is one picture.
func (j *Judge) Copy(l Likeness) bool { return j.Probability(l) >= j.Threshold }

// Version names the judge by the checksum of its weights.
func (j *Judge) Version() string {
	return fmt.Sprintf("copies-1-%08x", crc32.ChecksumIEEE([]byte(strings.Trim(fmt.Sprint(j.Weights, j.Threshold), "[]"))))
}

// Validate refuses weights that do not fit.
func (j *Judge) Validate() error {
	if len(j.Weights) != terms {
		return fmt.Errorf("copies: a judge of %d weights, want %d", len(j.Weights), terms)
	}
	for _, w := range append([]float64{j.Threshold}, j.Weights...) {
		if math.IsNaN(w) || math.IsInf(w, 0) {
			return errors.New("copies: a weight that is not finite")
		}
	}
	return nil
}

// Sample is a pair that is known to be one picture or two.
type Sample struct {
	Likeness Likeness
	Copy     bool
}

// Learn fits a judge by Newton's method on the penalised likelihood, and sets the
// threshold on the held samples: the least at which so many of those that are called
// copies are copies (precision). ErrNotLearned where no threshold is that precise, or
// where only one kind of sample is there.
func Learn(ctx context.Context, samples, held []Sample, precision float64) (*Judge, error) {
	const penalty = 1e-2
	var kinds [2]int
	for _, s := range samples {
		if s.Copy {
			kinds[1]++
		} else {
			kinds[0]++
		}
	}
	if kinds[0] == 0 || kinds[1] == 0 {
		return nil, ErrNotLearned
	}
	w := make([]float64, terms)
	for range 30 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		g := mat.NewVecDense(terms, nil)
		h := mat.NewSymDense(terms, nil)
		for i, x := range w {
			g.SetVec(i, -penalty*x)
			h.SetSym(i, i, penalty)
		}
		for _, s := range samples {
			t := expand(s.Likeness)
			z := 0.0
			for i, x := range t {
				z += w[i] * x
			}
			p := 1 / (1 + math.Exp(-z))
			y := 0.0
			if s.Copy {
				y = 1
			}
			for i, x := range t {
				g.SetVec(i, g.AtVec(i)+(y-p)*x)
				for k := i; k < terms; k++ {
					h.SetSym(i, k, h.At(i, k)+p*(1-p)*x*t[k])
				}
			}
		}
		var ch mat.Cholesky
		if !ch.Factorize(h) {
			break // as far as rounding allows
		}
		var d mat.VecDense
		if err := ch.SolveVecTo(&d, g); err != nil {
			break
		}
		size := 0.0
		for i := range w {
			step := d.AtVec(i)
			w[i] += step
			size = max(size, math.Abs(step))
		}
		if size < 1e-6 {
			break
		}
	}
	j := &Judge{Weights: w}
	t, err := Threshold(j.scores(held), precision)
	if err != nil {
		return nil, err
	}
	j.Threshold = t
	return j, j.Validate()
}

func (j *Judge) scores(s []Sample) []Scored {
	out := make([]Scored, len(s))
	for i, x := range s {
		out[i] = Scored{j.Probability(x.Likeness), x.Copy}
	}
	return out
}
