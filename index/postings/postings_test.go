package postings_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"bowerbird/index/postings"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/go-cmp/cmp"
)

func tokens(s string) []postings.Token {
	var out []postings.Token
	for i, w := range strings.Fields(s) {
		out = append(out, postings.Token{Term: w, Pos: uint32(i)})
	}
	return out
}

var twoFields = []postings.Field{{Name: "title", Weight: 2, B: .6}, {Name: "text"}}

func mustNew(t testing.TB, o postings.Options) *postings.Index {
	t.Helper()
	if o.Fields == nil {
		o.Fields = twoFields
	}
	ix, err := postings.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ix.Close() })
	return ix
}

func put(t testing.TB, ix *postings.Index, doc uint32, fields ...string) {
	t.Helper()
	var f [][]postings.Token
	for _, s := range fields {
		f = append(f, tokens(s))
	}
	if err := ix.Put(doc, f...); err != nil {
		t.Fatal(err)
	}
}

func search(t testing.TB, ix *postings.Index, q postings.Query, o postings.SearchOptions) []postings.Hit {
	t.Helper()
	hits, err := ix.Search(context.Background(), q, o)
	if err != nil {
		t.Fatal(err)
	}
	return hits
}

func docsOf(hits []postings.Hit) []uint32 {
	out := []uint32{}
	for _, h := range hits {
		out = append(out, h.Doc)
	}
	slices.Sort(out)
	return out
}

func leaf(terms ...string) postings.Leaf { return postings.Leaf{Terms: terms} }

func clause(o postings.Occur, leaves ...postings.Leaf) postings.Clause {
	return postings.Clause{Any: leaves, Occur: o}
}

func TestMatching(t *testing.T) {
	ix := mustNew(t, postings.Options{})
	put(t, ix, 1, "grey cat", "a cat on a sofa")
	put(t, ix, 2, "grey sofa", "the sofa is grey")
	put(t, ix, 3, "black cat", "cat grey")
	put(t, ix, 4, "catalogue", "of chairs")
	put(t, ix, 5)
	prefix := postings.Leaf{Terms: []string{"cat"}, Prefix: true}
	tests := []struct {
		name string
		q    postings.Query
		want []uint32
	}{
		{"or", postings.Terms("grey", "cat"), []uint32{1, 2, 3}},
		{"two of two", postings.Query{Clauses: postings.Terms("grey", "cat").Clauses, MinShould: 2}, []uint32{1, 3}},
		{"must", postings.Query{Clauses: []postings.Clause{clause(postings.Must, leaf("sofa")), clause(postings.Should, leaf("cat"))}}, []uint32{1, 2}},
		{"must not", postings.Query{Clauses: []postings.Clause{clause(postings.Should, leaf("grey")), clause(postings.MustNot, leaf("sofa"))}}, []uint32{3}},
		{"only must not", postings.Query{Clauses: []postings.Clause{clause(postings.MustNot, leaf("sofa"))}}, []uint32{}},
		{"phrase", postings.Query{Clauses: []postings.Clause{clause(postings.Should, leaf("grey", "cat"))}}, []uint32{1}},
		{"phrase does not cross fields", postings.Query{Clauses: []postings.Clause{clause(postings.Should, leaf("cat", "a"))}}, []uint32{}},
		{"phrase with a gap", postings.Query{Clauses: []postings.Clause{clause(postings.Should, postings.Leaf{Terms: []string{"sofa", "grey"}, Slots: []int{0, 2}})}}, []uint32{2}},
		{"prefix", postings.Query{Clauses: []postings.Clause{clause(postings.Should, prefix)}}, []uint32{1, 3, 4}},
		{"either", postings.Query{Clauses: []postings.Clause{clause(postings.Must, leaf("chairs"), leaf("black", "cat"))}}, []uint32{3, 4}},
		{"field", postings.Query{Clauses: []postings.Clause{{Any: []postings.Leaf{leaf("sofa")}, Fields: []int{0}}}}, []uint32{2}},
		{"unknown", postings.Terms("zebra"), []uint32{}},
		{"must unknown", postings.Query{Clauses: []postings.Clause{clause(postings.Must, leaf("zebra")), clause(postings.Should, leaf("cat"))}}, []uint32{}},
		{"empty", postings.Query{}, []uint32{}},
	}
	check := func(t *testing.T, ix *postings.Index) {
		for _, tt := range tests {
			if d := cmp.Diff(tt.want, docsOf(search(t, ix, tt.q, postings.SearchOptions{}))); d != "" {
				t.Errorf("%s: %s", tt.name, d)
			}
			all, err := ix.Match(context.Background(), tt.q, postings.SearchOptions{})
			if err != nil || cmp.Diff(tt.want, append([]uint32{}, all.ToArray()...)) != "" {
				t.Errorf("Match, %s: %v, %v", tt.name, all, err)
			}
		}
	}
	t.Run("records", func(t *testing.T) { check(t, ix) })
	t.Run("segment", func(t *testing.T) { check(t, reload(t, ix, postings.Options{Fields: twoFields})) })
}

