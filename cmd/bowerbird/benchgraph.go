package main

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"bowerbird/graph"
)

type benchGraphCmd struct {
	Edges   int    `help:"Edges drawn; some come twice." default:"2000000"`
	Steps   int    `help:"Of a query." default:"100000"`
	Queries int    `help:"In a round." default:"40"`
	Rounds  int    `help:"Of which the median is taken." default:"5"`
	Small   int    `help:"Edges of the graph that quality is measured on." default:"1000000"`
	Seed    uint64 `help:"Of the graph and the walks." default:"1"`
	File    string `help:"Keep the graph here, and use what is here: it is not drawn again." type:"path"`

	Parts []string `help:"Which of open, race, latency, stop, quality to measure." enum:"open,race,latency,stop,quality" default:"open,race,latency,stop,quality"`
}

func (benchGraphCmd) Help() string {
	return `Draws a power-law bipartite graph of items and boards (2/17 and 1/17 as many as
edges, as Pinterest's has them), builds it, writes it, opens the file, walks it,
and walks it in C where there is a compiler (cc): a plain loop and one that keeps 16
walkers abreast and prefetches. All take turns, round by round, from starts that
nobody has walked from before. The file, about 9 bytes an edge, is made in the folder
for temporary files and removed. 200,000,000 edges need 10 GB of memory and ten
minutes.

Examples:
  bowerbird bench graph --edges 200000000
  bowerbird bench graph --edges 200000000 --file g --parts race`
}

// graphResult is what is measured. Speeds are in steps a second.
type graphResult struct {
	Machine   machine       `json:"machine"`
	Drawn     int           `json:"edges_drawn"`
	Edges     int           `json:"edges"`
	Nodes     [2]int        `json:"nodes"`
	Build     time.Duration `json:"build_ns"` // drawing included
	Sort      time.Duration `json:"sort_ns"`  // of which after the last edge came
	BuildCPU  time.Duration `json:"build_cpu_ns"`
	BuildPeak int64         `json:"build_peak_bytes"`
	PerEdge   float64       `json:"bytes_per_edge"`
	Write     time.Duration `json:"write_ns"`
	Open      time.Duration `json:"open_ns"`
	OpenCopy  time.Duration `json:"open_copy_ns"`
	Merge     time.Duration `json:"merge_ns"`

	Speeds  []graphSpeed `json:"speeds"`
	NoC     string       `json:"no_c,omitempty"`
	Idle    spread       `json:"idle"`
	Adding  spread       `json:"adding_1000_a_second"`
	Merging spread       `json:"merging"`
	Added   int          `json:"added"`

	Early   []graphEarly `json:"early"`
	Quality graphQuality `json:"quality"`
}

// graphSpeed is one way to walk at a number of threads: by the clock, and by processor time.
type graphSpeed struct {
	Name     string    `json:"name"`
	Threads  int       `json:"threads"`
	Steps    float64   `json:"steps_per_second"`
	CPU      float64   `json:"steps_per_cpu_second"`
	Rounds   []float64 `json:"rounds"`
	CPURound []float64 `json:"cpu_rounds"`
}

func (c *benchGraphCmd) Run(a *app) error {
	if c.Edges < 10_000 || c.Steps < 1000 || c.Queries < 2 || c.Rounds < 1 || c.Small < 10_000 {
		return usagef("want --edges and --small of 10,000 or more, --steps of 1,000, --queries of 2, --rounds of 1")
	}
	dir, err := os.MkdirTemp("", "bowerbird-graph")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	out := &graphResult{Machine: thisMachine(), Drawn: c.Edges}
	path := cmp.Or(c.File, filepath.Join(dir, "graph"))
	if err := c.build(a, path, out); err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		run  func(*app, string, *graphResult) error
	}{{"open", c.open}, {"race", c.race}, {"latency", c.latency}, {"stop", c.stop}, {"quality", c.quality}} {
		if !slices.Contains(c.Parts, part.name) {
			continue
		}
		runtime.GC()
		if err := part.run(a, path, out); err != nil {
			return err
		}
	}
	if a.cli.JSON {
		return a.printJSON(out)
	}
	out.print(a, c)
	return nil
}

