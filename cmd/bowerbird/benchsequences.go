package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"bowerbird/model"
)

type benchSequencesCmd struct {
	Path string        `arg:"" help:"Folder that holds the data sets' folders." type:"existingdir"`
	Sets []string      `help:"Which of beauty, sports, ml1m; all if none." placeholder:"NAME"`
	Time time.Duration `help:"Most time for training on each." default:"1h"`
	Held int           `help:"Histories whose last but one item is held out to choose on; 0: all." default:"0"`
	Seed uint64        `help:"Of every random choice." default:"1"`
	Twin bool          `help:"Only the light twin, which counts what comes after what."`
}

func (benchSequencesCmd) Help() string {
	return `Leave-one-out: of each history the last item is the test, the last but one is
held out to stop by. All items that are not in the history are ranked. Settings are
those that training takes by itself for data of this shape. The test part is looked
at once, at the end.

Examples:
  bowerbird bench sequences data/
  bowerbird bench sequences data/ --sets ml1m --time 5m`
}

// sequenceSet is a data set of ordered histories.
type sequenceSet struct {
	name, histories, attributes string
	pairs                       bool // a line is a user and an item, in order; else a user and items
	published                   string
}

var sequenceSets = []sequenceSet{
	{"beauty", "seq-s3rec-amazon-yelp-lastfm/Beauty.txt", "seq-s3rec-amazon-yelp-lastfm/Beauty_item2attributes.json", false,
		"S3-Rec .0327, TIGER .0384, HSTU .0439, SASRec with sampled softmax .0531"},
	{"sports", "seq-s3rec-amazon-yelp-lastfm/Sports_and_Outdoors.txt", "seq-s3rec-amazon-yelp-lastfm/Sports_and_Outdoors_item2attributes.json", false,
		"S3-Rec .0204, TIGER .0225, SASRec with sampled softmax .0314"},
	{"ml1m", "seq-ml1m-sasrec/ml-1m.txt", "", true,
		"SASRec .1341, BERT4Rec .1537, SASRec with cross-entropy .1821, with 3,000 negatives .1857"},
}

// sequenceRow is what was measured on one set.
type sequenceRow struct {
	Set        string  `json:"set"`
	Users      int     `json:"users"`
	Items      int     `json:"items"`
	Actions    int     `json:"actions"` // to learn from and to choose on
	Settings   string  `json:"settings"`
	Epochs     float64 `json:"epochs"`
	Valid      float64 `json:"valid_ndcg@10"`
	NDCG       float64 `json:"ndcg@10"`
	HitRate    float64 `json:"hr@10"`
	Coverage   float64 `json:"coverage"`
	Popular    float64 `json:"popularity_ndcg@10"`
	KNN        float64 `json:"item_knn_ndcg@10"`
	Twin       twinRow `json:"twin"`
	Seconds    float64 `json:"seconds"`
	CPUSeconds float64 `json:"cpu_seconds"`
	Planned    int64   `json:"planned_bytes"`
	Peak       int64   `json:"peak_bytes"`
	Threads    int     `json:"threads"`
	Published  string  `json:"published"`
}

// twinRow is the light twin on the same set: its settings are chosen on the same held-out items.
type twinRow struct {
	Settings   string  `json:"settings"`
	Valid      float64 `json:"valid_ndcg@10"`
	NDCG       float64 `json:"ndcg@10"`
	HitRate    float64 `json:"hr@10"`
	Coverage   float64 `json:"coverage"`
	Choosing   float64 `json:"choosing_cpu_seconds"`
	CPUSeconds float64 `json:"cpu_seconds"`           // of the fit that is measured
	Beside     float64 `json:"network_valid_ndcg@10"` // of the network after as many processor-seconds as choosing took; 0: no check by then
}

