package postings

import "fmt"

// Statistics are the counts that scores are made of: of one index, or of several joined.
type Statistics struct {
	Docs    int            // with at least one token: N
	Tokens  []uint64       // per field
	Having  []int          // documents with a token in the field
	DocFreq map[string]int // of the terms that a query can match
}

func (s *Statistics) validate(fields int) error {
	if s.Docs < 0 || len(s.Tokens) != fields || len(s.Having) != fields {
		return fmt.Errorf("postings: statistics of %d documents and %d fields, where the index has %d", s.Docs, len(s.Tokens), fields)
	}
	return nil
}
