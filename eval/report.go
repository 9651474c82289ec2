package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// Metric names one column of a Report.
type Metric string

// The columns of a Report, each at the report's cut-off.
const (
	MetricRecall    Metric = "Recall"
	MetricNDCG      Metric = "NDCG"
	MetricHR        Metric = "HR"
	MetricMRR       Metric = "MRR"
	MetricMAP       Metric = "MAP"
	MetricPrecision Metric = "Precision"
	MetricNovelty   Metric = "Novelty"   // bits; only with Options.Counts
	MetricDiversity Metric = "Diversity" // in the units of Options.Distance; only with it
)

// Report holds per-user values at one cut-off. It is plain data: read it from as many goroutines as you like.
type Report struct {
	K        int
	Users    []uint32             // those evaluated, in the order of the queries
	Values   map[Metric][]float64 // aligned with Users
	Skipped  int                  // queries with nothing relevant: not in any mean
	Unseen   int                  // evaluated users unknown to the ranker: they count as zeros
	Coverage float64              // share of the catalogue in any list; NaN if the catalogue's size was not given
	Gini     float64              // of exposure over the catalogue; NaN likewise
}

func (r *Report) alloc(n int, o Options) {
	names := []Metric{MetricRecall, MetricNDCG, MetricHR, MetricMRR, MetricMAP, MetricPrecision}
	if o.Counts != nil {
		names = append(names, MetricNovelty)
	}
	if o.Distance != nil {
		names = append(names, MetricDiversity)
	}
	r.Values = make(map[Metric][]float64, len(names))
	for _, m := range names {
		r.Values[m] = make([]float64, n)
	}
}

func (r *Report) fill(i int, list []uint32, rel Relevant, o Options) {
	r.Values[MetricRecall][i] = Recall(list, rel, o.K)
	if o.Gain != nil {
		r.Values[MetricNDCG][i] = GradedNDCG(list, rel, o.K, o.Gain)
	} else {
		r.Values[MetricNDCG][i] = NDCG(list, rel, o.K)
	}
	r.Values[MetricHR][i] = HitRate(list, rel, o.K)
	r.Values[MetricMRR][i] = ReciprocalRank(list, rel, o.K)
	r.Values[MetricMAP][i] = AveragePrecision(list, rel, o.K)
	r.Values[MetricPrecision][i] = Precision(list, rel, o.K)
	if v := r.Values[MetricNovelty]; v != nil {
		v[i] = Novelty(list, o.K, o.Counts, o.Users)
	}
	if v := r.Values[MetricDiversity]; v != nil {
		v[i] = IntraListDiversity(list, o.K, o.Distance)
	}
}

// Estimate is a mean over users with a 95 % confidence interval.
type Estimate struct {
	Mean, Low, High float64
	N               int
}

func (e Estimate) String() string {
	return fmt.Sprintf("%.4f [%.4f, %.4f] n=%d", e.Mean, e.Low, e.High, e.N)
}

// Mean returns the mean of a metric over the evaluated users; NaN if the report lacks it or has no users.
func (r *Report) Mean(m Metric) float64 { return mean(r.Values[m]) }

// Estimate returns the mean with the normal 95 % interval, mean ± 1.96 s/√n. With one user the interval is the mean.
func (r *Report) Estimate(m Metric) Estimate {
	v := r.Values[m]
	mu := mean(v)
	half := 1.959964 * deviation(v, mu) / math.Sqrt(float64(len(v)))
	return Estimate{mu, mu - half, mu + half, len(v)}
}

// Bootstrap returns the mean with the percentile bootstrap's 95 % interval over users (Efron 1979): rounds resamples
// (0 means 1,000) from the given seed. It costs rounds * users.
func (r *Report) Bootstrap(m Metric, rounds int, seed uint64) Estimate {
	v := r.Values[m]
	e := Estimate{Mean: mean(v), N: len(v)}
	e.Low, e.High = bootstrap(v, rounds, seed)
	return e
}

// String lists the metrics, one line each, with normal intervals.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d users at %d (%d skipped without relevant items, %d unseen)\n", len(r.Users), r.K, r.Skipped, r.Unseen)
	for _, m := range r.Metrics() {
		fmt.Fprintf(&b, "%-10s %s\n", m, r.Estimate(m))
	}
	if !math.IsNaN(r.Coverage) {
		fmt.Fprintf(&b, "%-10s %.4f\n%-10s %.4f\n", "Coverage", r.Coverage, "Gini", r.Gini)
	}
	return b.String()
}

