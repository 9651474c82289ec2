package main

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"

	"bowerbird/graph"
	"bowerbird/graph/embed"
)

// l2Grid is what the classifiers' regularisation is chosen from, on validation nodes.
var l2Grid = []float64{1e-6, 1e-5, 1e-4, 1e-3, 1e-2}

func (g *graphEval) cora(dir string) error {
	g.columns = []string{"accuracy"}
	p, err := readPlanetoid(filepath.Join(dir, "ind.cora."))
	if err != nil {
		return err
	}
	if g.c.Validate {
		p.test = p.valid
	}
	g.published("label propagation, no features", 0.680)
	g.published("DeepWalk, no features", 0.672)
	g.published("Planetoid", 0.757)
	g.published("SGC", 0.810)
	g.published("GCN", 0.815)
	g.published("GAT", 0.830)
	l := g.limits(true)
	bag := embed.Features{Dim: p.x.Dim, Rows: unitRows(slices.Clone(p.x.Rows), p.x.Dim)}
	var rows []float32
	var dim int
	judge := func() ([]float64, error) { return g.accuracy(p, rows, dim) }
	take := func(v *embed.Vectors, err error) error {
		if err == nil {
			rows, dim = unitRows(v.Left, v.Dim), v.Dim
		}
		return err
	}
	with := func() { rows, dim = beside(bag.Rows, bag.Dim, rows, dim), bag.Dim+dim }
	if err := g.spread(p, l); err != nil {
		return err
	}
	free := map[string]func() error{
		"DeepWalk, 128": func() error {
			return take(embed.Walks(g.a.ctx, p.graph, embed.WalkOptions{Limits: l, Seed: g.c.Seed}))
		},
		"ProNE, 128": func() error {
			return take(embed.ProNE(g.a.ctx, p.graph, embed.ProNEOptions{Limits: l, Seed: g.c.Seed}))
		},
		"spectral, 128": func() error {
			return take(embed.Spectral(g.a.ctx, p.graph, embed.SpectralOptions{Limits: l, Seed: g.c.Seed}))
		},
	}
	for _, name := range []string{"DeepWalk, 128", "ProNE, 128", "spectral, 128"} {
		if err := g.method(name+", no features", "embedding", free[name], judge); err != nil {
			return err
		}
	}
	if err := g.method("features alone", "features", func() error { rows, dim = bag.Rows, bag.Dim; return nil }, judge); err != nil {
		return err
	}
	for _, name := range []string{"DeepWalk, 128", "ProNE, 128"} {
		err := g.method(name+", beside features", "embedding + features", func() error {
			err := free[name]()
			if err == nil {
				with()
			}
			return err
		}, judge)
		if err != nil {
			return err
		}
	}
	return g.inductive(p, bag, l, func(r []float32, d int) { rows, dim = r, d }, judge)
}

// inductive are the methods that carry features along edges.
func (g *graphEval) inductive(p *planetoid, bag embed.Features, l embed.Limits, set func([]float32, int), judge func() ([]float64, error)) error {
	for _, s := range []embed.SmoothOptions{{Hops: 2}, {Hops: 4}, {Hops: 8}, {Hops: 10, Restart: 0.1}, {Hops: 20, Restart: 0.05}} {
		if !g.c.Validate && s.Hops != coraSmooth.Hops {
			continue
		}
		s.Limits = l
		name := fmt.Sprintf("smoothed features, %d hops, restart %g", s.Hops, s.Restart)
		err := g.method(name, "inductive", func() error {
			x, err := embed.Smooth(g.a.ctx, p.graph, bag, s)
			if err == nil {
				set(unitRows(x.Rows, x.Dim), x.Dim)
			}
			return err
		}, judge)
		if err != nil {
			return err
		}
	}
	for _, layers := range []int{1, 2} {
		err := g.method(fmt.Sprintf("aggregator, %d layers, 128, never saw a label", layers), "inductive", func() error {
			o := embed.AggregatorOptions{Limits: l, Layers: layers, Dim: 128, Neighbours: 10, Epochs: 20, Drop: 0.1, Seed: g.c.Seed}
			a, err := embed.TrainAggregator(g.a.ctx, p.graph, bag, o)
			if err != nil {
				return err
			}
			v, err := a.EmbedAll(g.a.ctx, p.graph, bag, l)
			if err == nil {
				set(v.Left, v.Dim)
			}
			return err
		}, judge)
		if err != nil {
			return err
		}
	}
	return nil
}

