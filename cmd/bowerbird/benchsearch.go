package main

import (
	"fmt"
	"os"
	"slices"
	"time"

	"bowerbird/index/postings/postingsbench"
)

type benchSearchCmd struct {
	Docs       int           `help:"Made-up titles of 4 to 12 words." default:"1000000"`
	Queries    int           `help:"Queries of each kind." default:"1000"`
	Rounds     int           `help:"Times that queries are asked; the median counts." default:"5"`
	Rate       int           `help:"Updates a second." default:"500"`
	Time       time.Duration `help:"Of the updates." default:"20s"`
	Growth     []int         `help:"Numbers of titles to see growth over, in a folder of mapped segments."`
	OnlyGrowth bool          `help:"Measure growth alone."`
	Seed       uint64        `help:"Of titles and queries." default:"1"`
}

func (benchSearchCmd) Help() string {
	return `Indexes made-up titles in memory and measures the word index alone, without
HTTP, text analysis or ranking: documents a second, size, queries a second by kind
on one and two threads, how soon an update is found, and how fast a stored index
opens. Other engines on the same input: index/postings/peers.

Examples:
  bowerbird bench search
  bowerbird bench search --docs 20000 --queries 100 --rounds 1 --time 2s
  bowerbird bench search --only-growth --growth 10000,100000,1000000,10000000`
}

// searchFigures is what is measured.
type searchFigures struct {
	Machine machine               `json:"machine"`
	Seed    uint64                `json:"seed"`
	Built   postingsbench.Built   `json:"built"`
	Queries []postingsbench.Took  `json:"queries"`
	Visible postingsbench.Visible `json:"visible"`
	Stored  postingsbench.Stored  `json:"stored"`
	Growth  *searchGrowth         `json:"growth,omitempty"`
}

func (c *benchSearchCmd) Run(a *app) error {
	if c.Docs < 1000 || c.Docs > 50_000_000 || c.Queries < 1 || c.Rounds < 1 || c.Rate < 1 || c.Rate > 100_000 || c.Time < 100*time.Millisecond {
		return usagef("want --docs 1000 to 50000000, --queries and --rounds from 1, --rate 1 to 100000 and --time from 100ms")
	}
	for _, n := range c.Growth {
		if n < 1000 || n > 50_000_000 {
			return usagef("--growth %d is not between 1000 and 50000000", n)
		}
	}
	titles := postingsbench.NewTitles(c.Seed)
	out := &searchFigures{Machine: thisMachine(), Seed: c.Seed}
	if c.OnlyGrowth {
		if len(c.Growth) < 2 {
			return usagef("--only-growth needs two numbers of --growth or more")
		}
		var err error
		if out.Growth, err = c.grow(a, titles); err != nil {
			return err
		}
		if a.cli.JSON {
			return a.printJSON(out)
		}
		a.printf("%s\n", out.Machine)
		out.Growth.print(a)
		return nil
	}
	a.ui.say("indexing %d titles ...", c.Docs)
	ix, built, err := postingsbench.Build(titles, c.Docs, postingsbench.Options())
	if err != nil {
		return err
	}
	out.Built = built
	for _, kind := range postingsbench.Kinds {
		for _, threads := range []int{1, 2} {
			t, err := c.ask(ix, titles.Queries(kind, c.Queries, c.Docs), threads)
			if err != nil {
				return err
			}
			out.Queries = append(out.Queries, t)
		}
	}
	a.ui.say("updating for %s ...", c.Time)
	if out.Visible, err = ix.Updates(titles, c.Rate, c.Time); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bowerbird-search-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if out.Stored, err = ix.Keep(dir); err != nil {
		return err
	}
	if len(c.Growth) > 1 {
		ix = nil // its memory is needed
		if out.Growth, err = c.grow(a, titles); err != nil {
			return err
		}
	}
	if a.cli.JSON {
		return a.printJSON(out)
	}
	c.print(a, out)
	return nil
}

// ask returns the median round by queries a second.
func (c *benchSearchCmd) ask(ix *postingsbench.Index, queries []postingsbench.Query, threads int) (postingsbench.Took, error) {
	var all []postingsbench.Took
	for range c.Rounds + 1 { // the first warms up
		t, err := ix.Run(queries, threads)
		if err != nil {
			return t, err
		}
		all = append(all, t)
	}
	all = all[1:]
	slices.SortFunc(all, func(a, b postingsbench.Took) int {
		if a.PerSec < b.PerSec {
			return -1
		}
		return 1
	})
	return all[len(all)/2], nil
}

func (c *benchSearchCmd) print(a *app, f *searchFigures) {
	b, n := f.Built, float64(f.Built.Docs)
	a.printf("%s\n\n%d titles: %.0f docs/s put, %.0f docs/s until one segment; %.1f bytes a document in memory\n\n", f.Machine, b.Docs,
		n/b.Putting.Seconds(), n/b.Whole().Seconds(), float64(b.Bytes)/n)
	a.printf("%-10s %8s %10s %10s %10s\n", "top 10", "threads", "queries/s", "p50", "p99")
	for _, t := range f.Queries {
		a.printf("%-10s %8d %10.0f %10s %10s\n", t.Kind, t.Threads, t.PerSec, micros(t.P50), micros(t.P99))
	}
	a.printf("\n%d updates at %d/s, each found by a search after: p50 %s, p99 %s, at most %s\n", f.Visible.Updates, c.Rate,
		micros(f.Visible.P50), micros(f.Visible.P99), micros(f.Visible.Max))
	a.printf("stream: %.1f MB, saved in %s, loaded in %s\n", float64(f.Stored.Stream)/1e6, millis(f.Stored.Save), millis(f.Stored.Load))
	a.printf("folder: %.1f MB, stored in %s, opened in %s, without checksums of postings in %s\n", float64(f.Stored.Folder)/1e6,
		millis(f.Stored.Store), millis(f.Stored.OpenSum), millis(f.Stored.OpenFar))
	if f.Growth != nil {
		f.Growth.print(a)
	}
}

func micros(d time.Duration) string { return fmt.Sprintf("%.0f µs", float64(d.Nanoseconds())/1e3) }
