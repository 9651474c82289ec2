package postings_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"bowerbird/index/postings"

	"github.com/google/go-cmp/cmp"
)

// osa is the optimal string alignment distance as in a textbook.
func osa(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range b {
		d[0][j+1] = j + 1
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

// nearest is the distance of a term, or of its nearest beginning.
func nearest(want, term string, prefix bool) int {
	t := []rune(term)
	least := osa([]rune(want), t)
	for n := range t {
		if prefix {
			least = min(least, osa([]rune(want), t[:n]))
		}
	}
	return least
}

func TestFuzzyAgreesWithBruteForce(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 4))
	letters := []rune("abcé漢")
	word := func() string {
		var b strings.Builder
		for range 1 + rnd.IntN(7) {
			b.WriteRune(letters[rnd.IntN(len(letters))])
		}
		return b.String()
	}
	ix := mustNew(t, postings.Options{SyncMerge: true})
	docs := make(map[string][]uint32)
	for d := range uint32(1400) {
		w := word()
		docs[w] = append(docs[w], d)
		put(t, ix, d, w)
	}
	found := 0
	for range 400 {
		l := postings.Leaf{Terms: []string{word()}, Fuzzy: 1 + rnd.IntN(2), Prefix: rnd.IntN(3) == 0, Keep: rnd.IntN(3), Expand: postings.MaxExpand}
		want := []uint32{}
		head := []rune(l.Terms[0])
		head = head[:min(l.Keep, len(head))]
		for term, ds := range docs {
			if strings.HasPrefix(term, string(head)) && nearest(l.Terms[0], term, l.Prefix) <= l.Fuzzy {
				want = append(want, ds...)
			}
		}
		slices.Sort(want)
		q := postings.Query{Clauses: []postings.Clause{clause(postings.Must, l)}}
		hits := search(t, ix, q, postings.SearchOptions{K: 5000})
		if d := cmp.Diff(want, docsOf(hits)); d != "" {
			t.Fatalf("%+v: %s", l, d)
		}
		found += len(want)
		for _, h := range hits[:min(3, len(hits))] {
			e, err := ix.Explain(q, h.Doc, postings.SearchOptions{})
			if err != nil || e.Score != h.Score {
				t.Fatalf("%+v: explained %+v (%v), found %v", l, e, err, h.Score)
			}
			x := e.Clauses[0].Leaves[0]
			if x.Edits != nearest(l.Terms[0], x.Terms[0], l.Prefix) {
				t.Fatalf("%s for %+v: %d edits", x.Terms[0], l, x.Edits)
			}
		}
	}
	if found < 1000 {
		t.Fatalf("only %d matches", found)
	}
}

// A right word stands before its neighbours, however rare these are.
func TestFuzzyPrefersTheWord(t *testing.T) {
	ix := mustNew(t, postings.Options{})
	for d := range uint32(50) {
		put(t, ix, d, "chair")
	}
	put(t, ix, 60, "chairs")
	put(t, ix, 61, "chiar")
	put(t, ix, 62, "cahirs")
	q := postings.Query{Clauses: []postings.Clause{clause(postings.Must, postings.Leaf{Terms: []string{"chair"}, Fuzzy: 2})}}
	hits := search(t, ix, q, postings.SearchOptions{K: 60})
	if len(hits) != 53 || hits[49].Score <= hits[50].Score || hits[50].Doc != 60 || hits[51].Doc != 61 || hits[52].Doc != 62 {
		t.Errorf("%v", hits[48:])
	}
}

