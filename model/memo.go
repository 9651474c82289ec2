package model

import (
	"context"
	"sync"

	"bowerbird/internal/svd"
)

// decomposition names one of a matrix: settings of Spectral that only shape the filter share it.
type decomposition struct {
	weigh        Weigh
	users, items float64
	dim, rounds  int
	seed         uint64
}

// memo keeps the last decompositions of one search, so that trying another filter does not decompose again. It is carried
// by the context of Choose and dies with it; results are the same bits with and without it.
type memo struct {
	mu   sync.Mutex
	of   *Matrix
	last []kept
}

type kept struct {
	key decomposition
	svd *svd.SVD
}

// memos is how many are kept: the best so far and the one being varied.
const memos = 2

type memoKey struct{}

func withMemo(ctx context.Context) context.Context {
	return context.WithValue(ctx, memoKey{}, new(memo))
}

// remembered returns the decomposition of m that was made before, or makes it.
func remembered(ctx context.Context, m *Matrix, key decomposition, make func() (*svd.SVD, error)) (*svd.SVD, error) {
	c, ok := ctx.Value(memoKey{}).(*memo)
	if !ok {
		return make()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of != m {
		c.of, c.last = m, nil
	}
	for i, x := range c.last {
		if x.key == key {
			copy(c.last[1:i+1], c.last[:i])
			c.last[0] = x
			return x.svd, nil
		}
	}
	d, err := make()
	if err != nil {
		return nil, err
	}
	c.last = append([]kept{{key, d}}, c.last[:min(len(c.last), memos-1)]...)
	return d, nil
}
