package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bowerbird/eval"
	"bowerbird/model"
)

// collaborativeTables are the sets of users and items without order or content.
func collaborativeTables() []modelTable {
	const protocol = "Every item that is not in the user's training part is ranked, for every user of the test part; means over them. "
	at20 := []string{"Recall@20", "NDCG@20"}
	return []modelTable{
		{name: "gowalla", folder: "rec-gowalla-lightgcn", title: "Gowalla, LightGCN's split", protocol: protocol, columns: at20, published: []publishedRow{
			{"EASE^R", []float64{.1765, .1467}}, {"LightGCN", []float64{.1830, .1554}}, {"GF-CF", []float64{.1849, .1518}},
			{"UltraGCN", []float64{.1862, .1580}}, {"SimpleX", []float64{.1872, .1557}}, {"BSPM-EM", []float64{.1920, .1597}}},
			run: interactions{train: "train.txt", test: "test.txt", k: 20}.run},
		{name: "ml1m", folder: "rec-ml1m-ultragcn", title: "MovieLens-1M, UltraGCN's split", protocol: protocol, columns: at20, published: []publishedRow{{"UltraGCN", []float64{.2787, .2642}}},
			run: interactions{train: "train.txt", test: "test.txt", k: 20}.run},
		{name: "electronics", folder: "rec-amazonelectronics-ultragcn", title: "Amazon Electronics, UltraGCN's split", protocol: protocol, columns: at20, published: []publishedRow{{"UltraGCN", []float64{.1368, .0829}}},
			run: interactions{train: "train.txt", test: "test.txt", k: 20}.run},
		{name: "lastfm", folder: "rec-lastfm-lightgcn", title: "LastFM, LightGCN-PyTorch's split", protocol: protocol, columns: at20,
			run: interactions{train: "data1.txt", test: "test1.txt", triples: true, k: 20}.run},
		{name: "citeulike", folder: "rec-citeulike-t", title: "CiteULike-t, warm, ten papers of each library to learn from", protocol: protocol + "The split of Collaborative Deep Learning with P = 10. ",
			columns: []string{"Recall@50", "Recall@100", "Recall@200", "Recall@300", "Recall@20", "NDCG@20"},
			run:     interactions{train: "cvae_split/cf-train-10-users.dat", test: "cvae_split/cf-test-10-users.dat", counted: true, k: 300, cuts: []int{50, 100, 200, 300}}.run},
	}
}

// interactions is the protocol of these sets.
type interactions struct {
	train, test string
	counted     bool // a line is a count and items, its user the number of the line; else a user and items
	triples     bool // a line is a user, an item and a count, numbered from 1
	k           int
	cuts        []int // further cuts of recall, before those at 20
}

// split is a data set in memory.
type split struct {
	train *model.Matrix
	test  []eval.Query
}

func (p interactions) run(ctx context.Context, b *modelBench, dir string) error {
	s, err := p.read(dir)
	if err != nil {
		return err
	}
	b.t.protocol += fmt.Sprintf("%d users, %d items, %d interactions to learn from, %d users in the test part.", s.train.Users(), s.train.Items(), s.train.Entries(), len(s.test))
	key := fmt.Sprintf("%s %s seed %d time %v memory %d", b.t.name, s.train.Fingerprint(), b.c.Seed, b.c.Time, b.c.Mem)
	if b.c.Share != .1 || b.c.Everybody {
		key += fmt.Sprintf(" share %v everybody %v", b.c.Share, b.c.Everybody)
	}
	if len(b.c.Families) > 0 {
		key += fmt.Sprintf(" families %v", b.c.Families)
	}
	found, err := p.search(ctx, b, key, s.train)
	if err != nil {
		return err
	}
	if len(b.c.Families) == 0 && b.c.Unsearched {
		found = append(found, standard()...)
	}
	for _, f := range found {
		if err := p.measure(ctx, b, key, s, f); err != nil {
			return err
		}
	}
	return nil
}

// chosen is what a search found for a row, as it is kept.
type chosen struct {
	Row      string          `json:"row"`
	Trainer  string          `json:"trainer"`
	Settings json.RawMessage `json:"settings"`
	Weigh    model.Weigh     `json:"weigh"`
	Valid    float64         `json:"valid"`
	Text     string          `json:"text"`
}

