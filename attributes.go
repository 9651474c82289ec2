package bowerbird

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Attribute is one named property of an item or a person: either words
// (one or several) or a number.
type Attribute struct {
	Name    string
	Words   []string // nil for a number
	Number  float64
	Numeric bool
}

// Attributes are sorted by name, without repeats, so that equal sets have equal
// bytes. In JSON they are an object whose values are a string, a number, a
// boolean (kept as the word "true" or "false") or a list of strings.
type Attributes []Attribute

// Get returns the attribute of that name. Cost: a binary search.
func (a Attributes) Get(name string) (Attribute, bool) {
	i, ok := slices.BinarySearchFunc(a, name, func(x Attribute, n string) int { return strings.Compare(x.Name, n) })
	if !ok {
		return Attribute{}, false
	}
	return a[i], true
}

// Set replaces or adds an attribute and returns the sorted set.
func (a Attributes) Set(x Attribute) Attributes {
	i, ok := slices.BinarySearchFunc(a, x.Name, func(y Attribute, n string) int { return strings.Compare(y.Name, n) })
	if ok {
		a[i] = x
		return a
	}
	return slices.Insert(a, i, x)
}

// MarshalJSON writes an object with its keys in order.
func (a Attributes) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, x := range a {
		if i > 0 {
			b.WriteByte(',')
		}
		k, err := json.Marshal(x.Name)
		if err != nil {
			return nil, err
		}
		b.Write(k)
		b.WriteByte(':')
		v, err := json.Marshal(x.JSON())
		if err != nil {
			return nil, fmt.Errorf("attribute %s: %w", x.Name, err)
		}
		b.Write(v)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// JSON is the value as JSON holds it: a number, a string or a list of strings.
func (x Attribute) JSON() any {
	switch {
	case x.Numeric:
		return x.Number
	case len(x.Words) == 1:
		return x.Words[0]
	default:
		return x.Words
	}
}

// UnmarshalJSON reads an object; null values are left out.
func (a *Attributes) UnmarshalJSON(data []byte) error {
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		return fmt.Errorf("attributes: want an object: %w", err)
	}
	out, err := AttributesOf(m)
	if err != nil {
		return err
	}
	*a = out
	return nil
}

// AttributesOf turns decoded JSON into a sorted set. It refuses nested objects
// and numbers that are not finite, naming the attribute.
func AttributesOf(m map[string]any) (Attributes, error) {
	if len(m) == 0 {
		return nil, nil
	}
	out := make(Attributes, 0, len(m))
	for name, v := range m {
		x := Attribute{Name: name}
		switch v := v.(type) {
		case nil:
			continue
		case string:
			x.Words = []string{v}
		case bool:
			x.Words = []string{fmt.Sprint(v)}
		case float64:
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("attributes.%s: the number is not finite", name)
			}
			x.Number, x.Numeric = v, true
		case []any:
			for _, e := range v {
				s, ok := e.(string)
				if !ok {
					return nil, fmt.Errorf("attributes.%s: a list may hold strings only", name)
				}
				x.Words = append(x.Words, s)
			}
			if x.Words == nil {
				continue
			}
		default:
			return nil, fmt.Errorf("attributes.%s: want a string, a number, a boolean or a list of strings", name)
		}
		out = append(out, x)
	}
	slices.SortFunc(out, func(x, y Attribute) int { return strings.Compare(x.Name, y.Name) })
	return out, nil
}
