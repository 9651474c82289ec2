package server

import (
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"

	"bowerbird"
	"bowerbird/engine"
)

// appendPage writes an answer as JSON: the bytes that encoding/json gives for
// pageOf(a), without HTML escaping, at a fraction of the cost
// (BenchmarkPageJSON). TestPageJSON holds them equal.
func appendPage(b []byte, a *engine.Answer) []byte {
	p := a.Page
	b = append(b, `{"request_id":`...)
	b = appendString(b, a.RequestID)
	b = append(b, `,"surface":`...)
	b = appendString(b, p.Request.Surface.String())
	b = append(b, `,"offset":`...)
	b = strconv.AppendUint(b, p.Offset, 10)
	b = append(b, `,"model":`...)
	b = appendString(b, p.Model)
	b = append(b, `,"items":[`...)
	for i := range a.Items {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		b = appendItem(b, a.Items[i].Doc)
		b = append(b, `,"position":`...)
		b = strconv.AppendInt(b, int64(i+1), 10)
		b = append(b, `,"score":`...)
		b = appendFloat(b, float64(finite(p.Items[i].Score)), 32)
		b = append(b, `,"why":`...)
		b = appendString(b, a.Items[i].Why)
		b = append(b, `,"sources":`...)
		b = appendStrings(b, a.Items[i].Sources)
		b = append(b, '}')
	}
	b = append(b, ']')
	b = appendField(b, "next_cursor", a.Next)
	b = appendField(b, "corrected", a.Corrected)
	if len(p.Trace.Notes) > 0 {
		b = append(b, `,"notes":`...)
		b = appendStrings(b, p.Trace.Notes)
	}
	return append(b, '}', '\n')
}

// pageOf is the plain way.
func pageOf(a *engine.Answer) Page {
	p := Page{RequestID: a.RequestID, Surface: a.Page.Request.Surface.String(), Offset: a.Page.Offset, Model: a.Page.Model,
		Items: make([]Tile, len(a.Items)), NextCursor: a.Next, Corrected: a.Corrected, Notes: a.Page.Trace.Notes}
	for i, s := range a.Items {
		p.Items[i] = Tile{Item: itemOf(s.Doc), Position: i + 1, Score: finite(a.Page.Items[i].Score), Why: s.Why, Sources: s.Sources}
		if p.Items[i].Sources == nil {
			p.Items[i].Sources = []string{}
		}
	}
	return p
}

func finite(x float32) float32 {
	if x != x || x > math.MaxFloat32 || x < -math.MaxFloat32 {
		return 0
	}
	return x
}

// appendItem writes an item's fields without the braces.
func appendItem(b []byte, d *bowerbird.Item) []byte {
	b = append(b, `"id":`...)
	b = appendString(b, d.ID)
	b = appendField(b, "title", d.Title)
	b = appendField(b, "description", d.Description)
	if len(d.Categories) > 0 {
		b = append(b, `,"categories":`...)
		b = appendStrings(b, d.Categories)
	}
	if len(d.Tags) > 0 {
		b = append(b, `,"tags":`...)
		b = appendStrings(b, d.Tags)
	}
	if len(d.Attributes) > 0 {
		b = appendAttributes(b, d.Attributes)
	}
	b = appendField(b, "language", d.Language)
	b = appendField(b, "link", d.Link)
	b = appendField(b, "owner", d.Owner)
	if d.Created != 0 {
		b = append(b, `,"created":`...)
		b = strconv.AppendInt(b, d.Created, 10)
	}
	if d.Hidden {
		b = append(b, `,"hidden":true`...)
	}
	if d.Picture != nil && d.Picture.Blob != "" {
		b = appendPicture(b, d.Picture)
	}
	return b
}

func appendAttributes(b []byte, a bowerbird.Attributes) []byte {
	b = append(b, `,"attributes":{`...)
	for i, x := range a {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, x.Name)
		b = append(b, ':')
		switch {
		case x.Numeric:
			b = appendFloat(b, x.Number, 64)
		case len(x.Words) == 1:
			b = appendString(b, x.Words[0])
		case x.Words == nil:
			b = append(b, "null"...)
		default:
			b = appendStrings(b, x.Words)
		}
	}
	return append(b, '}')
}

