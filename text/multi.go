package text

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"bowerbird/text/detect"
)

// MultiOptions choose the languages of a Multi. The zero value is English alone, without guessing.
type MultiOptions struct {
	// Languages are the codes of Options.Language that texts may be in. The first is the default: of texts whose
	// language nobody says and that are too short to tell.
	Languages []string
	// StopWords replaces a language's list, by its code.
	StopWords map[string][]string
	// Synonyms are groups of words or phrases with one meaning, in any of the languages.
	Synonyms [][]string
	// Sure is how likely a guessed language must be to be taken instead of the default. Default .8.
	Sure float64
}

// Multi analyses texts of several languages. A document is analysed in its own language, said or guessed; a query in
// all that it may be in, since its few words may be of any. It is safe for concurrent use.
type Multi struct {
	langs   []string
	by      map[string]*Analyzer
	plain   *Analyzer // for texts in a language that is none of these
	guess   *detect.Detector
	sure    float64
	version string
}

// NewMulti returns a Multi, or an error that names the language or the synonym group that is wrong.
func NewMulti(o MultiOptions) (*Multi, error) {
	if len(o.Languages) == 0 {
		o.Languages = []string{"en"}
	}
	m := &Multi{by: make(map[string]*Analyzer), sure: o.Sure}
	if m.sure == 0 {
		m.sure = .8
	}
	if !(m.sure > 0 && m.sure <= 1) {
		return nil, fmt.Errorf("text: Sure: want a probability, not %v", o.Sure)
	}
	for l := range o.StopWords {
		if !slices.Contains(o.Languages, l) {
			return nil, fmt.Errorf("text: stop words of %q, which is none of the languages %s", l, strings.Join(o.Languages, " "))
		}
	}
	var versions []string
	for _, l := range o.Languages {
		if m.by[l] != nil {
			return nil, fmt.Errorf("text: language %q is named twice", l)
		}
		a, err := New(Options{Language: l, StopWords: o.StopWords[l], Synonyms: o.Synonyms})
		if err != nil {
			return nil, err
		}
		m.langs, m.by[l] = append(m.langs, l), a
		versions = append(versions, a.Version())
	}
	if err := m.prepareGuess(); err != nil {
		return nil, err
	}
	m.version = versions[0]
	if len(versions) > 1 {
		sum := crc32.ChecksumIEEE([]byte(strings.Join(versions, " ")))
		m.version = fmt.Sprintf("multi%d-%s-%.2f-%s-%08x", formatVersion, strings.Join(m.langs, "+"), m.sure, detect.Version(), sum)
	}
	return m, nil
}

// prepareGuess makes the detector, if there is anything to tell apart.
func (m *Multi) prepareGuess() error {
	var err error
	if m.plain = m.by["none"]; m.plain == nil {
		if m.plain, err = New(Options{Language: "none"}); err != nil {
			return err
		}
	}
	var known []string
	for _, l := range m.langs {
		if slices.Contains(detect.Languages(), l) {
			known = append(known, l)
		}
	}
	if len(m.langs) < 2 || len(known) == 0 {
		return nil
	}
	m.guess, err = detect.New(detect.Options{Languages: known})
	return err
}

// Version names everything that changes the terms of a document. Of one language it is that Analyzer's version.
func (m *Multi) Version() string { return m.version }

// Languages returns the codes, the default first.
func (m *Multi) Languages() []string { return slices.Clone(m.langs) }

// Default returns the default language's Analyzer.
func (m *Multi) Default() *Analyzer { return m.by[m.langs[0]] }

// Language settles the language of a document: the one that is said, if it is one of the Multi's ("de-AT" is "de"); else
// the guess from the text, if it is sure enough; else the default. Text that is surely in another known language is
// "none": it is folded and not stemmed. The answer depends on the arguments only, so an index that keeps it, or asks
// again with the same text, gets the same terms.
func (m *Multi) Language(said, s string) string {
	if said != "" {
		base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(said), "_", "-"), "-")
		switch base {
		case "nb", "nn":
			base = "no"
		}
		for _, l := range []string{strings.ToLower(said), base} {
			if m.by[l] != nil {
				return l
			}
		}
		if len(m.langs) > 1 {
			return "none"
		}
	}
	if m.guess == nil {
		return m.langs[0]
	}
	g := m.guess.Best(s)
	if g.Prob < m.sure {
		return m.langs[0]
	}
	if g.Lang == "" {
		return "none"
	}
	return g.Lang
}

// For returns the Analyzer of a language as Language answers it; of any other code the default's.
func (m *Multi) For(lang string) *Analyzer {
	if a := m.by[lang]; a != nil {
		return a
	}
	if lang == "none" {
		return m.plain
	}
	return m.Default()
}

// likely are the languages that a query is read in: of one that is surely in one language that alone, else all. The
// query's own guess is not trusted below .99, since "table" is French too.
func (m *Multi) likely(q string) []string {
	if m.guess != nil {
		if g := m.guess.Best(q); g.Prob >= .99 && m.by[g.Lang] != nil {
			return []string{g.Lang}
		}
	}
	return m.langs
}

// Parse reads a query in every language that it may be in: the clauses are those of the first, and each has the terms
// that the others, and folding alone, would give it as alternatives. The languages may be named; with none they are
// guessed. Phrases and excluded words are read in the first language only.
func (m *Multi) Parse(q string, o ParseOptions, langs ...string) (Query, error) {
	if len(langs) == 0 {
		langs = m.likely(q)
	}
	first := m.For(langs[0])
	out, err := first.Parse(q, o)
	if err != nil || len(m.langs) == 1 {
		return out, err
	}
	for i := range out.Clauses {
		c := &out.Clauses[i]
		if len(c.Terms) != 1 || c.Occur == MustNot {
			continue
		}
		s := q[c.Start:c.End]
		others := []*Analyzer{m.plain}
		for _, l := range langs[1:] {
			others = append(others, m.For(l))
		}
		for _, a := range others {
			if t := a.Terms(s); len(t) == 1 && t[0] != c.Terms[0] {
				c.Alternatives = appendForm(c.Alternatives, t)
			}
		}
	}
	return out, nil
}
