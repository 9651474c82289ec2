package graph

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A long walk finds what exact personalised PageRank ranks highest, from both sides and to both.
// A visit that counts several nodes estimates the same shares, and is nearer to them: uniformly, and with a bias, where shares are
// those of a long walk.
func TestPerVisit(t *testing.T) {
	g, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for id := range uint32(300) {
		if err := g.SetLabel(Left, id, uint8(id%3)); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range synthetic(300, 200, 4000, 5, 1) {
		e.Kind = uint8(e.Left % 2)
		if _, err := g.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	s := g.Snapshot()
	for name, o := range map[string]WalkOptions{
		"uniform": {}, "label": {LeftBias: Bias{Label: 1, Share: .7}}, "kinds": {KindWeights: []float64{1, .2}},
	} {
		o.Top, o.IncludeQuery, o.Sum = 300, true, true
		shares := func(steps, per int, seed uint64) []float64 {
			o.Steps, o.PerVisit, o.Seed = steps, per, seed
			out := make([]float64, 300)
			hits, st := walk(t, s, []Query{{ID: 3}}, o)
			for _, h := range hits {
				out[h.ID] = h.Score / float64(st.Steps)
			}
			return out
		}
		exact := shares(1<<19, 1, 99)
		if sum := total(exact); math.Abs(sum-1) > 1e-9 {
			t.Errorf("%s: shares sum to %v", name, sum)
		}
		off := func(per int) (sum float64) {
			for seed := range uint64(8) {
				for i, x := range shares(4096, per, seed) {
					sum += (x - exact[i]) * (x - exact[i])
				}
			}
			return sum
		}
		long := 0.0
		for i, x := range shares(1<<19, 8, 7) {
			long += math.Abs(x - exact[i])
		}
		one, eight := off(1), off(8)
		t.Logf("%s: squared error of 4,096 steps %.3g with 1 a visit, %.3g with 8; of 524,288 steps with 8 Σ|Δ| %.3g", name, one, eight, long)
		if eight > .6*one || long > .04 {
			t.Errorf("%s: error %g with 8 a visit, %g with 1; Σ|Δ| of a long walk %g", name, eight, one, long)
		}
	}
	for _, o := range []WalkOptions{{PerVisit: -1}, {PerVisit: 65}, {PerVisit: 2, Recency: 1}, {PerVisit: 2, Weighted: true}, {PerVisit: 64, Steps: 1 << 25}} {
		if _, _, err := s.Walk([]Query{{ID: 3}}, o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}

func total(x []float64) (sum float64) {
	for _, v := range x {
		sum += v
	}
	return sum
}

func TestWalkAgainstPPR(t *testing.T) {
	g := grow(t, synthetic(2000, 600, 20_000, 10, 4), Options{})
	s := g.Snapshot()
	for _, target := range []Side{Left, Right} {
		for _, q := range []Query{{ID: 1}, {ID: 30}, {ID: 700}, {ID: 5, Side: Right}, {ID: 77, Side: Right}} {
			if s.Degree(q.Side, q.ID) == 0 {
				t.Fatalf("%+v has no edges", q)
			}
			exact, err := s.PPR(q, PPROptions{Target: target})
			if err != nil {
				t.Fatal(err)
			}
			hits, st := walk(t, s, []Query{q}, WalkOptions{Target: target, Steps: 800_000, Top: 50, IncludeQuery: true})
			order := make([]int, len(exact))
			sum := 0.0
			for i := range order {
				order[i] = i
				sum += exact[i]
			}
			if math.Abs(sum-1) > 1e-9 {
				t.Errorf("%+v: PPR sums to %v", q, sum)
			}
			slices.SortStableFunc(order, func(a, b int) int {
				if exact[a] > exact[b] {
					return -1
				}
				return 1
			})
			both := 0
			for _, h := range hits {
				if slices.Contains(order[:50], int(h.ID)) {
					both++
				}
				p := exact[h.ID]
				if d := math.Abs(float64(h.Visits)/float64(st.Steps) - p); d > 6*math.Sqrt(p/float64(st.Steps)*2)+1e-5 {
					t.Errorf("%+v to %v: node %d has a share of %v, exact %v", q, target, h.ID, float64(h.Visits)/float64(st.Steps), p)
				}
			}
			if both < 45 {
				t.Errorf("%+v to %v: %d of the top 50 agree, want 45", q, target, both)
			}
		}
	}
}

// Early stop spends far fewer steps and keeps most of the head.
func TestEarlyStopOverlap(t *testing.T) {
	s := grow(t, synthetic(20_000, 3000, 100_000, 10, 5), Options{}).Snapshot()
	q := []Query{{ID: 11}}
	full, all := walk(t, s, q, WalkOptions{Steps: 400_000, Top: 200})
	early, st := walk(t, s, q, WalkOptions{Steps: 400_000, Top: 200, EarlyHits: 2000, MinVisits: 4})
	both := 0
	for _, h := range early {
		if slices.ContainsFunc(full, func(f Hit) bool { return f.ID == h.ID }) {
			both++
		}
	}
	t.Logf("%d of %d steps, %d of 200 agree", st.Steps, all.Steps, both)
	if st.Early != 1 || st.Steps*3 > all.Steps || both < 168 {
		t.Errorf("%+v of %+v, %d of 200 agree", st, all, both)
	}
}

// Two components: a path 0-0-1-1-2 (left 0, right 0, left 1, right 1, left 2) and a double edge 7-5.
func tiny(t *testing.T) *Snapshot {
	return grow(t, []Edge{{Left: 0, Right: 0}, {Left: 1, Right: 0}, {Left: 1, Right: 1}, {Left: 2, Right: 1}, {Left: 7, Right: 5},
		{Left: 7, Right: 5, Kind: 1}}, Options{}).Snapshot()
}

func TestComponents(t *testing.T) {
	left, right, sizes := tiny(t).Components()
	type all struct {
		Left, Right []int32
		Sizes       []int
	}
	want := all{[]int32{0, 0, 0, -1, -1, -1, -1, 1}, []int32{0, 0, -1, -1, -1, 1}, []int{5, 2}}
	if d := cmp.Diff(want, all{left, right, sizes}); d != "" {
		t.Error(d)
	}
}

// On an undirected connected graph, PageRank without teleport is proportional to degree; with it, ranks must solve the
// equation and sum to 1.
func TestPageRank(t *testing.T) {
	s := tiny(t)
	left, right, err := s.PageRank(PageRankOptions{Tolerance: 1e-13, MaxRounds: 1000})
	if err != nil {
		t.Fatal(err)
	}
	sum, idle := 0.0, 0.0
	for _, side := range [][]float64{left, right} {
		for _, x := range side {
			sum += x
		}
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("sum %v", sum)
	}
	n := float64(len(left) + len(right))
	for _, i := range []int{3, 4, 5, 6} {
		idle += left[i]
	}
	for _, i := range []int{2, 3, 4} {
		idle += right[i]
	}
	base := (0.15 + 0.85*idle) / n
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"left 0", left[0], base + 0.85*right[0]/2}, {"left 1", left[1], base + 0.85*(right[0]/2+right[1]/2)},
		{"right 0", right[0], base + 0.85*(left[0]+left[1]/2)}, {"left 7", left[7], base + 0.85*right[5]}, {"left 3", left[3], base},
	} {
		if math.Abs(c.got-c.want) > 1e-10 {
			t.Errorf("%s: %v, the equation says %v", c.name, c.got, c.want)
		}
	}
	if _, _, err := s.PageRank(PageRankOptions{Damping: 1.5}); err == nil {
		t.Error("accepted a damping of 1.5")
	}
	if _, err := s.PPR(Query{}, PPROptions{Restart: -1}); err == nil {
		t.Error("accepted a negative restart")
	}
}

// The plain twin of PageRank: edge by edge, in so many rounds.
func pageRankByHand(s *Snapshot, damping float64, rounds int) []float64 {
	n := s.Nodes(Left) + s.Nodes(Right)
	degree := func(v int) int {
		if v < s.Nodes(Left) {
			return s.Degree(Left, uint32(v))
		}
		return s.Degree(Right, uint32(v-s.Nodes(Left)))
	}
	rank := slices.Repeat([]float64{1 / float64(n)}, n)
	for range rounds {
		next, idle := make([]float64, n), 0.0
		for v, x := range rank {
			if degree(v) == 0 {
				idle += x
			}
		}
		for id := range s.Nodes(Left) {
			s.Each(Left, uint32(id), func(e Edge) {
				a, b := int(e.Left), s.Nodes(Left)+int(e.Right)
				next[a] += rank[b] / float64(degree(b))
				next[b] += rank[a] / float64(degree(a))
			})
		}
		for v := range next {
			rank[v] = (1-damping+damping*idle)/float64(n) + damping*next[v]
		}
	}
	return rank
}

// It agrees with its plain twin, with several kinds of an edge and with nodes that have none.
func TestPageRankUndirected(t *testing.T) {
	for _, s := range []*Snapshot{tiny(t), grow(t, dressed(synthetic(300, 100, 2000, 4, 3)), Options{}).Snapshot()} {
		left, right, err := s.PageRank(PageRankOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got := append(left, right...)
		for v, want := range pageRankByHand(s, .85, 200) {
			if math.Abs(got[v]-want) > 1e-9 {
				t.Fatalf("node %d: %v, want %v", v, got[v], want)
			}
		}
	}
	if _, err := new(Undirected).PageRank(PageRankOptions{Tolerance: -1}); err == nil {
		t.Error("accepted a tolerance of -1")
	}
	if got, err := undirected(t, 0, nil).PageRank(PageRankOptions{}); len(got) != 0 || err != nil {
		t.Errorf("no nodes: %v, %v", got, err)
	}
}

func TestDegrees(t *testing.T) {
	want := DegreeStats{Nodes: 8, Isolated: 4, Min: 1, Max: 2, Mean: 1.5, Median: 1, P90: 2, P99: 2, Gini: 1. / 6,
		Entropy: 2*math.Log2(6)/6 + 2*math.Log2(3)/3}
	got := tiny(t).Degrees(Left)
	if math.Abs(got.Gini-want.Gini) > 1e-12 || math.Abs(got.Entropy-want.Entropy) > 1e-12 {
		t.Errorf("got %+v, want %+v", got, want)
	}
	got.Gini, got.Entropy = want.Gini, want.Entropy
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if empty := grow(t, nil, Options{}).Snapshot().Degrees(Right); empty != (DegreeStats{}) {
		t.Errorf("empty graph: %+v", empty)
	}
}

func TestCooccur(t *testing.T) {
	g := grow(t, dressed(synthetic(200, 100, 3000, 4, 6)), Options{MergeAt: 500})
	s := g.Snapshot()
	for _, kinds := range []uint64{0, 1, 2} {
		lists := map[uint32]map[uint32]bool{} // left -> rights
		for id := range uint32(200) {
			lists[id] = map[uint32]bool{}
			s.Each(Left, id, func(e Edge) {
				if kinds == 0 || kinds>>e.Kind&1 == 1 {
					lists[id][e.Right] = true
				}
			})
		}
		for id := range uint32(200) {
			got, err := s.Cooccur(id, CooccurOptions{Top: 1000, Kinds: kinds, MinCount: 2, MaxDegree: 60})
			if err != nil {
				t.Fatal(err)
			}
			found := 0
			for other := range uint32(200) {
				n := 0
				for r := range lists[id] {
					if lists[other][r] && s.Degree(Right, r) <= 60 {
						n++
					}
				}
				if other == id || n < 2 {
					continue
				}
				found++
				i := slices.IndexFunc(got, func(p Partner) bool { return p.ID == other })
				cos := float64(n) / math.Sqrt(float64(len(lists[id]))*float64(len(lists[other])))
				if i < 0 || got[i].Count != n || math.Abs(got[i].Cosine-cos) > 1e-12 {
					t.Fatalf("%d with %d: count %d, cosine %v; got %v", id, other, n, cos, got)
				}
			}
			if found != len(got) {
				t.Fatalf("%d: %d partners, want %d", id, len(got), found)
			}
		}
	}
}

// Groups drawn into the graph are found, and the modularity returned is that of the communities returned.
func TestCommunities(t *testing.T) {
	var edges []Edge
	for g := range uint32(4) {
		for l := range uint32(12) {
			for r := range uint32(6) {
				if (l+r)%3 > 0 {
					edges = append(edges, Edge{Left: 12*g + l, Right: 6*g + r})
				}
			}
		}
		edges = append(edges, Edge{Left: 12 * g, Right: (6*g + 6) % 24}, Edge{Left: 12*g + 5, Right: (6*g + 6) % 24})
	}
	edges = append(edges, Edge{Left: 60, Right: 30})
	s := grow(t, edges, Options{}).Snapshot()
	left, right, q, err := s.Communities(CommunityOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range left {
		want := int32(i / 12)
		if i >= 48 {
			want = -1
		}
		if i == 60 {
			want = 4
		}
		if c != want {
			t.Errorf("left %d is in %d, want %d", i, c, want)
		}
	}
	m, inside, degree := float64(s.Edges()), map[int32]float64{}, map[int32]float64{}
	for _, e := range edges {
		degree[left[e.Left]]++
		degree[right[e.Right]]++
		if left[e.Left] == right[e.Right] {
			inside[left[e.Left]]++
		}
	}
	want := 0.0
	for c := range int32(5) {
		want += inside[c]/m - math.Pow(degree[c]/(2*m), 2)
	}
	if math.Abs(q-want) > 1e-12 || q < 0.6 {
		t.Errorf("modularity %v, by hand %v", q, want)
	}
	if _, _, _, err := s.Communities(CommunityOptions{Resolution: -1}); err == nil {
		t.Error("accepted a negative resolution")
	}
	if _, _, q, err := grow(t, nil, Options{}).Snapshot().Communities(CommunityOptions{}); q != 0 || err != nil {
		t.Errorf("empty graph: %v, %v", q, err)
	}
}
