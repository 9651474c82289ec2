package text

import (
	"fmt"
	"slices"
	"strings"
)

// maxSynonymTerms is the longest phrase in a synonym group.
const maxSynonymTerms = 4

// synonyms maps a term sequence, joined by spaces, to what else may stand for it.
type synonyms map[string][][]string

func (a *Analyzer) compileSynonyms(groups [][]string) (synonyms, error) {
	if len(groups) == 0 {
		return nil, nil
	}
	s := make(synonyms)
	for i, g := range groups {
		var forms [][]string
		for _, w := range g {
			t := a.Terms(w)
			if len(t) == 0 || len(t) > maxSynonymTerms {
				return nil, fmt.Errorf("text: synonym group %d: %q has %d terms; 1 to %d are possible", i, w, len(t), maxSynonymTerms)
			}
			forms = append(forms, t)
		}
		for _, f := range forms {
			key := strings.Join(f, " ")
			for _, other := range forms {
				if !slices.Equal(f, other) {
					s[key] = appendForm(s[key], other)
				}
			}
		}
	}
	return s, nil
}

func appendForm(forms [][]string, f []string) [][]string {
	for _, x := range forms {
		if slices.Equal(x, f) {
			return forms
		}
	}
	return append(forms, f)
}

// widen gives the clauses their alternatives. A synonym of several words in a row ("love seat" for "sofa") becomes an
// alternative of each of those words, so that a document with the synonym satisfies all of them.
func (s synonyms) widen(clauses []Clause) {
	if len(s) == 0 {
		return
	}
	for i := 0; i < len(clauses); {
		n := min(maxSynonymTerms, len(clauses)-i)
		for ; n > 0; n-- {
			if forms, ok := s.at(clauses[i : i+n]); ok {
				for j := i; j < i+n; j++ {
					for _, f := range forms {
						clauses[j].Alternatives = appendForm(clauses[j].Alternatives, f)
					}
				}
				break
			}
		}
		i += max(n, 1)
	}
}

func (s synonyms) at(clauses []Clause) ([][]string, bool) {
	terms := make([]string, 0, maxSynonymTerms)
	for _, c := range clauses {
		if c.Occur == MustNot || len(c.Terms) != 1 {
			return nil, false
		}
		terms = append(terms, c.Terms[0])
	}
	forms, ok := s[strings.Join(terms, " ")]
	return forms, ok
}
