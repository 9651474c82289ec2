package meaning

import (
	"context"

	"bowerbird/internal/svd"
)

// decompose returns the dim right singular vectors of X with the largest singular values, one row of dim a term. The vectors are not
// scaled by the singular values: a document's place is X·V.
func decompose(ctx context.Context, x *svd.Sparse, dim int, o Options) ([]float32, error) {
	s, err := svd.Truncated(ctx, svd.BothWays(x), svd.Options{K: dim, Extra: oversample, Rounds: o.Passes, Threads: o.Threads, Seed: o.Seed, Progress: o.Progress})
	if err != nil {
		return nil, err
	}
	return s.V, nil
}
