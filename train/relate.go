package train

import (
	"context"
	"math"
	"slices"

	"bowerbird/eval"
	"bowerbird/model"
	"bowerbird/rank"
)

// relate chooses the model that says which items go with an item, among the leaders
// of all families that were tried: whoever liked the item last is asked what they
// liked next. The retrieval model answers unless another gains more than a standard
// error over it. Walks, what is saved together, looks and words are sources of the
// page of related items beside it, each from what it keeps itself.
func (t *training) relate(ctx context.Context, cases []model.Case) error {
	t.related = nil
	var asked []model.Case
	for _, c := range cases {
		if len(c.History) > 0 {
			asked = append(asked, c)
		}
	}
	if len(asked) == 0 || len(t.choice.Models) == 0 {
		return nil
	}
	type answer struct {
		model.Candidate
		model  model.Model
		scores []float64
	}
	var all []answer
	for i, l := range t.choice.Leaders {
		all = append(all, answer{l.Candidate, t.choice.Models[i], nil})
	}
	if t.sequence != nil {
		all = append(all, answer{*t.sequence, t.early.Session, nil})
	}
	serves, best := -1, 0
	for i := range all {
		var err error
		if all[i].scores, err = t.nearNDCG(ctx, all[i].model, asked); err != nil {
			return err
		}
		t.note("related items: %s: NDCG@10 %.4f", all[i].Candidate.Trainer.Name(), mean(all[i].scores))
		if all[i].String() == t.choice.Best.String() {
			serves = i
		}
		if mean(all[i].scores) > mean(all[best].scores) {
			best = i
		}
	}
	if serves < 0 { // popularity or a blend was chosen: it has nothing to be compared with
		return nil
	}
	d := make([]float64, len(asked))
	for i := range d {
		d[i] = all[best].scores[i] - all[serves].scores[i]
	}
	gain, se := mean(d), standardError(d)
	if !(gain > se) || best == serves {
		t.note("related items: by the retrieval model: the best gains %.4f over it (standard error %.4f)", gain, se)
		return nil
	}
	t.note("related items: by %s, which gains %.4f over the retrieval model (standard error %.4f)", all[best].Candidate, gain, se)
	t.related = &all[best].Candidate
	return nil
}

// nearNDCG is, for each case, how well the items nearest to the newest of the history
// tell what came next. Items of the history cannot come next and are left out.
func (t *training) nearNDCG(ctx context.Context, m model.Model, cases []model.Case) ([]float64, error) {
	out := make([]float64, len(cases))
	var list []uint32
	for i, c := range cases {
		if i%64 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		list = list[:0]
		for _, x := range m.Similar(nil, c.History[len(c.History)-1].Item, 10+len(c.History)) {
			if !slices.ContainsFunc(c.History, func(h model.Weighted) bool { return h.Item == x.Item }) {
				list = append(list, x.Item)
			}
		}
		out[i] = eval.NDCG(list, eval.Binary(c.Relevant...), 10)
	}
	return out, nil
}

// standardError is that of a mean of independent numbers.
func standardError(v []float64) float64 {
	m, s := mean(v), 0.0
	for _, x := range v {
		s += (x - m) * (x - m)
	}
	n := float64(len(v))
	return math.Sqrt(s / max(1, n-1) / max(1, n))
}

// refitRelated fits the model of related items on everything.
func (t *training) refitRelated(ctx context.Context, b *rank.Bundle, m *model.Matrix) error {
	switch {
	case t.related == nil:
		return nil
	case t.sequence != nil && b.Session != nil && t.related.String() == t.sequence.String():
		b.Related = b.Session
		return nil
	}
	got, err := t.related.Fit(ctx, m, t.options("related items"))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		t.note("related items: by the retrieval model: %v", err)
		return nil
	}
	b.Related = got
	return nil
}
