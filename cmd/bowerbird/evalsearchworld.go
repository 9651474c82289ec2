package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/eval"
	"bowerbird/internal/synth"
	"bowerbird/rank"
)

// worldSearch is one search of the held-out days, with what the world knows of it.
type worldSearch struct {
	user  int
	query string
	sub   int // the topic that was meant
}

// worldStep is one system on the world's searches.
type worldStep struct {
	Name    string                     `json:"name"`
	Figures map[string]eval.Estimate   `json:"figures"`
	Over    string                     `json:"over,omitempty"` // the system that Gain compares with
	Gain    map[string]eval.Comparison `json:"gain,omitempty"`
}

// worldSearches is what is printed.
type worldSearches struct {
	Items    int         `json:"items"`
	Searches int         `json:"searches"`
	Depth    int         `json:"depth"`
	Steps    []worldStep `json:"steps"`
	Notes    []string    `json:"notes"` // of the training
	Seconds  float64     `json:"seconds"`
}

// What is measured of a step. On topic, an item is right if it belongs to what the
// searcher had in mind; to the person, its gain is their true probability of opening
// it, nothing off topic.
var worldMetrics = []string{"MAP", "nDCG on topic", "nDCG to the person"}

const worldDepth = 100

// judgeWorld makes the demo's world, trains on all but its last days, and asks what
// people search for on those.
func (c *evalSearchCmd) judgeWorld(a *app) error {
	start := time.Now()
	o := (&demoCmd{Items: c.WorldItems, Seed: c.Seed}).world()
	if c.WorldActions > 0 {
		o.Actions = c.WorldActions
	}
	w, err := synth.New(o)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bowerbird-world-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	// Without remembered pages: the models are swapped under one version.
	e, err := a.open(filepath.Join(dir, "data"), false, func(o *engine.Options) { o.Memo = -1 })
	if err != nil {
		return err
	}
	defer a.close(e)
	if err := takeWorld(a.ctx, w, e, w.Split(), func(n int64) { a.ui.step("taking the world in", n, 0) }); err != nil {
		return err
	}
	t, err := trainOnce(a.ctx, e, (&trainCmd{Time: demoTime, Samples: 1000, Memory: 4096, Seed: c.Seed}).options(a.ui))
	if err != nil {
		return err
	}
	asked := searchesOf(w, c.WorldSearches, c.Seed)
	if len(asked) == 0 {
		return fmt.Errorf("nobody searches in the world's last days: want more --world-items")
	}
	out := &worldSearches{Items: c.WorldItems, Searches: len(asked), Depth: worldDepth}
	for _, n := range t.Bundle.Card.Notes {
		if len(n) > 7 && n[:7] == "search:" {
			out.Notes = append(out.Notes, n)
		}
	}
	if out.Steps, err = c.worldSteps(a, w, e, t.Bundle, asked); err != nil {
		return err
	}
	out.Seconds = time.Since(start).Seconds()
	a.ui.done()
	if a.cli.JSON {
		return a.printJSON(out)
	}
	out.print(a)
	return nil
}

// searchesOf are searches of the held-out days; the topic is that of most of what
// the site showed for it.
func searchesOf(w *synth.World, n int, seed uint64) []worldSearch {
	type open struct {
		worldSearch
		shown map[int]int
	}
	var all []*open
	by := map[string]*open{}
	for ev := range w.Events() {
		switch {
		case ev.Time.Before(w.Split()):
		case ev.Type == "search":
			o := &open{worldSearch{user: int(ev.U), query: ev.Query}, map[int]int{}}
			all, by[ev.Request] = append(all, o), o
		case ev.Type == "impression" && ev.Surface == "search" && by[ev.Request] != nil:
			by[ev.Request].shown[w.Truth().ItemTopic(int(ev.I)).Sub]++
		}
	}
	var out []worldSearch
	for _, o := range all {
		most, total := 0, 0
		for sub, k := range o.shown {
			total += k
			if k > most || k == most && sub < o.sub {
				o.sub, most = sub, k
			}
		}
		if 2*most > total {
			out = append(out, o.worldSearch)
		}
	}
	rng := rand.New(rand.NewPCG(seed, 0x3047))
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out[:min(n, len(out))]
}

