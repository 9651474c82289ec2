package index

import (
	"fmt"
	"slices"

	"bowerbird/internal/vec"
)

// Interest is one of several queries that are asked together: a person likes more than one thing.
type Interest struct {
	Vector []float32
	Weight float32 // of this beside the others; 0 means 1
}

// Merge says how the hits of several queries become one list.
type Merge uint8

const (
	// Best gives each id the best of its scores, times the weight; under L2, where scores are
	// below zero, divided by it.
	Best Merge = iota
	// Share gives each query its part of the k places by weight, so that a strong interest does
	// not push out the others. An id counts for the query that it is nearest to in order of
	// places; scores stay as they were, and the list is ordered by them.
	Share
)

// SearchMany searches for each interest and merges: up to k hits, each id once. It costs a search
// for each. Errors are those of Search, of a weight below zero, and of none at all.
func SearchMany(x Index, interests []Interest, k int, merge Merge, o Options) ([]Hit, error) {
	if len(interests) == 0 {
		return nil, fmt.Errorf("index: no vectors to search for: %w", ErrDim)
	}
	found, weights := make([][]Hit, len(interests)), make([]float32, len(interests))
	for i, in := range interests {
		w := in.Weight
		if w == 0 {
			w = 1
		}
		if !(w > 0) || w-w != 0 {
			return nil, fmt.Errorf("index: interest %d has weight %g: %w", i, w, ErrNotFinite)
		}
		hits, err := x.Search(in.Vector, k, o)
		if err != nil {
			return nil, fmt.Errorf("interest %d: %w", i, err)
		}
		found[i], weights[i] = hits, w
	}
	if merge == Share {
		return shared(found, weights, k), nil
	}
	return best(found, weights, k, x.Metric() == L2), nil
}

func best(found [][]Hit, weights []float32, k int, below bool) []Hit {
	at := map[uint32]int{}
	var out []Hit
	for i, hits := range found {
		for _, h := range hits {
			if below {
				h.Score /= weights[i]
			} else {
				h.Score *= weights[i]
			}
			if j, ok := at[h.ID]; !ok {
				at[h.ID] = len(out)
				out = append(out, h)
			} else if h.Score > out[j].Score {
				out[j] = h
			}
		}
	}
	slices.SortFunc(out, vec.Compare)
	return out[:min(k, len(out))]
}

// shared hands out the places one by one to the query that has had least for its weight.
func shared(found [][]Hit, weights []float32, k int) []Hit {
	next, had, taken := make([]int, len(found)), make([]float32, len(found)), map[uint32]bool{}
	var out []Hit
	for len(out) < k {
		who := -1
		for i, hits := range found {
			for next[i] < len(hits) && taken[hits[next[i]].ID] {
				next[i]++
			}
			if next[i] < len(hits) && (who < 0 || (had[i]+1)/weights[i] < (had[who]+1)/weights[who]) {
				who = i
			}
		}
		if who < 0 {
			break
		}
		h := found[who][next[who]]
		taken[h.ID] = true
		had[who]++
		out = append(out, h)
	}
	slices.SortFunc(out, vec.Compare)
	return out
}
