package train

import (
	"context"
	"errors"

	"bowerbird/model"
)

// order chooses a model of what comes next, a transformer or its light twin, on the
// cases that the others were chosen on. It is refused (nil) where it is not better
// than popularity and item-kNN; what it was fitted with is kept for refit. Both
// together may take some third of the time that choosing may, and nothing is tried
// where histories are too short to have an order worth learning.
func (t *training) order(ctx context.Context, m *model.Matrix, cases []model.Case) (model.Model, error) {
	if n := meanHistory(m); n < shortHistory {
		t.note("no model of order: histories have %.1f likes on average, fewer than %d", n, shortHistory)
		return nil, nil
	}
	floor := model.Trial{Candidate: model.Candidate{Name: "popularity"}, Score: t.choice.Floor}
	for _, tr := range t.choice.Trials {
		if tr.Trainer != nil && tr.Trainer.Name() == (model.ItemKNN{}).Name() && tr.Score > floor.Score {
			floor = tr
		}
	}
	best, err := t.twin(ctx, m, cases)
	if err != nil {
		return nil, err
	}
	s, err := t.network(ctx, m, cases)
	if err != nil {
		return nil, err
	}
	switch {
	case s == nil && best == nil:
		return nil, nil
	case best == nil || s != nil && s.score > best.score:
		best = s
	}
	if !(best.score > floor.Score) {
		t.note("no model of order: NDCG@10 %.4f, %s has %.4f", best.score, floor.Candidate, floor.Score)
		return nil, nil
	}
	t.note("a model of order: %s, NDCG@10 %.4f (%s %.4f)", best.Candidate.Trainer.Name(), best.score, floor.Candidate, floor.Score)
	t.sequence = &best.Candidate
	return best.model, nil
}

// ordering is a model of order with how well it did, and what to fit it again with.
type ordering struct {
	model.Candidate
	model model.Model
	score float64
}

// twin chooses among models that count what comes after what, in a sixteenth of the
// time for choosing. Item-kNN over the newest actions is one of them.
func (t *training) twin(ctx context.Context, m *model.Matrix, cases []model.Case) (*ordering, error) {
	c, err := model.Choose(ctx, m, cases, model.Orders(), model.ChooseOptions{
		Time: t.o.Time / 16, MemoryBudget: t.o.Memory, Threads: t.o.Threads, Seed: t.o.Seed, Refine: model.Around, Families: 1, NoBlend: true,
		Log: func(s string) { t.note("order: %s", s) }, Now: t.o.Now,
	})
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		t.note("order: no counts of what comes next: %v", err)
		return nil, nil
	case len(c.Leaders) == 0:
		return nil, nil
	}
	return &ordering{c.Leaders[0].Candidate, c.Models[0], c.Leaders[0].Score}, nil
}

// network fits a transformer, in a quarter of the time for choosing.
func (t *training) network(ctx context.Context, m *model.Matrix, cases []model.Case) (*ordering, error) {
	s := model.SASRecFor(m)
	if t.o.Time > 0 {
		s.Time = max(t.o.Time/4, 1)
	}
	got, err := s.Fit(ctx, m, t.options("order"))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, model.ErrEmpty):
		t.note("order: no network: nobody liked two things before the first cut")
		return nil, nil
	case err != nil:
		t.note("order: no network: %v", err)
		return nil, nil
	}
	score, err := model.Measure(ctx, got, cases, 10, t.o.Threads)
	if err != nil {
		return nil, err
	}
	t.note("order: sasrec: %.4f", score)
	s.Time, s.Patience = 0, -1
	s.Epochs = max(1, int(got.Card().Metrics["epochs"]))
	return &ordering{model.Candidate{Trainer: s}, got, score}, nil
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

// reorder fits the model of order on everything, a network for as many epochs as did best.
func (t *training) reorder(ctx context.Context, m *model.Matrix) (model.Model, error) {
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
	return got, nil
}
