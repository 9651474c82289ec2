package query

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"bowerbird"
	"bowerbird/internal/frame"
)

// format is the version of what Save writes. Version 1 kept no words of items and
// no people; a view of it is built again from the log.
const format = 2

// Save writes the view, in this order:
//
//	analyser's version
//	terms      count, each: text
//	labels     count, each: kind, field, value
//	fields     count, each: name
//	items      count, each: live; if so picture, title, language, topic, labels, short and long terms (count, differences), numbers (count, each: field, value)
//	searches   time of the newest event, count, each: text, count, heat, last, crowd, people, items, next (count, each: differences, weight)
//	people     count, each: number, last, own, open, likes
func (v *Understanding) Save(w io.Writer) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	fw := frame.NewWriter(w, "query", format)
	fw.String(v.o.Analyzer.Version())
	saveCatalogue(fw, v.cat)
	h := &v.log
	fw.Varint(h.now)
	fw.Int(len(h.queries))
	for i := range h.queries {
		saveSearch(fw, &h.queries[i])
	}
	fw.Int(len(h.people))
	for _, u := range slices.Sorted(maps.Keys(h.people)) {
		p := h.people[u]
		fw.Uvarint(uint64(u))
		fw.Varint(p.last)
		fw.Int(len(p.own))
		for _, o := range p.own {
			fw.Uvarint(uint64(o.query))
			fw.Uvarint(uint64(o.count))
			fw.Varint(o.last)
		}
		fw.Int(len(p.open))
		for _, o := range p.open {
			fw.Uvarint(uint64(o.query))
			fw.String(o.request)
			fw.Varint(o.at)
		}
		saveEdges(fw, p.likes)
	}
	return fw.Close()
}

func saveCatalogue(fw *frame.Writer, c *catalogue) {
	fw.Int(len(c.names))
	for _, t := range c.names {
		fw.String(t)
	}
	fw.Int(len(c.labels))
	for _, l := range c.labels {
		fw.Uvarint(uint64(l.kind))
		fw.String(l.field)
		fw.String(l.value)
	}
	fw.Int(len(c.fields))
	for _, f := range c.fields {
		fw.String(f.name)
	}
	fw.Int(len(c.items))
	for _, e := range c.items {
		fw.Bool(e.live)
		if !e.live {
			continue
		}
		fw.Bool(e.picture)
		fw.String(e.title)
		fw.String(e.language)
		fw.Uvarint(uint64(e.topic))
		saveIDs(fw, e.labels)
		saveIDs(fw, e.short)
		saveIDs(fw, e.long)
		fw.Int(len(e.numbers))
		for _, n := range e.numbers {
			fw.Uvarint(uint64(n.field))
			fw.F64(n.value)
		}
	}
}

func saveSearch(fw *frame.Writer, q *past) {
	fw.String(q.text)
	fw.Uvarint(uint64(q.count))
	fw.F64(q.heat)
	fw.Varint(q.last)
	fw.Bool(q.crowd)
	saveIDs(fw, q.typed)
	saveEdges(fw, q.items)
	saveEdges(fw, q.next)
}

// saveIDs writes ascending numbers as differences.
func saveIDs[T ~uint32](fw *frame.Writer, ids []T) {
	fw.Int(len(ids))
	before := T(0)
	for _, x := range ids {
		fw.Uvarint(uint64(x - before))
		before = x
	}
}

func saveEdges(fw *frame.Writer, e edges) {
	fw.Int(len(e))
	before := uint32(0)
	for _, x := range e {
		fw.Uvarint(uint64(x.to - before))
		fw.F32(x.w)
		before = x.to
	}
}

// Load replaces the view by a saved one. It refuses what is damaged, another
// version's, or made with another analyser.
func (v *Understanding) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "query", format)
	if err != nil {
		return err
	}
	if fr.Version != format {
		return fmt.Errorf("query: the file is of version %d, this program reads %d: build the view again from the log", fr.Version, format)
	}
	if a := fr.String(); fr.Err() == nil && a != v.o.Analyzer.Version() {
		return fmt.Errorf("query: the file was made with the analyser %q, this one is %q: build the view again from the log", a, v.o.Analyzer.Version())
	}
	n := New(v.o)
	n.heap = &pile{times: map[string]int64{}, weights: map[string]float64{}}
	l := loader{fr: fr}
	l.catalogue(n)
	l.searches(n)
	l.people(n)
	if l.bad == "" {
		err = fr.Close()
	} else {
		err = fmt.Errorf("query: %w: %s", frame.ErrCorrupt, l.bad)
	}
	if err != nil {
		return err
	}
	n.file()
	n.settle()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.cat, v.log, v.words, v.phrases, v.pairs = n.cat, n.log, n.words, n.phrases, n.pairs
	return nil
}

