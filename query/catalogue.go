package query

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"bowerbird"
	"bowerbird/text"
)

// The kinds of label.
const (
	categoryLabel  = 'c'
	tagLabel       = 't'
	colourLabel    = 'k'
	attributeLabel = 'a'
)

// label is a category, a tag, a colour or a word of an attribute, with the items
// that carry it.
type label struct {
	kind  byte
	field string // "category", "tag", "colour" or the attribute's name
	value string // as first written: a category's whole path
	terms []string
	items *roaring.Bitmap
}

// name is what people call it: the last part of a category's path.
func (l *label) name() string {
	if l.kind == categoryLabel {
		return leaf(l.value)
	}
	return l.value
}

func leaf(path string) string { return strings.TrimSpace(path[strings.LastIndexByte(path, '/')+1:]) }

// entry is what an item contributed, to be taken back when it changes.
type entry struct {
	live     bool
	picture  bool
	title    string
	language string   // BCP 47, "" unknown
	labels   []uint32 // ascending
	topic    uint32   // 1 + the label of its last category; 0 none
	short    []uint32 // terms of the title and the labels, ascending
	long     []uint32 // further terms of the description, ascending
	numbers  []number // by field
}

type number struct {
	field uint32
	value float64
}

// catalogue is what the items say, by word, by label and by number.
type catalogue struct {
	items []entry // by item
	count int     // live ones

	terms map[string]uint32
	names []string          // by term
	short []*roaring.Bitmap // by term: items that say it in the title or a label; nil none
	long  []*roaring.Bitmap // by term: items that say it in the description only; nil none

	labelIDs map[string]uint32
	labels   []label
	spoken   map[string][]uint32 // terms joined by spaces: the labels that read so
	colours  []uint32            // the labels that are colours

	titles map[string][]bowerbird.ItemID // folded title: the items that have it, ascending

	fieldIDs map[string]uint32
	fields   []spread // numeric attributes

	languages []string
}

func newCatalogue() *catalogue {
	return &catalogue{terms: map[string]uint32{}, labelIDs: map[string]uint32{}, spoken: map[string][]uint32{}, titles: map[string][]bowerbird.ItemID{}, fieldIDs: map[string]uint32{}}
}

// colourShare is the part of a picture that a colour must cover to be searched by,
// as in filter.Fields.
const colourShare = .12

// maxLabelWords bounds the attribute words that are worth a label: longer ones are
// sentences.
const maxLabelWords = 4

// entryOf reads a document.
func (v *Understanding) entryOf(d *bowerbird.Item) entry {
	c := v.cat
	e := entry{live: true, picture: d.Picture != nil, title: d.Title, language: c.tongue(d.Language)}
	short := v.o.Analyzer.Terms(d.Title)
	add := func(kind byte, field, value string) uint32 {
		id := c.label(v.o.Analyzer, kind, field, value)
		e.labels = append(e.labels, id)
		short = append(short, c.labels[id].terms...)
		return id
	}
	for _, p := range d.Categories {
		if leaf(p) != "" {
			e.topic = 1 + add(categoryLabel, "category", p)
		}
	}
	for _, t := range d.Tags {
		if t != "" {
			add(tagLabel, "tag", t)
		}
	}
	for _, a := range d.Attributes {
		switch {
		case a.Numeric:
			e.numbers = append(e.numbers, number{c.field(a.Name), a.Number})
		case a.Name == "currency" || len(a.Words) == 1 && (a.Words[0] == "true" || a.Words[0] == "false"): // nobody types these
		default:
			for _, w := range a.Words {
				if w != "" && strings.Count(w, " ") < maxLabelWords && len(w) <= 60 {
					add(attributeLabel, a.Name, w)
				} else {
					short = append(short, v.o.Analyzer.Terms(w)...)
				}
			}
		}
	}
	if d.Picture != nil {
		for _, k := range d.Picture.Colours {
			if k.Name != "" && k.Share >= colourShare {
				add(colourLabel, "colour", k.Name)
			} else {
				short = append(short, v.o.Analyzer.Terms(k.Name)...)
			}
		}
	}
	slices.Sort(e.labels)
	e.labels = slices.Clip(slices.Compact(e.labels))
	e.short = c.termIDs(short)
	e.long = slices.DeleteFunc(c.termIDs(v.o.Analyzer.Terms(d.Description)), func(t uint32) bool {
		_, also := slices.BinarySearch(e.short, t)
		return also
	})
	e.long = slices.Clip(e.long)
	return e
}

func (c *catalogue) label(a *text.Analyzer, kind byte, field, value string) uint32 {
	key := string(kind) + text.Fold(field) + "\x00" + text.Fold(value)
	if kind == categoryLabel { // folding would make one of a/b and "a b"
		key = "c\x00" + strings.ToLower(value)
	}
	id, ok := c.labelIDs[key]
	if !ok {
		id = uint32(len(c.labels))
		c.labelIDs[key] = id
		l := label{kind: kind, field: field, value: strings.Clone(value), items: roaring.New()}
		l.terms = a.Terms(l.name())
		c.labels = append(c.labels, l)
		if kind == colourLabel || kind == attributeLabel && isColour(field) {
			c.colours = append(c.colours, id)
		}
		if len(l.terms) > 0 {
			k := strings.Join(l.terms, " ")
			c.spoken[k] = append(c.spoken[k], id)
		}
	}
	return id
}

