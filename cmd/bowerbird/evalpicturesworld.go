package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"bowerbird/internal/synth"
	"bowerbird/internal/vec"
	"bowerbird/vision"
	"bowerbird/vision/adapt"
	"bowerbird/vision/copies"
	"bowerbird/vision/patch"
)

// drawnWorld is the demo world with its pictures decoded.
type drawnWorld struct {
	w        *synth.World
	pictures []*vision.Picture
}

func (e *pictureEval) drawn() (*drawnWorld, error) {
	if e.world != nil {
		return e.world, nil
	}
	w, err := synth.New(synth.Options{Seed: e.c.Seed, Items: 1500})
	if err != nil {
		return nil, err
	}
	items, _, _ := w.Len()
	d := &drawnWorld{w, make([]*vision.Picture, items)}
	err = each(e.a.ctx, items, func(i int) error {
		data, err := w.Picture(i)
		if err != nil {
			return err
		}
		if i%50 == 0 {
			e.a.ui.step("drawing", int64(i), int64(items))
		}
		d.pictures[i], err = vision.Decode(data, vision.Options{})
		return err
	})
	e.world = d
	return d, err
}

// crops asks with parts of the demo world's pictures: by the descriptor of the whole
// alone, with the five parts of each item beside it, and with the best 200 of those
// compared print by print.
func (e *pictureEval) crops(string) error {
	d, err := e.drawn()
	if err != nil {
		return err
	}
	n := len(d.pictures)
	each1 := 1 + len(vision.PartBoxes)
	vectors := make([]float32, n*each1*vision.Dim)
	prints := make([]*copies.Print, n)
	if err := each(e.a.ctx, n, func(i int) error {
		row := vectors[i*each1*vision.Dim : (i+1)*each1*vision.Dim]
		v, err := d.pictures[i].Describe(vision.Full)
		if err != nil {
			return err
		}
		copy(row, v)
		parts, err := d.pictures[i].Parts()
		if err != nil {
			return err
		}
		copy(row[vision.Dim:], parts)
		prints[i], err = copies.Of(d.pictures[i])
		return err
	}); err != nil {
		return err
	}
	const asked = 300
	for _, part := range []float64{.82, .65, .4} {
		var first, five [3][asked]float64
		err := each(e.a.ctx, asked, func(q int) error {
			r := rand.New(rand.NewPCG(e.c.Seed, uint64(q)))
			i := r.IntN(n)
			box := vision.Rect{X: r.Float64() * (1 - part), Y: r.Float64() * (1 - part), W: part, H: part}
			v, err := d.pictures[i].Describe(box)
			if err != nil {
				return err
			}
			print, err := copies.OfPart(d.pictures[i], box)
			if err != nil {
				return err
			}
			scores := make([]float32, n*each1)
			vec.DotRows(scores, v, vectors)
			whole, best := make([]vec.Scored, n), make([]vec.Scored, n)
			for j := range n {
				s := scores[j*each1 : (j+1)*each1]
				whole[j], best[j] = vec.Scored{ID: uint32(j), Score: s[0]}, vec.Scored{ID: uint32(j), Score: slices.Max(s)}
			}
			again, err := reordered(e.a.ctx, best, print, prints)
			if err != nil {
				return err
			}
			for k, order := range [][]vec.Scored{whole, best, again} {
				slices.SortStableFunc(order, func(a, b vec.Scored) int { return cmp.Compare(b.Score, a.Score) })
				at := slices.IndexFunc(order, func(s vec.Scored) bool { return s.ID == uint32(i) })
				if at == 0 {
					first[k][q] = 1
				}
				if at < 5 {
					five[k][q] = 1
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for k, name := range []string{"whole pictures", "and five parts of each", "and prints of the best 200"} {
			e.add(fmt.Sprintf("%.0f %% of each side: %s", part*100, name), "first", average(first[k][:]), "top 5", average(five[k][:]))
		}
	}
	e.note("%d drawn pictures, %d crops of each size", n, asked)
	return nil
}

// reordered puts the best 200 in the order of how well the crop fits into them.
func reordered(ctx context.Context, best []vec.Scored, crop *copies.Print, prints []*copies.Print) ([]vec.Scored, error) {
	out := slices.Clone(best)
	slices.SortStableFunc(out, func(a, b vec.Scored) int { return cmp.Compare(b.Score, a.Score) })
	head := out[:min(len(out), 200)]
	base := make([]float32, len(head))
	for i, s := range head {
		base[i] = s.Score
	}
	scores, err := copies.Reorder(ctx, crop, base, func(i int) *copies.Print { return prints[head[i].ID] })
	for i := range scores {
		head[i].Score = scores[i]
	}
	return out, err
}

func average(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x / float64(len(v))
	}
	return s
}

// adapted learns a map from the boards of the demo world, one save of each held out,
// over the built-in descriptor and over what is learned from the same pictures.
func (e *pictureEval) adapted(string) error {
	d, err := e.drawn()
	if err != nil {
		return err
	}
	boards := boardsOf(d.w)
	rest, held := adapt.HoldOut(boards, e.c.Seed)
	enc, err := patch.Fit(e.a.ctx, tiled(d.pictures), patch.Options{Sides: []int{32}, Kernels: 256, Dim: 192, Seed: e.c.Seed,
		Progress: func(what string, done, total int) { e.a.ui.step(what, int64(done), int64(total)) }})
	if err != nil {
		return err
	}
	for _, m := range []struct {
		name string
		dim  int
		of   func(p *vision.Picture, out []float32) error
	}{
		{"built-in", vision.Dim, func(p *vision.Picture, out []float32) error {
			v, err := p.Describe(vision.Full)
			copy(out, v)
			return err
		}},
		{"learned and built-in", enc.Dim(), encoding(enc)},
	} {
		x, err := rowsOf(e.a.ctx, &decoded{d.pictures, make([]int, len(d.pictures))}, m.dim, m.of)
		if err != nil {
			return err
		}
		fitted, err := adapt.Fit(e.a.ctx, x.x, m.dim, rest, adapt.Options{Seed: e.c.Seed,
			Progress: func(done, total int) { e.a.ui.step(m.name+": adapting", int64(done), int64(total)) }})
		if err != nil {
			return err
		}
		j, err := adapt.Judge(e.a.ctx, fitted, x.x, held, 10, e.c.Seed)
		if err != nil {
			return err
		}
		used := 0.0
		if j.Better() {
			used = 1
		}
		e.add(m.name, "Recall@10", j.Before, "adapted", j.After, "gain", j.Gain, "low", j.Low, "high", j.High, "used", used)
	}
	e.note("%d boards of the demo world, one save of each of %d held out; people there save by interest, so the gain says that the map works, not what owners will see", len(boards), len(held))
	return nil
}

// boardsOf are the items saved to each board of a world.
func boardsOf(w *synth.World) [][]int {
	number, at := map[string]int{}, map[string]int{}
	items, _, _ := w.Len()
	for i := range items {
		number[w.Item(i).ID] = i
	}
	var out [][]int
	for ev := range w.Events() {
		if ev.Type != "save" || ev.Board == "" {
			continue
		}
		b, ok := at[ev.Board]
		if !ok {
			b = len(out)
			at[ev.Board] = b
			out = append(out, nil)
		}
		if i, ok := number[ev.Item]; ok && !slices.Contains(out[b], i) {
			out[b] = append(out[b], i)
		}
	}
	return out
}
