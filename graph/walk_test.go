package graph

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func walk(t testing.TB, s *Snapshot, q []Query, o WalkOptions) ([]Hit, Stats) {
	t.Helper()
	hits, st, err := s.Walk(q, o)
	if err != nil {
		t.Fatal(err)
	}
	return hits, st
}

var walkCases = map[string]struct {
	q []Query
	o WalkOptions
}{
	"one item":     {[]Query{{ID: 3}}, WalkOptions{}},
	"several":      {[]Query{{ID: 3}, {ID: 40, Weight: 2.5}, {ID: 41, Weight: .5}, {ID: 3, Weight: .1}}, WalkOptions{Seed: 9}},
	"early":        {[]Query{{ID: 3}, {ID: 40}}, WalkOptions{EarlyHits: 5, MinVisits: 3, Steps: 20_000}},
	"board":        {[]Query{{ID: 5, Side: Right}, {ID: 9}}, WalkOptions{Trace: true}},
	"boards near":  {[]Query{{ID: 5, Side: Right}, {ID: 9}}, WalkOptions{Target: Right, Trace: true}},
	"kinds":        {[]Query{{ID: 3}, {ID: 9}}, WalkOptions{Kinds: 1 << 1}},
	"weighted":     {[]Query{{ID: 3}}, WalkOptions{Weighted: true, Now: 100, HalfLife: 30}},
	"kind weights": {[]Query{{ID: 3}, {ID: 9}}, WalkOptions{KindWeights: []float64{.25, .75}, Trace: true}},
	"recent":       {[]Query{{ID: 3}, {ID: 5, Side: Right}}, WalkOptions{Recency: 2}},
	"all at once": {[]Query{{ID: 3}, {ID: 5, Side: Right}}, WalkOptions{Kinds: 3, KindWeights: []float64{.5}, Recency: 1, LeftBias: Bias{Label: 1, Share: .5},
		RightBias: Bias{Label: 2, Share: 1}, Trace: true}},
	"users near":   {[]Query{{ID: 5, Side: Right}, {ID: 7, Side: Right, Weight: 2}}, WalkOptions{Target: Right}},
	"bias":         {[]Query{{ID: 3}}, WalkOptions{LeftBias: Bias{Label: 1, Share: .5}, RightBias: Bias{Label: 2, Share: 1}}},
	"sum, trace":   {[]Query{{ID: 3}, {ID: 17}}, WalkOptions{Sum: true, Trace: true, IncludeQuery: true}},
	"few steps":    {[]Query{{ID: 3}, {ID: 17}}, WalkOptions{Steps: 1}},
	"long restart": {[]Query{{ID: 3}}, WalkOptions{Restart: 0.05, Top: 3}},
	"per visit":    {[]Query{{ID: 3}, {ID: 40}}, WalkOptions{PerVisit: 4}},
	"one, four":    {[]Query{{ID: 3}}, WalkOptions{PerVisit: 4, EarlyHits: 20, Steps: 20_000}},
	"four, traced": {[]Query{{ID: 3}, {ID: 5, Side: Right}}, WalkOptions{PerVisit: 4, Trace: true}},
	"four, kinds": {[]Query{{ID: 3}, {ID: 5, Side: Right}}, WalkOptions{PerVisit: 4, KindWeights: []float64{.25, .75},
		LeftBias: Bias{Label: 1, Share: .5}}},
	"label":       {[]Query{{ID: 3}, {ID: 11}}, WalkOptions{LeftBias: Bias{Label: 1, Share: .6}}},
	"label, four": {[]Query{{ID: 3}}, WalkOptions{LeftBias: Bias{Label: 2, Share: 1}, PerVisit: 4}},
	"rounds":      {[]Query{{ID: 3}}, WalkOptions{PerVisit: 64, LeftBias: Bias{Label: 1, Share: .5}}},
	"always back": {[]Query{{ID: 3}}, WalkOptions{Restart: 1}},
}

func dressed(edges []Edge) []Edge {
	for i := range edges {
		edges[i].Kind, edges[i].Time = uint8(i%2), uint32(i%100)
		edges[i].Weight = float32(1+i%4) / 4
	}
	return edges
}

