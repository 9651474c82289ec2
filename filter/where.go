package filter

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"bowerbird"
)

// Where refuses items that fail the request's conditions or its filter expression.
//
// Word conditions become one bitmap each; comparisons read a column. An item
// that lacks the attribute fails every comparison and every In, and passes NotIn.
// Numbers are kept and compared as 32-bit floats, 7 digits; "created", in Unix
// milliseconds, by the second.
func Where(v *Fields) Test {
	return Test{"not what was asked for", func(r *bowerbird.Request) func(bowerbird.ItemID) bool {
		if len(r.Where) == 0 && r.Filter == nil {
			return nil
		}
		e := bowerbird.AllOf(r.Where, r.Filter)
		return v.test(&e)
	}}
}

// Test compiles one condition into a test of single items. It takes what it needs
// now and no lock later.
func (v *Fields) Test(c bowerbird.Condition) func(bowerbird.ItemID) bool { return v.leaf(&c) }

// column is the numbers of a field, nil if it has none.
func (v *Fields) column(field string) *column {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.numbers[fold(field)]
}

// leaf compiles one condition.
func (v *Fields) leaf(c *bowerbird.Condition) func(bowerbird.ItemID) bool {
	if fold(c.Field) == "created" {
		return v.when(c)
	}
	col := v.column(c.Field)
	switch c.Op {
	case bowerbird.In:
		return v.in(c, col)
	case bowerbird.NotIn:
		in := v.in(c, col)
		return func(x bowerbird.ItemID) bool { return !in(x) }
	case bowerbird.Exists:
		b := v.having(c.Field)
		return func(x bowerbird.ItemID) bool { return b.Contains(uint32(x)) || col != nil && col.get(x) != 0 }
	}
	if col == nil {
		return func(bowerbird.ItemID) bool { return false }
	}
	// The bound loses the same digits as the values did: 19.99 <= 19.99 must hold.
	bound, op := float32(c.Number), c.Op
	return func(x bowerbird.ItemID) bool {
		bits := col.get(x)
		return bits != 0 && compare(op, decode(bits), bound)
	}
}

// when compares the time of an item, in Unix milliseconds but kept in seconds.
func (v *Fields) when(c *bowerbird.Condition) func(bowerbird.ItemID) bool {
	op, bound := c.Op, c.Number
	switch op {
	case bowerbird.Exists:
		return func(x bowerbird.ItemID) bool { return v.created.get(x) != 0 }
	case bowerbird.In, bowerbird.NotIn:
		return func(x bowerbird.ItemID) bool { return op == bowerbird.NotIn } // a moment is no word
	}
	return func(x bowerbird.ItemID) bool {
		s := v.created.get(x)
		return s != 0 && compare(op, float64(s-1)*1000, bound)
	}
}

// in tests for any of the words, also as numbers where the field has numbers.
func (v *Fields) in(c *bowerbird.Condition, col *column) func(bowerbird.ItemID) bool {
	b := v.with(c.Field, c.Words)
	var numbers []uint32
	for _, w := range c.Words {
		if x, err := strconv.ParseFloat(strings.TrimSpace(w), 32); col != nil && err == nil && x == x {
			numbers = append(numbers, encode(float32(x)))
		}
	}
	if numbers == nil {
		return func(x bowerbird.ItemID) bool { return b.Contains(uint32(x)) }
	}
	return func(x bowerbird.ItemID) bool {
		return b.Contains(uint32(x)) || slices.Contains(numbers, col.get(x))
	}
}

func compare[N float32 | float64](op bowerbird.Op, x, y N) bool {
	switch op {
	case bowerbird.Less:
		return x < y
	case bowerbird.LessEq:
		return x <= y
	case bowerbird.Greater:
		return x > y
	}
	return x >= y
}

// operators, longest first so that "<=" is not read as "<".
var operators = []struct {
	text string
	op   bowerbird.Op
}{{"!=", bowerbird.NotIn}, {"<=", bowerbird.LessEq}, {">=", bowerbird.GreaterEq}, {"=", bowerbird.In}, {"<", bowerbird.Less}, {">", bowerbird.Greater}}

// splitWords parts a list at its commas, and trims each word. A comma behind a
// backslash belongs to the word, and of two backslashes one does.
func splitWords(s string) []string {
	var out []string
	var word strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == ',' || s[i+1] == '\\'):
			i++
			word.WriteByte(s[i])
		case s[i] == ',':
			out = append(out, strings.TrimSpace(word.String()))
			word.Reset()
		default:
			word.WriteByte(s[i])
		}
	}
	return append(out, strings.TrimSpace(word.String()))
}

// FormatCondition writes a condition as ParseCondition reads it; "" if it cannot
// be written so: its field holds an operator's sign, or it is Exists.
func FormatCondition(c bowerbird.Condition) string {
	if c.Op >= bowerbird.Exists || strings.ContainsAny(c.Field, "!<>=") {
		return ""
	}
	op := ""
	for _, o := range operators {
		if o.op == c.Op {
			op = o.text
		}
	}
	if c.Op > bowerbird.NotIn {
		return c.Field + op + strconv.FormatFloat(c.Number, 'f', -1, 64)
	}
	words := make([]string, len(c.Words))
	for i, w := range c.Words {
		words[i] = strings.NewReplacer(`\`, `\\`, `,`, `\,`).Replace(w)
	}
	return c.Field + op + strings.Join(words, ",")
}

// ParseCondition reads "field=word,word", "field!=word", "field<=number" and the
// like; a comma of a word stands behind a backslash. Errors say what was expected.
func ParseCondition(s string) (bowerbird.Condition, error) {
	at := strings.IndexAny(s, "!<>=")
	if at <= 0 || strings.TrimSpace(s[:at]) == "" {
		return bowerbird.Condition{}, fmt.Errorf("where: %q: want field, one of = != < <= > >=, and a value, as in colour=green,blue or price<=50", s)
	}
	for _, o := range operators {
		if !strings.HasPrefix(s[at:], o.text) {
			continue
		}
		c := bowerbird.Condition{Field: strings.TrimSpace(s[:at]), Op: o.op}
		value := strings.TrimSpace(s[at+len(o.text):])
		if value == "" {
			return c, fmt.Errorf("where: %q: the value is missing", s)
		}
		if o.op == bowerbird.In || o.op == bowerbird.NotIn {
			for _, w := range splitWords(value) {
				if w == "" {
					return c, fmt.Errorf("where: %q: one of the values is empty", s)
				}
				c.Words = append(c.Words, w)
			}
			if len(c.Words) > bowerbird.MaxList {
				return c, fmt.Errorf("where: %q: at most %d values", c.Field, bowerbird.MaxList)
			}
			return c, nil
		}
		x, err := strconv.ParseFloat(value, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return c, fmt.Errorf("where: %q: %q is no number", s, value)
		}
		c.Number = x
		return c, nil
	}
	return bowerbird.Condition{}, fmt.Errorf("where: %q: unknown operator", s)
}
