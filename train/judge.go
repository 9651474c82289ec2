package train

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"bowerbird"
	"bowerbird/eval"
	"bowerbird/model"
	"bowerbird/rank"
)

// rank fits the ranker on the choosing part and picks the diversity. Which
// columns it may use is chosen by two-fold cross-validation within that part. The
// best single source, in its own order, is what has to be beaten: a ranker or the
// fused order serves only if it gains more than a standard error over it, since on
// little data what many columns gain is often luck.
func (t *training) rank(ctx context.Context) error {
	all := t.rowsOf(false)
	folds := all.halves(t.o.Seed)
	groups := slices.Concat(folds[0].groups, folds[1].groups)
	single, err := t.bestSource(ctx, all, groups)
	if err != nil {
		return err
	}
	fused, err := t.ndcg(ctx, groups, func(g *group) []uint32 { return t.arranged(g, nil, 0) })
	if err != nil {
		return err
	}
	t.note("the sources fused by rank: NDCG@10 %.4f", mean(fused))
	best, score := -1, fused
	for i, v := range variants {
		got, err := t.crossed(ctx, folds, v.keep)
		if err != nil {
			return err
		}
		if got == nil {
			continue
		}
		t.note("a ranker of %s: NDCG@10 %.4f by cross-validation", v.name, mean(got))
		if mean(got) >= mean(score) {
			best, score = i, got
		}
	}
	if best >= 0 {
		t.ranker, err = t.logistic(ctx, all, variants[best].keep)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		t.note("no ranker: %v", err)
		score = fused
	case best < 0:
		t.note("no ranker: the fused sources order better, or it could not be fitted")
	default:
		t.note("the ranker uses %s", variants[best].name)
	}
	if gain, se := difference(groups, score, single); single != nil && gain <= se {
		t.note("it gains %.4f over the source %s alone (standard error %.4f): that source orders the page", gain, t.single.name, se)
		t.ranker = t.single.ranker
	}
	t.lambda, err = t.diversity(ctx, all.groups)
	return err
}

// crossed are the pages' NDCG@10 by a ranker of the other fold, in the order of
// the folds; nil if one could not be fitted.
func (t *training) crossed(ctx context.Context, folds [2]*rows, keep func(string) bool) ([]float64, error) {
	var out []float64
	for f := range folds {
		l, err := t.logistic(ctx, folds[1-f], keep)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			return nil, nil
		}
		n, err := t.ndcg(ctx, folds[f].groups, func(g *group) []uint32 { return t.arranged(g, l, 0) })
		if err != nil {
			return nil, err
		}
		out = append(out, n...)
	}
	return out, nil
}

// variants are the sets of columns that a ranker may use, widest first.
var variants = []struct {
	name string
	keep func(column string) bool
}{
	{"all columns", func(string) bool { return true }},
	{"what the sources say", func(c string) bool { return strings.HasSuffix(c, ".score") || strings.HasSuffix(c, ".rank") }},
}

// support is the share of candidates, by weight, for which a column must say
// something if the ranker is to use it. A column that speaks once in a hundred
// times is learned from a handful of likes, and where it speaks more often in
// serving than it did in training it decides the page: Amazon Beauty's feed began
// with whatever was newest (NDCG@10 .0235).
const support = .01

// supported tells which columns have it.
func (r *rows) supported(columns int) []bool {
	speaks, all := make([]float64, columns), 0.0
	for i, w := range r.w {
		all += float64(w)
		for f, v := range r.x[i*columns : (i+1)*columns] {
			if v != 0 {
				speaks[f] += float64(w)
			}
		}
	}
	out := make([]bool, columns)
	for f := range out {
		out[f] = speaks[f] >= support*all
	}
	return out
}

// logistic fits on rows with the columns that are not kept, or have no support,
// set to zero, whose weights then stay zero.
func (t *training) logistic(ctx context.Context, r *rows, keep func(string) bool) (*model.Logistic, error) {
	x := slices.Clone(r.x)
	n := len(t.features)
	supported := r.supported(n)
	for f, name := range t.features {
		if keep(name) && supported[f] {
			continue
		}
		for i := f; i < len(x); i += n {
			x[i] = 0
		}
	}
	return model.LogisticRegression{L2: 1e-3}.Fit(ctx, model.Rows{Features: n, X: x, Y: r.y, Weight: r.w}, model.Options{Seed: t.o.Seed})
}

// diversities are tried from the strongest; the first that costs at most
// diversityCost of NDCG@10 on the choosing part, a standard error of the
// difference included, is taken.
var diversities = []float32{.3, .2, .15, .1, .05}

