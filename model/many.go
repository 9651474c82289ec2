package model

import (
	"context"
	"runtime"
)

// RecommendAll hands to each, for every history, the best n items without those of the history, as Recommend does without
// skip. It is for measuring: models of vectors score many histories by products of matrices, many times faster than one
// request after the other. each is called from several threads, once for each history; list belongs to it only until it
// returns. threads 0 means GOMAXPROCS. Scores may differ from Recommend's in their last bits.
func RecommendAll(ctx context.Context, m Model, histories func(i int) []Weighted, count, n, threads int, each func(i int, list []Scored)) error {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	many, ok := m.(scorer)
	if !ok {
		return blocks(ctx, threads, count, 16, nil, func(_, lo, hi int) {
			var list []Scored
			for i := lo; i < hi; i++ {
				list = m.Recommend(list[:0], histories(i), n, nil)
				each(i, list)
			}
		})
	}
	scores := make([][]float32, threads)
	return blocks(ctx, threads, count, together, nil, func(w, lo, hi int) {
		if scores[w] == nil {
			scores[w] = make([]float32, together*m.Items())
		}
		hs := make([][]Weighted, hi-lo)
		for i := range hs {
			hs[i] = histories(lo + i)
		}
		out := scores[w][:len(hs)*m.Items()]
		many.scoreMany(hs, out)
		s := pool.Get().(*scratch)
		defer pool.Put(s)
		var list []Scored
		for i, h := range hs {
			list = list[:0]
			if many.answers(s, h) {
				list = pick(list, s, out[i*m.Items():(i+1)*m.Items()], h, n, nil)
			}
			each(lo+i, list)
		}
	})
}

// together is how many histories are scored at once: the height of a panel of package vec.
const together = 120

// scorer is a model that scores the catalogue for many histories better than for one.
type scorer interface {
	// scoreMany sets out, len(histories) x items.
	scoreMany(histories [][]Weighted, out []float32)
	answers(s *scratch, history []Weighted) bool
}

// answers reports whether a history counts for anything.
func (b *base) answers(s *scratch, history []Weighted) bool { return len(b.counted(s, history)) > 0 }

// scoresOf sets out, len(histories) x items, to the scores of the whole catalogue.
func scoresOf(m Model, histories [][]Weighted, out []float32) {
	if many, ok := m.(scorer); ok {
		many.scoreMany(histories, out)
		return
	}
	n := m.Items()
	for i, h := range histories {
		scoreAll(m, h, out[i*n:(i+1)*n])
	}
}
