package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"bowerbird/eval"
	"bowerbird/train"
)

type evalCmd struct {
	Path      string            `arg:"" optional:"" help:"What to split: file or folder, as import reads it." type:"path"`
	Protocol  string            `help:"leave-one-out: the last like of each person. temporal: what comes after a time." enum:"leave-one-out,temporal" default:"leave-one-out"`
	Share     float64           `help:"Of a temporal split: the share of likes to learn from." default:"0.9"`
	Train     string            `help:"Learn from this file or folder." type:"path" placeholder:"PATH"`
	Test      string            `help:"Measure on this one." type:"path" placeholder:"PATH"`
	Preset    string            `help:"A published protocol: ${presets}; PATH is then the data set's folder." placeholder:"NAME"`
	Published map[string]string `help:"Figures to print beside, as NAME=NDCG/RECALL." placeholder:"NAME=NDCG/RECALL"`
	Format    string            `help:"As of import." placeholder:"NAME"`
	Map       map[string]string `help:"As of import." placeholder:"FIELD=COLUMN" mapsep:","`
	Positive  float64           `help:"Least rating that counts as liked." default:"4"`
	K         int               `help:"Length of the lists." default:"10"`
	HTTP      bool              `help:"Take the lists from the real HTTP server, on a free loopback port." name:"http"`
	Validate  string            `help:"What models are chosen on. time: what people did next. random: likes held out at random. auto: as the test part was split." enum:"auto,time,random" default:"auto"`
	Time      time.Duration     `help:"Time for choosing among models." default:"1m"`
	Samples   int               `help:"Moments that the ranker learns from." default:"1000"`
	Seed      uint64            `help:"Of every random choice." default:"1"`
}

func (evalCmd) Help() string {
	return `Puts the training part into a new data folder (a temporary one, or --data),
trains on it, then asks the whole served funnel for the list of every person of
the test part. Full ranking; what a person did in the training part is not on
the list. Nothing is chosen on the test part. Popularity and each single source
stand beside, with 95 % confidence intervals over people.

Examples:
  bowerbird eval --preset ml100k-u1 rec-ml100k/
  bowerbird eval --train u1.base --test u1.test --http
  bowerbird eval --preset beauty-s3rec Beauty.txt.gz
  bowerbird eval ratings.csv --protocol temporal --share 0.8
  bowerbird eval --train a.csv --test b.csv --published "Gorse=.3945/.1953"`
}

// preset is a published protocol with the figures that were published for it.
type preset struct {
	train, test string // under the folder; "" means leave-one-out of the path
	source      string
	published   []published
}

type published struct {
	Name   string             `json:"name"`
	Figure map[string]float64 `json:"figures"` // by metric
}

var presets = map[string]preset{
	"ml100k-u1": {
		train: "u1.base", test: "u1.test", source: "MovieLens-100K, fold u1; positives are ratings of 4 and more; Gorse 0.5.9 measured on the same protocol",
		published: []published{
			{"Gorse, best of its settings", map[string]float64{"NDCG": .3945, "Recall": .1953}},
			{"popularity, measured with Gorse", map[string]float64{"NDCG": .2606, "Recall": .1148}},
		},
	},
	"beauty-s3rec": {
		source: "Amazon Beauty, leave-one-out, all items ranked; figures from the S3-Rec repository (Zhou et al., CIKM 2020), models that read the sequence",
		published: []published{
			{"PopRec", map[string]float64{"HR": .0152, "NDCG": .0068}}, {"GRU4Rec", map[string]float64{"HR": .0283, "NDCG": .0137}},
			{"Caser", map[string]float64{"HR": .0347, "NDCG": .0176}}, {"BERT4Rec", map[string]float64{"HR": .0347, "NDCG": .0170}},
			{"HGN", map[string]float64{"HR": .0512, "NDCG": .0266}}, {"SASRec", map[string]float64{"HR": .0605, "NDCG": .0318}},
			{"S3-Rec", map[string]float64{"HR": .0647, "NDCG": .0327}},
		},
	},
}

