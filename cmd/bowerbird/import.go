package main

import (
	"os"
	"slices"
	"strings"

	"bowerbird/load"
)

type importCmd struct {
	Paths    []string          `arg:"" name:"path" help:"File or folder; also gzipped." type:"path"`
	Format   string            `help:"Form of the files, if it is not to be found out: ${formats}." placeholder:"NAME"`
	Map      map[string]string `help:"Which column holds what, as item=sku,title=name. A column is a header's name or a number from 1." placeholder:"FIELD=COLUMN" mapsep:","`
	Positive float64           `help:"Least rating that counts as a save; lower ones count as closeups." default:"4" placeholder:"N"`
	Source   string            `help:"Name of what is imported; event ids are made from it. Default: the path's last element." placeholder:"NAME"`
	Train    bool              `help:"Train afterwards."`
	fetchFlags
}

func (importCmd) Help() string {
	return `A bad row is counted and reported; the rest goes on. Importing again, or after
an interruption, never counts a row twice. See docs/import.md for the forms.

Examples:
  bowerbird import ml-100k/
  bowerbird import ratings.csv.gz --map user=customer,item=sku,value=stars
  bowerbird import photos/ --data shop
  bowerbird import Beauty.txt.gz --format s3rec --train
  bowerbird import products.csv --fetch-pictures --fetch-host 'cdn.shop.example'`
}

func (c *importCmd) Run(a *app) error {
	if c.Format != "" && !slices.Contains(load.Formats(), c.Format) {
		return usagef("--format: %q is none of %s", c.Format, strings.Join(load.Formats(), ", "))
	}
	for _, p := range c.Paths { // before a data folder is made for nothing
		if _, err := os.Stat(p); err != nil {
			return err
		}
	}
	f, err := c.fetcher()
	if err != nil {
		return err
	}
	e, err := a.open(a.data(standardData), false)
	if err != nil {
		return err
	}
	defer a.close(e)
	var all []*imported
	for _, p := range c.Paths {
		im, err := importPath(a.ctx, e, p, load.Options{Format: load.Format(c.Format), Map: c.Map, Positive: c.Positive, Source: c.Source}, a.ui, f)
		if im != nil {
			all = append(all, im)
			if !a.cli.JSON {
				a.printImported(im)
			}
		}
		if err != nil {
			return err
		}
	}
	if a.cli.JSON {
		if err := a.printJSON(all); err != nil {
			return err
		}
	}
	if !c.Train {
		return nil
	}
	return (&trainCmd{}).with(a, e)
}

func (a *app) printImported(im *imported) {
	if im.Already {
		a.printf("%s: imported before; nothing to do\n", im.Path)
		return
	}
	r := im.Report
	a.printf("%s (%s): %s in %s\n", im.Path, r.Format, plural(r.Rows, "row"), seconds(im.Took))
	a.printf("  %s new", plural(im.New, "event"))
	if im.Known > 0 {
		a.printf(", %s were there before", count(im.Known))
	}
	if im.Resumed > 0 {
		a.printf(", %s passed over from an earlier run", count(im.Resumed))
	}
	a.printf("\n")
	if im.Pictures > 0 {
		a.printf("  %s\n", plural(im.Pictures, "picture"))
	}
	for _, n := range r.Notes {
		a.printf("  %s\n", n)
	}
	if r.Skipped == 0 {
		return
	}
	a.printf("  %s skipped:\n", plural(r.Skipped, "row"))
	for _, why := range sortedByCount(r.Reasons) {
		a.printf("    %s × %s\n", count(r.Reasons[why]), why)
	}
	for i, e := range r.Errors {
		if i == 5 {
			a.printf("    ... (--json lists the first %d)\n", load.MaxErrors)
			break
		}
		a.printf("    %s\n", e.Error())
	}
}

func sortedByCount(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(x, y string) int {
		if m[x] != m[y] {
			return m[y] - m[x]
		}
		return strings.Compare(x, y)
	})
	return keys
}