func reload(t testing.TB, ix *postings.Index, o postings.Options) *postings.Index {
	t.Helper()
	var b bytes.Buffer
	if err := ix.Save(&b); err != nil {
		t.Fatal(err)
	}
	back, err := postings.Load(&b, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { back.Close() })
	return back
}

func TestUpdatesAreInstant(t *testing.T) {
	ix := mustNew(t, postings.Options{})
	put(t, ix, 7, "red chair")
	put(t, ix, 7, "blue chair")
	if got := search(t, ix, postings.Terms("red"), postings.SearchOptions{}); len(got) != 0 {
		t.Errorf("the replaced text is still found: %v", got)
	}
	if got := search(t, ix, postings.Terms("blue"), postings.SearchOptions{}); len(got) != 1 {
		t.Errorf("the new text is not found: %v", got)
	}
	if ix.DocFreq("red") != 0 || ix.DocFreq("chair") != 1 || !ix.Has(7) {
		t.Errorf("df red %d, chair %d", ix.DocFreq("red"), ix.DocFreq("chair"))
	}
	if !ix.Delete(7) || ix.Delete(7) || ix.Has(7) || ix.Stats().Docs != 0 {
		t.Error("delete")
	}
}

func TestRefusals(t *testing.T) {
	ix := mustNew(t, postings.Options{})
	long := strings.Repeat("x", 256)
	if ix.Put(1, tokens("a"), nil, nil) == nil || ix.Put(1, tokens(long)) == nil || ix.Put(math.MaxUint32) == nil ||
		ix.Put(1, []postings.Token{{Term: "a", Pos: 1 << 24}}) == nil || ix.Put(1, []postings.Token{{}}) == nil {
		t.Error("a bad document was taken")
	}
	for name, q := range map[string]postings.Query{
		"field":   {Clauses: []postings.Clause{{Any: []postings.Leaf{leaf("a")}, Fields: []int{2}}}},
		"boost":   {Clauses: []postings.Clause{{Any: []postings.Leaf{leaf("a")}, Boost: math.NaN()}}},
		"phrase":  {Clauses: []postings.Clause{{Any: []postings.Leaf{{Terms: []string{"a", "b"}, Prefix: true}}}}},
		"slots":   {Clauses: []postings.Clause{{Any: []postings.Leaf{{Terms: []string{"a", "b"}, Slots: []int{1, 1}}}}}},
		"no term": {Clauses: []postings.Clause{{Any: []postings.Leaf{{}}}}},
		"many":    postings.Terms(strings.Fields(strings.Repeat("a ", 129))...),
	} {
		if _, err := ix.Search(context.Background(), q, postings.SearchOptions{}); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	for _, o := range []postings.SearchOptions{{K: -1}, {K: 1e6}, {Weights: []float64{1}}, {Weights: []float64{1, -1}}} {
		if _, err := ix.Search(context.Background(), postings.Terms("a"), o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
	for _, o := range []postings.Options{{}, {Fields: make([]postings.Field, 9)}, {Fields: []postings.Field{{Weight: -1}}}, {Fields: twoFields, K1: -1}} {
		if _, err := postings.New(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	put(t, ix, 1, "a")
	if _, err := ix.Search(ctx, postings.Terms("a"), postings.SearchOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled search: %v", err)
	}
	ix.Close()
	if ix.Put(1) == nil || ix.Delete(1) {
		t.Error("a closed index was written to")
	}
}

// world is a random collection and its plain copy.
type world struct {
	rnd  *rand.Rand
	docs map[uint32][2]string
	ix   *postings.Index
}

func newWorld(t testing.TB, seed uint64, o postings.Options) *world {
	return &world{rand.New(rand.NewPCG(seed, 1)), make(map[uint32][2]string), mustNew(t, o)}
}

// word follows Zipf's law roughly.
func (w *world) word() string { return fmt.Sprintf("w%d", int(math.Exp(w.rnd.Float64()*6))-1) }

func (w *world) text(most int) string {
	var out []string
	for range w.rnd.IntN(most) {
		out = append(out, w.word())
	}
	return strings.Join(out, " ")
}

func (w *world) write(t testing.TB, n int, ids uint32) {
	for range n {
		d := w.rnd.Uint32N(ids)
		if w.rnd.IntN(5) == 0 {
			if _, there := w.docs[d]; w.ix.Delete(d) != there {
				t.Fatalf("delete of %d: want %v", d, there)
			}
			delete(w.docs, d)
			continue
		}
		w.docs[d] = [2]string{w.text(6), w.text(20)}
		put(t, w.ix, d, w.docs[d][0], w.docs[d][1])
	}
}

func (w *world) query() postings.Query {
	var q postings.Query
	for range 1 + w.rnd.IntN(4) {
		c := postings.Clause{Any: []postings.Leaf{leaf(w.word())}}
		switch w.rnd.IntN(8) {
		case 0:
			c.Any = append(c.Any, postings.Leaf{Terms: []string{w.word(), w.word()}, Boost: .5}, leaf(w.word()))
		case 1:
			c.Any[0] = leaf(w.word(), w.word())
		case 2:
			c.Any[0] = postings.Leaf{Terms: []string{w.word()[:2]}, Prefix: true}
		case 3:
			c.Fields = []int{w.rnd.IntN(2)}
		}
		c.Occur = []postings.Occur{postings.Should, postings.Should, postings.Should, postings.Must, postings.MustNot}[w.rnd.IntN(5)]
		q.Clauses = append(q.Clauses, c)
	}
	q.MinShould = w.rnd.IntN(2)
	return q
}

// The pruned search, the exhaustive one and one over a reloaded index agree to the last bit, whatever the segments.
func TestPrunedAgreesWithPlain(t *testing.T) {
	for seed := range uint64(4) {
		w := newWorld(t, seed, postings.Options{SyncMerge: seed%2 == 0})
		w.write(t, 4500, 3000)
		back := reload(t, w.ix, postings.Options{Fields: twoFields})
		for i := range 150 {
			q := w.query()
			o := postings.SearchOptions{K: 1 + w.rnd.IntN(30)}
			if i%3 == 0 {
				o.Filter = func(d uint32) bool { return d%3 == 0 }
			}
			if i%5 == 0 {
				o.Within = roaring.New()
				o.Within.AddRange(100, 2000)
			}
			if i%7 == 0 {
				o.Weights = []float64{0, 1.5}
			}
			fast := search(t, w.ix, q, o)
			loaded := search(t, back, q, o)
			o.Exhaustive = true
			plain := search(t, w.ix, q, o)
			if d := cmp.Diff(plain, fast); d != "" {
				t.Fatalf("seed %d, %+v: pruned differs: %s", seed, q, d)
			}
			if d := cmp.Diff(plain, loaded); d != "" {
				t.Fatalf("seed %d, %+v: reloaded differs: %s", seed, q, d)
			}
		}
	}
}

// oracle is BM25F as on paper, over plain strings.
func (w *world) oracle(terms []string) map[uint32]float64 {
	var total, having [2]float64
	n := 0.0
	df := make(map[string]float64)
	for _, d := range w.docs {
		for f, s := range d {
			if l := len(strings.Fields(s)); l > 0 {
				total[f] += float64(l)
				having[f]++
			}
		}
		if d[0]+d[1] != "" {
			n++
		}
		for _, t := range terms {
			if slices.Contains(strings.Fields(d[0]+" "+d[1]), t) {
				df[t]++
			}
		}
	}
	weight, b := [2]float64{2, 1}, [2]float64{.6, .75}
	out := make(map[uint32]float64)
	for id, d := range w.docs {
		for _, t := range terms {
			tf := 0.0
			for f, s := range d {
				words, c := strings.Fields(s), 0.0
				for _, x := range words {
					if x == t {
						c++
					}
				}
				tf += weight[f] * c / (1 - b[f] + b[f]*float64(len(words))/(total[f]/having[f]))
			}
			if tf > 0 {
				out[id] += math.Log(1+(n-df[t]+.5)/(df[t]+.5)) * tf / (1.2 + tf)
			}
		}
	}
	return out
}

func TestScoresAreBM25F(t *testing.T) {
	w := newWorld(t, 9, postings.Options{SyncMerge: true})
	w.write(t, 3000, 1500)
	for range 20 {
		terms := []string{w.word() + "", "w1", "w250"}
		if terms[0] == "w1" || terms[0] == "w250" {
			continue
		}
		want := w.oracle(terms)
		hits := search(t, w.ix, postings.Terms(terms...), postings.SearchOptions{K: 5000})
		if len(hits) != len(want) {
			t.Fatalf("%d hits, want %d", len(hits), len(want))
		}
		for i, h := range hits {
			if math.Abs(h.Score-want[h.Doc]) > 1e-9 {
				t.Fatalf("document %d: %v, want %v", h.Doc, h.Score, want[h.Doc])
			}
			if i > 0 && (hits[i-1].Score < h.Score || hits[i-1].Score == h.Score && hits[i-1].Doc > h.Doc) {
				t.Fatal("order")
			}
		}
	}
}

func TestPhrasesAgreeWithStrings(t *testing.T) {
	w := newWorld(t, 5, postings.Options{SyncMerge: true})
	w.write(t, 3000, 1500)
	found := 0
	for range 60 {
		phrase := []string{w.word(), w.word()}
		want := []uint32{}
		for id, d := range w.docs {
			for _, s := range d {
				if strings.Contains(" "+s+" ", " "+phrase[0]+" "+phrase[1]+" ") {
					want = append(want, id)
					break
				}
			}
		}
		slices.Sort(want)
		found += len(want)
		q := postings.Query{Clauses: []postings.Clause{clause(postings.Must, leaf(phrase...))}}
		if d := cmp.Diff(want, docsOf(search(t, w.ix, q, postings.SearchOptions{K: 5000}))); d != "" {
			t.Fatalf("%v: %s", phrase, d)
		}
	}
	if found == 0 {
		t.Fatal("no phrase was found at all")
	}
}

func TestExplainAddsUp(t *testing.T) {
	w := newWorld(t, 3, postings.Options{})
	w.write(t, 1500, 900)
	for range 50 {
		q := w.query()
		for _, h := range search(t, w.ix, q, postings.SearchOptions{K: 20}) {
			e, err := w.ix.Explain(q, h.Doc, postings.SearchOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if !e.Matched || e.Score != h.Score {
				t.Fatalf("document %d: explained %v (%v), found %v", h.Doc, e.Score, e.Matched, h.Score)
			}
			for _, c := range e.Clauses {
				for _, l := range c.Leaves {
					sum := 0.0
					for _, f := range l.Fields {
						sum += f.Score
					}
					if math.Abs(sum-l.Score) > 1e-12 {
						t.Fatalf("fields come to %v, the leaf to %v", sum, l.Score)
					}
				}
			}
		}
	}
	if _, err := w.ix.Explain(postings.Terms("w1"), 1<<30, postings.SearchOptions{}); err == nil {
		t.Error("a document that is not there was explained")
	}
}

// Checkpoints depend on what is in the index, not on how it came there or when segments were merged.
func TestCheckpointIsCanonical(t *testing.T) {
	a, b := newWorld(t, 11, postings.Options{SyncMerge: true}), newWorld(t, 11, postings.Options{})
	a.write(t, 5000, 3000)
	b.write(t, 5000, 3000)
	other := mustNew(t, postings.Options{})
	for d := uint32(3000); d > 0; d-- {
		if f, ok := a.docs[d-1]; ok {
			put(t, other, d-1, f[0], f[1])
		}
	}
	var first bytes.Buffer
	for i, ix := range []*postings.Index{a.ix, b.ix, other, reload(t, a.ix, postings.Options{Fields: twoFields})} {
		var buf bytes.Buffer
		if err := ix.Save(&buf); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = buf
		} else if !bytes.Equal(first.Bytes(), buf.Bytes()) {
			t.Errorf("checkpoint %d differs", i)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	w := newWorld(t, 2, postings.Options{Analyzer: "v1"})
	w.write(t, 60, 40)
	var buf bytes.Buffer
	if err := w.ix.Save(&buf); err != nil {
		t.Fatal(err)
	}
	whole := buf.Bytes()
	load := func(b []byte, o postings.Options) error {
		_, err := postings.Load(bytes.NewReader(b), o)
		return err
	}
	o := postings.Options{Fields: twoFields, Analyzer: "v1"}
	if err := load(whole, o); err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if load(whole[:n], o) == nil {
			t.Fatalf("truncated to %d of %d bytes: accepted", n, len(whole))
		}
		flipped := slices.Clone(whole)
		flipped[n] ^= 1 << (n % 8)
		if load(flipped, o) == nil {
			t.Fatalf("bit of byte %d flipped: accepted", n)
		}
	}
	if err := load(whole, postings.Options{Fields: twoFields, Analyzer: "v2"}); !errors.Is(err, postings.ErrAnalyzer) {
		t.Errorf("another analyser: %v", err)
	}
	if load(whole, postings.Options{Fields: []postings.Field{{Name: "title"}, {Name: "body"}}, Analyzer: "v1"}) == nil {
		t.Error("other fields were accepted")
	}
}

// Writers, merges and readers at once; run with -race. A document that is only ever replaced is found at every moment.
func TestConcurrent(t *testing.T) {
	ix := mustNew(t, postings.Options{})
	for d := range uint32(600) {
		put(t, ix, d, "always here", "first")
	}
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				hits, err := ix.Search(context.Background(), postings.Terms("always"), postings.SearchOptions{K: 1000})
				if err != nil || len(hits) != 600 {
					t.Errorf("%d hits, %v", len(hits), err)
					return
				}
			}
		})
	}
	for i := range 6000 {
		put(t, ix, uint32(i)%600, "always here", fmt.Sprintf("version %d", i))
	}
	close(stop)
	wg.Wait()
}

func FuzzLoad(f *testing.F) {
	w := newWorld(f, 2, postings.Options{})
	w.write(f, 30, 20)
	var buf bytes.Buffer
	if err := w.ix.Save(&buf); err != nil {
		f.Fatal(err)
	}
	f.Add(buf.Bytes()[:buf.Len()-4])
	f.Add([]byte("bbterms \x01"))
	f.Fuzz(func(t *testing.T, body []byte) {
		b := seal(body)
		ix, err := postings.Load(bytes.NewReader(b), postings.Options{Fields: twoFields})
		if err != nil {
			return
		}
		defer ix.Close()
		var again bytes.Buffer
		if err := ix.Save(&again); err != nil {
			t.Fatal(err)
		}
		q := postings.Query{Clauses: []postings.Clause{clause(postings.Should, leaf("w1"), leaf("w0", "w1")), clause(postings.Should, postings.Leaf{Terms: []string{"w"}, Prefix: true})}}
		fast := search(t, ix, q, postings.SearchOptions{})
		if d := cmp.Diff(search(t, ix, q, postings.SearchOptions{Exhaustive: true}), fast); d != "" {
			t.Fatal(d)
		}
	})
}

func ExampleIndex() {
	ix, _ := postings.New(postings.Options{Fields: []postings.Field{{Name: "title", Weight: 2}, {Name: "text"}}})
	defer ix.Close()
	ix.Put(1, tokens("grey cat"), tokens("asleep on a sofa"))
	ix.Put(2, tokens("grey sofa"), tokens("for two"))
	hits, _ := ix.Search(context.Background(), postings.Terms("grey", "sofa"), postings.SearchOptions{})
	for _, h := range hits {
		e, _ := ix.Explain(postings.Terms("grey", "sofa"), h.Doc, postings.SearchOptions{})
		fmt.Println(h.Doc, len(e.Clauses[1].Leaves[0].Fields), e.Clauses[1].Leaves[0].Fields[0].Name)
	}
	// Output:
	// 2 1 title
	// 1 1 text
}
