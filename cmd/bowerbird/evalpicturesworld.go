package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

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

// cropWorld is what stands of the drawn pictures in an index: the vectors of each and of
// its parts, and its print.
type cropWorld struct {
	d       *drawnWorld
	vectors []float32
	prints  []*copies.Print
}

const cropRows = 6 // vectors of an item: the whole and its parts

func (e *pictureEval) cropWorld() (*cropWorld, error) {
	d, err := e.drawn()
	if err != nil {
		return nil, err
	}
	n := len(d.pictures)
	c := &cropWorld{d, make([]float32, n*cropRows*vision.Dim), make([]*copies.Print, n)}
	return c, each(e.a.ctx, n, func(i int) error {
		v, err := d.pictures[i].Describe(vision.Full)
		if err != nil {
			return err
		}
		parts, err := d.pictures[i].Parts()
		if err != nil {
			return err
		}
		copy(c.vectors[i*cropRows*vision.Dim:], append(v, parts...))
		c.prints[i], err = copies.Of(d.pictures[i])
		return err
	})
}

// cropAsked is where the source of one crop stands: by whole pictures, with parts, and with
// prints of the best so many; and how long the prints took.
type cropAsked struct {
	whole, parts int
	prints       []int
	took         []time.Duration
}

// ask searches by one crop of picture i.
func (c *cropWorld) ask(ctx context.Context, i int, box vision.Rect, heads []int) (out cropAsked, err error) {
	v, err := c.d.pictures[i].Describe(box)
	if err != nil {
		return out, err
	}
	print, err := copies.OfPart(c.d.pictures[i], box)
	if err != nil {
		return out, err
	}
	n := len(c.prints)
	scores := make([]float32, n*cropRows)
	vec.DotRows(scores, v, c.vectors)
	whole, best := make([]vec.Scored, n), make([]vec.Scored, n)
	for j := range n {
		s := scores[j*cropRows : (j+1)*cropRows]
		whole[j], best[j] = vec.Scored{ID: uint32(j), Score: s[0]}, vec.Scored{ID: uint32(j), Score: slices.Max(s)}
	}
	rank := func(order []vec.Scored) int {
		slices.SortStableFunc(order, func(a, b vec.Scored) int { return cmp.Compare(b.Score, a.Score) })
		return slices.IndexFunc(order, func(s vec.Scored) bool { return s.ID == uint32(i) })
	}
	out.whole, out.parts = rank(whole), rank(best)
	for _, head := range heads {
		start := time.Now()
		again, err := reordered(ctx, best, print, c.prints, head)
		if err != nil {
			return out, err
		}
		out.took = append(out.took, time.Since(start))
		out.prints = append(out.prints, rank(again))
	}
	return out, nil
}

// crops asks with parts of the demo world's pictures: by the descriptor of the whole
// alone, with the five parts of each item beside it, and with the best of those compared
// print by print. How many is tried on every second picture; the figures are of the others.
func (e *pictureEval) crops(string) error {
	c, err := e.cropWorld()
	if err != nil {
		return err
	}
	n := len(c.prints)
	run := func(asked, half int, part float64, heads []int) ([]cropAsked, error) {
		out := make([]cropAsked, asked)
		return out, each(e.a.ctx, asked, func(q int) (err error) {
			r := rand.New(rand.NewPCG(e.c.Seed, uint64(2*q+half)))
			i := 2*r.IntN(n/2) + half
			box := vision.Rect{X: r.Float64() * (1 - part), Y: r.Float64() * (1 - part), W: part, H: part}
			out[q], err = c.ask(e.a.ctx, i, box, heads)
			e.a.ui.step(fmt.Sprintf("crops of %.0f %%", part*100), int64(q), int64(asked))
			return err
		})
	}
	within := func(list []cropAsked, k int, of func(cropAsked) int) float64 {
		found := 0.0
		for _, a := range list {
			if at := of(a); at >= 0 && at < k {
				found++
			}
		}
		return found / float64(len(list))
	}
	const smallest = .4
	heads := []int{200, 300, copies.Worth, 600}
	tried, err := run(150, 0, smallest, heads)
	if err != nil {
		return err
	}
	for k, head := range heads {
		var took time.Duration
		for _, a := range tried {
			took += a.took[k] / time.Duration(len(tried))
		}
		e.add(fmt.Sprintf("chosen on: 40 %%, prints of the best %d", head), "candidates", within(tried, head, func(a cropAsked) int { return a.parts }),
			"top 5", within(tried, 5, func(a cropAsked) int { return a.prints[k] }), "ms", took.Seconds()*1000)
	}
	const asked = 300
	for _, part := range []float64{.82, .65, smallest} {
		list, err := run(asked, 1, part, []int{copies.Worth})
		if err != nil {
			return err
		}
		for _, m := range []struct {
			name string
			of   func(cropAsked) int
		}{
			{"whole pictures", func(a cropAsked) int { return a.whole }}, {"and five parts of each", func(a cropAsked) int { return a.parts }},
			{fmt.Sprintf("and prints of the best %d", copies.Worth), func(a cropAsked) int { return a.prints[0] }},
		} {
			e.add(fmt.Sprintf("%.0f %% of each side: %s", part*100, m.name), "first", within(list, 1, m.of), "top 5", within(list, 5, m.of))
		}
	}
	e.note("%d drawn pictures, %d crops of each size; an item keeps %d bytes of parts as float32 and %d of its print", n, asked, (cropRows-1)*vision.Dim*4, copies.Bytes)
	return nil
}

// reordered puts the best in the order of how well the crop fits into them.
func reordered(ctx context.Context, best []vec.Scored, crop *copies.Print, prints []*copies.Print, n int) ([]vec.Scored, error) {
	out := slices.Clone(best)
	slices.SortStableFunc(out, func(a, b vec.Scored) int { return cmp.Compare(b.Score, a.Score) })
	head := out[:min(len(out), n)]
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
