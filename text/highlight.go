package text

import "strings"

// Span is a stretch of bytes of a text.
type Span struct{ Start, End int }

// Highlight returns the stretches of s whose terms are wanted, in order and without overlap.
func (a *Analyzer) Highlight(s string, want func(term string) bool) []Span {
	var spans []Span
	for _, t := range a.Analyze(nil, s) {
		if !want(t.Term) {
			continue
		}
		if n := len(spans); n > 0 && t.Start <= spans[n-1].End {
			spans[n-1].End = max(t.End, spans[n-1].End)
			continue
		}
		spans = append(spans, Span{t.Start, t.End})
	}
	return spans
}

// Wants returns the predicate that Highlight needs for the query: its terms, prefixes and synonyms, less what it excludes.
func (q Query) Wants() func(term string) bool {
	terms := make(map[string]bool)
	var prefixes []string
	for _, c := range q.Clauses {
		if c.Occur == MustNot {
			continue
		}
		if c.Prefix {
			prefixes = append(prefixes, c.Terms[0])
		}
		for _, t := range c.Terms {
			terms[t] = true
		}
		for _, f := range c.Alternatives {
			for _, t := range f {
				terms[t] = true
			}
		}
	}
	return func(term string) bool {
		if terms[term] {
			return true
		}
		for _, p := range prefixes {
			if strings.HasPrefix(term, p) {
				return true
			}
		}
		return false
	}
}
