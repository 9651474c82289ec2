package postings_test

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bowerbird/index/postings"
	"bowerbird/text"
)

// collection is a test collection of ../shared/data: documents, queries, judgments.
type collection struct {
	ids     []string
	texts   []string
	queries [][2]string
	grades  map[string]map[string]int
}

func readCollection(t testing.TB, name string) *collection {
	t.Helper()
	dir := dataDir(t, name)
	c := &collection{grades: make(map[string]map[string]int)}
	f, err := os.Open(filepath.Join(dir, "docs.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(z); dec.More(); {
		var d struct{ ID, Title, Text string }
		if err := dec.Decode(&d); err != nil {
			t.Fatal(err)
		}
		c.ids = append(c.ids, d.ID)
		c.texts = append(c.texts, d.Title+"\n"+d.Text)
	}
	for _, l := range lines(t, filepath.Join(dir, "queries.tsv")) {
		id, q, _ := strings.Cut(l, "\t")
		c.queries = append(c.queries, [2]string{id, q})
	}
	for _, l := range lines(t, filepath.Join(dir, "qrels.txt")) {
		p := strings.Fields(l)
		g, err := strconv.Atoi(p[3])
		if err != nil {
			t.Fatal(err)
		}
		if c.grades[p[0]] == nil {
			c.grades[p[0]] = make(map[string]int)
		}
		c.grades[p[0]][p[2]] = g
	}
	return c
}

func dataDir(t testing.TB, name string) string {
	t.Helper()
	root := os.Getenv("BOWERBIRD_DATA")
	for dir := "."; root == ""; dir = filepath.Join(dir, "..") {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			root = filepath.Join(dir, "..", "shared", "data")
		} else if len(dir) > 100 {
			t.Fatal("no go.mod above")
		}
	}
	dir := filepath.Join(root, name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("%s is not here; set BOWERBIRD_DATA", name)
	}
	return dir
}

func lines(t testing.TB, path string) []string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []string
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		if sc.Text() != "" {
			out = append(out, sc.Text())
		}
	}
	return out
}

// build indexes the collection in one field.
func (c *collection) build(t testing.TB, k1, b float64) (*postings.Index, *text.Analyzer) {
	t.Helper()
	a, err := text.New(text.Options{Language: "en-porter"})
	if err != nil {
		t.Fatal(err)
	}
	ix := mustNew(t, postings.Options{Fields: []postings.Field{{Name: "text", B: b}}, K1: k1})
	var tokens []text.Token
	var field []postings.Token
	for d, s := range c.texts {
		tokens, field = a.Analyze(tokens[:0], s), field[:0]
		for _, tok := range tokens {
			field = append(field, postings.Token{Term: tok.Term, Pos: uint32(tok.Pos)})
		}
		if err := ix.Put(uint32(d), field); err != nil {
			t.Fatal(err)
		}
	}
	return ix, a
}

// run searches all judged queries with one field and returns nDCG@10, recall@100, and MAP over the first 1,000.
func (c *collection) run(t testing.TB, k1, b float64) (ndcg, recall, average float64) {
	t.Helper()
	ix, a := c.build(t, k1, b)
	n := 0.0
	for _, q := range c.queries {
		good := relevant(c.grades[q[0]])
		if len(good) == 0 {
			continue
		}
		n++
		hits, err := ix.Search(context.Background(), bag(a.Terms(q[1])), postings.SearchOptions{K: 1000})
		if err != nil {
			t.Fatal(err)
		}
		var ranked []string
		for _, h := range hits {
			ranked = append(ranked, c.ids[h.Doc])
		}
		ndcg += ndcgAt(10, ranked, good)
		recall += recallAt(100, ranked, good)
		average += averagePrecision(ranked, good)
	}
	return ndcg / n, recall / n, average / n
}

// bag gives a word that stands twice in the query twice the weight, as Lucene's bag of words does.
func bag(terms []string) postings.Query {
	count := make(map[string]float64)
	var q postings.Query
	for _, w := range terms {
		if count[w]++; count[w] == 1 {
			q.Clauses = append(q.Clauses, clause(postings.Should, leaf(w)))
		}
	}
	for i := range q.Clauses {
		q.Clauses[i].Boost = count[q.Clauses[i].Any[0].Terms[0]]
	}
	return q
}

func relevant(grades map[string]int) map[string]int {
	good := make(map[string]int)
	for d, g := range grades {
		if g > 0 {
			good[d] = g
		}
	}
	return good
}