// Nor may it cost more than the ranker gains over the best source alone: the page
// that serves is not below that source.
const diversityCost = .005

func (t *training) diversity(ctx context.Context, groups []group) (float32, error) {
	plain, err := t.ndcg(ctx, groups, func(g *group) []uint32 { return t.arranged(g, t.ranker, 0) })
	if err != nil {
		return 0, err
	}
	budget := diversityCost * mean(plain)
	if t.single != nil {
		budget = min(budget, mean(plain)-t.single.ndcg)
	}
	for _, lambda := range diversities {
		got, err := t.ndcg(ctx, groups, func(g *group) []uint32 { return t.arranged(g, t.ranker, lambda) })
		if err != nil {
			return 0, err
		}
		loss := make([]float64, len(got))
		for i := range got {
			loss[i] = plain[i] - got[i]
		}
		if mean(loss)+deviation(groups, loss) <= budget {
			t.note("diversity λ = %g costs %.2f %% of NDCG@10 (%.4f of %.4f)", lambda, 100*(1-mean(got)/max(mean(plain), 1e-12)), mean(got), mean(plain))
			return lambda, nil
		}
	}
	t.note("no diversity: every λ costs more than %.2f %% of NDCG@10", 100*budget/max(mean(plain), 1e-12))
	return 0, nil
}