// worldSteps asks each system the same searches.
func (c *evalSearchCmd) worldSteps(a *app, w *synth.World, e *engine.Engine, learned *rank.Bundle, asked []worldSearch) ([]worldStep, error) {
	fixed := *learned
	if learned.Card.Search != nil {
		s := *learned.Card.Search
		s.Ranker, s.Columns = nil, nil
		fixed.Card.Search = &s
	}
	plain := engine.Seek{SearchSpec: bowerbird.SearchSpec{Plain: true}}
	meant := engine.Seek{SearchSpec: bowerbird.SearchSpec{Semantic: 1}}
	steps := []struct {
		name   string
		over   string
		bundle *rank.Bundle
		seek   engine.Seek
		person bool
	}{
		{"words", "", &fixed, plain, false},
		{"vectors", "words", &fixed, meant, false},
		{"hybrid", "words", &fixed, engine.Seek{}, false},
		{"hybrid, person by fixed weights", "hybrid", &fixed, engine.Seek{}, true},
		{"hybrid, learned ranker, nobody", "hybrid", learned, engine.Seek{}, false},
		{"hybrid, learned ranker, person", "hybrid, person by fixed weights", learned, engine.Seek{}, true},
	}
	if learned.Card.Search == nil || learned.Card.Search.Ranker == nil {
		steps = steps[:4] // the ranker was refused: fixed weights serve
	}
	var out []worldStep
	reports := map[string]map[string]*eval.Report{}
	for _, s := range steps {
		if err := e.House().Put(a.ctx, s.bundle); err != nil {
			return nil, err
		}
		now := map[string]*eval.Report{}
		for _, m := range worldMetrics {
			now[m] = &eval.Report{K: 10, Values: map[eval.Metric][]float64{}}
		}
		for i, q := range asked {
			a.ui.step(s.name, int64(i), int64(len(asked)))
			x := engine.Query{Surface: bowerbird.SearchWords, Words: q.query, Seek: s.seek, Limit: worldDepth}
			if s.person {
				x.User = w.User(q.user).ID
			}
			p, err := pageOf(a.ctx, e, x)
			if err != nil {
				return nil, err
			}
			topic, person := truthOfSearch(w, e, q)
			for m, v := range map[string]float64{
				"MAP":                eval.AveragePrecision(p, topic, worldDepth),
				"nDCG on topic":      eval.NDCG(p, topic, 10),
				"nDCG to the person": eval.GradedNDCG(p, person, 10, eval.LinearGain),
			} {
				r := now[m]
				r.Users = append(r.Users, uint32(i))
				r.Values[eval.Metric(m)] = append(r.Values[eval.Metric(m)], v)
			}
		}
		reports[s.name] = now
		before := reports[s.over]
		step := worldStep{Name: s.name, Over: s.over, Figures: map[string]eval.Estimate{}}
		for _, m := range worldMetrics {
			step.Figures[m] = now[m].Bootstrap(eval.Metric(m), min(c.Rounds, 2000), c.Seed)
			if before == nil {
				continue
			}
			if step.Gain == nil {
				step.Gain = map[string]eval.Comparison{}
			}
			d, err := eval.Compare(before[m], now[m], eval.Metric(m), c.Rounds, c.Seed)
			if err != nil {
				return nil, err
			}
			step.Gain[m] = d
		}
		out = append(out, step)
	}
	return out, nil
}

// late tells whether a busy machine left a source out of a page.
func late(a *engine.Answer) bool {
	return slices.ContainsFunc(a.Page.Trace.Notes, func(n string) bool { return strings.Contains(n, ": late:") })
}

// pageOf asks again for a page that lacks a source: what is judged is the order.
func pageOf(ctx context.Context, e *engine.Engine, q engine.Query) ([]uint32, error) {
	ans, err := e.Page(ctx, q)
	for tries := 0; tries < 50 && ctx.Err() == nil && (err != nil || late(ans)); tries++ {
		ans, err = e.Page(ctx, q)
	}
	if err != nil {
		return nil, err
	}
	out := make([]uint32, len(ans.Page.Items))
	for i, c := range ans.Page.Items {
		out[i] = uint32(c.Item)
	}
	return out, nil
}

// truthOfSearch is what of the catalogue is on the topic, and what it is worth to the person.
func truthOfSearch(w *synth.World, e *engine.Engine, q worldSearch) (topic, person eval.Relevant) {
	topic, person = eval.Relevant{}, eval.Relevant{}
	items, _, _ := w.Len()
	for i := range items {
		if w.Truth().ItemTopic(i).Sub != q.sub {
			continue
		}
		if id, ok := e.House().Catalogue.Item(w.Item(i).ID); ok && e.House().Catalogue.Live(id) {
			topic[uint32(id)] = 1
			person[uint32(id)] = float32(w.Truth().Affinity(q.user, i))
		}
	}
	return topic, person
}

func (x *worldSearches) print(a *app) {
	a.printf("%s of the world's last days over %s, first %d; differences with 95 %% paired intervals\n\n", count(x.Searches)+" searches", plural(x.Items, "item"), x.Depth)
	rows := [][]string{append([]string{"search"}, worldMetrics...)}
	for _, s := range x.Steps {
		r, gain := []string{s.Name}, []string{"  over " + s.Over}
		for _, m := range worldMetrics {
			f := s.Figures[m]
			r = append(r, fmt.Sprintf("%.4f [%.4f, %.4f]", f.Mean, f.Low, f.High))
			if d, ok := s.Gain[m]; ok {
				gain = append(gain, fmt.Sprintf("%+.4f [%+.4f, %+.4f]", d.Difference, d.Low, d.High))
			}
		}
		rows = append(rows, r)
		if len(gain) > 1 {
			rows = append(rows, gain)
		}
	}
	a.columns(rows)
	a.printf("\n")
	for _, n := range x.Notes {
		a.printf("%s\n", n)
	}
	a.printf("Took %.1f s.\n", x.Seconds)
}

// worldChecks refuses sizes that make no world.
func (c *evalSearchCmd) worldChecks() error {
	if c.WorldItems < 200 || c.WorldItems > 100_000 || c.WorldSearches < 10 || c.WorldActions != 0 && c.WorldActions < 10_000 {
		return usagef("want --world-items 200 to 100000 --world-searches of 10 or more, and --world-actions of 10000 or more")
	}
	if c.Rounds = cmp.Or(c.Rounds, 10_000); c.Rounds < 100 || c.Rounds > 1_000_000 {
		return usagef("--rounds: want 100 to 1,000,000")
	}
	return nil
}
