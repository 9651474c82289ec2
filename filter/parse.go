package filter

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"bowerbird"
)

// Limits of a filter expression.
const (
	MaxFilter  = 10_000 // bytes
	MaxTests   = 200    // conditions
	maxNesting = 32
)

// ParseError says what is wrong with a filter expression, and at which byte.
type ParseError struct {
	Pos     int
	Message string
}

func (e *ParseError) Error() string { return fmt.Sprintf("%s at byte %d", e.Message, e.Pos) }

// Parse reads a filter expression, in the words of Meilisearch:
//
//	category = sofas AND (price < 100 OR colour IN [red, "dark blue"]) AND NOT tag = sale
//	price 10 TO 50      from 10 to 50, both included
//	price EXISTS        also NOT EXISTS
//
// NOT binds closer than AND, AND closer than OR; keywords in any case. A value or
// a field that is no plain word stands in quotes, in which a backslash stands
// before a quote. known tells whether there is a field; nil takes any. The error is
// a *ParseError.
func Parse(s string, known func(field string) bool) (*bowerbird.Expr, error) {
	if len(s) > MaxFilter {
		return nil, &ParseError{MaxFilter, fmt.Sprintf("longer than %d bytes", MaxFilter)}
	}
	p := &parser{s: s, known: known}
	if err := p.next(); err != nil {
		return nil, err
	}
	if p.kind == end {
		return &bowerbird.Expr{}, nil
	}
	e, err := p.or(0)
	if err != nil {
		return nil, err
	}
	if p.kind != end {
		return nil, p.fault("want AND, OR or the end")
	}
	return &e, nil
}

// token kinds; a mark is one of ( ) [ ] , = != < <= > >=.
const (
	end = iota
	word
	quoted
	mark
)

type parser struct {
	s     string
	at    int // behind the token
	start int // of the token
	kind  int
	text  string
	tests int
	known func(string) bool
}

func (p *parser) fault(message string) error {
	if p.kind == end {
		return &ParseError{p.start, message + ", got the end"}
	}
	text := p.text
	if len(text) > 40 {
		text = strings.ToValidUTF8(text[:40], "") + "…"
	}
	return &ParseError{p.start, fmt.Sprintf("%s, got %q", message, text)}
}

// next reads a token.
func (p *parser) next() error {
	for p.at < len(p.s) {
		r, n := utf8.DecodeRuneInString(p.s[p.at:])
		if r == utf8.RuneError && n == 1 {
			return &ParseError{p.at, "invalid UTF-8"}
		}
		if !unicode.IsSpace(r) {
			break
		}
		p.at += n
	}
	p.start, p.kind, p.text = p.at, end, ""
	if p.at == len(p.s) {
		return nil
	}
	switch c := p.s[p.at]; c {
	case '(', ')', '[', ']', ',', '=':
		p.take(mark, 1)
	case '<', '>', '!':
		n := 1
		if strings.HasPrefix(p.s[p.at+1:], "=") {
			n = 2
		} else if c == '!' {
			return &ParseError{p.at, `"!" stands before "=" only`}
		}
		p.take(mark, n)
	case '"', '\'':
		return p.quote(c)
	default:
		return p.plain()
	}
	return nil
}

func (p *parser) take(kind, n int) {
	p.kind, p.text = kind, p.s[p.at:p.at+n]
	p.at += n
}

func (p *parser) quote(q byte) error {
	var b strings.Builder
	for i := p.at + 1; i < len(p.s); {
		c := p.s[i]
		switch {
		case c == q:
			p.kind, p.text, p.at = quoted, b.String(), i+1
			return nil
		case c == '\\' && i+1 < len(p.s) && (p.s[i+1] == q || p.s[i+1] == '\\'):
			b.WriteByte(p.s[i+1])
			i += 2
		default:
			r, n := utf8.DecodeRuneInString(p.s[i:])
			if err := plainRune(r, n, i); err != nil {
				return err
			}
			b.WriteString(p.s[i : i+n])
			i += n
		}
	}
	return &ParseError{p.at, "the quote is not closed"}
}