// The interleaved walk and its plain twin agree, and both give the same before and after a merge.
func TestWalkTwins(t *testing.T) {
	g, err := New(Options{MergeAt: -1})
	if err != nil {
		t.Fatal(err)
	}
	for id := range uint32(200) {
		if err := g.SetLabel(Left, id, uint8(id%3)); err != nil {
			t.Fatal(err)
		}
		if err := g.SetLabel(Right, id, uint8(id%4)); err != nil {
			t.Fatal(err)
		}
	}
	edges := dressed(synthetic(300, 200, 4000, 5, 1))
	for i, e := range edges {
		if i == len(edges)*2/3 {
			g.Merge()
		}
		if _, err := g.Add(e); err != nil {
			t.Fatal(err)
		}
		if i%7 == 3 {
			g.Remove(edges[i/2].Left, edges[i/2].Right, edges[i/2].Kind)
		}
	}
	live := g.Snapshot()
	g.Merge()
	merged := g.Snapshot()
	if live.side[Left].live == nil || merged.side[Left].live != nil {
		t.Fatal("the test wants one snapshot with a live layer and one without")
	}
	for name, c := range walkCases {
		t.Run(name, func(t *testing.T) {
			want, wst := walk(t, live, c.q, c.o)
			if len(want) == 0 {
				t.Fatal("no results")
			}
			got, gst := walk(t, merged, c.q, c.o)
			if d := cmp.Diff(want, got); d != "" || wst != gst {
				t.Errorf("merged: %+v, live: %+v\n%s", gst, wst, d)
			}
			noCourse = true
			got, gst = walk(t, merged, c.q, c.o)
			noCourse = false
			if d := cmp.Diff(want, got); d != "" || wst != gst {
				t.Errorf("without assembly: %+v, live: %+v\n%s", gst, wst, d)
			}
			c.o.Plain = true
			got, gst = walk(t, live, c.q, c.o)
			if d := cmp.Diff(want, got); d != "" || wst != gst {
				t.Errorf("plain: %+v, interleaved: %+v\n%s", gst, wst, d)
			}
			c.o.Plain = false
			c.o.Seed += 1e6
			if got, _ = walk(t, live, c.q, c.o); c.o.Restart < 1 && c.o.Steps == 0 && slices.Equal(got, want) {
				t.Error("another seed gives the same")
			}
		})
	}
}

// Counting in an array and in a table agree.
func TestCounters(t *testing.T) {
	g := grow(t, synthetic(3000, 800, 20_000, 8, 2), Options{})
	s := g.Snapshot()
	q := []Query{{ID: 3}, {ID: 400}, {ID: 77, Weight: 3}}
	want, _ := walk(t, s, q, WalkOptions{Steps: 2000})
	one := []WalkOptions{{Steps: 2000}, {Steps: 40_000, Top: 10}, {Steps: 300, Top: 5000, IncludeQuery: true}, {Steps: 9000, Top: 7, Plain: true}}
	var wantOne [][]Hit
	for _, o := range one {
		hits, _ := walk(t, s, q[:1], o)
		wantOne = append(wantOne, hits)
	}
	// One node far out makes the id range too large for an array.
	if _, err := g.Add(Edge{Left: 5_000_000, Right: 900_000}); err != nil {
		t.Fatal(err)
	}
	for range 3 { // again with the pooled tables
		got, _ := walk(t, g.Snapshot(), q, WalkOptions{Steps: 2000})
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
		for i, o := range one { // these only write visits down, and count in parts
			got, _ := walk(t, g.Snapshot(), q[:1], o)
			if d := cmp.Diff(wantOne[i], got); d != "" {
				t.Fatalf("%+v: %s", o, d)
			}
			o.EarlyHits = 1 << 30 // this one counts in a table
			got, _ = walk(t, g.Snapshot(), q[:1], o)
			if d := cmp.Diff(wantOne[i], got); d != "" {
				t.Fatalf("%+v, in a table: %s", o, d)
			}
		}
	}
}

