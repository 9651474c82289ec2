package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bowerbird/eval"
	"bowerbird/model"
)

// cold is the protocol of items without a single action: a tenth of the items is taken out of the training part whole. The
// test part's pairs with these items are to be found among these items, for each person who has any.
type cold struct {
	interactions
	words string // a line is a count and word:count, by item
}

func coldTable() modelTable {
	return modelTable{name: "citeulike-cold", folder: "rec-citeulike-t", title: "CiteULike-t, papers that nobody acted on",
		protocol: "A tenth of the papers is taken out of the training part (ten papers of each library) whole; the test part's pairs with these papers are to be found among these papers, by the libraries without them. Mean over the libraries that have any. Settings are chosen on another tenth. ",
		columns:  []string{"Recall@20"},
		run:      cold{interactions{train: "cvae_split/cf-train-10-users.dat", test: "cvae_split/cf-test-10-users.dat", counted: true}, "mult.dat"}.run}
}

// coldCandidates are the factor models that a map is tried on; the best on a validation part of the items is taken.
func coldCandidates() []model.Trainer {
	var out []model.Trainer
	for _, dim := range []int{64, 256} {
		for _, alpha := range []float64{.1, .02, .005} {
			out = append(out, model.IALS{Dim: dim, Epochs: 12, Alpha: alpha, Reg: .003, Steps: 3})
		}
	}
	return out
}

const coldShare = 10 // one item in so many

func (p cold) run(ctx context.Context, b *modelBench, dir string) error {
	s, err := p.read(dir)
	if err != nil {
		return err
	}
	content, err := p.content(filepath.Join(dir, p.words), s.train.Items())
	if err != nil {
		return err
	}
	held := oneInTen(s.train, nil, b.c.Seed)
	without := lacking(s.train, held)
	b.t.protocol += fmt.Sprintf("%d items, of which %d are held out. ", s.train.Items(), count1(held))
	key := fmt.Sprintf("%s %s seed %d", b.t.name, s.train.Fingerprint(), b.c.Seed)
	best, valid, err := p.choose(ctx, b, key, without, content, held)
	if err != nil {
		return err
	}
	judge := func(score func(history []model.Weighted, items []uint32, out []float32), text string) func(*benchRow) error {
		return func(r *benchRow) error {
			r.Settings = text
			r.Values = []float64{coldRecall(s.train, s.test, held, score, &r.Coverage)}
			return ctx.Err()
		}
	}
	var m model.Model
	fit := func(t model.Trainer, on *model.Matrix) func() error {
		return func() (err error) {
			m, err = t.Fit(ctx, on, model.Options{Seed: b.c.Seed})
			return err
		}
	}
	scoring := func(h []model.Weighted, items []uint32, out []float32) { m.ScoreItems(h, items, out) }
	rng := rand.New(rand.NewPCG(b.c.Seed, 0x6f6464))
	odds := func(_ []model.Weighted, items []uint32, out []float32) {
		for k := range items {
			out[k] = rng.Float32()
		}
	}
	if err := b.row("popularity, no action known: by chance", "chance "+key, func() error { return nil }, judge(odds, "in random order")); err != nil {
		return err
	}
	if err := b.row("popularity, the items' actions known", "pop "+key, fit(model.Popularity{}, s.train), judge(scoring, "popularity")); err != nil {
		return err
	}
	text := model.Candidate{Trainer: best}.String()
	if err := b.row("the same items, their actions known (warm)", "warm "+key+text, fit(best, s.train), judge(scoring, text)); err != nil {
		return err
	}
	var mapped *coldModel
	return b.row("by content alone (cold)", "cold "+key+text, func() (err error) {
		mapped, err = newColdModel(ctx, best, without, content, b.c.Seed)
		return err
	}, func(r *benchRow) error {
		r.Valid = valid
		return judge(mapped.score, text+fmt.Sprintf(", mapped by ridge regression; likeness counts %g to one", mapped.of.Mix))(r)
	})
}

// choose takes the model whose map finds most on items that are held out of what is left.
func (p cold) choose(ctx context.Context, b *modelBench, key string, train, content *model.Matrix, not []bool) (model.Trainer, float64, error) {
	type found struct {
		At    int     `json:"at"`
		Valid float64 `json:"valid"`
	}
	f := found{At: -1}
	if ok, err := b.keep.get("choose "+key, &f); err != nil {
		return nil, 0, err
	} else if ok {
		return coldCandidates()[f.At], f.Valid, nil
	}
	held := oneInTen(train, not, b.c.Seed+1)
	rest := lacking(train, held)
	var cases []eval.Query
	for u := range train.Users() {
		items, _ := train.Row(u)
		q := eval.Query{User: uint32(u), Relevant: eval.Relevant{}}
		for _, i := range items {
			if held[i] {
				q.Relevant[i] = 1
			}
		}
		if len(q.Relevant) > 0 {
			cases = append(cases, q)
		}
	}
	for i, t := range coldCandidates() {
		m, err := newColdModel(ctx, t, rest, content, b.c.Seed)
		if err != nil {
			return nil, 0, err
		}
		v := coldRecall(rest, cases, held, m.score, nil)
		b.a.ui.say("  %s: %s: %.4f on validation", b.t.name, model.Candidate{Trainer: t}, v)
		if v > f.Valid || f.At < 0 {
			f = found{i, v}
		}
	}
	return coldCandidates()[f.At], f.Valid, b.keep.put("choose "+key, f)
}

