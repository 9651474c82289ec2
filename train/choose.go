package train

import (
	"context"
	"fmt"
	"slices"

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
	if m.Entries() == 0 {
		return fmt.Errorf("%w: everything before the first cut was taken back: ingest more and train again", ErrTooLittle)
	}
	cases := t.cases()
	if n := len(cases); n < 20 {
		// Hardly anybody came back after the cut: choose on likes held out at random.
		var held []model.Case
		m, held = model.HoldOut(m, model.HoldOutOptions{Least: t.least, Seed: t.o.Seed})
		// Somebody of whom nothing else is known tells no model from another.
		cases = slices.DeleteFunc(held, func(c model.Case) bool { return len(c.History) == 0 })
		t.note("only %d moments lie between the cuts: models are chosen on likes held out at random (%d people)", n, len(cases))
	}
	if len(cases) == 0 {
		return fmt.Errorf("%w: too few people liked two things: ingest more and train again", ErrTooLittle)
	}
	t.choice, err = model.Choose(ctx, m, cases, servable(model.Candidates(m, t.least), m.Items()), model.ChooseOptions{
		Time: t.o.Time, MemoryBudget: t.o.Memory, Threads: t.o.Threads, Seed: t.o.Seed, Refine: model.Around,
		NoBlend: true, // a blend scores the whole catalogue with each part on every page
		Log:     func(s string) { t.note("%s", s) },
		Now:     t.o.Now,
	})
	if err != nil {
		return err
	}
	t.note("chosen: %s, NDCG@10 %.4f on %d moments (popularity %.4f)", t.choice.Best, t.choice.Score, len(cases), t.choice.Floor)
	part := m // without what the cases hold
	if m, err = t.matrix(t.cutA, false); err != nil {
		return err
	}
	if t.early, err = t.fit(ctx, m); err != nil {
		return err
	}
	if t.early.Session, err = t.order(ctx, part, cases); err != nil {
		return err
	}
	return t.relate(ctx, cases)
}

// scanned is the largest catalogue that a page may score whole with long rows: 50,000 rows of 256 numbers are 51 MB, some
// 5 ms of memory traffic.
const scanned = 50_000

// servable drops what would be too slow on a page: a filter's rows are scanned, since no index finds its sparse part.
func servable(all []model.Candidate, items int) []model.Candidate {
	return slices.DeleteFunc(all, func(c model.Candidate) bool {
		if items <= scanned {
			return false
		}
		switch t := c.Trainer.(type) {
		case model.Spectral:
			return t.Linear != 0
		case model.BSPM:
			return true
		}
		return false
	})
}

// cases are the moments of the choosing part as a model sees them.
func (t *training) cases() []model.Case {
	asked := map[uint32]bool{}
	for _, m := range t.moments {
		asked[m.user] = asked[m.user] || !m.judge
	}
	byUser := t.byUser(func(u uint32) bool { return asked[u] })
	var out []model.Case
	for _, m := range t.moments {
		if !m.judge {
			out = append(out, model.Case{History: t.history(byUser[m.user], m.offset), Relevant: m.relevant})
		}
	}
	return out
}

// history is what one person had liked before an offset, each item once.
func (t *training) history(mine []int32, offset uint64) []model.Weighted {
	var out []model.Weighted
	at := map[uint32]int{}
	for _, i := range mine {
		l := &t.likes[i]
		if l.offset >= offset {
			break
		}
		if !l.stands(offset) || t.held[pair(l.user, l.item)] {
			continue
		}
		if k, ok := at[l.item]; ok {
			out[k].Weight = max(out[k].Weight, l.weight)
			continue
		}
		at[l.item] = len(out)
		out = append(out, model.Weighted{Item: l.item, Weight: l.weight})
	}
	return out
}

// histories are those of the first n people in the log, at its end.
func (t *training) histories(n int) [][]model.Weighted {
	first := map[uint32]bool{}
	for i := 0; i < len(t.likes) && len(first) < n; i++ {
		first[t.likes[i].user] = true
	}
	var out [][]model.Weighted
	for _, mine := range t.byUser(func(u uint32) bool { return first[u] }) {
		if h := t.history(mine, t.last+1); len(h) > 0 {
			out = append(out, h)
		}
	}
	return out
}

// fit trains the chosen model and the factors on a matrix.
func (t *training) fit(ctx context.Context, m *model.Matrix) (*rank.Bundle, error) {
	o := t.options("")
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
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		t.note("no factors for people alike: %v", err)
		return b, nil
	}
	b.Factors, _ = f.(*model.Factors)
	return b, nil
}

// options are for fitting a model; what is said of its progress.
func (t *training) options(what string) model.Options {
	if what != "" {
		what += ": "
	}
	return model.Options{Seed: t.o.Seed, Threads: t.o.Threads, MemoryBudget: t.o.Memory,
		Progress: func(done, total int, note string) { t.o.Step("fitting "+what+note, uint64(done), uint64(total)) }}
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
