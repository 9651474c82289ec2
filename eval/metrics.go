package eval

import (
	"cmp"
	"math"
	"slices"
)

// Relevant holds what a list is judged against: item -> grade. An item that is absent, or whose grade is not above zero,
// is not relevant. Binary metrics count every grade above zero as one.
type Relevant map[uint32]float32

// Binary returns a Relevant in which each of items has grade 1.
func Binary(items ...uint32) Relevant {
	r := make(Relevant, len(items))
	for _, it := range items {
		r[it] = 1
	}
	return r
}

// Count returns the number of relevant items, |test| in the formulas below.
func (r Relevant) Count() int {
	n := 0
	for _, g := range r {
		if g > 0 {
			n++
		}
	}
	return n
}

// The list metrics below share these rules: list is best first; only its first k entries count; an item that the list
// repeats counts at its first place only; k <= 0 or nothing relevant gives 0. They cost O(k) and are safe for concurrent
// use.

// Recall is Recall@k = hits / |test|, the definition used with the LightGCN and NGCF splits (Wang et al., SIGIR 2019).
// Some papers divide by min(k, |test|) instead; this one does not.
func Recall(list []uint32, rel Relevant, k int) float64 {
	return ratio(hits(list, rel, k), rel.Count())
}

// Precision is Precision@k = hits / k; a list shorter than k is not forgiven.
func Precision(list []uint32, rel Relevant, k int) float64 {
	return ratio(hits(list, rel, k), k)
}

// HitRate is HR@k: 1 if any of the first k is relevant, else 0. With one relevant item it equals Recall@k.
func HitRate(list []uint32, rel Relevant, k int) float64 {
	if hits(list, rel, k) > 0 {
		return 1
	}
	return 0
}

// ReciprocalRank is 1 / the place (from 1) of the first relevant item among the first k, else 0; its mean is MRR@k.
func ReciprocalRank(list []uint32, rel Relevant, k int) float64 {
	for i, it := range cut(list, k) {
		if rel[it] > 0 {
			return 1 / float64(i+1)
		}
	}
	return 0
}

// AveragePrecision is AP@k = (1 / min(k, |test|)) * sum over hits of Precision at the hit's place; its mean is MAP@k.
func AveragePrecision(list []uint32, rel Relevant, k int) float64 {
	n, sum := 0, 0.0
	list = cut(list, k)
	for i, it := range list {
		if rel[it] > 0 && !slices.Contains(list[:i], it) {
			n++
			sum += float64(n) / float64(i+1)
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(min(k, rel.Count()))
}

// NDCG is binary NDCG@k: gain 1, discount 1/log2(place+1), and the ideal list holds min(k, |test|) relevant items
// (Järvelin and Kekäläinen, TOIS 2002).
func NDCG(list []uint32, rel Relevant, k int) float64 {
	return ndcg(list, rel, k, func(float32) float64 { return 1 })
}

// Gain turns a grade above zero into a gain for graded NDCG.
type Gain func(grade float32) float64

// LinearGain is the grade itself (Järvelin and Kekäläinen 2002).
func LinearGain(grade float32) float64 { return float64(grade) }

// ExponentialGain is 2^grade - 1 (Burges et al., ICML 2005), the usual choice in learning to rank.
func ExponentialGain(grade float32) float64 { return math.Exp2(float64(grade)) - 1 }

// GradedNDCG is NDCG@k with gains from the grades; the ideal list is the k largest gains. A nil gain is LinearGain.
func GradedNDCG(list []uint32, rel Relevant, k int, gain Gain) float64 {
	if gain == nil {
		gain = LinearGain
	}
	return ndcg(list, rel, k, gain)
}

func ndcg(list []uint32, rel Relevant, k int, gain Gain) float64 {
	if k <= 0 {
		return 0
	}
	dcg := 0.0
	list = cut(list, k)
	for i, it := range list {
		if g := rel[it]; g > 0 && !slices.Contains(list[:i], it) {
			dcg += gain(g) * discount(i)
		}
	}
	if dcg == 0 {
		return 0
	}
	best := make([]float64, 0, len(rel))
	for _, g := range rel {
		if g > 0 {
			best = append(best, gain(g))
		}
	}
	slices.SortFunc(best, func(a, b float64) int { return cmp.Compare(b, a) })
	ideal := 0.0
	for i := range min(k, len(best)) {
		ideal += best[i] * discount(i)
	}
	return dcg / ideal
}

// discount of the place i, counted from 0.
func discount(i int) float64 { return 1 / math.Log2(float64(i)+2) }

func hits(list []uint32, rel Relevant, k int) int {
	n := 0
	list = cut(list, k)
	for i, it := range list {
		if rel[it] > 0 && !slices.Contains(list[:i], it) {
			n++
		}
	}
	return n
}

func cut(list []uint32, k int) []uint32 {
	return list[:max(0, min(k, len(list)))]
}

func ratio(a, b int) float64 {
	if b <= 0 {
		return 0
	}
	return float64(a) / float64(b)
}
