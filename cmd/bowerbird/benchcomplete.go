package main

import (
	"math/rand/v2"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"bowerbird/index/postings/postingsbench"
	"bowerbird/text/complete"
)

type benchCompleteCmd struct {
	Queries int    `help:"Distinct queries in the log." default:"1000000"`
	Asked   int    `help:"Texts that are typed, of each kind." default:"2000"`
	Seed    uint64 `help:"Of queries and texts." default:"1"`
}

func (benchCompleteCmd) Help() string {
	return `Adds made-up queries of one to four words, with weights by the law of Zipf, and
asks for ten completions of texts that a person would have typed. Each text is
asked for once, with what such a request has when it is served: own searches, and
completions that are composed where the log has too few.

Examples:
  bowerbird bench complete
  bowerbird bench complete --queries 100000`
}

// completeKind is one kind of typed text.
type completeKind struct {
	Kind     string  `json:"kind"`
	N        int     `json:"n"`
	Found    float64 `json:"found"`    // share with any completion
	Composed float64 `json:"composed"` // share with a composed one
	Took     spread  `json:"took"`
	CPU      spread  `json:"cpu"` // of the thread that asked
}

type completeSpeed struct {
	Machine machine        `json:"machine"`
	Queries int            `json:"queries"`
	Adding  time.Duration  `json:"adding_ns"`
	Kinds   []completeKind `json:"kinds"`
}

func (c *benchCompleteCmd) Run(a *app) error {
	if c.Queries < 1000 || c.Queries > 10_000_000 || c.Asked < 1 {
		return usagef("want --queries 1000 to 10000000 and --asked from 1")
	}
	out := completeSpeed{Machine: thisMachine(), Queries: c.Queries}
	draw := newQueryDraw(c.Seed)
	log := make([]string, 0, c.Queries)
	known := make(map[string]bool, c.Queries)
	for len(log) < c.Queries {
		if q := draw.query(); !known[q] {
			known[q] = true
			log = append(log, q)
		}
	}
	a.ui.say("adding %d queries ...", c.Queries)
	done := complete.New()
	start := time.Now()
	for i, q := range log {
		done.Add(q, float64(c.Queries)/float64(i+1))
	}
	out.Adding = time.Since(start)
	unknown := func() string {
		for {
			if q := draw.query(); !known[q] && strings.Contains(q, " ") {
				return q
			}
		}
	}
	some := func() string { return log[draw.rnd.IntN(len(log))] }
	for _, k := range []struct {
		name string
		text func() string
	}{
		{"beginnings of searches", func() string { return draw.begin(some(), 1) }},
		{"beginnings of searches with a slip", func() string { return draw.slip(draw.begin(some(), 3)) }},
		{"beginnings of new searches", func() string { q := unknown(); return draw.begin(q, strings.IndexByte(q, ' ')+2) }},
		{"beginnings of new searches with a slip", func() string { q := unknown(); return draw.slip(draw.begin(q, strings.IndexByte(q, ' ')+2)) }},
	} {
		texts := make([]string, c.Asked)
		for i := range texts {
			texts[i] = k.text()
		}
		out.Kinds = append(out.Kinds, c.ask(done, k.name, texts))
	}
	if a.cli.JSON {
		return a.printJSON(out)
	}
	a.printf("%s\n%d distinct queries, added in %s. Ten completions each, asked once.\n\n", out.Machine, c.Queries, out.Adding.Round(time.Millisecond))
	rows := [][]string{{"typed", "n", "any", "composed", "median", "p99", "longest", "cpu median", "cpu p99", "cpu most"}}
	for _, k := range out.Kinds {
		rows = append(rows, []string{k.Kind, count(k.N), percent(k.Found), percent(k.Composed), millis(k.Took.Median), millis(k.Took.P99), millis(k.Took.Max), millis(k.CPU.Median), millis(k.CPU.P99), millis(k.CPU.Max)})
	}
	a.columns(rows)
	return nil
}

func (c *benchCompleteCmd) ask(done *complete.Completer, kind string, texts []string) completeKind {
	k := completeKind{Kind: kind, N: len(texts)}
	times, used := make([]time.Duration, 0, len(texts)), make([]time.Duration, 0, len(texts))
	mine := map[string]float64{"walnut chair": 2, "green sofa": 1, "lamp": 1}
	runtime.LockOSThread() // so that the thread's time is this request's
	defer runtime.UnlockOSThread()
	runtime.GC()
	for _, s := range texts {
		cpu := threadTime()
		start := time.Now()
		got := done.Find(complete.Request{Typed: s, Mine: mine, Compose: true})
		times, used = append(times, time.Since(start)), append(used, threadTime()-cpu)
		if len(got) > 0 {
			k.Found++
			if got[len(got)-1].Composed {
				k.Composed++
			}
		}
	}
	n := float64(len(texts))
	k.Found, k.Composed, k.Took, k.CPU = k.Found/n, k.Composed/n, spreadOf(times), spreadOf(used)
	return k
}

// threadTime is the processor time of this thread.
func threadTime() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// queryDraw makes up queries from the words of made-up titles.
type queryDraw struct {
	titles *postingsbench.Titles
	rnd    *rand.Rand
	words  []string
	at     int
}

func newQueryDraw(seed uint64) *queryDraw {
	return &queryDraw{titles: postingsbench.NewTitles(seed), rnd: rand.New(rand.NewPCG(seed, 11))}
}

// query is one to four words of a title.
func (d *queryDraw) query() string {
	d.words = d.titles.Title(d.words, d.at)
	d.at++
	return strings.Join(d.words[:1+d.rnd.IntN(4)], " ")
}

// begin cuts a text anywhere after its first letters.
func (d *queryDraw) begin(s string, least int) string {
	return s[:min(least+d.rnd.IntN(max(len(s)-least, 0)+1), len(s))]
}

// slip changes one letter.
func (d *queryDraw) slip(s string) string {
	b := []byte(s)
	if at := d.rnd.IntN(len(b)); b[at] < utf8.RuneSelf && b[at] != ' ' {
		b[at] = byte('a' + (int(b[at]-'a')+1+d.rnd.IntN(25))%26)
	}
	return string(b)
}
