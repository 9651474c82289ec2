package embed_test

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"bowerbird/graph"
	"bowerbird/graph/embed"
	"bowerbird/internal/vec"
)

// precision is the share of the k nearest among all rows but itself that are of the node's community.
func precision(w *world, rows []float32, dim int, self int, q []float32, community, k int) float64 {
	s := make([]float32, w.lefts)
	for i := range s {
		s[i] = vec.Cosine(q, rows[i*dim:(i+1)*dim])
	}
	if self >= 0 {
		s[self] = -2
	}
	hit := 0
	for _, x := range vec.Top(s, k) {
		if w.community[x.ID] == community {
			hit++
		}
	}
	return float64(hit) / float64(k)
}

// A newcomer's content is noisy and it has two edges: with the aggregator it finds its community better than by its
// content alone, and better than feature-free vectors, to which it has to be folded in as the mean of its collections.
func TestAggregatorNewcomers(t *testing.T) {
	w := newWorld(800, 400, 20, 12, 2.2, 1)
	s := snapshot(t, w.edges)
	a, err := embed.TrainAggregator(context.Background(), s, w.x, embed.AggregatorOptions{Hidden: 64, Dim: 32, Epochs: 8, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	all, err := a.EmbedAll(context.Background(), s, w.x, embed.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	free, err := embed.Spectral(context.Background(), s, embed.SpectralOptions{Dim: 32, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	var content, graphOnly, both, noEdge float64
	var worst time.Duration
	const n, k = 100, 20
	for i := range n {
		c := i % w.communities
		nc := embed.Newcomer{Content: w.content(c), Edges: []uint32{uint32(c), uint32(w.rng.IntN(w.rights))}} // one edge is right, one is noise
		start := time.Now()
		v, err := a.Embed(s, w.x, nc)
		if err != nil {
			t.Fatal(err)
		}
		worst = max(worst, time.Since(start))
		if math.Abs(float64(vec.Norm(v))-1) > 1e-3 {
			t.Fatalf("the vector's length is %v", vec.Norm(v))
		}
		alone, err := a.Embed(s, w.x, embed.Newcomer{Content: nc.Content})
		if err != nil {
			t.Fatal(err)
		}
		mean := make([]float32, free.Dim)
		for _, e := range nc.Edges {
			vec.Axpy(1, free.Of(graph.Right, e), mean)
		}
		both += precision(w, all.Left, all.Dim, -1, v, c, k) / n
		noEdge += precision(w, all.Left, all.Dim, -1, alone, c, k) / n
		content += precision(w, w.x.Rows, w.x.Dim, -1, nc.Content, c, k) / n
		graphOnly += precision(w, free.Left, free.Dim, -1, mean, c, k) / n
	}
	t.Logf("precision@%d: aggregator %.3f, without edges %.3f; content %.3f, feature-free %.3f; slowest %v", k, both, noEdge, content, graphOnly, worst)
	if both < content+0.05 || both < graphOnly+0.05 {
		t.Errorf("aggregator %.3f, content alone %.3f, feature-free %.3f", both, content, graphOnly)
	}
	if noEdge < content {
		t.Errorf("without edges the aggregator has %.3f, content alone %.3f", noEdge, content)
	}
	if worst > time.Second {
		t.Errorf("embedding a newcomer took %v", worst)
	}
}

func TestAggregatorTwoLayersAndThreads(t *testing.T) {
	w := newWorld(200, 100, 5, 8, 1, 2)
	s := snapshot(t, w.edges)
	var files [2]bytes.Buffer
	for i, threads := range []int{1, 3} {
		a, err := embed.TrainAggregator(context.Background(), s, w.x, embed.AggregatorOptions{Layers: 2, Hidden: 16, Dim: 8, Epochs: 3, Neighbours: 5, Batch: 64,
			HardFrom: 5, Limits: embed.Limits{Threads: threads}, Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Save(&files[i]); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			continue
		}
		// EmbedAll and Embed agree on a node of the graph, whose features are as good as a newcomer's but whose walk starts elsewhere
		// only if it has edges: compare one without.
		all, err := a.EmbedAll(context.Background(), snapshot(t, w.edges[:1]), w.x, embed.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		one, err := a.Embed(snapshot(t, w.edges[:1]), w.x, embed.Newcomer{Content: w.x.Rows[50*w.x.Dim : 51*w.x.Dim]})
		if err != nil {
			t.Fatal(err)
		}
		if d := vec.L2(one, all.Of(graph.Left, 50)); d > 1e-9 {
			t.Errorf("Embed and EmbedAll differ by %v", d)
		}
	}
	if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
		t.Error("threads change the result")
	}
}

func TestAggregatorFile(t *testing.T) {
	w := newWorld(100, 50, 5, 6, 1, 4)
	s := snapshot(t, w.edges)
	a, err := embed.TrainAggregator(context.Background(), s, w.x, embed.AggregatorOptions{Hidden: 8, Dim: 4, Epochs: 1})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := a.Save(&b); err != nil {
		t.Fatal(err)
	}
	whole := bytes.Clone(b.Bytes())
	back, err := embed.LoadAggregator(&b)
	if err != nil {
		t.Fatal(err)
	}
	n := embed.Newcomer{Content: w.x.Rows[:w.x.Dim], Edges: []uint32{0, 1}}
	v1, err1 := a.Embed(s, w.x, n)
	v2, err2 := back.Embed(s, w.x, n)
	if err1 != nil || err2 != nil || vec.L2(v1, v2) != 0 {
		t.Fatalf("%v, %v; %v, %v", v1, v2, err1, err2)
	}
	for i := range whole {
		if i%7 == 0 || i < 40 || i > len(whole)-8 {
			bad := bytes.Clone(whole)
			bad[i] ^= 0x20
			if _, err := embed.LoadAggregator(bytes.NewReader(bad)); err == nil {
				t.Fatalf("byte %d flipped: loaded", i)
			}
			if _, err := embed.LoadAggregator(bytes.NewReader(whole[:i])); err == nil {
				t.Fatalf("cut at %d: loaded", i)
			}
		}
	}
}

func TestAggregatorRefuses(t *testing.T) {
	w := newWorld(40, 20, 2, 5, 1, 5)
	s := snapshot(t, w.edges)
	nan := embed.Features{Dim: 2, Rows: make([]float32, 80)}
	nan.Rows[7] = float32(math.NaN())
	for _, c := range []struct {
		name string
		s    *graph.Snapshot
		x    embed.Features
		o    embed.AggregatorOptions
		want string
	}{
		{"empty graph", snapshot(t, nil), w.x, embed.AggregatorOptions{}, "no edges"},
		{"no snapshot", nil, w.x, embed.AggregatorOptions{}, "no edges"},
		{"dim", s, w.x, embed.AggregatorOptions{Dim: -1}, "AggregatorOptions.Dim"},
		{"three layers", s, w.x, embed.AggregatorOptions{Layers: 3}, "AggregatorOptions.Layers"},
		{"NaN", s, nan, embed.AggregatorOptions{}, "feature 1 of node 3 is NaN"},
		{"missing", s, embed.Features{Dim: 2, Rows: make([]float32, 20)}, embed.AggregatorOptions{}, "node 10 has none"},
		{"ragged", s, embed.Features{Dim: 3, Rows: make([]float32, 20)}, embed.AggregatorOptions{}, "no rows of 3"},
		{"budget", s, w.x, embed.AggregatorOptions{Limits: embed.Limits{MemoryBudget: 1000}}, "budget"},
		{"kinds", s, w.x, embed.AggregatorOptions{Limits: embed.Limits{Kinds: 1 << 9}}, "no edges"},
		{"NaN rate", s, w.x, embed.AggregatorOptions{Rate: math.NaN()}, "AggregatorOptions.Rate"},
	} {
		_, err := embed.TrainAggregator(context.Background(), c.s, c.x, c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	a, err := embed.TrainAggregator(context.Background(), s, w.x, embed.AggregatorOptions{Hidden: 8, Dim: 4, Epochs: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Embed(s, w.x, embed.Newcomer{Content: []float32{1}}); err == nil {
		t.Error("content of another length was taken")
	}
	if _, err := a.Embed(s, w.x, embed.Newcomer{Content: w.x.Rows[:w.x.Dim], Edges: []uint32{4_000_000_000}}); err != nil {
		t.Errorf("an edge to a right node that is not there: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := embed.TrainAggregator(ctx, s, w.x, embed.AggregatorOptions{}); err == nil {
		t.Error("it did not stop")
	}
}
