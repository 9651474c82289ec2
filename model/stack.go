package model

import (
	"context"
	"fmt"
	"math"
	"slices"

	"bowerbird/internal/vec"
)

// stack learns the shares of a blend on the validation cases: coordinate ascent on the metric itself (Metzler and Croft,
// "Linear feature-based models for information retrieval", Information Retrieval 2007), from the best single model on.
type stack struct {
	k      int
	metric func(list, relevant []uint32) float64
	cases  []stackCase
	parts  int
}

// stackCase is what the models say of one case: the items that any of them puts far up, and each model's standardised
// score of each.
type stackCase struct {
	relevant []uint32
	items    []uint32
	scores   []float32 // items x parts
}

// poolDepth is how many items of each model are looked at, in multiples of the list.
const poolDepth = 4

// stackCases is how many cases at most a stack learns from.
const stackCases = 6000

// blend learns the shares of the leading models.
func (s *search) blend(ctx context.Context, lead []*leader) (Trial, error) {
	began := s.Now()
	st := &stack{k: s.K, metric: s.Metric, parts: len(lead)}
	n := min(len(s.cases), stackCases)
	st.cases = make([]stackCase, n)
	size := together / 4
	err := blocks(ctx, s.Threads, n, size, nil, func(_, lo, hi int) { s.pool(lead, st, lo, hi) })
	if err != nil {
		return Trial{}, err
	}
	shares, err := st.ascend(ctx, s.Threads)
	if err != nil {
		return Trial{}, err
	}
	mix, name := Mix{}, "mix"
	var models []Model
	var kept []float32
	for i, l := range lead {
		if shares[i] > 0 {
			w := l.Weigh
			mix.Parts = append(mix.Parts, Part{l.Trainer, shares[i], &w})
			name += fmt.Sprintf(" %.3g (%s)", shares[i], l.Candidate)
			models, kept = append(models, l.model), append(kept, shares[i])
		}
	}
	b, err := NewBlend(models, kept)
	if err != nil {
		return Trial{}, err
	}
	cases, score := s.measure(ctx, b)
	return Trial{Candidate: Candidate{Name: name, Trainer: mix}, Score: score, cases: cases,
		Verdict: fmt.Sprintf("%.4f", score), Seconds: s.Now().Sub(began).Seconds(), Bytes: mix.Memory(s.fit)}, ctx.Err()
}

// pool fills the cases lo..hi.
func (s *search) pool(lead []*leader, st *stack, lo, hi int) {
	n, count := s.fit.items, hi-lo
	hs := make([][]Weighted, count)
	for i := range hs {
		hs[i] = s.cases[lo+i].History
	}
	each := make([][]float32, len(lead))
	for k, l := range lead {
		each[k] = make([]float32, count*n)
		scoresOf(l.model, hs, each[k])
		for i := range count {
			toUnit(each[k][i*n : (i+1)*n])
		}
	}
	best := vec.NewBest(1)
	for i := range count {
		c := &st.cases[lo+i]
		c.relevant = s.cases[lo+i].Relevant
		for k := range lead {
			c.items = append(c.items, topOfRow(best, each[k][i*n:(i+1)*n], hs[i], poolDepth*s.K)...)
		}
		slices.Sort(c.items)
		c.items = slices.Compact(c.items)
		c.scores = make([]float32, len(c.items)*len(lead))
		for p, it := range c.items {
			for k := range lead {
				c.scores[p*len(lead)+k] = each[k][i*n+int(it)]
			}
		}
	}
}

// topOfRow returns the items of the largest scores that are not in the history.
func topOfRow(best *vec.Best, row []float32, history []Weighted, top int) []uint32 {
	known := map[uint32]bool{}
	for _, h := range history {
		known[h.Item] = true
	}
	best.Reset(min(top, len(row)))
	for j, v := range row {
		if v != 0 && (!best.Full() || v > best.Worst().Score) && !known[uint32(j)] {
			best.Push(vec.Scored{ID: uint32(j), Score: v})
		}
	}
	var out []uint32
	for _, x := range best.Sorted() {
		out = append(out, x.ID)
	}
	return out
}

// ascend moves one share at a time, while anything gains, at most eight times round. Shares are in units of the first's.
func (st *stack) ascend(ctx context.Context, threads int) ([]float32, error) {
	shares := make([]float32, st.parts)
	shares[0] = 1
	best, err := st.value(ctx, threads, shares)
	if err != nil {
		return nil, err
	}
	for range 8 {
		before := best
		for k := range shares {
			was := shares[k]
			at := was
			for _, try := range []float32{0, was / 2, was * 0.8, was * 1.25, was * 2, was + 0.1, was + 0.4} {
				if try == was {
					continue
				}
				shares[k] = try
				if !(shares[k] >= 0) || slices.Max(shares) == 0 {
					continue
				}
				v, err := st.value(ctx, threads, shares)
				if err != nil {
					return nil, err
				}
				if v > best {
					best, at = v, try
				}
			}
			shares[k] = at
		}
		if best-before < 1e-5*math.Abs(before) {
			break
		}
	}
	return shares, nil
}

// value is the mean of the metric with these shares.
func (st *stack) value(ctx context.Context, threads int, shares []float32) (float64, error) {
	out := make([]float64, len(st.cases))
	err := blocks(ctx, threads, len(out), 64, nil, func(_, lo, hi int) {
		best := vec.NewBest(st.k)
		var list []uint32
		for i := lo; i < hi; i++ {
			c := &st.cases[i]
			best.Reset(st.k)
			for p, it := range c.items {
				v := float32(0)
				for k, x := range c.scores[p*st.parts : (p+1)*st.parts] {
					v += shares[k] * x
				}
				best.Push(vec.Scored{ID: it, Score: v})
			}
			list = list[:0]
			for _, x := range best.Sorted() {
				list = append(list, x.ID)
			}
			out[i] = st.metric(list, c.relevant)
		}
	})
	return average(out), err
}
