package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"bowerbird/eval"
	"bowerbird/index/fuse"
)

// evalCmds are what can be evaluated: feeds, which is what plain eval does, search, and rankers on rows of features.
type evalCmds struct {
	Feed     evalCmd         `cmd:"" default:"withargs" help:"Measure the whole served funnel on held-out data. The default."`
	Search   evalSearchCmd   `cmd:"" help:"Judge search on a test collection, on runs, or on your own judgments."`
	Spell    evalSpellCmd    `cmd:"" help:"Measure spelling on misspellings and made-up slips, beside peers."`
	Complete evalCompleteCmd `cmd:"" help:"Measure completion on held-out queries."`
	Rank     evalRankCmd     `cmd:"" help:"Learn to rank rows of features, and measure."`
	Pictures evalPicturesCmd `cmd:"" help:"Measure what is understood from pixels."`
	Graph    evalGraphCmd    `cmd:"" help:"Judge vectors and walks of published graphs."`
}

func (evalCmds) Help() string {
	return `Without one of the words below it is eval feed.

Examples:
  bowerbird eval --preset ml100k-u1 rec-ml100k/
  bowerbird eval ratings.csv --protocol temporal --share 0.8
  bowerbird eval search --preset scifact search-scifact-beir/
  bowerbird eval graph data/
  bowerbird eval feed --help`
}

type evalSearchCmd struct {
	Path          string            `arg:"" optional:"" help:"Folder of the collection: docs.jsonl, queries.tsv and qrels.txt, or BEIR's corpus.jsonl, queries.jsonl and qrels/test.tsv; also compressed." type:"path"`
	Preset        string            `help:"A published protocol: ${searchpresets}; PATH is then the collection's folder." placeholder:"NAME"`
	Docs          string            `help:"File of documents, as JSON Lines with id and text." placeholder:"FILE"`
	Queries       string            `help:"File of queries, as ID<TAB>TEXT or JSON Lines. Without any, the names of the judgments are the queries." placeholder:"FILE"`
	Qrels         string            `help:"File of judgments: TREC, BEIR or CSV." placeholder:"FILE"`
	TrainQueries  string            `help:"Queries to fit the system learned to, instead of cross-validation." placeholder:"FILE"`
	TrainQrels    string            `help:"Their judgments." placeholder:"FILE"`
	Runs          []string          `help:"Judge this TREC run instead of searching; repeat it to compare with the first." name:"run" placeholder:"FILE" sep:"none"`
	Says          map[string]string `help:"What documents say of themselves, as category=FIELD;NAME=FIELD: the system meant, a learned one, sees whether it is what a query asks for." placeholder:"NAME=FIELD"`
	Folds         int               `help:"Parts of the judged queries; learned orders each by what it learned from the others." default:"5"`
	Fields        []string          `help:"What of a document is searched." default:"title,text" placeholder:"NAME,..."`
	Systems       []string          `help:"What is measured: ${searchsystems}." default:"words,rm3,meaning,rrf,sum,hybrid" placeholder:"NAME,..."`
	Language      string            `help:"Analysis of the text: en, de, ... or en-porter, as published figures have it." default:"en-porter"`
	K1            float64           `help:"BM25's saturation." default:"0.9" name:"k1"`
	B             float64           `help:"BM25's length normalisation." default:"0.4"`
	K             int               `help:"Cut-off of nDCG, MRR and P." default:"10"`
	Depth         int               `help:"Length of the lists, and cut-off of MAP." default:"1000"`
	Dim           int               `help:"Length of the learned vectors." default:"200"`
	Encoder       string            `help:"Folder of a sentence model (see text/sentence) instead of vectors learned from the documents." type:"path" placeholder:"DIR"`
	MaxTokens     int               `help:"Of a text that --encoder reads; 0: as the folder says." placeholder:"N"`
	Vectors       string            `help:"File that keeps --encoder's vectors, so that another run need not make them again." type:"path" placeholder:"FILE"`
	World         bool              `help:"Judge the served search on a made-up world whose truth is known: words, vectors, hybrid, personal."`
	WorldItems    int               `help:"Of that world." default:"1600" placeholder:"N"`
	WorldSearches int               `help:"Searches of its last days that are asked, at most." default:"1000" placeholder:"N"`
	WorldActions  int               `help:"Events of that world; 0: as the demo has." placeholder:"N"`
	Pictures      string            `help:"Judge how words find pictures without words: photographs as train/CLASS and test/CLASS." type:"existingdir" placeholder:"DIR"`
	Texts         string            `help:"Lines that --pictures learns words from too." type:"existingfile" placeholder:"FILE"`
	Drawn         bool              `help:"With --world: take the words from every fifth item and find it by its drawn picture."`
	NoTune        bool              `help:"Take the standard weight of meaning instead of choosing it on the documents."`
	Mislead       bool              `help:"Give each document the vector of another one: a hybrid must see that and be no worse than words."`
	PerQuery      bool              `help:"Print every query's figures too."`
	Out           string            `help:"Write each system's run into this folder, as TREC reads it." type:"path" placeholder:"DIR"`
	Peer          string            `help:"Python with the packages bm25s and PyStemmer: a run by them stands beside." placeholder:"PYTHON"`
	Lucene        string            `help:"Folder with the jars lucene-core and lucene-analysis-common: a run by Apache Lucene, on Java 17, stands beside." type:"path" placeholder:"DIR"`
	Senseless     string            `help:"File of queries to which nothing here is an answer: how many come back empty." placeholder:"FILE"`
	Published     map[string]string `help:"Figures to print beside, as NAME=METRIC:VALUE." placeholder:"NAME=METRIC:VALUE"`
	Rounds        int               `help:"Of the randomisation test and the bootstrap." default:"10000"`
	Seed          uint64            `help:"Of every random choice." default:"1"`
}

