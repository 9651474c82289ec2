package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"
)

// Case is one user of a validation part: what is known of them and what they turned to.
type Case struct {
	History  []Weighted
	Relevant []uint32
}

// HoldOutOptions shape HoldOut. The zero value works.
type HoldOutOptions struct {
	Least float32 // a held-out cell is relevant if its raw weight is at least this; 0: all
	Users float64 // share of the users that lose cells; 0: half
	Share float64 // share of their cells that they lose; 0: 0.2
	Seed  uint64
}

// HoldOut takes a random validation part out of a matrix: the part to fit on, and a case for each user who lost something
// relevant. The history of a case is the user's row of the part to fit on. The same seed gives the same parts.
func HoldOut(m *Matrix, o HoldOutOptions) (fit *Matrix, cases []Case) {
	if o.Users <= 0 {
		o.Users = 0.5
	}
	if o.Share <= 0 {
		o.Share = 0.2
	}
	fit = &Matrix{users: m.users, items: m.items, ptr: make([]int, 1, m.users+1)}
	for u := range m.users {
		rng := rand.New(rand.NewPCG(o.Seed, uint64(u)))
		picked := rng.Float64() < o.Users
		var c Case
		for p := m.ptr[u]; p < m.ptr[u+1]; p++ {
			if !picked || rng.Float64() >= o.Share {
				fit.copyCell(m, p, m.val[p])
			} else if m.val[p] >= o.Least {
				c.Relevant = append(c.Relevant, m.idx[p])
			}
		}
		fit.ptr = append(fit.ptr, len(fit.idx))
		if len(c.Relevant) > 0 {
			c.History = fit.History(nil, u)
			cases = append(cases, c)
		}
	}
	return fit, cases
}

// LastOut takes the newest cell of everybody who has two or more out of a matrix that is Ordered: the part to fit on, and a
// case for each of them, to choose models of order on.
func LastOut(m *Matrix) (fit *Matrix, cases []Case) {
	fit = &Matrix{users: m.users, items: m.items, ptr: make([]int, 1, m.users+1)}
	var h []Weighted
	for u := range m.users {
		h = m.History(h[:0], u)
		last := len(h) - 1
		for p := m.ptr[u]; p < m.ptr[u+1]; p++ {
			if last < 1 || m.idx[p] != h[last].Item {
				fit.copyCell(m, p, m.val[p])
			}
		}
		fit.ptr = append(fit.ptr, len(fit.idx))
		if last >= 1 {
			cases = append(cases, Case{slices.Clone(h[:last]), []uint32{h[last].Item}})
		}
	}
	return fit, cases
}

// Candidate is a trainer with its settings and the weights it learns from.
type Candidate struct {
	Name    string // for the log; empty: the trainer's
	Trainer Trainer
	Weigh   Weigh
}

// String is what people read: the trainer, its settings that are not the default,
// and how cells below a real liking count.
func (c Candidate) String() string {
	if c.Name != "" {
		return c.Name
	}
	s := c.Trainer.Name()
	var settings map[string]any
	if js, err := json.Marshal(c.Trainer); err == nil && json.Unmarshal(js, &settings) == nil {
		for _, k := range slices.Sorted(maps.Keys(settings)) {
			switch v := settings[k].(type) {
			case float64:
				if v != 0 {
					s += fmt.Sprintf(" %s=%.4g", k, v)
				}
			case string:
				if v != "" {
					s += fmt.Sprintf(" %s=%s", k, v)
				}
			}
		}
	}
	switch {
	case c.Weigh.Least != 0 && c.Weigh.Decay == 1:
		s += ", every cell 1"
	case c.Weigh.Least != 0 && c.Weigh.Decay == 0:
		s += fmt.Sprintf(", cells from %.4g up", c.Weigh.Least)
	case c.Weigh.Least != 0:
		s += fmt.Sprintf(", cells below %.4g at %.4g a step", c.Weigh.Least, c.Weigh.Decay)
	}
	return s
}

// Fit trains the candidate; o.Weigh is replaced by the candidate's.
func (c Candidate) Fit(ctx context.Context, m *Matrix, o Options) (Model, error) {
	o.Weigh = c.Weigh
	return c.Trainer.Fit(ctx, m, o)
}

