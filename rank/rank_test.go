package rank_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"

	"bowerbird"
	"bowerbird/model"
	"bowerbird/rank"
)

func fitLogistic(t testing.TB) *model.Logistic {
	t.Helper()
	r := model.Rows{Features: 2}
	for i := range 40 {
		a, b := float32(i%8), float32(i%5)
		r.X, r.Y = append(r.X, a, b), append(r.Y, a+.1*b+float32(i%3) > 4)
	}
	l, err := model.LogisticRegression{}.Fit(t.Context(), r, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func cands(rows ...[]float32) []bowerbird.Candidate {
	out := make([]bowerbird.Candidate, len(rows))
	for i, r := range rows {
		out[i] = bowerbird.Candidate{Item: bowerbird.ItemID(i + 1), Features: r, Score: float32(i)}
	}
	return out
}

func TestModel(t *testing.T) {
	m, names := rank.NewModel(), []string{"a", "b"}
	c := cands([]float32{0, 1}, []float32{3, 1})
	if v := m.Score(nil, c); v != "" || c[1].Score != 1 {
		t.Errorf("without a model: %q %v", v, c[1].Score)
	}
	if _, w, _ := m.Explain(c[0].Features); w != nil {
		t.Error("nothing explains nothing")
	}
	l := fitLogistic(t)
	for _, other := range [][]string{{"b", "a"}, {"a"}, {"a", "b", "c"}} {
		if err := m.Swap(l, "v1", names, other); err == nil || !strings.Contains(err.Error(), "v1") {
			t.Errorf("pages with %v: %v", other, err)
		}
	}
	if err := m.Swap(l, "v1", []string{"a"}, []string{"a"}); err == nil {
		t.Error("a model of two weights was taken for one feature")
	}
	if v := m.Score(nil, c); v != "" {
		t.Error("a refused model scores")
	}
	if err := m.Swap(l, "v1", names, slices.Clone(names)); err != nil {
		t.Fatal(err)
	}
	if v := m.Score(nil, c); v != "v1" || c[0].Score != float32(l.Logit(c[0].Features)) || c[1].Score <= c[0].Score {
		t.Errorf("%q %v", v, c)
	}
	contributions, weights, p := m.Explain(c[1].Features)
	if len(contributions) != 2 || len(weights) != 2 || p != l.Predict(c[1].Features) {
		t.Error(contributions, weights, p)
	}
	if _, w, _ := m.Explain([]float32{1}); w != nil {
		t.Error("a row of another length was explained")
	}
	if err := m.Swap(nil, "", nil, nil); err != nil || m.Score(nil, c) != "" {
		t.Error("taken out, it still scores", err)
	}
}

// TestSwapBesideScore swaps while pages are scored: a page has one model from top to bottom.
func TestSwapBesideScore(t *testing.T) {
	m, l, names := rank.NewModel(), fitLogistic(t), []string{"a", "b"}
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range 200 {
			_ = m.Swap(l, fmt.Sprint(i), names, names)
		}
	})
	for range 200 {
		m.Score(nil, cands([]float32{1, 2}, []float32{2, 1}))
	}
	wg.Wait()
}

func TestWeighted(t *testing.T) {
	s := rank.NewWeighted([]string{"words", "saves", "other"}, []rank.Term{{Name: "words", Weight: 1}, {Name: "gone", Weight: 99}, {Name: "saves", Weight: -.5}})
	c := cands([]float32{1, 2, 100}, []float32{.5, 0, 100})
	if v := s.Score(nil, c); v != "fixed" || c[0].Score != 0 || c[1].Score != .5 {
		t.Errorf("%q %v %v", v, c[0].Score, c[1].Score)
	}
}

func TestSources(t *testing.T) {
	s := rank.NewSources([]string{"walk", "fresh"})
	if got := s.Names(); !slices.Equal(got, []string{"walk.score", "walk.rank", "fresh.score", "fresh.rank"}) {
		t.Fatal(got)
	}
	c := cands(make([]float32, 5), make([]float32, 5), make([]float32, 5))
	c[0].From = []bowerbird.Found{{Source: 0, Rank: 1, Score: 8}, {Source: 1, Rank: 4, Score: -1}}
	c[1].From = []bowerbird.Found{{Source: 0, Rank: 4, Score: 2}}
	s.Fill(c, 1)
	for i, want := range [][]float32{{0, 1, 1, 0, .5}, {0, .25, .5, 0, 0}, {0, 0, 0, 0, 0}} {
		if !slices.Equal(c[i].Features, want) {
			t.Errorf("row %d: %v, want %v", i, c[i].Features, want)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("33 sources were taken")
		}
	}()
	rank.NewSources(make([]string, 33))
}

