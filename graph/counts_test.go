package graph

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The plain twin of Cores: drop what has fewer than k neighbours left until nothing has.
func coresByHand(g *Undirected) []int32 {
	core := make([]int32, g.Nodes())
	for k := int32(1); ; k++ {
		in := make([]bool, g.Nodes())
		left := 0
		for v := range in {
			if in[v] = core[v] == k-1; in[v] {
				left++
			}
		}
		for changed := true; changed; {
			changed = false
			for v := range in {
				if !in[v] {
					continue
				}
				d := int32(0)
				for _, u := range g.Neighbors(uint32(v)) {
					if in[u] {
						d++
					}
				}
				if d < k {
					in[v], changed = false, true
					left--
				}
			}
		}
		if left == 0 {
			return core
		}
		for v := range in {
			if in[v] {
				core[v] = k
			}
		}
	}
}

func TestCores(t *testing.T) {
	for seed := range uint64(30) {
		g := random(t, 60, 20*int(seed), seed)
		if d := cmp.Diff(coresByHand(g), g.Cores()); d != "" {
			t.Fatalf("seed %d: %s", seed, d)
		}
	}
	left, right := tiny(t).Cores()
	if d := cmp.Diff([][]int32{{1, 1, 1, 0, 0, 0, 0, 1}, {1, 1, 0, 0, 0, 1}}, [][]int32{left, right}); d != "" {
		t.Error(d)
	}
}

func TestTwoCore(t *testing.T) {
	for seed := range uint64(10) {
		s := grow(t, synthetic(80, 50, 400, 4, seed), Options{}).Snapshot()
		alpha, beta := 1+int(seed)%4, 2+int(seed)%3
		left, right, err := s.TwoCore(alpha, beta)
		if err != nil {
			t.Fatal(err)
		}
		l, r := slices.Repeat([]bool{true}, len(left)), slices.Repeat([]bool{true}, len(right))
		for changed := true; changed; {
			changed = false
			drop := func(side Side, own, other []bool, want int) {
				for id := range own {
					d := 0
					for _, u := range s.once(nil, side, uint32(id), 0) {
						if other[u] {
							d++
						}
					}
					if own[id] && d < want {
						own[id], changed = false, true
					}
				}
			}
			drop(Left, l, r, alpha)
			drop(Right, r, l, beta)
		}
		if !slices.Equal(l, left) || !slices.Equal(r, right) {
			t.Fatalf("seed %d: (%d,%d)-core differs", seed, alpha, beta)
		}
	}
	if _, _, err := tiny(t).TwoCore(0, 1); err == nil {
		t.Error("accepted α = 0")
	}
}

func TestTriangles(t *testing.T) {
	for seed := range uint64(20) {
		g := random(t, 50, 30*int(seed), seed)
		n := uint32(g.Nodes())
		want := TriangleStats{Each: make([]int64, n)}
		paths, clustering := 0.0, 0.0
		for a := range n {
			closed, open := 0.0, 0.0
			for b := range n {
				for c := range b {
					if g.Has(a, b) && g.Has(a, c) {
						if open++; g.Has(b, c) {
							closed++
						}
					}
				}
			}
			want.Each[a] = int64(closed)
			want.Triangles += int64(closed)
			if paths += open; open > 0 {
				clustering += closed / open / float64(n)
			}
		}
		want.Triangles /= 3
		got := g.Triangles()
		if got.Triangles != want.Triangles || !slices.Equal(got.Each, want.Each) || math.Abs(got.Clustering-clustering) > 1e-12 ||
			paths > 0 && math.Abs(got.Transitivity-3*float64(want.Triangles)/paths) > 1e-12 {
			t.Fatalf("seed %d: %+v, by hand %+v, clustering %v, paths %v", seed, got, want, clustering, paths)
		}
	}
}