func TestSlop(t *testing.T) {
	ix := mustNew(t, postings.Options{})
	put(t, ix, 1, "", "red chair")
	put(t, ix, 2, "", "red wooden chair")
	put(t, ix, 3, "", "red old wooden chair")
	put(t, ix, 4, "", "chair red")
	put(t, ix, 5, "red", "chair")
	put(t, ix, 6, "", "red red chair of red wood")
	check := func(t *testing.T, ix *postings.Index) {
		for slop, want := range [][]uint32{{1, 6}, {1, 2, 6}, {1, 2, 3, 6}} {
			q := postings.Query{Clauses: []postings.Clause{clause(postings.Must, postings.Leaf{Terms: []string{"red", "chair"}, Slop: slop})}}
			hits := search(t, ix, q, postings.SearchOptions{})
			if d := cmp.Diff(want, docsOf(hits)); d != "" {
				t.Errorf("slop %d: %s", slop, d)
			}
			for _, h := range hits {
				if e, err := ix.Explain(q, h.Doc, postings.SearchOptions{}); err != nil || e.Score != h.Score {
					t.Errorf("slop %d: explained %v, found %v (%v)", slop, e.Score, h.Score, err)
				}
			}
		}
		q := postings.Query{Clauses: []postings.Clause{clause(postings.Must, postings.Leaf{Terms: []string{"red", "chair", "wood"}, Slop: 2})}}
		if d := cmp.Diff([]uint32{6}, docsOf(search(t, ix, q, postings.SearchOptions{}))); d != "" {
			t.Error(d)
		}
	}
	t.Run("records", func(t *testing.T) { check(t, ix) })
	t.Run("segment", func(t *testing.T) { check(t, reload(t, ix, postings.Options{Fields: twoFields})) })
}

func TestProximity(t *testing.T) {
	ix := mustNew(t, postings.Options{})
	put(t, ix, 1, "", "red paint for an old wooden garden chair")
	put(t, ix, 2, "", "red chair for an old wooden garden fence")
	put(t, ix, 3, "", "chair red for an old wooden garden fence")
	for d := range uint32(20) {
		put(t, ix, 10+d, "", "blue sofa")
	}
	check := func(t *testing.T, ix *postings.Index) {
		q := postings.Terms("red", "chair")
		o := postings.SearchOptions{Proximity: postings.Proximity{Weight: .5}}
		plain, drawn := search(t, ix, q, postings.SearchOptions{}), search(t, ix, q, o)
		if plain[0].Doc != 1 || drawn[0].Doc != 2 || drawn[1].Doc != 3 || drawn[2].Doc != 1 {
			t.Errorf("plain %v, with proximity %v", plain, drawn)
		}
		for _, h := range drawn {
			e, err := ix.Explain(q, h.Doc, o)
			if err != nil || e.Score != h.Score || e.Proximity <= 0 && h.Doc != 1 {
				t.Errorf("explained %+v, found %v (%v)", e, h, err)
			}
		}
		if one := search(t, ix, q, postings.SearchOptions{K: 1, Proximity: postings.Proximity{Weight: .5, Top: 2}}); one[0].Doc != 2 || len(one) != 1 {
			t.Errorf("the best of two is %v", one)
		}
	}
	t.Run("records", func(t *testing.T) { check(t, ix) })
	t.Run("segment", func(t *testing.T) { check(t, reload(t, ix, postings.Options{Fields: twoFields})) })
}

// Sort, Group and counts agree with sifting all matches by hand.
func TestSortAndGroup(t *testing.T) {
	w := newWorld(t, 21, postings.Options{SyncMerge: true})
	w.write(t, 4000, 2500)
	key := func(d uint32) float64 {
		if d%97 == 0 {
			return math.NaN()
		}
		return float64(d * 2654435761 % 1000)
	}
	group := func(d uint32) uint64 { return uint64(d % 40) } // 0: for itself
	sift := func(hits []postings.Hit, k int) []postings.Hit {
		seen := make(map[uint64]bool)
		out := []postings.Hit{}
		for _, h := range hits {
			if g := group(h.Doc); g == 0 || !seen[g] {
				seen[g] = true
				out = append(out, h)
			}
		}
		return out[:min(k, len(out))]
	}
	for range 150 {
		q := w.query()
		k := 1 + w.rnd.IntN(30)
		all := search(t, w.ix, q, postings.SearchOptions{K: 5000})
		if d := cmp.Diff(sift(all, k), search(t, w.ix, q, postings.SearchOptions{K: k, Group: group})); d != "" {
			t.Fatalf("%+v: groups: %s", q, d)
		}
		r, err := w.ix.Find(context.Background(), q, postings.SearchOptions{K: k})
		if err != nil || r.Total != len(all) || cmp.Diff(all[:min(k, len(all))], r.Hits) != "" {
			t.Fatalf("%+v: found %d, %d match, %v", q, r.Total, len(all), err)
		}
		byKey := []postings.Hit{}
		for _, h := range all {
			x := key(h.Doc)
			if math.IsNaN(x) {
				x = math.Inf(-1)
			}
			byKey = append(byKey, postings.Hit{Doc: h.Doc, Score: x})
		}
		slices.SortFunc(byKey, func(a, b postings.Hit) int {
			if a.Score > b.Score || a.Score == b.Score && a.Doc < b.Doc {
				return -1
			}
			return 1
		})
		r, err = w.ix.Find(context.Background(), q, postings.SearchOptions{K: k, Sort: key})
		if err != nil || r.Total != len(all) {
			t.Fatalf("%+v: sorted: %d of %d, %v", q, r.Total, len(all), err)
		}
		if d := cmp.Diff(byKey[:min(k, len(all))], r.Hits); d != "" {
			t.Fatalf("%+v: sorted: %s", q, d)
		}
		if d := cmp.Diff(sift(byKey, k), search(t, w.ix, q, postings.SearchOptions{K: k, Sort: key, Group: group})); d != "" {
			t.Fatalf("%+v: sorted groups: %s", q, d)
		}
	}
}