func presetNames() string {
	names := make([]string, 0, len(presets))
	for n := range presets {
		names = append(names, n)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// settle turns a preset into paths, and checks what was asked for.
func (c *evalCmd) settle() (*preset, error) {
	p := new(preset)
	if c.Preset != "" {
		known, ok := presets[c.Preset]
		if !ok {
			return nil, usagef("--preset: %q is none of %s", c.Preset, presetNames())
		}
		if c.Path == "" {
			return nil, usagef("--preset %s needs the path of the data set", c.Preset)
		}
		*p = known
		if p.train != "" {
			c.Train, c.Test, c.Path = existing(c.Path, p.train), existing(c.Path, p.test), ""
		}
	}
	for _, name := range sortedKeys(c.Published) {
		n, r, ok := strings.Cut(c.Published[name], "/")
		ndcg, err1 := strconv.ParseFloat(n, 64)
		recall, err2 := strconv.ParseFloat(r, 64)
		if !ok || err1 != nil || err2 != nil {
			return nil, usagef("--published %s=%s: want NAME=NDCG/RECALL, as Gorse=.3945/.1953", name, c.Published[name])
		}
		p.published = append(p.published, published{name, map[string]float64{"NDCG": ndcg, "Recall": recall}})
	}
	switch {
	case (c.Train == "") != (c.Test == ""):
		return nil, usagef("--train and --test go together")
	case (c.Path == "") == (c.Train == ""):
		return nil, usagef("name either a path to split, or --train and --test")
	case c.Share <= 0 || c.Share >= 1:
		return nil, usagef("--share: want a number between 0 and 1")
	case c.K < 1 || c.K > 100:
		return nil, usagef("--k: want 1 to 100")
	}
	return p, nil
}

func existing(dir, name string) string {
	p := filepath.Join(dir, name)
	if _, err := os.Stat(p); err != nil {
		if _, err := os.Stat(p + ".gz"); err == nil {
			return p + ".gz"
		}
	}
	return p
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (c *evalCmd) Run(a *app) error {
	p, err := c.settle()
	if err != nil {
		return err
	}
	dir := a.cli.Data
	if dir == "" {
		if dir, err = os.MkdirTemp("", "bowerbird-eval-*"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	} else if _, err := os.Stat(dir); err == nil {
		return usagef("--data %s is there already: an evaluation needs a new folder", dir)
	}
	e, err := a.open(dir, false)
	if err != nil {
		return err
	}
	defer a.close(e)
	start := time.Now()
	ex, err := c.part(a, e)
	if err != nil {
		return err
	}
	a.ui.say("%s learned from; %s of test for %s", plural(ex.learned, "event"), plural(ex.likes(), "like"), people(len(ex.queries)))
	t, err := trainOnce(a.ctx, e, (&trainCmd{Time: c.Time, Samples: c.Samples, Memory: 4096, Seed: c.Seed, Validate: c.validation(ex)}).options(a.ui))
	if err != nil {
		return err
	}
	ex.trained = t
	if !t.Promoted {
		ex.note("the trained model was not promoted (%s): pages are the fused sources", t.Why)
	}
	out, err := c.measure(a, e, ex)
	if err != nil {
		return err
	}
	out.Source, out.Published, out.Seconds = p.source, p.published, time.Since(start).Seconds()
	a.ui.done()
	if a.cli.JSON {
		return a.printJSON(out)
	}
	a.printEvaluation(out)
	return nil
}

// validation is how models are chosen: as the test part was split, unless the
// caller says. It looks at times only, never at what the test part holds.
func (c *evalCmd) validation(x *experiment) string {
	if c.Validate != "auto" {
		return c.Validate
	}
	if x.mixed {
		x.note("the test part lies among the training part in time: models were chosen on likes held out at random too")
		return string(train.AtRandom)
	}
	return string(train.ByTime)
}

// evaluation is what is printed.
type evaluation struct {
	Protocol   string           `json:"protocol"`
	Source     string           `json:"source,omitempty"`
	K          int              `json:"k"`
	People     int              `json:"people"`  // evaluated
	Skipped    int              `json:"skipped"` // without anything liked in the test part
	Cold       int              `json:"cold"`    // evaluated, but absent from the training part
	Model      string           `json:"model"`
	Systems    []measured       `json:"systems"`
	Comparison *eval.Comparison `json:"against_popularity,omitempty"`
	Published  []published      `json:"published,omitempty"`
	Notes      []string         `json:"notes,omitempty"`
	Seconds    float64          `json:"seconds"`
	Training   map[string]any   `json:"training"`
}

// measured is one system's figures.
type measured struct {
	Name     string                   `json:"name"`
	Figures  map[string]eval.Estimate `json:"figures"`
	Coverage float64                  `json:"coverage"`
	Gini     float64                  `json:"gini"`
}

func (a *app) printEvaluation(x *evaluation) {
	a.printf("%s, lists of %d, %s", x.Protocol, x.K, people(x.People))
	if x.Skipped > 0 {
		a.printf(" (%s without anything liked in the test part are left out)", count(x.Skipped))
	}
	if x.Cold > 0 {
		a.printf(" (%s of them new)", count(x.Cold))
	}
	a.printf("\nModel: %s\n\n", x.Model)
	names := []string{"NDCG", "Recall", "HR", "MRR", "MAP", "Novelty", "Diversity"}
	rows := [][]string{append([]string{"system"}, append(names, "Coverage", "Gini")...)}
	for _, s := range x.Systems {
		r := []string{s.Name}
		for _, n := range names {
			f := s.Figures[n]
			r = append(r, fmt.Sprintf("%.4f ± %.4f", f.Mean, f.High-f.Mean))
		}
		rows = append(rows, append(r, fmt.Sprintf("%.4f", s.Coverage), fmt.Sprintf("%.4f", s.Gini)))
	}
	for _, p := range x.Published {
		r := []string{p.Name}
		for _, n := range names {
			if v, ok := p.Figure[n]; ok {
				r = append(r, fmt.Sprintf("%.4f", v))
			} else {
				r = append(r, "")
			}
		}
		rows = append(rows, r)
	}
	a.columns(rows)
	if c := x.Comparison; c != nil {
		a.printf("\nAgainst popularity, NDCG of the same people: %+.4f [%+.4f, %+.4f], p = %.4f; better for %s, worse for %s.\n",
			c.Difference, c.Low, c.High, c.P, count(c.Wins), count(c.Losses))
	}
	if x.Source != "" {
		a.printf("Published figures: %s.\n", x.Source)
	}
	for _, n := range x.Notes {
		a.printf("Note: %s.\n", n)
	}
	a.printf("Took %.1f s.\n", x.Seconds)
}
