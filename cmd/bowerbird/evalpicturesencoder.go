package main

import (
	"bowerbird/vision"
	"bowerbird/vision/adapt"
	"bowerbird/vision/encode"
)

// encoder measures the clothing photographs by the owner's encoder in ONNX, as it is and
// adapted to the boards that the other rows were adapted to.
func (e *pictureEval) encoder(path string) error {
	if e.c.Encoder == "" {
		e.note("no --encoder: left out")
		return nil
	}
	enc, err := encode.Open(e.c.Encoder, encode.Options{Threads: 1})
	if err != nil {
		return err
	}
	var sets [2]*rows
	for i, split := range []string{"train", "test"} {
		files, err := readClassed(path, split)
		if err != nil {
			return err
		}
		d, err := decodeAll(e.a.ctx, files)
		if err != nil {
			return err
		}
		sets[i], err = rowsOf(e.a.ctx, d, enc.Dim(), func(p *vision.Picture, out []float32) error {
			v, err := enc.Encode(e.a.ctx, []encode.Crop{{Picture: p}})
			if err == nil {
				copy(out, v[0])
			}
			return err
		})
		if err != nil {
			return err
		}
		e.a.ui.step("encoded "+split, 0, 0)
	}
	base, queries := sets[0], sets[1]
	if err := e.clothingRow(enc.Version(), base, queries); err != nil {
		return err
	}
	m, err := adapt.Fit(e.a.ctx, base.x, base.dim, boardsOfClasses(base.class, e.c.Seed), adapt.Options{Batch: 128, Steps: 100, Seed: e.c.Seed,
		Progress: func(done, total int) { e.a.ui.step("adapting", int64(done), int64(total)) }})
	if err != nil {
		return err
	}
	return e.clothingRow("the same, adapted", mapped(m, base), mapped(m, queries))
}
