package eval_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"bowerbird/eval"
)

func near(t *testing.T, name string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-12 {
		t.Errorf("%s = %.15f, want %.15f", name, got, want)
	}
}

// Worked by hand: list 5 1 9 2, relevant 1 2 7, k = 4: hits at places 2 and 4.
func TestListMetrics(t *testing.T) {
	list, rel := []uint32{5, 1, 9, 2}, eval.Binary(1, 2, 7)
	d := func(place float64) float64 { return 1 / math.Log2(place+1) }
	near(t, "Recall", eval.Recall(list, rel, 4), 2.0/3)
	near(t, "Precision", eval.Precision(list, rel, 4), 0.5)
	near(t, "Precision@8 of 4", eval.Precision(list, rel, 8), 0.25)
	near(t, "HR", eval.HitRate(list, rel, 1), 0)
	near(t, "HR", eval.HitRate(list, rel, 2), 1)
	near(t, "MRR", eval.ReciprocalRank(list, rel, 4), 0.5)
	near(t, "MAP", eval.AveragePrecision(list, rel, 4), (0.5+0.5)/3)
	near(t, "NDCG", eval.NDCG(list, rel, 4), (d(2)+d(4))/(d(1)+d(2)+d(3)))
	near(t, "NDCG@1: ideal over min(k, test)", eval.NDCG([]uint32{1}, rel, 1), 1)
	graded := eval.Relevant{1: 2, 2: 3, 7: 1, 9: 0}
	near(t, "graded linear", eval.GradedNDCG(list, graded, 4, nil), (2*d(2)+3*d(4))/(3*d(1)+2*d(2)+1*d(3)))
	near(t, "graded exponential", eval.GradedNDCG(list, graded, 4, eval.ExponentialGain), (3*d(2)+7*d(4))/(7*d(1)+3*d(2)+1*d(3)))
	near(t, "repeated hit counts once", eval.Recall([]uint32{1, 1, 1}, rel, 3), 1.0/3)
	for name, f := range map[string]func([]uint32, eval.Relevant, int) float64{"Recall": eval.Recall, "Precision": eval.Precision,
		"HR": eval.HitRate, "MRR": eval.ReciprocalRank, "MAP": eval.AveragePrecision, "NDCG": eval.NDCG} {
		near(t, name+" of an empty list", f(nil, rel, 4), 0)
		near(t, name+" without truth", f(list, nil, 4), 0)
		near(t, name+" at 0", f(list, rel, 0), 0)
		near(t, name+" at -1", f(list, rel, -1), 0)
	}
}

func TestBeyondAccuracy(t *testing.T) {
	near(t, "Coverage", eval.Coverage([][]uint32{{0, 1, 3}, {1, 2}}, 2, 4), 0.75)
	near(t, "Gini even", eval.Gini([]float64{3, 3, 3}), 0)
	near(t, "Gini one takes all", eval.Gini([]float64{0, 0, 0, 8}), 0.75)
	near(t, "Gini nothing shown", eval.Gini([]float64{0, 0}), 0)
	near(t, "Novelty", eval.Novelty([]uint32{0, 1, 9}, 3, []uint32{8, 2}, 8), (0+2+3)/3.0)
	dist := func(a, b uint32) float64 { return math.Abs(float64(a) - float64(b)) }
	near(t, "Diversity", eval.IntraListDiversity([]uint32{1, 2, 4}, 3, dist), (1+3+2)/3.0)
	near(t, "Diversity of one", eval.IntraListDiversity([]uint32{1}, 3, dist), 0)
}

