package postings

// spans are the places of a phrase that is being matched term by term: where each begins and where its last term so far
// stands. Places are keys of field and position, sorted.
type spans struct{ starts, ends []uint32 }

func (s *spans) begin(slop uint32) {
	if slop > 0 {
		s.ends = append(s.ends[:0], s.starts...)
	}
}

// follow keeps the places that the i-th term of the phrase follows: in its slot or, with slop, the nearest that is not
// before its slot and leaves the words between within the slop. The nearest is the best choice for the terms after it.
func (s *spans) follow(other []uint32, l *planLeaf, i int) {
	if l.slop == 0 {
		s.starts = keepFollowed(s.starts, other, l.slots[i])
		return
	}
	gap := l.slots[i] - l.slots[i-1]
	n, j := 0, 0
	for k, end := range s.ends {
		for j < len(other) && other[j] < end+gap {
			j++
		}
		if j == len(other) {
			break
		}
		if start := s.starts[k]; other[j]-start-l.slots[i] <= l.slop && other[j]>>27 == start>>27 {
			s.starts[n], s.ends[n] = start, other[j]
			n++
		}
	}
	s.starts, s.ends = s.starts[:n], s.ends[:n]
}

// keepFollowed keeps the places that have a place of other slot further on. Both are sorted.
func keepFollowed(at, other []uint32, slot uint32) []uint32 {
	kept, j := at[:0], 0
	for _, k := range at {
		for j < len(other) && other[j] < k+slot {
			j++
		}
		if j < len(other) && other[j] == k+slot {
			kept = append(kept, k)
		}
	}
	return kept
}

// frequencies returns how often the phrase stands in each field; with slop, a place with n further words counts 1 / (1+n).
func (s *spans) frequencies(l *planLeaf) (tf [MaxFields]float64) {
	last := l.slots[len(l.slots)-1]
	for i, k := range s.starts {
		if l.slop == 0 {
			tf[k>>27]++
			continue
		}
		tf[k>>27] += 1 / float64(1+s.ends[i]-k-last)
	}
	return tf
}

// tf returns tf' of the places.
func (s *spans) tf(l *planLeaf, n *norms, length func(f int) uint16) float64 {
	sum := 0.0
	for f, c := range s.frequencies(l) {
		if c > 0 {
			sum += c * n.one(f, length(f))
		}
	}
	return sum
}
