package postings

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// candidate is a term that a prefix or a fuzzy leaf stands for.
type candidate struct {
	id    uint32
	edits int
}

// wide says whether the leaf stands for terms that have to be looked for.
func (l *Leaf) wide() bool { return l.Prefix || l.Fuzzy > 0 }

// leafKey is what candidates depend on.
type leafKey struct {
	term        string
	prefix      bool
	edits, keep int
}

func (l *Leaf) key() leafKey { return leafKey{l.Terms[0], l.Prefix, l.Fuzzy, l.Keep} }

// candidates looks for the terms of all wide leaves in the snapshot.
func (p *plan) candidates(q *Query) map[leafKey][]candidate {
	var out map[leafKey][]candidate
	for _, c := range q.Clauses {
		for i := range c.Any {
			l := &c.Any[i]
			if !l.wide() {
				continue
			}
			if out == nil {
				out = make(map[leafKey][]candidate)
			}
			if _, ok := out[l.key()]; !ok {
				out[l.key()] = p.lookFor(l)
			}
		}
	}
	return out
}

// lookFor walks the sorted terms of each segment, passing over all that share a beginning which already lies too far.
// The terms of records are tried one by one.
func (p *plan) lookFor(l *Leaf) []candidate {
	seen := make(map[uint32]bool)
	var out []candidate
	take := func(id uint32, edits int) {
		if !seen[id] {
			seen[id] = true
			out = append(out, candidate{id, edits})
		}
	}
	m := newMatcher(l)
	for i := range p.snap.segs {
		s := &p.snap.segs[i]
		at, end := s.from(p.names, m.exact), len(s.terms)
		m.restart()
		for at < end {
			name := p.names[s.terms[at]]
			if !strings.HasPrefix(name, m.exact) {
				break
			}
			edits, dead := m.match(name)
			if edits >= 0 {
				take(s.terms[at], edits)
			}
			if dead == 0 {
				at++
				continue
			}
			at = s.past(p.names, at, name[:dead])
		}
	}
	m.restart()
	for i, r := range p.snap.mem {
		if !p.snap.liveRecord(i) {
			continue
		}
		for _, id := range r.terms {
			if name := p.names[id]; !seen[id] && strings.HasPrefix(name, m.exact) {
				if edits, _ := m.match(name); edits >= 0 {
					take(id, edits)
				}
			}
		}
	}
	return out
}

// lookAmong is lookFor over names instead of a snapshot: sorted ones. It returns their indexes as ids.
func lookAmong(l *Leaf, names []string) []candidate {
	var out []candidate
	m := newMatcher(l)
	m.restart()
	at, _ := slices.BinarySearch(names, m.exact)
	for ; at < len(names) && strings.HasPrefix(names[at], m.exact); at++ {
		if edits, _ := m.match(names[at]); edits >= 0 {
			out = append(out, candidate{uint32(at), edits})
		}
	}
	return out
}

// chosen is a term that a wide leaf became.
type chosen struct {
	name  string
	edits int
	df    uint32
}

// choose keeps the best candidates: the nearest, then those in most documents, then the first by their strings. The
// choice depends on the live documents alone.
//
// One letter can be the beginning of every tenth term: all but the best are dropped as they come, and never sorted.
func choose(l *Leaf, all []chosen) []chosen {
	n := l.Expand
	if n == 0 {
		n = expansions
	}
	order := func(a, b chosen) int {
		return cmp.Or(cmp.Compare(a.edits, b.edits), cmp.Compare(b.df, a.df), strings.Compare(a.name, b.name))
	}
	kept, sorted := all[:0], false
	for _, c := range all {
		if c.df == 0 || sorted && order(c, kept[n-1]) > 0 {
			continue
		}
		if kept = append(kept, c); len(kept) >= 2*n {
			slices.SortFunc(kept, order)
			kept, sorted = kept[:n], true
		}
	}
	slices.SortFunc(kept, order)
	return kept[:min(n, len(kept))]
}

// from is the index of the first term that is not before t.
func (s *segment) from(names []string, t string) int {
	at, _ := slices.BinarySearchFunc(s.terms, t, func(id uint32, t string) int { return strings.Compare(names[id], t) })
	return at
}