func scored(scores ...float32) []bowerbird.Candidate {
	c := make([]bowerbird.Candidate, len(scores))
	for i, s := range scores {
		c[i] = bowerbird.Candidate{Item: bowerbird.ItemID(i + 1), Score: s}
	}
	return c
}

func order(c []bowerbird.Candidate) (out []bowerbird.ItemID) {
	for _, x := range c {
		out = append(out, x.Item)
	}
	return out
}

// TestDiversify works on items 1, 2 and 3 of one kind and 4 and 5 of another, with
// scores 1, .9, .8, .5, 0 and λ = 1/2. By hand: 1 first; then 4 (.5 - 0) before
// 2 (.9 - 1); then 2 (-.1), 3 (-.2) and 5 (0 - 1).
func TestDiversify(t *testing.T) {
	like := func(x, y bowerbird.ItemID) float32 {
		if (x <= 3) == (y <= 3) {
			return 1
		}
		return 0
	}
	for _, c := range []struct {
		lambda float32
		n      int
		want   []bowerbird.ItemID
	}{
		{0, 5, []bowerbird.ItemID{1, 2, 3, 4, 5}},
		{.5, 5, []bowerbird.ItemID{1, 4, 2, 3, 5}},
		{.5, 2, []bowerbird.ItemID{1, 4, 2, 3, 5}},
		{.01, 5, []bowerbird.ItemID{1, 2, 3, 4, 5}},
		{1, 5, []bowerbird.ItemID{1, 4, 2, 3, 5}},
	} {
		d := rank.NewDiversify(like, c.lambda)
		if got := order(d.Select(nil, scored(1, .9, .8, .5, 0), c.n)); !slices.Equal(got, c.want) {
			t.Errorf("λ=%v n=%d: %v, want %v", c.lambda, c.n, got, c.want)
		}
	}
	d := rank.NewDiversify(like, 7)
	if d.Lambda() != 1 {
		t.Error("λ", d.Lambda())
	}
	if d.SetLambda(-1); d.Lambda() != 0 {
		t.Error("λ", d.Lambda())
	}
	d.SetLambda(.5)
	if got := order(d.Select(nil, scored(1, 1, 1, 1, 1), 5)); got[0] != 1 || got[1] != 4 {
		t.Error("equal scores", got)
	}
	if got := d.Select(nil, nil, 5); len(got) != 0 {
		t.Error(got)
	}
	// Only the first 4n move: 7 stays where it is although nothing is like it.
	odd := rank.NewDiversify(func(x, y bowerbird.ItemID) float32 {
		if x == 7 || y == 7 {
			return 0
		}
		return 1
	}, 1)
	if got := order(odd.Select(nil, scored(7, 6, 5, 4, 3, 2, 1), 1)); got[6] != 7 {
		t.Error(got)
	}
}

func TestDedupe(t *testing.T) {
	d := rank.NewDedupe(func(x bowerbird.ItemID) uint64 { return uint64(map[bowerbird.ItemID]int{1: 5, 3: 5, 4: 6, 10: 5}[x]) })
	if got := order(d.Select(nil, scored(9, 8, 7, 6, 5, 4, 3, 2, 1, 0), 2)); !slices.Equal(got, []bowerbird.ItemID{1, 2, 4, 5, 6, 7, 8, 9, 10}) {
		t.Errorf("%v: 3 shows what 1 shows; 10 stands beyond the first 4n", got)
	}
}

