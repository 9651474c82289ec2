package text

import (
	"cmp"
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
	// Synonyms are groups of words or phrases with one meaning, in any of the languages; OneWay lead one way only. A word
	// that one language never searches for, as "die" in German, is left out there.
	Synonyms [][]string
	OneWay   []OneWay
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
		a, err := New(Options{Language: l, StopWords: o.StopWords[l]})
		if err != nil {
			return nil, err
		}
		m.langs, m.by[l] = append(m.langs, l), a
		versions = append(versions, a.Version())
	}
	if err := m.SetSynonyms(SynonymList{o.Synonyms, o.OneWay}); err != nil {
		return nil, err
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

// SetSynonyms puts a list in place of the one there is, for queries from now on. After an error, which is of the default
// language, the old one stays.
func (m *Multi) SetSynonyms(l SynonymList) error {
	if err := m.Default().SetSynonyms(l); err != nil {
		return err
	}
	for _, code := range m.langs[1:] {
		a := m.by[code]
		if err := a.SetSynonyms(l.sayable(a)); err != nil {
			return err
		}
	}
	return nil
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
	others := []*Analyzer{m.plain}
	for _, l := range langs[1:] {
		others = append(others, m.For(l))
	}
	for _, a := range others {
		if p, err := a.Parse(q, o); err == nil {
			join(out.Clauses, p.Clauses)
		}
	}
	return out, nil
}

// join adds to clauses what another language makes of the same bytes of the query.
func join(clauses, others []Clause) {
	for i := range clauses {
		c := &clauses[i]
		if len(c.Terms) != 1 || c.Occur == MustNot {
			continue
		}
		for k := range others {
			x := &others[k]
			if x.Start != c.Start || x.End != c.End || len(x.Terms) != 1 || x.Prefix != c.Prefix {
				continue
			}
			if x.Terms[0] != c.Terms[0] {
				c.Alternatives = appendForm(c.Alternatives, x.Terms)
			}
			for _, f := range x.Alternatives {
				if len(f) > 1 || f[0] != c.Terms[0] {
					c.Alternatives = appendForm(c.Alternatives, f)
				}
			}
		}
	}
}

// Stops tells whether a word is a stop word of any of the languages.
func (m *Multi) Stops(word string) bool {
	for _, l := range m.langs {
		if len(m.by[l].Terms(word)) == 0 {
			return true
		}
	}
	return false
}

// Highlight returns the stretches of s whose terms are wanted in any of the languages, in order and without overlap:
// the same text may have been indexed in another language than these few words let guess.
func (m *Multi) Highlight(s string, want func(term string) bool) []Span {
	spans := m.Default().Highlight(s, want)
	if len(m.langs) == 1 {
		return spans
	}
	for _, a := range append([]*Analyzer{m.plain}, m.others()...) {
		spans = append(spans, a.Highlight(s, want)...)
	}
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End)) })
	out := spans[:0]
	for _, x := range spans {
		if n := len(out); n > 0 && x.Start <= out[n-1].End {
			out[n-1].End = max(x.End, out[n-1].End)
			continue
		}
		out = append(out, x)
	}
	return out
}

func (m *Multi) others() []*Analyzer {
	var out []*Analyzer
	for _, l := range m.langs[1:] {
		out = append(out, m.by[l])
	}
	return out
}

// sayable leaves out what an Analyzer cannot search for.
func (l SynonymList) sayable(a *Analyzer) SynonymList {
	keep := func(list []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(w string) bool {
			n := len(a.Terms(w))
			return n == 0 || n > maxSynonymTerms
		})
	}
	var out SynonymList
	for _, g := range l.Groups {
		if g = keep(g); len(g) > 1 {
			out.Groups = append(out.Groups, g)
		}
	}
	for _, w := range l.OneWay {
		if w = (OneWay{keep(w.From), keep(w.To)}); len(w.From) > 0 && len(w.To) > 0 {
			out.OneWay = append(out.OneWay, w)
		}
	}
	return out
}
