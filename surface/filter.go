package surface

import (
	"slices"

	"bowerbird"
)

// sieve is the filters of one page, compiled for its request. The tests are safe
// for concurrent use; what was removed is added up by the page's own goroutine.
type sieve struct {
	names   []string
	tests   []func(bowerbird.ItemID) bool
	counts  []int
	removed [][]bowerbird.ItemID // only when the request asks for a trace
}

// compile asks every filter for its test.
func (p *Pipeline) compile(r *bowerbird.Request) *sieve {
	s := &sieve{}
	for _, f := range p.Filters {
		if t := f.For(r); t != nil {
			s.names, s.tests = append(s.names, f.Name()), append(s.tests, t)
		}
	}
	s.counts, s.removed = make([]int, len(s.tests)), make([][]bowerbird.ItemID, len(s.tests))
	return s
}

// skips is what one source passed over on the filters' word.
type skips struct {
	sieve   *sieve
	trace   bool
	counts  []int
	removed [][]bowerbird.ItemID
}

// maxRemoved bounds what a trace remembers of one filter in one source.
const maxRemoved = 1000

func (s *sieve) skips(trace bool) *skips {
	k := &skips{sieve: s, trace: trace, counts: make([]int, len(s.tests))}
	if trace {
		k.removed = make([][]bowerbird.ItemID, len(s.tests))
	}
	return k
}

// keep is what a source sees as Request.Keep.
func (k *skips) keep(item bowerbird.ItemID) bool {
	for i, t := range k.sieve.tests {
		if t(item) {
			continue
		}
		k.counts[i]++
		if k.trace && len(k.removed[i]) < maxRemoved {
			k.removed[i] = append(k.removed[i], item)
		}
		return false
	}
	return true
}

// add sums up a source that has answered.
func (s *sieve) add(k *skips) {
	for i := range s.tests {
		s.counts[i] += k.counts[i]
		if k.trace {
			s.removed[i] = append(s.removed[i], k.removed[i]...)
		}
	}
}

// filter removes what sources let slip.
func (s *sieve) filter(c []bowerbird.Candidate) []bowerbird.Candidate {
	kept := c[:0]
next:
	for _, x := range c {
		for i, t := range s.tests {
			if !t(x.Item) {
				s.counts[i]++
				s.removed[i] = append(s.removed[i], x.Item)
				continue next
			}
		}
		kept = append(kept, x)
	}
	return kept
}

func (s *sieve) trace() []bowerbird.FilterTrace {
	out := make([]bowerbird.FilterTrace, len(s.names))
	for i, n := range s.names {
		slices.Sort(s.removed[i])
		out[i] = bowerbird.FilterTrace{Name: n, Count: s.counts[i], Removed: slices.Compact(s.removed[i])}
	}
	return out
}
