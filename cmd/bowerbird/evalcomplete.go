package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bowerbird/eval"
	"bowerbird/text"
	"bowerbird/text/complete"
)

type evalCompleteCmd struct {
	Data string `arg:"" help:"Folder of the public data sets: search-esci-ubi-sample and so on." type:"existingdir"`
	N    int    `help:"Held-out queries of each set at most." default:"1000"`
	Seed uint64 `help:"Of every random choice." default:"1"`
}

func (evalCompleteCmd) Help() string {
	return `Measures completion: each held-out query is typed letter by letter, and after
each letter the list of ten is asked for. The figure is the mean reciprocal rank
of the query, over its letters and then over queries, beside the most popular
completion: the past queries that begin with the typed text, most frequent first.

Examples:
  bowerbird eval complete data/`
}

// asked is one query with what is known of it.
type asked struct {
	text string
	who  string
	at   time.Time
}

type queryLog struct {
	name, protocol string
	learn, ask     []asked
}

type completeFigures struct {
	Name     string                   `json:"name"`
	Protocol string                   `json:"protocol"`
	Learned  int                      `json:"learned"`
	N        int                      `json:"n"`
	New      int                      `json:"new"` // held-out queries that were not learned from
	MRR      map[string]eval.Estimate `json:"mrr"`
	Against  eval.Comparison          `json:"against_most_popular"`
	P99      time.Duration            `json:"p99_ns"`
}

var completers = []string{"most popular", "words within", "fading", "personal", "composed", "all"}

func (c *evalCompleteCmd) Run(a *app) error {
	var logs []queryLog
	for _, read := range []func() (queryLog, error){c.ubi, c.captions, c.titles} {
		l, err := read()
		if err != nil {
			return err
		}
		logs = append(logs, l)
	}
	var out []completeFigures
	for _, l := range logs {
		a.ui.say("%s: %s", l.name, plural(len(l.learn), "query"))
		f, err := c.measure(l)
		if err != nil {
			return err
		}
		out = append(out, f)
	}
	a.ui.done()
	if a.cli.JSON {
		return a.printJSON(out)
	}
	rows := [][]string{append([]string{"log", "learned", "asked", "new"}, append(slices.Clone(completers), "p99")...)}
	for _, f := range out {
		row := []string{f.Name, count(f.Learned), count(f.N), count(f.New)}
		for _, s := range completers {
			row = append(row, fmt.Sprintf("%.4f", f.MRR[s].Mean))
		}
		rows = append(rows, append(row, f.P99.String()))
	}
	a.printf("%s\nMRR of lists of ten, over all beginnings of a held-out query.\n\n", thisMachine())
	a.columns(rows)
	for _, f := range out {
		a.printf("\n%s: %s. All against most popular: %+.4f [%+.4f, %+.4f], p = %.4f.", f.Name, f.Protocol, f.Against.Difference, f.Against.Low, f.Against.High, f.Against.P)
	}
	a.printf("\n")
	return nil
}

// ubi is a log with persons and times: learn from the first four fifths of the time-ordered searches, ask for the rest.
func (c *evalCompleteCmd) ubi() (queryLog, error) {
	l := queryLog{name: "ubi searches", protocol: "the last fifth in time; persons by client id"}
	s, err := readText(filepath.Join(c.Data, "search-esci-ubi-sample", "ubi_queries_events.ndjson.gz"))
	if err != nil {
		return l, err
	}
	var all []asked
	for line := range strings.Lines(s) {
		var q struct {
			Client string    `json:"client_id"`
			Query  string    `json:"user_query"`
			ID     string    `json:"query_id"`
			Action string    `json:"action_name"`
			Time   time.Time `json:"timestamp"`
		}
		if json.Unmarshal([]byte(line), &q) != nil || q.Action != "" || q.Query == "" {
			continue // events, and the lines of the bulk format between records
		}
		if t := text.Fold(q.Query); t != "" {
			all = append(all, asked{t, q.Client, q.Time})
		}
	}
	slices.SortStableFunc(all, func(a, b asked) int { return a.at.Compare(b.at) })
	cut := len(all) * 4 / 5
	l.learn, l.ask = all[:cut], all[cut:]
	return l, nil
}

// captions gives queries of two or three words that are no stop words, as they follow one another in captions.
func (c *evalCompleteCmd) captions() (queryLog, error) {
	l := queryLog{name: "caption phrases", protocol: "two or three words that follow one another, stop words left out; asked for by the published test images"}
	x, err := (&evalSpellCmd{Data: c.Data}).captions()
	if err != nil {
		return l, err
	}
	stop, err := text.New(text.Options{Language: "none", StopWords: strings.Fields("a an and are as at be by for from has her his in into is it its of on or that the their there they this to up while with")})
	if err != nil {
		return l, err
	}
	rnd := rand.New(rand.NewPCG(c.Seed, 5))
	take := func(texts [][]string) (out []asked) {
		for _, words := range texts {
			if t := stop.Terms(strings.Join(words, " ")); len(t) >= 3 {
				n := 2 + rnd.IntN(2)
				from := rnd.IntN(len(t) - n + 1)
				out = append(out, asked{text: strings.Join(t[from:from+n], " ")})
			}
		}
		return out
	}
	l.learn, l.ask = take(x.learn), take(x.ask)
	return l, nil
}

