package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"bowerbird/graph"
	"bowerbird/graph/embed"
)

type evalGraphCmd struct {
	Path     string   `arg:"" help:"Folder that holds the data sets' folders." type:"existingdir"`
	Sets     []string `help:"Which: gowalla, cora, blogcatalog." enum:"gowalla,cora,blogcatalog" default:"gowalla,cora,blogcatalog"`
	Only     string   `help:"Only methods whose name holds this." placeholder:"TEXT"`
	Validate bool     `help:"Hold a tenth of the training part out and measure on that, to choose settings; the test part is not read."`
	Splits   int      `help:"Random splits of blogcatalog." default:"5"`
	Seed     uint64   `help:"Of every random choice." default:"1"`
}

func (evalGraphCmd) Help() string {
	return `Embeds published graphs and prints what the vectors are good for, beside the
published figures: Recall@20 and NDCG@20 on Gowalla in the LightGCN split, accuracy
on Cora in the Planetoid split, F1 on BlogCatalog. The folders are named
rec-gowalla-lightgcn, graph-planetoid and graph-blogcatalog; one that is absent is
left out.

Examples:
  bowerbird eval graph data/
  bowerbird eval graph data/ --sets cora,blogcatalog
  bowerbird eval graph data/ --sets gowalla --only spectral --validate`
}

// figure is one line of the report.
type figure struct {
	Set     string             `json:"set"`
	Method  string             `json:"method"`
	Kind    string             `json:"kind"` // published, embedding, walk, features, ...
	Values  map[string]float64 `json:"values"`
	Seconds float64            `json:"seconds,omitempty"` // of making the vectors; of all lists for walks
	Peak    int64              `json:"peak_bytes,omitempty"`
}

// graphEval runs one set's methods and gathers figures.
type graphEval struct {
	a       *app
	c       *evalGraphCmd
	set     string
	columns []string
	figures []figure
}

// published notes figures of others; they are not measured here.
func (g *graphEval) published(method string, values ...float64) {
	if !g.c.Validate {
		g.add(figure{Method: method, Kind: "published", Values: g.named(values)})
	}
}

func (g *graphEval) named(values []float64) map[string]float64 {
	out := map[string]float64{}
	for i, v := range values {
		out[g.columns[i]] = v
	}
	return out
}

func (g *graphEval) add(f figure) {
	f.Set = g.set
	g.figures = append(g.figures, f)
}

// method makes something, timed, and judges it, not timed.
func (g *graphEval) method(name, kind string, make func() error, judge func() ([]float64, error)) error {
	if g.c.Only != "" && !strings.Contains(strings.ToLower(name), strings.ToLower(g.c.Only)) {
		return nil
	}
	settle()
	g.a.ui.step(g.set+": "+name, 0, 0)
	start := time.Now()
	if err := make(); err != nil {
		return fmt.Errorf("%s: %s: %w", g.set, name, err)
	}
	took, peak := time.Since(start), peakMemory()
	values, err := judge()
	if err != nil {
		return fmt.Errorf("%s: %s: %w", g.set, name, err)
	}
	g.add(figure{Method: name, Kind: kind, Values: g.named(values), Seconds: took.Seconds(), Peak: peak})
	return nil
}

// limits reports progress.
func (g *graphEval) limits(oneMode bool) embed.Limits {
	return embed.Limits{OneMode: oneMode, Progress: func(done, total int, what string) {
		g.a.ui.step(g.set+": "+what, int64(done), int64(total))
	}}
}

func (c *evalGraphCmd) Run(a *app) error {
	var all []*graphEval
	for _, set := range c.Sets {
		g := &graphEval{a: a, c: c, set: set}
		folder, run := filepath.Join(c.Path, "rec-gowalla-lightgcn"), g.gowalla
		switch set {
		case "cora":
			folder, run = filepath.Join(c.Path, "graph-planetoid"), g.cora
		case "blogcatalog":
			folder, run = filepath.Join(c.Path, "graph-blogcatalog"), g.blogCatalog
		}
		if _, err := os.Stat(folder); errors.Is(err, os.ErrNotExist) {
			a.ui.say("%s is absent: %s is left out", folder, set)
			continue
		}
		if err := run(folder); err != nil {
			return err
		}
		all = append(all, g)
		if !a.cli.JSON {
			if len(all) == 1 {
				a.printf("%s, seed %d\n", thisMachine(), c.Seed)
			}
			g.print()
		}
	}
	if len(all) == 0 {
		return usagef("%s holds none of the data sets", c.Path)
	}
	if a.cli.JSON {
		var figures []figure
		for _, g := range all {
			figures = append(figures, g.figures...)
		}
		return a.printJSON(map[string]any{"machine": thisMachine(), "seed": c.Seed, "validate": c.Validate, "figures": figures})
	}
	return nil
}

func (g *graphEval) print() {
	part := "test part"
	if g.c.Validate {
		part = "validation part"
	}
	g.a.printf("\n%s, %s\n", g.set, part)
	w := tabwriter.NewWriter(g.a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "method\tkind\t%s\tseconds\tpeak MiB\n", strings.Join(g.columns, "\t"))
	for _, f := range g.figures {
		fmt.Fprintf(w, "%s\t%s", f.Method, f.Kind)
		for _, c := range g.columns {
			if v, ok := f.Values[c]; ok {
				fmt.Fprintf(w, "\t%.4f", v)
			} else {
				fmt.Fprint(w, "\t")
			}
		}
		if f.Seconds > 0 {
			fmt.Fprintf(w, "\t%.1f\t%d", f.Seconds, f.Peak>>20)
		}
		fmt.Fprintln(w)
	}
	w.Flush()
}

// bipartite builds a graph of items (left) and users (right).
func bipartite(lists [][]uint32) (*graph.Snapshot, error) {
	var edges []graph.Edge
	for u, l := range lists {
		for _, i := range l {
			edges = append(edges, graph.Edge{Left: i, Right: uint32(u)})
		}
	}
	g, err := graph.Build(graph.Bulk{Edges: edges}, graph.Options{})
	if err != nil {
		return nil, err
	}
	return g.Snapshot(), nil
}
