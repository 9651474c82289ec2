package text

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Occur says how a clause takes part.
type Occur uint8

// The zero value is Should: the clause adds to the score, and how many must match is the searcher's choice.
const (
	Should Occur = iota
	Must
	MustNot
)

// Clause is one thing that a query asks for.
type Clause struct {
	Terms        []string   // one term, or the terms of a phrase in order
	Slots        []int      // relative position of each term; gaps stand for stop words
	Alternatives [][]string // synonyms, each one term or a phrase; empty for phrases and MustNot
	Prefix       bool       // the term is the beginning of a word
	Occur        Occur
	Start, End   int // bytes of the query
}

// Query is a parsed query.
type Query struct {
	Text    string
	Clauses []Clause
}

// ParseError says what is wrong with a query and at which byte.
type ParseError struct {
	Pos int
	Msg string
}

func (e *ParseError) Error() string { return fmt.Sprintf("query: %s at byte %d", e.Msg, e.Pos) }

// maxPhrase is how many terms a phrase may have, as many as the word index takes in one leaf.
const maxPhrase = 32

// ParseOptions bound and bend the reading of a query. The zero value is strict.
type ParseOptions struct {
	MaxBytes   int  // longer queries are refused; default 2048
	MaxClauses int  // queries of more clauses are refused; default 64
	MaxStars   int  // queries of more prefixes are refused: each looks at every term that begins so; default 8
	Lenient    bool // an open quote ends with the query; invalid bytes and control characters are spaces
	PrefixLast bool // the last plain word is a prefix, as while someone types, unless a space follows it
}

// Parse reads a query:
//
//	grey sofa      two Should clauses
//	"grey sofa"    a phrase; “typographic” quotes too
//	+grey -sofa    must, must not; also before a phrase; a word that splits, as in -t-shirt, is then a phrase
//	sof*           a prefix
//
// Stop words vanish, so a query may come out without clauses. A query that is too long, holds invalid UTF-8 or control
// characters, or leaves a quote open, is a *ParseError unless Lenient says otherwise (length is always refused).
func (a *Analyzer) Parse(q string, o ParseOptions) (Query, error) {
	if o.MaxBytes <= 0 {
		o.MaxBytes = 2048
	}
	if o.MaxClauses <= 0 {
		o.MaxClauses = 64
	}
	if o.MaxStars <= 0 {
		o.MaxStars = 8
	}
	if len(q) > o.MaxBytes {
		return Query{}, &ParseError{o.MaxBytes, fmt.Sprintf("longer than %d bytes", o.MaxBytes)}
	}
	if err := checkRunes(q); err != nil && !o.Lenient {
		return Query{}, err
	}
	p := parser{a: a, q: q, o: o}
	if err := p.run(); err != nil {
		return Query{}, err
	}
	if n := len(p.out); n > o.MaxClauses {
		return Query{}, &ParseError{p.out[o.MaxClauses].Start, fmt.Sprintf("more than %d words or phrases", o.MaxClauses)}
	}
	stars := 0
	for _, c := range p.out {
		if c.Prefix && !isOneCJK(c.Terms[0]) {
			if stars++; stars > o.MaxStars {
				return Query{}, &ParseError{c.Start, fmt.Sprintf("more than %d words with *", o.MaxStars)}
			}
		}
		if len(c.Terms) > maxPhrase {
			return Query{}, &ParseError{c.Start, fmt.Sprintf("a phrase of more than %d words", maxPhrase)}
		}
	}
	(*a.syn.Load()).widen(p.out)
	return Query{Text: q, Clauses: p.out}, nil
}

func checkRunes(q string) error {
	for i, r := range q {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(q[i:]); n == 1 {
				return &ParseError{i, "invalid UTF-8"}
			}
		}
		if unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' {
			return &ParseError{i, fmt.Sprintf("control character %U", r)}
		}
	}
	return nil
}

type parser struct {
	a   *Analyzer
	q   string
	o   ParseOptions
	at  int
	out []Clause
}

func (p *parser) run() error {
	for {
		p.skipSpace()
		if p.at >= len(p.q) {
			return nil
		}
		start, occur := p.at, Should
		switch p.q[p.at] {
		case '-':
			occur = MustNot
			p.at++
		case '+':
			occur = Must
			p.at++
		}
		if n := quoteLen(p.q[p.at:]); n > 0 {
			if err := p.phrase(start, n, occur); err != nil {
				return err
			}
			continue
		}
		p.word(start, occur)
	}
}