func bundle(t *testing.T) *rank.Bundle {
	t.Helper()
	var b model.Builder
	for u := range uint32(6) {
		for x := range uint32(4) {
			if u%3 != x {
				_ = b.Add(u+1, x+1+4*(u%2), 1)
			}
		}
	}
	x, err := b.Build(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	knn, err := model.ItemKNN{}.Fit(t.Context(), x, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	als, err := model.IALS{Dim: 4, Epochs: 2}.Fit(t.Context(), x, model.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return &rank.Bundle{Card: rank.Card{Version: "v3", Features: []string{"a", "b"}, Diversity: .25}, Retrieval: knn, Factors: als.(*model.Factors), Ranker: fitLogistic(t)}
}

// write puts a bundle's files and card where LoadBundle can open them.
func write(t *testing.T, b *rank.Bundle) ([]byte, map[string][]byte) {
	t.Helper()
	card, err := json.Marshal(b.Card)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for name, save := range b.Files() {
		var w bytes.Buffer
		if err := save(&w); err != nil {
			t.Fatal(err)
		}
		files[name] = w.Bytes()
	}
	return card, files
}

func load(card []byte, files map[string][]byte) (*rank.Bundle, error) {
	return rank.LoadBundle(card, func(name string) (io.ReadCloser, error) {
		data, ok := files[name]
		if !ok {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		return io.NopCloser(bytes.NewReader(data)), nil
	})
}

func TestBundle(t *testing.T) {
	b := bundle(t)
	card, files := write(t, b)
	if len(files) != 3 {
		t.Fatal("files", len(files))
	}
	got, err := load(card, files)
	if err != nil {
		t.Fatal(err)
	}
	row, history := []float32{1, 2}, []model.Weighted{{Item: 1, Weight: 1}}
	if got.Card.Version != "v3" || got.Card.Diversity != .25 || got.Ranker.Logit(row) != b.Ranker.Logit(row) ||
		!slices.Equal(got.Retrieval.Recommend(nil, history, 3, nil), b.Retrieval.Recommend(nil, history, 3, nil)) ||
		!slices.Equal(got.Factors.Vectors(), b.Factors.Vectors()) {
		t.Error("what was read differs from what was written")
	}
	delete(files, rank.RankerFile)
	delete(files, rank.FactorsFile)
	if got, err = load(card, files); err != nil || got.Ranker != nil || got.Factors != nil {
		t.Errorf("without a ranker fusion stands: %+v, %v", got, err)
	}
	// Where retrieval is the factor model, it is kept once and serves both.
	card, files = write(t, &rank.Bundle{Retrieval: b.Factors, Factors: b.Factors})
	if got, err = load(card, files); err != nil || len(files) != 1 || got.Factors == nil || model.Model(got.Factors) != got.Retrieval {
		t.Errorf("%d files, %v", len(files), err)
	}
}

func TestDamagedBundle(t *testing.T) {
	card, files := write(t, bundle(t))
	for name, good := range files {
		for _, bad := range [][]byte{nil, good[:len(good)/2], append(bytes.Clone(good[:len(good)-9]), make([]byte, 9)...)} {
			files[name] = bad
			if _, err := load(card, files); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s of %d bytes: %v", name, len(bad), err)
			}
		}
		files[name] = good
	}
	if _, err := load([]byte("{"), files); err == nil {
		t.Error("a damaged card was read")
	}
	delete(files, rank.RetrievalFile)
	if _, err := load(card, files); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), rank.RetrievalFile) {
		t.Error("without retrieval there is no model:", err)
	}
	// A file of the wrong kind in the place of the factors.
	b := bundle(t)
	card, files = write(t, b)
	files[rank.FactorsFile] = files[rank.RetrievalFile]
	if _, err := load(card, files); err == nil || !strings.Contains(err.Error(), rank.FactorsFile) {
		t.Error("another model in the place of the factors:", err)
	}
}

func ExampleDiversify() {
	kind := func(x bowerbird.ItemID) bool { return x < 10 } // cats below 10, lamps above
	d := rank.NewDiversify(func(x, y bowerbird.ItemID) float32 {
		if kind(x) == kind(y) {
			return 1
		}
		return 0
	}, .5)
	page := []bowerbird.Candidate{{Item: 1, Score: 1}, {Item: 2, Score: .9}, {Item: 11, Score: .4}, {Item: 3, Score: 0}}
	for _, c := range d.Select(nil, page, 3)[:3] {
		fmt.Println(c.Item)
	}
	// Output:
	// 1
	// 11
	// 2
}

// TestSpread: a search's results of many looks: two groups of pictures take turns, whatever
// the page's length; without the wish nothing moves.
func TestSpread(t *testing.T) {
	vector := func(dst []float32, x bowerbird.ItemID) ([]float32, bool) {
		switch {
		case x <= 3:
			return append(dst, 1, 0), true
		case x <= 5:
			return append(dst, 0, 1), true
		}
		return dst, false
	}
	s := rank.Spread{Vector: vector, Floor: .5}
	for _, n := range []int{1, 3, 6} {
		c := scored(1, .99, .98, .97, .96, .5)
		if got := order(s.Select(&bowerbird.Request{}, c, n)); !slices.Equal(got, []bowerbird.ItemID{1, 2, 3, 4, 5, 6}) {
			t.Errorf("n=%d, none: %v", n, got)
		}
		if got := order(s.Select(&bowerbird.Request{Diversity: -1}, c, n)); !slices.Equal(got, []bowerbird.ItemID{1, 2, 3, 4, 5, 6}) {
			t.Errorf("n=%d, below 0: %v", n, got)
		}
		if got := order(s.Select(&bowerbird.Request{Diversity: .5}, c, n)); !slices.Equal(got, []bowerbird.ItemID{1, 4, 6, 2, 3, 5}) {
			t.Errorf("n=%d: %v", n, got)
		}
	}
	// The request's λ goes before what training chose.
	d := rank.NewDiversify(func(x, y bowerbird.ItemID) float32 { return 1 - float32(min(1, max(x, y)-min(x, y)-1)) }, .5)
	if got := order(d.Select(&bowerbird.Request{Diversity: -1}, scored(1, .9, .8), 3)); !slices.Equal(got, []bowerbird.ItemID{1, 2, 3}) {
		t.Error("none", got)
	}
}
