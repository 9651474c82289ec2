package main

import (
	"fmt"
	"slices"
	"time"

	"bowerbird/graph"
)

// graphQuality is measured on a smaller graph, whose exact answers can be computed.
type graphQuality struct {
	Edges     int     `json:"edges"`
	Full      int     `json:"full_steps"`
	EarlyPart float64 `json:"early_steps_share"`     // of the steps of the full walk
	EarlySame float64 `json:"early_overlap_1000"`    // of its top 1,000
	FullSame  float64 `json:"full_overlap_1000"`     // of two full walks with different seeds
	PPRSteps  int     `json:"ppr_steps"`             // of a walk
	PPRSame   float64 `json:"ppr_overlap_50"`        // with the exact top 50
	PPRFew    float64 `json:"ppr_overlap_50_short"`  // of a walk of 100,000 steps
	Minority  float64 `json:"minority_share"`        // in the top 100
	Biased    float64 `json:"minority_share_biased"` // with the bias
	Uniform   float64 `json:"uniform_steps"`         // steps a second, one thread
	Labels    float64 `json:"label_bias_steps"`
	Kinds     float64 `json:"kinds_recency_steps"`
	Weighted  float64 `json:"weighted_steps"`
}

const (
	fullSteps = 200_000
	pprSteps  = 2_000_000
)

// quality measures what walks find.
func (c *benchGraphCmd) quality(a *app, _ string, out *graphResult) error {
	g, err := c.labelled()
	if err != nil {
		return err
	}
	s, r := g.Snapshot(), &out.Quality
	q := c.starts(s, 30, 0)
	r.Edges, r.Full, r.PPRSteps = s.Edges(), fullSteps, pprSteps
	for i := range q {
		a.ui.step("measuring quality", int64(i), int64(len(q)))
		full, all, err := s.Walk(q[i:i+1], graph.WalkOptions{Steps: fullSteps, Top: 1000, Seed: uint64(i)})
		if err != nil {
			return err
		}
		early, some, err := s.Walk(q[i:i+1], graph.WalkOptions{Steps: fullSteps, Top: 1000, Seed: uint64(i), EarlyHits: 2000, MinVisits: 4})
		if err != nil {
			return err
		}
		again, _, err := s.Walk(q[i:i+1], graph.WalkOptions{Steps: fullSteps, Top: 1000, Seed: uint64(i) + 1e6})
		if err != nil {
			return err
		}
		r.FullSame += overlap(idsOf(full), idsOf(again)) / float64(len(q))
		r.EarlySame += overlap(idsOf(full), idsOf(early)) / float64(len(q))
		r.EarlyPart += float64(some.Steps) / float64(all.Steps) / float64(len(q))
		if err := c.minority(s, q[i], i, len(q), r); err != nil {
			return err
		}
	}
	for i := range 5 {
		exact, err := s.PPR(q[i], graph.PPROptions{Tolerance: 1e-6})
		if err != nil {
			return err
		}
		exact[q[i].ID] = 0
		for _, x := range []struct {
			steps int
			same  *float64
		}{{100_000, &r.PPRFew}, {pprSteps, &r.PPRSame}} {
			hits, _, err := s.Walk(q[i:i+1], graph.WalkOptions{Steps: x.steps, Top: 50, Seed: uint64(i)})
			if err != nil {
				return err
			}
			*x.same += overlap(byScore(exact, 50), idsOf(hits)) / 5
		}
	}
	return c.choices(s, q, r)
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
		{"early stop (2000, 4): steps, of " + count(r.Full), f(r.EarlyPart), "0.333"},
		{"early stop: overlap of the top 1,000 with the walk gone on with", f(r.EarlySame), "0.84"},
		{"two full walks of different seeds: overlap of the top 1,000", f(r.FullSame), ""},
		{"top 50 by exact personalised PageRank, " + count(r.PPRSteps) + " steps", f(r.PPRSame), "0.9"},
		{"the same, 100,000 steps", f(r.PPRFew), ""},
		{"minority label's share of the top 100, unbiased", f(r.Minority), ""},
		{"the same, biased", f(r.Biased) + fmt.Sprintf(" (%.0f times)", ratio), "10 times"},
		{"uniform steps", m(r.Uniform), "one thread, by processor time"},
		{"label bias 0.5", m(r.Labels), ""},
		{"kinds weighted, newest of two", m(r.Kinds), ""},
		{"weights and age by rejection", m(r.Weighted), ""}})
}