func TestNewEdgeIsWalkable(t *testing.T) {
	g := grow(t, synthetic(100, 50, 800, 4, 3), Options{})
	if hits, st := walk(t, g.Snapshot(), []Query{{ID: 5000}}, WalkOptions{}); len(hits) != 0 || st.Skipped != 1 {
		t.Fatalf("an unknown id gives %v, %+v", hits, st)
	}
	for _, id := range []uint32{5000, 6000} {
		if _, err := g.Add(Edge{Left: id, Right: 7000}); err != nil {
			t.Fatal(err)
		}
	}
	hits, _ := walk(t, g.Snapshot(), []Query{{ID: 5000}}, WalkOptions{Trace: true})
	if len(hits) != 1 || hits[0].ID != 6000 || hits[0].Via != 7000 {
		t.Fatalf("got %+v, want 6000 by way of 7000", hits)
	}
	g.RemoveRight(7000)
	if hits, _ := walk(t, g.Snapshot(), []Query{{ID: 5000}}, WalkOptions{}); len(hits) != 0 {
		t.Fatalf("after RemoveRight: %+v", hits)
	}
}

// Where everything can be worked out by hand: item 0 lies on boards 0 (with item 1) and 1 (with items 2 and 3).
func TestTrace(t *testing.T) {
	g := grow(t, []Edge{{Left: 0, Right: 0}, {Left: 1, Right: 0}, {Left: 0, Right: 1}, {Left: 2, Right: 1}, {Left: 3, Right: 1},
		{Left: 9, Right: 9}, {Left: 8, Right: 9}}, Options{})
	q := []Query{{ID: 9}, {ID: 0}}
	hits, st := walk(t, g.Snapshot(), q, WalkOptions{Restart: 1, Steps: 60_000, Trace: true})
	if st.Steps < 60_000 || st.Steps > 60_000+2*lanes {
		t.Errorf("%d steps", st.Steps)
	}
	want := map[uint32]Hit{8: {From: 0, Via: 9}, 1: {From: 1, Via: 0}, 2: {From: 1, Via: 1}, 3: {From: 1, Via: 1}}
	share := map[uint32]float64{1: .25, 2: 1. / 6, 3: 1. / 6}
	steps0 := 0.0
	for _, h := range hits {
		if w, ok := want[h.ID]; !ok || h.From != w.From || h.Via != w.Via {
			t.Errorf("%+v, want from %d via %d", h, w.From, w.Via)
		}
		if h.ID == 8 {
			steps0 = 2 * float64(h.Visits)
		}
	}
	for _, h := range hits {
		if p := share[h.ID]; p > 0 && math.Abs(float64(h.Visits)/(float64(st.Steps)-steps0)-p) > 0.02 {
			t.Errorf("item %d: %d visits of %.0f steps, want a share of %.3f", h.ID, h.Visits, float64(st.Steps)-steps0, p)
		}
	}
}

func TestKindsWeightsBias(t *testing.T) {
	g := grow(t, []Edge{{Left: 0, Right: 0}, {Left: 1, Right: 0, Kind: 1}, {Left: 2, Right: 0, Weight: .25}, {Left: 3, Right: 0, Time: 100},
		{Left: 4, Right: 0, Kind: 63}}, Options{})
	q := []Query{{ID: 0, Side: Right}}
	visits := func(o WalkOptions) map[uint32]float64 {
		o.Steps, o.Restart = 20_000, 1
		hits, st := walk(t, g.Snapshot(), q, o)
		m := map[uint32]float64{}
		for _, h := range hits {
			m[h.ID] = float64(h.Visits) / float64(st.Steps)
		}
		return m
	}
	near := func(name string, got map[uint32]float64, want ...float64) {
		for id, w := range want {
			if math.Abs(got[uint32(id)]-w) > .02 {
				t.Errorf("%s: item %d has share %.3f, want %.3f", name, id, got[uint32(id)], w)
			}
		}
	}
	near("all", visits(WalkOptions{}), .2, .2, .2, .2, .2)
	near("kind 1", visits(WalkOptions{Kinds: 1 << 1}), 0, 1, 0, 0, 0)
	near("kind 2", visits(WalkOptions{Kinds: 1 << 2}), 0, 0, 0, 0, 0)
	near("weights of kinds", visits(WalkOptions{KindWeights: []float64{.5, 1}}), .5/3.5, 1/3.5, .5/3.5, .5/3.5, 1/3.5)
	near("kind 0 left out", visits(WalkOptions{KindWeights: []float64{0}}), 0, .5, 0, 0, .5)
	near("newest of two", visits(WalkOptions{Recency: 1, Kinds: 1}), 1./9, 0, 3./9, 5./9, 0)
	near("newest of two, by kind", visits(WalkOptions{Recency: 1}), 1./15, .2, 3./15, 5./15, .2)
	near("kinds 0 and 63", visits(WalkOptions{Kinds: 1 | 1<<63}), .25, 0, .25, .25, .25)
	near("weighted", visits(WalkOptions{Weighted: true}), 4./17, 4./17, 1./17, 4./17, 4./17)
	near("aged", visits(WalkOptions{Weighted: true, Now: 200, HalfLife: 100}), .167, .167, .04, .333, .167)
	for id := range uint32(2) {
		if err := g.SetLabel(Left, id, 7); err != nil {
			t.Fatal(err)
		}
	}
	near("bias", visits(WalkOptions{LeftBias: Bias{Label: 7, Share: .5}}), .35, .35, .1, .1, .1)
	near("absent label", visits(WalkOptions{LeftBias: Bias{Label: 8, Share: 1}}), .2, .2, .2, .2, .2)
}

