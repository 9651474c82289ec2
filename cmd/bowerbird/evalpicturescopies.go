package main

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"image/draw"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"

	"bowerbird/internal/vec"
	"bowerbird/vision"
	"bowerbird/vision/copies"
)

// viewed is what is known of a picture or a copy for the comparison of pairs.
type viewed struct {
	print        *copies.Print
	finger, d, p vision.Fingerprint
	vector       []float32
}

func viewOf(p *vision.Picture) (s viewed, err error) {
	if s.print, err = copies.Of(p); err != nil {
		return s, err
	}
	s.finger, s.d, s.p = p.Fingerprint(), p.DHash(), p.PHash()
	s.vector, err = p.Describe(vision.Full)
	return s, err
}

// pairOf two pictures and what they are.
type pairOf struct {
	a, b *viewed
	copy bool
	edit string // of a copy; "" two pictures
}

func (p *pairOf) likeness() copies.Likeness {
	return copies.Compare(copies.Pair{A: p.a.print, B: p.b.print, Bits: p.a.finger.Distance(p.b.finger), Cosine: vec.Dot(p.a.vector, p.b.vector)})
}

// pairsOf makes a pair of each picture with each of its edits, and as many pairs of two
// pictures that look alike: each with its nearest by visual vectors, and each edit with
// the nearest that are not its source.
func pairsOf(ctx context.Context, pictures []*vision.Picture, seed uint64, step func(done int)) ([]pairOf, error) {
	n, k := len(pictures), len(copies.Edits)
	own, edited := make([]viewed, n), make([]viewed, n*k)
	err := each(ctx, n, func(i int) (err error) {
		if own[i], err = viewOf(pictures[i]); err != nil {
			return err
		}
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		for e, edit := range copies.Edits {
			data, err := copies.Encoded(edit.Of(pictures[i].Image(), r), r)
			if err != nil {
				return err
			}
			p, err := vision.Decode(data, vision.Options{})
			if err != nil {
				return fmt.Errorf("%s: %w", edit.Name, err)
			}
			if edited[i*k+e], err = viewOf(p); err != nil {
				return err
			}
		}
		step(i)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []pairOf
	for i := range own {
		for e := range copies.Edits {
			out = append(out, pairOf{&own[i], &edited[i*k+e], true, copies.Edits[e].Name})
		}
		for _, j := range nearest(own, own[i].vector, i, k) {
			if j > i || !slices.Contains(nearest(own, own[j].vector, j, k), i) {
				out = append(out, pairOf{&own[i], &own[j], false, ""})
			}
		}
		e := i % k
		for _, j := range nearest(own, edited[i*k+e].vector, i, k-3) {
			out = append(out, pairOf{&own[j], &edited[i*k+e], false, ""})
		}
	}
	return out, nil
}

// nearest are the k pictures nearest to a vector, without one.
func nearest(all []viewed, v []float32, without, k int) []int {
	best := vec.NewBest(k)
	for j := range all {
		if j != without {
			best.Push(vec.Scored{ID: uint32(j), Score: vec.Dot(v, all[j].vector)})
		}
	}
	var out []int
	for _, s := range best.Sorted() {
		out = append(out, int(s.ID))
	}
	return out
}

// duplicates learns a judge on copies and look-alikes of training photographs, and
// measures it on others, hashes beside.
func (e *pictureEval) duplicates(path string) error {
	var sets [2][]pairOf
	for i := range sets {
		var files []classed
		for _, split := range []string{"train", "validation", "test"} {
			f, err := readClassed(path, split)
			if err != nil {
				return err
			}
			for k := range f {
				// A sixth of the training part to learn from, another sixth and all else to measure on.
				if k/6%e.c.Every != 0 {
					continue
				}
				if split == "train" && k%6 == 3*i || split != "train" && i == 1 {
					files = append(files, f[k])
				}
			}
		}
		if i == 1 {
			more, err := ukbench(path)
			if err != nil {
				return err
			}
			files = append(files, more...)
		}
		d, err := decodeAll(e.a.ctx, files)
		if err != nil {
			return err
		}
		if sets[i], err = pairsOf(e.a.ctx, d.pictures, e.c.Seed+uint64(i), func(done int) { e.a.ui.step("copies", int64(done), int64(len(files))) }); err != nil {
			return err
		}
	}
	return e.judged(sets[0], sets[1])
}

func (e *pictureEval) judged(train, test []pairOf) error {
	a, b := make([]copies.Sample, len(train)), make([]copies.Sample, len(test))
	for _, s := range []struct {
		pairs []pairOf
		out   []copies.Sample
	}{{train, a}, {test, b}} {
		if err := each(e.a.ctx, len(s.pairs), func(i int) error {
			s.out[i] = copies.Sample{Likeness: s.pairs[i].likeness(), Copy: s.pairs[i].copy}
			if i%500 == 0 {
				e.a.ui.step("comparing", int64(i), int64(len(s.pairs)))
			}
			return nil
		}); err != nil {
			return err
		}
	}
	fitting, held := alternate(a)
	judge, err := copies.Learn(e.a.ctx, fitting, held, .996)
	if err != nil {
		return err
	}
	made := 0
	for _, p := range test {
		if p.copy {
			made++
		}
	}
	e.note("learned from %d pairs, threshold set on %d others for a precision of .996; measured on %d pairs of other pictures, %d of them copies, the rest each other's nearest", len(fitting), len(held), len(test), made)
	e.note("judge: %.6g, threshold %.6g", judge.Weights, judge.Threshold)
	scores := make([]copies.Scored, len(test))
	for i, s := range b {
		scores[i] = copies.Scored{Score: judge.Probability(s.Likeness), Copy: s.Copy}
	}
	p, r := copies.Figures(scores, judge.Threshold)
	e.add("judge", "precision", p, "recall", r)
	for _, h := range []struct {
		name string
		of   func(p *pairOf) float64
	}{
		{"pHash alone", func(p *pairOf) float64 { return -float64(p.a.p.Distance(p.b.p)) }},
		{"dHash alone", func(p *pairOf) float64 { return -float64(p.a.d.Distance(p.b.d)) }},
		{"fingerprint alone", func(p *pairOf) float64 { return -float64(p.a.finger.Distance(p.b.finger)) }},
		{"cosine of " + vision.DescriptorVersion + " alone", func(p *pairOf) float64 { return float64(vec.Dot(p.a.vector, p.b.vector)) }},
	} {
		of := func(pairs []pairOf) []copies.Scored {
			out := make([]copies.Scored, len(pairs))
			for i := range pairs {
				out[i] = copies.Scored{Score: h.of(&pairs[i]), Copy: pairs[i].copy}
			}
			return out
		}
		t, err := copies.Threshold(of(train), .99)
		if err != nil {
			e.note("%s: no threshold reaches a precision of .99", h.name)
			continue
		}
		p, r := copies.Figures(of(test), t)
		e.add(h.name, "precision", p, "recall", r)
	}
	for _, edit := range copies.Edits {
		found, all := 0.0, 0.0
		for i, p := range test {
			if p.edit == edit.Name {
				all++
				if scores[i].Score >= judge.Threshold {
					found++
				}
			}
		}
		e.add("judge: "+edit.Name, "recall", found/all)
	}
	e.worst(test, scores, judge.Threshold)
	return e.morph(test, judge)
}

// worst notes how the pairs that were wrongly called copies score.
func (e *pictureEval) worst(test []pairOf, scores []copies.Scored, t float64) {
	var wrong []float64
	for _, s := range scores {
		if !s.Copy && s.Score >= t {
			wrong = append(wrong, s.Score)
		}
	}
	slices.SortFunc(wrong, func(a, b float64) int { return cmp.Compare(b, a) })
	e.note("%d pairs of two pictures were called copies; scores of the first: %.4g", len(wrong), wrong[:min(5, len(wrong))])
}

func alternate(s []copies.Sample) (a, b []copies.Sample) {
	for i, x := range s {
		if i%3 == 2 {
			b = append(b, x)
		} else {
			a = append(a, x)
		}
	}
	return a, b
}

// ukbench are the photographs beside the clothing ones, if they are there.
func ukbench(clothing string) ([]classed, error) {
	files, err := filepath.Glob(filepath.Join(filepath.Dir(clothing), "vision-dup-ukbench-mini", "base_images", "*.jpg"))
	if err != nil || len(files) == 0 {
		return nil, err
	}
	return readFiles(files)
}

// morph turns one picture into another in 1,000 steps and groups them.
func (e *pictureEval) morph(test []pairOf, judge *copies.Judge) error {
	const steps = 1000
	from, to := morphEnds()
	frames := make([]viewed, steps)
	err := each(e.a.ctx, steps, func(i int) error {
		m := blend(from, to, float64(i)/(steps-1))
		p, err := vision.FromImage(m, vision.Options{})
		if err != nil {
			return err
		}
		frames[i], err = viewOf(p)
		return err
	})
	if err != nil {
		return err
	}
	const reach = 400 // frames farther apart are not compared
	found := make([][]copies.Edge, steps)
	if err := each(e.a.ctx, steps, func(i int) error {
		for j := i + 1; j < min(steps, i+reach); j += 1 + (j-i)/20 {
			p := pairOf{a: &frames[i], b: &frames[j]}
			if judge.Copy(p.likeness()) {
				found[i] = append(found[i], copies.Edge{A: i, B: j})
			}
		}
		return nil
	}); err != nil {
		return err
	}
	edges := slices.Concat(found...)
	groups, size := map[int]int{}, 0
	for _, g := range copies.Group(steps, edges) {
		groups[g]++
		size = max(size, groups[g])
	}
	e.add("a morph of 1,000 steps", "groups", float64(len(groups)), "largest", float64(size), "connected components", float64(components(steps, edges)))
	return nil
}

func components(n int, edges []copies.Edge) int {
	parent := make([]int, n)
	for i := range parent {
		parent[i] = i
	}
	find := func(x int) int {
		for parent[x] != x {
			parent[x] = parent[parent[x]]
			x = parent[x]
		}
		return x
	}
	for _, e := range edges {
		if a, b := find(e.A), find(e.B); a != b {
			parent[a] = b
			n--
		}
	}
	return n
}

// morphEnds are two drawn pictures.
func morphEnds() (a, b *image.RGBA) {
	a, b = image.NewRGBA(image.Rect(0, 0, 160, 160)), image.NewRGBA(image.Rect(0, 0, 160, 160))
	for y := range 160 {
		for x := range 160 {
			i := a.PixOffset(x, y)
			u, v := float64(x)/160, float64(y)/160
			s := .5 + .5*math.Sin(9*u+4*v)*math.Cos(7*v-2*u)
			t := .5 + .5*math.Cos(11*math.Hypot(u-.3, v-.6))
			copy(a.Pix[i:], []byte{byte(250 * s), byte(200 * v), byte(90 + 120*u), 255})
			copy(b.Pix[i:], []byte{byte(200 * t), byte(240 * t * u), byte(255 * (1 - t)), 255})
		}
	}
	return a, b
}

func blend(a, b *image.RGBA, t float64) *image.RGBA {
	out := image.NewRGBA(a.Rect)
	draw.Draw(out, out.Rect, a, image.Point{}, draw.Src)
	for i := range out.Pix {
		out.Pix[i] = byte((1-t)*float64(a.Pix[i]) + t*float64(b.Pix[i]) + .5)
	}
	return out
}
