package main

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"bowerbird/internal/vec"
	"bowerbird/surface"
	"bowerbird/vision"
	"bowerbird/vision/adapt"
)

// goesBoard is a board that nothing was learned from.
type goesBoard struct {
	ask     int   // one of its items
	targets []int // those of other kinds
}

// goesWith asks, of boards that nothing was learned from, with one item for the others that
// are of another kind: by what is popular, by what looks alike, by the map that is learned
// across kinds, by what is kept together on the other boards, and by both as the server
// serves them.
func (e *pictureEval) goesWith(string) error {
	d, err := e.drawn()
	if err != nil {
		return err
	}
	n := len(d.pictures)
	x, kinds := make([]float32, n*vision.Dim), make([]uint32, n)
	names := map[string]uint32{}
	for i := range n {
		c := d.w.Item(i).Categories
		kind := c[len(c)-1]
		if names[kind] == 0 {
			names[kind] = uint32(len(names) + 1)
		}
		kinds[i] = names[kind]
	}
	if err := each(e.a.ctx, n, func(i int) error {
		v, err := d.pictures[i].Describe(vision.Full)
		copy(x[i*vision.Dim:], v)
		return err
	}); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(e.c.Seed, 0x90e5))
	var learned [][]int
	var asked []goesBoard
	for k, b := range boardsOf(d.w) {
		if k%4 != 0 {
			learned = append(learned, b)
			continue
		}
		for _, i := range r.Perm(len(b))[:min(len(b), 3)] {
			q := goesBoard{ask: b[i]}
			for _, j := range b {
				if kinds[j] != kinds[b[i]] {
					q.targets = append(q.targets, j)
				}
			}
			if len(q.targets) > 0 {
				asked = append(asked, q)
			}
		}
	}
	m, err := adapt.Fit(e.a.ctx, x, vision.Dim, learned, adapt.Options{Batch: 128, Steps: 200, Kinds: kinds, Seed: e.c.Seed,
		Progress: func(done, total int) { e.a.ui.step("learning what goes together", int64(done), int64(total)) }})
	if err != nil {
		return err
	}
	y := make([]float32, len(x))
	saves, together := make([]float32, n), make([]map[int]float32, n)
	for i := range n {
		m.Apply(x[i*vision.Dim:(i+1)*vision.Dim], y[i*vision.Dim:(i+1)*vision.Dim])
		together[i] = map[int]float32{}
	}
	for _, b := range learned {
		for _, i := range b {
			saves[i]++
			for _, j := range b {
				if i != j {
					together[i][j]++
				}
			}
		}
	}
	near := func(rows []float32, i int) []float32 {
		s := make([]float32, n)
		vec.DotRows(s, rows[i*vision.Dim:(i+1)*vision.Dim], rows)
		return s
	}
	kept := func(i int) []float32 {
		s := make([]float32, n)
		for j, c := range together[i] {
			s[j] = c / (1 + saves[j]) // what everybody keeps goes with nothing in particular
		}
		return s
	}
	methods := []struct {
		name string
		of   func(i int) []float32
	}{
		{"popular", func(int) []float32 { return saves }},
		{"looks alike", func(i int) []float32 { return near(x, i) }},
		{"map across kinds", func(i int) []float32 { return near(y, i) }},
		{"kept together", kept},
		{"both, as served", func(i int) []float32 {
			s := make([]float32, n)
			fuseRanks(s, near(y, i), 1, i, kinds)
			fuseRanks(s, kept(i), 1.5, i, kinds)
			return s
		}},
	}
	hits := make([][]float64, len(methods))
	for k, how := range methods {
		hits[k] = make([]float64, len(asked))
		if err := each(e.a.ctx, len(asked), func(q int) error {
			hits[k][q] = recallAcross(how.of(asked[q].ask), asked[q], kinds, 10)
			return nil
		}); err != nil {
			return err
		}
	}
	for k, how := range methods {
		j, l := adapt.Compare(hits[0], hits[k], e.c.Seed), adapt.Compare(hits[1], hits[k], e.c.Seed)
		e.add(how.name, "Recall@10", j.After, "over popular", j.Gain, "low", j.Low, "high", j.High, "over looks", l.Gain, "low ", l.Low, "high ", l.High)
	}
	e.note("%d boards learned from, %d questions of others; the demo world's people keep by interest, not by what fits: the figure says that the ways work", len(learned), len(asked))
	return nil
}

// fuseRanks adds a list of other kinds to reciprocal rank fusion, as a page does.
func fuseRanks(out, scores []float32, weight float32, ask int, kinds []uint32) {
	order := make([]int, 0, len(scores))
	for j, s := range scores {
		if kinds[j] != kinds[ask] && s > 0 {
			order = append(order, j)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	for rank, j := range order[:min(len(order), 200)] {
		out[j] += surface.Fused(weight, rank+1)
	}
}

// recallAcross is the part of the targets, of at most k, that are among the first k of other
// kinds.
func recallAcross(scores []float32, q goesBoard, kinds []uint32, k int) float64 {
	best := vec.NewBest(k)
	for j, s := range scores {
		if j != q.ask && kinds[j] != kinds[q.ask] {
			best.Push(vec.Scored{ID: uint32(j), Score: s})
		}
	}
	found := 0.0
	for _, s := range best.Sorted() {
		if slices.Contains(q.targets, int(s.ID)) {
			found++
		}
	}
	return found / float64(min(k, len(q.targets)))
}
