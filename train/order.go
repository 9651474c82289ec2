package train

import (
	"context"
	"errors"

	"bowerbird/model"
)

// order fits a model of what comes next and holds it to the cases that the others
// were chosen on. It is refused (nil) where it is not better than popularity and
// item-kNN; what it was fitted with is kept for refit. It may take a quarter of the
// time that choosing may, and is not tried where histories are too short to have an
// order worth learning.
func (t *training) order(ctx context.Context, m *model.Matrix, cases []model.Case) (model.Tower, error) {
	if n := meanHistory(m); n < shortHistory {
		t.note("no model of order: histories have %.1f likes on average, fewer than %d", n, shortHistory)
		return nil, nil
	}
	s := model.SASRecFor(m)
	if t.o.Time > 0 {
		s.Time = max(t.o.Time/4, 1)
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

// shortHistory is the mean number of likes below which order is not looked at.
const shortHistory = 4

// meanHistory is the mean number of cells of those who have any.
func meanHistory(m *model.Matrix) float64 {
	people := 0
	for u := range m.Users() {
		if items, _ := m.Row(u); len(items) > 0 {
			people++
		}
	}
	return float64(m.Entries()) / float64(max(1, people))
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