// ChooseOptions of Choose. The zero value works.
type ChooseOptions struct {
	K            int                                   // cut-off; 0: 10
	Metric       func(list, relevant []uint32) float64 // of one case, higher is better; nil: binary NDCG at K
	Time         time.Duration                         // for all the fitting: what trains when it is used up is stopped; 0: no limit
	MemoryBudget int64                                 // candidates that plan more are skipped; 0: no limit
	Threads      int                                   // 0: GOMAXPROCS
	Seed         uint64
	Log          func(line string)                // every decision, as it is taken; may be nil
	Now          func() time.Time                 // nil: time.Now; only the Time limit and Seconds depend on it
	NoBlend      bool                             // only single models
	Refine       func(best Candidate) []Candidate // neighbours to try around the best of each leading family, such as Around; nil: none
	Families     int                              // leading families that are refined and, one more, blended; 0: 2
	Steps        int                              // neighbours tried for each of them at most; 0: 16
	Thin         int                              // entries above which families are first compared on a sample of the users; 0: 300,000; -1: never
}

// Trial is one line of the table that Choose makes.
type Trial struct {
	Candidate
	Score   float64 // mean of the metric over the cases; NaN if it was not fitted
	Seconds float64 // fitting and measuring
	Bytes   int64   // planned peak
	Verdict string  // what was decided, and why
	cases   []float64
	rung    string
}

// Choice is what Choose found. Fit Best on everything to get the model to serve.
type Choice struct {
	Best    Candidate
	Score   float64
	Floor   float64 // the better of popularity and item-knn
	Leaders []Trial // the best trial of each family that was not dropped, best first
	Models  []Model // of the leaders, fitted on the part to fit on
	Trials  []Trial // in the order tried, popularity first, blends last
}

