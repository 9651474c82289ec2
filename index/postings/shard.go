package postings

import (
	"fmt"
	"slices"
	"strings"
)

// Statistics are the counts that scores are made of: of one index, or of several joined. With those of all shards, each
// shard gives its documents the scores to the last bit that one index over all documents would.
type Statistics struct {
	Docs    int            // with at least one token: N
	Tokens  []uint64       // per field
	Having  []int          // documents with a token in the field
	DocFreq map[string]int // documents that hold a term, of all terms that the query can match
}

// Statistics returns the index's counts for a query: its terms, and all that its prefixes and fuzzy terms stand for.
// The counts are of this moment. Its cost is that of looking the terms up.
func (ix *Index) Statistics(q Query) (Statistics, error) {
	if err := q.validate(len(ix.o.Fields)); err != nil {
		return Statistics{}, err
	}
	p := new(plan)
	ix.mu.RLock()
	p.snap, p.names = ix.snap, ix.names
	ix.mu.RUnlock()
	wide := p.candidates(&q)
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	s := Statistics{Docs: ix.stats.scored, DocFreq: make(map[string]int)}
	for f := range ix.o.Fields {
		s.Tokens, s.Having = append(s.Tokens, ix.stats.total[f]), append(s.Having, ix.stats.having[f])
	}
	note := func(id uint32) {
		if ix.df[id] > 0 {
			s.DocFreq[strings.Clone(p.names[id])] = int(ix.df[id])
		}
	}
	for _, c := range q.Clauses {
		for i := range c.Any {
			l := &c.Any[i]
			if l.wide() {
				for _, x := range wide[l.key()] {
					note(x.id)
				}
				continue
			}
			for _, t := range l.Terms {
				if id, ok := ix.lookup(t); ok && int(id) < len(p.names) {
					note(id)
				}
			}
		}
	}
	return s, nil
}

// Join adds up the statistics of shards. They must have the same fields; a document must stand in one shard only.
func Join(all ...Statistics) Statistics {
	out := Statistics{DocFreq: make(map[string]int)}
	for _, s := range all {
		out.Docs += s.Docs
		for f := range s.Tokens {
			if f == len(out.Tokens) {
				out.Tokens, out.Having = append(out.Tokens, 0), append(out.Having, 0)
			}
			out.Tokens[f] += s.Tokens[f]
			out.Having[f] += s.Having[f]
		}
		for t, n := range s.DocFreq {
			out.DocFreq[t] += n
		}
	}
	return out
}

// JoinHits returns the best k of the hits of shards.
func JoinHits(k int, shards ...[]Hit) []Hit {
	all := append([]Hit{}, slices.Concat(shards...)...)
	slices.SortFunc(all, func(a, b Hit) int {
		if worse(b, a) {
			return -1
		}
		return 1
	})
	return all[:min(k, len(all))]
}

func (s *Statistics) validate(fields int) error {
	if s.Docs < 0 || len(s.Tokens) != fields || len(s.Having) != fields {
		return fmt.Errorf("postings: statistics of %d documents and %d fields, where the index has %d", s.Docs, len(s.Tokens), fields)
	}
	for f, n := range s.Having {
		if n < 0 {
			return fmt.Errorf("postings: statistics: %d documents have field %d", n, f)
		}
	}
	for t, n := range s.DocFreq {
		if n < 0 {
			return fmt.Errorf("postings: statistics: %d documents hold %q", n, t)
		}
	}
	return nil
}

// sums turns the statistics into what an index keeps.
func (s *Statistics) sums() stats {
	out := stats{scored: s.Docs}
	copy(out.total[:], s.Tokens)
	copy(out.having[:], s.Having)
	return out
}