func TestButterflies(t *testing.T) {
	for seed := range uint64(12) {
		s := grow(t, dressed(synthetic(60, 40, 40*int(seed), 4, seed)), Options{}).Snapshot()
		want, paths := 0.0, 0.0
		for a := range uint32(s.Nodes(Left)) {
			row := s.once(nil, Left, a, 0)
			for b := range a {
				n := float64(shared(row, s.once(nil, Left, b, 0)))
				want += n * (n - 1) / 2
			}
			for _, r := range row {
				paths += float64(len(row)-1) * float64(len(s.once(nil, Right, r, 0))-1)
			}
		}
		got, err := s.Butterflies(ButterflyOptions{})
		if err != nil || got.Butterflies != want || got.Error != 0 || paths > 0 && math.Abs(got.Clustering-4*want/paths) > 1e-12 {
			t.Fatalf("seed %d: %+v, %v; by hand %v", seed, got, err, want)
		}
		guess, err := s.Butterflies(ButterflyOptions{Budget: -1, Sample: 5000, Seed: seed})
		if err != nil || math.Abs(guess.Butterflies-want) > 4*guess.Error+1e-9 {
			t.Errorf("seed %d: estimated %v ± %v, %v; exact %v", seed, guess.Butterflies, guess.Error, err, want)
		}
		if want > 1000 && (guess.Error == 0 || guess.Error > want/5) {
			t.Errorf("seed %d: a standard error of %v on %v", seed, guess.Error, want)
		}
	}
	if _, err := tiny(t).Butterflies(ButterflyOptions{Sample: 1}); err == nil {
		t.Error("accepted a sample of 1")
	}
}

func TestShared(t *testing.T) {
	long := make([]uint32, 100)
	for i := range long {
		long[i] = uint32(3 * i)
	}
	for _, c := range []struct {
		a, b []uint32
		want int
	}{{nil, long, 0}, {[]uint32{0, 3, 4, 297, 500}, long, 3}, {long, []uint32{6}, 1}, {long[:50], long[25:], 25}} {
		if got := shared(c.a, c.b); got != c.want {
			t.Errorf("%v and %v share %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestAssortativity(t *testing.T) {
	star := undirected(t, 5, [][2]uint32{{0, 1}, {0, 2}, {0, 3}, {0, 4}})
	if r := star.Assortativity(); math.Abs(r+1) > 1e-12 {
		t.Errorf("a star: %v, want -1", r)
	}
	if r := undirected(t, 3, [][2]uint32{{0, 1}, {1, 2}, {2, 0}}).Assortativity(); r != 0 {
		t.Errorf("a ring: %v, want 0: degrees do not vary", r)
	}
	s := grow(t, synthetic(100, 40, 500, 4, 1), Options{}).Snapshot()
	var x, y []float64
	for id := range uint32(s.Nodes(Left)) {
		s.Each(Left, id, func(e Edge) {
			x, y = append(x, float64(s.Degree(Left, id))), append(y, float64(s.Degree(Right, e.Right)))
		})
	}
	mean := func(x []float64) (m float64) {
		for _, v := range x {
			m += v / float64(len(x))
		}
		return m
	}
	mx, my, xx, yy, xy := mean(x), mean(y), 0.0, 0.0, 0.0
	for i := range x {
		xx, yy, xy = xx+(x[i]-mx)*(x[i]-mx), yy+(y[i]-my)*(y[i]-my), xy+(x[i]-mx)*(y[i]-my)
	}
	if want := xy / math.Sqrt(xx*yy); math.Abs(s.Assortativity()-want) > 1e-9 {
		t.Errorf("%v, by hand %v", s.Assortativity(), want)
	}
}

func TestMixtures(t *testing.T) {
	s := grow(t, []Edge{{Left: 0, Right: 0}, {Left: 1, Right: 0}, {Left: 2, Right: 0}, {Left: 2, Right: 0, Kind: 1}, {Left: 3, Right: 0},
		{Left: 0, Right: 1}, {Left: 4, Right: 1}, {Left: 4, Right: 2}, {Left: 9, Right: 2}}, Options{}).Snapshot()
	got, err := s.Mixtures([]int32{5, 5, 1, 2, -1})
	want := []Mixture{{Entropy: 1.5, Labels: 3, Members: 4, Most: 5, Share: .5}, {Labels: 1, Members: 1, Most: 5, Share: 1}, {Most: -1}}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(d, err)
	}
	if _, err := s.Mixtures([]int32{math.MaxInt32}); err == nil {
		t.Error("accepted a label of 2³¹-1")
	}
}

// A law that was drawn is found again; what follows another law is called implausible.
func TestFitPowerLaw(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 5))
	for _, c := range []struct {
		exponent float64
		min      int
	}{{1.8, 1}, {2.5, 1}, {2.5, 6}, {3.2, 3}} {
		l := newLaw(PowerLaw{Exponent: c.exponent, Min: c.min})
		counts := map[int]int{}
		top := 0
		for range 2000 {
			d := l.draw(r)
			if d > 1<<16 { // keep the test's slice small
				d = 1 << 16
			}
			counts[d]++
			top = max(top, d)
		}
		list := make([]int, top+1)
		for d, n := range counts {
			list[d] = n
		}
		for d := range c.min { // nodes below the law's beginning
			list[d] = 100 * d
		}
		p, err := FitPowerLaw(list, PowerLawOptions{Bootstraps: 20})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("drawn %+v: %+v", c, p)
		if math.Abs(p.Exponent-c.exponent) > 4*p.Error+.02 || p.Error <= 0 || p.Error > .2 || p.P < .05 {
			t.Errorf("drawn %+v, found %+v", c, p)
		}
	}
	flat := make([]int, 200)
	for d := range flat[1:] {
		flat[d+1] = 50
	}
	if p, err := FitPowerLaw(flat, PowerLawOptions{Min: 1, Bootstraps: 20}); err != nil || p.P > .05 {
		t.Errorf("even degrees: %+v, %v", p, err)
	}
	for _, bad := range [][]int{nil, {3}, {0, 9}, {0, 0, 500}} {
		if p, err := FitPowerLaw(bad, PowerLawOptions{}); err == nil {
			t.Errorf("fitted %v: %+v", bad, p)
		}
	}
	if _, err := FitPowerLaw(flat, PowerLawOptions{Bootstraps: -1}); err == nil {
		t.Error("accepted -1 bootstraps")
	}
}

