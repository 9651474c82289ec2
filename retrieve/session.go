package retrieve

import (
	"context"

	"bowerbird"
	"bowerbird/index"
	"bowerbird/model"
)

// Session finds what may come next after a person's newest actions: a model of order reads them when the
// page is asked for, from the first one on: a network (model.Sequence), whose items' vectors are found by a scan or an index
// that changes together with it, or counts of what comes after what (model.Transitions). Until there is a model it finds
// nothing.
//
// A person's newest state in a network is remembered until they act again, so that further pages do not pay for it.
type Session struct{ learned Learned }

// NewSession returns the source without a model.
func NewSession() *Session { return new(Session) }

// Name is what traces and explanations call it.
func (s *Session) Name() string { return "session" }

// Swap puts a model in place; nil takes it out. ix, if not nil, indexes the Vectors of a model.Tower by inner product.
func (s *Session) Swap(m model.Model, ix index.Index) { s.learned.Swap(m, ix, nil) }

// Model is what is in place, nil if nothing is.
func (s *Session) Model() model.Model { return s.learned.Model() }

// Candidates asks for what comes after the request's recent actions. Pages about an item or a board are no sessions.
func (s *Session) Candidates(ctx context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	if r.Item != 0 || r.Board != 0 || n <= 0 {
		return dst, nil
	}
	start := len(dst)
	dst, err := s.learned.Candidates(ctx, r, n, dst)
	for _, a := range r.Recent {
		if a.Weight > 0 {
			for i := start; i < len(dst); i++ {
				dst[i].Why = bowerbird.Reason{Kind: bowerbird.BecauseItem, Item: a.Item}
			}
			break
		}
	}
	return dst, err
}