// coldModel scores items by what they are.
type coldModel struct {
	tower   model.Tower
	of      *model.Content
	vectors [][]float32
}

func newColdModel(ctx context.Context, t model.Trainer, train, content *model.Matrix, seed uint64) (*coldModel, error) {
	m, err := t.Fit(ctx, train, model.Options{Seed: seed})
	if err != nil {
		return nil, err
	}
	c := &coldModel{tower: m.(model.Tower)}
	if c.of, err = model.FitContent(ctx, content, c.tower, train, model.ContentOptions{Seed: seed}); err != nil {
		return nil, err
	}
	for i := range content.Users() {
		v, _ := c.of.Vector(nil, content.History(nil, i))
		c.vectors = append(c.vectors, v)
	}
	return c, nil
}

func (c *coldModel) score(history []model.Weighted, items []uint32, out []float32) {
	folded, _ := c.tower.FoldIn(nil, history)
	q, _, _ := c.of.Person(nil, folded, history, func(i uint32) []float32 { return c.vectors[i][c.of.Factors():] })
	for k, i := range items {
		out[k] = 0
		for d, x := range c.vectors[i] {
			out[k] += x * q[d]
		}
	}
}

// coldRecall is the mean of Recall@20 when the held-out items alone are ranked, less those of a person's training part, by
// a history without them.
func coldRecall(train *model.Matrix, test []eval.Query, held []bool, score func([]model.Weighted, []uint32, []float32), coverage *float64) float64 {
	var items []uint32
	for i, h := range held {
		if h {
			items = append(items, uint32(i))
		}
	}
	out := make([]float32, len(items))
	shown := map[uint32]bool{}
	total, people := 0.0, 0.0
	for _, q := range test {
		relevant := 0
		for i := range q.Relevant {
			if held[i] {
				relevant++
			}
		}
		if relevant == 0 {
			continue
		}
		history := train.History(nil, int(q.User))
		known := map[uint32]bool{}
		for _, h := range history {
			known[h.Item] = true
		}
		history = slices.DeleteFunc(history, func(h model.Weighted) bool { return held[h.Item] })
		score(history, items, out)
		order := make([]int, 0, len(items))
		for k, i := range items {
			if !known[i] {
				order = append(order, k)
			}
		}
		slices.SortStableFunc(order, func(a, b int) int {
			switch {
			case out[a] > out[b]:
				return -1
			case out[a] < out[b]:
				return 1
			}
			return 0
		})
		hits := 0
		for _, k := range order[:min(20, len(order))] {
			shown[items[k]] = true
			if q.Relevant[items[k]] > 0 {
				hits++
			}
		}
		total += float64(hits) / float64(relevant)
		people++
	}
	if coverage != nil {
		*coverage = float64(len(shown)) / float64(len(items))
	}
	return total / people
}

// oneInTen picks one item in coldShare of those with cells, without those of not.
func oneInTen(m *model.Matrix, not []bool, seed uint64) []bool {
	seen, out := make([]bool, m.Items()), make([]bool, m.Items())
	for u := range m.Users() {
		items, _ := m.Row(u)
		for _, i := range items {
			seen[i] = true
		}
	}
	rng := rand.New(rand.NewPCG(seed, 0xc01d))
	for i := range out {
		pick := rng.IntN(coldShare) == 0
		out[i] = pick && seen[i] && (not == nil || !not[i])
	}
	return out
}

// lacking is the matrix without some items' cells.
func lacking(m *model.Matrix, items []bool) *model.Matrix {
	var b model.Builder
	for u := range m.Users() {
		have, w := m.Row(u)
		for k, i := range have {
			if !items[i] {
				_ = b.Add(uint32(u), i, w[k]) // it was in a matrix before
			}
		}
	}
	out, _ := b.Build(m.Users(), m.Items())
	return out
}

func count1(v []bool) (n int) {
	for _, x := range v {
		if x {
			n++
		}
	}
	return n
}

// content reads the words of the items.
func (p cold) content(path string, items int) (*model.Matrix, error) {
	var b model.Builder
	err := eachLine(path, func(n int, f []string) error {
		if n > items || len(f) == 0 {
			return nil
		}
		for _, pair := range f[1:] {
			word, times, ok := strings.Cut(pair, ":")
			w, err1 := strconv.ParseUint(word, 10, 24)
			c, err2 := strconv.ParseFloat(times, 32)
			if !ok || err1 != nil || err2 != nil {
				return fmt.Errorf("%s, line %d: %q is no word:count", path, n, pair)
			}
			if err := b.Add(uint32(n-1), uint32(w), float32(c)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return b.Build(items, 0)
}