// coraSmooth was chosen on the validation nodes.
var coraSmooth = embed.SmoothOptions{Hops: 10, Restart: 0.1}

// spread is label propagation: the training labels, smoothed over the graph, are the scores.
func (g *graphEval) spread(p *planetoid, l embed.Limits) error {
	x := embed.Features{Dim: p.classes, Rows: make([]float32, len(p.class)*p.classes)}
	for _, i := range p.train {
		x.Rows[i*p.classes+p.class[i]] = 1
	}
	var out embed.Features
	return g.method("label propagation, no features", "propagation", func() (err error) {
		out, err = embed.Smooth(g.a.ctx, p.graph, x, embed.SmoothOptions{Limits: l, Hops: 50, Restart: 0.1})
		return err
	}, func() ([]float64, error) { return []float64{p.right(out.Rows, p.test)}, nil })
}

// right is the share of nodes whose largest score is that of their class. scores are of all nodes.
func (p *planetoid) right(scores []float32, nodes []int) float64 {
	n := 0
	for _, i := range nodes {
		if most(scores[i*p.classes:(i+1)*p.classes]) == p.class[i] {
			n++
		}
	}
	return float64(n) / float64(len(nodes))
}

func most(x []float32) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}

// accuracy fits the classifier on the training nodes for each strength of regularisation, takes the best on the validation
// nodes, and returns its accuracy on the test nodes.
func (g *graphEval) accuracy(p *planetoid, rows []float32, dim int) ([]float64, error) {
	var classes [][]int
	for _, i := range p.train {
		classes = append(classes, []int{p.class[i]})
	}
	best, test := -1.0, 0.0
	for _, l2 := range l2Grid {
		f, err := fitProbe(g.a.ctx, pick(rows, dim, p.train), dim, classes, p.classes, false, l2)
		if err != nil {
			return nil, err
		}
		scores := f.predict(rows, len(p.class), false)
		if v := p.right(scores, p.valid); v > best {
			best, test = v, p.right(scores, p.test)
		}
	}
	return []float64{test}, nil
}

// shares are the labelled parts of BlogCatalog.
var shares = []float64{0.1, 0.5, 0.9}

func (g *graphEval) blogCatalog(dir string) error {
	g.columns = []string{"micro 10 %", "micro 50 %", "micro 90 %", "macro 10 %", "macro 50 %", "macro 90 %"}
	m, err := readMAT(filepath.Join(dir, "blogcatalog.mat"))
	if err != nil {
		return err
	}
	network, group := m["network"], m["group"]
	if network == nil || group == nil || group.cols != network.rows || network.rows != network.cols {
		return fmt.Errorf("%s: the matrices network and group are absent or do not fit", dir)
	}
	var edges [][2]uint32
	for i := range network.rows {
		for _, j := range network.to[network.first[i]:network.first[i+1]] {
			if j > i {
				edges = append(edges, [2]uint32{uint32(i), uint32(j)})
			}
		}
	}
	s, err := plainGraph(edges)
	if err != nil {
		return err
	}
	labels := make([][]int, group.cols) // group is by columns: a row here is a class
	for c := range group.rows {
		for _, i := range group.to[group.first[c]:group.first[c+1]] {
			labels[i] = append(labels[i], c)
		}
	}
	g.published("DeepWalk, 128", 0.360, 0.410, 0.420, 0.213, 0.273, 0.289)
	return g.blogVectors(s, labels, group.rows)
}

