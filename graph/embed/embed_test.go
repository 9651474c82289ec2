package embed_test

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"bowerbird/graph"
	"bowerbird/graph/embed"
	"bowerbird/internal/vec"
)

// Spectral beside gonum's full decomposition of the same matrix: the products of left and right rows agree.
func TestSpectralTwin(t *testing.T) {
	w := newWorld(60, 40, 4, 9, 1, 1)
	s := snapshot(t, w.edges)
	const k = 6
	v, err := embed.Spectral(context.Background(), s, embed.SpectralOptions{Dim: k, Rounds: 20, Popularity: -1})
	if err != nil {
		t.Fatal(err)
	}
	n, c := s.Nodes(graph.Left), s.Nodes(graph.Right)
	m := mat.NewDense(n, c, nil)
	for i := range n {
		for _, j := range s.Neighbors(nil, graph.Left, uint32(i)) {
			m.Set(i, int(j), 1/math.Sqrt(float64(s.Degree(graph.Left, uint32(i))*s.Degree(graph.Right, j))))
		}
	}
	var d mat.SVD
	if !d.Factorize(m, mat.SVDThin) {
		t.Fatal("gonum's decomposition failed")
	}
	var u, r mat.Dense
	d.UTo(&u)
	d.VTo(&r)
	sv := d.Values(nil)
	for i := range n {
		for j := range c {
			want := 0.0
			for x := range k {
				want += u.At(i, x) * sv[x] * r.At(j, x)
			}
			if got := float64(v.Score(uint32(j), uint32(i))); math.Abs(got-want) > 1e-4 {
				t.Fatalf("left %d, right %d: %v, want %v", i, j, got, want)
			}
		}
	}
}

// methods are all that embed without features.
func methods(l embed.Limits) map[string]func(context.Context, *graph.Snapshot) (*embed.Vectors, error) {
	return map[string]func(context.Context, *graph.Snapshot) (*embed.Vectors, error){
		"Spectral": func(ctx context.Context, s *graph.Snapshot) (*embed.Vectors, error) {
			return embed.Spectral(ctx, s, embed.SpectralOptions{Limits: l, Dim: 16, Seed: 1})
		},
		"ProNE": func(ctx context.Context, s *graph.Snapshot) (*embed.Vectors, error) {
			return embed.ProNE(ctx, s, embed.ProNEOptions{Limits: l, Dim: 16, Seed: 1})
		},
		"Walks": func(ctx context.Context, s *graph.Snapshot) (*embed.Vectors, error) {
			return embed.Walks(ctx, s, embed.WalkOptions{Limits: l, Dim: 16, PerNode: 5, Length: 20, Window: 3, Return: 0.5, InOut: 2, Seed: 1})
		},
		"LightGCN": func(ctx context.Context, s *graph.Snapshot) (*embed.Vectors, error) {
			return embed.LightGCN(ctx, s, embed.LightGCNOptions{Limits: l, Dim: 16, Epochs: 10, Batch: 100, Negatives: 50, Seed: 1})
		},
	}
}

