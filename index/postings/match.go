package postings

import "context"

// MatchCount is how many documents match.
func (ix *Index) MatchCount(ctx context.Context, q Query, o SearchOptions) (int, error) {
	all, err := ix.Match(ctx, q, o)
	if err != nil {
		return 0, err
	}
	return int(all.GetCardinality()), nil
}
