package train

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"bowerbird"
	"bowerbird/eval"
	"bowerbird/rank"
)

// searched is a training that has replayed n searches to learn from and n to judge by.
// Each page has twenty items, one of which was liked. told says how often the column "asked.rate" tells which; 0:
// never, and then the fixed weights are right.
func searched(t *testing.T, n int, told float64) *training {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 3))
	s, err := newSearching(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.card = new(rank.Search)
	s.columns = []string{"words.score", "mix.score", "popularity.saves", "taste.topics", "asked.rate"}
	tr := &training{o: Options{Seed: 1}, search: s, metrics: map[string]eval.Estimate{}}
	tr.o.defaults()
	for i := range 2 * n {
		g := group{moment: moment{user: uint32(1 + i%40), judge: i >= n}}
		liked := rng.IntN(20)
		if told == 0 { // the order of the fixed weights is as good as any
			liked = min(liked, rng.IntN(20))
		}
		shows := rng.Float64() < told
		for k := range 20 {
			row := []float32{1 - float32(k)/20, 0, rng.Float32(), rng.Float32(), rng.Float32() / 2}
			if k == liked && shows {
				row[4] = 1
			}
			g.cands = append(g.cands, bowerbird.Candidate{Item: bowerbird.ItemID(k + 1), Features: row})
		}
		g.moment.relevant = []uint32{uint32(liked + 1)}
		s.groups = append(s.groups, g)
	}
	return tr
}

// TestSearchRankerIsAccepted: where a column tells what is liked, the ranker is learned, beats the fixed
// weights beyond doubt, and is put into the bundle; where no column does, or there is too little to tell, it is not.
func TestSearchRankerIsAccepted(t *testing.T) {
	for _, c := range []struct {
		name   string
		n      int
		told   float64
		serves bool
		note   string
	}{
		{"told", 60, .9, true, "the ranker serves"},
		{"told in half of the searches", 200, .5, true, "the ranker serves"},
		{"not told", 200, 0, false, "the ranker is refused"},
		{"too few", leastGroups - 1, .9, false, "the fixed weights stand"},
	} {
		tr := searched(t, c.n, c.told)
		if err := tr.rankSearch(context.Background()); err != nil {
			t.Fatal(err)
		}
		card, gain := tr.search.card, tr.metrics["search.gain.ndcg@10"]
		if (card.Ranker != nil) != c.serves || c.serves != (len(card.Columns) == 5) || c.serves && gain.Low <= 0 {
			t.Errorf("%s: ranker %v, gain %+v", c.name, card.Ranker != nil, gain)
		}
		if len(tr.notes) == 0 || !strings.Contains(tr.notes[len(tr.notes)-1], c.note) {
			t.Errorf("%s: notes %q", c.name, tr.notes)
		}
		if !c.serves {
			continue
		}
		// What was accepted scores as it was judged.
		m := rank.NewSearchModel(card.Columns, rank.ByWords)
		if err := m.Swap(card.Ranker, "v", card.Columns); err != nil {
			t.Fatal(err)
		}
		high, low := tr.search.groups[0].cands[0], tr.search.groups[0].cands[0]
		high.Features, low.Features = []float32{.5, 0, .5, .5, 1}, []float32{.5, 0, .5, .5, 0}
		pair := []bowerbird.Candidate{low, high}
		m.Score(new(bowerbird.Request), pair)
		if pair[1].Score <= pair[0].Score {
			t.Errorf("%s: %v", c.name, pair)
		}
	}
}