func names[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// Nodes of one community lie nearer to each other than to others, whatever the method.
func TestCommunitiesLieTogether(t *testing.T) {
	w := newWorld(300, 150, 6, 12, 1, 1)
	s := snapshot(t, w.edges)
	all := methods(embed.Limits{})
	for _, name := range names(all) {
		v, err := all[name](context.Background(), s)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		p := 0.0
		for i := range 60 {
			p += precision(w, v.Left, v.Dim, i, v.Of(graph.Left, uint32(i)), w.community[i], 10) / 60
		}
		t.Logf("%s: precision@10 %.3f", name, p)
		if p < 0.6 { // by chance: 1/6
			t.Errorf("%s: precision@10 is %.3f", name, p)
		}
	}
}

// The same seed gives the same bits on any number of threads.
func TestThreadsDoNotMatter(t *testing.T) {
	w := newWorld(300, 100, 4, 9, 1, 2)
	s := snapshot(t, w.edges)
	one, three := methods(embed.Limits{Threads: 1}), methods(embed.Limits{Threads: 3})
	for _, name := range names(one) {
		a, err1 := one[name](context.Background(), s)
		b, err2 := three[name](context.Background(), s)
		if err1 != nil || err2 != nil {
			t.Fatalf("%s: %v, %v", name, err1, err2)
		}
		if !slices.Equal(a.Left, b.Left) || !slices.Equal(a.Right, b.Right) {
			t.Errorf("%s: threads change the result", name)
		}
	}
}

func TestRefuses(t *testing.T) {
	w := newWorld(40, 20, 2, 5, 1, 5)
	s, ctx := snapshot(t, w.edges), context.Background()
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	for _, l := range []struct {
		name string
		ctx  context.Context
		s    *graph.Snapshot
		l    embed.Limits
		want string
	}{
		{"empty graph", ctx, snapshot(t, nil), embed.Limits{}, "no edges"},
		{"other kinds", ctx, s, embed.Limits{Kinds: 1 << 9}, "no edges"},
		{"budget", ctx, s, embed.Limits{MemoryBudget: 1000}, "budget"},
		{"cancelled", cancelled, s, embed.Limits{}, "canceled"},
	} {
		all := methods(l.l)
		for _, name := range names(all) {
			if _, err := all[name](l.ctx, l.s); err == nil || !strings.Contains(err.Error(), l.want) {
				t.Errorf("%s, %s: %v, want %q", name, l.name, err, l.want)
			}
		}
	}
	for want, f := range map[string]func() error{
		"SpectralOptions.Dim": func() error { _, err := embed.Spectral(ctx, s, embed.SpectralOptions{Dim: -1}); return err },
		"SpectralOptions.Power": func() error {
			_, err := embed.Spectral(ctx, s, embed.SpectralOptions{Power: math.NaN()})
			return err
		},
		"ProNEOptions.Dim":     func() error { _, err := embed.ProNE(ctx, s, embed.ProNEOptions{Dim: -1}); return err },
		"Theta":                func() error { _, err := embed.ProNE(ctx, s, embed.ProNEOptions{Theta: -1}); return err },
		"WalkOptions.Window":   func() error { _, err := embed.Walks(ctx, s, embed.WalkOptions{Window: -1}); return err },
		"WalkOptions.Return":   func() error { _, err := embed.Walks(ctx, s, embed.WalkOptions{Return: math.NaN()}); return err },
		"LightGCNOptions.Dim":  func() error { _, err := embed.LightGCN(ctx, s, embed.LightGCNOptions{Dim: -1}); return err },
		"LightGCNOptions.Rate": func() error { _, err := embed.LightGCN(ctx, s, embed.LightGCNOptions{Rate: -1}); return err },
		"OneMode": func() error {
			_, err := embed.LightGCN(ctx, s, embed.LightGCNOptions{Limits: embed.Limits{OneMode: true}})
			return err
		},
		"Hops": func() error { _, err := embed.Smooth(ctx, s, w.x, embed.SmoothOptions{Hops: -1}); return err },
		"no rows of": func() error {
			_, err := embed.Smooth(ctx, s, embed.Features{Dim: 3, Rows: make([]float32, 4)}, embed.SmoothOptions{})
			return err
		},
		"Features.Dim": func() error { _, err := embed.Smooth(ctx, s, embed.Features{}, embed.SmoothOptions{}); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// Dimensions beyond the rank are zero, a node without edges has a zero row, and one edge is a graph.
func TestSmallGraphs(t *testing.T) {
	for name, edges := range map[string][]graph.Edge{
		"one edge":  {{Left: 0, Right: 0}},
		"gaps":      {{Left: 5, Right: 3}, {Left: 2, Right: 3}},
		"kinds":     {{Left: 0, Right: 0}, {Left: 0, Right: 0, Kind: 1}, {Left: 1, Right: 0}},
		"two parts": {{Left: 0, Right: 0}, {Left: 1, Right: 1}},
	} {
		s := snapshot(t, edges)
		all := methods(embed.Limits{})
		for _, m := range names(all) {
			v, err := all[m](context.Background(), s)
			if err != nil {
				t.Errorf("%s, %s: %v", m, name, err)
				continue
			}
			if !vec.Finite(v.Left) || !vec.Finite(v.Right) || len(v.Left) != s.Nodes(graph.Left)*16 || len(v.Right) != s.Nodes(graph.Right)*16 {
				t.Errorf("%s, %s: %d and %d numbers", m, name, len(v.Left), len(v.Right))
			}
			if name == "gaps" && vec.Norm(v.Of(graph.Left, 0)) != 0 {
				t.Errorf("%s: a node without edges has %v", m, v.Of(graph.Left, 0))
			}
		}
	}
}

// Two cliques joined by one edge, as a plain graph: everything that embeds one-mode graphs tells them apart.
func TestOneMode(t *testing.T) {
	var pairs [][2]uint32
	for i := range uint32(10) {
		for j := range i {
			pairs = append(pairs, [2]uint32{i, j}, [2]uint32{10 + i, 10 + j})
		}
	}
	pairs = append(pairs, [2]uint32{0, 10})
	s := snapshot(t, plain(pairs))
	all := methods(embed.Limits{OneMode: true})
	delete(all, "LightGCN")
	for _, m := range names(all) {
		v, err := all[m](context.Background(), s)
		if err != nil {
			t.Fatalf("%s: %v", m, err)
		}
		if len(v.Right) != 0 || len(v.Left) != 20*16 {
			t.Fatalf("%s: %d and %d numbers", m, len(v.Left), len(v.Right))
		}
		in, out := vec.Cosine(v.Of(graph.Left, 3), v.Of(graph.Left, 7)), vec.Cosine(v.Of(graph.Left, 3), v.Of(graph.Left, 17))
		if in < out+0.3 {
			t.Errorf("%s: cosine within a clique %.3f, across %.3f", m, in, out)
		}
	}
}

// Smooth beside the dense product, on a plain graph and on one of two kinds of nodes.
func TestSmoothTwin(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var pairs [][2]uint32
	for range 40 {
		if a, b := r.Uint32N(12), r.Uint32N(12); a != b {
			pairs = append(pairs, [2]uint32{a, b})
		}
	}
	pairs = append(pairs, [2]uint32{10, 11})
	for _, one := range []bool{true, false} {
		s := snapshot(t, plain(pairs))
		n := s.Nodes(graph.Left)
		a := mat.NewDense(n, n, nil)
		for i := range n {
			for _, j := range s.Neighbors(nil, graph.Left, uint32(i)) {
				a.Set(i, int(j), 1)
			}
		}
		if one {
			for i := range n {
				a.Set(i, i, 1)
			}
		}
		deg := make([]float64, n)
		for i := range n {
			deg[i] = math.Max(1, mat.Sum(a.RowView(i)))
		}
		a.Apply(func(i, j int, v float64) float64 { return v / math.Sqrt(deg[i]*deg[j]) }, a)
		if !one {
			var aa mat.Dense
			aa.Mul(a, a.T())
			for i := range n {
				aa.Set(i, i, aa.At(i, i)+1)
			}
			a.Scale(0.5, &aa)
		}
		x := embed.Features{Dim: 3, Rows: make([]float32, 3*n)}
		want := mat.NewDense(n, 3, nil)
		for i := range x.Rows {
			x.Rows[i] = r.Float32()
			want.Set(i/3, i%3, float64(x.Rows[i]))
		}
		x0 := mat.DenseCopyOf(want)
		for range 3 {
			var next mat.Dense
			next.Mul(a, want)
			want.Apply(func(i, j int, v float64) float64 { return 0.9*v + 0.1*x0.At(i, j) }, &next)
		}
		got, err := embed.Smooth(context.Background(), s, x, embed.SmoothOptions{Hops: 3, Restart: 0.1, Limits: embed.Limits{OneMode: one}})
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range got.Rows {
			if math.Abs(float64(v)-want.At(i/3, i%3)) > 1e-5 {
				t.Fatalf("one mode %v, node %d: %v, want %v", one, i/3, v, want.At(i/3, i%3))
			}
		}
	}
}

func TestVectorsFile(t *testing.T) {
	v := &embed.Vectors{Dim: 2, Left: []float32{1, 2, 3, 4}, Right: []float32{5, 6}}
	var b bytes.Buffer
	if err := v.Save(&b); err != nil {
		t.Fatal(err)
	}
	whole := bytes.Clone(b.Bytes())
	back, err := embed.LoadVectors(&b)
	if err != nil || !slices.Equal(back.Left, v.Left) || !slices.Equal(back.Right, v.Right) || back.Dim != 2 {
		t.Fatalf("%v, %v", back, err)
	}
	if got := back.Score(0, 1); got != 39 {
		t.Errorf("score %v, want 39", got)
	}
	if back.Of(graph.Left, 2) != nil || back.Of(graph.Right, 1) != nil || back.Score(7, 0) != 0 {
		t.Error("a node without a row has one")
	}
	for i := range whole {
		bad := bytes.Clone(whole)
		bad[i] ^= 1
		if _, err := embed.LoadVectors(bytes.NewReader(bad)); err == nil {
			t.Errorf("byte %d flipped: loaded", i)
		}
		if _, err := embed.LoadVectors(bytes.NewReader(whole[:i])); err == nil {
			t.Errorf("cut at %d: loaded", i)
		}
	}
}
