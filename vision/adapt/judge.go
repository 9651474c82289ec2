package adapt

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"bowerbird/internal/vec"
)

// Held is one save that was held out of its group.
type Held struct {
	Group []int // the rows that the group keeps
	Row   int   // the row that was taken out of it
}

// HoldOut takes one member out of each group of three and more, at random, and
// returns the groups without them: learn from those, judge on what was held.
func HoldOut(groups [][]int, seed uint64) (rest [][]int, held []Held) {
	r := rand.New(rand.NewPCG(seed, 0x401d))
	for _, g := range groups {
		if len(g) < 3 {
			rest = append(rest, g)
			continue
		}
		i := r.IntN(len(g))
		kept := slices.Delete(slices.Clone(g), i, i+1)
		rest = append(rest, kept)
		held = append(held, Held{kept, g[i]})
	}
	return rest, held
}

// Judgement is the Recall@K of two sets of vectors on the same held saves.
type Judgement struct {
	Held          int
	Before, After float64
	Gain          float64 // After - Before
	Low, High     float64 // 95 % interval of the gain, by bootstrap over groups
}

// Better tells whether the gain is beyond doubt: its whole interval is above zero.
func (j Judgement) Better() bool { return j.Held > 0 && j.Low > 0 }

// Judge asks with each group, by the mean of its members' vectors, for its held row
// among all rows that are not its members, before and after the map.
func Judge(ctx context.Context, m *Map, x []float32, held []Held, k int, seed uint64) (Judgement, error) {
	n := len(x) / m.dim
	mapped := make([]float32, len(x))
	for i := range n {
		m.Apply(x[i*m.dim:(i+1)*m.dim], mapped[i*m.dim:(i+1)*m.dim])
	}
	before, err := Recall(ctx, x, m.dim, held, k)
	if err != nil {
		return Judgement{}, err
	}
	after, err := Recall(ctx, mapped, m.dim, held, k)
	if err != nil {
		return Judgement{}, err
	}
	return Compare(before, after, seed), nil
}

// Compare judges two lists of what Recall gave for the same held saves.
func Compare(before, after []float64, seed uint64) Judgement {
	j := Judgement{Held: len(before), Before: mean(before), After: mean(after)}
	gains := make([]float64, len(before))
	for i := range gains {
		gains[i] = after[i] - before[i]
	}
	j.Gain = mean(gains)
	j.Low, j.High = interval(gains, seed)
	return j
}

// Recall is, for each held save, 1 if its row is among the first k and 0 if not.
// Cost: held x rows products of vectors.
func Recall(ctx context.Context, x []float32, dim int, held []Held, k int) ([]float64, error) {
	n := len(x) / dim
	scores := make([]float32, n)
	query := make([]float32, dim)
	out := make([]float64, len(held))
	for h := range held {
		if h%64 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		clear(query)
		for _, i := range held[h].Group {
			vec.Axpy(1, x[i*dim:(i+1)*dim], query)
		}
		vec.DotRows(scores, query, x)
		for _, i := range held[h].Group {
			scores[i] = float32(math.Inf(-1))
		}
		ahead := 0
		for i, s := range scores {
			if s > scores[held[h].Row] || s == scores[held[h].Row] && i < held[h].Row {
				ahead++
			}
		}
		if ahead < k {
			out[h] = 1
		}
	}
	return out, nil
}

// Across asks, for each held save, with one member of its group that is of another kind, for
// the held row among the rows of other kinds than that member's, before and after the
// map: Recall@K of what goes with it. Saves whose group is of one kind are left out.
func Across(ctx context.Context, m *Map, x []float32, kinds []uint32, held []Held, k int, seed uint64) (Judgement, error) {
	n := len(x) / m.dim
	mapped := make([]float32, len(x))
	for i := range n {
		m.Apply(x[i*m.dim:(i+1)*m.dim], mapped[i*m.dim:(i+1)*m.dim])
	}
	var lists [2][]float64
	scores := make([]float32, n)
	for h := range held {
		if h%64 == 0 && ctx.Err() != nil {
			return Judgement{}, ctx.Err()
		}
		ask := slices.IndexFunc(held[h].Group, func(i int) bool { return kinds[i] != kinds[held[h].Row] })
		if ask < 0 {
			continue
		}
		ask = held[h].Group[ask]
		for side, rows := range [][]float32{x, mapped} {
			vec.DotRows(scores, rows[ask*m.dim:(ask+1)*m.dim], rows)
			for _, i := range held[h].Group {
				scores[i] = float32(math.Inf(-1))
			}
			ahead := 0
			for i, s := range scores {
				if kinds[i] != kinds[ask] && (s > scores[held[h].Row] || s == scores[held[h].Row] && i < held[h].Row) {
					ahead++
				}
			}
			hit := 0.0
			if ahead < k {
				hit = 1
			}
			lists[side] = append(lists[side], hit)
		}
	}
	return Compare(lists[0], lists[1], seed), nil
}

func mean(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s / float64(max(1, len(v)))
}

// interval is the middle 95 % of the means of 2,000 samples drawn with replacement.
func interval(v []float64, seed uint64) (low, high float64) {
	if len(v) == 0 {
		return 0, 0
	}
	r := rand.New(rand.NewPCG(seed, 0xb007))
	means := make([]float64, 2000)
	for i := range means {
		for range v {
			means[i] += v[r.IntN(len(v))]
		}
		means[i] /= float64(len(v))
	}
	slices.Sort(means)
	return means[50], means[1949]
}