func drawn(edges int, seed uint64) graph.Drawn {
	return graph.Drawn{Edges: edges, Lefts: edges * 2 / 17, Rights: edges / 17, Topics: 100, Seed: seed}
}

// build draws, builds and writes; a file that is there already is taken as it is.
func (c *benchGraphCmd) build(a *app, path string, out *graphResult) error {
	if _, err := os.Stat(path); err == nil {
		return c.reuse(path, out)
	}
	start, cpu := time.Now(), cpuTime()
	b, err := graph.NewBuilder(graph.Options{})
	if err != nil {
		return err
	}
	done := 0
	err = drawn(c.Edges, c.Seed).Each(func(e []graph.Edge) error {
		if done += len(e); done>>20 != (done-len(e))>>20 {
			a.ui.step("drawing", int64(done), int64(c.Edges))
		}
		return errors.Join(b.Add(e), a.ctx.Err())
	})
	if err != nil {
		return err
	}
	sort := time.Now()
	g, err := b.Graph()
	if err != nil {
		return err
	}
	out.Build, out.Sort, out.BuildCPU = time.Since(start), time.Since(sort), cpuTime()-cpu
	_, out.BuildPeak = (&child{cmd: self()}).memory()
	s := g.Snapshot()
	out.Edges, out.Nodes = g.Edges(), [2]int{s.Nodes(graph.Left), s.Nodes(graph.Right)}
	start = time.Now()
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	n, err := g.WriteTo(f)
	out.Write, out.PerEdge = time.Since(start), float64(n)/float64(out.Edges)
	return errors.Join(err, f.Close())
}

// reuse takes the graph of an earlier run: what was measured while it was made stays zero.
func (c *benchGraphCmd) reuse(path string, out *graphResult) error {
	g, err := graph.Open(path, graph.Options{})
	if err != nil {
		return err
	}
	s := g.Snapshot()
	out.Drawn, out.Edges, out.Nodes = 0, s.Edges(), [2]int{s.Nodes(graph.Left), s.Nodes(graph.Right)}
	f, err := os.Stat(path)
	if err != nil {
		return err
	}
	out.PerEdge = float64(f.Size()) / float64(out.Edges)
	return g.Close()
}

// open measures the start from the file.
func (c *benchGraphCmd) open(a *app, path string, out *graphResult) error {
	for _, copied := range []bool{false, true} {
		var took []time.Duration
		for range c.Rounds {
			start := time.Now()
			g, err := graph.Open(path, graph.Options{Copy: copied})
			if err != nil {
				return err
			}
			took = append(took, time.Since(start))
			if err := g.Close(); err != nil {
				return err
			}
			runtime.GC()
		}
		if copied {
			out.OpenCopy = spreadOf(took).Median
		} else {
			out.Open = spreadOf(took).Median
		}
	}
	return nil
}

// starts are n items with three boards or more, others for each turn.
func (c *benchGraphCmd) starts(s *graph.Snapshot, n, turn int) []graph.Query {
	r := rand.New(rand.NewPCG(c.Seed, 2+uint64(turn)<<8))
	q := make([]graph.Query, n)
	for i := range q {
		for s.Degree(graph.Left, q[i].ID) < 3 {
			q[i].ID = r.Uint32N(uint32(s.Nodes(graph.Left)))
		}
	}
	return q
}