// order scores a page's candidates with a ranker and returns them best first; a
// nil ranker leaves the fused order.
func order(g *group, l *model.Logistic) []bowerbird.Candidate {
	c := slices.Clone(g.cands)
	if l == nil {
		return c
	}
	for i := range c {
		c[i].Score = float32(l.Logit(c[i].Features))
	}
	slices.SortStableFunc(c, func(a, b bowerbird.Candidate) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	return c
}

// arranged is the page of 25 that a ranker and a diversity give.
func (t *training) arranged(g *group, l *model.Logistic, lambda float32) []uint32 {
	c := order(g, l)
	if t.house != nil {
		c = t.house.Arrange(&g.request, c, 25, lambda)
	}
	out := make([]uint32, min(25, len(c)))
	for i := range out {
		out[i] = uint32(c[i].Item)
	}
	return out
}

func (t *training) ndcg(ctx context.Context, groups []group, list func(*group) []uint32) ([]float64, error) {
	n, _, err := t.measure(ctx, groups, list)
	return n, err
}

// measure returns NDCG@10 and recall@10 of each page's list, which list makes from
// several threads at once.
func (t *training) measure(ctx context.Context, groups []group, list func(*group) []uint32) (ndcg, recall []float64, err error) {
	ndcg, recall = make([]float64, len(groups)), make([]float64, len(groups))
	threads := max(1, t.o.Threads)
	var wg sync.WaitGroup
	for w := range threads {
		wg.Go(func() {
			for i := w; i < len(groups) && ctx.Err() == nil; i += threads {
				got, want := list(&groups[i]), eval.Binary(groups[i].moment.relevant...)
				ndcg[i], recall[i] = eval.NDCG(got, want, 10), eval.Recall(got, want, 10)
			}
		})
	}
	wg.Wait()
	return ndcg, recall, ctx.Err()
}

// difference is the mean of a - b, page by page, and its standard error; what is
// missing differs by everything.
func difference(groups []group, a, b []float64) (gain, se float64) {
	d := make([]float64, len(a))
	for i := range b {
		d[i] = a[i] - b[i]
	}
	return mean(d), deviation(groups, d)
}

// clearlyWorse tells whether a loses to b by more than two standard errors of the
// difference: what was chosen on the choosing part is not overturned by noise.
func (t *training) clearlyWorse(groups []group, a, b []float64) bool {
	gain, se := difference(groups, a, b)
	return gain < 0 && gain+2*se < 0
}

// System is one way to order a page, measured on the judging part.
type System struct {
	Name         string
	NDCG, Recall eval.Estimate // at 10
}

// Stage is how much of what people went on to like was still there after it.
type Stage struct {
	Name   string
	Recall eval.Estimate
	Items  float64 // mean number of candidates
}

// Funnel is the judgement of the whole on the last part of the log.
type Funnel struct {
	Moments int
	Systems []System // popularity, the learned source, fusion, the ranker, the best source alone, what serves
	Stages  []Stage
}

// judge measures every system and stage on the last part, and decides.
func (t *training) judge(ctx context.Context) error {
	var groups []group
	for _, g := range t.groups {
		if g.moment.judge {
			groups = append(groups, g)
		}
	}
	f := Funnel{Moments: len(groups)}
	t.result = &Result{Trials: t.choice.Trials}
	t.metrics = map[string]eval.Estimate{}
	if len(groups) == 0 {
		t.unjudged()
		return nil
	}
	var failed error
	system := func(name string, list func(*group) []uint32) []float64 {
		n, r, err := t.measure(ctx, groups, list)
		if err != nil {
			failed = err
			return nil
		}
		s := System{name, estimate(groups, n), estimate(groups, r)}
		f.Systems = append(f.Systems, s)
		t.metrics[name+".ndcg@10"], t.metrics[name+".recall@10"] = s.NDCG, s.Recall
		return n
	}
	popular := system("popularity", func(g *group) []uint32 { return g.popular })
	system("learned", func(g *group) []uint32 { return g.learned })
	fused := system("fused", func(g *group) []uint32 { return t.arranged(g, nil, 0) })
	if t.ranker != nil {
		ranked := system("ranked", func(g *group) []uint32 { return t.arranged(g, t.ranker, 0) })
		if failed == nil && t.clearlyWorse(groups, ranked, fused) {
			t.note("the ranker is refused: NDCG@10 %.4f, the fused sources %.4f", mean(ranked), mean(fused))
			t.ranker = nil
		}
	}
	if failed == nil && t.single != nil {
		alone := system("source "+t.single.name, func(g *group) []uint32 { return g.by(t.single.name) })
		served, _, err := t.measure(ctx, groups, func(g *group) []uint32 { return t.arranged(g, t.ranker, t.lambda) })
		if err != nil {
			return err
		}
		if mean(served) < mean(alone) {
			t.note("NDCG@10 %.4f on the last part, the source %s alone has %.4f: it orders the page", mean(served), t.single.name, mean(alone))
			t.ranker, t.lambda = t.single.ranker, 0
		}
	}
	funnel := system("funnel", func(g *group) []uint32 { return t.arranged(g, t.ranker, t.lambda) })
	if failed != nil {
		return failed
	}
	f.Stages = t.stages(groups)
	t.result.Funnel = f
	return t.decide(ctx, groups, popular, funnel)
}

// unjudged is for a log whose last part nobody came back to. What serves now
// stays; where nothing does, the retrieval model serves without a ranker.
func (t *training) unjudged() {
	t.result.Promoted = t.o.Current == nil
	t.ranker, t.lambda = nil, 0
	t.result.Why = "nobody who had acted before acts in the last part of the log: the model could not be judged"
	t.note("%s", t.result.Why)
}

// tolerance is the relative loss of NDCG@10 that passes for noise.
const tolerance = .01

// decide promotes the new bundle unless the funnel is below popularity, or what
// serves now ranks the same pages better. A ranker of other columns cannot serve
// in this program, so it is no rival.
func (t *training) decide(ctx context.Context, groups []group, popular, funnel []float64) error {
	switch {
	case math.IsNaN(mean(funnel)) || math.IsInf(mean(funnel), 0):
		t.result.Why = "its measure is not finite"
	case mean(funnel) < mean(popular):
		t.result.Why = fmt.Sprintf("NDCG@10 %.4f is below popularity's %.4f", mean(funnel), mean(popular))
	default:
		t.result.Promoted = true
	}
	if c := t.o.Current; t.result.Promoted && c != nil && c.Card.Trainer != rank.CatalogueOnly && (c.Ranker == nil || slices.Equal(c.Card.Features, t.features)) {
		old, err := t.ndcg(ctx, groups, func(g *group) []uint32 { return t.arranged(g, c.Ranker, c.Card.Diversity) })
		if err != nil {
			return err
		}
		t.metrics["current.ndcg@10"] = estimate(groups, old)
		if mean(funnel) < (1-tolerance)*mean(old) {
			t.result.Promoted = false
			t.result.Why = fmt.Sprintf("NDCG@10 %.4f on the last part of the log; what serves now reaches %.4f", mean(funnel), mean(old))
		}
	}
	if t.result.Promoted {
		t.note("promoted: the funnel's NDCG@10 is %.4f, popularity's %.4f", mean(funnel), mean(popular))
	} else {
		t.note("refused: %s", t.result.Why)
	}
	return nil
}

// stages follows the relevant items down the funnel.
func (t *training) stages(groups []group) []Stage {
	var out []Stage
	add := func(name string, found func(*group) (relevant, items int)) {
		recall, size := make([]float64, len(groups)), 0.0
		for i := range groups {
			r, n := found(&groups[i])
			recall[i] = float64(r) / float64(len(groups[i].moment.relevant))
			size += float64(n) / float64(len(groups))
		}
		out = append(out, Stage{name, estimate(groups, recall), size})
	}
	for s, name := range groups[0].sources {
		add("source "+name, func(g *group) (int, int) {
			n := 0
			for _, c := range g.cands {
				if slices.ContainsFunc(c.From, func(f bowerbird.Found) bool { return int(f.Source) == s }) {
					n++
				}
			}
			return g.found[s], n
		})
	}
	add("all sources, filtered", func(g *group) (int, int) { return g.hydrated, len(g.cands) })
	add("page of 25", func(g *group) (int, int) {
		list := t.arranged(g, t.ranker, t.lambda)
		n := 0
		for _, x := range list {
			if slices.Contains(g.moment.relevant, x) {
				n++
			}
		}
		return n, len(list)
	})
	return out
}

// refit learns from the whole log with the settings that were chosen.
func (t *training) refit(ctx context.Context) error {
	m, err := t.matrix(t.last+1, true)
	if err != nil {
		return err
	}
	b, err := t.fit(ctx, m)
	if err != nil {
		return err
	}
	if b.Session, err = t.reorder(ctx, m); err != nil {
		return err
	}
	if err := t.refitRelated(ctx, b, m); err != nil {
		return err
	}
	if err := t.fitGraph(ctx, t.house, b); err != nil {
		return err
	}
	if err := t.fitContent(ctx, t.house, b, m); err != nil {
		return err
	}
	b.Ranker = t.ranker
	if err := t.refitSearch(ctx, b); err != nil {
		return err
	}
	if err := t.see(ctx, b); err != nil {
		return err
	}
	if err := t.learnLabels(ctx, b); err != nil {
		return err
	}
	if x := t.unfit(b); x != "" {
		t.result.Promoted, t.result.Why = false, x
		t.note("refused: %s", x)
	}
	now := t.o.Now().UTC()
	b.Card = rank.Card{
		Version: now.Format("20060102-150405.000"), Created: now, Offset: t.last, Trainer: t.choice.Best.String(),
		Retrieval: b.Retrieval.Card(), Diversity: t.lambda, Fusion: t.fused, Search: b.Card.Search, Pictures: b.Card.Pictures, Labels: b.Card.Labels, Metrics: t.metrics, Notes: t.notes,
	}
	if b.Session != nil {
		c := b.Session.Card()
		b.Card.Session = &c
	}
	if b.Related != nil {
		c := b.Related.Card()
		b.Card.Related = &c
	}
	if b.Ranker != nil {
		c := b.Ranker.Card()
		b.Card.Ranker, b.Card.Features = &c, t.features
	}
	t.result.Bundle = b
	return nil
}

func mean(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s / float64(len(v))
}

// estimate is a mean over moments with its normal 95 % interval.
func estimate(groups []group, v []float64) eval.Estimate {
	m, half := mean(v), 1.96*deviation(groups, v)
	return eval.Estimate{Mean: m, Low: m - half, High: m + half, N: len(v)}
}

// deviation is the standard error of the mean of v. Moments of one person go
// together, so it is that of the sums by person, not of the moments (Liang and
// Zeger, Biometrika 1986, with independence as the working model).
func deviation(groups []group, v []float64) float64 {
	m := mean(v)
	at, sums := map[uint32]int{}, []float64{}
	for i, x := range v {
		u := groups[i].moment.user
		k, ok := at[u]
		if !ok {
			k = len(sums)
			at[u], sums = k, append(sums, 0)
		}
		sums[k] += x - m
	}
	people := float64(len(sums))
	if people < 2 {
		return 0
	}
	s := 0.0
	for _, x := range sums {
		s += x * x
	}
	return math.Sqrt(s*people/(people-1)) / float64(len(v))
}

// unfit looks whether the models that would serve, which have learned from more
// than those judged, give finite scores; "" if so.
func (t *training) unfit(b *rank.Bundle) string {
	if l := b.Ranker; l != nil {
		w, bias := l.Weights()
		for _, x := range append(slices.Clone(w), bias) {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return "a weight of the ranker is not finite"
			}
		}
	}
	items := make([]uint32, b.Retrieval.Items())
	for i := range items {
		items[i] = uint32(i)
	}
	score := make([]float32, len(items))
	for _, h := range t.histories(20) {
		b.Retrieval.ScoreItems(h, items, score)
		for _, x := range score {
			if f := float64(x); math.IsNaN(f) || math.IsInf(f, 0) {
				return "a score of the learned source is not finite"
			}
		}
	}
	return ""
}