func TestJudge(t *testing.T) {
	p, y := []float64{0.1, 0.4, 0.4, 0.8}, []bool{false, true, false, true}
	r, err := eval.Judge(p, y, 2)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "AUC with a tie", r.AUC, 3.5/4)
	near(t, "AUC", eval.AUC(p, y), 3.5/4)
	near(t, "logloss", r.LogLoss, -(math.Log(.9)+math.Log(.4)+math.Log(.6)+math.Log(.8))/4)
	near(t, "base", r.BaseLoss, math.Ln2)
	near(t, "ratio", r.Ratio, 1.7/2)
	near(t, "ECE", r.ECE, 0.5*math.Abs(0.25-0.5)+0.5*math.Abs(0.6-0.5))
	if one, _ := eval.Judge([]float64{.5}, []bool{true}, 0); !math.IsNaN(one.AUC) || !one.Degenerate {
		t.Errorf("one class: AUC %v degenerate %v", one.AUC, one.Degenerate)
	}
	for name, bad := range map[string][]float64{"NaN": {math.NaN()}, "above 1": {1.1}, "negative": {-.1}, "length": {.1, .2}, "none": {}} {
		if _, err := eval.Judge(bad, []bool{true}[:min(1, len(bad))], 0); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func events() []eval.Interaction {
	var all []eval.Interaction
	for u := range uint32(200) {
		for i := range uint32(10) {
			all = append(all, eval.Interaction{User: u, Item: (u*7 + i*3) % 50, Time: int64(100*i + u), Value: float32(1 + (u+i)%5)})
		}
	}
	return all
}

func TestSplits(t *testing.T) {
	all := append(events(), eval.Interaction{User: 900, Item: 1, Time: 5}, eval.Interaction{User: 900, Item: 2, Time: 6})
	s := eval.LeaveOneOut(all)
	if len(s.Test) != 200 || len(s.Valid) != 200 || len(s.Train) != len(all)-400 {
		t.Fatalf("leave-one-out: %d/%d/%d", len(s.Train), len(s.Valid), len(s.Test))
	}
	if s.Test[3].Time != 903 || s.Valid[3].Time != 803 {
		t.Errorf("leave-one-out took times %d and %d of user 3", s.Test[3].Time, s.Valid[3].Time)
	}
	cut := eval.TimeAt(all, .8)
	s, err := eval.Temporal(all, cut, cut)
	if err != nil || len(s.Valid) != 0 || len(s.Train)+len(s.Test) != len(all) {
		t.Fatalf("temporal: %v %d/%d/%d", err, len(s.Train), len(s.Valid), len(s.Test))
	}
	if q := float64(len(s.Train)) / float64(len(all)); math.Abs(q-.8) > .01 {
		t.Errorf("temporal: %.3f of the log lies below TimeAt(.8)", q)
	}
	for _, x := range s.Train {
		if x.Time >= cut {
			t.Fatalf("temporal: a training interaction at %d, cut %d", x.Time, cut)
		}
	}
	if _, err := eval.Temporal(all, 2, 1); err == nil {
		t.Error("temporal: cuts in the wrong order were taken")
	}
	a, _ := eval.Holdout(all, .5, .2, 1)
	backwards := slices.Clone(all)
	slices.Reverse(backwards)
	b, _ := eval.Holdout(backwards, .5, .2, 1)
	if !slices.Equal(a.Test, b.Test) || !slices.Equal(a.Train, b.Train) {
		t.Error("hold-out depends on the order of the input")
	}
	if n := len(a.Test); n < 120 || n > 280 {
		t.Errorf("hold-out took %d of 2,000, expected about 200", n)
	}
	if _, err := eval.Holdout(all, 0, .2, 1); err == nil {
		t.Error("hold-out: no users was taken")
	}
	if _, leak := eval.Given(all[:10], all[9:12]); leak != 1 {
		t.Errorf("given: %d leaks, want 1", leak)
	}
}

func TestEvaluate(t *testing.T) {
	queries := eval.Queries([]eval.Interaction{{User: 4, Item: 1, Value: 5}, {User: 2, Item: 3, Value: 4}, {User: 2, Item: 9, Value: 2},
		{User: 7, Item: 1, Value: 1}, {User: 8, Item: 2, Value: 4}}, 4)
	rank := func(_ context.Context, u uint32) ([]uint32, error) {
		switch u {
		case 8:
			return nil, fmt.Errorf("no row: %w", eval.ErrUnseen)
		case 2:
			return []uint32{3, 1}, nil
		}
		return []uint32{0, 1}, nil
	}
	var last, total int
	o := eval.Options{K: 2, Items: 10, Counts: make([]uint32, 10), Users: 4, Progress: func(d, n int) { last, total = d, n },
		Distance: func(a, b uint32) float64 { return 1 }}
	r, err := eval.Evaluate(context.Background(), rank, queries, o)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(r.Users, []uint32{2, 4, 8}) || r.Skipped != 1 || r.Unseen != 1 || last != 3 || total != 3 {
		t.Errorf("users %v skipped %d unseen %d progress %d/%d", r.Users, r.Skipped, r.Unseen, last, total)
	}
	near(t, "Recall", r.Mean(eval.MetricRecall), 2.0/3)
	near(t, "MRR", r.Mean(eval.MetricMRR), (1+.5)/3)
	near(t, "Coverage", r.Coverage, .3)
	near(t, "Novelty", r.Mean(eval.MetricNovelty), 4.0/3)
	if len(r.Metrics()) != 8 {
		t.Errorf("metrics %v", r.Metrics())
	}
	boom := errors.New("boom")
	for name, bad := range map[string]eval.Ranker{
		"repeats":  func(context.Context, uint32) ([]uint32, error) { return []uint32{1, 1}, nil },
		"outside":  func(context.Context, uint32) ([]uint32, error) { return []uint32{10}, nil },
		"an error": func(context.Context, uint32) ([]uint32, error) { return nil, boom },
	} {
		if _, err := eval.Evaluate(context.Background(), bad, queries, o); err == nil {
			t.Errorf("a ranker that returns %s was taken", name)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := eval.Evaluate(ctx, rank, queries, o); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if r, err := eval.Evaluate(context.Background(), rank, nil, o); err != nil || len(r.Users) != 0 {
		t.Errorf("no queries: %v", err)
	}
}

func TestEvaluateDoesNotDependOnWorkers(t *testing.T) {
	s, _ := eval.Holdout(events(), 1, .3, 7)
	rank := func(_ context.Context, u uint32) ([]uint32, error) {
		return []uint32{u % 50, (u + 1) % 50, (u + 9) % 50}, nil
	}
	var got []string
	for _, w := range []int{1, 8} {
		r, err := eval.Evaluate(context.Background(), rank, eval.Queries(s.Test, 3), eval.Options{Workers: w, Items: 50})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.String())
	}
	if got[0] != got[1] {
		t.Errorf("one worker:\n%s\neight:\n%s", got[0], got[1])
	}
}

func TestIntervalsAndCompare(t *testing.T) {
	a, b := &eval.Report{K: 10, Values: map[eval.Metric][]float64{}}, &eval.Report{K: 10, Values: map[eval.Metric][]float64{}}
	var va, vb, vc []float64
	for u := range uint32(400) {
		x := float64((u*37)%100) / 100
		a.Users = append(a.Users, u)
		va, vb, vc = append(va, x), append(vb, x+.02+.1*math.Sin(float64(u))), append(vc, x+.1*math.Sin(float64(u)))
	}
	b.Users = a.Users
	a.Values["NDCG"], b.Values["NDCG"] = va, vb
	n, s := a.Estimate("NDCG"), a.Bootstrap("NDCG", 2000, 1)
	if math.Abs(n.Low-s.Low) > .003 || math.Abs(n.High-s.High) > .003 {
		t.Errorf("normal %v and bootstrap %v intervals disagree", n, s)
	}
	c, err := eval.Compare(a, b, "NDCG", 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if c.P > .01 || c.Low <= 0 || math.Abs(c.Difference-.02) > .002 || c.Wins+c.Losses != 400 {
		t.Errorf("a real difference: %+v", c)
	}
	if again, _ := eval.Compare(a, b, "NDCG", 0, 1); again != c {
		t.Error("the same seed gave another answer")
	}
	b.Values["NDCG"] = vc
	if c, _ := eval.Compare(a, b, "NDCG", 0, 1); c.P < .05 || c.Low > 0 {
		t.Errorf("no difference: %+v", c)
	}
	if c, _ := eval.Compare(a, a, "NDCG", 0, 1); c.P != 1 || c.Difference != 0 {
		t.Errorf("a system with itself: %+v", c)
	}
	other := &eval.Report{K: 10, Users: a.Users[1:], Values: map[eval.Metric][]float64{"NDCG": va[1:]}}
	if _, err := eval.Compare(a, other, "NDCG", 0, 1); err == nil {
		t.Error("other users were compared")
	}
	if _, err := eval.Compare(a, b, "Recall", 0, 1); err == nil {
		t.Error("a missing metric was compared")
	}
}

func ExampleEvaluate() {
	test := []eval.Interaction{{User: 0, Item: 3, Value: 5}, {User: 1, Item: 2, Value: 4}}
	popular := func(context.Context, uint32) ([]uint32, error) { return []uint32{2, 0, 3}, nil }
	r, err := eval.Evaluate(context.Background(), popular, eval.Queries(test, 4), eval.Options{K: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("Recall@2 %.2f, NDCG@2 %.2f over %d users\n", r.Mean(eval.MetricRecall), r.Mean(eval.MetricNDCG), len(r.Users))
	// Output: Recall@2 0.50, NDCG@2 0.50 over 2 users
}
