package query

import "math"

// spread counts the values of a numeric attribute in buckets that are 5 % wide, so
// that values can be taken out again and quantiles cost a walk over the buckets.
// After Masson, Rim and Lee, "DDSketch", PVLDB 2019.
type spread struct {
	name    string
	n       int64
	buckets map[int]int64
}

var spreadBase = math.Log(1.05)

// bucket is monotone in x: negative numbers lie below 0, zero at 0.
func bucket(x float64) int {
	switch {
	case x > 0:
		return 1000 + max(-999, int(math.Ceil(math.Log(x)/spreadBase)))
	case x < 0:
		return -bucket(-x)
	}
	return 0
}

func (s *spread) add(x float64, by int64) {
	if s.buckets == nil {
		s.buckets = map[int]int64{}
	}
	s.n += by
	b := bucket(x)
	if s.buckets[b] += by; s.buckets[b] == 0 {
		delete(s.buckets, b)
	}
}

// below is the share of values in buckets up to x's; 0 where there are none.
func (s *spread) below(x float64) float64 {
	if s.n == 0 {
		return 0
	}
	at, sum := bucket(x), int64(0)
	for b, n := range s.buckets {
		if b <= at {
			sum += n
		}
	}
	return float64(sum) / float64(s.n)
}

// quantile returns about the q-quantile, within 5 %.
func (s *spread) quantile(q float64) float64 {
	if s.n == 0 {
		return 0
	}
	lo, hi := math.MaxInt32, math.MinInt32
	for b := range s.buckets {
		lo, hi = min(lo, b), max(hi, b)
	}
	sum := int64(0)
	for b := lo; b <= hi; b++ {
		if sum += s.buckets[b]; float64(sum) >= q*float64(s.n) {
			return value(b)
		}
	}
	return value(hi)
}

// value is the upper end of a bucket.
func value(b int) float64 {
	switch {
	case b > 0:
		return math.Exp(float64(b-1000) * spreadBase)
	case b < 0:
		return -value(-b)
	}
	return 0
}
