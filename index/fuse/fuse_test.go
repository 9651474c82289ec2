package fuse_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"bowerbird/index"
	"bowerbird/index/fuse"
	"bowerbird/index/postings"
	"bowerbird/internal/vec"
)

func docs(l []fuse.Scored) (out []uint32) {
	for _, h := range l {
		out = append(out, h.Doc)
	}
	return out
}

func TestRRF(t *testing.T) {
	a := []fuse.Scored{{Doc: 1, Score: 9}, {Doc: 2, Score: 8}, {Doc: 3, Score: 1}}
	b := []fuse.Scored{{Doc: 3, Score: .9}, {Doc: 2, Score: .8}, {Doc: 4, Score: .7}}
	got := fuse.RRF(0, a, b)
	if !slices.Equal(docs(got), []uint32{3, 2, 1, 4}) {
		t.Errorf("order %v", docs(got))
	}
	if want := 1.0/63 + 1.0/61; math.Abs(got[0].Score-want) > 1e-15 {
		t.Errorf("score %v, want %v", got[0].Score, want)
	}
	if len(fuse.RRF(0)) != 0 {
		t.Error("no lists give documents")
	}
}

func TestSum(t *testing.T) {
	a := []fuse.Scored{{Doc: 1, Score: 10}, {Doc: 2, Score: 5}}
	b := []fuse.Scored{{Doc: 2, Score: .9}, {Doc: 3, Score: .3}}
	for _, c := range []struct {
		norm fuse.Normalise
		want []fuse.Scored
	}{
		{fuse.ByMax, []fuse.Scored{{Doc: 2, Score: 1.5}, {Doc: 1, Score: 1}, {Doc: 3, Score: 1.0 / 3}}},
		{fuse.ByRange, []fuse.Scored{{Doc: 1, Score: 1}, {Doc: 2, Score: 1}, {Doc: 3, Score: 0}}},
		{fuse.AsIs, []fuse.Scored{{Doc: 1, Score: 10}, {Doc: 2, Score: 5.9}, {Doc: 3, Score: .3}}},
	} {
		got := fuse.Sum(fuse.Part{List: a, Weight: 1, Normalise: c.norm}, fuse.Part{List: b, Weight: 1, Normalise: c.norm}, fuse.Part{})
		for i := range got {
			if got[i].Doc != c.want[i].Doc || math.Abs(got[i].Score-c.want[i].Score) > 1e-12 {
				t.Errorf("%d: %v, want %v", c.norm, got, c.want)
				break
			}
		}
	}
}

// shop is a small world: words for the same thing have one direction.
func shop(t testing.TB) (*fuse.Hybrid, func(string) []float32) {
	t.Helper()
	meanings := map[string]int{"sofa": 0, "couch": 0, "settee": 0, "lamp": 1, "light": 1, "rug": 2, "carpet": 2, "grey": 3, "oak": 4, "table": 5}
	embed := func(s string) []float32 {
		v := make([]float32, 6)
		for _, w := range strings.Fields(s) {
			if d, ok := meanings[w]; ok {
				v[d]++
			}
		}
		if !vec.Normalize(v) {
			return nil
		}
		return v
	}
	words, err := postings.New(postings.Options{Fields: []postings.Field{{Name: "title"}}, SyncMerge: true})
	if err != nil {
		t.Fatal(err)
	}
	vectors, err := index.NewFlat(6, index.InnerProduct)
	if err != nil {
		t.Fatal(err)
	}
	for d, title := range []string{"grey sofa", "grey couch", "oak table", "grey rug", "oak lamp", "settee", "light grey carpet"} {
		var field []postings.Token
		for p, w := range strings.Fields(title) {
			field = append(field, postings.Token{Term: w, Pos: uint32(p)})
		}
		if err := errors.Join(words.Put(uint32(d), field), vectors.Put(uint32(d), embed(title))); err != nil {
			t.Fatal(err)
		}
	}
	return &fuse.Hybrid{Words: words, Vectors: vectors}, embed
}

