package retrieve_test

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"

	"bowerbird"
	"bowerbird/retrieve"
	"bowerbird/text"
)

// library is words over titles; item i+1 has the i-th.
func library(t testing.TB, titles ...string) *retrieve.Words {
	t.Helper()
	a, err := text.NewMulti(text.MultiOptions{})
	if err != nil {
		t.Fatal(err)
	}
	docs := make([]bowerbird.Item, len(titles))
	v, err := retrieve.NewWords(a, func(x bowerbird.ItemID) (*bowerbird.Item, error) { return &docs[x-1], nil })
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range titles {
		docs[i] = bowerbird.Item{Title: s}
		v.Apply([]bowerbird.Fact{{Kind: bowerbird.ItemPut, Item: bowerbird.ItemID(i + 1), ItemDoc: &docs[i]}})
	}
	return v
}

func everything(n int) *roaring.Bitmap {
	b := roaring.New()
	b.AddRange(1, uint64(n)+1)
	return b
}

func numbered(hits []bowerbird.Hit) (out []int) {
	for _, h := range hits {
		out = append(out, int(h.Item))
	}
	return out
}

func search(words string) *bowerbird.Request {
	return &bowerbird.Request{Surface: bowerbird.SearchWords, Query: words}
}

func TestMatch(t *testing.T) {
	v := library(t, "grey linen sofa", "grey cat", "linen shirt", "red sofa bed", "grey sofa")
	for _, c := range []struct {
		words string
		how   bowerbird.Matching
		want  []uint32
	}{
		{"grey sofa", bowerbird.MatchAny, []uint32{1, 2, 4, 5}},
		{"grey sofa", bowerbird.MatchAll, []uint32{1, 5}},
		{"+grey sofa", bowerbird.MatchAny, []uint32{1, 2, 5}},
		{"sofa -grey", bowerbird.MatchAny, []uint32{4}},
		{"-grey", bowerbird.MatchAny, []uint32{3, 4}},
		{`"grey sofa"`, bowerbird.MatchAny, []uint32{5}},
		{"", bowerbird.MatchAny, []uint32{1, 2, 3, 4, 5}},
		{"the", bowerbird.MatchAny, nil},
		{"velvet", bowerbird.MatchAny, nil},
		{"grey velvet", bowerbird.MatchAll, nil},
	} {
		r := search(c.words)
		r.Search.Matching = c.how
		set := everything(5)
		got, err := v.Match(t.Context(), r, set)
		if err != nil || !slices.Equal(got.ToArray(), c.want) && got.GetCardinality()+uint64(len(c.want)) > 0 {
			t.Errorf("%q: %v, %v, want %v", c.words, got, err, c.want)
		}
		if set.GetCardinality() != 5 {
			t.Errorf("%q wrote to the set", c.words)
		}
	}
}

func TestRelax(t *testing.T) {
	v := library(t, "grey linen sofa", "grey cat", "grey shirt", "red sofa bed", "grey sofa")
	for _, c := range []struct {
		words string
		how   bowerbird.Matching
		want  string // given up
		first int
	}{
		{"grey sofa", bowerbird.MatchLast, "", 5},
		{"grey sofa cat", bowerbird.MatchLast, "cat", 5},
		{"red grey sofa", bowerbird.MatchFrequency, "grey", 4},
		{"red grey sofa", bowerbird.MatchLast, "grey,sofa", 4},
		{"velvet grey", bowerbird.MatchLast, "", 0}, // nothing has the first word
		{"grey velvet", bowerbird.MatchFrequency, "", 0},
	} {
		r := search(c.words)
		r.Search.Matching = c.how
		var err error
		if r.Match.Loose, err = v.Relax(t.Context(), r, everything(5)); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(v.Loosened(r), ","); got != c.want {
			t.Errorf("%q: gave up %q, want %q", c.words, got, c.want)
		}
		hits, err := v.Candidates(t.Context(), r, 10, nil)
		if err != nil || (c.first == 0) != (len(hits) == 0) || c.first > 0 && int(hits[0].Item) != c.first {
			t.Errorf("%q: %v, %v, want %d first", c.words, hits, err, c.first)
		}
	}
}

