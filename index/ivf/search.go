package ivf

import (
	"cmp"
	"fmt"
	"slices"

	"bowerbird/index"
	"bowerbird/index/quant"
	"bowerbird/internal/vec"
)

// scratch is what one search needs; it is used again by others.
type scratch struct {
	q, turned, rest []float32
	near            []float32 // of each centre
	order           []int
	query           quant.Query
	est             []float32
	ids             []uint32
	maybe           []int32
	best            vec.Best
}

// Search implements index.Index. Options.Ef is the number of lists to scan, or Recall what that number must reach. A
// search with a filter goes on until it has met as many admitted vectors as one
// without would meet, or every list; one within a bitmap that holds less than one
// in fifty compares with its vectors alone.
func (x *Index) Search(q []float32, k int, o index.Options) ([]index.Hit, error) {
	if k < 1 {
		return nil, fmt.Errorf("ivf: k is %d: %w", k, index.ErrK)
	}
	if err := o.Valid(); err != nil {
		return nil, err
	}
	s, _ := x.pool.Get().(*scratch)
	if s == nil {
		s = &scratch{q: make([]float32, x.dim), turned: make([]float32, x.coder.Padded()), rest: make([]float32, x.coder.Padded())}
	}
	defer x.pool.Put(s)
	if err := x.metric.Prepare(s.q, q); err != nil {
		return nil, err
	}
	s.best.Reset(k)
	if o.Within != nil && int(min(o.Within.GetCardinality(), 1<<31))*50 < x.Len() {
		x.pick(s, &o)
	} else {
		x.scan(s, k, &o)
	}
	return append([]index.Hit(nil), s.best.Sorted()...), nil
}

// scan goes through lists, nearest centre first.
func (x *Index) scan(s *scratch, k int, o *index.Options) {
	x.mu.RLock()
	lists, want := x.lists, x.probesFor(o)
	x.rank(s)
	enough := len(x.where) * want / (2 * len(lists))
	x.mu.RUnlock()
	x.coder.Apply(s.turned, s.q)
	all, met := o.All(), 0
	for n, at := range s.order {
		if n >= want && (met >= max(k, enough) || all && met >= k) {
			break
		}
		met += x.list(s, lists, at, o, all)
	}
}

// rank orders the lists by their centres.
func (x *Index) rank(s *scratch) {
	n := len(x.lists)
	if len(s.near) < n {
		s.near = make([]float32, n)
	}
	near := s.near[:n]
	vec.DotRows(near, s.q, x.centres)
	s.order = s.order[:0]
	for i := range near {
		if x.metric != index.InnerProduct {
			near[i] -= x.halves[i]
		}
		s.order = append(s.order, i)
	}
	slices.SortFunc(s.order, func(a, b int) int {
		return cmp.Or(cmp.Compare(near[b], near[a]), cmp.Compare(a, b))
	})
}

// list scans one list and returns how many admitted vectors it has.
//
// With r = x - c, <q,x> = <q,c> + <q,r> and |q-x|² = |q-c|² + |r|² - 2<q-c,r>; the
// products with r are what codes estimate. Vectors of length 1 order by distance
// as by cosine, and distances err less, since q-c is short.
func (x *Index) list(s *scratch, lists []*list, at int, o *index.Options, all bool) int {
	x.mu.RLock()
	if len(x.lists) != len(lists) || x.lists[0] != lists[0] { // trained meanwhile: the numbers are of other lists
		if at >= len(x.lists) {
			x.mu.RUnlock()
			return 0
		}
	}
	l := x.lists[at]
	n := len(l.ids)
	if len(s.est) < n {
		s.est = make([]float32, n+n/2)
	}
	est := s.est[:n]
	base, slope := x.estimate(s, l, at, est)
	s.ids, s.maybe = s.ids[:0], s.maybe[:0]
	if all {
		x.score(s, l, est, base, slope)
		x.mu.RUnlock()
		return n
	}
	s.ids = append(s.ids, l.ids...)
	x.mu.RUnlock()
	met := 0
	for i, id := range s.ids {
		if o.Admits(id) {
			s.ids[met] = id
			s.maybe = append(s.maybe, int32(i))
			met++
		}
	}
	s.ids = s.ids[:met]
	if met > 0 {
		x.mu.RLock()
		x.scoreSome(s, est)
		x.mu.RUnlock()
	}
	return met
}