// race walks in several ways, in turn. Every turn has starts of its own, and walks from as many others just before, untimed: each way
// finds in the processor's caches what it has itself left there of popular nodes, nothing of its own starts, and as little as can be of
// what the way before it read. Sums are checked after the turn, on the mapped graph.
func (c *benchGraphCmd) race(a *app, path string, out *graphResult) error {
	copied, err := graph.Open(path, graph.Options{Copy: true})
	if err != nil {
		return err
	}
	mapped, err := graph.Open(path, graph.Options{})
	if err != nil {
		return err
	}
	defer mapped.Close()
	peer, err := startWalkC(a.ctx, path)
	if err != nil {
		out.NoC = err.Error()
	} else {
		defer peer.stop()
	}
	var ways []way
	for _, whole := range []bool{true, false} {
		top, ours, name := 0, 1, countsOnly // we always choose one
		if whole {
			top, ours, name = raceTop, raceTop, ""
		}
		set := []way{c.walks(copied.Snapshot(), ours), c.walks(mapped.Snapshot(), ours)}
		if peer != nil {
			set = append(set, peer.walks('i', c, mapped.Snapshot(), top), peer.walks('p', c, mapped.Snapshot(), top))
		}
		for i, n := range []string{wayCopied, wayMapped, wayLanes, wayPlain}[:len(set)] {
			set[i].name = n + name
		}
		ways = append(ways, set...)
	}
	turn := 0
	for round := range c.Rounds {
		for _, threads := range []int{1, 2} {
			for i := range ways {
				w := ways[(i+round)%len(ways)] // who comes first, and after whom, changes
				a.ui.step("walking", int64(round), int64(c.Rounds))
				turn += 2
				if _, _, err := w.run(threads, c.starts(copied.Snapshot(), c.Queries, turn)); err != nil {
					return err
				}
				q := c.starts(copied.Snapshot(), c.Queries, turn+1)
				clock, cpu, err := w.run(threads, q)
				if err != nil {
					return err
				}
				if w.check != nil {
					if err := w.check(q); err != nil {
						return err
					}
				}
				out.speed(w.name, threads, float64(c.Queries*c.Steps)/clock.Seconds(), float64(c.Queries*c.Steps)/cpu.Seconds())
			}
		}
	}
	for i := range out.Speeds {
		s := &out.Speeds[i]
		s.Steps, s.CPU = median(s.Rounds), median(s.CPURound)
	}
	return nil
}

// Ways to walk: whole requests, which end with the best raceTop in order, and, with countsOnly, without that choice: C passes over the
// counts once to clear them, ours as well, asked for the best one.
const (
	wayCopied  = "bowerbird, copied to memory"
	wayMapped  = "bowerbird, mapped file"
	wayLanes   = "C, 16 walkers, prefetching"
	wayPlain   = "C, plain loop"
	countsOnly = ", walk and count"
	raceTop    = 100
)

// way is one way to take the steps from each of the queries, on so many threads.
type way struct {
	name  string
	run   func(threads int, q []graph.Query) (clock, cpu time.Duration, err error)
	check func(q []graph.Query) error // of what the last run gave; nil where there is nothing to compare with
}

func (r *graphResult) speed(name string, threads int, clock, cpu float64) {
	i := slices.IndexFunc(r.Speeds, func(s graphSpeed) bool { return s.Name == name && s.Threads == threads })
	if i < 0 {
		i, r.Speeds = len(r.Speeds), append(r.Speeds, graphSpeed{Name: name, Threads: threads})
	}
	r.Speeds[i].Rounds, r.Speeds[i].CPURound = append(r.Speeds[i].Rounds, clock), append(r.Speeds[i].CPURound, cpu)
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}

// options of the i-th walk of a round.
func (c *benchGraphCmd) options(i int) graph.WalkOptions {
	return graph.WalkOptions{Steps: c.Steps, Seed: c.Seed + uint64(i)}
}