func (p *parser) plain() error {
	i := p.at
	for i < len(p.s) {
		r, n := utf8.DecodeRuneInString(p.s[i:])
		if unicode.IsSpace(r) || strings.ContainsRune(`()[],=<>!"'`, r) {
			break
		}
		if err := plainRune(r, n, i); err != nil {
			return err
		}
		i += n
	}
	p.take(word, i-p.at)
	return nil
}

func plainRune(r rune, n, at int) error {
	if r == utf8.RuneError && n == 1 {
		return &ParseError{at, "invalid UTF-8"}
	}
	if unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' {
		return &ParseError{at, fmt.Sprintf("control character %U", r)}
	}
	return nil
}

// is tells whether the token is a keyword or a mark.
func (p *parser) is(text string) bool {
	return (p.kind == word || p.kind == mark) && strings.EqualFold(p.text, text)
}

func (p *parser) or(depth int) (bowerbird.Expr, error) {
	return p.list(depth, bowerbird.Or, "OR", p.and)
}

func (p *parser) and(depth int) (bowerbird.Expr, error) {
	return p.list(depth, bowerbird.And, "AND", p.not)
}

// list reads one or more parts joined by a keyword. A part that is itself of the
// same node, written in parentheses, is taken in.
func (p *parser) list(depth int, node bowerbird.Node, keyword string, part func(int) (bowerbird.Expr, error)) (bowerbird.Expr, error) {
	first, err := part(depth)
	if err != nil || !p.is(keyword) {
		return first, err
	}
	e := bowerbird.Expr{Node: node}
	e.Of = join(e.Of, node, first)
	for p.is(keyword) {
		if err := p.next(); err != nil {
			return e, err
		}
		x, err := part(depth)
		if err != nil {
			return e, err
		}
		e.Of = join(e.Of, node, x)
	}
	return e, nil
}

func join(list []bowerbird.Expr, node bowerbird.Node, x bowerbird.Expr) []bowerbird.Expr {
	if x.Node == node {
		return append(list, x.Of...)
	}
	return append(list, x)
}

func (p *parser) not(depth int) (bowerbird.Expr, error) {
	if depth > maxNesting {
		return bowerbird.Expr{}, &ParseError{p.start, fmt.Sprintf("nested deeper than %d", maxNesting)}
	}
	switch {
	case p.is("NOT"):
		if err := p.next(); err != nil {
			return bowerbird.Expr{}, err
		}
		e, err := p.not(depth + 1)
		return negate(e), err
	case p.is("("):
		open := p.start
		if err := p.next(); err != nil {
			return bowerbird.Expr{}, err
		}
		e, err := p.or(depth + 1)
		if err != nil {
			return e, err
		}
		if !p.is(")") {
			if p.kind == end {
				return e, &ParseError{open, "the parenthesis is not closed"}
			}
			return e, p.fault("want AND, OR or )")
		}
		return e, p.next()
	}
	return p.condition()
}

func negate(e bowerbird.Expr) bowerbird.Expr {
	return bowerbird.Expr{Node: bowerbird.Not, Of: []bowerbird.Expr{e}}
}

