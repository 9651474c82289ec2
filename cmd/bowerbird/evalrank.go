package main

import (
	"bufio"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"bowerbird/eval"
	"bowerbird/index/fuse"
)

type evalRankCmd struct {
	Train     string            `arg:"" help:"Rows to learn from, in LETOR's form; a file of the same name that ends in .query holds the sizes of queries without qid." type:"path"`
	Valid     string            `help:"Rows to choose the penalty on; without any, five folds of the training part." placeholder:"FILE" type:"path"`
	Test      string            `help:"Rows to measure on." required:"" placeholder:"FILE" type:"path"`
	At        []int             `help:"Cut-offs of nDCG." default:"1,3,5,10" placeholder:"K,..."`
	Published map[string]string `help:"Figures to print beside, as NAME=METRIC:VALUE." placeholder:"NAME=METRIC:VALUE"`
	Seed      uint64            `help:"Of the bootstrap." default:"1"`
}

func (evalRankCmd) Help() string {
	return `Learns a linear ranker list by list and measures nDCG with gains of 2^grade − 1,
beside the best single feature. The penalty and the single feature are chosen on
the validation rows. Queries without a grade above zero are left out.

Examples:
  bowerbird eval rank mslr/train.txt.gz --valid mslr/vali.txt.gz --test mslr/test.txt.gz
  bowerbird eval rank rank.train.gz --test rank.test.gz --published "lambdarank, at least=nDCG@1:.5674"`
}

// readRows reads a LETOR file and the sizes beside it, if there are any.
func readRows(path string) ([]fuse.Group, error) {
	var sizes []int
	beside := strings.TrimSuffix(path, ".gz") + ".query"
	if f, err := openText(beside); err == nil {
		defer f.Close()
		sc := bufio.NewScanner(f)
		for n := 1; sc.Scan(); n++ {
			size, err := strconv.Atoi(strings.TrimSpace(sc.Text()))
			if err != nil || size < 1 {
				return nil, fmt.Errorf("%s:%d: %.40q is not the size of a query", beside, n, sc.Text())
			}
			sizes = append(sizes, size)
		}
		if err := sc.Err(); err != nil {
			return nil, fmt.Errorf("%s: %w", beside, err)
		}
	}
	f, err := openText(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return fuse.ReadLETOR(f, path, sizes)
}

// rankReport judges an order of groups at every cut-off; the columns are named nDCG@k.
func rankReport(groups []fuse.Group, score func(row []float64) float64, at []int) *eval.Report {
	r := &eval.Report{Values: make(map[eval.Metric][]float64), Coverage: math.NaN(), Gini: math.NaN()}
	for g, group := range groups {
		rel, list, scores := make(eval.Relevant), make([]uint32, len(group.Grades)), make([]float64, len(group.Grades))
		for i, grade := range group.Grades {
			rel[uint32(i)], list[i], scores[i] = float32(grade), uint32(i), score(group.Features[i])
		}
		if rel.Count() == 0 {
			r.Skipped++
			continue
		}
		slices.SortStableFunc(list, func(a, b uint32) int {
			switch {
			case scores[a] > scores[b]:
				return -1
			case scores[a] < scores[b]:
				return 1
			}
			return 0
		})
		r.Users = append(r.Users, uint32(g))
		for _, k := range at {
			m := eval.Metric(fmt.Sprintf("nDCG@%d", k))
			r.Values[m] = append(r.Values[m], eval.GradedNDCG(list, rel, k, eval.ExponentialGain))
		}
	}
	return r
}

// penalties that are tried; the first is the strongest.
var penalties = []float64{1, .3, .1, .03, .01, .003, .001}

// choosePenalty takes the one with the best mean at the last cut-off, by validation rows or by five folds.
func (c *evalRankCmd) choosePenalty(a *app, train, valid []fuse.Group) (float64, error) {
	last := c.At[len(c.At)-1]
	m := eval.Metric(fmt.Sprintf("nDCG@%d", last))
	best, at := -1.0, penalties[0]
	for i, l2 := range penalties {
		a.ui.step("choose the penalty", int64(i), int64(len(penalties)))
		sum, n := 0.0, 0.0
		for fold := range 5 {
			fit, held := train, valid
			if valid == nil {
				fit, held = nil, nil
				for g := range train {
					if g%5 == fold {
						held = append(held, train[g])
					} else {
						fit = append(fit, train[g])
					}
				}
			}
			l, err := fuse.FitLinear(a.ctx, fit, fuse.LinearOptions{L2: l2})
			if err != nil {
				return 0, err
			}
			r := rankReport(held, l.Score, []int{last})
			for _, v := range r.Values[m] {
				sum, n = sum+v, n+1
			}
			if valid != nil {
				break
			}
		}
		if n > 0 && sum/n > best {
			best, at = sum/n, l2
		}
	}
	return at, nil
}

type rankEvaluation struct {
	Train     int               `json:"train"`
	Test      int               `json:"test"`
	Features  int               `json:"features"`
	Penalty   float64           `json:"penalty"`
	Systems   []searchMeasured  `json:"systems"`
	Published []publishedSearch `json:"published,omitempty"`
}

func (c *evalRankCmd) Run(a *app) error {
	beside, err := publishedFigures(c.Published)
	if err != nil {
		return err
	}
	for _, k := range c.At {
		if k < 1 {
			return usagef("--at: want 1 or more")
		}
	}
	var train, valid, test []fuse.Group
	if train, err = readRows(c.Train); err != nil {
		return err
	}
	if c.Valid != "" {
		if valid, err = readRows(c.Valid); err != nil {
			return err
		}
	}
	if test, err = readRows(c.Test); err != nil {
		return err
	}
	penalty, err := c.choosePenalty(a, train, valid)
	if err != nil {
		return err
	}
	l, err := fuse.FitLinear(a.ctx, train, fuse.LinearOptions{L2: penalty})
	if err != nil {
		return err
	}
	single, sign := bestSingle(slices.Concat(train, valid), len(l.Weights), c.At[len(c.At)-1])
	alone := func(row []float64) float64 {
		if single >= len(row) {
			return 0
		}
		return sign * row[single]
	}
	first, learned := rankReport(test, alone, c.At), rankReport(test, l.Score, c.At)
	if len(first.Users) == 0 {
		return fmt.Errorf("%s: no query has a grade above zero", c.Test)
	}
	out := rankEvaluation{Train: len(train), Test: len(first.Users), Features: len(l.Weights), Penalty: penalty, Published: beside}
	for i, r := range []*eval.Report{first, learned} {
		m := searchMeasured{Name: []string{fmt.Sprintf("feature %d alone", single+1), "linear"}[i], Figures: map[eval.Metric]eval.Estimate{}}
		for _, k := range c.At {
			name := eval.Metric(fmt.Sprintf("nDCG@%d", k))
			m.Figures[name] = r.Bootstrap(name, 0, c.Seed)
			if i == 1 {
				if m.Against == nil {
					m.Against = map[eval.Metric]eval.Comparison{}
				}
				if m.Against[name], err = eval.Compare(first, r, name, 10_000, c.Seed); err != nil {
					return err
				}
			}
		}
		out.Systems = append(out.Systems, m)
	}
	a.ui.done()
	if a.cli.JSON {
		return a.printJSON(out)
	}
	c.print(a, &out)
	return nil
}

// bestSingle is the feature, up or down, that orders the given rows best.
func bestSingle(groups []fuse.Group, width, k int) (feature int, sign float64) {
	m := eval.Metric(fmt.Sprintf("nDCG@%d", k))
	best, sign := -1.0, 1.0
	for f := range width {
		for _, s := range []float64{1, -1} {
			r := rankReport(groups, func(row []float64) float64 {
				if f >= len(row) {
					return 0
				}
				return s * row[f]
			}, []int{k})
			if v := r.Mean(m); v > best {
				best, feature, sign = v, f, s
			}
		}
	}
	return feature, sign
}

func (c *evalRankCmd) print(a *app, x *rankEvaluation) {
	a.printf("learned from %s with %s, measured on %s; penalty %g\n\n", queriesOf(x.Train), plural(x.Features, "feature"), queriesOf(x.Test), x.Penalty)
	head := []string{"ranker"}
	for _, k := range c.At {
		head = append(head, fmt.Sprintf("nDCG@%d", k))
	}
	rows := [][]string{head}
	for _, s := range x.Systems {
		r := []string{s.Name}
		for _, m := range head[1:] {
			f := s.Figures[eval.Metric(m)]
			r = append(r, fmt.Sprintf("%.4f [%.4f, %.4f]", f.Mean, f.Low, f.High))
		}
		rows = append(rows, r)
	}
	for _, p := range x.Published {
		r := []string{p.Name}
		for _, m := range head[1:] {
			if m == p.Metric {
				m = fmt.Sprintf("%.4f published", p.Value)
			} else {
				m = ""
			}
			r = append(r, m)
		}
		rows = append(rows, r)
	}
	a.columns(rows)
	for _, m := range head[1:] {
		d := x.Systems[1].Against[eval.Metric(m)]
		a.printf("%s: linear %+.4f [%+.4f, %+.4f] against the feature, p = %.4f, better for %d, worse for %d\n", m, d.Difference, d.Low, d.High, d.P, d.Wins, d.Losses)
	}
}
