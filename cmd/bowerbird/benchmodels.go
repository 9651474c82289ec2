package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

type benchModelsCmd struct {
	Path       string        `arg:"" help:"Folder that holds the data sets' folders." type:"existingdir"`
	Sets       []string      `help:"Which, of those that --help lists; all if none." placeholder:"NAME"`
	Share      float64       `help:"Share of their training items that people lose to the validation part." default:"0.1"`
	Everybody  bool          `help:"Everybody loses items to the validation part, as in the test part; else up to 6,000 people. 6,000 are measured in any case."`
	Unsearched bool          `help:"Also the families that are not searched, with standard settings." default:"true" negatable:""`
	Families   []string      `help:"Search only these families; all if none." placeholder:"NAME"`
	Only       string        `help:"Only rows whose name holds this." placeholder:"TEXT"`
	Keep       string        `help:"Folder for the results of finished rows, so that a run that was stopped goes on." default:"bowerbird-bench" type:"path"`
	Time       time.Duration `help:"Time for choosing settings on each data set." default:"20m"`
	Mem        int           `help:"MiB that one model may plan for." name:"memory" default:"3072"`
	Seed       uint64        `help:"Of every random choice." default:"1"`
	Parts      []string      `help:"Which of tables, speed (beside libraries, with --peer) and growth." enum:"tables,speed,growth" default:"tables"`
	Peer       string        `help:"Of speed: a Python that has implicit, numpy and scipy." placeholder:"PYTHON"`
	Speed      []string      `help:"Of speed: also these of knn and ease, beside implicit ALS." enum:"knn,ease,none" default:"knn,ease"`
	Dims       []int         `help:"Of speed: lengths of factors." default:"64,128,256"`
	Epochs     int           `help:"Of speed: epochs of implicit ALS." default:"8"`
	Ways       bool          `help:"Of speed: also iALS by blocks and exactly, which take minutes."`
	Rounds     int           `help:"Of speed: how often each is timed, in turn." default:"3"`
	Sizes      []int         `help:"Of growth: numbers of interactions." default:"1000000,2000000,4000000,8000000"`
	Write      string        `help:"Also write the tables to this Markdown file, such as docs/benchmarks/models.md." placeholder:"FILE" type:"path"`
}

func (benchModelsCmd) Help() string {
	var names []string
	for _, t := range modelTables() {
		names = append(names, fmt.Sprintf("  %-12s %s", t.name, t.title))
	}
	return `Trains every family of models on published data sets, with settings chosen on a
validation part of the training data only, and prints Recall and NDCG on the test
part beside the published figures. A finished row is kept and not made again.

` + strings.Join(names, "\n") + `

Examples:
  bowerbird bench models data/
  bowerbird bench models data/ --sets gowalla --time 1h
  bowerbird bench models data/ --write docs/benchmarks/models.md
  bowerbird bench models data/ --parts speed --peer venv/bin/python
  bowerbird bench models data/ --parts growth`
}

// modelTable is one data set's table. A new one is one more entry in modelTables, and a run that adds its rows.
type modelTable struct {
	name, folder, title string
	protocol            string // what is measured how, for the document
	columns             []string
	published           []publishedRow
	run                 func(ctx context.Context, b *modelBench, dir string) error
}

// publishedRow is a figure of others: NaN where they give none.
type publishedRow struct {
	name   string
	values []float64
}

// modelTables are all tables, in the order of printing.
func modelTables() []modelTable { return append(collaborativeTables(), coldTable()) }

func (c *benchModelsCmd) Run(a *app) error {
	for _, p := range []struct {
		name string
		run  func(*app) error
	}{{"tables", c.tables}, {"speed", c.speed}, {"growth", c.growth}} {
		if slices.Contains(c.Parts, p.name) {
			if err := p.run(a); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *benchModelsCmd) tables(a *app) error {
	var done []*modelBench
	for _, t := range modelTables() {
		if len(c.Sets) > 0 && !slices.Contains(c.Sets, t.name) {
			continue
		}
		dir := filepath.Join(c.Path, t.folder)
		if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
			a.ui.say("%s is absent: %s is left out", dir, t.name)
			continue
		}
		b := &modelBench{a: a, c: c, t: t, keep: rowStore{filepath.Join(c.Keep, t.name)}}
		if err := t.run(a.ctx, b, dir); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		done = append(done, b)
		if !a.cli.JSON {
			b.print()
		}
	}
	if len(done) == 0 {
		return usagef("%s holds none of the data sets, or --sets names none", c.Path)
	}
	if c.Write != "" {
		if err := writeTables(c.Write, done); err != nil {
			return err
		}
	}
	if a.cli.JSON {
		out := map[string]any{"machine": thisMachine(), "seed": c.Seed}
		for _, b := range done {
			out[b.t.name] = b.rows
		}
		return a.printJSON(out)
	}
	return nil
}

// modelBench fills one table.
type modelBench struct {
	a    *app
	c    *benchModelsCmd
	t    modelTable
	keep rowStore
	rows []benchRow
	note []string // said below the table
}

// benchRow is one measured line, as it is kept.
type benchRow struct {
	Name     string    `json:"name"`
	Settings string    `json:"settings"`
	Values   []float64 `json:"values"` // as the table's columns
	Valid    float64   `json:"valid"`  // the metric that it was chosen by, on the validation part
	Seconds  float64   `json:"seconds"`
	Peak     int64     `json:"peak_bytes"`
	Coverage float64   `json:"coverage"` // share of the catalogue in anybody's list
	Seed     uint64    `json:"seed"`
	When     time.Time `json:"when"`
}

// row gives a row that was kept for this key, or makes it: fit is timed and its peak memory taken, judge is not.
func (b *modelBench) row(name, key string, fit func() error, judge func(*benchRow) error) error {
	if b.c.Only != "" && !strings.Contains(strings.ToLower(name), strings.ToLower(b.c.Only)) {
		return nil
	}
	var r benchRow
	if ok, err := b.keep.get(key, &r); err != nil {
		return err
	} else if ok {
		b.rows = append(b.rows, r)
		return nil
	}
	settle()
	b.a.ui.step(b.t.name+": "+name, 0, 0)
	start := time.Now()
	if err := fit(); err != nil {
		if b.a.ctx.Err() != nil {
			return err
		}
		b.note = append(b.note, fmt.Sprintf("%s: not measured: %v", name, err))
		return nil
	}
	r = benchRow{Name: name, Seconds: time.Since(start).Seconds(), Peak: peakMemory(), Seed: b.c.Seed, When: time.Now().UTC()}
	if err := judge(&r); err != nil {
		return err
	}
	b.rows = append(b.rows, r)
	b.a.ui.say("%s: %s: %.4f", b.t.name, name, r.Values)
	return b.keep.put(key, r)
}
