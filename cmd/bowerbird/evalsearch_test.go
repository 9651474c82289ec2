package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bowerbird/eval"
)

// collection writes a small test collection: documents of topics, and queries that name a topic in other words. Of the
// 24 words of a document stray are of any topic.
func collection(t *testing.T, stray int) string {
	rng := rand.New(rand.NewPCG(2, 2))
	var docs, queries, qrels strings.Builder
	for d := range 300 {
		topic := d % 10
		var w []string
		for range 24 - stray {
			w = append(w, fmt.Sprintf("t%dw%d", topic, rng.IntN(30)))
		}
		for range stray {
			w = append(w, fmt.Sprintf("t%dw%d", rng.IntN(10), rng.IntN(30)))
		}
		fmt.Fprintf(&docs, `{"_id":"d%d","title":"common%d","text":"%s"}`+"\n", d, rng.IntN(50), strings.Join(w, " "))
	}
	qrels.WriteString("query-id\tcorpus-id\tscore\n")
	for q := range 10 {
		fmt.Fprintf(&queries, `{"_id":"q%d","text":"t%dw1 t%dw2"}`+"\n", q, q, q)
		for d := q; d < 300; d += 10 {
			fmt.Fprintf(&qrels, "q%d\td%d\t1\n", q, d)
		}
	}
	dir := set(t, map[string]string{"corpus.jsonl": docs.String(), "queries.jsonl": queries.String()})
	if err := os.Mkdir(filepath.Join(dir, "qrels"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "qrels", "test.tsv"), []byte(qrels.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestEvalSearch goes the whole way on a collection in BEIR's form: search, judge, write runs, judge those again.
func TestEvalSearch(t *testing.T) {
	dir, runs := collection(t, 0), t.TempDir()
	var x searchEvaluation
	out := ok(t, "eval", "search", dir, "--language", "en", "--systems", "words,hybrid", "--dim", "16", "--out", runs, "--json", "--per-query", "-q", "--rounds", "200")
	if err := json.Unmarshal([]byte(out), &x); err != nil {
		t.Fatal(err)
	}
	if x.Documents != 300 || x.Queries != 10 || len(x.PerQuery) != 10 || x.Floor == nil || x.Evidence == nil {
		t.Errorf("%+v", x)
	}
	words, hybrid := x.Systems[0].Figures["MAP"].Mean, x.Systems[1].Figures["MAP"].Mean
	if words > .9 || hybrid < .95 {
		t.Errorf("MAP of words %.3f, of the hybrid %.3f: meaning should find the rest of the topic", words, hybrid)
	}
	var again searchEvaluation
	out = ok(t, "eval", "search", dir, "--run", filepath.Join(runs, "words.run"), "--run", filepath.Join(runs, "hybrid.run"), "--json", "-q")
	if err := json.Unmarshal([]byte(out), &again); err != nil {
		t.Fatal(err)
	}
	for i, s := range again.Systems {
		if s.Figures["MAP"].Mean != x.Systems[i].Figures["MAP"].Mean {
			t.Errorf("%s: the run that was written has another MAP", s.Name)
		}
	}
	if c := again.Systems[1].Against["MAP"]; c.P > .01 || c.Wins != 10 {
		t.Errorf("compared: %+v", c)
	}
	if out := ok(t, "eval", "search", dir, "--systems", "words", "--per-query", "-q", "--rounds", "200"); !strings.Contains(out, "10 queries judged over 300 documents") || !strings.Contains(out, "\nq3 ") {
		t.Errorf("printed:\n%s", out)
	}
}

// TestEvalLearned fits a ranker by cross-validation and to other queries.
func TestEvalLearned(t *testing.T) {
	dir := collection(t, 8) // words of other topics: some of what is found is not to the point
	args := []string{"eval", "search", dir, "--language", "en", "--systems", "words,learned,meant", "--says", "category=title", "--folds", "2", "--dim", "16", "--no-tune", "--json", "-q", "--rounds", "200"}
	for name, more := range map[string][]string{
		"folds": nil, "others": {"--train-queries", filepath.Join(dir, "queries.jsonl"), "--train-qrels", filepath.Join(dir, "qrels", "test.tsv")},
	} {
		var x searchEvaluation
		if err := json.Unmarshal([]byte(ok(t, append(args, more...)...)), &x); err != nil {
			t.Fatal(err)
		}
		if words, learned := x.Systems[0].Figures["nDCG@10"].Mean, x.Systems[1].Figures["nDCG@10"].Mean; learned < words || learned < .9 || len(x.Notes) != 2 || x.Systems[2].Figures["nDCG@10"].Mean < words {
			t.Errorf("%s: words %.3f, learned %.3f, %v", name, words, learned, x.Notes)
		}
	}
}

// TestEvalRank learns from rows of features in both forms, with and without sizes beside.
func TestEvalRank(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	var qid, bare, sizes strings.Builder
	for q := range 30 {
		fmt.Fprintln(&sizes, 10)
		for range 10 {
			a, b := rng.NormFloat64(), rng.NormFloat64()
			grade := 0
			if a+b > 1 {
				grade = 1
			}
			fmt.Fprintf(&qid, "%d qid:%d 1:%.3f 2:%.3f\n", grade, q, a, b)
			fmt.Fprintf(&bare, "%d 1:%.3f 2:%.3f\n", grade, a, b)
		}
	}
	dir := set(t, map[string]string{"qid": qid.String(), "bare": bare.String(), "bare.query": sizes.String()})
	var outs []string
	for _, f := range []string{"qid", "bare"} {
		path := filepath.Join(dir, f)
		out := ok(t, "eval", "rank", path, "--test", path, "--json", "-q", "--published", "other=nDCG@3:.5")
		var x rankEvaluation
		if err := json.Unmarshal([]byte(out), &x); err != nil {
			t.Fatal(err)
		}
		if linear := x.Systems[1].Figures["nDCG@10"]; linear.Mean < .97 || x.Features != 2 || len(x.Published) != 1 {
			t.Errorf("%s: %+v", f, x)
		}
		outs = append(outs, out)
	}
	if outs[0] != outs[1] {
		t.Error("the two forms give different figures")
	}
	if out := ok(t, "eval", "rank", filepath.Join(dir, "qid"), "--test", filepath.Join(dir, "bare"), "-q"); !strings.Contains(out, "linear") {
		t.Errorf("printed:\n%s", out)
	}
}

// TestEvalServed asks a data folder's own search.
func TestEvalServed(t *testing.T) {
	from := set(t, map[string]string{"items.jsonl": catalogue(40), "queries.tsv": "a\titem number 7\nb\tzebra\n", "qrels.txt": "a 0 i7 1\nb 0 i9 1\n"})
	data := filepath.Join(t.TempDir(), "data")
	ok(t, "import", filepath.Join(from, "items.jsonl"), "--data", data, "-q")
	out := ok(t, "eval", "search", "--data", data, "--queries", filepath.Join(from, "queries.tsv"), "--qrels", filepath.Join(from, "qrels.txt"), "--json", "-q")
	var x searchEvaluation
	if err := json.Unmarshal([]byte(out), &x); err != nil {
		t.Fatal(err)
	}
	if mrr := x.Systems[0].Figures["MRR@10"]; mrr.N != 2 || mrr.Mean != .5 {
		t.Errorf("MRR %+v", mrr)
	}
}

func TestEvalSearchErrors(t *testing.T) {
	dir := collection(t, 0)
	bad := set(t, map[string]string{"qrels.txt": "q 0 d 1\nq 0 d\n", "docs.jsonl": "{\"id\":\"a\",\"text\":\"x\"}\n{\"text\":\"x\"}\n", "run.txt": "q0 Q0 d 1\n", "good.txt": "q0 0 d0 1\n"})
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"", exitUsage, "name the collection's folder"},
		{"--preset nope " + dir, exitUsage, "is none of cacm, cranfield, icecat, scifact, vaswani"},
		{"--systems words,magic " + dir, exitUsage, `"magic" is none of`},
		{"--k 0 " + dir, exitUsage, "--k"},
		{"--depth 5 " + dir, exitUsage, "--depth"},
		{"--rounds 1 " + dir, exitUsage, "--rounds"},
		{"--language klingon " + dir, exitUsage, "--language"},
		{"--published x=MAP " + dir, exitUsage, "NAME=METRIC:VALUE"},
		{"--run x", exitUsage, "--run needs --qrels"},
		{"--data " + bad + " --qrels x", exitUsage, "--data needs --queries"},
		{t.TempDir(), exitFailed, "holds none of docs.jsonl"},
		{bad, exitFailed, "qrels.txt:2: 3 columns"},
		{bad + " --qrels good.txt", exitFailed, "docs.jsonl:2: no id"},
		{dir + " --run " + filepath.Join(bad, "run.txt"), exitFailed, "run.txt:1: 4 columns"},
	} {
		args := append([]string{"eval", "search", "-q"}, strings.Fields(c.args)...)
		code, _, errOut := command(t, args...)
		if code != c.code || !strings.Contains(errOut, c.want) {
			t.Errorf("%s: exit code %d, want %d; says %q, want %q", c.args, code, c.code, errOut, c.want)
		}
	}
}

// TestSearchQuality holds the hybrid to its promise on a public collection: better than words, with nothing chosen on
// judgments. The others are in docs/benchmarks/search-quality.md.
func TestSearchQuality(t *testing.T) {
	if underRace {
		t.Skip("one collection twice through the decomposition takes minutes under the race detector")
	}
	dir := filepath.Join(os.Getenv("BOWERBIRD_DATA"), "search-cranfield")
	if os.Getenv("BOWERBIRD_DATA") == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data", "search-cranfield")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("search-cranfield is not here; set BOWERBIRD_DATA")
	}
	var x searchEvaluation
	if err := json.Unmarshal([]byte(ok(t, "eval", "search", "--preset", "cranfield", dir, "--systems", "words,hybrid", "--dim", "100", "--no-tune", "--json", "-q", "--rounds", "1000")), &x); err != nil {
		t.Fatal(err)
	}
	for _, m := range []eval.Metric{"nDCG@10", "MAP"} {
		if c := x.Systems[1].Against[m]; c.Low <= 0 || c.Difference < .02*c.A {
			t.Errorf("%s: %+v, want a gain of 2 %% and an interval above zero", m, c)
		}
	}
}

func TestLuceneRun(t *testing.T) {
	s := &searchSet{ids: []string{"a", "b"}, queries: []searchQuery{{"1", "x"}, {"2", "y"}}}
	run, err := s.luceneRun("lucene-9\n1:2.5 0:1\n\n")
	if err != nil || run.Name != "lucene-9" || len(run.Lists["1"]) != 2 || run.Lists["1"][0].Doc != "b" || len(run.Lists["2"]) != 0 {
		t.Errorf("%+v, %v", run, err)
	}
	for _, bad := range []string{"", "lucene-9\n1:2\n", "lucene-9\n2:1\n\n", "lucene-9\n1:x\n\n"} {
		if _, err := s.luceneRun(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}