// ndcgAt has linear gains, as trec_eval.
func ndcgAt(k int, ranked []string, good map[string]int) float64 {
	dcg, ideal := 0.0, 0.0
	for i, d := range ranked[:min(k, len(ranked))] {
		dcg += float64(good[d]) / math.Log2(float64(i+2))
	}
	var gains []int
	for _, g := range good {
		gains = append(gains, g)
	}
	slices.SortFunc(gains, func(a, b int) int { return cmp.Compare(b, a) })
	for i, g := range gains[:min(k, len(gains))] {
		ideal += float64(g) / math.Log2(float64(i+2))
	}
	return dcg / ideal
}

func recallAt(k int, ranked []string, good map[string]int) float64 {
	n := 0.0
	for _, d := range ranked[:min(k, len(ranked))] {
		if good[d] > 0 {
			n++
		}
	}
	return n / float64(len(good))
}

func averagePrecision(ranked []string, good map[string]int) float64 {
	n, sum := 0.0, 0.0
	for i, d := range ranked {
		if good[d] > 0 {
			n++
			sum += n / float64(i+1)
		}
	}
	return sum / float64(len(good))
}

// TestQuality compares our BM25 with published runs: Porter's stemmer, Lucene's 33 stop words, and the parameters that
// were published with the figure. Nothing was tuned here. golden is our own figure; a change that moves it shows.
//
// SciFact is the like-for-like one. Terrier stops 700 words, and Anserini's CACM run reads the collection in another
// form, so those two are only shown beside ours. For Cranfield no figure is agreed on.
func TestQuality(t *testing.T) {
	if underRace {
		t.Skip("one goroutine and four collections: the race detector has nothing to find here and takes a minute")
	}
	ran := make(map[string][3]float64)
	for _, tt := range []struct {
		name, metric, source      string
		k1, b                     float64
		golden, published, within float64
	}{
		{"search-scifact-beir", "nDCG@10", "Anserini, BM25 flat", .9, .4, .6777, .6789, .005},
		{"search-scifact-beir", "R@100", "Anserini, BM25 flat", .9, .4, .9253, .9253, .005},
		{"search-vaswani", "MAP", "PyTerrier, BM25", 1.2, .75, .2854, .2965, 0},
		{"search-cacm", "MAP", "Anserini, BM25", .9, .4, .3239, .3123, 0},
		{"search-cranfield", "nDCG@10", "none agreed", 1.2, .75, .3833, 0, 0},
	} {
		t.Run(tt.name+"/"+tt.metric, func(t *testing.T) {
			m, ok := ran[tt.name]
			if !ok {
				m[0], m[1], m[2] = readCollection(t, tt.name).run(t, tt.k1, tt.b)
				ran[tt.name] = m
			}
			ndcg, recall, average := m[0], m[1], m[2]
			got := map[string]float64{"nDCG@10": ndcg, "R@100": recall, "MAP": average}[tt.metric]
			t.Logf("%s %.4f, published %.4f (%s); nDCG@10 %.4f R@100 %.4f MAP %.4f", tt.metric, got, tt.published, tt.source, ndcg, recall, average)
			if tt.within > 0 && math.Abs(got-tt.published) > tt.within {
				t.Errorf("%.4f is not within %.3f of the published %.4f", got, tt.within, tt.published)
			}
			if math.Abs(got-tt.golden) > .0005 {
				t.Errorf("%.4f, golden %.4f", got, tt.golden)
			}
		})
	}
}

// TestProximityQuality: the weight was chosen on Cranfield and on the queries of CACM at odd places; these are those at
// even places. The figures for the other collections are in docs/benchmarks/search.md.
func TestProximityQuality(t *testing.T) {
	if underRace {
		t.Skip("one goroutine: the race detector has nothing to find here")
	}
	c := readCollection(t, "search-cacm")
	ix, a := c.build(t, 1.2, .75)
	mean := func(o postings.Proximity) float64 {
		sum, n := 0.0, 0.0
		for i, q := range c.queries {
			good := relevant(c.grades[q[0]])
			if i%2 == 1 || len(good) == 0 {
				continue
			}
			var ranked []string
			for _, h := range search(t, ix, bag(a.Terms(q[1])), postings.SearchOptions{Proximity: o}) {
				ranked = append(ranked, c.ids[h.Doc])
			}
			sum += ndcgAt(10, ranked, good)
			n++
		}
		return sum / n
	}
	plain, near := mean(postings.Proximity{}), mean(postings.Proximity{Weight: postings.ProximityWeight})
	t.Logf("nDCG@10 %.4f, with proximity %.4f", plain, near)
	if math.Abs(plain-.4639) > .0005 || math.Abs(near-.4710) > .0005 {
		t.Errorf("%.4f and %.4f, golden .4639 and .4710", plain, near)
	}
}
