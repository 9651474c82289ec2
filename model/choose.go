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
	Refine       func(best Candidate) []Candidate // neighbours to try around the best of each of the two leading families, such as Around; nil: none
}

// Trial is one line of the table that Choose makes.
type Trial struct {
	Candidate
	Score   float64 // mean of the metric over the cases; NaN if it was not fitted
	Seconds float64 // fitting and measuring
	Bytes   int64   // planned peak
	Verdict string  // what was decided, and why
	cases   []float64
}

// Choice is what Choose found. Fit Best on everything to get the model to serve.
type Choice struct {
	Best   Candidate
	Score  float64
	Floor  float64 // of popularity
	Trials []Trial // in the order tried, popularity first, blends last
}

// Choose fits each candidate on one part, measures it on the cases of the other, and returns the best. Popularity is
// always tried, and nothing that is not better than it is chosen. Afterwards the leading models of the three best families
// are blended, and the blend is chosen if it gains at least one standard error of the paired difference over the best
// single model. Without a Time limit the choice depends on the seed only. A candidate that fails is logged and skipped; an
// ended context is returned.
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

type search struct {
	ChooseOptions
	fit     *Matrix
	cases   []Case
	start   time.Time
	trials  []Trial
	leaders map[string]*leader // best trial of each family
}

type leader struct {
	Trial
	model Model
}

// refine climbs from the best of each of the two leading families to its neighbours, at most four times.
func (s *search) refine(ctx context.Context) error {
	if s.Refine == nil {
		return nil
	}
	tried := map[string]bool{}
	for _, t := range s.trials {
		tried[t.Candidate.String()] = true
	}
	for _, l := range s.leading(2) {
		family := l.Trainer.Name()
		for range 4 {
			best := s.leaders[family]
			for _, c := range s.Refine(best.Candidate) {
				if tried[c.String()] {
					continue
				}
				tried[c.String()] = true
				if err := s.try(ctx, c); err != nil {
					return err
				}
			}
			if s.leaders[family] == best {
				break
			}
		}
	}
	return nil
}

// try fits and measures one candidate. It returns an error only when the context has ended.
func (s *search) try(ctx context.Context, c Candidate) error {
	t := Trial{Candidate: c, Score: math.NaN(), Bytes: c.Trainer.Memory(s.fit)}
	began := s.Now()
	defer func() {
		t.Seconds = s.Now().Sub(began).Seconds()
		s.trials = append(s.trials, t)
		s.Log(fmt.Sprintf("%s: %s (%.2f s, %.1f MiB planned)", c, t.Verdict, t.Seconds, mib(t.Bytes)))
	}()
	if s.Time > 0 && began.Sub(s.start) > s.Time && len(s.trials) > 0 {
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

// limited fits a candidate within what is left of the time; the first one, popularity, always gets through.
func (s *search) limited(ctx context.Context, c Candidate) (Model, error) {
	if s.Time > 0 && len(s.trials) > 0 {
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
	blocks(ctx, s.Threads, len(s.cases), 16, nil, func(_, lo, hi int) {
		var got []Scored
		var list []uint32
		for i := lo; i < hi; i++ {
			got = m.Recommend(got[:0], s.cases[i].History, s.K, nil)
			list = list[:0]
			for _, x := range got {
				list = append(list, x.Item)
			}
			out[i] = s.Metric(list, s.cases[i].Relevant)
		}
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
	c := &Choice{Best: floor.Candidate, Score: floor.Score, Floor: floor.Score}
	lead := s.leading(3)
	if len(lead) > 0 && lead[0].Score > floor.Score {
		c.Best, c.Score = lead[0].Candidate, lead[0].Score
		if !s.NoBlend && len(lead) > 1 {
			if b, err := s.blend(ctx, lead); err != nil {
				return nil, err
			} else if gain, se := paired(b.cases, lead[0].cases); gain > se && gain > 0 {
				b.Verdict += fmt.Sprintf(", chosen: gains %.4f over the best single model (standard error %.4f)", gain, se)
				c.Best, c.Score = b.Candidate, b.Score
				s.trials = append(s.trials, b)
			} else {
				b.Verdict += fmt.Sprintf(", not chosen: gains only %.4f over the best single model (standard error %.4f)", gain, se)
				s.trials = append(s.trials, b)
			}
			last := s.trials[len(s.trials)-1]
			s.Log(fmt.Sprintf("%s: %s", last.Candidate, last.Verdict))
		}
	} else {
		s.Log(fmt.Sprintf("nothing beats popularity (%.4f): popularity it is", floor.Score))
	}
	c.Trials = s.trials
	s.Log(fmt.Sprintf("chosen: %s with %.4f, popularity has %.4f", c.Best, c.Score, c.Floor))
	return c, ctx.Err()
}

// blend searches the shares of the leading models on a grid.
func (s *search) blend(ctx context.Context, lead []*leader) (Trial, error) {
	began := s.Now()
	shares := grid(len(lead))
	values := make([][]float64, len(shares))
	for i := range values {
		values[i] = make([]float64, len(s.cases))
	}
	err := blocks(ctx, s.Threads, len(s.cases), 8, nil, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			s.blendCase(lead, shares, values, i)
		}
	})
	if err != nil {
		return Trial{}, err
	}
	best := 0
	for i := range values {
		if average(values[i]) > average(values[best]) {
			best = i
		}
	}
	mix := Mix{}
	name := "mix"
	for i, l := range lead {
		if shares[best][i] > 0 {
			w := l.Weigh
			mix.Parts = append(mix.Parts, Part{l.Trainer, shares[best][i], &w})
			name += fmt.Sprintf(" %.2f (%s)", shares[best][i], l.Candidate)
		}
	}
	return Trial{Candidate: Candidate{Name: name, Trainer: mix}, Score: average(values[best]), cases: values[best],
		Verdict: fmt.Sprintf("%.4f", average(values[best])), Seconds: s.Now().Sub(began).Seconds(), Bytes: mix.Memory(s.fit)}, nil
}

// blendCase fills values[.][i] for one case and all shares.
func (s *search) blendCase(lead []*leader, shares [][]float32, values [][]float64, i int) {
	sc := pool.Get().(*scratch)
	defer pool.Put(sc)
	n := s.fit.items
	h := s.cases[i].History
	each := make([]float32, len(lead)*n)
	for k, l := range lead {
		standard(l.model, h, each[k*n:(k+1)*n])
	}
	total := make([]float32, n)
	var got []Scored
	var list []uint32
	for g, share := range shares {
		clear(total)
		for k, w := range share {
			for j, v := range each[k*n : (k+1)*n] {
				total[j] += w * v
			}
		}
		got, list = pick(got[:0], sc, total, h, s.K, nil), list[:0]
		for _, x := range got {
			list = append(list, x.Item)
		}
		values[g][i] = s.Metric(list, s.cases[i].Relevant)
	}
}

// grid returns shares that add up to 1: tenths for two, sixths for three.
func grid(n int) [][]float32 {
	var out [][]float32
	if n == 2 {
		for a := range 11 {
			out = append(out, []float32{float32(a) / 10, float32(10-a) / 10})
		}
		return out
	}
	for a := range 7 {
		for b := range 7 - a {
			out = append(out, []float32{float32(a) / 6, float32(b) / 6, float32(6-a-b) / 6})
		}
	}
	return out
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
