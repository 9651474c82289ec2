package query

import (
	"cmp"
	"slices"
	"strings"

	"bowerbird"
)

// longest is how many words of a query may stand for one label.
const longest = 4

// confidences below leastConfidence are not worth suggesting.
const leastConfidence = .1

// namedBy finds the labels that words of a query name, the longest first: "dark
// green" before "green". The confidence is the share, among the items that say the
// words, of those that bear the label; colours' is less where the word belongs to a
// phrase ("orange juice"), and tags' and categories' are halved, since words find
// those as well.
func (v *Understanding) namedBy(q string, words []typed, segments []Segment) []Suggest {
	var out []Suggest
	for i := 0; i < len(words); {
		n := min(longest, len(words)-i)
		for ; n > 0; n-- {
			if found := v.named(q, words[i:i+n], segments); len(found) > 0 {
				out = append(out, found...)
				break
			}
		}
		i += max(n, 1)
	}
	return out
}

// named is what some words name together, best first: one for each kind of label.
func (v *Understanding) named(q string, words []typed, segments []Segment) []Suggest {
	c := v.cat
	start, end := words[0].start, words[len(words)-1].end
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = w.word
	}
	phrase := strings.Join(list, " ")
	terms := v.o.Analyzer.Terms(phrase)
	if len(terms) == 0 || strings.HasPrefix(q[start:], "-") {
		return nil
	}
	whole := 1.
	for _, s := range segments {
		if s.Start <= start && end <= s.End && s.Words > len(words) {
			whole = .3
		}
	}
	say := float64(c.sayAll(terms).GetCardinality())
	byKind := map[byte][]uint32{}
	for _, l := range c.spoken[strings.Join(terms, " ")] {
		byKind[c.labels[l].kind] = append(byKind[c.labels[l].kind], l)
	}
	var out []Suggest
	add := func(field string, values []string, confidence float64) {
		if confidence >= leastConfidence {
			out = append(out, Suggest{bowerbird.Condition{Field: field, Op: bowerbird.In, Words: values}, start, end, min(1, confidence)})
		}
	}
	for _, kind := range []byte{attributeLabel, tagLabel, categoryLabel} {
		for _, field := range v.strongest(byKind[kind]) {
			factor := 1.
			if kind != attributeLabel {
				factor = .5
			}
			if isColour(field.name) {
				factor = whole
			}
			add(field.name, field.values, factor*float64(field.items)/max(1, say))
		}
	}
	for _, f := range v.colours(phrase, byKind[colourLabel]) {
		exact := .7
		if len(byKind[colourLabel]) > 0 {
			exact = .9
		}
		if !slices.ContainsFunc(out, func(s Suggest) bool { return s.Condition.Field == f.name }) {
			add(f.name, f.values, exact*whole)
		}
	}
	return out
}

// field is a field that words name, with its values and how many items bear one.
type field struct {
	name   string
	values []string
	items  int
}

// strongest groups labels by field, the one that most items bear first, at most
// two.
func (v *Understanding) strongest(labels []uint32) []field {
	var out []field
	for _, l := range labels {
		x := &v.cat.labels[l]
		n := int(x.items.GetCardinality())
		if n == 0 {
			continue
		}
		i := slices.IndexFunc(out, func(f field) bool { return f.name == x.field })
		if i < 0 {
			i = len(out)
			out = append(out, field{name: x.field})
		}
		out[i].values = append(out[i].values, x.value)
		out[i].items += n
	}
	slices.SortStableFunc(out, func(a, b field) int {
		return cmp.Or(cmp.Compare(b.items, a.items), strings.Compare(a.name, b.name))
	})
	return out[:min(2, len(out))]
}

func isColour(field string) bool {
	f := strings.ToLower(field)
	return strings.Contains(f, "colour") || strings.Contains(f, "color")
}

// colourFamily gives the basic colour of the names that pictures are described by
// (vision.ColorName), and of the words that people use for them.
var colourFamily = map[string]string{
	"black": "black", "charcoal": "gray", "dark gray": "gray", "gray": "gray", "slate": "gray", "light gray": "gray",
	"white": "white", "ivory": "white", "cream": "white", "beige": "brown", "tan": "brown", "light brown": "brown",
	"brown": "brown", "dark brown": "brown", "taupe": "brown", "red": "red", "dark red": "red", "maroon": "red", "rust": "red",
	"orange": "orange", "dark orange": "orange", "terracotta": "orange", "peach": "orange", "coral": "orange",
	"yellow": "yellow", "light yellow": "yellow", "gold": "yellow", "mustard": "yellow", "sand": "yellow",
	"green": "green", "dark green": "green", "lime": "green", "light green": "green", "olive": "green", "sage": "green", "mint": "green",
	"teal": "blue", "turquoise": "blue", "cyan": "blue", "sky blue": "blue", "light blue": "blue", "blue": "blue", "steel blue": "blue", "navy": "blue",
	"purple": "purple", "dark purple": "purple", "lavender": "purple", "plum": "purple", "indigo": "purple",
	"pink": "pink", "light pink": "pink", "hot pink": "pink", "magenta": "pink", "dusty rose": "pink",
	"grey": "gray", "dark grey": "gray", "light grey": "gray", "violet": "purple", "crimson": "red", "burgundy": "red", "scarlet": "red",
	"navy blue": "blue", "emerald": "green", "forest": "green", "sky": "blue", "lilac": "purple", "mauve": "purple", "off white": "white", "blush": "pink",
}

// colours are the colour names of pictures, and of attributes that are colours, that
// a phrase means: the name itself, or for a basic colour, as "green", every name of
// its family, and for another word, as "emerald", those of its family.
func (v *Understanding) colours(phrase string, exact []uint32) []field {
	family, ok := colourFamily[phrase]
	if !ok && len(exact) == 0 {
		return nil
	}
	basic := family == phrase || phrase == "grey"
	var meant []uint32
	for _, id := range v.cat.colours {
		kin := ok && colourFamily[strings.ToLower(v.cat.labels[id].value)] == family
		if slices.Contains(exact, id) || kin && (basic || len(exact) == 0) {
			meant = append(meant, id)
		}
	}
	return v.strongest(meant)
}
