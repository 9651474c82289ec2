package bowerbird

import (
	"strconv"
	"strings"
)

// Expr is a test on an item's fields: a tree of And, Or and Not over conditions.
// The zero value holds for every item.
type Expr struct {
	Node Node
	Of   []Expr    // what And and Or join; Not turns round their And
	Test Condition // of a Leaf
}

// Node is the kind of an expression's node.
type Node uint8

// The nodes. An And of nothing holds, an Or of nothing does not.
const (
	And Node = iota
	Or
	Not
	Leaf
)

// AllOf joins conditions, and an expression that may be nil, by And.
func AllOf(where []Condition, e *Expr) Expr {
	out := Expr{Node: And}
	for _, c := range where {
		out.Of = append(out.Of, Expr{Node: Leaf, Test: c})
	}
	if e == nil {
		return out
	}
	if e.Node == And {
		out.Of = append(out.Of, e.Of...)
	} else {
		out.Of = append(out.Of, *e)
	}
	return out
}

// Leaves calls f for every condition, from left to right, until it returns false.
func (e *Expr) Leaves(f func(*Condition) bool) bool {
	if e.Node == Leaf {
		return f(&e.Test)
	}
	for i := range e.Of {
		if !e.Of[i].Leaves(f) {
			return false
		}
	}
	return true
}

// String is the expression in the language that filter.Parse reads, in one form:
// equal expressions have equal strings.
func (e *Expr) String() string {
	var b strings.Builder
	e.write(&b, true)
	return b.String()
}

func (e *Expr) write(b *strings.Builder, top bool) {
	switch e.Node {
	case Leaf:
		e.Test.write(b)
		return
	case Not:
		b.WriteString("NOT ")
		(&Expr{Of: e.Of}).write(b, false)
		return
	}
	join := " AND "
	if e.Node == Or {
		join = " OR "
	}
	if !top {
		b.WriteByte('(')
	}
	for i := range e.Of {
		if i > 0 {
			b.WriteString(join)
		}
		e.Of[i].write(b, false)
	}
	if !top {
		b.WriteByte(')')
	}
}

var opText = [...]string{In: "IN", NotIn: "NOT IN", Less: "<", LessEq: "<=", Greater: ">", GreaterEq: ">=", Exists: "EXISTS"}

func (c *Condition) write(b *strings.Builder) {
	b.WriteString(quoteWord(c.Field))
	b.WriteByte(' ')
	if int(c.Op) < len(opText) {
		b.WriteString(opText[c.Op])
	}
	switch c.Op {
	case Exists:
	case In, NotIn:
		b.WriteString(" [")
		for i, w := range c.Words {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(quoteWord(w))
		}
		b.WriteByte(']')
	default:
		b.WriteByte(' ')
		b.WriteString(strconv.FormatFloat(c.Number, 'g', -1, 64))
	}
}

// quoteWord quotes a word; a backslash stands before quotes and backslashes.
func quoteWord(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