func TestPairs(t *testing.T) {
	s := grow(t, dressed(synthetic(150, 80, 2000, 4, 6)), Options{}).Snapshot()
	for _, o := range []PairOptions{{Top: 40}, {Kinds: 2, Top: 1000, MinCount: 1, Shrink: -1}, {Budget: 20_000}} {
		got, st, err := s.Pairs(o)
		if err != nil {
			t.Fatal(err)
		}
		full, _ := o.check()
		in := make([][]uint32, s.Nodes(Left))
		passed := 0
		for r := range uint32(s.Nodes(Right)) {
			if s.Degree(Right, r) > st.MaxDegree {
				passed++
				continue
			}
			for _, l := range s.once(nil, Right, r, o.Kinds) {
				in[l] = append(in[l], r)
			}
		}
		var want []Pair
		for b := range uint32(len(in)) {
			for a := range b {
				if n := shared(in[a], in[b]); n >= full.MinCount {
					want = append(want, Pair{a, b, n, float64(n) / (math.Sqrt(float64(len(in[a]))*float64(len(in[b]))) + full.Shrink)})
				}
			}
		}
		slices.SortFunc(want, comparePairs)
		if d := cmp.Diff(want[:min(len(want), full.Top)], got); d != "" || passed != st.Passed || (o.Budget > 0) != (passed > 0) {
			t.Errorf("%+v: %+v, %d passed over by hand\n%s", o, st, passed, d)
		}
	}
	if _, _, err := s.Pairs(PairOptions{MinCount: -1}); err == nil {
		t.Error("accepted a count of -1")
	}
}

func TestProject(t *testing.T) {
	s := grow(t, synthetic(150, 80, 2000, 4, 6), Options{}).Snapshot()
	g, _, err := s.Project(PairOptions{Each: 5})
	if err != nil {
		t.Fatal(err)
	}
	joined := map[[2]uint32]int{}
	for id := range uint32(s.Nodes(Left)) {
		near, err := s.Cooccur(id, CooccurOptions{Top: 5, MinCount: 2, Shrink: 5})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range near {
			joined[[2]uint32{min(id, p.ID), max(id, p.ID)}] = p.Count
		}
	}
	for v := range uint32(g.Nodes()) {
		for i, u := range g.Neighbors(v) {
			if n := joined[[2]uint32{min(u, v), max(u, v)}]; float64(n) != float64(g.weight[g.off[v]+i]) {
				t.Fatalf("%d and %d are joined by %v, want %d", v, u, g.weight[g.off[v]+i], n)
			}
		}
	}
	if g.Edges() != len(joined) || g.Dropped() != 0 {
		t.Errorf("%d edges, want %d", g.Edges(), len(joined))
	}
}