func (evalSearchCmd) Help() string {
	return `Indexes the collection, learns vectors from its documents, chooses the weight of
meaning on queries made of the documents themselves, and then asks the judged
queries. Nothing is chosen on judgments. Measures are trec_eval's; a judged query
without a list counts as zero. Differences from the first system (or the first
run) are tested by paired randomisation, with bootstrap intervals.

With --data, queries are asked of that folder's search as it is served; documents
are its items, by name.

Examples:
  bowerbird eval search --preset scifact search-scifact-beir/
  bowerbird eval search my-collection/ --systems words,hybrid --per-query
  bowerbird eval search --qrels qrels.txt --run ours.txt --run theirs.txt
  bowerbird eval search --data shop --queries queries.tsv --qrels judged.tsv
  bowerbird eval search --preset cranfield search-cranfield/ --peer python3 --lucene jars/
  bowerbird eval search my-collection/ --encoder minilm/ --max-tokens 128 --vectors kept.vec
  bowerbird eval search --world
  bowerbird eval search --world --drawn
  bowerbird eval search --pictures photographs/ --texts captions.txt --per-query`
}

// searchPreset is a published protocol.
type searchPreset struct {
	fields    []string
	says      map[string]string
	qrels     string
	k1, b     float64
	source    string
	published []publishedSearch
}

type publishedSearch struct {
	Name   string  `json:"name"`
	Metric string  `json:"metric"`
	Value  float64 `json:"value"`
}

var searchPresets = map[string]searchPreset{
	"scifact": {k1: .9, b: .4, source: "SciFact in BEIR's form; Anserini's regressions, k1 .9, b .4",
		published: []publishedSearch{{"Anserini, BM25 flat", "nDCG@10", .6789}, {"Anserini, BM25 flat", "R@100", .9253}, {"Anserini, BM25 multifield", "nDCG@10", .6647}, {"Anserini, SPLADE-v3", "nDCG@10", .7140}, {"Anserini, BGE-base-en-v1.5", "nDCG@10", .7408}}},
	"cranfield": {k1: .9, b: .4, source: "Cranfield; no table is agreed on"},
	"cacm": {k1: .9, b: .4, source: "CACM; Anserini's regression, which reads the collection's HTML itself",
		published: []publishedSearch{{"Anserini, BM25", "MAP", .3123}, {"Anserini, BM25 + RM3", "MAP", .3648}, {"Anserini, QL", "MAP", .3265}}},
	"vaswani": {k1: 1.2, b: .75, source: "Vaswani (NPL); PyTerrier's notebook, which stops 733 words",
		published: []publishedSearch{{"PyTerrier, BM25", "MAP", .2965}, {"PyTerrier, TF_IDF", "MAP", .2909}}},
	"icecat": {k1: .9, b: .4, fields: []string{"title", "short_description", "supplier"}, says: map[string]string{"category": "attr_t_product_type", "colour": "attr_t_product_colour", "supplier": "supplier"}, qrels: "Broad_Query_Set_rated.dev.csv",
		source: "Chorus: Icecat products with graded judgments, linear gain; no published table"},
}