func TestHybrid(t *testing.T) {
	h, embed := shop(t)
	ratio := func(x float64) *float64 { return &x }
	must := fuse.Bag([]string{"settee"})
	must.Clauses[0].Occur = postings.Must
	not := fuse.Bag([]string{"couch", "grey"})
	not.Clauses[1].Occur = postings.MustNot
	for name, c := range map[string]struct {
		q    fuse.Query
		o    fuse.Options
		want []uint32 // the beginning
		n    int      // of hits, if not zero
	}{
		"words and meaning":     {fuse.Query{Words: fuse.Bag([]string{"couch"}), Vector: embed("couch")}, fuse.Options{}, []uint32{1}, 0},
		"meaning alone finds":   {fuse.Query{Words: fuse.Bag([]string{"armchair"}), Vector: embed("sofa")}, fuse.Options{K: 3}, []uint32{5}, 3},
		"ratio 0 is words":      {fuse.Query{Words: fuse.Bag([]string{"couch"}), Vector: embed("couch")}, fuse.Options{Ratio: ratio(0)}, []uint32{1}, 1},
		"ratio 1 is meaning":    {fuse.Query{Words: fuse.Bag([]string{"grey"}), Vector: embed("sofa")}, fuse.Options{Ratio: ratio(1), K: 3}, []uint32{5}, 3},
		"no vector":             {fuse.Query{Words: fuse.Bag([]string{"couch"})}, fuse.Options{}, []uint32{1}, 1},
		"must":                  {fuse.Query{Words: must, Vector: embed("sofa")}, fuse.Options{}, []uint32{5}, 1},
		"must not":              {fuse.Query{Words: not, Vector: embed("couch")}, fuse.Options{K: 1}, []uint32{5}, 1},
		"filter":                {fuse.Query{Words: fuse.Bag([]string{"couch"}), Vector: embed("couch")}, fuse.Options{Filter: func(d uint32) bool { return d == 5 }}, []uint32{5}, 1},
		"nothing asked, nobody": {fuse.Query{}, fuse.Options{}, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := h.Search(context.Background(), c.q, c.o)
			if err != nil {
				t.Fatal(err)
			}
			var got []uint32
			for _, x := range r.Hits {
				got = append(got, x.Doc)
			}
			if len(got) < len(c.want) || !slices.Equal(got[:len(c.want)], c.want) || c.n > 0 && len(got) != c.n {
				t.Errorf("%v, want %v of %d", got, c.want, c.n)
			}
		})
	}
	if _, err := h.Search(context.Background(), fuse.Query{}, fuse.Options{Ratio: ratio(2)}); err == nil {
		t.Error("a ratio of 2 was taken")
	}
	h.Weight = -1
	r, err := h.Search(context.Background(), fuse.Query{Words: fuse.Bag([]string{"couch"}), Vector: embed("couch")}, fuse.Options{})
	if err != nil || len(r.Hits) != 1 || r.Share != 0 {
		t.Errorf("a negative weight is not words alone: %+v, %v", r, err)
	}
	r, err = h.Search(context.Background(), fuse.Query{Words: fuse.Bag([]string{"couch"}), Vector: embed("couch")}, fuse.Options{Ratio: ratio(1), K: 3})
	if err != nil || len(r.Hits) != 3 || r.Share != 1 || r.Hits[0].Score < .5 {
		t.Errorf("a ratio does not stand instead of the settings: %+v, %v", r, err)
	}
	h.Vectors = nil
	r, err = h.Search(context.Background(), fuse.Query{Words: fuse.Bag([]string{"couch"}), Vector: embed("couch")}, fuse.Options{Ratio: ratio(1)})
	if err != nil || len(r.Hits) != 1 || r.Hits[0].Score != 1 {
		t.Errorf("without vectors a ratio leaves no score: %+v, %v", r, err)
	}
	if _, err := h.Search(context.Background(), fuse.Query{Words: fuse.Bag([]string{"couch"})}, fuse.Options{K: -1}); err == nil || !strings.Contains(err.Error(), "K: -1") {
		t.Errorf("K -1: %v", err)
	}
	if _, err := h.Candidates(context.Background(), fuse.Query{Words: fuse.Bag([]string{"couch"})}, fuse.Options{K: -1}); err == nil {
		t.Error("K -1 is taken by Candidates")
	}
}

// TestHeld: a document that holds the query is ahead of all others, in the order of words, where ten hold it; behind
// them stands only what is near, and a document that holds half of it is judged by its meaning too.
func TestHeld(t *testing.T) {
	words, err := postings.New(postings.Options{Fields: []postings.Field{{Name: "text"}}, SyncMerge: true})
	if err != nil {
		t.Fatal(err)
	}
	vectors, err := index.NewFlat(2, index.InnerProduct)
	if err != nil {
		t.Fatal(err)
	}
	put := func(doc int, text string, cos float64) {
		t.Helper()
		var field []postings.Token
		for p, w := range strings.Fields(text) {
			field = append(field, postings.Token{Term: w, Pos: uint32(p)})
		}
		v := []float32{float32(cos), float32(math.Sqrt(1 - cos*cos))}
		if err := errors.Join(words.Put(uint32(doc), field), vectors.Put(uint32(doc), v)); err != nil {
			t.Fatal(err)
		}
	}
	for d := range 12 {
		put(d, "linen sofa"+strings.Repeat(" cover", d/4), .9-.02*float64(d))
	}
	put(12, "green sofa", .3)   // half of the query, of another kind
	put(13, "grey sofa", .95)   // half of it, of this kind
	put(14, "couch", .97)       // none of its words
	put(15, "spanner", .05)     // nothing to do with it
	for d := 16; d < 300; d++ { // so that words have an idf
		put(d, fmt.Sprint("thing", d), 0)
	}
	h := &fuse.Hybrid{Words: words, Vectors: vectors}
	r, err := h.Search(context.Background(), fuse.Query{Words: fuse.Bag([]string{"linen", "sofa"}), Vector: []float32{1, 0}}, fuse.Options{K: 400})
	if err != nil {
		t.Fatal(err)
	}
	var got []uint32
	for _, x := range r.Hits {
		got = append(got, x.Doc)
	}
	if want := []uint32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13}; r.Coverage != 1 || len(got) != 15 || !slices.Equal(got[:13], want) {
		t.Errorf("coverage %v, %v; want those that hold it all, then by meaning what is near, and no more", r.Coverage, got)
	}
	if slices.Contains(got, 15) || !slices.Contains(got, 14) || !slices.Contains(got, 12) {
		t.Errorf("%v: want the couch and the green sofa, and no spanner", got)
	}
	if top := r.Hits[0].Score; top > r.Most+1e-9 || r.Hits[0].Held != 1 {
		t.Errorf("score %v of at most %v, held %v", top, r.Most, r.Hits[0].Held)
	}
}