// Metrics returns the names of the report's columns in a fixed order.
func (r *Report) Metrics() []Metric {
	all := []Metric{MetricRecall, MetricNDCG, MetricHR, MetricMRR, MetricMAP, MetricPrecision, MetricNovelty, MetricDiversity}
	return slices.DeleteFunc(all, func(m Metric) bool { return r.Values[m] == nil })
}

// Comparison sets system B beside system A on the same users.
type Comparison struct {
	A, B       float64 // means
	Difference float64 // B - A
	Low, High  float64 // 95 % paired bootstrap interval of the difference
	P          float64 // two-sided p-value of the paired randomisation test (Smucker et al., CIKM 2007)
	Wins       int     // users for whom B is higher
	Losses     int     // users for whom B is lower
	N          int
}

// Compare pairs two reports by user and tests the difference of one metric. Both must be at the same cut-off and hold the
// same users in the same order, which they do when made from the same queries. rounds 0 means 1,000; the p-value cannot
// be below 1/(rounds+1). The same seed gives the same answer. It costs 2 * rounds * users.
func Compare(a, b *Report, m Metric, rounds int, seed uint64) (Comparison, error) {
	var c Comparison
	va, vb := a.Values[m], b.Values[m]
	if va == nil || vb == nil {
		return c, fmt.Errorf("eval: compare: metric %q is missing from a report", m)
	}
	if a.K != b.K {
		return c, fmt.Errorf("eval: compare: cut-offs %d and %d differ", a.K, b.K)
	}
	if !slices.Equal(a.Users, b.Users) {
		return c, fmt.Errorf("eval: compare: the reports are of different users")
	}
	if len(va) == 0 {
		return c, fmt.Errorf("eval: compare: no users")
	}
	if rounds <= 0 {
		rounds = 1000
	}
	d := make([]float64, len(va))
	for i := range d {
		d[i] = vb[i] - va[i]
		if d[i] > 0 {
			c.Wins++
		} else if d[i] < 0 {
			c.Losses++
		}
	}
	c.A, c.B, c.Difference, c.N = mean(va), mean(vb), mean(d), len(d)
	c.Low, c.High = bootstrap(d, rounds, seed)
	c.P = randomise(d, rounds, seed)
	return c, nil
}

// randomise flips the sign of each user's difference at random: under the null hypothesis A and B are exchangeable.
func randomise(d []float64, rounds int, seed uint64) float64 {
	rng := rand.New(rand.NewPCG(seed, 0x5ca1ab1e))
	seen := math.Abs(sum(d))
	// Sums of the same terms in another order of signs differ by rounding; a hair of slack keeps ties ties.
	seen -= 1e-12 * (seen + 1)
	extreme := 0
	for range rounds {
		t, bits, left := 0.0, uint64(0), 0
		for _, v := range d {
			if left == 0 {
				bits, left = rng.Uint64(), 64
			}
			if bits&1 == 1 {
				t += v
			} else {
				t -= v
			}
			bits >>= 1
			left--
		}
		if math.Abs(t) >= seen {
			extreme++
		}
	}
	return float64(extreme+1) / float64(rounds+1)
}

func bootstrap(v []float64, rounds int, seed uint64) (low, high float64) {
	if len(v) == 0 {
		return math.NaN(), math.NaN()
	}
	if rounds <= 0 {
		rounds = 1000
	}
	rng := rand.New(rand.NewPCG(seed, 0xb007))
	means := make([]float64, rounds)
	for i := range means {
		t := 0.0
		for range v {
			t += v[rng.IntN(len(v))]
		}
		means[i] = t / float64(len(v))
	}
	slices.Sort(means)
	return quantile(means, 0.025), quantile(means, 0.975)
}

// quantile of sorted x, linear between neighbours.
func quantile(x []float64, q float64) float64 {
	p := q * float64(len(x)-1)
	i := int(p)
	if i+1 >= len(x) {
		return x[len(x)-1]
	}
	return x[i] + (p-float64(i))*(x[i+1]-x[i])
}

func sum(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s
}

func mean(v []float64) float64 { return sum(v) / float64(len(v)) }

func deviation(v []float64, mu float64) float64 {
	if len(v) < 2 {
		return 0
	}
	s := 0.0
	for _, x := range v {
		s += (x - mu) * (x - mu)
	}
	return math.Sqrt(s / float64(len(v)-1))
}
