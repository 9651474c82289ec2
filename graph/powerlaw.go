package graph

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// PowerLawOptions of a fit. The zero value works.
type PowerLawOptions struct {
	Min        int    // fit degrees of Min and more; default: the one that fits best
	LeastTail  int    // nodes that must be left to fit when Min is chosen; default 50
	Bootstraps int    // for the p-value, each a fit of its own; default 0: none. 100 tells ±.05, 2,500 ±.01
	Seed       uint64 // of the bootstraps
}

// PowerLaw is the tail of a degree distribution as p(d) = d^-Exponent / ζ(Exponent, Min), d ≥ Min.
type PowerLaw struct {
	Exponent float64
	Error    float64 // standard error of Exponent
	Min      int
	Tail     int     // nodes of Min and more
	KS       float64 // largest distance between the tail's distribution function and the fitted one
	// P is the share of samples of the fitted law that lie further from their own fit than the data from this one. Below .1 a
	// power law is not plausible; above it the data do not contradict one, which is less than proof. NaN without Bootstraps.
	P float64
}

// Survival is the fitted share of the tail's nodes that have degree d or more.
func (p PowerLaw) Survival(d int) float64 {
	if d <= p.Min {
		return 1
	}
	return mathext.Zeta(p.Exponent, float64(d)) / mathext.Zeta(p.Exponent, float64(p.Min))
}

// DegreeCounts returns how many nodes have each degree, from 0 to the highest.
func (s *Snapshot) DegreeCounts(side Side) []int {
	var counts []int
	for id := range s.Nodes(side) {
		d := s.Degree(side, uint32(id))
		for len(counts) <= d {
			counts = append(counts, 0)
		}
		counts[d]++
	}
	return counts
}

// FitPowerLaw fits the tail of degrees, given how many nodes have each (see [Snapshot.DegreeCounts]; degree 0 is left out): the exponent by
// maximum likelihood for whole numbers, Min as the one of least KS distance among up to 60 degrees spread over the
// distribution. It costs O(different degrees) for each, plus as much for each bootstrap.
//
// Source: Clauset, Shalizi and Newman, SIAM Review 2009, §3 and §4. Where we differ: not every degree is tried as Min.
func FitPowerLaw(counts []int, o PowerLawOptions) (PowerLaw, error) {
	if o.LeastTail == 0 {
		o.LeastTail = 50
	}
	if o.Min < 0 || o.LeastTail < 0 || o.Bootstraps < 0 {
		return PowerLaw{}, fmt.Errorf("graph: FitPowerLaw: %+v: out of range", o)
	}
	h := histogramOf(counts)
	best, ok := h.fit(o)
	if !ok {
		return PowerLaw{}, fmt.Errorf("graph: FitPowerLaw: fewer than %d nodes of at least two degrees", max(2, min(o.LeastTail, h.nodes())))
	}
	best.P = math.NaN()
	if o.Bootstraps > 0 {
		best.P = h.bootstrap(best, o)
	}
	return best, nil
}

// histogram is degrees above 0, ascending, and how many nodes have each.
type histogram struct {
	degree, nodesOf []int
}

func histogramOf(counts []int) (h histogram) {
	for d, n := range counts {
		if d > 0 && n > 0 {
			h.degree, h.nodesOf = append(h.degree, d), append(h.nodesOf, n)
		}
	}
	return h
}

func (h histogram) nodes() (n int) {
	for _, c := range h.nodesOf {
		n += c
	}
	return n
}

// from is the part of degree d and more.
func (h histogram) from(d int) histogram {
	i, _ := slices.BinarySearch(h.degree, d)
	return histogram{h.degree[i:], h.nodesOf[i:]}
}

func (h histogram) fit(o PowerLawOptions) (best PowerLaw, ok bool) {
	if o.Min > 0 {
		return h.fitFrom(o.Min)
	}
	for _, d := range h.candidates(o.LeastTail) {
		if p, is := h.fitFrom(d); is && (!ok || p.KS < best.KS) {
			best, ok = p, true
		}
	}
	return best, ok
}

// candidates are up to 60 degrees from which least nodes are left, the same number of different degrees apart on a logarithmic scale.
func (h histogram) candidates(least int) (list []int) {
	left := h.nodes()
	last := 0
	for last < len(h.degree)-1 && left-h.nodesOf[last] >= least {
		left -= h.nodesOf[last]
		last++
	}
	for k := range 60 {
		i := int(math.Round(math.Pow(float64(last+1), float64(k)/59))) - 1
		if i < len(h.degree) && (len(list) == 0 || h.degree[i] > list[len(list)-1]) {
			list = append(list, h.degree[i])
		}
	}
	return list
}

