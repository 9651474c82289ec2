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
	g := &goesEval{pictureEval: e, x: x, kinds: kinds}
	boards := boardsOf(d.w)
	var hits [2][][]float64 // by what they are for, method and board
	asked := 0
	const folds = 4
	for fold := range folds {
		part, n, err := g.fold(boards, fold, folds)
		if err != nil {
			return err
		}
		side := min(fold, 1)
		if hits[side] == nil {
			hits[side] = make([][]float64, len(part))
		}
		for k := range part {
			hits[side][k] = append(hits[side][k], part[k]...)
		}
		if fold > 0 {
			asked += n
		}
	}
	for k, name := range g.names {
		j, l := adapt.Compare(hits[1][0], hits[1][k], e.c.Seed), adapt.Compare(hits[1][1], hits[1][k], e.c.Seed)
		chosen := adapt.Compare(hits[0][0], hits[0][k], e.c.Seed)
		e.add(name, "chosen on", chosen.After, "Recall@10", j.After, "over popular", j.Gain, "low", j.Low, "high", j.High, "over looks", l.Gain, "low ", l.Low, "high ", l.High)
	}
	e.note("%d boards in four parts, of which each was asked about by what was learned from the other three; the first part is for choosing, %d questions of %d boards of the rest for the figures", len(boards), asked, len(hits[1][0]))
	e.note("the demo world's people keep by interest, not by what fits: the figure says that the ways work")
	return nil
}

// goesEval asks about what goes together.
type goesEval struct {
	*pictureEval
	x     []float32
	kinds []uint32
	names []string // of the methods
}

// fold learns from all boards but one part of them, and gives each method's recall on each
// board of that part, and the number of questions.
func (e *goesEval) fold(boards [][]int, fold, folds int) ([][]float64, int, error) {
	x, kinds, n := e.x, e.kinds, len(e.kinds)
	r := rand.New(rand.NewPCG(e.c.Seed, uint64(0x90e5+fold)))
	var learned [][]int
	var asked [][]goesBoard // by board
	questions := 0
	for k, b := range boards {
		if k%folds != fold {
			learned = append(learned, b)
			continue
		}
		var list []goesBoard
		for _, i := range r.Perm(len(b))[:min(len(b), 3)] {
			q := goesBoard{ask: b[i]}
			for _, j := range b {
				if kinds[j] != kinds[b[i]] {
					q.targets = append(q.targets, j)
				}
			}
			if len(q.targets) > 0 {
				list = append(list, q)
			}
		}
		if len(list) > 0 {
			asked, questions = append(asked, list), questions+len(list)
		}
	}
	m, err := adapt.Fit(e.a.ctx, x, vision.Dim, learned, adapt.Options{Batch: 128, Steps: 200, Kinds: kinds, Seed: e.c.Seed,
		Progress: func(done, total int) { e.a.ui.step("learning what goes together", int64(done), int64(total)) }})
	if err != nil {
		return nil, 0, err
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
	fused := func(popular float32) func(i int) []float32 {
		return func(i int) []float32 {
			s := make([]float32, n)
			fuseRanks(s, near(y, i), 1, i, kinds)
			fuseRanks(s, kept(i), 1.5, i, kinds)
			fuseRanks(s, saves, popular, i, kinds)
			return s
		}
	}
	methods := []struct {
		name string
		of   func(i int) []float32
	}{
		{"popular", func(int) []float32 { return saves }},
		{"looks alike", func(i int) []float32 { return near(x, i) }},
		{"map across kinds", func(i int) []float32 { return near(y, i) }},
		{"kept together", kept},
		{"both", fused(0)}, {"both, popular by .25", fused(.25)}, {"both, popular by .5", fused(.5)}, {"both, popular by 1: as served", fused(1)},
	}
	out := make([][]float64, len(methods))
	e.names = e.names[:0]
	for k, how := range methods {
		e.names = append(e.names, how.name)
		out[k] = make([]float64, len(asked))
		if err := each(e.a.ctx, len(asked), func(b int) error {
			for _, q := range asked[b] {
				out[k][b] += recallAcross(how.of(q.ask), q, kinds, 10) / float64(len(asked[b]))
			}
			return nil
		}); err != nil {
			return nil, 0, err
		}
	}
	return out, questions, nil
}

// fuseRanks adds a list of other kinds to reciprocal rank fusion, as a page does.
func fuseRanks(out, scores []float32, weight float32, ask int, kinds []uint32) {
	if weight == 0 {
		return
	}
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
