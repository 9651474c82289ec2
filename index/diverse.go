package index

import "fmt"

// Diverse reorders hits so that each is near the query and not like those before it, and keeps k:
// maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998, equation 2). Each next is the
// hit with the greatest (1-λ)·score - λ·(its score with the most similar of those chosen). λ is 0
// for the order of hits and 1 for variety alone. Hits whose vector is gone are dropped. It costs
// k·len(hits) scores.
func Diverse(x Index, hits []Hit, k int, lambda float32) ([]Hit, error) {
	if !(lambda >= 0 && lambda <= 1) {
		return nil, fmt.Errorf("index: λ is %g, want 0..1", lambda)
	}
	if k < 1 {
		return nil, fmt.Errorf("index: k is %d: %w", k, ErrK)
	}
	dim, m := x.Dim(), x.Metric()
	var rows []float32
	var left []Hit
	for _, h := range hits {
		if more, ok := x.Vector(rows, h.ID); ok {
			rows, left = more, append(left, h)
		}
	}
	row := func(i int) []float32 { return rows[i*dim : (i+1)*dim] }
	like := make([]float32, len(left)) // score with the most similar chosen
	used := make([]bool, len(left))
	var out []Hit
	for len(out) < min(k, len(left)) {
		pick, most := -1, float32(0)
		for i, h := range left {
			if used[i] {
				continue
			}
			v := (1 - lambda) * h.Score
			if len(out) > 0 {
				v -= lambda * like[i]
			}
			if pick < 0 || v > most {
				pick, most = i, v
			}
		}
		used[pick] = true
		out = append(out, left[pick])
		for i := range left {
			if s := m.Score(row(pick), row(i)); !used[i] && (len(out) == 1 || s > like[i]) {
				like[i] = s
			}
		}
	}
	return out, nil
}
