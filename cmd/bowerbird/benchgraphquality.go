package main

import (
	"fmt"
	"slices"
	"time"

	"bowerbird/graph"
)

// graphQuality is measured on a smaller graph, whose exact answers can be computed.
type graphQuality struct {
	Edges    int          `json:"edges"`
	Early    []graphEarly `json:"early"`
	Exact    []graphExact `json:"exact"`
	Minority float64      `json:"minority_share"`        // in the top 100
	Biased   float64      `json:"minority_share_biased"` // with the bias
	Uniform  float64      `json:"uniform_steps"`         // steps a second, one thread
	Labels   float64      `json:"label_bias_steps"`
	Kinds    float64      `json:"kinds_recency_steps"`
	Weighted float64      `json:"weighted_steps"`
}

// graphEarly is what walks that stop early find, against the same walks gone on with.
type graphEarly struct {
	Edges    int     `json:"edges"`
	Items    int     `json:"items"` // of a query
	Full     int     `json:"full_steps"`
	PerVisit int     `json:"per_visit"`
	Part     float64 `json:"steps_share"`      // of the full walk's
	CPUPart  float64 `json:"cpu_share"`        // of the processor time of a full walk of one a visit
	Same     float64 `json:"overlap_1000"`     // of the top 1,000
	Two      float64 `json:"two_overlap_1000"` // of the top 1,000 of two full walks with different seeds
}

// graphExact is how much of the top 50 by exact personalised PageRank a walk finds.
type graphExact struct {
	Steps    int           `json:"steps"`
	PerVisit int           `json:"per_visit"`
	Same     float64       `json:"overlap_50"`
	CPU      time.Duration `json:"cpu_ns"` // of a walk
}

// quality measures what walks find.
func (c *benchGraphCmd) quality(a *app, _ string, out *graphResult) error {
	g, err := c.labelled()
	if err != nil {
		return err
	}
	s, r := g.Snapshot(), &out.Quality
	q := c.starts(s, 30, 0)
	r.Edges = s.Edges()
	for i := range q {
		a.ui.step("measuring quality", int64(i), int64(len(q)))
		if err := c.minority(s, q[i], i, len(q), r); err != nil {
			return err
		}
	}
	if r.Exact, err = c.exact(s, q[:10]); err != nil {
		return err
	}
	if r.Early, err = c.early(a, s); err != nil {
		return err
	}
	return c.choices(s, q, r)
}

// exact compares walks with exact personalised PageRank.
func (c *benchGraphCmd) exact(s *graph.Snapshot, q []graph.Query) ([]graphExact, error) {
	var out []graphExact
	for _, x := range []struct{ steps, per int }{{100_000, 1}, {100_000, 4}, {100_000, 16}, {2_000_000, 1}} {
		out = append(out, graphExact{Steps: x.steps, PerVisit: x.per})
	}
	for i := range q {
		exact, err := s.PPR(q[i], graph.PPROptions{Tolerance: 1e-6})
		if err != nil {
			return nil, err
		}
		exact[q[i].ID] = 0
		best := byScore(exact, 50)
		for k := range out {
			x, start := &out[k], cpuTime()
			hits, _, err := s.Walk(q[i:i+1], graph.WalkOptions{Steps: x.Steps, PerVisit: x.PerVisit, Top: 50, Seed: uint64(i)})
			if err != nil {
				return nil, err
			}
			x.CPU += (cpuTime() - start) / time.Duration(len(q))
			x.Same += overlap(best, idsOf(hits)) / float64(len(q))
		}
	}
	return out, nil
}

// stop measures early stop on the large graph.
func (c *benchGraphCmd) stop(a *app, path string, out *graphResult) error {
	g, err := graph.Open(path, graph.Options{Copy: true})
	if err != nil {
		return err
	}
	out.Early, err = c.early(a, g.Snapshot())
	return err
}

// What early compares: lengths of the walk that is cut short, nodes counted a visit, and queries of each.
var (
	earlyFull = []int{200_000, 500_000, 750_000, 1_000_000}
	earlyPer  = []int{1, 4}
)

const earlyAsked = 10

// early compares walks that stop early, n_p 2,000 and n_v 4, with the same walks gone on with.
func (c *benchGraphCmd) early(a *app, s *graph.Snapshot) ([]graphEarly, error) {
	var out []graphEarly
	for _, items := range []int{1, 5} {
		q := c.starts(s, earlyAsked*items, 1)
		for _, full := range earlyFull {
			var one time.Duration
			for _, per := range earlyPer {
				x := graphEarly{Edges: s.Edges(), Items: items, Full: full, PerVisit: per}
				var took time.Duration
				for i := range earlyAsked {
					a.ui.step("stopping early", int64(len(out)*earlyAsked+i), 2*int64(len(earlyFull)*len(earlyPer))*earlyAsked)
					o := graph.WalkOptions{Steps: full, PerVisit: per, Top: 1000, Seed: uint64(i)}
					from := q[i*items:][:items]
					start := cpuTime()
					all, st, err := s.Walk(from, o)
					if err != nil {
						return nil, err
					}
					if per == 1 {
						one += cpuTime() - start
					}
					o.Seed += 1e6
					two, _, err := s.Walk(from, o)
					if err != nil {
						return nil, err
					}
					o.Seed, o.EarlyHits, o.MinVisits = uint64(i), 2000, 4
					start = cpuTime()
					early, some, err := s.Walk(from, o)
					if err != nil {
						return nil, err
					}
					took += cpuTime() - start
					x.Part += float64(some.Steps) / float64(st.Steps) / earlyAsked
					x.Same += overlap(idsOf(all), idsOf(early)) / earlyAsked
					x.Two += overlap(idsOf(all), idsOf(two)) / earlyAsked
				}
				x.CPUPart = took.Seconds() / max(one, time.Microsecond).Seconds()
				out = append(out, x)
			}
		}
	}
	return out, nil
}

