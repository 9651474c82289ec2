package main

import (
	"math/rand/v2"

	"bowerbird/vision"
	"bowerbird/vision/adapt"
	"bowerbird/vision/patch"
)

// clothing measures classes of photographs that other people took in other rooms:
// baselines, the built-in descriptor, what was learned on the training photographs
// without labels, and that adapted to boards made from their classes.
func (e *pictureEval) clothing(path string) error {
	var parts [2]*decoded
	for i, split := range []string{"train", "test"} {
		e.a.ui.step("reading "+split, 0, 0)
		files, err := readClassed(path, split)
		if err != nil {
			return err
		}
		if parts[i], err = decodeAll(e.a.ctx, files); err != nil {
			return err
		}
	}
	train, test := parts[0], parts[1]
	progress := func(what string, done, total int) { e.a.ui.step(what, int64(done), int64(total)) }
	alone, err := patch.Fit(e.a.ctx, tiled(train.pictures), patch.Options{Kernels: e.c.Kernels, Share: -1, Seed: e.c.Seed, Progress: progress})
	if err != nil {
		return err
	}
	both, err := patch.Fit(e.a.ctx, tiled(train.pictures), patch.Options{Kernels: e.c.Kernels, Seed: e.c.Seed, Progress: progress})
	if err != nil {
		return err
	}
	var base, queries *rows
	for _, m := range []struct {
		name string
		dim  int
		of   func(p *vision.Picture, out []float32) error
	}{
		{"pixels 16 x 16", 3 * 16 * 16, func(p *vision.Picture, out []float32) error { return pixelsOf(p, 16, out) }},
		{"colour histogram", 64, histogramOf},
		{"built-in, " + vision.DescriptorVersion, vision.Dim, func(p *vision.Picture, out []float32) error {
			v, err := p.Describe(vision.Full)
			copy(out, v)
			return err
		}},
		{"learned alone", alone.Dim(), encoding(alone)},
		{"learned and built-in", both.Dim(), encoding(both)},
	} {
		e.a.ui.step(m.name, 0, 0)
		if base, err = rowsOf(e.a.ctx, train, m.dim, m.of); err != nil {
			return err
		}
		if queries, err = rowsOf(e.a.ctx, test, m.dim, m.of); err != nil {
			return err
		}
		if err := e.clothingRow(m.name, base, queries); err != nil {
			return err
		}
	}
	m, err := adapt.Fit(e.a.ctx, base.x, base.dim, boardsOfClasses(train.class, e.c.Seed), adapt.Options{Seed: e.c.Seed,
		Progress: func(done, total int) { e.a.ui.step("adapting", int64(done), int64(total)) }})
	if err != nil {
		return err
	}
	e.note("%d photographs, %d questions; adapted to 400 made-up boards of 8 photographs, each of one class of the training part", base.len(), queries.len())
	return e.clothingRow("the same, adapted", mapped(m, base), mapped(m, queries))
}

func (e *pictureEval) clothingRow(name string, base, queries *rows) error {
	accuracy, mAP, err := neighbours(e.a.ctx, base, queries, 10, 7)
	if err != nil {
		return err
	}
	e.add(name, "7 neighbours", accuracy, "mAP@20", mAP)
	return nil
}

func encoding(enc *patch.Encoder) func(p *vision.Picture, out []float32) error {
	return func(p *vision.Picture, out []float32) error {
		v, err := enc.Encode(p, vision.Full)
		copy(out, v)
		return err
	}
}

func mapped(m *adapt.Map, r *rows) *rows {
	out := &rows{r.dim, make([]float32, len(r.x)), r.class}
	for i := range r.len() {
		m.Apply(r.row(i), out.row(i))
	}
	return out
}

// boardsOfClasses draws 400 boards of 8 pictures, each of one class.
func boardsOfClasses(class []int, seed uint64) [][]int {
	r := rand.New(rand.NewPCG(seed, 8))
	of := map[int][]int{}
	for i, c := range class {
		of[c] = append(of[c], i)
	}
	var out [][]int
	for range 400 {
		members := of[class[r.IntN(len(class))]]
		board := make([]int, 8)
		for k, j := range r.Perm(len(members))[:8] {
			board[k] = members[j]
		}
		out = append(out, board)
	}
	return out
}