// walks asks the queries one by one for the best top.
func (c *benchGraphCmd) walks(s *graph.Snapshot, top int) way {
	return way{run: func(threads int, q []graph.Query) (time.Duration, time.Duration, error) {
		var next atomic.Int64
		var wg sync.WaitGroup
		errs := make([]error, threads)
		start, cpu := time.Now(), cpuTime()
		for t := range threads {
			wg.Go(func() {
				for errs[t] == nil {
					i := int(next.Add(1)) - 1
					if i >= len(q) {
						return
					}
					o := c.options(i)
					o.Top = top
					_, _, errs[t] = s.Walk(q[i:i+1], o)
				}
			})
		}
		wg.Wait()
		return time.Since(start), cpuTime() - cpu, errors.Join(errs...)
	}}
}

// latency asks single queries one after the other: on the graph at rest, while edges come, and while a merge runs. Each has a start of its
// own.
func (c *benchGraphCmd) latency(a *app, path string, out *graphResult) error {
	g, err := graph.Open(path, graph.Options{Copy: true, MergeAt: -1})
	if err != nil {
		return err
	}
	q, next := c.starts(g.Snapshot(), 6000, 0), 0
	ask := func(n int, until func() bool) (spread, error) {
		var took []time.Duration
		for i := 0; i < n && !until(); i++ {
			start := time.Now()
			if _, _, err := g.Walk(q[next%len(q):][:1], c.options(next)); err != nil {
				return spread{}, err
			}
			took = append(took, time.Since(start))
			next++
		}
		return spreadOf(took), a.ctx.Err()
	}
	never := func() bool { return false }
	if _, err := ask(20, never); err != nil {
		return err
	}
	if out.Idle, err = ask(1000, never); err != nil {
		return err
	}
	stop, stopped := make(chan bool), make(chan error)
	go func() { stopped <- addEdges(g, 1000, c.Seed, stop, &out.Added) }()
	out.Adding, err = ask(1000, never)
	close(stop)
	if err = errors.Join(err, <-stopped); err != nil {
		return err
	}
	merged := make(chan time.Duration, 1)
	go func() {
		start := time.Now()
		g.Merge()
		merged <- time.Since(start)
	}()
	out.Merging, err = ask(4000, func() bool { return len(merged) > 0 })
	out.Merge = <-merged
	return err
}

// addEdges adds so many new edges a second, as they would be saved, until it is told to stop.
func addEdges(g *graph.Graph, rate int, seed uint64, stop chan bool, added *int) error {
	s := g.Snapshot()
	lefts, rights := uint32(s.Nodes(graph.Left)), uint32(s.Nodes(graph.Right))
	r := rand.New(rand.NewPCG(seed, 4))
	start, done := time.Now(), 0
	for {
		select {
		case <-stop:
			*added = done
			return nil
		case <-time.After(time.Millisecond):
		}
		for ; done < int(time.Since(start).Seconds()*float64(rate)); done++ {
			if _, err := g.Add(graph.Edge{Left: r.Uint32N(lefts), Right: r.Uint32N(rights)}); err != nil {
				return err
			}
		}
	}
}

// ratios are those of one way to another, round by round.
func (r *graphResult) ratios(over, under string, threads int, cpu bool) float64 {
	pick := func(name string) []float64 {
		for _, s := range r.Speeds {
			if s.Name == name && s.Threads == threads {
				if cpu {
					return s.CPURound
				}
				return s.Rounds
			}
		}
		return nil
	}
	x, y := pick(over), pick(under)
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	q := make([]float64, len(x))
	for i := range x {
		q[i] = x[i] / y[i]
	}
	return median(q)
}