// estimate fills est with estimated scores, of which errors are within
// Factors.Error times slope; base says what rounding may add.
func (x *Index) estimate(s *scratch, l *list, at int, est []float32) (base, slope float32) {
	p := x.coder.Padded()
	c := x.turned[at*p : (at+1)*p]
	if x.metric == index.InnerProduct {
		x.coder.Ask(&s.query, s.turned)
		base = vec.Dot(s.q, x.centres[at*x.dim:(at+1)*x.dim])
		x.coder.Estimate(est, &s.query, l.codes, l.factors)
		for i := range est {
			est[i] += base
		}
		return base, deviations * s.query.Norm
	}
	for i, v := range s.turned {
		s.rest[i] = v - c[i]
	}
	x.coder.Ask(&s.query, s.rest)
	base = s.query.Norm * s.query.Norm
	x.coder.Estimate(est, &s.query, l.codes, l.factors)
	for i := range est {
		est[i] = 2*est[i] - base - l.adds[i]
	}
	if x.metric == index.Cosine { // of lengths 1: 1 - |q-x|²/2
		for i := range est {
			est[i] = 1 + est[i]/2
		}
		return base, deviations * s.query.Norm
	}
	return base, 2 * deviations * s.query.Norm
}

// rounding is what sums of float32 may be off by, as a part of their size.
const rounding = 1e-5

// score reads the vectors of a list that may be among the best.
func (x *Index) score(s *scratch, l *list, est []float32, base, slope float32) {
	slack := rounding * max(base, -base, 1)
	for i, e := range est {
		if s.best.Full() && e+slope*l.factors[i].Error+slack+rounding*l.adds[i] < s.best.Worst().Score {
			continue
		}
		s.best.Push(index.Hit{ID: l.ids[i], Score: x.metric.Score(s.q, l.row(i, x.dim))})
	}
}

// scoreSome reads admitted vectors, by where they are now.
func (x *Index) scoreSome(s *scratch, est []float32) {
	slope := float32(deviations) * s.query.Norm
	if x.metric == index.L2 {
		slope *= 2
	}
	for j, id := range s.ids {
		p, ok := x.where[id]
		if !ok {
			continue
		}
		l := x.lists[p.list]
		slack := rounding * (1 + s.query.Norm*s.query.Norm + l.adds[p.at])
		// The estimate is of the vector that was there when the list was scanned.
		same := int32(p.at) == s.maybe[j]
		if same && s.best.Full() && est[s.maybe[j]]+slope*l.factors[p.at].Error+slack < s.best.Worst().Score {
			continue
		}
		s.best.Push(index.Hit{ID: id, Score: x.metric.Score(s.q, l.row(int(p.at), x.dim))})
	}
}

// pick compares with the vectors of a few wanted ids only.
func (x *Index) pick(s *scratch, o *index.Options) {
	it := o.Within.ManyIterator()
	var ids [256]uint32
	for n := it.NextMany(ids[:]); n > 0; n = it.NextMany(ids[:]) {
		m := 0
		for _, id := range ids[:n] {
			if o.Admits(id) {
				ids[m] = id
				m++
			}
		}
		x.mu.RLock()
		for _, id := range ids[:m] {
			if p, ok := x.where[id]; ok {
				s.best.Push(index.Hit{ID: id, Score: x.metric.Score(s.q, x.lists[p.list].row(int(p.at), x.dim))})
			}
		}
		x.mu.RUnlock()
	}
}