// Choose fits each candidate on one part, measures it on the cases of the other, and returns the best. Popularity is
// always tried, and nothing that is not better than it is chosen. It goes in three rounds: on large data all candidates are
// compared on a sample of the users, and the lower half of the families is dropped (successive halving, Jamieson and
// Talwalkar, AISTATS 2016, with two rungs; item-knn always stays); the best setting of each family that is left is fitted
// on everything; the leading families are refined, one setting at a time. Afterwards their best are blended, and the blend
// is chosen if it gains at least one standard error of the paired difference over the best single model. Without a Time
// limit the choice depends on the seed only. A candidate that fails is logged and skipped; an ended context is returned.
func Choose(ctx context.Context, fit *Matrix, cases []Case, candidates []Candidate, o ChooseOptions) (*Choice, error) {
	if len(cases) == 0 {
		return nil, fmt.Errorf("choose: %w: no validation cases", ErrEmpty)
	}
	if o.K <= 0 {
		o.K = 10
	}
	if o.Metric == nil {
		o.Metric = func(list, relevant []uint32) float64 { return ndcg(list, relevant, o.K) }
	}
	if o.Log == nil {
		o.Log = func(string) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.Families <= 0 {
		o.Families = 2
	}
	if o.Steps <= 0 {
		o.Steps = 16
	}
	if o.Thin == 0 {
		o.Thin = 300_000
	}
	ctx = withMemo(ctx)
	s := &search{ChooseOptions: o, fit: fit, cases: cases, start: o.Now(), leaders: map[string]*leader{}}
	weigh := Weigh{}
	if len(candidates) > 0 {
		weigh = candidates[0].Weigh
	}
	if err := s.try(ctx, Candidate{Trainer: Popularity{}, Weigh: weigh}); err != nil {
		return nil, err
	}
	if math.IsNaN(s.trials[0].Score) {
		return nil, fmt.Errorf("choose: popularity: %s", s.trials[0].Verdict)
	}
	candidates, err := s.halve(ctx, candidates)
	if err != nil {
		return nil, err
	}
	for _, c := range candidates {
		if err := s.try(ctx, c); err != nil {
			return nil, err
		}
	}
	if err := s.refine(ctx); err != nil {
		return nil, err
	}
	return s.conclude(ctx)
}

// halve compares all candidates on a sample of the users and returns the best of each family of the better half.
func (s *search) halve(ctx context.Context, candidates []Candidate) ([]Candidate, error) {
	if s.Thin < 0 || s.fit.Entries() <= s.Thin || len(candidates) < 2 {
		return candidates, nil
	}
	every := 1 + s.fit.Entries()/s.Thin
	small := &search{ChooseOptions: s.ChooseOptions, fit: s.fit.everyRow(every), cases: s.cases[:min(len(s.cases), 2000)], start: s.start, leaders: map[string]*leader{}, rung: "on a sample of the users, "}
	for _, c := range candidates {
		if err := small.try(ctx, c); err != nil {
			return nil, err
		}
	}
	s.trials = append(s.trials, small.trials...)
	lead := small.leading(len(small.leaders))
	if len(lead) == 0 {
		return candidates, nil
	}
	keep := max((len(lead)+1)/2, min(len(lead), s.Families+1))
	var out []Candidate
	for i, l := range lead {
		if i < keep || l.Trainer.Name() == (ItemKNN{}).Name() {
			out = append(out, l.Candidate)
			continue
		}
		s.Log(fmt.Sprintf("%s: dropped: place %d of %d families on a sample of every %d. user", l.Candidate, i+1, len(lead), every))
	}
	return out, nil
}

// everyRow keeps the rows of every n-th user; the others become empty.
func (m *Matrix) everyRow(n int) *Matrix {
	out := &Matrix{users: m.users, items: m.items, ptr: make([]int, 1, m.users+1)}
	for u := range m.users {
		if u%n == 0 {
			lo, hi := m.ptr[u], m.ptr[u+1]
			out.idx, out.val = append(out.idx, m.idx[lo:hi]...), append(out.val, m.val[lo:hi]...)
		}
		out.ptr = append(out.ptr, len(out.idx))
	}
	return out
}

type search struct {
	ChooseOptions
	fit     *Matrix
	cases   []Case
	start   time.Time
	trials  []Trial
	leaders map[string]*leader // best trial of each family
	rung    string             // said before verdicts
}

type leader struct {
	Trial
	model Model
}

// refine climbs from the best of each leading family, one setting at a time: the first neighbour that is better is moved to,
// and its neighbours are looked at from the start.
func (s *search) refine(ctx context.Context) error {
	if s.Refine == nil {
		return nil
	}
	tried := map[string]bool{}
	for _, t := range s.trials {
		if t.rung == "" {
			tried[t.Candidate.String()] = true
		}
	}
	lead := s.leading(s.Families)
	for _, l := range lead {
		if l.Score < hopeless*lead[0].Score && s.NoBlend {
			s.Log(fmt.Sprintf("%s is not refined: %.4f is far below the %.4f of %s", l.Trainer.Name(), l.Score, lead[0].Score, lead[0].Trainer.Name()))
			continue
		}
		if err := s.climb(ctx, l.Trainer.Name(), tried); err != nil {
			return err
		}
	}
	return nil
}

// hopeless is the share of the leader's score below which a family is not refined where one model is wanted: a climb seldom
// gains a tenth.
const hopeless = .9

func (s *search) climb(ctx context.Context, family string, tried map[string]bool) error {
	for left := s.Steps; ; {
		best := s.leaders[family]
		for _, c := range s.Refine(best.Candidate) {
			if tried[c.String()] {
				continue
			}
			if left--; left < 0 || s.spent() {
				return nil
			}
			tried[c.String()] = true
			if err := s.try(ctx, c); err != nil {
				return err
			}
			if s.leaders[family] != best {
				break
			}
		}
		if s.leaders[family] == best {
			return nil
		}
	}
}

// spent reports whether the time limit is used up.
func (s *search) spent() bool { return s.Time > 0 && s.Now().Sub(s.start) > s.Time }

// try fits and measures one candidate. It returns an error only when the context has ended.
func (s *search) try(ctx context.Context, c Candidate) error {
	t := Trial{Candidate: c, Score: math.NaN(), Bytes: c.Trainer.Memory(s.fit), rung: s.rung}
	began := s.Now()
	defer func() {
		t.Seconds = s.Now().Sub(began).Seconds()
		s.trials = append(s.trials, t)
		s.Log(fmt.Sprintf("%s: %s%s (%.2f s, %.1f MiB planned)", c, s.rung, t.Verdict, t.Seconds, mib(t.Bytes)))
	}()
	if s.Time > 0 && began.Sub(s.start) > s.Time && !s.first() {
		t.Verdict = fmt.Sprintf("skipped: the time limit of %v is used up", s.Time)
		return nil
	}
	m, err := s.limited(ctx, c)
	if ctx.Err() != nil {
		t.Verdict = "stopped"
		return ctx.Err()
	}
	if err != nil {
		t.Verdict = "skipped: " + err.Error()
		if errors.Is(err, context.DeadlineExceeded) {
			t.Verdict = fmt.Sprintf("skipped: was still training when the time limit of %v was used up", s.Time)
		}
		return nil
	}
	t.cases, t.Score = s.measure(ctx, m)
	t.Verdict = fmt.Sprintf("%.4f", t.Score)
	family := c.Trainer.Name()
	if l := s.leaders[family]; l == nil || t.Score > l.Score {
		s.leaders[family] = &leader{t, m}
		t.Verdict += ", best of " + family
	}
	return ctx.Err()
}

// first reports whether nothing was tried yet: popularity always gets through.
func (s *search) first() bool { return len(s.trials) == 0 && s.rung == "" }

// limited fits a candidate within what is left of the time.
func (s *search) limited(ctx context.Context, c Candidate) (Model, error) {
	if s.Time > 0 && !s.first() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.Time-s.Now().Sub(s.start))
		defer cancel()
	}
	return c.Fit(ctx, s.fit, Options{Seed: s.Seed, Threads: s.Threads, MemoryBudget: s.MemoryBudget})
}