// labelled is a graph in which two topics of a hundred are the minority, a third of the edges of another kind, and times run on.
func (c *benchGraphCmd) labelled() (*graph.Graph, error) {
	d := drawn(c.Small, c.Seed)
	b, err := graph.NewBuilder(graph.Options{})
	if err != nil {
		return nil, err
	}
	labels := make([]uint8, d.Lefts)
	for i := range labels {
		if i%d.Topics < 2 {
			labels[i] = 1
		}
	}
	if err := b.SetLabels(graph.Left, labels); err != nil {
		return nil, err
	}
	n := uint32(0)
	err = d.Each(func(e []graph.Edge) error {
		for i := range e {
			n++
			e[i].Time, e[i].Kind, e[i].Weight = n, uint8(n*2654435761>>16%3/2), float32(1+n%4)/4
		}
		return b.Add(e)
	})
	if err != nil {
		return nil, err
	}
	return b.Graph()
}

// minority adds a query's shares of results with label 1, without and with the bias.
func (c *benchGraphCmd) minority(s *graph.Snapshot, q graph.Query, i, n int, r *graphQuality) error {
	for _, bias := range []float64{0, 1} {
		hits, _, err := s.Walk([]graph.Query{q}, graph.WalkOptions{Steps: c.Steps, Top: 100, Seed: uint64(i), LeftBias: graph.Bias{Label: 1, Share: bias}})
		if err != nil {
			return err
		}
		share := 0.0
		for _, h := range hits {
			if h.ID%100 < 2 {
				share += 1 / float64(len(hits)*n)
			}
		}
		if bias == 0 {
			r.Minority += share
		} else {
			r.Biased += share
		}
	}
	return nil
}

// choices measures what choosing among edges costs, by processor time, in turn.
func (c *benchGraphCmd) choices(s *graph.Snapshot, q []graph.Query, r *graphQuality) error {
	ways := []struct {
		o   graph.WalkOptions
		out *float64
	}{
		{graph.WalkOptions{}, &r.Uniform},
		{graph.WalkOptions{LeftBias: graph.Bias{Label: 1, Share: .5}}, &r.Labels},
		{graph.WalkOptions{KindWeights: []float64{1, .3}, Recency: 1}, &r.Kinds},
		{graph.WalkOptions{Weighted: true, Now: uint32(c.Small), HalfLife: float64(c.Small)}, &r.Weighted},
	}
	speeds := make([][]float64, len(ways))
	for range c.Rounds {
		for i, w := range ways {
			w.o.Steps = c.Steps
			start := cpuTime()
			for k := range q[:10] {
				w.o.Seed = uint64(k)
				if _, _, err := s.Walk(q[k:k+1], w.o); err != nil {
					return err
				}
			}
			speeds[i] = append(speeds[i], float64(10*c.Steps)/max(cpuTime()-start, time.Microsecond).Seconds())
		}
	}
	for i, w := range ways {
		*w.out = median(speeds[i])
	}
	return nil
}

func idsOf(hits []graph.Hit) []uint32 {
	ids := make([]uint32, len(hits))
	for i, h := range hits {
		ids[i] = h.ID
	}
	return ids
}

// overlap is the share of want that got has.
func overlap(want, got []uint32) float64 {
	have := map[uint32]bool{}
	for _, x := range got {
		have[x] = true
	}
	n := 0
	for _, x := range slices.Compact(want) {
		if have[x] {
			n++
		}
	}
	return float64(n) / float64(max(1, len(want)))
}

func (r *graphQuality) print(a *app) {
	f := func(x float64) string { return fmt.Sprintf("%.3f", x) }
	m := func(x float64) string { return fmt.Sprintf("%.2f M steps/s", x/1e6) }
	ratio := 0.0
	if r.Minority > 0 {
		ratio = r.Biased / r.Minority
	}
	a.columns([][]string{{"quality, on " + count(r.Edges) + " edges", "", "bar"},
		{"minority label's share of the top 100, unbiased", f(r.Minority), ""},
		{"the same, biased", f(r.Biased) + fmt.Sprintf(" (%.0f times)", ratio), "10 times"},
		{"uniform steps", m(r.Uniform), "one thread, by processor time"},
		{"label bias 0.5", m(r.Labels), ""},
		{"kinds weighted, newest of two", m(r.Kinds), ""},
		{"weights and age by rejection", m(r.Weighted), ""}})
	a.printf("\n")
	rows := [][]string{{"top 50 by exact personalised PageRank, of a walk of", "counted a visit", "overlap", "CPU", "bar"}}
	for _, x := range r.Exact {
		rows = append(rows, []string{count(x.Steps) + " steps", fmt.Sprint(x.PerVisit), f(x.Same), millis(x.CPU), "0.9"})
	}
	a.columns(rows)
	printEarly(a, r.Early)
}

func printEarly(a *app, early []graphEarly) {
	if len(early) == 0 {
		return
	}
	a.printf("\n")
	rows := [][]string{{"early stop (2000, 4), edges", "items", "full walk", "counted a visit", "steps", "CPU of the full walk of 1", "overlap of 1,000", "two full walks", "bar"}}
	for _, x := range early {
		rows = append(rows, []string{count(x.Edges), fmt.Sprint(x.Items), count(x.Full), fmt.Sprint(x.PerVisit), fmt.Sprintf("%.3f", x.Part),
			fmt.Sprintf("%.2f", x.CPUPart), fmt.Sprintf("%.3f", x.Same), fmt.Sprintf("%.3f", x.Two), "0.84 at 0.333"})
	}
	a.columns(rows)
}