// TestRelevance: 0 to 1, larger the more of the query an item has, comparable
// between queries, and cut where the request says.
func TestRelevance(t *testing.T) {
	titles := []string{"grey linen sofa", "grey cat"}
	for i := range 50 {
		titles = append(titles, fmt.Sprintf("thing number%d", i))
	}
	v := library(t, titles...)
	score := func(words string, x int) float32 {
		hits, err := v.Candidates(t.Context(), search(words), 100, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range hits {
			if h.Score < 0 || h.Score > 1 {
				t.Errorf("%q: %d scores %v", words, h.Item, h.Score)
			}
			if int(h.Item) == x {
				return h.Score
			}
		}
		return 0
	}
	whole, half, none := score("linen sofa", 1), score("linen unheard", 1), score("sofa", 2)
	if !(whole > .6 && half < .6*whole && half > .1 && none == 0) {
		t.Errorf("whole %v, half %v, none %v", whole, half, none)
	}
	if a, b := score("linen", 1), score("linen sofa", 1); math.Abs(float64(a-b)) > .05 {
		t.Errorf("a full match of one word scores %v, of two %v", a, b)
	}
	r := search("grey linen")
	r.Search.Threshold = .5
	if hits, _ := v.Candidates(t.Context(), r, 10, nil); !slices.Equal(numbered(hits), []int{1}) {
		t.Errorf("above .5: %v", hits)
	}
	r.Search.Threshold, r.Search.Cutoff = 0, .9
	if hits, _ := v.Candidates(t.Context(), r, 10, nil); !slices.Equal(numbered(hits), []int{1}) {
		t.Errorf("above 90 %% of the best: %v", hits)
	}
	set, err := v.Above(t.Context(), r, everything(52))
	if err != nil || !slices.Equal(set.ToArray(), []uint32{1}) {
		t.Errorf("above, as a set: %v, %v", set, err)
	}
}

// TestSorted holds the order to a slow sort: missing keys last, ties by
// relevance, then by id.
func TestSorted(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	words := []string{"grey", "sofa", "linen", "oak", "lamp"}
	var titles []string
	for range 400 {
		titles = append(titles, words[r.IntN(5)]+" "+words[r.IntN(5)]+" "+words[r.IntN(5)])
	}
	v := library(t, titles...)
	price, maker := map[bowerbird.ItemID]float64{}, map[bowerbird.ItemID]string{}
	for x := range bowerbird.ItemID(400) {
		if r.IntN(4) > 0 {
			price[x+1] = float64(r.IntN(6))
		}
		if r.IntN(4) > 0 {
			maker[x+1] = words[r.IntN(5)]
		}
	}
	s := retrieve.NewSorted(v, func(field string) func(bowerbird.ItemID) (float64, string, bool) {
		return func(x bowerbird.ItemID) (float64, string, bool) {
			if field == "price" {
				p, ok := price[x]
				return p, "", ok
			}
			m, ok := maker[x]
			return 0, m, ok
		}
	})
	for _, by := range [][]bowerbird.SortKey{{{Field: "price"}}, {{Field: "price", Desc: true}}, {{Field: "maker"}}, {{Field: "maker", Desc: true}, {Field: "price"}}} {
		req := search("grey sofa")
		req.Search.Sort = by
		set, err := v.Match(t.Context(), req, everything(400))
		if err != nil {
			t.Fatal(err)
		}
		req.Match = bowerbird.Matched{Items: set, Exact: true}
		want, err := v.Relevance(t.Context(), req, set, 1000)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortStableFunc(want, func(a, b bowerbird.Hit) int {
			for _, k := range by {
				c := 0
				pa, oka := price[a.Item]
				pb, okb := price[b.Item]
				ma, mb := maker[a.Item], maker[b.Item]
				if k.Field == "maker" {
					oka, okb, pa, pb = ma != "", mb != "", 0, 0
				} else {
					ma, mb = "", ""
				}
				switch {
				case oka && !okb:
					return -1
				case okb && !oka:
					return 1
				case !oka:
					continue
				}
				if c = cmp.Or(cmp.Compare(pa, pb), cmp.Compare(ma, mb)); k.Desc {
					c = -c
				}
				if c != 0 {
					return c
				}
			}
			return cmp.Or(-cmp.Compare(a.Score, b.Score), cmp.Compare(a.Item, b.Item))
		})
		for _, n := range []int{1, 7, 100, 1000} {
			got, err := s.Candidates(t.Context(), req, n, nil)
			if err != nil || !slices.Equal(got, want[:min(n, len(want))]) {
				t.Fatalf("%v, first %d: %v\n got %v\nwant %v", by, n, err, numbered(got), numbered(want[:min(n, len(want))]))
			}
		}
	}
}

// fake is a model of meaning: an item means a number, words mean their length.
type fake map[bowerbird.ItemID]float32

func (f fake) Name() string { return "meaning" }

func (f fake) of(g bowerbird.Ingredient) float32 {
	if g.Item != 0 {
		return f[g.Item]
	}
	return float32(len(g.Words))
}

func (f fake) Near(ctx context.Context, r *bowerbird.Request, of bowerbird.Ingredient, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	for x := bowerbird.ItemID(1); x < 1000; x++ {
		if _, ok := f[x]; ok && (r.Keep == nil || r.Keep(x)) && len(dst) < n {
			var out [1]float32
			_, _ = f.Rate(ctx, r, of, []bowerbird.ItemID{x}, out[:])
			dst = append(dst, bowerbird.Hit{Item: x, Score: out[0]})
		}
	}
	return dst, nil
}

func (f fake) Rate(_ context.Context, _ *bowerbird.Request, of bowerbird.Ingredient, items []bowerbird.ItemID, out []float32) (bool, error) {
	for i, x := range items {
		if m, ok := f[x]; ok {
			out[i] = max(0, 1-float32(math.Abs(float64(m-f.of(of))))/10)
		}
	}
	return true, nil
}

// TestHybrid: the ratio moves the order from words to meaning, step by step.
func TestHybrid(t *testing.T) {
	v := library(t, "cat", "dog", "cat basket", "bird")
	m := retrieve.NewMix(retrieve.MixOptions{Words: v, Meaning: fake{1: 9, 2: 3, 3: 5, 4: 12}, Items: []retrieve.Sense{v}})
	for _, c := range []struct {
		ratio float32
		want  []int
	}{{.01, []int{1, 3, 2, 4}}, {.7, []int{3, 2, 1, 4}}, {1, []int{2, 3, 1, 4}}} { // words of length 3 mean 3
		r := search("cat")
		r.Search.Semantic = c.ratio
		got, err := m.Candidates(t.Context(), r, 10, nil)
		if err != nil || !slices.Equal(numbered(got), c.want) {
			t.Errorf("ratio %v: %v, %v, want %v", c.ratio, got, err, c.want)
		}
		for _, h := range got {
			parts, err := m.Explain(t.Context(), r, h.Item)
			sum := float32(0)
			for _, p := range parts {
				sum += p.Weight * p.Rate
			}
			if err != nil || math.Abs(float64(sum-h.Score)) > 1e-6 {
				t.Errorf("ratio %v, item %d: the parts make %v, the score is %v", c.ratio, h.Item, sum, h.Score)
			}
		}
	}
	if m.Semantic() != true || retrieve.NewMix(retrieve.MixOptions{Words: v}).Semantic() {
		t.Error("Semantic tells whether there is a sense of meaning")
	}
}

// TestMix: words, examples and counter-examples by weight; what nobody asked for
// does not come, what is unwanted falls.
func TestMix(t *testing.T) {
	v := library(t, "linen sofa", "linen sofa dark", "dark oak table", "velvet sofa", "unrelated thing", "oak table lamp")
	m := retrieve.NewMix(retrieve.MixOptions{Words: v, Items: []retrieve.Sense{v}})
	for _, c := range []struct {
		query string
		mix   []bowerbird.Ingredient
		want  []int
	}{
		{"linen sofa", []bowerbird.Ingredient{{Words: "dark", Weight: -.9}}, []int{1, 4, 2}},
		{"", []bowerbird.Ingredient{{Words: "linen sofa", Weight: 1}, {Words: "dark", Weight: .6}}, []int{2, 1, 3, 4}},
		{"", []bowerbird.Ingredient{{Item: 3, Weight: 1}}, []int{3, 6, 2}},
		{"", []bowerbird.Ingredient{{Item: 3, Weight: 1}, {Item: 2, Weight: -.5}}, []int{3, 6}},
	} {
		r := search(c.query)
		r.Search.Mix = c.mix
		got, err := m.Candidates(t.Context(), r, 10, nil)
		if err != nil || !slices.Equal(numbered(got), c.want) {
			t.Errorf("%q %+v: %v, %v, want %v", c.query, c.mix, got, err, c.want)
		}
		for i, h := range got {
			if h.Score <= 0 || h.Score > 1 || i > 0 && h.Score > got[i-1].Score {
				t.Errorf("%q: scores %v", c.query, got)
			}
		}
	}
	r := search("linen")
	if got, err := m.Candidates(t.Context(), r, 10, nil); err != nil || len(got) > 0 {
		t.Errorf("a plain search is no mixture: %v, %v", got, err)
	}
	r.Search.Mix = []bowerbird.Ingredient{{Words: "sofa", Weight: 1}}
	r.Keep = func(x bowerbird.ItemID) bool { return x != 1 }
	if got, _ := m.Candidates(t.Context(), r, 10, nil); slices.Contains(numbered(got), 1) {
		t.Error("what the filters refuse came")
	}
}

func TestCheck(t *testing.T) {
	v := library(t, "x")
	for in, want := range map[string][2]string{ // strict, lenient
		`grey "cat`: {"query: quote is not closed at byte 5", ""},
		"a\x00b":    {"query: control character U+0000 at byte 1", "query: control character U+0000 at byte 1"},
		"a\xff\"b":  {"query: invalid UTF-8 at byte 1", "query: invalid UTF-8 at byte 1"},
		"grey cat":  {"", ""},
	} {
		for i, strict := range []bool{true, false} {
			got := ""
			if err := v.Check(in, strict); err != nil {
				got = err.Error()
			}
			if got != want[i] {
				t.Errorf("%q, strict %v: %q, want %q", in, strict, got, want[i])
			}
		}
	}
}
