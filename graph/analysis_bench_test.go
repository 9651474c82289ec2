//go:build unix

package graph

import (
	"os"
	"strconv"
	"testing"
)

// Every analysis on BOWERBIRD_EDGES edges drawn (1 M unless set), a fifth as many items, a fiftieth as many collections in 50 groups.
func BenchmarkAnalysis(b *testing.B) {
	n := 1_000_000
	if v := os.Getenv("BOWERBIRD_EDGES"); v != "" {
		var err error
		if n, err = strconv.Atoi(v); err != nil || n < 100 {
			b.Fatalf("BOWERBIRD_EDGES=%s: want a number, 100 or more", v)
		}
	}
	g, err := Build(Bulk{Edges: synthetic(n/5, n/50, n, 50, 1)}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	s := g.Snapshot()
	u := s.Undirected()
	near, _, err := s.Project(PairOptions{Each: 10})
	if err != nil {
		b.Fatal(err)
	}
	counts := s.DegreeCounts(Left)
	b.Logf("%d edges, %d items, %d collections; projection of %d edges", s.Edges(), s.Nodes(Left), s.Nodes(Right), near.Edges())
	var part []int32
	for _, c := range []struct {
		name string
		do   func() error
	}{
		{"Undirected", func() error { s.Undirected(); return nil }},
		{"Degrees", func() error { s.Degrees(Left); s.Degrees(Right); return nil }},
		{"PowerLaw", func() error { _, err := FitPowerLaw(counts, PowerLawOptions{}); return err }},
		{"Components", func() error { s.Components(); return nil }},
		{"Cores", func() error { s.Cores(); return nil }},
		{"TwoCore", func() error { _, _, err := s.TwoCore(5, 5); return err }},
		{"PageRank", func() error { _, _, err := s.PageRank(PageRankOptions{Tolerance: 1e-6}); return err }},
		{"PageRankFlat", func() error { _, err := u.PageRank(PageRankOptions{Tolerance: 1e-6}); return err }},
		{"Communities", func() error {
			c, q, err := u.Communities(CommunityOptions{})
			part = c
			b.ReportMetric(q, "modularity")
			return err
		}},
		{"Communities1", func() error {
			_, q, err := u.Communities(CommunityOptions{Iterations: 1})
			b.ReportMetric(q, "modularity")
			return err
		}},
		{"Mixtures", func() error { _, err := s.Mixtures(part[:s.Nodes(Left)]); return err }},
		{"Assortativity", func() error { s.Assortativity(); return nil }},
		{"Butterflies", func() error { _, err := s.Butterflies(ButterflyOptions{Budget: 1e12}); return err }},
		{"ButterfliesSampled", func() error {
			st, err := s.Butterflies(ButterflyOptions{Budget: -1})
			b.ReportMetric(st.Error/st.Butterflies, "relative-error")
			return err
		}},
		{"Pairs", func() error {
			_, st, err := s.Pairs(PairOptions{})
			b.ReportMetric(float64(st.Passed), "passed-over")
			return err
		}},
		{"Project", func() error { _, _, err := s.Project(PairOptions{Each: 10}); return err }},
		{"TrianglesOfProjection", func() error { near.Triangles(); return nil }},
	} {
		b.Run(c.name, func(b *testing.B) {
			measure(b, func(int) {
				if err := c.do(); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}
