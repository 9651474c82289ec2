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

// OneWay says that a query for any of From also finds what holds any of To, and not the other way round.
type OneWay struct{ From, To []string }

// SetSynonyms puts a list in place of the one there is, for queries from now on. After an error the old one stays.
func (a *Analyzer) SetSynonyms(l SynonymList) error {
	s, err := a.compileSynonyms(l.Groups, l.OneWay)
	if err == nil {
		a.syn.Store(&s)
	}
	return err
}

func (a *Analyzer) compileSynonyms(groups [][]string, oneWay []OneWay) (synonyms, error) {
	if len(groups)+len(oneWay) == 0 {
		return nil, nil
	}
	s := make(synonyms)
	for i, g := range groups {
		forms, err := a.forms(g)
		if err != nil {
			return nil, fmt.Errorf("text: synonym group %d: %w", i, err)
		}
		s.lead(forms, forms)
	}
	for i, w := range oneWay {
		from, err := a.forms(w.From)
		if err != nil {
			return nil, fmt.Errorf("text: one-way synonyms %d: %w", i, err)
		}
		to, err := a.forms(w.To)
		if err != nil {
			return nil, fmt.Errorf("text: one-way synonyms %d: %w", i, err)
		}
		s.lead(from, to)
	}
	return s, nil
}

// forms are the terms of words or phrases.
func (a *Analyzer) forms(list []string) ([][]string, error) {
	var out [][]string
	for _, w := range list {
		t := a.Terms(w)
		if len(t) == 0 || len(t) > maxSynonymTerms {
			return nil, fmt.Errorf("%q has %d terms; 1 to %d are possible", w, len(t), maxSynonymTerms)
		}
		out = append(out, t)
	}
	return out, nil
}

// lead has every form of one list also find those of another.
func (s synonyms) lead(from, to [][]string) {
	for _, f := range from {
		key := strings.Join(f, " ")
		for _, other := range to {
			if !slices.Equal(f, other) {
				s[key] = appendForm(s[key], other)
			}
		}
	}
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