func appendPicture(b []byte, p *bowerbird.Picture) []byte {
	place := func(name, blob string) {
		if blob == "" {
			blob = p.Blob
		}
		b = append(b, `,"`...)
		b = append(b, name...)
		b = append(b, `":"/pictures/`...)
		b = appendString(b, blob)
		n := len(b) - len(blob) - 2 // appendString's opening quote: a blob's name is hex
		copy(b[n:], b[n+1:])
		b = b[:len(b)-1]
	}
	b = append(b, `,"picture":{"width":`...)
	b = strconv.AppendInt(b, int64(p.Width), 10)
	b = append(b, `,"height":`...)
	b = strconv.AppendInt(b, int64(p.Height), 10)
	place("small", p.Small)
	place("large", p.Large)
	place("original", p.Blob)
	if len(p.Colours) > 0 {
		b = append(b, `,"colours":[`...)
		for i, c := range p.Colours {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, `{"hex":`...)
			b = appendString(b, c.Hex)
			b = appendField(b, "name", c.Name)
			b = append(b, `,"share":`...)
			b = appendFloat(b, float64(finite(c.Share)), 32)
			b = append(b, '}')
		}
		b = append(b, ']')
	}
	b = appendField(b, "placeholder", p.Placeholder)
	if len(p.Looks) > 0 {
		b = append(b, `,"looks":`...)
		b = appendStrings(b, p.Looks)
	}
	if p.Quality != 0 {
		b = append(b, `,"quality":`...)
		b = appendFloat(b, float64(finite(p.Quality)), 32)
	}
	return append(b, '}')
}

// appendField writes a field that is left out when empty.
func appendField(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	b = append(b, ',', '"')
	b = append(b, name...)
	b = append(b, '"', ':')
	return appendString(b, value)
}

func appendStrings(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, s)
	}
	return append(b, ']')
}

// appendString quotes a string. One that needs an escape, or is not UTF-8, is
// left to encoding/json; others are copied.
func appendString(b []byte, s string) []byte {
	if !copies(s) {
		return appendEscaped(b, s)
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// copies tells whether JSON holds a string as it is. Eight bytes are looked at
// together: a byte is special if it is under 0x20, a quote, a backslash, or not
// ASCII (each mask sets the top bit of such a byte; a borrow can only add a
// false alarm, which the slow look settles).
func copies(s string) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 {
		x := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		quote, slash := x^(ones*'"'), x^(ones*'\\')
		if (x|(x-ones*0x20)|(quote-ones)|(slash-ones))&tops != 0 {
			return copiesSlowly(s)
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return copiesSlowly(s)
		}
	}
	return true
}

func copiesSlowly(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' {
			return false
		}
	}
	for _, r := range s { // U+2028 and U+2029 are escaped for JavaScript's sake
		if r == utf8.RuneError || r == '\u2028' || r == '\u2029' {
			return false
		}
	}
	return true
}

func appendEscaped(b []byte, s string) []byte {
	w := &sink{b}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s)       // a string always encodes
	return w.b[:len(w.b)-1] // without the line's end
}

type sink struct{ b []byte }

func (s *sink) Write(p []byte) (int, error) {
	s.b = append(s.b, p...)
	return len(p), nil
}

// appendFloat writes a number as ECMAScript does, which encoding/json follows:
// plain digits between 1e-6 and 1e21, an exponent without a leading zero beyond.
func appendFloat(b []byte, x float64, bits int) []byte {
	abs, format := math.Abs(x), byte('f')
	if abs != 0 {
		if bits == 64 && (abs < 1e-6 || abs >= 1e21) || bits == 32 && (float32(abs) < 1e-6 || float32(abs) >= 1e21) {
			format = 'e'
		}
	}
	b = strconv.AppendFloat(b, x, format, -1, bits)
	if format == 'e' {
		if n := len(b); n >= 4 && b[n-4] == 'e' && (b[n-3] == '-' || b[n-3] == '+') && b[n-2] == '0' {
			b[n-2] = b[n-1]
			b = b[:n-1]
		}
	}
	return b
}