func (r *graphResult) print(a *app, c *benchGraphCmd) {
	a.printf("%s\n%s different edges, %s items, %s boards\n\n", r.Machine, count(r.Edges), count(r.Nodes[0]), count(r.Nodes[1]))
	took := func(d time.Duration) string {
		if d == 0 {
			return "not measured"
		}
		return seconds(d)
	}
	peak := "not measured"
	if r.BuildPeak > 0 {
		peak = fmt.Sprintf("%.1f GiB", float64(r.BuildPeak)/(1<<30))
	}
	a.columns([][]string{{"structure", "", "bar (at 200 M edges)"},
		{"build of " + count(r.Drawn) + " edges, drawing included", took(r.Build), "120 s"},
		{"  of which sorting in", took(r.Sort), ""},
		{"  processor time, both cores", took(r.BuildCPU), ""},
		{"  memory at most", peak, ""},
		{"bytes an edge, both directions", fmt.Sprintf("%.2f", r.PerEdge), "9"},
		{"write the file", took(r.Write), ""},
		{"open it mapped, all checks", took(r.Open), "2 s"},
		{"open it copied to huge pages", took(r.OpenCopy), ""},
		{"merge " + count(r.Added) + " edges in, beside walks", took(r.Merge), ""}})
	if len(r.Speeds) > 0 {
		r.printRace(a, c)
	}
	if r.Idle.N > 0 {
		r.printLatency(a, c)
	}
	printEarly(a, r.Early)
	if r.Quality.Edges > 0 {
		a.printf("\n")
		r.Quality.print(a)
	}
}

// printRace prints the speeds and their ratios to those of C.
func (r *graphResult) printRace(a *app, c *benchGraphCmd) {
	a.printf("\n")
	rows := [][]string{{"M steps/s, " + count(c.Steps) + " a query", "threads", "by the clock", "by processor time", "queries/s"}}
	for _, s := range r.Speeds {
		rows = append(rows, []string{s.Name, fmt.Sprint(s.Threads), fmt.Sprintf("%.2f", s.Steps/1e6), fmt.Sprintf("%.2f", s.CPU/1e6), fmt.Sprintf("%.0f", s.Steps/float64(c.Steps))})
	}
	a.columns(rows)
	for _, s := range r.Speeds {
		if s.Name == wayCopied && s.Threads == 2 {
			perCore := s.Steps / float64(c.Steps) / float64(min(2, max(1, r.Machine.Cores)))
			a.printf("%.0f queries/s on %d cores, %.0f a core; Pixie reports 1,200 a server of 32 hardware threads, 37.5 a thread\n", s.Steps/float64(c.Steps), r.Machine.Cores, perCore)
		}
	}
	if r.NoC != "" {
		a.printf("not compared with C: %s\n", r.NoC)
		return
	}
	rows = [][]string{{"", "over", "threads", "by the clock", "by processor time", "bar"}}
	for _, x := range []struct{ name, bar string }{{wayLanes, "0.8"}, {wayPlain, "3 at 200 M"}} {
		for _, part := range []string{"", countsOnly} {
			for _, ours := range []string{wayCopied + part, wayMapped + part} {
				for threads := 1; threads <= 2; threads++ {
					rows = append(rows, []string{ours, x.name + part, fmt.Sprint(threads), fmt.Sprintf("%.2f", r.ratios(ours, x.name+part, threads, false)),
						fmt.Sprintf("%.2f", r.ratios(ours, x.name+part, threads, true)), x.bar})
				}
			}
		}
	}
	a.printf("\n")
	a.columns(rows)
}

func (r *graphResult) printLatency(a *app, c *benchGraphCmd) {
	a.printf("\n")
	rows := [][]string{{"a query of " + count(c.Steps) + " steps", "n", "p50", "p99", "bar"}}
	for _, x := range []struct {
		name string
		s    spread
	}{{"idle", r.Idle}, {"1,000 edges/s being added", r.Adding}, {"while those are merged", r.Merging}} {
		rows = append(rows, []string{x.name, count(x.s.N), millis(x.s.Median), millis(x.s.P99), "p99 60 ms"})
	}
	a.columns(rows)
}

// byScore orders ids by falling score, equal scores by id.
func byScore(score []float64, n int) []uint32 {
	var ids []uint32
	for i, x := range score {
		if x > 0 {
			ids = append(ids, uint32(i))
		}
	}
	slices.SortFunc(ids, func(a, b uint32) int { return cmp.Or(-cmp.Compare(score[a], score[b]), cmp.Compare(a, b)) })
	return ids[:min(n, len(ids))]
}