func (c *evalSearchCmd) settle(a *app) (*searchPreset, error) {
	p := new(searchPreset)
	if c.Preset != "" {
		known, ok := searchPresets[c.Preset]
		if !ok {
			return nil, usagef("--preset: %q is none of %s", c.Preset, strings.Join(sortedKeys(searchPresets), ", "))
		}
		*p = known
		c.K1, c.B, c.Qrels = p.k1, p.b, cmp.Or(c.Qrels, p.qrels)
		if p.fields != nil {
			c.Fields, c.Says = p.fields, p.says
		}
	}
	beside, err := publishedFigures(c.Published)
	if err != nil {
		return nil, err
	}
	p.published = append(p.published, beside...)
	switch {
	case (c.TrainQueries == "") != (c.TrainQrels == ""):
		return nil, usagef("--train-queries and --train-qrels go together")
	case c.K < 1 || c.K > 1000:
		return nil, usagef("--k: want 1 to 1,000")
	case c.Depth < c.K || c.Depth > 10_000:
		return nil, usagef("--depth: want --k to 10,000")
	case c.K1 < 0 || c.K1 > 10 || c.B < 0 || c.B > 1:
		return nil, usagef("--k1, --b: want 0 to 10 and 0 to 1")
	case c.Dim < 1 || c.Dim > 1000:
		return nil, usagef("--dim: want 1 to 1,000")
	case c.Folds < 2 || c.Folds > 100:
		return nil, usagef("--folds: want 2 to 100")
	case c.Rounds < 100 || c.Rounds > 1_000_000:
		return nil, usagef("--rounds: want 100 to 1,000,000")
	case len(c.Runs) > 0 && c.Qrels == "" && c.Path == "":
		return nil, usagef("--run needs --qrels or the collection's folder")
	case len(c.Runs) == 0 && c.Path == "" && a.cli.Data == "" && (c.Docs == "" || c.Qrels == ""):
		return nil, usagef("name the collection's folder, or --docs and --qrels, or --run and --qrels, or --data, --queries and --qrels")
	case a.cli.Data != "" && len(c.Runs) == 0 && (c.Queries == "" || c.Qrels == ""):
		return nil, usagef("--data needs --queries and --qrels")
	}
	return p, knownSystem(c.Systems)
}

func publishedFigures(m map[string]string) (out []publishedSearch, err error) {
	for _, name := range sortedKeys(m) {
		metric, v, ok := strings.Cut(m[name], ":")
		value, err := strconv.ParseFloat(v, 64)
		if !ok || err != nil {
			return nil, usagef("--published %s=%s: want NAME=METRIC:VALUE, as Anserini=MAP:.3123", name, m[name])
		}
		out = append(out, publishedSearch{name, metric, value})
	}
	return out, nil
}

// searchEvaluation is what is printed.
type searchEvaluation struct {
	Source    string             `json:"source,omitempty"`
	Documents int                `json:"documents,omitempty"`
	Queries   int                `json:"queries"` // judged
	Skipped   int                `json:"skipped"` // without anything relevant
	Systems   []searchMeasured   `json:"systems"`
	Published []publishedSearch  `json:"published,omitempty"`
	Settings  *fuse.Settings     `json:"settings,omitempty"`
	Evidence  *fuse.Evidence     `json:"evidence,omitempty"`
	Floor     *floorMeasured     `json:"floor,omitempty"`
	PerQuery  map[string]json2x2 `json:"per_query,omitempty"` // by query, by system
	Notes     []string           `json:"notes,omitempty"`
	Seconds   float64            `json:"seconds"`
	metrics   []eval.Metric
}

type json2x2 = map[string]map[eval.Metric]float64

type searchMeasured struct {
	Name    string                          `json:"name"`
	Missing int                             `json:"missing,omitempty"` // judged queries that it has no list for
	Figures map[eval.Metric]eval.Estimate   `json:"figures"`
	Against map[eval.Metric]eval.Comparison `json:"against_first,omitempty"`
}

func (c *evalSearchCmd) Run(a *app) error {
	if c.World {
		if err := c.worldChecks(); err != nil {
			return err
		}
		if c.Drawn {
			return c.judgeWorldPictures(a)
		}
		return c.judgeWorld(a)
	}
	if c.Pictures != "" {
		return c.judgePictures(a)
	}
	p, err := c.settle(a)
	if err != nil {
		return err
	}
	start := time.Now()
	var out *searchEvaluation
	switch {
	case len(c.Runs) > 0:
		out, err = c.judgeRuns(a)
	case a.cli.Data != "":
		out, err = c.judgeServed(a)
	default:
		out, err = c.judgeCollection(a)
	}
	if err != nil {
		return err
	}
	out.Source, out.Published, out.Seconds = p.source, p.published, time.Since(start).Seconds()
	a.ui.done()
	if a.cli.JSON {
		return a.printJSON(out)
	}
	c.print(a, out)
	return nil
}