// condition reads what follows a field's name.
func (p *parser) condition() (bowerbird.Expr, error) {
	var none bowerbird.Expr
	at := p.start
	field, err := p.value("a field")
	if err != nil {
		return none, err
	}
	if p.known != nil && !p.known(field) {
		return none, &ParseError{at, fmt.Sprintf("no item has a field %q", field)}
	}
	if p.tests++; p.tests > MaxTests {
		return none, &ParseError{p.start, fmt.Sprintf("more than %d conditions", MaxTests)}
	}
	c := bowerbird.Condition{Field: field}
	turned := p.is("NOT")
	if turned {
		if err := p.next(); err != nil {
			return none, err
		}
		if !p.is("IN") && !p.is("EXISTS") {
			return none, p.fault("want IN or EXISTS after NOT")
		}
	}
	switch {
	case p.is("EXISTS"):
		c.Op = bowerbird.Exists
		if err := p.next(); err != nil {
			return none, err
		}
		if e := leaf(c); turned {
			return negate(e), nil
		}
		return leaf(c), nil
	case p.is("IN"):
		if turned {
			c.Op = bowerbird.NotIn
		}
		c.Words, err = p.words()
		return leaf(c), err
	case p.is("="), p.is("!="):
		if p.text == "!=" {
			c.Op = bowerbird.NotIn
		}
		if err := p.next(); err != nil {
			return none, err
		}
		w, err := p.value("a value")
		c.Words = []string{w}
		return leaf(c), err
	}
	if op, ok := compares[p.text]; ok && p.kind == mark {
		c.Op = op
		if err := p.next(); err != nil {
			return none, err
		}
		c.Number, err = p.number()
		return leaf(c), err
	}
	return p.between(c)
}

var compares = map[string]bowerbird.Op{"<": bowerbird.Less, "<=": bowerbird.LessEq, ">": bowerbird.Greater, ">=": bowerbird.GreaterEq}

func leaf(c bowerbird.Condition) bowerbird.Expr { return bowerbird.Expr{Node: bowerbird.Leaf, Test: c} }

// between reads "10 TO 50".
func (p *parser) between(c bowerbird.Condition) (bowerbird.Expr, error) {
	var none bowerbird.Expr
	if p.kind != word {
		return none, p.fault("want = != < <= > >= IN, EXISTS or a range as 10 TO 50")
	}
	low, err := p.number()
	if err != nil {
		return none, err
	}
	if !p.is("TO") {
		return none, p.fault("want TO")
	}
	if err := p.next(); err != nil {
		return none, err
	}
	at := p.start
	high, err := p.number()
	if err != nil {
		return none, err
	}
	if high < low {
		return none, &ParseError{at, "the range ends before it begins"}
	}
	least, most := c, c
	least.Op, least.Number, most.Op, most.Number = bowerbird.GreaterEq, low, bowerbird.LessEq, high
	return bowerbird.Expr{Node: bowerbird.And, Of: []bowerbird.Expr{leaf(least), leaf(most)}}, nil
}

// words reads [a, b, c], also empty.
func (p *parser) words() ([]string, error) {
	if err := p.next(); err != nil {
		return nil, err
	}
	if !p.is("[") {
		return nil, p.fault("want [ after IN")
	}
	open := p.start
	if err := p.next(); err != nil {
		return nil, err
	}
	out := []string{}
	for !p.is("]") {
		if p.kind == end {
			return nil, &ParseError{open, "the bracket is not closed"}
		}
		w, err := p.value("a value or ]")
		if err != nil {
			return nil, err
		}
		if out = append(out, w); len(out) > bowerbird.MaxList {
			return nil, &ParseError{p.start, fmt.Sprintf("more than %d values", bowerbird.MaxList)}
		}
		if p.is(",") {
			if err := p.next(); err != nil {
				return nil, err
			}
		} else if !p.is("]") && p.kind != end {
			return nil, p.fault("want , or ]")
		}
	}
	return out, p.next()
}

// value reads a word, quoted or plain. A keyword must be quoted to be one.
func (p *parser) value(what string) (string, error) {
	if p.kind != word && p.kind != quoted || p.kind == word && keyword(p.text) {
		return "", p.fault("want " + what)
	}
	s := p.text
	if strings.TrimSpace(s) == "" {
		return "", &ParseError{p.start, "want " + what + ", got an empty one"}
	}
	return s, p.next()
}

func keyword(s string) bool {
	switch strings.ToUpper(s) {
	case "AND", "OR", "NOT", "IN", "EXISTS", "TO":
		return true
	}
	return false
}

func (p *parser) number() (float64, error) {
	x, err := strconv.ParseFloat(p.text, 64)
	if p.kind != word && p.kind != quoted || err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, p.fault("want a number")
	}
	return x, p.next()
}
