//go:build unix

package graph

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// cpu is the processor time that this process has used: what a benchmark on a busy machine can still tell.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure runs f b.N times and reports processor time an op beside the clock's.
func measure(b *testing.B, f func(i int)) {
	b.ReportAllocs()
	runtime.GC()
	start := cpu(b)
	b.ResetTimer()
	for i := range b.N {
		f(i)
	}
	b.StopTimer()
	b.ReportMetric(float64(cpu(b)-start)/float64(b.N), "cpu-ns/op")
}

// A home request on a catalogue of MovieLens-100K's size.
func BenchmarkWalkSmall(b *testing.B) {
	g, err := Build(Bulk{Edges: synthetic(1682, 943, 80_000, 19, 1)}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	q := make([]Query, 10)
	for i := range q {
		q[i] = Query{ID: uint32(7 * i)}
	}
	run := func(name string, s *Snapshot, o WalkOptions) {
		b.Run(name, func(b *testing.B) {
			measure(b, func(i int) {
				o.Seed = uint64(i)
				walk(b, s, q, o)
			})
		})
	}
	s := g.Snapshot()
	run("steps=2000", s, WalkOptions{Steps: 2000})
	run("steps=5000", s, WalkOptions{Steps: 5000})
	run("steps=5000/traced", s, WalkOptions{Steps: 5000, Trace: true})
	run("steps=5000/plain", s, WalkOptions{Steps: 5000, Plain: true})
	for i := range uint32(1000) {
		if _, err := g.Add(Edge{Left: i * 7 % 1682, Right: i}); err != nil {
			b.Fatal(err)
		}
	}
	run("steps=5000/live=1000", g.Snapshot(), WalkOptions{Steps: 5000})
}

var big struct {
	once  sync.Once
	g     *Graph
	bytes float64 // per edge
	build time.Duration
}

// bigGraph has 10 M edges drawn (GRAPH_EDGES sets another number) between a fifth as many items and a fiftieth as many boards.
func bigGraph(b *testing.B) *Graph {
	big.once.Do(func() {
		n := 10_000_000
		if s := os.Getenv("GRAPH_EDGES"); s != "" {
			var err error
			if n, err = strconv.Atoi(s); err != nil {
				b.Fatal(err)
			}
		}
		edges := synthetic(n/5, n/50, n, 100, 1)
		start := time.Now()
		g, err := Build(Bulk{Edges: edges}, Options{MergeAt: -1})
		if err != nil {
			b.Fatal(err)
		}
		big.build = time.Since(start)
		size := 0
		for _, r := range g.st.rows {
			size += 4*cap(r.off) + 4*cap(r.to) + 4*cap(r.weight) + 4*cap(r.time)
		}
		big.g, big.bytes = g, float64(size)/float64(g.Edges())
	})
	return big.g
}

func BenchmarkWalkBig(b *testing.B) {
	g := bigGraph(b)
	s := g.Snapshot()
	b.Logf("%d edges, %.2f bytes an edge, built in %v", s.Edges(), big.bytes, big.build)
	r := rand.New(rand.NewPCG(1, 2))
	starts := make([]Query, 256)
	for i := range starts {
		for s.Degree(Left, starts[i].ID) < 3 {
			starts[i].ID = r.Uint32N(uint32(s.Nodes(Left)))
		}
	}
	const steps = 100_000
	for _, o := range []WalkOptions{
		{Steps: steps, Restart: 0.5}, {Steps: steps, Restart: 0.5, Plain: true},
		{Steps: steps, Restart: 0.01}, {Steps: steps, Restart: 0.01, Plain: true},
	} {
		b.Run(fmt.Sprintf("restart=%v/plain=%v", o.Restart, o.Plain), func(b *testing.B) {
			var took []time.Duration
			measure(b, func(i int) {
				t := time.Now()
				o.Seed = uint64(i)
				walk(b, s, starts[i%len(starts)/4*4:][:4], o)
				took = append(took, time.Since(t))
			})
			slices.Sort(took)
			b.ReportMetric(steps/(float64(b.Elapsed())/float64(b.N))*1e3, "Msteps/s")
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1e3, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1e3, "p99-ms")
		})
	}
}

// Adds new edges to the big graph's live layer, a snapshot taken after every 100.
func BenchmarkAdd(b *testing.B) {
	g := bigGraph(b)
	r := rand.New(rand.NewPCG(3, 4))
	s := g.Snapshot()
	lefts, rights := uint32(s.Nodes(Left)), uint32(s.Nodes(Right))
	measure(b, func(i int) {
		if _, err := g.Add(Edge{Left: r.Uint32N(lefts), Right: r.Uint32N(rights)}); err != nil {
			b.Fatal(err)
		}
		if i%100 == 0 {
			g.Snapshot()
		}
	})
}

func BenchmarkMerge(b *testing.B) {
	g := bigGraph(b)
	measure(b, func(i int) { g.Merge() })
}