func (c *catalogue) termIDs(terms []string) []uint32 {
	out := make([]uint32, 0, len(terms))
	for _, t := range terms {
		id, ok := c.terms[t]
		if !ok {
			id = uint32(len(c.names))
			t = strings.Clone(t)
			c.terms[t] = id
			c.names = append(c.names, t)
			c.short, c.long = append(c.short, nil), append(c.long, nil)
		}
		out = append(out, id)
	}
	slices.Sort(out)
	return slices.Clip(slices.Compact(out))
}

// tongue keeps one copy of a language's name.
func (c *catalogue) tongue(l string) string {
	i := slices.Index(c.languages, l)
	if i < 0 {
		if len(c.languages) >= 256 {
			return strings.Clone(l)
		}
		i = len(c.languages)
		c.languages = append(c.languages, strings.Clone(l))
	}
	return c.languages[i]
}

func (c *catalogue) field(name string) uint32 {
	id, ok := c.fieldIDs[name]
	if !ok {
		id = uint32(len(c.fields))
		c.fieldIDs[name] = id
		c.fields = append(c.fields, spread{name: name})
	}
	return id
}

// learn takes an item in.
func (v *Understanding) learn(x bowerbird.ItemID, d *bowerbird.Item) { v.place(x, v.entryOf(d)) }

func (v *Understanding) place(x bowerbird.ItemID, e entry) {
	c := v.cat
	for int(x) >= len(c.items) {
		c.items = append(c.items, entry{})
	}
	c.items[x] = e
	c.count++
	mark := func(sets []*roaring.Bitmap, ids []uint32) {
		for _, t := range ids {
			if sets[t] == nil {
				sets[t] = roaring.New()
			}
			sets[t].Add(uint32(x))
		}
	}
	mark(c.short, e.short)
	mark(c.long, e.long)
	for _, n := range e.numbers {
		c.fields[n.field].add(n.value, 1)
	}
	v.labelled(x, e.labels, true)
	v.titled(x, e.title, 1)
}

// forget takes an item out again.
func (v *Understanding) forget(x bowerbird.ItemID) {
	c := v.cat
	if int(x) >= len(c.items) || !c.items[x].live {
		return
	}
	e := c.items[x]
	c.items[x] = entry{}
	c.count--
	sweep := func(sets []*roaring.Bitmap, ids []uint32) {
		for _, t := range ids {
			if sets[t].Remove(uint32(x)); sets[t].IsEmpty() {
				sets[t] = nil
			}
		}
	}
	sweep(c.short, e.short)
	sweep(c.long, e.long)
	for _, n := range e.numbers {
		c.fields[n.field].add(n.value, -1)
	}
	v.labelled(x, e.labels, false)
	v.titled(x, e.title, -1)
}

// labelled adds an item to its labels or takes it out, and moves the labels among
// the completions. A label's weight is one more whenever twice as many items carry
// it, so that a label of a million items is moved twenty times and not a million.
func (v *Understanding) labelled(x bowerbird.ItemID, ids []uint32, in bool) {
	by := int64(-1)
	if in {
		by = 1
	}
	for _, id := range ids {
		l := &v.cat.labels[id]
		before := l.items.GetCardinality()
		if in {
			l.items.Add(uint32(x))
		} else {
			l.items.Remove(uint32(x))
		}
		if l.kind != colourLabel {
			v.spell(l.name(), by)
		}
		if l.kind == categoryLabel || l.kind == tagLabel {
			if d := bits.Len64(l.items.GetCardinality()) - bits.Len64(before); d != 0 {
				v.phrase(l.name(), labelWeight*float64(d))
			}
		}
	}
}

func (v *Understanding) titled(x bowerbird.ItemID, title string, by int64) {
	key := text.Fold(title)
	if key == "" {
		return
	}
	v.spell(title, by)
	v.phrase(title, titleWeight*float64(by))
	at, there := slices.BinarySearch(v.cat.titles[key], x)
	switch {
	case by > 0 && !there:
		v.cat.titles[key] = slices.Insert(v.cat.titles[key], at, x)
	case by < 0 && there:
		if v.cat.titles[key] = slices.Delete(v.cat.titles[key], at, at+1); len(v.cat.titles[key]) == 0 {
			delete(v.cat.titles, key)
		}
	}
}

// spell counts the words of a title or a label, and which stand beside which.
func (v *Understanding) spell(s string, by int64) {
	words := strings.Fields(text.Fold(s))
	for _, w := range words {
		v.word(w, by)
	}
	v.pairs.Add(words, by)
}

// live tells whether an item may be shown.
func (c *catalogue) live(x uint32) bool { return int(x) < len(c.items) && c.items[x].live }
