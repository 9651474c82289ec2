package model

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"bowerbird/internal/vec"
)

// Part is one member of a Mix: a trainer, its Weigh if it wants its own, and its share.
type Part struct {
	Trainer Trainer `json:"trainer"`
	Share   float32 `json:"share"` // not negative; shares need not add up to 1
	Weigh   *Weigh  `json:"weigh"` // nil: the Weigh of Options
}

// Mix trains several models on the same matrix and blends them; each part's settings stay in its own card.
type Mix struct {
	Parts []Part
}

// Name returns "mix".
func (Mix) Name() string { return "mix" }

// MarshalJSON names the parts; their settings are in their own cards.
func (t Mix) MarshalJSON() ([]byte, error) {
	type part struct {
		Trainer  string  `json:"trainer"`
		Settings Trainer `json:"settings"`
		Share    float32 `json:"share"`
		Weigh    *Weigh  `json:"weigh,omitempty"`
	}
	out := make([]part, len(t.Parts))
	for i, p := range t.Parts {
		out[i] = part{p.Trainer.Name(), p.Trainer, p.Share, p.Weigh}
	}
	return json.Marshal(out)
}

// Memory is the sum over the parts: the finished ones stay while the next trains.
func (t Mix) Memory(m *Matrix) int64 {
	n := int64(0)
	for _, p := range t.Parts {
		n += p.Trainer.Memory(m)
	}
	return n
}

// Fit trains a Blend, one part after the other.
func (t Mix) Fit(ctx context.Context, m *Matrix, o Options) (Model, error) {
	for i, p := range t.Parts {
		if p.Trainer == nil {
			return nil, fmt.Errorf("mix: part %d has no trainer", i)
		}
	}
	all := o
	all.Weigh = Weigh{}
	if _, _, err := begin(t, "blend", m, &all); err != nil {
		return nil, err
	}
	models, shares := make([]Model, len(t.Parts)), make([]float32, len(t.Parts))
	for i, p := range t.Parts {
		po := o
		if p.Weigh != nil {
			po.Weigh = *p.Weigh
		}
		if o.Progress != nil {
			po.Progress = func(done, total int, note string) {
				o.Progress(i, len(t.Parts), fmt.Sprintf("%s: %d of %d %s", p.Trainer.Name(), done, total, note))
			}
		}
		var err error
		if models[i], err = p.Trainer.Fit(ctx, m, po); err != nil {
			return nil, fmt.Errorf("mix: part %d: %w", i, err)
		}
		shares[i] = p.Share
	}
	b, err := NewBlend(models, shares)
	if err != nil {
		return nil, err
	}
	settings, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("mix: settings: %w", err)
	}
	b.card.Trainer, b.card.Settings, b.card.Seed, b.card.Data = t.Name(), settings, o.Seed, models[0].Card().Data
	return b, nil
}

// Blend adds up the scores of several models, each divided by the standard deviation of its scores over the catalogue for
// the history at hand, times its share: so that models on different scales can be added.
type Blend struct {
	base
	parts []Model
	share []float32
}

// NewBlend joins models of one catalogue. It refuses none, more than 16, sizes that differ, and shares that are negative,
// not finite or all zero.
func NewBlend(models []Model, shares []float32) (*Blend, error) {
	if len(models) == 0 || len(models) > 16 || len(models) != len(shares) {
		return nil, fmt.Errorf("model: blend of %d models with %d shares: 1 to 16 of each are needed", len(models), len(shares))
	}
	sum := float32(0)
	for i, m := range models {
		if m.Items() != models[0].Items() {
			return nil, fmt.Errorf("model: blend: part %d has %d items, part 0 has %d", i, m.Items(), models[0].Items())
		}
		if !(shares[i] >= 0) || math.IsInf(float64(shares[i]), 0) {
			return nil, fmt.Errorf("model: blend: share %v of part %d", shares[i], i)
		}
		sum += shares[i]
	}
	if !(sum > 0) {
		return nil, fmt.Errorf("model: blend: the shares are all zero")
	}
	card := Card{Kind: "blend", Trainer: "mix", Data: models[0].Card().Data}
	return &Blend{base: base{models[0].Items(), card}, parts: models, share: shares}, nil
}

// Parts returns the models and their shares; read only.
func (b *Blend) Parts() ([]Model, []float32) { return b.parts, b.share }

// scores fills out, as long as the catalogue, and reports whether any part had something to say.
func (b *Blend) scores(s *scratch, history []Weighted, out []float32) bool {
	clear(out)
	all := false
	tmp := room(&s.c, b.items)
	for k, p := range b.parts {
		if b.share[k] == 0 {
			continue
		}
		all = standard(p, history, tmp) || all
		vec.Axpy(b.share[k], tmp, out)
	}
	return all
}