// past is the index of the first term behind all that begin with prefix, which the term at does. It gallops: such runs
// are often short.
func (s *segment) past(names []string, at int, prefix string) int {
	lo, step := at, 1
	for lo+step < len(s.terms) && strings.HasPrefix(names[s.terms[lo+step]], prefix) {
		lo += step
		step *= 2
	}
	hi := min(lo+step, len(s.terms))
	for lo+1 < hi {
		mid := int(uint(lo+hi) / 2)
		if strings.HasPrefix(names[s.terms[mid]], prefix) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// matcher measures edits from the leaf's letters to terms. It keeps the rows of the distance table for the letters that
// a term shares with the one before, so that sorted terms cost little more than their new letters.
//
// Row j of the table is for the first j letters of the term; row[i] is the distance to the first i letters of the leaf
// (optimal string alignment: Damerau's distance in which no part is edited twice).
type matcher struct {
	exact  string // how every term must begin
	want   []rune
	prefix bool
	edits  int
	last   string
	letter []rune // of the term before
	ends   []int  // offset behind each letter
	rows   [][]uint8
	best   []uint8 // least distance of a beginning, for prefixes
}

func newMatcher(l *Leaf) *matcher {
	m := &matcher{want: []rune(l.Terms[0]), prefix: l.Prefix, edits: l.Fuzzy}
	if m.edits == 0 {
		m.exact = l.Terms[0]
		return m
	}
	at := 0
	for range l.Keep {
		_, n := utf8.DecodeRuneInString(l.Terms[0][at:])
		at += n
	}
	m.exact = l.Terms[0][:at]
	return m
}

func (m *matcher) restart() {
	m.last, m.letter, m.ends = "", m.letter[:0], m.ends[:0]
	if len(m.rows) > 0 || m.edits == 0 {
		return
	}
	first := make([]uint8, len(m.want)+1)
	for i := range first {
		first[i] = uint8(min(i, 255))
	}
	m.rows, m.best = append(m.rows, first), append(m.best, first[len(m.want)])
}

// match returns the edits to a term, or −1 if there are too many. If dead is positive, no term that begins with that many
// bytes of this one matches, beyond what was said of this one.
func (m *matcher) match(name string) (edits, dead int) {
	if m.edits == 0 {
		return 0, 0
	}
	j := m.shared(name)
	at := 0
	if j > 0 {
		at = m.ends[j-1]
	}
	m.letter, m.ends = m.letter[:j], m.ends[:j]
	m.last = name
	for at < len(name) {
		c, n := utf8.DecodeRuneInString(name[at:])
		at += n
		m.letter, m.ends = append(m.letter, c), append(m.ends, at)
		j++
		if m.fill(j) > uint8(m.edits) && !(m.prefix && int(m.best[j]) <= m.edits) {
			return -1, at
		}
	}
	d := int(m.rows[j][len(m.want)])
	if m.prefix {
		d = int(m.best[j])
	}
	if d > m.edits {
		d = -1
	}
	return d, 0
}

// shared is how many letters the term shares with the one before.
func (m *matcher) shared(name string) int {
	n := 0
	for n < len(name) && n < len(m.last) && name[n] == m.last[n] {
		n++
	}
	j := 0
	for j < len(m.ends) && m.ends[j] <= n && m.letter[j] != utf8.RuneError { // half a letter may go on otherwise
		j++
	}
	return j
}

// fill computes row j and returns the least distance that a longer term may still come to.
func (m *matcher) fill(j int) uint8 {
	for len(m.rows) <= j {
		m.rows, m.best = append(m.rows, make([]uint8, len(m.want)+1)), append(m.best, 0)
	}
	row, above := m.rows[j], m.rows[j-1]
	c := m.letter[j-1]
	row[0] = uint8(min(j, 255))
	least := row[0]
	for i := 1; i <= len(m.want); i++ {
		cost := uint8(1)
		if m.want[i-1] == c {
			cost = 0
		}
		d := min(satAdd(row[i-1], 1), satAdd(above[i], 1), satAdd(above[i-1], cost))
		if i > 1 && j > 1 && c == m.want[i-2] && m.letter[j-2] == m.want[i-1] {
			d = min(d, satAdd(m.rows[j-2][i-2], 1))
		}
		row[i] = d
		least = min(least, d)
	}
	// An exchange can still mend what the row before allowed.
	for _, d := range above {
		least = min(least, satAdd(d, 1))
	}
	m.best[j] = min(m.best[j-1], row[len(m.want)])
	return least
}

func satAdd(a, b uint8) uint8 {
	if a > 255-b {
		return 255
	}
	return a + b
}
