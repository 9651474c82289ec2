package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bowerbird/load"
)

// reportCmd writes reports for the owner.
type reportCmd struct {
	Graph reportGraphCmd `cmd:"" help:"The graph of items, boards and people: communities, degrees, what is kept together."`
}

func (reportCmd) Help() string {
	return `A report is one file that needs nothing else: no server, no network.

Examples:
  bowerbird report graph
  bowerbird report graph --data shop --out shop-graph.html`
}

type reportGraphCmd struct {
	Path       string            `arg:"" optional:"" name:"path" help:"A file or folder in a form of import, instead of the data folder." type:"path"`
	Out        string            `help:"The report; default graph-report.html, or none with --json." placeholder:"FILE" type:"path"`
	Format     string            `help:"As of import." placeholder:"NAME"`
	Map        map[string]string `help:"As of import." placeholder:"FIELD=COLUMN" mapsep:","`
	Positive   float64           `help:"Least rating that counts as a save." default:"4"`
	Resolution float64           `help:"Above 1: more and smaller communities." default:"1"`
	Bootstraps int               `help:"Samples for the p-value of a power law; 0: none." default:"50"`
	Seed       uint64            `help:"Of every random choice." default:"1"`
}

func (reportGraphCmd) Help() string {
	return `Looks only; the folder must not be in use. Draws the graph that walks go over
(who saved, clicked and shared what, which board holds what) and writes one HTML
file with plots, for the owner: it names items and public boards. Secret boards
and what is kept on them alone are counted and nothing else; people are never
named. With a PATH, a file is read as import reads it and no data folder is made.

Examples:
  bowerbird report graph
  bowerbird report graph --data shop --out shop-graph.html
  bowerbird report graph ratings.csv --map user=customer,item=sku
  bowerbird report graph train.txt.gz --format s3rec --json`
}

func (c *reportGraphCmd) check() error {
	switch {
	case c.Format != "" && !slices.Contains(load.Formats(), c.Format):
		return usagef("--format: %q is none of %s", c.Format, strings.Join(load.Formats(), ", "))
	case !(c.Resolution > 0 && c.Resolution <= 1000):
		return usagef("--resolution: want a number above 0, at most 1000")
	case c.Bootstraps < 0 || c.Bootstraps > 10_000:
		return usagef("--bootstraps: want 0 to 10000")
	case c.Path == "" && (c.Format != "" || len(c.Map) > 0):
		return usagef("--format and --map are for a PATH")
	}
	if c.Out != "" {
		if st, err := os.Stat(c.Out); err == nil && st.IsDir() {
			return usagef("--out: %s is a folder", c.Out)
		}
		if _, err := os.Stat(filepath.Dir(c.Out)); err != nil {
			return usagef("--out: there is no folder %s", filepath.Dir(c.Out))
		}
	}
	return nil
}

func (c *reportGraphCmd) Run(a *app) error {
	if err := c.check(); err != nil {
		return err
	}
	start := time.Now()
	net, pictures, err := c.read(a)
	if err != nil {
		return err
	}
	if len(net.edges) == 0 {
		return fmt.Errorf("%s: nobody has saved, clicked or shared anything that may be told of: there is no graph to report", net.source)
	}
	r, err := describe(net, c, func(what string, done, total int) error {
		a.ui.step(what, int64(done), int64(total))
		return a.ctx.Err()
	})
	if err != nil {
		return err
	}
	r.Seconds = time.Since(start).Seconds()
	out := c.Out
	if out == "" && !a.cli.JSON {
		out = "graph-report.html"
	}
	if out != "" {
		a.ui.step("drawing", 0, 0)
		page, err := r.page(r.gather(net, pictures))
		if err != nil {
			return err
		}
		if err := writeWhole(out, page); err != nil {
			return err
		}
	}
	a.ui.done()
	if a.cli.JSON {
		return a.printJSON(r)
	}
	for _, s := range r.Summary {
		a.printf("%s\n", s)
	}
	a.printf("\nThe report: %s (%s)\n", out, seconds(time.Since(start)))
	return nil
}

// writeWhole replaces a file when all of the new one is there.
func writeWhole(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".report-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