func (p *parser) skipSpace() {
	for p.at < len(p.q) {
		r, n := utf8.DecodeRuneInString(p.q[p.at:])
		if !isBreak(r, n) {
			return
		}
		p.at += n
	}
}

func isBreak(r rune, n int) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError && n <= 1
}

// quoteLen is the length of the quotation mark that s begins with, or 0.
func quoteLen(s string) int {
	for _, q := range [...]string{`"`, "“", "”", "„"} {
		if strings.HasPrefix(s, q) {
			return len(q)
		}
	}
	return 0
}

func (p *parser) phrase(start, open int, occur Occur) error {
	from := p.at + open
	for i := from; i < len(p.q); {
		if n := quoteLen(p.q[i:]); n > 0 {
			p.at = i + n
			p.addPhrase(p.q[from:i], start, p.at, occur)
			return nil
		}
		_, n := utf8.DecodeRuneInString(p.q[i:])
		i += n
	}
	if !p.o.Lenient {
		return &ParseError{p.at, "quote is not closed"}
	}
	p.at = len(p.q)
	p.addPhrase(p.q[from:], start, p.at, occur)
	return nil
}

func (p *parser) addPhrase(s string, start, end int, occur Occur) {
	tokens := p.a.analyze(nil, s, false)
	if len(tokens) == 0 {
		return
	}
	c := Clause{Occur: occur, Start: start, End: end}
	for _, t := range tokens {
		c.Terms = append(c.Terms, t.Term)
		c.Slots = append(c.Slots, t.Pos-tokens[0].Pos)
	}
	c.Prefix = len(tokens) == 1 && isOneCJK(tokens[0].Term)
	p.out = append(p.out, c)
}

func (p *parser) word(start int, occur Occur) {
	from := p.at
	for p.at < len(p.q) {
		r, n := utf8.DecodeRuneInString(p.q[p.at:])
		if isBreak(r, n) || p.at > from && quoteLen(p.q[p.at:]) > 0 {
			break
		}
		p.at += n
	}
	s := p.q[from:p.at]
	star := strings.HasSuffix(s, "*")
	s = strings.TrimRight(s, "*")
	prefix := star || p.o.PrefixLast && p.at == len(p.q) && occur != MustNot
	if occur == MustNot && !prefix {
		p.addPhrase(s, start, p.at, occur)
		return
	}
	p.addWords(s, from, start, occur, prefix)
}

// addWords adds one clause for each token. Only the last can be a prefix, and a prefix is folded but neither stemmed
// nor stopped: half a word is not a word.
func (p *parser) addWords(s string, from, start int, occur Occur, prefix bool) {
	if prefix {
		if at, w := lastWord(s); w != "" {
			p.addWords(s[:at], from, start, occur, false)
			p.out = append(p.out, Clause{Terms: []string{w}, Slots: []int{0}, Prefix: true, Occur: occur,
				Start: from + at, End: p.at})
			p.addStemmed(s[at:], w)
			return
		}
	}
	for _, t := range p.a.analyze(nil, s, false) {
		p.out = append(p.out, Clause{Terms: []string{t.Term}, Slots: []int{0}, Prefix: isOneCJK(t.Term), Occur: occur,
			Start: from + t.Start, End: from + t.End})
	}
}

// addStemmed lets a whole word that was taken for a prefix match as itself too: "running" must find "run".
func (p *parser) addStemmed(s, w string) {
	if t := p.a.Terms(s); len(t) == 1 && t[0] != w {
		c := &p.out[len(p.out)-1]
		c.Alternatives = append(c.Alternatives, []string{t[0]})
	}
}

// lastWord returns the last word of s, folded, and where it begins; "" if it is not a plain word.
func lastWord(s string) (int, string) {
	at := strings.LastIndexFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) && r != '\'' && r != '’'
	})
	if at >= 0 {
		_, n := utf8.DecodeRuneInString(s[at:])
		at += n
	} else {
		at = 0
	}
	if kindOf(s[at:]) != plainWord {
		return 0, ""
	}
	return at, cut(strings.Trim(foldPlain(s[at:]), "'"))
}

func isOneCJK(term string) bool {
	r, n := utf8.DecodeRuneInString(term)
	return n > 1 && n == len(term) && isCJK(r)
}
