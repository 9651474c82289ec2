package index

import "fmt"

// rangeFirst is how many hits Range asks for at first.
const rangeFirst = 64

// Range returns the hits that score at least least, best first, at most limit of them; 0 means no
// limit. It searches for more and more until one scores less, so it costs some two searches for
// as many hits as it returns, and finds what such searches find: on a graph, nearly all. Errors
// are those of Search.
func Range(x Index, q []float32, least float32, limit int, o Options) ([]Hit, error) {
	if least != least {
		return nil, fmt.Errorf("index: least score is NaN: %w", ErrNotFinite)
	}
	if limit <= 0 {
		limit = max(x.Len(), 1)
	}
	for k := min(rangeFirst, limit); ; k = min(4*k, limit) {
		hits, err := x.Search(q, k, o)
		if err != nil {
			return nil, err
		}
		n := len(hits)
		for n > 0 && hits[n-1].Score < least {
			n--
		}
		if n < k || k == limit {
			return hits[:n], nil
		}
	}
}
