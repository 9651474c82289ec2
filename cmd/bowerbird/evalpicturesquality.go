package main

import (
	"image"
	"math"

	xdraw "golang.org/x/image/draw"

	"bowerbird/vision"
)

// degradations make a picture worse on purpose.
var degradations = []struct {
	name string
	of   func(m image.Image) image.Image
}{
	{"blurred", func(m image.Image) image.Image { return scaled(scaled(m, .4), 2.5) }},
	{"a third of the size", func(m image.Image) image.Image { return scaled(m, 1./3) }},
	{"darkened", func(m image.Image) image.Image { return recoloured(m, func(v float64) float64 { return v * .22 }) }},
	{"bleached", func(m image.Image) image.Image {
		return recoloured(m, func(v float64) float64 { return 255 - (255-v)*.2 })
	}},
	{"washed out", func(m image.Image) image.Image {
		return recoloured(m, func(v float64) float64 { return 128 + (v-128)*.25 })
	}},
}

func scaled(m image.Image, k float64) image.Image {
	b := m.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, max(1, int(math.Round(float64(b.Dx())*k))), max(1, int(math.Round(float64(b.Dy())*k)))))
	xdraw.BiLinear.Scale(out, out.Rect, m, b, xdraw.Src, nil)
	return out
}

func recoloured(m image.Image, of func(float64) float64) image.Image {
	out := scaled(m, 1).(*image.RGBA)
	for i := range out.Pix {
		if i%4 != 3 {
			out.Pix[i] = byte(min(255, max(0, of(float64(out.Pix[i])))))
		}
	}
	return out
}

// quality asks how often a photograph scores higher than itself made worse.
func (e *pictureEval) quality(path string) error {
	files, err := readClassed(path, "test")
	if err != nil {
		return err
	}
	d, err := decodeAll(e.a.ctx, files)
	if err != nil {
		return err
	}
	n := len(d.pictures)
	own := make([]float64, n)
	if err := each(e.a.ctx, n, func(i int) error { own[i] = float64(d.pictures[i].Quality()); return nil }); err != nil {
		return err
	}
	for _, g := range degradations {
		worse, score := make([]float64, n), make([]float64, n)
		err := each(e.a.ctx, n, func(i int) error {
			p, err := vision.FromImage(g.of(d.pictures[i].Image()), vision.Options{})
			if err != nil {
				return err
			}
			if score[i] = float64(p.Quality()); score[i] < own[i] {
				worse[i] = 1
			}
			return nil
		})
		if err != nil {
			return err
		}
		e.add(g.name, "scores lower", average(worse), "mean score", average(score))
	}
	e.add("as they are", "scores lower", 0., "mean score", average(own))
	return nil
}