// standard sets out to a model's scores divided by their standard deviation over the catalogue, or to zeros, reporting
// false, if they are all alike.
func standard(m Model, history []Weighted, out []float32) bool {
	scoreAll(m, history, out)
	return toUnit(out)
}

// toUnit divides scores by their standard deviation, or sets them to zero, reporting false, if they are all alike.
func toUnit(out []float32) bool {
	sum, sq, n := 0.0, 0.0, float64(len(out))
	for _, v := range out {
		sum += float64(v)
		sq += float64(v) * float64(v)
	}
	sd := math.Sqrt(sq/n - sum/n*sum/n)
	if !(sd > 0) || math.IsInf(sd, 0) {
		clear(out)
		return false
	}
	vec.Scale(float32(1/sd), out)
	return true
}

// scoreMany sets out, len(histories) x items.
func (b *Blend) scoreMany(histories [][]Weighted, out []float32) {
	clear(out)
	tmp := make([]float32, len(out))
	for k, p := range b.parts {
		if b.share[k] == 0 {
			continue
		}
		scoresOf(p, histories, tmp)
		for i := range histories {
			row := tmp[i*b.items : (i+1)*b.items]
			if toUnit(row) {
				vec.Axpy(b.share[k], row, out[i*b.items:(i+1)*b.items])
			}
		}
	}
}

// answers: a popular part has something to say to everybody.
func (b *Blend) answers(s *scratch, history []Weighted) bool {
	for k, p := range b.parts {
		if _, always := p.(*Popular); b.share[k] > 0 && (always || len(countedBy(p, s, history)) > 0) {
			return true
		}
	}
	return false
}

func countedBy(m Model, s *scratch, history []Weighted) []Weighted {
	b := base{items: m.Items(), card: m.Card()}
	return b.counted(s, history)
}

// Recommend costs what the parts cost, and a pass over the catalogue for each.
func (b *Blend) Recommend(dst []Scored, history []Weighted, n int, skip func(uint32) bool) []Scored {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	scores := room(&s.a, b.items)
	if !b.scores(s, history, scores) {
		return dst
	}
	return pick(dst, s, scores, history, n, skip)
}

// ScoreItems scores the whole catalogue, because the scale of each part depends on all of it.
func (b *Blend) ScoreItems(history []Weighted, items []uint32, out []float32) {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	scores := room(&s.a, b.items)
	b.scores(s, history, scores)
	for i, it := range items {
		out[i] = 0
		if int(it) < b.items {
			out[i] = scores[it]
		}
	}
}

// Similar asks the part with the largest share.
func (b *Blend) Similar(dst []Scored, item uint32, n int) []Scored {
	best := 0
	for i, s := range b.share {
		if s > b.share[best] {
			best = i
		}
	}
	return b.parts[best].Similar(dst, item, n)
}

func (b *Blend) kind() string { return "blend" }

func (b *Blend) encode(e *encoder) {
	e.floats(b.share)
	for _, p := range b.parts {
		c := p.Card()
		c.Kind, c.Data.Items = p.kind(), p.Items()
		body, err := marshal(c, p.encode)
		if err != nil {
			body = nil // a card that came from Fit or Load always marshals
		}
		e.bytes(body)
	}
}

func decodeBlend(b base, d *decoder, depth int) (Model, error) {
	if depth > 2 {
		d.fail("blends nested too deep")
	}
	out := &Blend{base: b, share: d.floats(-1)}
	if d.err != nil {
		return nil, d.err
	}
	for range out.share {
		raw := d.bytes()
		if d.err != nil {
			return nil, d.err
		}
		card, pd, err := open(raw)
		if err != nil {
			return nil, err
		}
		p, err := decode(card, pd, depth+1)
		if err == nil {
			err = pd.end()
		}
		if err != nil {
			return nil, err
		}
		out.parts = append(out.parts, p)
	}
	card := out.card
	out, err := NewBlend(out.parts, out.share)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if out.items != card.Data.Items {
		return nil, fmt.Errorf("%w: parts have %d items, the card says %d", ErrCorrupt, out.items, card.Data.Items)
	}
	out.card = card
	return out, nil
}

// scoreAll sets out to the scores of the whole catalogue.
func scoreAll(m Model, history []Weighted, out []float32) {
	if f, ok := m.(interface{ scoreAll([]Weighted, []float32) }); ok {
		f.scoreAll(history, out)
		return
	}
	items := make([]uint32, len(out))
	for i := range items {
		items[i] = uint32(i)
	}
	m.ScoreItems(history, items, out)
}