func (c *evalSearchCmd) judgeRuns(a *app) (*searchEvaluation, error) {
	path, err := searchPaths{dir: c.Path}.find(c.Qrels, qrelsNames, "--qrels")
	if err != nil {
		return nil, err
	}
	q, err := readQrelsFile(path)
	if err != nil {
		return nil, err
	}
	var runs []*eval.Run
	for _, f := range c.Runs {
		r, err := readRunFile(f)
		if err != nil {
			return nil, err
		}
		r.Name = filepath.Base(f)
		runs = append(runs, r)
	}
	return c.judge(a, q, runs)
}

func (c *evalSearchCmd) judgeCollection(a *app) (*searchEvaluation, error) {
	s, err := readSearchSet(searchPaths{c.Path, c.Docs, c.Queries, c.Qrels, c.Fields, c.Says})
	if err != nil {
		return nil, err
	}
	b, err := c.build(a, s)
	if err != nil {
		return nil, err
	}
	var runs []*eval.Run
	for _, name := range c.Systems {
		ask := func() (*eval.Run, error) { return b.run(a, name, c.Depth) }
		if name == "learned" || name == "meant" {
			ask = func() (*eval.Run, error) { return c.learned(a, b, name) }
		}
		r, err := ask()
		if err != nil {
			return nil, err
		}
		runs = append(runs, r)
	}
	for _, peer := range []struct {
		from string
		run  func(*app, *searchSet) (*eval.Run, string, error)
	}{{c.Peer, c.peer}, {c.Lucene, c.lucene}} {
		if peer.from == "" {
			continue
		}
		r, why, err := peer.run(a, s)
		switch {
		case err != nil:
			return nil, err
		case why != "":
			b.notes = append(b.notes, "no peer: "+why)
		default:
			runs = append(runs, r)
		}
	}
	out, err := c.judge(a, s.qrels, runs)
	if err != nil {
		return nil, err
	}
	out.Documents, out.Notes, out.Evidence = len(s.ids), append(out.Notes, b.notes...), b.evidence
	if b.evidence != nil {
		out.Settings = &b.hybrid.Settings
	}
	out.Floor, err = c.judgeFloor(a, b)
	return out, err
}

// judge measures runs, and compares each with the first.
func (c *evalSearchCmd) judge(a *app, q *eval.Qrels, runs []*eval.Run) (*searchEvaluation, error) {
	o := eval.RunOptions{K: c.K, Depth: c.Depth}
	out := &searchEvaluation{metrics: o.Metrics()}
	if c.PerQuery {
		out.PerQuery = make(map[string]json2x2)
	}
	var first *eval.Report
	for _, run := range runs {
		r := eval.JudgeRun(q, run, o)
		if len(r.Users) == 0 {
			return nil, fmt.Errorf("no query has anything relevant")
		}
		m := searchMeasured{Name: run.Name, Missing: r.Unseen, Figures: make(map[eval.Metric]eval.Estimate)}
		for _, metric := range out.metrics {
			m.Figures[metric] = r.Bootstrap(metric, min(c.Rounds, 2000), c.Seed)
			if first == nil {
				continue
			}
			if m.Against == nil {
				m.Against = make(map[eval.Metric]eval.Comparison)
			}
			var err error
			if m.Against[metric], err = eval.Compare(first, r, metric, c.Rounds, c.Seed); err != nil {
				return nil, err
			}
		}
		if first == nil {
			first, out.Queries, out.Skipped = r, len(r.Users), r.Skipped
		}
		out.Systems = append(out.Systems, m)
		for i, u := range r.Users {
			if out.PerQuery == nil {
				break
			}
			name := q.Queries[u]
			if out.PerQuery[name] == nil {
				out.PerQuery[name] = make(json2x2)
			}
			out.PerQuery[name][run.Name] = make(map[eval.Metric]float64)
			for _, metric := range out.metrics {
				out.PerQuery[name][run.Name][metric] = r.Values[metric][i]
			}
		}
		if err := c.write(run); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *evalSearchCmd) write(run *eval.Run) error {
	if c.Out == "" || len(c.Runs) > 0 {
		return nil
	}
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(c.Out, run.Name+".run"))
	if err != nil {
		return err
	}
	if err := run.Write(f); err != nil {
		f.Close()
		return fmt.Errorf("%s: %w", f.Name(), err)
	}
	return f.Close()
}