// Shards that score with joint statistics give the hits and the scores of one index, to the last bit.
func TestShardsAreExact(t *testing.T) {
	w := newWorld(t, 31, postings.Options{SyncMerge: true})
	w.write(t, 3000, 2000)
	var shards [3]*postings.Index
	for i := range shards {
		shards[i] = mustNew(t, postings.Options{SyncMerge: true})
	}
	for d, f := range w.docs {
		put(t, shards[d%3], d, f[0], f[1])
	}
	for i := range 150 {
		q := w.query()
		if i%3 == 0 {
			q.Clauses[0].Any[0] = postings.Leaf{Terms: []string{fmt.Sprintf("w%d", w.rnd.IntN(300))}, Fuzzy: 1 + i%2, Expand: 5}
		}
		var parts []postings.Statistics
		for _, s := range shards {
			st, err := s.Statistics(q)
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, st)
		}
		joint := postings.Join(parts...)
		var hits [][]postings.Hit
		for _, s := range shards {
			hits = append(hits, search(t, s, q, postings.SearchOptions{K: 20, Statistics: &joint}))
		}
		want := search(t, w.ix, q, postings.SearchOptions{K: 20})
		if d := cmp.Diff(want, postings.JoinHits(20, hits...)); d != "" {
			t.Fatalf("%+v: %s", q, d)
		}
	}
}

func TestMoreRefusals(t *testing.T) {
	ix := mustNew(t, postings.Options{})
	put(t, ix, 1, "a")
	for name, l := range map[string]postings.Leaf{
		"edits":        {Terms: []string{"a"}, Fuzzy: 3},
		"fuzzy phrase": {Terms: []string{"a", "b"}, Fuzzy: 1},
		"empty":        {Terms: []string{""}, Fuzzy: 1},
		"long":         {Terms: []string{strings.Repeat("x", 300)}, Fuzzy: 1},
		"slop":         {Terms: []string{"a", "b"}, Slop: -1},
		"keep":         {Terms: []string{"a"}, Fuzzy: 1, Keep: -1},
		"expand":       {Terms: []string{"a"}, Prefix: true, Expand: 1e6},
	} {
		q := postings.Query{Clauses: []postings.Clause{clause(postings.Must, l)}}
		if _, err := ix.Search(context.Background(), q, postings.SearchOptions{}); err == nil {
			t.Errorf("%s was taken", name)
		}
		if _, err := ix.Statistics(q); err == nil {
			t.Errorf("%s: statistics", name)
		}
	}
	for _, o := range []postings.SearchOptions{
		{Proximity: postings.Proximity{Weight: -1}}, {Proximity: postings.Proximity{Window: -1}}, {Statistics: &postings.Statistics{}},
		{Statistics: &postings.Statistics{Tokens: make([]uint64, 2), Having: []int{-1, 0}}},
		{Statistics: &postings.Statistics{Tokens: make([]uint64, 2), Having: make([]int, 2), DocFreq: map[string]int{"a": -1}}},
	} {
		if _, err := ix.Search(context.Background(), postings.Terms("a"), o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}