// loader reads what Save wrote and says what cannot be so.
type loader struct {
	fr  *frame.Reader
	bad string
}

func (l *loader) ok() bool { return l.bad == "" && l.fr.Err() == nil }

func (l *loader) check(good bool, what string) bool {
	if !good && l.ok() {
		l.bad = what
	}
	return l.ok()
}

func (l *loader) catalogue(v *Understanding) {
	fr, c := l.fr, v.cat
	for i := fr.Int(); i > 0 && l.ok(); i-- {
		c.termIDs([]string{fr.String()})
	}
	for i := fr.Int(); i > 0 && l.ok(); i-- {
		kind := fr.U32()
		field, value := fr.String(), fr.String()
		if l.check(kind < 256, "a label's kind") {
			c.label(v.o.Analyzer, byte(kind), field, value)
		}
	}
	for i := fr.Int(); i > 0 && l.ok(); i-- {
		c.field(fr.String())
	}
	for i := fr.Int(); i > 0 && l.ok(); i-- {
		x := bowerbird.ItemID(len(c.items))
		if !fr.Bool() {
			c.items = append(c.items, entry{})
			continue
		}
		e := entry{live: true, picture: fr.Bool(), title: fr.String(), language: c.tongue(fr.String()), topic: fr.U32()}
		e.labels = ids[uint32](l, len(c.labels))
		e.short, e.long = ids[uint32](l, len(c.names)), ids[uint32](l, len(c.names))
		for j := fr.Int(); j > 0 && l.ok(); j-- {
			n := number{fr.U32(), fr.F64()}
			if l.check(int(n.field) < len(c.fields), "a number's field") {
				e.numbers = append(e.numbers, n)
			}
		}
		if l.check(int(e.topic) <= len(c.labels), "an item's category") {
			v.place(x, e)
		}
	}
}

func (l *loader) searches(v *Understanding) {
	fr, h := l.fr, &v.log
	h.now = fr.Varint()
	n := fr.Int()
	for i := n; i > 0 && l.ok(); i-- {
		q := past{text: fr.String(), count: fr.U32(), heat: fr.F64(), last: fr.Varint(), crowd: fr.Bool()}
		q.typed = ids[bowerbird.UserID](l, math.MaxUint32)
		q.items, q.next = l.edges(math.MaxUint32), l.edges(n)
		if l.check(len(q.typed) <= maxTypers && len(q.items) <= maxItems && len(q.next) <= maxNext, "a search's counts") {
			h.queries = append(h.queries, q)
			v.count(&q, false)
		}
	}
}

func (l *loader) people(v *Understanding) {
	fr, h := l.fr, &v.log
	for i := fr.Int(); i > 0 && l.ok(); i-- {
		u, p := bowerbird.UserID(fr.U32()), &person{last: fr.Varint()}
		for j := fr.Int(); j > 0 && l.ok(); j-- {
			o := own{fr.U32(), fr.U32(), fr.Varint()}
			if l.check(int(o.query) < len(h.queries), "a person's search") {
				p.own = append(p.own, o)
			}
		}
		for j := fr.Int(); j > 0 && l.ok(); j-- {
			o := open{fr.U32(), fr.String(), fr.Varint()}
			if l.check(int(o.query) < len(h.queries), "a person's open search") {
				p.open = append(p.open, o)
			}
		}
		p.likes = l.edges(len(v.cat.labels))
		h.people[u] = p
	}
}

// ids reads ascending numbers below n.
func ids[T ~uint32](l *loader, n int) []T {
	k := l.fr.Int()
	out := make([]T, 0, min(k, 64))
	before := uint64(0)
	for i := 0; i < k && l.ok(); i++ {
		x := before + uint64(l.fr.U32())
		if l.check(x < uint64(n) && (i == 0 || x > before), "numbers that do not rise or lie out of range") {
			out, before = append(out, T(x)), x
		}
	}
	return slices.Clip(out)
}

// edges reads edges to numbers below n.
func (l *loader) edges(n int) edges {
	k := l.fr.Int()
	var out edges
	before := uint64(0)
	for i := 0; i < k && l.ok(); i++ {
		x, w := before+uint64(l.fr.U32()), l.fr.F32()
		if l.check(x < uint64(n) && (i == 0 || x > before) && w > 0 && !math.IsInf(float64(w), 0), "edges that do not rise, lie out of range or have no weight") {
			out, before = append(out, edge{uint32(x), w}), x
		}
	}
	return out
}