// Measure is the mean of binary NDCG at k over cases, each a list without the items of its history: what Choose chooses by.
func Measure(ctx context.Context, m Model, cases []Case, k, threads int) (float64, error) {
	s := &search{cases: cases, ChooseOptions: ChooseOptions{K: k, Threads: max(1, threads),
		Metric: func(list, relevant []uint32) float64 { return ndcg(list, relevant, k) }}}
	_, mean := s.measure(ctx, m)
	return mean, ctx.Err()
}

func (s *search) measure(ctx context.Context, m Model) ([]float64, float64) {
	out := make([]float64, len(s.cases))
	lists := make([][]uint32, len(s.cases))
	// An ended context is seen by try.
	_ = RecommendAll(ctx, m, func(i int) []Weighted { return s.cases[i].History }, len(s.cases), s.K, s.Threads, func(i int, got []Scored) {
		for _, x := range got {
			lists[i] = append(lists[i], x.Item)
		}
		out[i] = s.Metric(lists[i], s.cases[i].Relevant)
	})
	return out, average(out)
}

// leading returns the n best families, best first, popularity left out.
func (s *search) leading(n int) []*leader {
	var all []*leader
	for _, l := range s.leaders {
		if l.Trainer.Name() != "popularity" {
			all = append(all, l)
		}
	}
	slices.SortFunc(all, func(a, b *leader) int {
		if a.Score != b.Score {
			if a.Score > b.Score {
				return -1
			}
			return 1
		}
		return slices.Compare([]byte(a.Trainer.Name()), []byte(b.Trainer.Name()))
	})
	return all[:min(n, len(all))]
}

func (s *search) conclude(ctx context.Context) (*Choice, error) {
	floor := s.trials[0]
	if l := s.leaders[ItemKNN{}.Name()]; l != nil && l.Score > floor.Score {
		floor = l.Trial
	}
	c := &Choice{Best: floor.Candidate, Score: floor.Score, Floor: floor.Score}
	lead := s.leading(len(s.leaders))
	for _, l := range lead {
		c.Leaders, c.Models = append(c.Leaders, l.Trial), append(c.Models, l.model)
	}
	if len(lead) > 0 && lead[0].Score > s.trials[0].Score {
		c.Best, c.Score = lead[0].Candidate, lead[0].Score
		if !s.NoBlend && len(lead) > 1 {
			b, err := s.blend(ctx, lead[:min(len(lead), s.Families+1)])
			if err != nil {
				return nil, err
			}
			gain, se := paired(b.cases, lead[0].cases)
			if gain > se && gain > 0 {
				b.Verdict += fmt.Sprintf(", chosen: gains %.4f over the best single model (standard error %.4f)", gain, se)
				c.Best, c.Score = b.Candidate, b.Score
			} else {
				b.Verdict += fmt.Sprintf(", not chosen: gains only %.4f over the best single model (standard error %.4f)", gain, se)
			}
			s.trials = append(s.trials, b)
			s.Log(fmt.Sprintf("%s: %s", b.Candidate, b.Verdict))
		}
	} else {
		s.Log(fmt.Sprintf("nothing beats popularity (%.4f): popularity it is", s.trials[0].Score))
	}
	c.Trials = s.trials
	s.Log(fmt.Sprintf("chosen: %s with %.4f, the better of popularity and item-knn has %.4f", c.Best, c.Score, c.Floor))
	return c, ctx.Err()
}

// paired returns the mean of a - b and its standard error.
func paired(a, b []float64) (gain, se float64) {
	n := float64(len(a))
	for i := range a {
		gain += (a[i] - b[i]) / n
	}
	for i := range a {
		d := a[i] - b[i] - gain
		se += d * d
	}
	return gain, math.Sqrt(se / max(1, n-1) / n)
}

func average(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s / float64(len(v))
}

// ndcg is binary NDCG at k, for choosing only; package eval is for measuring.
func ndcg(list, relevant []uint32, k int) float64 {
	dcg, ideal := 0.0, 0.0
	for i, it := range list[:min(k, len(list))] {
		if slices.Contains(relevant, it) {
			dcg += 1 / math.Log2(float64(i)+2)
		}
	}
	for i := range min(k, len(relevant)) {
		ideal += 1 / math.Log2(float64(i)+2)
	}
	return dcg / ideal
}
