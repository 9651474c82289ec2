package train

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"bowerbird"
	"bowerbird/eval"
	"bowerbird/model"
	"bowerbird/rank"
)

// scorer is a ranker that orders by one feature.
func scorer(t *testing.T, sign float32) *model.Logistic {
	t.Helper()
	l, err := model.LogisticRegression{}.Fit(context.Background(), model.Rows{Features: 1, X: []float32{sign, sign, -sign, -sign}, Y: []bool{true, true, false, false}}, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// pages are pages of ten candidates, 1..10 in fused order, with the feature x
// rising with the item; people like item 10, which stands last.
func pages(n int, judge bool) []group {
	out := make([]group, n)
	for i := range out {
		g := group{moment: moment{offset: uint64(i + 2), user: uint32(i/2 + 1), relevant: []uint32{10}, judge: judge}, sources: []string{"popular", "learned"}, found: []int{1, 0}, hydrated: 1}
		for x := range 10 {
			c := bowerbird.Candidate{Item: bowerbird.ItemID(x + 1), Features: []float32{float32(x)}, Score: 1 / float32(x+1), From: []bowerbird.Found{{Source: 0, Rank: uint16(x + 1)}}}
			g.cands = append(g.cands, c)
			g.popular = append(g.popular, uint32(x+1))
		}
		out[i] = g
	}
	return out
}

func judging(t *testing.T, groups []group) *training {
	t.Helper()
	o := Options{}
	o.defaults()
	return &training{o: o, groups: groups, house: newHouse(), features: []string{"x"}, choice: &model.Choice{}}
}

func TestRankerIsRefusedWhenWorseThanFusion(t *testing.T) {
	for _, c := range []struct {
		liked uint32
		kept  bool
	}{{10, true}, {1, false}} { // the ranker turns the fused order round
		tr := judging(t, pages(12, true))
		for i := range tr.groups {
			tr.groups[i].moment.relevant = []uint32{c.liked}
		}
		tr.ranker = scorer(t, 1)
		if err := tr.judge(context.Background()); err != nil {
			t.Fatal(err)
		}
		if (tr.ranker != nil) != c.kept {
			t.Errorf("liked %d: kept %v, want %v", c.liked, tr.ranker != nil, c.kept)
		}
		said := slices.ContainsFunc(tr.notes, func(s string) bool { return strings.Contains(s, "the ranker is refused") })
		if said == c.kept {
			t.Errorf("liked %d: notes %q", c.liked, tr.notes)
		}
		var names []string
		ndcg := map[string]float64{}
		for _, s := range tr.result.Funnel.Systems {
			names = append(names, s.Name)
			ndcg[s.Name] = s.NDCG.Mean
		}
		if want := []string{"popularity", "learned", "fused", "ranked", "funnel"}; !slices.Equal(names, want) {
			t.Errorf("systems %v, want %v", names, want)
		}
		fused, funnel := 1/math.Log2(11), 1.0 // the tenth of ten
		if !c.kept {
			fused = 1
		}
		if math.Abs(ndcg["fused"]-fused) > 1e-12 || math.Abs(ndcg["funnel"]-funnel) > 1e-12 || ndcg["learned"] != 0 {
			t.Errorf("liked %d: %v", c.liked, ndcg)
		}
		if st := tr.result.Funnel.Stages; len(st) != 4 || st[0].Recall.Mean != 1 || st[1].Recall.Mean != 0 || st[0].Items != 10 || st[1].Items != 0 || st[3].Recall.Mean != 1 {
			t.Errorf("stages %+v", tr.result.Funnel.Stages)
		}
		if !tr.result.Promoted || tr.result.Why != "" {
			t.Errorf("liked %d: refused: %s", c.liked, tr.result.Why)
		}
	}
}

func TestPromotion(t *testing.T) {
	good, bad := scorer(t, 1), scorer(t, -1)
	card := rank.Card{Features: []string{"x"}}
	flat := func(v float64) []float64 { return slices.Repeat([]float64{v}, 12) }
	for name, c := range map[string]struct {
		current         *rank.Bundle
		popular, funnel []float64
		why             string // "" promoted
	}{
		"first":                           {nil, flat(.2), flat(.3), ""},
		"as good as popularity":           {nil, flat(.2), flat(.2), ""},
		"below popularity":                {nil, flat(.2), flat(.19), "NDCG@10 0.1900 is below popularity's 0.2000"},
		"not a number":                    {nil, flat(.2), flat(math.NaN()), "its measure is not finite"},
		"infinite":                        {nil, flat(.2), flat(math.Inf(1)), "its measure is not finite"},
		"worse than what serves":          {&rank.Bundle{Card: card, Ranker: good}, flat(.2), flat(.9), "NDCG@10 0.9000 on the last part of the log; what serves now reaches 1.0000"},
		"within noise of what serves":     {&rank.Bundle{Card: card, Ranker: good}, flat(.2), flat(.9901), ""},
		"better than what serves":         {&rank.Bundle{Card: card, Ranker: bad}, flat(.2), flat(.9), ""},
		"what serves is of other columns": {&rank.Bundle{Card: rank.Card{Features: []string{"y"}}, Ranker: good}, flat(.2), flat(.9), ""},
		"fusion serves, and better":       {&rank.Bundle{}, flat(.2), flat(.25), "NDCG@10 0.2500 on the last part of the log; what serves now reaches 0.2891"},
	} {
		tr := judging(t, pages(12, true))
		tr.o.Current, tr.result, tr.metrics = c.current, new(Result), map[string]eval.Estimate{}
		if err := tr.decide(context.Background(), tr.groups, c.popular, c.funnel); err != nil {
			t.Fatal(err)
		}
		if tr.result.Promoted != (c.why == "") || tr.result.Why != c.why {
			t.Errorf("%s: promoted %v, why %q, want %q", name, tr.result.Promoted, tr.result.Why, c.why)
		}
		if want := "promoted:"; c.why == "" && !strings.HasPrefix(tr.notes[len(tr.notes)-1], want) {
			t.Errorf("%s: notes %q", name, tr.notes)
		}
	}
}

// TestNobodyReturns: without a page to judge by, what serves stays, and no ranker
// is put in place.
func TestNobodyReturns(t *testing.T) {
	for _, current := range []*rank.Bundle{nil, {}} {
		tr := judging(t, pages(12, false))
		tr.o.Current, tr.ranker, tr.lambda = current, scorer(t, 1), .3
		if err := tr.judge(context.Background()); err != nil {
			t.Fatal(err)
		}
		if tr.result.Promoted != (current == nil) || !strings.Contains(tr.result.Why, "could not be judged") || tr.ranker != nil || tr.lambda != 0 {
			t.Errorf("current %v: %+v, ranker %v", current, tr.result, tr.ranker)
		}
	}
}

// TestDiversityCostsLittle: reordering by residue puts item 10 first among the
// even ones; λ is taken only where that costs next to nothing.
func TestDiversityCostsLittle(t *testing.T) {
	free, dear := pages(12, false), pages(12, false)
	for i := range dear {
		dear[i].moment.relevant = []uint32{9} // odd: diversity puts it in the second half
	}
	for name, c := range map[string]struct {
		groups []group
		want   float32
	}{"free": {free, .3}, "dear": {dear, 0}} {
		tr := judging(t, c.groups)
		tr.ranker = scorer(t, 1)
		got, err := tr.diversity(context.Background(), c.groups)
		if err != nil || got != c.want {
			t.Errorf("%s: λ = %g (%v), want %g", name, got, err, c.want)
		}
	}
}

func TestRows(t *testing.T) {
	groups := pages(3, false)
	for x := range 100 { // more than are drawn
		groups[1].cands = append(groups[1].cands, bowerbird.Candidate{Item: bowerbird.ItemID(x + 11), Features: []float32{1}})
	}
	groups[2].moment.judge = true
	tr := judging(t, groups)
	r := tr.rowsOf(false)
	if !slices.Equal(r.starts, []int{0, 10}) || len(r.y) != 10+1+negatives || len(r.x) != len(r.y) || len(r.w) != len(r.y) {
		t.Fatalf("starts %v, %d rows, %d numbers", r.starts, len(r.y), len(r.x))
	}
	for i, want := range []float64{9, 109} { // the weights of the negatives stand for all of them
		sum, positives := 0.0, 0
		end := append(slices.Clone(r.starts), len(r.y))[i+1]
		for k := r.starts[i]; k < end; k++ {
			if r.y[k] {
				positives++
				if r.w[k] != 1 || r.x[k] != 9 {
					t.Errorf("page %d: the liked item has weight %g and feature %g", i, r.w[k], r.x[k])
				}
			} else {
				sum += float64(r.w[k])
			}
		}
		if math.Abs(sum-want) > 1e-3 || positives != 1 {
			t.Errorf("page %d: negatives weigh %g, want %g; %d positives", i, sum, want, positives)
		}
	}
	if again := tr.rowsOf(false); !slices.Equal(again.x, r.x) {
		t.Error("the same seed draws other rows")
	}
	if judge := tr.rowsOf(true); len(judge.groups) != 1 || len(judge.y) != 10 {
		t.Errorf("%d pages judge", len(judge.groups))
	}
	tr.groups[0].cands[3].Features[0] = float32(math.NaN())
	tr.groups[0].cands[4].Features[0] = float32(math.Inf(-1))
	if left := tr.rowsOf(false); len(left.y) != len(r.y)-2 {
		t.Errorf("%d rows, want those that are finite: %d", len(left.y), len(r.y)-2)
	}
}

// TestHalves: every page is in one half with its rows, and a person in one only.
func TestHalves(t *testing.T) {
	tr := judging(t, pages(60, false))
	for i := range tr.groups {
		for k := range tr.groups[i].cands {
			tr.groups[i].cands[k].Features[0] = float32(i) // rows tell their page
		}
	}
	all := tr.rowsOf(false)
	halves := all.halves(1)
	side := map[uint32]int{}
	n := 0
	for h, half := range halves {
		n += len(half.groups)
		if len(half.groups) < 15 {
			t.Errorf("half %d has %d of 60 pages", h, len(half.groups))
		}
		at := 0
		for _, g := range half.groups {
			if s, ok := side[g.moment.user]; ok && s != h {
				t.Errorf("person %d is in both halves", g.moment.user)
			}
			side[g.moment.user] = h
			for range 10 {
				if half.x[at] != float32(g.moment.offset-2) {
					t.Fatalf("half %d: row %d is of page %g, want %d", h, at, half.x[at], g.moment.offset-2)
				}
				at++
			}
		}
		if at != len(half.y) || at != len(half.w) {
			t.Errorf("half %d: %d labels for %d rows", h, len(half.y), at)
		}
	}
	if n != 60 {
		t.Errorf("%d pages in the halves, want 60", n)
	}
}

// TestIntervalsCountPeople: four equal moments of each person say as much as one.
func TestIntervalsCountPeople(t *testing.T) {
	var once, four []group
	var a, b []float64
	for u := range 50 {
		v := float64(u%5) / 5
		once, a = append(once, group{moment: moment{user: uint32(u)}}), append(a, v)
		for range 4 {
			four, b = append(four, group{moment: moment{user: uint32(u)}}), append(b, v)
		}
	}
	x, y := estimate(once, a), estimate(four, b)
	if math.Abs(x.Mean-y.Mean) > 1e-12 || math.Abs(x.High-y.High) > 1e-12 {
		t.Errorf("one moment each: %v, four equal ones: %v", x, y)
	}
	s := 0.0 // by definition, where everybody gives one
	for _, v := range a {
		s += (v - x.Mean) * (v - x.Mean)
	}
	if want := 1.96 * math.Sqrt(s/49/50); math.Abs(x.High-x.Mean-want) > 1e-12 {
		t.Errorf("half width %g, want %g", x.High-x.Mean, want)
	}
	if e := estimate(once[:1], a[:1]); e.Low != e.High {
		t.Errorf("one person: %v", e)
	}
}