// search chooses the settings of every family, and of a blend, on a tenth of the training part.
func (p interactions) search(ctx context.Context, b *modelBench, key string, train *model.Matrix) ([]chosen, error) {
	var found []chosen
	if ok, err := b.keep.get("search "+key, &found); ok || err != nil {
		for i := range found { // they come back indented, and are part of the rows' keys
			var s bytes.Buffer
			if err := json.Compact(&s, found[i].Settings); err != nil {
				return nil, err
			}
			found[i].Settings = s.Bytes()
		}
		return found, err
	}
	people := math.Min(1, 6000/float64(train.Users()))
	if b.c.Everybody {
		people = 1
	}
	fit, cases := model.HoldOut(train, model.HoldOutOptions{Users: people, Share: b.c.Share, Seed: b.c.Seed})
	for every := len(cases) / 6000; every > 1; every = 0 {
		some := cases[:0]
		for i := 0; i < len(cases); i += every {
			some = append(some, cases[i])
		}
		cases = some
	}
	all := slices.DeleteFunc(append(model.Candidates(fit, 0), model.More(fit, 0)...), func(c model.Candidate) bool {
		return len(b.c.Families) > 0 && !slices.Contains(b.c.Families, c.Trainer.Name())
	})
	thin := 0
	if len(b.c.Families) > 0 {
		thin = -1 // they were named to be kept
	}
	c, err := model.Choose(ctx, fit, cases, all, model.ChooseOptions{
		Thin: thin,
		K:    20, Metric: recallAndNDCG, Time: b.c.Time, MemoryBudget: int64(b.c.Mem) << 20, Seed: b.c.Seed, Refine: model.Around, Families: 5, Steps: 24,
		Log: func(line string) { b.a.ui.say("  %s: %s", b.t.name, line) },
	})
	if err != nil {
		return nil, err
	}
	add := func(name string, t model.Trial) error {
		settings, err := json.Marshal(t.Trainer)
		found = append(found, chosen{name, t.Trainer.Name(), settings, t.Weigh, t.Score, t.Candidate.String()})
		return err
	}
	for i := len(c.Leaders) - 1; i >= 0; i-- {
		if err := add(c.Leaders[i].Trainer.Name(), c.Leaders[i]); err != nil {
			return nil, err
		}
	}
	if last := c.Trials[len(c.Trials)-1]; last.Trainer.Name() == (model.Mix{}).Name() {
		name := "blend (chosen)"
		if c.Best.Trainer.Name() != (model.Mix{}).Name() {
			name = "blend"
		}
		if err := add(name, last); err != nil {
			return nil, err
		}
	}
	for _, t := range dropped(c) { // with the best setting there; they stand in the table too
		t.Score = 0
		if err := add(t.Trainer.Name()+" (dropped)", t); err != nil {
			return nil, err
		}
	}
	return found, b.keep.put("search "+key, found)
}

// standard are the families that are trained by many small steps: not searched, for their time, and measured as they are.
func standard() (out []chosen) {
	for _, t := range []model.Trainer{model.BPR{}, model.SimpleX{}, model.UltraGCN{}} {
		out = append(out, chosen{Row: t.Name() + " (not searched)", Trainer: t.Name(), Settings: json.RawMessage("{}"), Text: t.Name() + ", standard settings"})
	}
	return out
}

// dropped are the best trials of the families that are not among the leaders.
func dropped(c *model.Choice) (out []model.Trial) {
	best := map[string]int{}
	for _, t := range c.Trials {
		if t.Trainer == nil || math.IsNaN(t.Score) || t.Trainer.Name() == (model.Mix{}).Name() ||
			slices.ContainsFunc(c.Leaders, func(l model.Trial) bool { return l.Trainer.Name() == t.Trainer.Name() }) {
			continue
		}
		at, ok := best[t.Trainer.Name()]
		switch {
		case !ok:
			best[t.Trainer.Name()] = len(out)
			out = append(out, t)
		case t.Score > out[at].Score:
			out[at] = t
		}
	}
	return out
}

// recallAndNDCG is the mean of the two figures that the tables show.
func recallAndNDCG(list, relevant []uint32) float64 {
	in := make(map[uint32]bool, len(relevant))
	for _, x := range relevant {
		in[x] = true
	}
	hits, dcg, ideal := 0.0, 0.0, 0.0
	for i, x := range list {
		if in[x] {
			hits++
			dcg += 1 / math.Log2(float64(i)+2)
		}
	}
	for i := range min(20, len(relevant)) {
		ideal += 1 / math.Log2(float64(i)+2)
	}
	return (hits/float64(len(relevant)) + dcg/ideal) / 2
}