// fitFrom fits what is of degree d or more.
func (h histogram) fitFrom(d int) (p PowerLaw, ok bool) {
	h = h.from(d)
	if len(h.degree) < 2 {
		return p, false
	}
	n, logs := float64(h.nodes()), 0.0
	for i, x := range h.degree {
		logs += float64(h.nodesOf[i]) * math.Log(float64(x))
	}
	least := func(a float64) float64 { return n*math.Log(mathext.Zeta(a, float64(d))) + a*logs } // -log likelihood, eq. 3.5
	p = PowerLaw{Exponent: golden(least, 1.01, 12), Min: d, Tail: int(n)}
	const e = 1e-3 // second derivative of log ζ by differences, eq. 3.6
	z := func(a float64) float64 { return math.Log(mathext.Zeta(a, float64(d))) }
	if curve := (z(p.Exponent+e) - 2*z(p.Exponent) + z(p.Exponent-e)) / (e * e); curve > 0 {
		p.Error = 1 / math.Sqrt(n*curve)
	}
	p.KS = h.distance(p, n)
	return p, true
}

// golden is where a convex f is least between a and b.
func golden(f func(float64) float64, a, b float64) float64 {
	const r = .6180339887498949
	x, y := b-r*(b-a), a+r*(b-a)
	fx, fy := f(x), f(y)
	for b-a > 1e-7 {
		if fx < fy {
			b, y, fy = y, x, fx
			x = b - r*(b-a)
			fx = f(x)
		} else {
			a, x, fx = x, y, fy
			y = a + r*(b-a)
			fy = f(y)
		}
	}
	return (a + b) / 2
}

// distance is the KS statistic. It is largest just before or at a degree that occurs.
func (h histogram) distance(p PowerLaw, n float64) float64 {
	all := mathext.Zeta(p.Exponent, float64(p.Min))
	z, next := all, p.Min // ζ(Exponent, next)
	above, far := n, 0.0  // nodes of this degree or more
	for i, x := range h.degree {
		if x-next > 8 {
			z, next = mathext.Zeta(p.Exponent, float64(x)), x
		}
		for ; next < x; next++ {
			z -= math.Pow(float64(next), -p.Exponent)
		}
		far = max(far, math.Abs(above/n-z/all))
		above -= float64(h.nodesOf[i])
		z -= math.Pow(float64(x), -p.Exponent)
		next++
		far = max(far, math.Abs(above/n-z/all))
	}
	return far
}

// bootstrap is the p-value: a sample takes what lies below Min from the data and the rest from the law (§4.1). It costs
// O(nodes · log nodes) each, beside the fit.
func (h histogram) bootstrap(p PowerLaw, o PowerLawOptions) float64 {
	r := rand.New(rand.NewPCG(o.Seed, 0xb007))
	var body []int // degree of each node below Min
	for i, d := range h.degree {
		if d < p.Min {
			body = append(body, slices.Repeat([]int{d}, h.nodesOf[i])...)
		}
	}
	law, sample, further := newLaw(p), make([]int, h.nodes()), 0
	for range o.Bootstraps {
		for i := range sample {
			if r.IntN(len(sample)) < len(body) {
				sample[i] = body[r.IntN(len(body))]
			} else {
				sample[i] = law.draw(r)
			}
		}
		slices.Sort(sample)
		var s histogram
		for i, d := range sample {
			if i == 0 || d != sample[i-1] {
				s.degree, s.nodesOf = append(s.degree, d), append(s.nodesOf, 0)
			}
			s.nodesOf[len(s.nodesOf)-1]++
		}
		if q, ok := s.fit(o); ok && q.KS >= p.KS {
			further++
		}
	}
	return float64(further) / float64(o.Bootstraps)
}

// law draws degrees from a power law by inversion (appendix D).
type law struct {
	PowerLaw
	survival []float64 // of Min, Min+1, …
}

func newLaw(p PowerLaw) *law {
	l := &law{PowerLaw: p, survival: make([]float64, 1024)}
	for i := range l.survival {
		l.survival[i] = p.Survival(p.Min + i)
	}
	return l
}

// draw returns the highest degree whose survival is above an even number.
func (l *law) draw(r *rand.Rand) int {
	u := r.Float64()
	if i, _ := slices.BinarySearchFunc(l.survival, u, func(s, u float64) int {
		if s > u {
			return -1
		}
		return 1
	}); i < len(l.survival) {
		return l.Min + i - 1
	}
	// So far out ζ(a, d) = (d-½)^(1-a)/(a-1) to one part in a million.
	d := .5 + math.Pow(u*(l.Exponent-1)*mathext.Zeta(l.Exponent, float64(l.Min)), 1/(1-l.Exponent))
	return int(min(d, math.MaxInt32))
}