func TestExpand(t *testing.T) {
	texts := [][]string{{"sofa", "couch", "the"}, {"sofa", "couch", "seat", "the"}, {"lamp", "the"}}
	df := map[string]int{"sofa": 2, "couch": 2, "seat": 1, "the": 300, "lamp": 1}
	q := fuse.Expansion{Terms: 2}.Expand([]string{"sofa"}, []fuse.Scored{{Doc: 0, Score: 2}, {Doc: 1, Score: 1}},
		func(d uint32) []string { return texts[d] }, func(t string) int { return df[t] }, 1000)
	var got []string
	for _, c := range q.Clauses {
		got = append(got, fmt.Sprintf("%s %.3f", c.Any[0].Terms[0], c.Boost))
	}
	if want := []string{"sofa 0.850", "couch 0.150"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	q = fuse.Expansion{}.Expand([]string{"sofa"}, []fuse.Scored{{Doc: 0}}, func(d uint32) []string { return texts[d] }, func(t string) int { return df[t] }, 1000)
	if len(q.Clauses) != 1 || q.Clauses[0].Boost != .7 {
		t.Errorf("scores of zero: %+v, want the query as it was", q)
	}
}

// topics are texts in which a topic's words come in two sets that never meet in a half: only meaning joins them.
func topics(n int) []string {
	rng := rand.New(rand.NewPCG(3, 3))
	out := make([]string, n)
	for i := range out {
		topic, w := rng.IntN(15), make([]string, 20)
		for j := range w {
			w[j] = fmt.Sprintf("t%dw%d", topic, rng.IntN(40))
		}
		out[i] = strings.Join(w, " ")
	}
	return out
}

// byTopic gives vectors that know the topic.
func byTopic(context.Context, []string) (func(string) []float32, error) {
	return func(s string) []float32 {
		v := make([]float32, 16)
		for _, w := range strings.Fields(s) {
			var topic, n int
			if _, err := fmt.Sscanf(w, "t%dw%d", &topic, &n); err == nil {
				v[topic]++
				v[15] += .01 * float32(n)
			}
		}
		if !vec.Normalize(v) {
			return nil
		}
		return v
	}, nil
}

// TestTune: meaning that helps keeps its weight; the same texts give the same settings; few texts give words alone.
func TestTune(t *testing.T) {
	texts, o := topics(500), fuse.TuneOptions{Queries: 120}
	s, e, err := fuse.Tune(context.Background(), texts, strings.Fields, byTopic, o)
	if err != nil || s.Weight < .3 || e.Queries != 120 || s.Floor == nil {
		t.Errorf("good vectors: weight %v, %+v, %v", s.Weight, e, err)
	}
	again, _, err := fuse.Tune(context.Background(), texts, strings.Fields, byTopic, o)
	if err != nil || again.Weight != s.Weight || again.Floor.Least != s.Floor.Least {
		t.Error("the same texts gave other settings")
	}
	misled := func(context.Context, []string) (func(string) []float32, error) { // every text has the direction of another
		return func(s string) []float32 {
			v := make([]float32, 16)
			h := fnv.New64a()
			h.Write([]byte(s))
			rng := rand.New(rand.NewPCG(h.Sum64(), 1))
			for i := range v {
				v[i] = rng.Float32()
			}
			vec.Normalize(v)
			return v
		}, nil
	}
	for seed := range uint64(5) {
		s, e, err = fuse.Tune(context.Background(), texts, strings.Fields, misled, fuse.TuneOptions{Queries: 120, Seed: seed})
		if err != nil || s.Weight >= 0 || e.Near > .65 {
			t.Errorf("vectors that know nothing: weight %v, near %v, %v", s.Weight, e.Near, err)
		}
	}
	s, _, err = fuse.Tune(context.Background(), texts[:30], strings.Fields, byTopic, o)
	if !errors.Is(err, fuse.ErrFew) || s.Weight >= 0 {
		t.Errorf("30 texts: %v, %v", s, err)
	}
}

func Example() {
	h, embed := shop(&testing.T{})
	r, err := h.Search(context.Background(), fuse.Query{Words: fuse.Bag([]string{"grey", "couch"}), Vector: embed("grey couch")}, fuse.Options{K: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, hit := range r.Hits {
		fmt.Printf("document %d: word score %.2f, cosine %.2f\n", hit.Doc, hit.Words, hit.Meaning)
	}
	// Output:
	// document 1: word score 1.02, cosine 0.99
	// document 0: word score 0.26, cosine 0.99
}
