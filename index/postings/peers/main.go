// Command peers runs the word index, Bleve, and by peers.py tantivy and SQLite FTS5 on the same titles and queries, in
// turns, and prints a table. It is a module of its own so that the others are no dependency of Bowerbird.
//
//	python3 -m venv /tmp/venv && /tmp/venv/bin/pip install tantivy
//	cd index/postings/peers && go run . -python /tmp/venv/bin/python
//
// An engine that cannot be started is left out, with a message.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"bowerbird/index/postings/postingsbench"
)

var (
	byCPU  bool
	budget time.Duration
	fewest int
)

// now is the clock, or with -cpu the processor time of this process.
func now() time.Duration {
	if !byCPU {
		return time.Since(started)
	}
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

var started = time.Now()

// engine is one of those that are compared.
type engine interface {
	name() string
	built() (time.Duration, int64) // how long building took, and bytes
	counts(k postingsbench.Kind) ([]int, error)
	run(k postingsbench.Kind, n, threads int) (perSec float64, err error)
}

func main() {
	docs := flag.Int("docs", 1_000_000, "documents")
	n := flag.Int("queries", 1000, "queries of each kind")
	rounds := flag.Int("rounds", 5, "times that each measurement is repeated; the median counts")
	python := flag.String("python", "python3", "a Python that has tantivy; SQLite FTS5 comes with Python")
	only := flag.String("only", "ours,bleve,tantivy,fts5", "engines")
	flag.BoolVar(&byCPU, "cpu", false, "count processor time instead of the clock, for a machine that is busy with other work")
	flag.DurationVar(&budget, "budget", 2*time.Second, "about how long one measurement of one engine takes")
	flag.IntVar(&fewest, "fewest", 50, "queries that a measurement asks at least, however long they take")
	kinds := flag.String("kinds", "", "kinds of queries, all if empty")
	flag.Parse()
	if err := compare(*docs, *n, *rounds, *python, strings.Split(*only, ","), *kinds); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func compare(docs, n, rounds int, python string, only []string, kinds string) error {
	dir, err := os.MkdirTemp("", "peers")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	titles := postingsbench.NewTitles(1)
	queries := make(map[postingsbench.Kind][]postingsbench.Query)
	for _, k := range postingsbench.Kinds {
		if kinds == "" || strings.Contains(kinds, string(k)) {
			queries[k] = titles.Queries(k, n, docs)
		}
	}
	if err := write(dir, titles, docs, queries); err != nil {
		return err
	}
	var engines []engine
	for _, name := range only {
		var e engine
		var err error
		switch name {
		case "ours":
			e, err = newOurs(titles, docs, queries)
		case "bleve":
			e, err = newBleve(titles, docs, queries, filepath.Join(dir, "bleve"))
		default:
			e, err = newChild(python, name, dir)
		}
		if err != nil {
			fmt.Printf("%s is left out: %v\n", name, err)
			continue
		}
		engines = append(engines, e)
		took, bytes := e.built()
		fmt.Printf("%-8s built in %6.1f s, %8.0f docs/s, %6.1f bytes a document\n", e.name(), took.Seconds(), float64(docs)/took.Seconds(), float64(bytes)/float64(docs))
	}
	for _, k := range postingsbench.Kinds {
		if len(queries[k]) == 0 {
			continue
		}
		if err := agree(k, engines); err != nil {
			return err
		}
		for _, threads := range []int{1, 2} {
			if err := measure(k, n, threads, rounds, engines); err != nil {
				return err
			}
		}
	}
	for _, e := range engines {
		if c, ok := e.(*child); ok {
			s, err := c.ask(map[string]any{"do": "nothing", "threads": 1})
			if err != nil {
				return err
			}
			fmt.Printf("%s: a query that finds nothing takes %.1f µs through Python\n", c.name(), s.Seconds*1e6)
			c.close()
		}
	}
	return nil
}

// agree compares how many documents each query matches with what the first engine says.
func agree(k postingsbench.Kind, engines []engine) error {
	var want []int
	for i, e := range engines {
		got, err := e.counts(k)
		if err != nil {
			return fmt.Errorf("%s, %s: %w", e.name(), k, err)
		}
		if i == 0 {
			want = got
			sum := 0
			for _, c := range got {
				sum += c
			}
			fmt.Printf("%-9s %d queries match %.0f documents on average\n", k, len(got), float64(sum)/float64(len(got)))
			continue
		}
		other := 0
		for j := range got {
			if got[j] != want[j] {
				other++
			}
		}
		if other > 0 {
			fmt.Printf("%-9s %s finds another number of documents for %d of %d queries\n", k, e.name(), other, len(got))
		}
	}
	return nil
}

// measure runs the engines in turns and prints the median of each and its ratio to the first.
func measure(k postingsbench.Kind, n, threads, rounds int, engines []engine) error {
	all := make([][]float64, len(engines))
	few := make([]int, len(engines)) // queries a round: what the engine answers in the budget
	for i := range few {
		few[i] = min(n, fewest)
	}
	for round := -1; round < rounds+1; round++ {
		for i, e := range engines {
			x, err := e.run(k, few[i], threads)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", e.name(), k, err)
			}
			if round < 1 { // warms up, at last with as many queries as count, which may come several times
				few[i] = max(few[i], int(budget.Seconds()*x))
				continue
			}
			all[i] = append(all[i], x)
		}
	}
	fmt.Printf("%-9s %d threads", k, threads)
	for i, e := range engines {
		slices.Sort(all[i])
		fmt.Printf("  %s %.0f/s (%.0f–%.0f)", e.name(), all[i][rounds/2], all[i][0], all[i][rounds-1])
		if i > 0 {
			fmt.Printf(" ours × %.2f", all[0][rounds/2]/all[i][rounds/2])
		}
	}
	fmt.Println()
	return nil
}

func write(dir string, t *postingsbench.Titles, docs int, queries map[postingsbench.Kind][]postingsbench.Query) error {
	f, err := os.Create(filepath.Join(dir, "titles"))
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	var words []string
	for d := range docs {
		words = t.Title(words, d)
		fmt.Fprintf(w, "%d\t%s\n", t.Group(d), strings.Join(words, " "))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	g, err := os.Create(filepath.Join(dir, "queries"))
	if err != nil {
		return err
	}
	defer g.Close()
	enc := json.NewEncoder(g)
	for _, k := range postingsbench.Kinds {
		for _, q := range queries[k] {
			if err := enc.Encode(q); err != nil {
				return err
			}
		}
	}
	return nil
}

// ours is the word index.
type ours struct {
	ix      *postingsbench.Index
	took    time.Duration
	bytes   int64
	queries map[postingsbench.Kind][]postingsbench.Query
}

func newOurs(t *postingsbench.Titles, docs int, queries map[postingsbench.Kind][]postingsbench.Query) (*ours, error) {
	runtime.GC()
	begun := now()
	ix, b, err := postingsbench.Build(t, docs, postingsbench.Options())
	took := now() - begun
	begun = now() // titles are drawn within Build; that is not indexing
	var words []string
	for d := range docs {
		words = t.Title(words, d)
	}
	took -= now() - begun
	return &ours{ix, took, int64(b.Bytes), queries}, err
}

func (o *ours) name() string                  { return "ours" }
func (o *ours) built() (time.Duration, int64) { return o.took, o.bytes }

func (o *ours) counts(k postingsbench.Kind) ([]int, error) {
	var out []int
	for _, q := range o.queries[k] {
		n, err := o.ix.Count(q)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

func (o *ours) run(k postingsbench.Kind, n, threads int) (float64, error) {
	errs := make([]error, threads)
	var next atomic.Int64
	var wg sync.WaitGroup
	runtime.GC() // what another engine of this process left
	begun := now()
	for w := range threads {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && errs[w] == nil; i = int(next.Add(1)) - 1 {
				_, errs[w] = o.ix.Search(o.queries[k][i%len(o.queries[k])])
			}
		})
	}
	wg.Wait()
	return float64(n) / (now() - begun).Seconds(), errors.Join(errs...)
}

// child is an engine that peers.py drives.
type child struct {
	which string
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Reader
	first answer
}

type answer struct {
	Building float64
	Bytes    int64
	Segments int
	Seconds  float64
	Counts   []int
}

func clockName() string {
	if byCPU {
		return "cpu"
	}
	return "clock"
}

func newChild(python, name, dir string) (*child, error) {
	c := &child{which: name, cmd: exec.Command(python, "peers.py", clockName(), name, filepath.Join(dir, "titles"), filepath.Join(dir, "queries"), filepath.Join(dir, name))}
	c.cmd.Stderr = os.Stderr
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewReader(out)
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	c.first, err = c.read()
	return c, err
}

func (c *child) read() (a answer, err error) {
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		return a, fmt.Errorf("%s ended: %w", c.which, err)
	}
	return a, json.Unmarshal(line, &a)
}

func (c *child) ask(what map[string]any) (answer, error) {
	b, err := json.Marshal(what)
	if err != nil {
		return answer{}, err
	}
	if _, err := c.in.Write(append(b, '\n')); err != nil {
		return answer{}, err
	}
	return c.read()
}

func (c *child) close() { c.in.Close(); c.cmd.Wait() }

func (c *child) name() string { return c.which }
func (c *child) built() (time.Duration, int64) {
	return time.Duration(c.first.Building * float64(time.Second)), c.first.Bytes
}

func (c *child) counts(k postingsbench.Kind) ([]int, error) {
	a, err := c.ask(map[string]any{"do": "count", "kind": k})
	return a.Counts, err
}

func (c *child) run(k postingsbench.Kind, n, threads int) (float64, error) {
	a, err := c.ask(map[string]any{"do": "run", "kind": k, "n": n, "threads": threads})
	return float64(n) / a.Seconds, err
}