func (c *benchSequencesCmd) Run(a *app) error {
	var rows []sequenceRow
	for _, s := range sequenceSets {
		if len(c.Sets) > 0 && !strings.Contains(","+strings.Join(c.Sets, ",")+",", ","+s.name+",") {
			continue
		}
		if !isThere(filepath.Join(c.Path, s.histories)) {
			a.ui.say("%s is absent: %s is left out", s.histories, s.name)
			continue
		}
		r, err := c.measure(a, s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		rows = append(rows, *r)
		if !a.cli.JSON {
			a.printf("%s: %d users, %d items, %d actions\n", r.Set, r.Users, r.Items, r.Actions)
			if !c.Twin {
				a.printf("  NDCG@10 %.4f, HR@10 %.4f, coverage %.3f (validation %.4f, %g epochs; popularity %.4f, item-kNN %.4f)\n  %.0f s on %d threads, %.0f processor-seconds, peak %d MiB, planned %d MiB\n  published: %s\n  %s\n",
					r.NDCG, r.HitRate, r.Coverage, r.Valid, r.Epochs, r.Popular, r.KNN, r.Seconds, r.Threads, r.CPUSeconds, r.Peak>>20, r.Planned>>20, r.Published, r.Settings)
			}
			a.printf("  light twin: NDCG@10 %.4f, HR@10 %.4f, coverage %.3f (validation %.4f; the network's best check by then: %.4f)\n  %.1f processor-seconds to fit, %.1f to choose\n  %s\n",
				r.Twin.NDCG, r.Twin.HitRate, r.Twin.Coverage, r.Twin.Valid, r.Twin.Beside, r.Twin.CPUSeconds, r.Twin.Choosing, r.Twin.Settings)
		}
	}
	if len(rows) == 0 {
		return usagef("%s holds none of the data sets, or --sets names none", c.Path)
	}
	if a.cli.JSON {
		return a.printJSON(map[string]any{"machine": thisMachine(), "seed": c.Seed, "sequences": rows})
	}
	return nil
}

func (c *benchSequencesCmd) measure(a *app, s sequenceSet) (*sequenceRow, error) {
	histories, items, err := s.read(c.Path)
	if err != nil {
		return nil, err
	}
	attributes, err := s.readAttributes(c.Path, items)
	if err != nil {
		return nil, err
	}
	b := model.Builder{Merge: model.Last}
	for u, h := range histories {
		for i, x := range h[:len(h)-1] {
			if err := b.AddAt(uint32(u), x, 1, int64(i)); err != nil {
				return nil, err
			}
		}
	}
	m, err := b.Build(len(histories), items)
	if err != nil {
		return nil, err
	}
	twin, err := c.twin(a, s.name, m, histories)
	if err != nil {
		return nil, err
	}
	t := model.SASRecFor(m)
	t.Attributes, t.Time, t.Held = attributes, c.Time, c.Held
	if t.Held == 0 {
		t.Held = m.Users()
	}
	settings, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	r := &sequenceRow{Set: s.name, Users: m.Users(), Items: items, Actions: m.Entries(), Settings: string(settings), Published: s.published, Threads: runtime.GOMAXPROCS(0), Planned: t.Memory(m)}
	r.Twin = *twin
	if c.Twin {
		return r, nil
	}
	settle()
	start, cpu := time.Now(), cpuTime()
	t.Better = func(epoch int, loss, ndcg float64, best bool) {
		if (cpuTime() - cpu).Seconds() <= max(twin.Choosing, smallBudget) {
			r.Twin.Beside = max(r.Twin.Beside, ndcg)
		}
		a.ui.say("%s: epoch %d: loss %.4f, NDCG@10 %.4f on what is held out", s.name, epoch, loss, ndcg)
	}
	got, err := t.Fit(a.ctx, m, model.Options{Seed: c.Seed, Progress: func(done, total int, note string) { a.ui.step(s.name+": "+note, int64(done), int64(total)) }})
	if err != nil {
		return nil, err
	}
	r.Seconds, r.CPUSeconds, r.Peak = time.Since(start).Seconds(), (cpuTime() - cpu).Seconds(), peakMemory()
	r.Valid, r.Epochs = got.Card().Metrics["held_out.ndcg@10"], got.Card().Metrics["epochs"]
	r.NDCG, r.HitRate, r.Coverage = judgeNext(a.ctx, got, m, histories)
	for _, other := range []struct {
		t  model.Trainer
		to *float64
	}{{model.Popularity{}, &r.Popular}, {model.ItemKNN{Top: 100, Weighting: model.TFIDF}, &r.KNN}} {
		o, err := other.t.Fit(a.ctx, m, model.Options{Seed: c.Seed})
		if err != nil {
			return nil, err
		}
		*other.to, _, _ = judgeNext(a.ctx, o, m, histories)
	}
	return r, a.ctx.Err()
}

// smallBudget is the processor-seconds at which the network is compared with its light twin, if choosing that took less.
const smallBudget = 10

// twin chooses the settings of the light twin on the last but one item of each history, as the network is stopped by, and
// fits it on all but the last.
func (c *benchSequencesCmd) twin(a *app, name string, m *model.Matrix, histories [][]uint32) (*twinRow, error) {
	cpu := cpuTime()
	fit, cases := model.LastOut(m)
	found, err := model.Choose(a.ctx, fit, cases, model.Orders(), model.ChooseOptions{Seed: c.Seed, Refine: model.Around, Families: 1, Steps: 24, Thin: -1, NoBlend: true,
		Log: func(line string) { a.ui.say("%s: %s", name, line) }})
	if err != nil {
		return nil, err
	}
	r := &twinRow{Settings: found.Best.String(), Valid: found.Score, Choosing: (cpuTime() - cpu).Seconds()}
	cpu = cpuTime()
	got, err := found.Best.Fit(a.ctx, m, model.Options{Seed: c.Seed})
	if err != nil {
		return nil, err
	}
	r.CPUSeconds = (cpuTime() - cpu).Seconds()
	r.NDCG, r.HitRate, r.Coverage = judgeNext(a.ctx, got, m, histories)
	return r, a.ctx.Err()
}

// judgeNext ranks all items outside each history and looks where the one that came next stands.
func judgeNext(ctx context.Context, got model.Model, m *model.Matrix, histories [][]uint32) (ndcg, hits, coverage float64) {
	shown := make([]bool, m.Items())
	var mu sync.Mutex
	var wg sync.WaitGroup
	threads := runtime.GOMAXPROCS(0)
	for w := range threads {
		wg.Go(func() {
			var list []model.Scored
			var h []model.Weighted
			for u := w; u < len(histories) && ctx.Err() == nil; u += threads {
				h = m.History(h[:0], u)
				list = got.Recommend(list[:0], h, 10, nil)
				next := histories[u][len(histories[u])-1]
				mu.Lock()
				for i, x := range list {
					shown[x.Item] = true
					if x.Item == next {
						ndcg += 1 / math.Log2(float64(i)+2)
						hits++
					}
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	n, seen := float64(len(histories)), 0
	for _, x := range shown {
		if x {
			seen++
		}
	}
	return ndcg / n, hits / n, float64(seen) / float64(len(shown))
}

// isThere reports whether openPlain would find a file, plain or gzipped.
func isThere(path string) bool {
	_, plain := os.Stat(path)
	_, zipped := os.Stat(path + ".gz")
	return plain == nil || zipped == nil
}

// read returns the histories, oldest first, with items from 0, and the size of the catalogue.
func (s sequenceSet) read(dir string) (out [][]uint32, items int, err error) {
	path := filepath.Join(dir, s.histories)
	r, err := openPlain(path)
	if err != nil {
		return nil, 0, err
	}
	defer r.Close()
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 1<<26)
	for n := 1; sc.Scan(); n++ {
		var numbers []uint32
		for _, w := range strings.Fields(sc.Text()) {
			x, err := strconv.ParseUint(w, 10, 32)
			if err != nil || x == 0 || x >= maxID {
				return nil, 0, fmt.Errorf("%s, line %d: %q is no number in 1..%d", path, n, w, maxID-1)
			}
			numbers = append(numbers, uint32(x)-1)
		}
		if len(numbers) < 2 || s.pairs && len(numbers) != 2 {
			return nil, 0, fmt.Errorf("%s, line %d: not a user and what they acted on", path, n)
		}
		for s.pairs && len(out) <= int(numbers[0]) {
			out = append(out, nil)
		}
		if !s.pairs {
			out = append(out, nil)
			numbers[0] = uint32(len(out) - 1)
		}
		out[numbers[0]] = append(out[numbers[0]], numbers[1:]...)
		for _, x := range numbers[1:] {
			items = max(items, int(x)+1)
		}
	}
	for u, h := range out {
		if len(h) < 2 {
			return nil, 0, fmt.Errorf("%s: user %d has %d actions, want two at least", path, u+1, len(h))
		}
	}
	return out, items, sc.Err()
}

func (s sequenceSet) readAttributes(dir string, items int) ([][]uint32, error) {
	if s.attributes == "" {
		return nil, nil
	}
	path := filepath.Join(dir, s.attributes)
	r, err := openPlain(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var named map[string][]uint32
	if err := json.NewDecoder(r).Decode(&named); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	out := make([][]uint32, items)
	for name, list := range named {
		x, err := strconv.Atoi(name)
		if err != nil || x < 1 || x > items {
			return nil, fmt.Errorf("%s: %q is no item in 1..%d", path, name, items)
		}
		out[x-1] = list
	}
	return out, nil
}
