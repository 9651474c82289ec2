package copies

import (
	"cmp"
	"errors"
	"slices"
)

// ErrNotLearned says that no judge could be learned that is precise enough.
var ErrNotLearned = errors.New("copies: no threshold is precise enough, or only one kind of pair is there")

// Scored is a pair's score, larger for likelier copies, and the truth.
type Scored struct {
	Score float64
	Copy  bool
}

// Threshold is the least score at and above which at least such a part are copies.
func Threshold(s []Scored, precision float64) (float64, error) {
	s = slices.Clone(s)
	slices.SortFunc(s, func(a, b Scored) int { return cmp.Compare(b.Score, a.Score) })
	right, best, found := 0.0, 0.0, false
	for i, x := range s {
		if x.Copy {
			right++
		}
		last := i+1 == len(s) || s[i+1].Score != x.Score
		if last && right > 0 && right/float64(i+1) >= precision {
			best, found = x.Score, true
		}
	}
	if !found {
		return 0, ErrNotLearned
	}
	return best, nil
}

// Figures are the precision and the recall of calling copies what scores at least t.
func Figures(s []Scored, t float64) (precision, recall float64) {
	var right, called, all float64
	for _, x := range s {
		if x.Copy {
			all++
		}
		if x.Score >= t {
			called++
			if x.Copy {
				right++
			}
		}
	}
	if called > 0 {
		precision = right / called
	}
	if all > 0 {
		recall = right / all
	}
	return precision, recall
}
