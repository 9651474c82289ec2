package train

import (
	"context"
	"fmt"

	"bowerbird/model"
	"bowerbird/rank"
)

// choose picks the retrieval model on the moments between the cuts and fits it,
// and a factor model for people alike, on what lies before the first cut.
func (t *training) choose(ctx context.Context) error {
	m, err := t.matrix(t.cutA, false)
	if err != nil {
		return err
	}
	cases := t.cases()
	if len(cases) < 20 {
		// Hardly anybody came back after the cut: choose on likes held out at random.
		var held []model.Case
		m, held = model.HoldOut(m, model.HoldOutOptions{Least: t.least, Seed: t.o.Seed})
		t.note("only %d people act on both sides of the cut: models are chosen on likes held out at random (%d people)", len(cases), len(held))
		cases = held
	}
	if len(cases) == 0 {
		return fmt.Errorf("%w: nobody liked two things", ErrTooLittle)
	}
	t.choice, err = model.Choose(ctx, m, cases, model.Candidates(m, t.least), model.ChooseOptions{
		Time: t.o.Time, MemoryBudget: t.o.Memory, Threads: t.o.Threads, Seed: t.o.Seed, Refine: model.Around,
		NoBlend: true, // a blend scores the whole catalogue with each part on every page
		Log:     func(s string) { t.note("%s", s) },
	})
	if err != nil {
		return err
	}
	t.note("chosen: %s, NDCG@10 %.4f on %d moments (popularity %.4f)", t.choice.Best, t.choice.Score, len(cases), t.choice.Floor)
	if m, err = t.matrix(t.cutA, false); err != nil {
		return err
	}
	t.early, err = t.fit(ctx, m)
	return err
}

// cases are the moments of the choosing part as a model sees them.
func (t *training) cases() []model.Case {
	byUser := map[uint32][]like{}
	for _, l := range t.likes {
		byUser[l.user] = append(byUser[l.user], l)
	}
	var out []model.Case
	for _, m := range t.moments {
		if m.judge {
			continue
		}
		c := model.Case{Relevant: m.relevant}
		strongest := map[uint32]int{}
		for _, l := range byUser[m.user] {
			if l.offset >= m.offset {
				break
			}
			if t.held[pair(l.user, l.item)] {
				continue
			}
			if at, ok := strongest[l.item]; ok {
				c.History[at].Weight = max(c.History[at].Weight, l.weight)
				continue
			}
			strongest[l.item] = len(c.History)
			c.History = append(c.History, model.Weighted{Item: l.item, Weight: l.weight})
		}
		out = append(out, c)
	}
	return out
}

// fit trains the chosen model and the factors on a matrix.
func (t *training) fit(ctx context.Context, m *model.Matrix) (*rank.Bundle, error) {
	o := model.Options{Seed: t.o.Seed, Threads: t.o.Threads, MemoryBudget: t.o.Memory,
		Progress: func(done, total int, note string) { t.o.Step("fitting "+note, uint64(done), uint64(total)) }}
	b := new(rank.Bundle)
	var err error
	if b.Retrieval, err = t.choice.Best.Fit(ctx, m, o); err != nil {
		return nil, err
	}
	if f, ok := b.Retrieval.(*model.Factors); ok {
		b.Factors = f
		return b, nil
	}
	f, err := t.factors().Fit(ctx, m, o)
	if err != nil {
		t.note("no factors for people alike: %v", err)
		return b, nil
	}
	b.Factors, _ = f.(*model.Factors)
	return b, nil
}

// factors is the best factor model among the trials, or a small default.
func (t *training) factors() model.Candidate {
	best := model.Candidate{Trainer: model.IALS{Dim: 32, Epochs: 8, Alpha: .2, Reg: .02}}
	score := -1.0
	for _, tr := range t.choice.Trials {
		if tr.Trainer != nil && tr.Trainer.Name() == "ials" && tr.Score > score {
			best, score = tr.Candidate, tr.Score
		}
	}
	return best
}