func (c *evalSearchCmd) print(a *app, x *searchEvaluation) {
	a.printf("%s judged", queriesOf(x.Queries))
	if x.Documents > 0 {
		a.printf(" over %s", plural(x.Documents, "document"))
	}
	if x.Skipped > 0 {
		a.printf(" (%s without anything relevant left out)", count(x.Skipped))
	}
	a.printf("\n\n")
	head := []string{"system"}
	for _, m := range x.metrics {
		head = append(head, string(m))
	}
	rows := [][]string{head}
	for _, s := range x.Systems {
		r := []string{s.Name}
		for _, m := range x.metrics {
			f := s.Figures[m]
			r = append(r, fmt.Sprintf("%.4f [%.4f, %.4f]", f.Mean, f.Low, f.High))
		}
		rows = append(rows, r)
	}
	for _, p := range x.Published {
		r := []string{p.Name}
		for _, m := range x.metrics {
			if string(m) == p.Metric {
				r = append(r, fmt.Sprintf("%.4f published", p.Value))
			} else {
				r = append(r, "")
			}
		}
		rows = append(rows, r)
	}
	a.columns(rows)
	c.printAgainst(a, x)
	c.printPerQuery(a, x)
	c.printFindings(a, x)
}

// printAgainst shows differences from the first system.
func (c *evalSearchCmd) printAgainst(a *app, x *searchEvaluation) {
	if len(x.Systems) < 2 {
		return
	}
	first := x.Systems[0]
	a.printf("\nAgainst %s, same queries: difference [95 %% interval], relative, p of the randomisation test, better/worse\n", first.Name)
	var rows [][]string
	for _, s := range x.Systems[1:] {
		for _, m := range x.metrics[:2] {
			d := s.Against[m]
			relative := "-"
			if d.A > 0 {
				relative = fmt.Sprintf("%+.1f %%", 100*d.Difference/d.A)
			}
			rows = append(rows, []string{s.Name, string(m), fmt.Sprintf("%+.4f [%+.4f, %+.4f]", d.Difference, d.Low, d.High),
				relative, fmt.Sprintf("p = %.4f", d.P), fmt.Sprintf("%d/%d", d.Wins, d.Losses)})
		}
	}
	a.columns(rows)
}

func (c *evalSearchCmd) printPerQuery(a *app, x *searchEvaluation) {
	if len(x.PerQuery) == 0 {
		return
	}
	names := sortedKeys(x.PerQuery)
	slices.SortStableFunc(names, func(p, q string) int { return cmp.Compare(len(p), len(q)) }) // 2 before 10
	head := []string{"query"}
	for _, s := range x.Systems {
		for _, m := range x.metrics[:2] {
			head = append(head, s.Name+" "+string(m))
		}
	}
	rows := [][]string{head}
	for _, n := range names {
		r := []string{n}
		for _, s := range x.Systems {
			for _, m := range x.metrics[:2] {
				r = append(r, fmt.Sprintf("%.4f", x.PerQuery[n][s.Name][m]))
			}
		}
		rows = append(rows, r)
	}
	a.printf("\n")
	a.columns(rows)
}

func (c *evalSearchCmd) printFindings(a *app, x *searchEvaluation) {
	a.printf("\n")
	if e := x.Evidence; e != nil {
		a.printf("Weight of meaning %.1f, chosen on %d queries made of the documents:", max(0, x.Settings.Weight), e.Queries)
		for _, s := range e.Steps {
			a.printf(" %.1f %.4f (%+.4f [%+.4f, %+.4f]);", s.Weight, s.Mean, s.Gain, s.Low, s.High)
		}
		a.printf("\nIn %s of pairs such a query is nearer to its own text than to another's.\n", percent(e.Near))
	}
	if f := x.Floor; f != nil {
		a.printf("Cut-off: %s of %d judged queries come back empty", percent(f.Judged), f.JudgedOf)
		if f.SenselessOf > 0 {
			a.printf(", %s of %d senseless ones", percent(f.Senseless), f.SenselessOf)
		}
		a.printf(", %s of %d of words thrown together.\n", percent(f.Thrown), f.ThrownOf)
	}
	if x.Source != "" {
		a.printf("Protocol: %s.\n", x.Source)
	}
	for _, n := range x.Notes {
		a.printf("Note: %s.\n", n)
	}
	a.printf("Took %.1f s.\n", x.Seconds)
}

func queriesOf(n int) string {
	if n == 1 {
		return "1 query"
	}
	return count(n) + " queries"
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }
