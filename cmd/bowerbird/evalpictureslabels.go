package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"bowerbird/retrieve"
	"bowerbird/vision"
	"bowerbird/vision/label"
)

// labels asks for the categories and tags of the demo world's items, and for the classes of
// the clothing photographs, by neighbours, by linear classifiers, and by what of the two was
// better for each label on held-out rows; all learned from other rows than are asked about.
func (e *pictureEval) labels(string) error {
	d, err := e.drawn()
	if err != nil {
		return err
	}
	names := make([][]string, len(d.pictures))
	known := make([]bool, len(names))
	for i := range names {
		item := d.w.Item(i)
		names[i], known[i] = append(slices.Clone(item.Categories), item.Tags...), i%3 != 0
	}
	x, err := rowsOf(e.a.ctx, &decoded{d.pictures, make([]int, len(d.pictures))}, vision.Dim, described)
	if err != nil {
		return err
	}
	if err := e.labelled("demo world", x.x, names, known); err != nil {
		return err
	}
	folder := filepath.Join(e.c.Path, "vision-clothing-small-256")
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		e.note("%s is absent", folder)
		return nil
	}
	var all []float32
	names, known = nil, nil
	for _, split := range []string{"train", "test"} {
		files, err := readClassed(folder, split)
		if err != nil {
			return err
		}
		d, err := decodeAll(e.a.ctx, files)
		if err != nil {
			return err
		}
		x, err := rowsOf(e.a.ctx, d, vision.Dim, described)
		if err != nil {
			return err
		}
		all = append(all, x.x...)
		for _, f := range files {
			names, known = append(names, []string{f.class}), append(known, split == "train")
		}
	}
	return e.labelled("clothing", all, names, known)
}

func described(p *vision.Picture, out []float32) error {
	v, err := p.Describe(vision.Full)
	copy(out, v)
	return err
}

// labelled learns from the known rows and asks about the others.
func (e *pictureEval) labelled(name string, x []float32, labels [][]string, known []bool) error {
	const dim = vision.Dim
	var own []float32 // of the known rows
	var ownLabels [][]string
	var asked []int
	for i, k := range known {
		if k {
			own, ownLabels = append(own, x[i*dim:(i+1)*dim]...), append(ownLabels, labels[i])
		} else {
			asked = append(asked, i)
		}
	}
	names, has := retrieve.Numbered(ownLabels)
	set, figures, err := label.Fit(e.a.ctx, own, dim, names, has, label.Options{Seed: e.c.Seed, Beside: besideVotes(own, dim, ownLabels, names)})
	if err != nil {
		return err
	}
	_, truthOf := retrieve.Numbered(labels)
	allNames, _ := retrieve.Numbered(labels)
	votes := make([]map[string]float32, len(asked))
	if err := each(e.a.ctx, len(asked), func(q int) error {
		votes[q] = map[string]float32{}
		for _, l := range retrieve.VoteAmong(x, dim, labels, asked[q], known) {
			votes[q][l.Name] = l.Confidence
		}
		return nil
	}); err != nil {
		return err
	}
	type sums struct{ ap, said, right, wanted float64 }
	var by [3]sums // neighbours, linear, chosen
	prevalence, labelsAsked, linear := 0.0, 0.0, 0.0
	for l, n := range set.Names() {
		truth, positives := make([]bool, len(asked)), 0.0
		for q, i := range asked {
			for _, k := range truthOf[i] {
				if allNames[k] == n {
					truth[q], positives = true, positives+1
				}
			}
		}
		if positives < 3 {
			continue
		}
		labelsAsked++
		prevalence += positives / float64(len(asked))
		linear += oneIf(set.Better(l))
		var conf [3][]float64
		for q, i := range asked {
			vote, lin := float64(votes[q][n]), float64(set.Confidence(x[i*dim:(i+1)*dim], l))
			chosen := vote
			if set.Better(l) {
				chosen = lin
			}
			for k, c := range []float64{vote, lin, chosen} {
				conf[k] = append(conf[k], c)
				if c >= .5 {
					by[k].said++
					by[k].right += oneIf(truth[q])
				}
				by[k].wanted += oneIf(truth[q])
			}
		}
		for k := range conf {
			by[k].ap += label.AveragePrecision(conf[k], truth)
		}
	}
	for k, how := range []string{"neighbours", "linear", "chosen by label"} {
		s := by[k]
		e.add(name+": "+how, "mean AP", s.ap/labelsAsked, "said at .5", s.said, "precision", s.right/max(1, s.said), "recall", s.right/max(1, s.wanted))
	}
	e.add(name+": chance", "mean AP", prevalence/labelsAsked, "said at .5", 0., "precision", 0., "recall", 0.)
	e.note("%s: %d rows learned from, %d asked about, %d labels of which %.0f have 3 rows there; %.0f of those by the linear classifier; built-in vectors", name, len(ownLabels), len(asked), len(figures), labelsAsked, linear)
	return nil
}

// besideVotes are the neighbours' confidences by the numbers of labels, for label.Fit.
func besideVotes(x []float32, dim int, labels [][]string, names []string) func(row int, known []bool) []float32 {
	at := map[string]int{}
	for i, n := range names {
		at[n] = i
	}
	return func(row int, known []bool) []float32 {
		out := make([]float32, len(names))
		for _, l := range retrieve.VoteAmong(x, dim, labels, row, known) {
			out[at[l.Name]] = l.Confidence
		}
		return out
	}
}
