package server

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"bowerbird"
	"bowerbird/text"
)

// shown is what the hits of a search are to show.
type shown struct {
	only           map[string]bool // fields; nil: all
	format         map[string]format
	pre, post      string
	marker         string
	score, details bool
}

// format is what _formatted does with one field.
type format struct {
	mark bool
	crop int // words; 0: whole
}

func (s *shown) plain() bool {
	return s.only == nil && len(s.format) == 0 && !s.score && !s.details
}

// documentFields are the fields of an item that are no attributes.
var documentFields = map[string]bool{"id": true, "title": true, "description": true, "categories": true, "tags": true, "attributes": true,
	"language": true, "link": true, "owner": true, "created": true, "picture": true}

// worded are those that hold words to highlight.
var worded = []string{"title", "description", "categories", "tags", "attributes"}

// show checks what the hits are to show.
func (s *Server) show(in *SearchIn) (*shown, error) {
	out := &shown{pre: "<em>", post: "</em>", marker: "…", score: in.ShowRankingScore || in.Explain, details: in.ShowRankingScoreDetails || in.Explain}
	for _, x := range [...]struct {
		name string
		from *string
		to   *string
	}{{"highlightPreTag", in.HighlightPreTag, &out.pre}, {"highlightPostTag", in.HighlightPostTag, &out.post}, {"cropMarker", in.CropMarker, &out.marker}} {
		if x.from == nil {
			continue
		}
		if len(*x.from) > 100 {
			return nil, invalid(x.name, "longer than 100 bytes")
		}
		*x.to = *x.from
	}
	if in.CropLength < 0 || in.CropLength > 1000 {
		return nil, invalid("cropLength", "want 1 to 1000")
	}
	known := func(list string, i int, name string) error {
		if documentFields[name] || s.e.House().HasField(name) {
			return nil
		}
		return invalid(fmt.Sprintf("%s[%d]", list, i), fmt.Sprintf("no item has a field %q", name))
	}
	for i, name := range in.AttributesToRetrieve {
		if name == "*" {
			out.only = nil
			break
		}
		if err := known("attributesToRetrieve", i, name); err != nil {
			return nil, err
		}
		if out.only == nil {
			out.only = map[string]bool{"id": true}
		}
		out.only[strings.ToLower(name)] = true
	}
	out.format = map[string]format{}
	for i, name := range in.AttributesToHighlight {
		if err := out.add("attributesToHighlight", i, name, 0, known); err != nil {
			return nil, err
		}
	}
	length := in.CropLength
	if length == 0 {
		length = 10
	}
	for i, name := range in.AttributesToCrop {
		n := length
		if field, words, ok := cutLast(name, ":"); ok {
			if x, err := strconv.Atoi(words); err == nil && x > 0 && x <= 1000 {
				name, n = field, x
			}
		}
		if err := out.add("attributesToCrop", i, name, n, known); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// add notes a field to highlight (crop 0) or to crop.
func (s *shown) add(list string, i int, name string, crop int, known func(string, int, string) error) error {
	names := []string{strings.ToLower(name)}
	if name == "*" {
		names = worded
	} else if err := known(list, i, name); err != nil {
		return err
	}
	for _, n := range names {
		f := s.format[n]
		if crop > 0 {
			f.crop = crop
		} else {
			f.mark = true
		}
		s.format[n] = f
	}
	return nil
}

// fields leaves of an item what was asked for.
func (s *shown) fields(x Item) Item {
	if s.only == nil {
		return x
	}
	out := Item{ID: x.ID}
	for _, f := range [...]struct {
		name string
		copy func()
	}{
		{"title", func() { out.Title = x.Title }}, {"description", func() { out.Description = x.Description }},
		{"categories", func() { out.Categories = x.Categories }}, {"tags", func() { out.Tags = x.Tags }},
		{"language", func() { out.Language = x.Language }}, {"link", func() { out.Link = x.Link }}, {"owner", func() { out.Owner = x.Owner }},
		{"created", func() { out.Created = x.Created }}, {"picture", func() { out.Picture = x.Picture }},
	} {
		if s.only[f.name] {
			f.copy()
		}
	}
	for _, a := range x.Attributes {
		if s.only["attributes"] || s.only[strings.ToLower(a.Name)] {
			out.Attributes = append(out.Attributes, a)
		}
	}
	return out
}

// formatted is an item's fields, highlighted and cropped.
func (s *shown) formatted(d *bowerbird.Item, find func(string) []text.Span) *Formatted {
	if find == nil {
		find = func(string) []text.Span { return nil }
	}
	one := func(field, text string) string {
		if f, ok := s.format[field]; ok && text != "" {
			return s.write(text, find(text), f)
		}
		return ""
	}
	many := func(field string, list []string) []string {
		if _, ok := s.format[field]; !ok {
			return nil
		}
		out := make([]string, len(list))
		for i, t := range list {
			out[i] = one(field, t)
		}
		return out
	}
	out := &Formatted{Title: one("title", d.Title), Description: one("description", d.Description),
		Categories: many("categories", d.Categories), Tags: many("tags", d.Tags)}
	for _, a := range d.Attributes {
		field := strings.ToLower(a.Name)
		if _, ok := s.format[field]; !ok {
			field = "attributes"
		}
		if words := many(field, a.Words); words != nil && !a.Numeric {
			out.Attributes = append(out.Attributes, bowerbird.Attribute{Name: a.Name, Words: words})
		}
	}
	return out
}

// write marks the spans of a text, after cutting it around them.
func (s *shown) write(t string, spans []text.Span, f format) string {
	from, to := 0, len(t)
	if f.crop > 0 {
		from, to = crop(t, spans, f.crop)
	}
	var b strings.Builder
	if from > 0 {
		b.WriteString(s.marker)
	}
	at := from
	for _, x := range spans {
		if x.Start < from || x.End > to || !f.mark {
			continue
		}
		b.WriteString(t[at:x.Start])
		b.WriteString(s.pre)
		b.WriteString(t[x.Start:x.End])
		b.WriteString(s.post)
		at = x.End
	}
	b.WriteString(t[at:to])
	if to < len(t) {
		b.WriteString(s.marker)
	}
	return b.String()
}

// crop finds the stretch of n words that holds most of the spans, the first of
// equal ones, with what matched in its middle: where it begins and ends.
func crop(t string, spans []text.Span, n int) (from, to int) {
	words := wordsOf(t)
	if len(words) <= n {
		return 0, len(t)
	}
	holds := func(first int) (count int) {
		lo, hi := words[first].Start, words[first+n-1].End
		for _, x := range spans {
			if x.Start >= lo && x.End <= hi {
				count++
			}
		}
		return count
	}
	best, most, last := 0, 0, 0
	for first := 0; first+n <= len(words); first++ {
		switch c := holds(first); {
		case c > most:
			best, most, last = first, c, first
		case c == most && first == last+1:
			last = first
		}
	}
	if most > 0 {
		best = (best + last) / 2
	}
	return words[best].Start, words[best+n-1].End
}

// wordsOf are the stretches between spaces.
func wordsOf(t string) []text.Span {
	var out []text.Span
	start := -1
	for i, r := range t {
		if unicode.IsSpace(r) {
			if start >= 0 {
				out = append(out, text.Span{Start: start, End: i})
			}
			start = -1
		} else if start < 0 {
			start = i
		}
	}
	if start >= 0 {
		out = append(out, text.Span{Start: start, End: len(t)})
	}
	return out
}
