package graph

import "sync/atomic"

// sieve says of most nodes, at one look into a few KiB or MiB, that the live layer has not touched them: a Bloom filter whose two bits of a
// node lie in one word. With two words a node or more it errs for one node in 250 at most. Bits are only ever set, so that snapshots
// share it with the writer: what a snapshot holds was set before it was taken.
//
// Sources: Bloom, CACM 1970; Putze, Sanders and Singler, JEA 2009 (blocks).
type sieve struct {
	words []uint32 // a power of two
	n     int      // nodes set
}

const leastSieve = 256 // words

// newSieve is an empty one of twice the size of the last.
func newSieve(last *sieve) *sieve {
	if last == nil {
		return &sieve{words: make([]uint32, leastSieve)}
	}
	return &sieve{words: make([]uint32, 2*len(last.words))}
}

// place is the word of a node and its bits there; gen/main.go knows it too.
func (s *sieve) place(id uint32) (word *uint32, bits uint32) {
	h := spread32(id)
	return &s.words[h>>10&uint32(len(s.words)-1)], 1<<(h&31) | 1<<(h>>5&31)
}

func (s *sieve) set(id uint32) {
	word, bits := s.place(id)
	atomic.OrUint32(word, bits)
	s.n++
}

// has is false for nodes that were not touched, and true for those that were and a few others.
func (s *sieve) has(id uint32) bool {
	word, bits := s.place(id)
	return atomic.LoadUint32(word)&bits == bits
}

// sift notes a node that gets its first delta.
func (t *tree) sift(id uint32) {
	if s := t.sieve; s == nil || 2*s.n >= len(s.words) {
		wider := newSieve(s)
		touched(t.top, func(id uint32, _ *delta) { wider.set(id) })
		t.sieve = wider
	}
	t.sieve.set(id)
}