// titles gives the first two or three words of product titles: maker and kind or series.
func (c *evalCompleteCmd) titles() (queryLog, error) {
	l := queryLog{name: "product names", protocol: "the first two or three words of Icecat titles; a tenth, by hash, is asked for"}
	x, err := (&evalSpellCmd{Data: c.Data}).titles()
	if err != nil {
		return l, err
	}
	take := func(texts [][]string) (out []asked) {
		for _, words := range texts {
			h := fnv.New32a()
			h.Write([]byte(strings.Join(words, " ")))
			if n := 2 + int(h.Sum32()%2); len(words) >= n {
				out = append(out, asked{text: strings.Join(words[:n], " ")})
			}
		}
		return out
	}
	l.learn, l.ask = take(x.learn), take(x.ask)
	return l, nil
}

// popular is the most popular completion, the plain way.
type popular struct {
	queries []string // sorted
	counts  map[string]int
}

func (p popular) complete(typed string) []string {
	at, _ := slices.BinarySearch(p.queries, typed)
	var out []string
	for ; at < len(p.queries) && strings.HasPrefix(p.queries[at], typed); at++ {
		out = append(out, p.queries[at])
	}
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(p.counts[b], p.counts[a]) })
	return out[:min(10, len(out))]
}

func (c *evalCompleteCmd) measure(l queryLog) (completeFigures, error) {
	f := completeFigures{Name: l.name, Protocol: l.protocol, Learned: len(l.learn), MRR: map[string]eval.Estimate{}}
	mpc := popular{counts: map[string]int{}}
	stays, fades := complete.New(), complete.NewWith(complete.Options{HalfLife: 14 * 24 * time.Hour})
	mine := map[string]map[string]float64{}
	learn := func(q asked) {
		fades.AddAt(q.text, 1, q.at)
		if q.who != "" {
			if mine[q.who] == nil {
				mine[q.who] = map[string]float64{}
			}
			mine[q.who][q.text]++
		}
	}
	for _, q := range l.learn {
		if mpc.counts[q.text]++; mpc.counts[q.text] == 1 {
			mpc.queries = append(mpc.queries, q.text)
		}
		stays.Add(q.text, 1)
		learn(q)
	}
	slices.Sort(mpc.queries)
	if len(l.ask) > c.N && l.ask[0].who == "" {
		rnd := rand.New(rand.NewPCG(c.Seed, 6))
		rnd.Shuffle(len(l.ask), func(i, j int) { l.ask[i], l.ask[j] = l.ask[j], l.ask[i] })
		l.ask = l.ask[:c.N]
	}
	ranks := map[string][]float64{}
	var times []time.Duration
	for _, q := range l.ask {
		if mpc.counts[q.text] == 0 {
			f.New++
		}
		own := map[string]float64{} // a copy of what was known before this search
		for s, n := range mine[q.who] {
			own[s] = n
		}
		for name, ask := range map[string]func(string) []string{
			"most popular": mpc.complete,
			"words within": func(s string) []string { return foldedOf(stays.Complete(s, 10)) },
			"fading":       func(s string) []string { return foldedOf(fades.Find(complete.Request{Typed: s, Now: q.at})) },
			"personal":     func(s string) []string { return foldedOf(stays.Find(complete.Request{Typed: s, Mine: own})) },
			"composed":     func(s string) []string { return foldedOf(stays.Find(complete.Request{Typed: s, Compose: true})) },
			"all": func(s string) []string {
				start := time.Now()
				out := fades.Find(complete.Request{Typed: s, Now: q.at, Mine: own, Compose: true})
				times = append(times, time.Since(start))
				return foldedOf(out)
			},
		} {
			ranks[name] = append(ranks[name], reciprocal(q.text, ask))
		}
		if q.who != "" {
			learn(q) // a log goes on: the most popular completion alone stays as it was
			if mpc.counts[q.text]++; mpc.counts[q.text] == 1 {
				at, _ := slices.BinarySearch(mpc.queries, q.text)
				mpc.queries = slices.Insert(mpc.queries, at, q.text)
			}
			stays.Add(q.text, 1)
		}
	}
	f.N = len(l.ask)
	reports := map[string]*eval.Report{}
	for name, r := range ranks {
		users := make([]uint32, len(r))
		for i := range users {
			users[i] = uint32(i)
		}
		reports[name] = &eval.Report{K: 10, Users: users, Values: map[eval.Metric][]float64{eval.MetricMRR: r}}
		f.MRR[name] = reports[name].Bootstrap(eval.MetricMRR, 0, c.Seed)
	}
	f.P99 = spreadOf(times).P99
	var err error
	f.Against, err = eval.Compare(reports["most popular"], reports["all"], eval.MetricMRR, 0, c.Seed)
	return f, err
}

func foldedOf(in []complete.Completion) []string {
	out := make([]string, len(in))
	for i, x := range in {
		out[i] = x.Folded
	}
	return out
}

// reciprocal is the mean of 1/rank of the query over what is typed of it, from the first letter to the last but one.
func reciprocal(query string, ask func(string) []string) float64 {
	sum, n := 0.0, 0
	for at := range query {
		if at == 0 {
			continue
		}
		n++
		if i := slices.Index(ask(query[:at]), query); i >= 0 {
			sum += 1 / float64(i+1)
		}
	}
	return sum / float64(max(n, 1))
}
