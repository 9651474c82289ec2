package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
)

type evalPicturesCmd struct {
	Path    string   `arg:"" help:"Folder that holds the data sets' folders." type:"existingdir"`
	Parts   []string `help:"Which: cifar, clothing, crops, labels, goes-with, duplicates, adapted, moves, encoder, quality, hostile, speed." enum:"cifar,clothing,crops,labels,goes-with,duplicates,adapted,moves,encoder,quality,hostile,speed" default:"cifar,clothing,crops,labels,goes-with,duplicates,adapted,moves,encoder,quality,hostile,speed"`
	Kernels int      `help:"Learned kernels of each scale." default:"400"`
	Encoder string   `help:"Folder of an image encoder in ONNX, for encoder." type:"existingdir" placeholder:"DIR"`
	Every   int      `help:"Take every n-th photograph only, for duplicates: a quick look." default:"1"`
	Fuzz    int      `help:"Damaged files of hostile." default:"100000"`
	Python  string   `help:"A Python with Pillow and pyvips, to stand beside speed." default:"python3"`
	Seed    uint64   `help:"Of every random choice." default:"1"`
}

func (evalPicturesCmd) Help() string {
	return `Measures what is understood from pixels: classes of CIFAR-10 and of clothing
photographs by what was learned without labels, crops of the demo world that find
their source, labels, what goes with what, near-duplicates, an encoder adapted to
boards, moves and styles, quality scores on damaged copies, damaged and hostile
files, and pictures a second. Settings are
chosen on validation parts, never on the test part. The folders are named
vision-cifar10-jpg (or its .tar.zst), vision-clothing-small-256 and
vision-dup-ukbench-mini; what is absent is left out.

Examples:
  bowerbird eval pictures data/
  bowerbird eval pictures data/ --parts cifar --kernels 256
  bowerbird eval pictures data/ --parts duplicates --every 10
  bowerbird eval pictures data/ --parts hostile --fuzz 10000`
}

// pictureFigure is one line of the report.
type pictureFigure struct {
	Part   string             `json:"part"`
	Method string             `json:"method"`
	Values map[string]float64 `json:"values"`
	order  []string
}

// pictureEval gathers the figures of the parts.
type pictureEval struct {
	a       *app
	c       *evalPicturesCmd
	part    string
	Figures []pictureFigure `json:"figures"`
	Notes   []string        `json:"notes,omitempty"`
	world   *drawnWorld
}

// add notes a line; values come as name, number, name, number.
func (e *pictureEval) add(method string, values ...any) {
	f := pictureFigure{Part: e.part, Method: method, Values: map[string]float64{}}
	for i := 0; i < len(values); i += 2 {
		name, v := values[i].(string), values[i+1].(float64)
		f.Values[name] = v
		f.order = append(f.order, name)
	}
	e.Figures = append(e.Figures, f)
}

func (e *pictureEval) note(format string, a ...any) {
	e.Notes = append(e.Notes, e.part+": "+fmt.Sprintf(format, a...))
}

func (c *evalPicturesCmd) Run(a *app) error {
	if c.Kernels < 8 || c.Kernels > 4096 || c.Fuzz < 0 || c.Every < 1 {
		return usagef("want --kernels 8 to 4096, --fuzz from 0 and --every from 1")
	}
	e := &pictureEval{a: a, c: c}
	for _, p := range []struct {
		name, folder string
		run          func(folder string) error
	}{
		{"cifar", "vision-cifar10-jpg", e.cifar},
		{"clothing", "vision-clothing-small-256", e.clothing},
		{"encoder", "vision-clothing-small-256", e.encoder},
		{"duplicates", "vision-clothing-small-256", e.duplicates},
		{"quality", "vision-clothing-small-256", e.quality},
		{"crops", "", e.crops},
		{"labels", "", e.labels},
		{"goes-with", "", e.goesWith},
		{"adapted", "", e.adapted},
		{"moves", "", e.moves},
		{"hostile", "", e.hostile},
		{"speed", "", e.speed},
	} {
		if !slices.Contains(c.Parts, p.name) {
			continue
		}
		e.part = p.name
		folder := filepath.Join(c.Path, p.folder)
		if _, err := os.Stat(folder); errors.Is(err, os.ErrNotExist) && p.folder != "" {
			if _, err := os.Stat(folder + ".tar.zst"); err != nil {
				a.ui.say("%s is absent: %s is left out", folder, p.name)
				continue
			}
			folder += ".tar.zst"
		}
		before := len(e.Figures)
		if err := p.run(folder); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		a.ui.done()
		if !a.cli.JSON {
			e.print(e.Figures[before:])
		}
	}
	if a.cli.JSON {
		return a.printJSON(map[string]any{"machine": thisMachine(), "seed": c.Seed, "figures": e.Figures, "notes": e.Notes})
	}
	a.printf("\n%s, seed %d\n", thisMachine(), c.Seed)
	for _, n := range e.Notes {
		a.printf("%s\n", n)
	}
	return nil
}

// print writes lines with equal columns as one table.
func (e *pictureEval) print(figures []pictureFigure) {
	e.a.printf("\n%s\n", e.part)
	w := tabwriter.NewWriter(e.a.out, 0, 0, 2, ' ', 0)
	var columns []string
	for _, f := range figures {
		if !slices.Equal(f.order, columns) {
			columns = f.order
			fmt.Fprintf(w, "\t%s\n", strings.Join(columns, "\t"))
		}
		fmt.Fprint(w, f.Method)
		for _, c := range columns {
			v := f.Values[c]
			if v == float64(int64(v)) && (v > 1 || v < 0) {
				fmt.Fprintf(w, "\t%.0f", v)
			} else if v >= 100 {
				fmt.Fprintf(w, "\t%.1f", v)
			} else {
				fmt.Fprintf(w, "\t%.4f", v)
			}
		}
		fmt.Fprintln(w)
	}
	w.Flush()
}