// measure fits a chosen candidate on all of train and looks at the test part, once.
func (p interactions) measure(ctx context.Context, b *modelBench, key string, s *split, f chosen) error {
	trainer, err := model.TrainerOf(f.Trainer, f.Settings)
	if err != nil {
		return err
	}
	var m model.Model
	fit := func() (err error) {
		m, err = model.Candidate{Trainer: trainer, Weigh: f.Weigh}.Fit(ctx, s.train, model.Options{Seed: b.c.Seed, Progress: func(done, total int, what string) {
			b.a.ui.step(b.t.name+": "+f.Row+": "+what, int64(done), int64(total))
		}})
		return err
	}
	return b.row(f.Row, fmt.Sprintf("row %s %s %s %s", key, f.Row, f.Settings, f.Text), fit, func(r *benchRow) error {
		r.Settings, r.Valid = f.Text, f.Valid
		return p.judge(ctx, m, s, r)
	})
}

func (p interactions) judge(ctx context.Context, m model.Model, s *split, r *benchRow) error {
	lists := make([][]uint32, s.train.Users())
	history := func(i int) []model.Weighted { return s.train.History(nil, int(s.test[i].User)) }
	err := model.RecommendAll(ctx, m, history, len(s.test), p.k, 0, func(i int, got []model.Scored) {
		list := make([]uint32, len(got))
		for k, x := range got {
			list[k] = x.Item
		}
		lists[s.test[i].User] = list
	})
	if err != nil {
		return err
	}
	rank := func(_ context.Context, user uint32) ([]uint32, error) { return lists[user], nil }
	r.Values = nil
	for _, k := range append(append([]int(nil), p.cuts...), 20) {
		rep, err := eval.Evaluate(ctx, rank, s.test, eval.Options{K: k, Items: s.train.Items()})
		if err != nil {
			return err
		}
		r.Values = append(r.Values, rep.Mean(eval.MetricRecall))
		if k == 20 {
			r.Values, r.Coverage = append(r.Values, rep.Mean(eval.MetricNDCG)), rep.Coverage
		}
	}
	return nil
}

func (p interactions) read(dir string) (*split, error) {
	train, err := p.pairs(filepath.Join(dir, p.train))
	if err != nil {
		return nil, err
	}
	test, err := p.pairs(filepath.Join(dir, p.test))
	if err != nil {
		return nil, err
	}
	if _, leak := eval.Given(train, test); leak > 0 {
		return nil, fmt.Errorf("%d pairs stand in both parts", leak)
	}
	users, items := 0, 0
	for _, l := range [][]eval.Interaction{train, test} {
		for _, x := range l {
			users, items = max(users, int(x.User)+1), max(items, int(x.Item)+1)
		}
	}
	b := model.Builder{Merge: model.Max}
	for _, x := range train {
		if err := b.Add(x.User, x.Item, 1); err != nil {
			return nil, err
		}
	}
	m, err := b.Build(users, items)
	if err != nil {
		return nil, err
	}
	return &split{m, eval.Queries(test, 0)}, nil
}

func (p interactions) pairs(path string) ([]eval.Interaction, error) {
	var out []eval.Interaction
	err := eachLine(path, func(n int, f []string) error {
		if p.triples && len(f) == 3 {
			f = f[:2] // a pair is learned from as one, whatever its count
		}
		numbers := make([]uint32, len(f))
		for i, word := range f {
			x, err := strconv.ParseUint(word, 10, 32)
			if err != nil || x >= maxID {
				return fmt.Errorf("%s, line %d: %q is no number below %d", path, n, word, maxID)
			}
			numbers[i] = uint32(x)
		}
		switch {
		case p.triples:
			if len(numbers) != 2 || numbers[0] == 0 || numbers[1] == 0 {
				return fmt.Errorf("%s, line %d: not a user, an item and a count, from 1 on: %q", path, n, strings.Join(f, " "))
			}
			out = append(out, eval.Interaction{User: numbers[0] - 1, Item: numbers[1] - 1, Value: 1})
			return nil
		case len(numbers) == 0:
			return nil
		case p.counted && int(numbers[0]) != len(numbers)-1:
			return fmt.Errorf("%s, line %d: %d items, the count says %d", path, n, len(numbers)-1, numbers[0])
		}
		user := numbers[0]
		if p.counted {
			user = uint32(n - 1)
		}
		for _, item := range numbers[1:] {
			out = append(out, eval.Interaction{User: user, Item: item, Value: 1})
		}
		return nil
	})
	return out, err
}

// eachLine calls f with the number, from 1, and the words of each line of a file, which may be gzipped.
func eachLine(path string, f func(n int, words []string) error) error {
	r, err := openPlain(path)
	if err != nil {
		return err
	}
	defer r.Close()
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 1<<26)
	for n := 1; sc.Scan(); n++ {
		if err := f(n, strings.Fields(sc.Text())); err != nil {
			return err
		}
	}
	if sc.Err() != nil {
		return fmt.Errorf("%s: %w", path, sc.Err())
	}
	return nil
}
