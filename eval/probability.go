package eval

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Probabilities judges the outputs of a ranker against what happened.
type Probabilities struct {
	N          int     // rows
	Positives  int     // rows whose label is true
	AUC        float64 // area under the ROC curve; ties count one half (Mann-Whitney); NaN if only one class is present
	LogLoss    float64 // mean negative log-likelihood in nats; probabilities are clipped to [1e-7, 1-1e-7]
	BaseLoss   float64 // log-loss of always saying the base rate: what a useful ranker must beat
	Ratio      float64 // calibration: sum of probabilities / number of positives; 1 is right, +Inf if there are no positives
	ECE        float64 // expected calibration error over equal-count bins (Naeini et al., AAAI 2015; equal-mass variant)
	Brier      float64 // mean squared error of the probability
	Bins       []Bin   // the reliability table behind ECE
	Degenerate bool    // only one class was present, so AUC says nothing
}

// Bin is one line of the reliability table.
type Bin struct {
	N         int
	Predicted float64 // mean probability
	Observed  float64 // share of positives
}

// Judge computes Probabilities over rows with probability p[i] and label y[i]. bins is the number of calibration bins;
// 0 means 10. It refuses unequal lengths, no rows, and probabilities outside [0,1] or not finite. O(n log n).
func Judge(p []float64, y []bool, bins int) (Probabilities, error) {
	var r Probabilities
	if len(p) != len(y) {
		return r, fmt.Errorf("eval: judge: %d probabilities but %d labels", len(p), len(y))
	}
	if len(p) == 0 {
		return r, fmt.Errorf("eval: judge: no rows")
	}
	if bins <= 0 {
		bins = 10
	}
	sumP := 0.0
	for i, v := range p {
		if !(v >= 0 && v <= 1) {
			return r, fmt.Errorf("eval: judge: probability %v in row %d is outside [0,1]", v, i)
		}
		t := 0.0
		if y[i] {
			t = 1
			r.Positives++
		}
		sumP += v
		c := min(max(v, 1e-7), 1-1e-7)
		r.LogLoss -= t*math.Log(c) + (1-t)*math.Log(1-c)
		r.Brier += (v - t) * (v - t)
	}
	r.N = len(p)
	n := float64(r.N)
	r.LogLoss /= n
	r.Brier /= n
	r.Ratio = sumP / float64(r.Positives)
	base := float64(r.Positives) / n
	r.BaseLoss = entropy(base)
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	r.AUC = auc(p, y, order, r.Positives)
	r.Degenerate = r.Positives == 0 || r.Positives == r.N
	r.Bins = reliability(p, y, order, bins)
	for _, b := range r.Bins {
		r.ECE += float64(b.N) / n * math.Abs(b.Predicted-b.Observed)
	}
	return r, nil
}

// AUC is the area under the ROC curve of scores on any finite scale; ties count one half. It returns NaN when only one
// class is present or the lengths differ.
func AUC(score []float64, y []bool) float64 {
	if len(score) != len(y) {
		return math.NaN()
	}
	order, pos := make([]int, len(score)), 0
	for i := range order {
		order[i] = i
		if y[i] {
			pos++
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(score[a], score[b]) })
	return auc(score, y, order, pos)
}

// auc by the rank-sum: (sum of the positives' mid-ranks - P(P+1)/2) / (P * N).
func auc(s []float64, y []bool, order []int, pos int) float64 {
	neg := len(s) - pos
	if pos == 0 || neg == 0 {
		return math.NaN()
	}
	sum := 0.0
	for i := 0; i < len(order); {
		j, tied := i, 0
		for ; j < len(order) && s[order[j]] == s[order[i]]; j++ {
			if y[order[j]] {
				tied++
			}
		}
		sum += float64(tied) * (float64(i+1) + float64(j)) / 2
		i = j
	}
	return (sum - float64(pos)*float64(pos+1)/2) / (float64(pos) * float64(neg))
}

func reliability(p []float64, y []bool, order []int, bins int) []Bin {
	bins = min(bins, len(p))
	out := make([]Bin, 0, bins)
	for b := range bins {
		lo, hi := b*len(p)/bins, (b+1)*len(p)/bins
		bin := Bin{N: hi - lo}
		for _, i := range order[lo:hi] {
			bin.Predicted += p[i]
			if y[i] {
				bin.Observed++
			}
		}
		bin.Predicted /= float64(bin.N)
		bin.Observed /= float64(bin.N)
		out = append(out, bin)
	}
	return out
}

func entropy(q float64) float64 {
	if q <= 0 || q >= 1 {
		return 0
	}
	return -q*math.Log(q) - (1-q)*math.Log(1-q)
}
