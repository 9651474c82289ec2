package eval

import (
	"fmt"
	"math"
)

// RunOptions choose the measures of JudgeRun. The zero value is BEIR's and trec_eval's usual ones.
type RunOptions struct {
	K      int  // of nDCG, P and MRR; 0 means 10
	Recall int  // cut-off of Recall; 0 means 100
	Depth  int  // of MAP; 0 means 1,000
	Gain   Gain // of nDCG; nil is LinearGain, trec_eval's
}

func (o RunOptions) settled() RunOptions {
	if o.K <= 0 {
		o.K = 10
	}
	if o.Recall <= 0 {
		o.Recall = 100
	}
	if o.Depth <= 0 {
		o.Depth = 1000
	}
	return o
}

// The columns of a report of JudgeRun are named after their cut-offs, in this order.
func (o RunOptions) Metrics() []Metric {
	o = o.settled()
	return []Metric{
		Metric(fmt.Sprintf("nDCG@%d", o.K)), "MAP", Metric(fmt.Sprintf("MRR@%d", o.K)),
		Metric(fmt.Sprintf("R@%d", o.Recall)), Metric(fmt.Sprintf("P@%d", o.K)),
	}
}

// JudgeRun measures a run against judgments. Every query that has something relevant counts, in the order of the
// judgments; Report.Users holds their places in Qrels.Queries. One that the run lacks counts as zeros (trec_eval's -c)
// and is counted in Unseen; one without anything relevant is Skipped. What is not judged is not relevant.
//
// MAP divides by all that is relevant, as trec_eval does, unlike [AveragePrecision], which divides by at most k. Lists
// are taken in the order in which they stand.
func JudgeRun(q *Qrels, run *Run, o RunOptions) *Report {
	o = o.settled()
	names := o.Metrics()
	r := &Report{K: o.K, Values: make(map[Metric][]float64), Coverage: math.NaN(), Gini: math.NaN()}
	for i, query := range q.Queries {
		rel, number := make(Relevant), make(map[string]uint32)
		for d, g := range q.Grades[query] {
			if g > 0 {
				number[d] = uint32(len(number))
				rel[number[d]] = float32(g)
			}
		}
		if len(rel) == 0 {
			r.Skipped++
			continue
		}
		ranked, ok := run.Lists[query]
		if !ok {
			r.Unseen++
		}
		list := make([]uint32, min(len(ranked), max(o.K, o.Recall, o.Depth)))
		for i := range list {
			n, good := number[ranked[i].Doc]
			if !good {
				n = uint32(len(number) + i) // any number that is not relevant
			}
			list[i] = n
		}
		ap := AveragePrecision(list, rel, o.Depth) * float64(min(o.Depth, len(rel))) / float64(len(rel))
		for j, v := range []float64{
			GradedNDCG(list, rel, o.K, o.Gain), ap, ReciprocalRank(list, rel, o.K),
			Recall(list, rel, o.Recall), Precision(list, rel, o.K),
		} {
			r.Values[names[j]] = append(r.Values[names[j]], v)
		}
		r.Users = append(r.Users, uint32(i))
	}
	return r
}