func TestWalkStop(t *testing.T) {
	g := grow(t, synthetic(300, 200, 4000, 5, 1), Options{})
	asked := 0
	_, st := walk(t, g.Snapshot(), []Query{{ID: 1}, {ID: 2}}, WalkOptions{Steps: 1 << 20, Stop: func() bool { asked++; return asked == 3 }})
	if !st.Stopped || st.Steps != 3*lanes*round {
		t.Errorf("%+v after %d questions", st, asked)
	}
}

func TestBadInput(t *testing.T) {
	g := grow(t, nil, Options{MaxNodes: 100})
	for name, e := range map[string]Edge{
		"left": {Left: 100}, "right": {Right: 4e9}, "kind": {Kind: 64}, "weight > 1": {Weight: 1.5}, "negative": {Weight: -1},
		"NaN": {Weight: float32(math.NaN())},
	} {
		if _, err := g.Add(e); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if g.SetLabel(Left, 100, 1) == nil || g.SetLabel(2, 1, 1) == nil {
		t.Error("SetLabel accepted a bad node")
	}
	if g.Remove(4e9, 4e9, 255) || g.RemoveRight(4e9) != 0 || g.RemoveNode(9, 0) != 0 || g.Edges() != 0 {
		t.Error("removed what is not there")
	}
	if _, err := New(Options{MaxNodes: 1 << 30}); err == nil {
		t.Error("MaxNodes accepted")
	}
	s := g.Snapshot()
	for name, o := range map[string]WalkOptions{
		"Target": {Target: 2}, "Steps": {Steps: -1}, "Restart": {Restart: 2}, "NaN": {Restart: math.NaN()}, "Top": {Top: -1},
		"EarlyHits": {EarlyHits: -1}, "MinVisits": {MinVisits: -1}, "HalfLife": {HalfLife: math.Inf(1)},
		"Share": {LeftBias: Bias{Share: 2}}, "Share right": {RightBias: Bias{Share: -2}},
		"Recency": {Recency: -1}, "KindWeights": {KindWeights: []float64{2}}, "KindWeights NaN": {KindWeights: []float64{math.NaN()}},
		"KindWeights long": {KindWeights: make([]float64, 65)},
	} {
		if _, _, err := s.Walk(nil, o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for _, q := range []Query{{Side: 2}, {Weight: -1}, {Weight: math.NaN()}, {Weight: math.Inf(1)}} {
		if _, _, err := s.Walk([]Query{q}, WalkOptions{}); err == nil {
			t.Errorf("%+v: accepted", q)
		}
	}
	if hits, st, err := s.Walk([]Query{{ID: math.MaxUint32}, {Side: Right}}, WalkOptions{}); len(hits) != 0 || st.Skipped != 2 || err != nil {
		t.Errorf("empty graph: %v, %+v, %v", hits, st, err)
	}
}
