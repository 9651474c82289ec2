package text

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// formatVersion changes whenever the same text could give other terms than before.
const formatVersion = 1

// MaxTermBytes is the longest term that an Analyzer emits; a longer word is cut there, at a rune boundary.
const MaxTermBytes = 128

// Options choose how text becomes terms. The zero value is English: Porter2 stemming and a list of 33 stop words.
type Options struct {
	// Language is an ISO 639-1 code: ar da de en es fi fr ga hu it nl no pt ro ru sv ta tr, or "none" for folding only.
	// Default "en". "en-porter" is Porter's first stemmer, which the published Lucene baselines use.
	Language string
	// StopWords replaces the language's list. Nil keeps the list; an empty slice stops nothing.
	StopWords []string
	// Synonyms are groups of words or phrases with one meaning. They widen queries only, so that a change needs no
	// reindexing and Version does not name them.
	Synonyms [][]string
	// OneWay are synonyms in one direction, by query only as well.
	OneWay []OneWay
}

// Token is one term with its place.
type Token struct {
	Term       string
	Pos        int // counts words, stop words included; phrases compare these
	Start, End int // bytes of the input
}

// Analyzer turns text into terms. It is safe for concurrent use.
type Analyzer struct {
	lang    string
	stem    func(string) string
	elide   bool
	stop    map[string]bool
	syn     atomic.Pointer[synonyms]
	version string
	cache   []atomic.Pointer[cached]
}

// cached remembers the term of one word. The table is direct-mapped, so that memory is bounded and no lock is needed:
// words follow Zipf's law and few of them are analysed most of the time.
type cached struct{ word, term string }

const cacheSize = 1 << 15

// New returns an Analyzer, or an error that names the language or the synonym group that is wrong.
func New(o Options) (*Analyzer, error) {
	if o.Language == "" {
		o.Language = "en"
	}
	l, ok := languages[o.Language]
	if !ok {
		return nil, fmt.Errorf("text: language %q is unknown; one of %s", o.Language, strings.Join(Languages(), " "))
	}
	a := &Analyzer{lang: o.Language, stem: l.stemmer(), elide: l.elide, cache: make([]atomic.Pointer[cached], cacheSize)}
	list := o.StopWords
	if list == nil {
		list = strings.Fields(l.stop)
	}
	a.stop = make(map[string]bool, len(list))
	for _, w := range list {
		if w = lower(strings.TrimSpace(w)); w != "" {
			a.stop[w] = true
		}
	}
	a.version = versionOf(o.Language, a.stop)
	return a, a.SetSynonyms(SynonymList{o.Synonyms, o.OneWay})
}

func versionOf(lang string, stop map[string]bool) string {
	list := make([]string, 0, len(stop))
	for w := range stop {
		list = append(list, w)
	}
	slices.Sort(list)
	sum := crc32.ChecksumIEEE([]byte(strings.Join(list, " ")))
	return fmt.Sprintf("text%d-%s-unicode%s-%08x", formatVersion, lang, unicode.Version, sum)
}

// Version names the language, the rules and the stop words. Keep it with an index and refuse an index of another version.
func (a *Analyzer) Version() string { return a.version }

// Language returns the language's code.
func (a *Analyzer) Language() string { return a.lang }

// Analyze appends the tokens of a document's text to dst and returns it. Text of any content is accepted: what is not a
// word, such as punctuation, control characters and invalid UTF-8, separates words.
//
// A run of Chinese, Japanese or Korean letters gives its overlapping pairs, and its last letter alone, so that a
// query of one letter finds every run that holds it, as a prefix.
//
// The terms are shared with the Analyzer's cache, never with s. About 100 ns a word.
func (a *Analyzer) Analyze(dst []Token, s string) []Token { return a.analyze(dst, s, true) }

// Terms returns the terms of a query's text, without positions: what Analyze gives, less the last letters of runs.
func (a *Analyzer) Terms(s string) []string {
	tokens := a.analyze(nil, s, false)
	terms := make([]string, len(tokens))
	for i, t := range tokens {
		terms[i] = t.Term
	}
	return terms
}

// Stem returns the term of one word, whether it is a stop word or not; "" if nothing is left of it.
func (a *Analyzer) Stem(word string) string {
	w := lower(word)
	if a.elide {
		w = elide(w)
	}
	w = strings.Trim(strings.TrimSuffix(w, "'s"), "'._")
	return strings.Clone(cut(stripAccents(a.stem(cut(w)))))
}

func (a *Analyzer) analyze(dst []Token, s string, tail bool) []Token {
	pos := 0
	var run cjkRun
	it := words.FromString(s)
	for it.Next() {
		w := it.Value()
		kind := kindOf(w)
		if kind == cjkWord {
			if run.end != it.Start() {
				dst, pos = run.flush(dst, pos, s, tail)
				run.start = it.Start()
			}
			run.end = it.End()
			continue
		}
		dst, pos = run.flush(dst, pos, s, tail)
		if kind == notWord {
			continue
		}
		if term := a.term(w); term != "" {
			dst = append(dst, Token{Term: term, Pos: pos, Start: it.Start(), End: it.End()})
		}
		pos++
	}
	dst, _ = run.flush(dst, pos, s, tail)
	return dst
}

// term returns the term of a word, or "" if it is a stop word or nothing is left of it.
func (a *Analyzer) term(w string) string {
	if len(w) > 64 {
		return a.makeTerm(w)
	}
	slot := &a.cache[hash(w)%cacheSize]
	if c := slot.Load(); c != nil && c.word == w {
		return c.term
	}
	c := &cached{word: strings.Clone(w)}
	c.term = a.makeTerm(c.word)
	slot.Store(c)
	return c.term
}

func (a *Analyzer) makeTerm(w string) string {
	w = lower(w)
	if a.elide {
		w = elide(w)
	}
	w = strings.TrimSuffix(w, "'s")
	w = strings.Trim(w, "'._")
	if a.stop[w] {
		return ""
	}
	w = cut(stripAccents(a.stem(cut(w))))
	return strings.Clone(w)
}

// cut shortens a word to MaxTermBytes at a rune boundary.
func cut(w string) string {
	if len(w) <= MaxTermBytes {
		return w
	}
	n := MaxTermBytes
	for n > 0 && !utf8.RuneStart(w[n]) {
		n--
	}
	return w[:n]
}

// hash is FNV-1a, 32 bits.
func hash(s string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}
