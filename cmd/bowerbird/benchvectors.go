package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bowerbird/index"
)

type benchVectorsCmd struct {
	Work    string   `help:"Folder of data, truth, indexes and results: what is there is not made again." default:"vectors.bench" type:"path"`
	Data    string   `name:"set" help:"clusters: drawn here. gowalla: item factors by iALS. pictures: descriptors. files: --base." enum:"clusters,gowalla,pictures,files" default:"clusters"`
	Rows    int      `help:"Of clusters." default:"1000000"`
	Dim     int      `help:"Of clusters." default:"128"`
	Queries int      `help:"At most." default:"10000"`
	Source  string   `help:"Folder of Gowalla's split, or of pictures." type:"path"`
	Base    string   `help:"File of vectors: fvecs, bvecs, npy, parquet." type:"path"`
	Asked   string   `name:"queries-file" help:"File of queries, as --base." type:"path"`
	Truth   string   `help:"File of true neighbours (ivecs); without it they are computed." type:"path"`
	Metric  string   `help:"Of files." enum:"l2,ip,cosine" default:"l2"`
	Parts   []string `help:"Which of data (make the set only), build, speed, asked (a recall instead of a beam), filters, churn, live, binary, kernels, growth." enum:"data,build,speed,asked,filters,churn,live,binary,kernels,growth" default:"build,speed,asked,filters,churn,live,binary,kernels"`
	Only    []string `help:"Only these systems, or those whose names begin so."`
	Rounds  int      `help:"Of which medians are taken; 0: only prepare what they need." default:"5"`
	Threads int      `help:"Of a build." default:"2"`
	M       int      `help:"Links of a node; twice as many at the lowest level." default:"16"`
	EfBuild int      `help:"Candidates in view when a node is linked." default:"200"`
	Peer    string   `help:"Python with hnswlib, faiss-cpu, usearch, rabitqlib, glass; empty: none." default:"python3"`
	Hnswlib string   `help:"Folder that holds hnswlib/hnswlib.h, as in its source package: hnswlib is then compiled here, without Python between." type:"path"`
	Again   bool     `help:"Measure again what has a result."`
	Report  string   `help:"Write all results of --work here, as Markdown." type:"path"`
}

func (benchVectorsCmd) Help() string {
	return `Builds indexes of the same vectors with the same links, asks the same queries of each,
round by round in turn, one thread, and compares queries a second at equal recall of
the 10 nearest: the beam (ef) is swept, and the speed at .90, .95 and .99 interpolated.
Peers run as processes of their own and are found at run time; what is absent is left
out with a word. Every part writes its result into --work/results, and is not measured
again unless --again says so; --report joins them.

Examples:
  bowerbird bench vectors --peer venv/bin/python --hnswlib hnswlib-0.8.0
  bowerbird bench vectors --parts speed --only "graph,hnswlib" --again
  bowerbird bench vectors --set gowalla --source data/rec-gowalla-lightgcn
  bowerbird bench vectors --set files --base sift_base.fvecs --queries-file sift_query.fvecs --truth sift_groundtruth.ivecs`
}

const vectorK = 10 // recall is of the 10 nearest

// vectorBench is the command at work.
type vectorBench struct {
	*benchVectorsCmd
	a   *app
	set *vectorSet
}

func (c *benchVectorsCmd) Run(a *app) error {
	if c.Rows < 1000 || c.Dim < 2 || c.Dim > index.MaxDim || c.Queries < 10 || c.Rounds < 0 || c.Threads < 1 {
		return usagef("want --rows of 1,000 or more, --dim of 2, --queries of 10, --rounds of 0, --threads of 1")
	}
	b := &vectorBench{benchVectorsCmd: c, a: a}
	if err := os.MkdirAll(filepath.Join(c.Work, "results"), 0o755); err != nil {
		return err
	}
	parts := map[string]func() ([]vectorTable, error){
		"build": b.builds, "speed": b.speed, "filters": b.filters, "churn": b.churn,
		"live": b.live, "asked": b.askedFor, "binary": b.binary, "kernels": b.kernels, "growth": b.growth,
	}
	for _, part := range c.Parts {
		if part == "data" {
			if err := b.open(b.dataName()); err != nil {
				return err
			}
			continue
		}
		if err := b.part(part, parts[part]); err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
	}
	if c.Report != "" {
		return b.report()
	}
	return nil
}

