package model

import (
	"context"
	"fmt"
)

// Popularity trains Popular: the score of an item is the sum of its training weights. It is the floor that every other
// model has to beat.
type Popularity struct{}

// Name returns "popularity".
func (Popularity) Name() string { return "popularity" }

// Memory is a float32 for each item, and the weighted copy of the matrix.
func (Popularity) Memory(m *Matrix) int64 {
	return 4*int64(m.Items()) + matrixBytes(m.Users(), m.Entries())
}

// Fit sums the columns.
func (t Popularity) Fit(ctx context.Context, m *Matrix, o Options) (Model, error) {
	m, b, err := begin(t, "popular", m, &o)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("popularity: %w", err)
	}
	p := &Popular{base: b, score: make([]float32, m.Items())}
	for i, it := range m.idx {
		p.score[it] += m.val[i]
	}
	o.Progress(1, 1, "summed")
	return p, nil
}

// Popular recommends the same items to everyone, less those of the history.
type Popular struct {
	base
	score []float32
}

// Recommend costs O(items). It needs no history.
func (p *Popular) Recommend(dst []Scored, history []Weighted, n int, skip func(uint32) bool) []Scored {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	scores := room(&s.scores, p.items)
	copy(scores, p.score)
	return pick(dst, s, scores, history, n, skip)
}

// ScoreItems gives each item the sum of its training weights.
func (p *Popular) ScoreItems(_ []Weighted, items []uint32, out []float32) {
	for i, it := range items {
		out[i] = 0
		if int(it) < p.items {
			out[i] = p.score[it]
		}
	}
}

// Similar appends nothing: popularity knows no likeness.
func (p *Popular) Similar(dst []Scored, _ uint32, _ int) []Scored { return dst }

func (p *Popular) kind() string      { return "popular" }
func (p *Popular) encode(e *encoder) { e.floats(p.score) }

func decodePopular(b base, d *decoder) (Model, error) {
	p := &Popular{base: b, score: d.floats(b.items)}
	return p, d.err
}