func (g *graphEval) blogVectors(s *graph.Snapshot, labels [][]int, classes int) error {
	l := g.limits(true)
	var rows []float32
	var dim int
	judge := func() ([]float64, error) { return g.f1(rows, dim, labels, classes) }
	take := func(v *embed.Vectors, err error) error {
		if err == nil {
			rows, dim = unitRows(v.Left, v.Dim), v.Dim
		}
		return err
	}
	for _, m := range []struct {
		name string
		make func() error
	}{
		{"DeepWalk, 128", func() error {
			return take(embed.Walks(g.a.ctx, s, embed.WalkOptions{Limits: l, PerNode: 80, Length: 40, Seed: g.c.Seed}))
		}},
		{"ProNE, 128", func() error { return take(embed.ProNE(g.a.ctx, s, embed.ProNEOptions{Limits: l, Seed: g.c.Seed})) }},
		{"spectral, 128", func() error {
			return take(embed.Spectral(g.a.ctx, s, embed.SpectralOptions{Limits: l, Seed: g.c.Seed}))
		}},
	} {
		if err := g.method(m.name, "embedding", m.make, judge); err != nil {
			return err
		}
	}
	return nil
}

// f1 is DeepWalk's protocol: a share of the nodes is labelled, a logistic regression for each class is fitted, and each
// other node is given as many classes as it has, those of the highest chance. Means over splits. The regularisation is
// chosen on a fifth of the labelled nodes of a split of its own; with validate that is also what is reported.
func (g *graphEval) f1(rows []float32, dim int, labels [][]int, classes int) ([]float64, error) {
	var micro, macro []float64
	for _, share := range shares {
		best, l2 := -1.0, 0.0
		rng := rand.New(rand.NewPCG(g.c.Seed, 999))
		labelled := rng.Perm(len(labels))[:int(share*float64(len(labels)))]
		cut := len(labelled) * 4 / 5
		var bestMacro float64
		for _, x := range l2Grid {
			a, b, err := g.split(rows, dim, labels, classes, labelled[:cut], labelled[cut:], x)
			if err != nil {
				return nil, err
			}
			if a > best {
				best, bestMacro, l2 = a, b, x
			}
		}
		if g.c.Validate {
			micro, macro = append(micro, best), append(macro, bestMacro)
			continue
		}
		var sumMicro, sumMacro float64
		for k := range g.c.Splits {
			rng := rand.New(rand.NewPCG(g.c.Seed, uint64(k)))
			order := rng.Perm(len(labels))
			cut := int(share * float64(len(labels)))
			a, b, err := g.split(rows, dim, labels, classes, order[:cut], order[cut:], l2)
			if err != nil {
				return nil, err
			}
			sumMicro, sumMacro = sumMicro+a, sumMacro+b
		}
		micro, macro = append(micro, sumMicro/float64(g.c.Splits)), append(macro, sumMacro/float64(g.c.Splits))
	}
	return append(micro, macro...), nil
}

// split fits on some nodes and returns micro and macro F1 on others.
func (g *graphEval) split(rows []float32, dim int, labels [][]int, classes int, train, test []int, l2 float64) (micro, macro float64, err error) {
	var of [][]int
	for _, i := range train {
		of = append(of, labels[i])
	}
	p, err := fitProbe(g.a.ctx, pick(rows, dim, train), dim, of, classes, true, l2)
	if err != nil {
		return 0, 0, err
	}
	scores := p.predict(pick(rows, dim, test), len(test), true)
	hit, said, is := make([]float64, classes), make([]float64, classes), make([]float64, classes)
	for k, i := range test {
		row := scores[k*classes : (k+1)*classes]
		for range labels[i] {
			c := most(row)
			row[c] = -1
			said[c]++
			if slices.Contains(labels[i], c) {
				hit[c]++
			}
		}
		for _, c := range labels[i] {
			is[c]++
		}
	}
	var h, n float64
	for c := range classes {
		h, n = h+hit[c], n+said[c]+is[c]
		if said[c]+is[c] > 0 {
			macro += 2 * hit[c] / (said[c] + is[c])
		}
	}
	return 2 * h / n, macro / float64(classes), nil
}