// vectorTable is one table of the report.
type vectorTable struct {
	Title  string     `json:"title"`
	Notes  []string   `json:"notes,omitempty"`
	Header []string   `json:"header"`
	Rows   [][]string `json:"rows"`
}

// vectorResult is what a part leaves in the folder.
type vectorResult struct {
	Part    string        `json:"part"`
	Data    string        `json:"data"`
	Command string        `json:"command"`
	Machine string        `json:"machine"`
	Day     string        `json:"day"`
	Tables  []vectorTable `json:"tables"`
}

// part runs one part, unless its result is there, and prints it.
func (b *vectorBench) part(name string, run func() ([]vectorTable, error)) error {
	data := b.dataName()
	if name == "kernels" {
		data = ""
	}
	path := filepath.Join(b.Work, "results", strings.Trim(data+"-"+name, "-")+".json")
	r := vectorResult{}
	if old, err := os.ReadFile(path); err == nil && !b.Again {
		if err := json.Unmarshal(old, &r); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		b.a.ui.say("%s: as measured on %s (--again measures anew)", name, r.Day)
		return b.print(r)
	}
	if b.set == nil && name != "kernels" && name != "growth" {
		if err := b.open(b.dataName()); err != nil {
			return err
		}
	}
	tables, err := run()
	b.a.ui.done()
	if err != nil || b.Rounds == 0 {
		return err
	}
	r = vectorResult{name, data, b.command(name), thisMachine().String(), time.Now().Format("2006-01-02"), tables}
	if err := writeJSON(path, r); err != nil {
		return err
	}
	return b.print(r)
}

func writeJSON(path string, v any) error {
	j, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, j, 0o644)
}

// command is what measures the part, without paths.
func (b *vectorBench) command(part string) string {
	s := "bowerbird bench vectors --parts " + part
	if b.Data != "clusters" {
		s += " --set " + b.Data
	} else if b.Rows != 1_000_000 || b.Dim != 128 {
		s += fmt.Sprintf(" --rows %d --dim %d", b.Rows, b.Dim)
	}
	if b.M != 16 || b.EfBuild != 200 {
		s += fmt.Sprintf(" --m %d --ef-build %d", b.M, b.EfBuild)
	}
	if len(b.Only) > 0 {
		s += fmt.Sprintf(" --only %q", strings.Join(b.Only, ","))
	}
	if b.Rounds != 5 {
		s += fmt.Sprintf(" --rounds %d", b.Rounds)
	}
	return s
}

func (b *vectorBench) print(r vectorResult) error {
	if b.a.cli.JSON {
		return b.a.printJSON(r)
	}
	b.a.printf("%s", r.markdown())
	return nil
}

func (r vectorResult) markdown() string {
	var s strings.Builder
	for _, t := range r.Tables {
		fmt.Fprintf(&s, "\n### %s\n\n    %s\n\n%s, %s.\n", t.Title, r.Command, r.Day, r.Machine)
		for _, n := range t.Notes {
			fmt.Fprintf(&s, "%s\n", n)
		}
		line := func(cells []string) { fmt.Fprintf(&s, "| %s |\n", strings.Join(cells, " | ")) }
		s.WriteString("\n")
		line(t.Header)
		line(slices.Repeat([]string{"---"}, len(t.Header)))
		for _, row := range t.Rows {
			line(row)
		}
	}
	return s.String()
}

// report joins the results of the folder.
func (b *vectorBench) report() error {
	paths, err := filepath.Glob(filepath.Join(b.Work, "results", "*.json"))
	if err != nil {
		return err
	}
	var s strings.Builder
	s.WriteString("# Nearest neighbours: what was measured\n")
	for _, p := range paths {
		var r vectorResult
		j, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(j, &r); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		s.WriteString(r.markdown())
	}
	return os.WriteFile(b.Report, []byte(s.String()), 0o644)
}

// wanted reports whether --only asks for a system: by its name, or by what several names begin with.
func (b *vectorBench) wanted(name string) bool {
	return len(b.Only) == 0 || slices.ContainsFunc(b.Only, func(o string) bool {
		return name == o || !slices.Contains(b.names(), o) && strings.HasPrefix(name, o)
	})
}
