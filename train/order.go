package train

import (
	"context"
	"errors"

	"bowerbird/model"
)

// order fits a model of what comes next and holds it to the cases that the others
// were chosen on. It is refused (nil) where it is not better than popularity and
// item-kNN; what it was fitted with is kept for refit. It may take half of the time
// that choosing may.
func (t *training) order(ctx context.Context, m *model.Matrix, cases []model.Case) (model.Tower, error) {
	s := model.SASRecFor(m)
	if t.o.Time > 0 {
		s.Time = max(t.o.Time/2, 1)
	}
	got, err := s.Fit(ctx, m, t.options("order"))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, model.ErrEmpty):
		t.note("no model of order: nobody liked two things before the first cut")
		return nil, nil
	case err != nil:
		t.note("no model of order: %v", err)
		return nil, nil
	}
	score, err := model.Measure(ctx, got, cases, 10, t.o.Threads)
	if err != nil {
		return nil, err
	}
	least, name := t.choice.Floor, "popularity"
	for _, tr := range t.choice.Trials {
		if tr.Trainer != nil && tr.Trainer.Name() == (model.ItemKNN{}).Name() && tr.Score > least {
			least, name = tr.Score, tr.Candidate.String()
		}
	}
	if !(score > least) {
		t.note("no model of order: NDCG@10 %.4f, %s has %.4f", score, name, least)
		return nil, nil
	}
	t.note("a model of order: NDCG@10 %.4f (%s %.4f)", score, name, least)
	s.Time, s.Patience = 0, -1
	s.Epochs = max(1, int(got.Card().Metrics["epochs"]))
	t.sequence = &s
	return got.(model.Tower), nil
}

// reorder fits the model of order on everything, for as many epochs as did best.
func (t *training) reorder(ctx context.Context, m *model.Matrix) (model.Tower, error) {
	if t.sequence == nil {
		return nil, nil
	}
	got, err := t.sequence.Fit(ctx, m, t.options("order"))
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		t.note("no model of order: %v", err)
		return nil, nil
	}
	return got.(model.Tower), nil
}
