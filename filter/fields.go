package filter

import (
	"cmp"
	"io"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"

	"bowerbird"
	"bowerbird/internal/frame"
)

// Fields is the view of what items say of themselves, laid out for filtering:
// for every word of every field the set of items that carry it, and a column for
// every numeric attribute. Safe for concurrent readers beside one Apply.
//
// Memory: about 8 bytes for each word of each item, and 4 bytes for each item
// and numeric attribute.
type Fields struct {
	mu      sync.RWMutex
	terms   map[string]uint32 // "field\x00word"
	words   []string          // by term
	labels  []string          // by term: the word as it was first written
	of      []*field          // by term
	items   []*roaring.Bitmap // by term
	carries [][]uint32        // by item: its terms, ascending
	fields  map[string]*field // every field that an item ever had
	numbers map[string]*column
	live    *roaring.Bitmap // what may be shown
	owner   column          // UserID
	state   column          // 1: live
	created column          // Unix seconds, plus one
}

// field is one field of any item: what a facet counts.
type field struct {
	terms []uint32 // in the order of their first mention
	uses  int      // words and numbers that items carry now
}

// NewFields returns an empty view.
func NewFields() *Fields {
	return &Fields{terms: map[string]uint32{}, fields: map[string]*field{}, numbers: map[string]*column{}, live: roaring.New()}
}

// Apply folds item_put and item_delete.
func (v *Fields) Apply(facts []bowerbird.Fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range facts {
		switch f := &facts[i]; f.Kind {
		case bowerbird.ItemPut:
			v.put(f)
		case bowerbird.ItemDelete:
			v.clear(f.Item)
			v.state.set(f.Item, 0)
			v.created.set(f.Item, 0)
			v.live.Remove(uint32(f.Item))
		case bowerbird.UserErase:
			v.disown(f.User)
		}
	}
}

func (v *Fields) put(f *bowerbird.Fact) {
	v.clear(f.Item)
	d := f.ItemDoc
	var mine []uint32
	add := func(field, word string) { mine = append(mine, v.term(field, word)) }
	for _, c := range d.Categories {
		for c = strings.TrimSpace(c); c != ""; c = parent(c) { // an item under a/b is also under a
			add("category", c)
		}
	}
	for _, t := range d.Tags {
		add("tag", t)
	}
	if d.Owner != "" && f.Owner != 0 { // an erased person's mark is no owner
		add("owner", d.Owner)
	}
	if d.Language != "" {
		add("language", d.Language)
	}
	if d.Picture != nil {
		for _, c := range d.Picture.Colours {
			if c.Name != "" && c.Share >= colourShare {
				add("colour", c.Name)
			}
		}
		for i, w := range d.Picture.Looks[:min(len(d.Picture.Looks), len(bowerbird.LookFields))] {
			if w != "" {
				add(bowerbird.LookFields[i], w)
			}
		}
		if d.Picture.Quality > 0 {
			v.number("quality").set(f.Item, encode(d.Picture.Quality))
			v.fields["quality"].uses++
		}
	}
	for _, a := range d.Attributes {
		if a.Numeric {
			if v.number(a.Name).get(f.Item) != 0 { // a picture's quality goes before an attribute of that name
				continue
			}
			v.number(a.Name).set(f.Item, encode(float32(a.Number)))
			v.fields[fold(a.Name)].uses++
			continue
		}
		for _, w := range a.Words {
			add(fold(a.Name), w)
		}
	}
	slices.Sort(mine)
	mine = slices.Clip(slices.Compact(mine))
	for _, t := range mine {
		v.items[t].Add(uint32(f.Item))
		v.of[t].uses++
	}
	for int(f.Item) >= len(v.carries) {
		v.carries = append(v.carries, nil)
	}
	v.carries[f.Item] = mine
	v.owner.set(f.Item, uint32(f.Owner))
	v.created.set(f.Item, seconds(cmp.Or(d.Created, f.Time)))
	if d.Hidden {
		v.state.set(f.Item, 0)
		v.live.Remove(uint32(f.Item))
		return
	}
	v.state.set(f.Item, 1)
	v.live.Add(uint32(f.Item))
}

// seconds of Unix milliseconds, plus one, so that 0 means "not set".
func seconds(ms int64) uint32 { return uint32(min(max(0, ms/1000), math.MaxUint32-1)) + 1 }

// colourShare is the part of a picture that a colour must cover to be searched by.
const colourShare = .12

func (v *Fields) clear(item bowerbird.ItemID) {
	if int(item) >= len(v.carries) {
		return
	}
	for _, t := range v.carries[item] {
		v.items[t].Remove(uint32(item))
		v.of[t].uses--
	}
	v.carries[item] = nil
	for name, c := range v.numbers {
		if c.get(item) != 0 {
			c.set(item, 0)
			v.fields[name].uses--
		}
	}
}

// disown takes a person's name and number off what they put.
func (v *Fields) disown(u bowerbird.UserID) {
	for i := range v.owner.len() {
		x := bowerbird.ItemID(i)
		if u == 0 || v.owner.get(x) != uint32(u) {
			continue
		}
		v.owner.set(x, 0)
		if i >= len(v.carries) {
			continue
		}
		v.carries[x] = slices.DeleteFunc(v.carries[x], func(t uint32) bool {
			if !strings.HasPrefix(v.words[t], "owner\x00") {
				return false
			}
			v.of[t].uses--
			if v.items[t].Remove(uint32(x)); v.items[t].IsEmpty() {
				delete(v.terms, v.words[t])
				v.words[t], v.labels[t] = "", "" // its number stays, nameless
			}
			return true
		})
	}
}

// term is the number of a field's word. label is the word as the item writes it.
func (v *Fields) term(in, label string) uint32 {
	key := in + "\x00" + fold(label)
	t, ok := v.terms[key]
	if !ok {
		t = v.newTerm(key, strings.TrimSpace(label))
	}
	return t
}

func (v *Fields) newTerm(key, label string) uint32 {
	t := uint32(len(v.words))
	var f *field // none of an erased person's name
	if in, _, ok := strings.Cut(key, "\x00"); ok {
		v.terms[key] = t
		f = v.field(in)
		f.terms = append(f.terms, t)
	}
	v.words, v.labels, v.of, v.items = append(v.words, key), append(v.labels, label), append(v.of, f), append(v.items, roaring.New())
	return t
}

func (v *Fields) field(name string) *field {
	f, ok := v.fields[name]
	if !ok {
		f = new(field)
		v.fields[name] = f
	}
	return f
}

func (v *Fields) number(name string) *column {
	name = fold(name)
	c, ok := v.numbers[name]
	if !ok {
		c = new(column)
		v.field(name)
		v.numbers[name] = c
	}
	return c
}

// Numbers are kept as float bits plus one, so that 0 means "not set"; the only
// value lost is the NaN with all bits set, which validation refuses.
func encode(x float32) uint32 { return math.Float32bits(x) + 1 }
func decode(b uint32) float32 { return math.Float32frombits(b - 1) }

func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// parent of the path a/b/c is a/b; of a it is "".
func parent(path string) string {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return ""
	}
	return strings.TrimRight(path[:i], "/ ")
}

// Live tells whether an item may be shown at all.
func (v *Fields) Live(x bowerbird.ItemID) bool { return v.state.get(x) == 1 }

// All returns a copy of the set of items that may be shown.
func (v *Fields) All() *roaring.Bitmap {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.live.Clone()
}

// Owner is the person who put the item, 0 if nobody.
func (v *Fields) Owner(x bowerbird.ItemID) bowerbird.UserID { return bowerbird.UserID(v.owner.get(x)) }

// Known tells whether any item has ever carried the field.
func (v *Fields) Known(field string) bool {
	field = fold(field)
	switch field {
	case "category", "tag", "language", "owner", "colour", "created":
		return true
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.fields[field] != nil
}

// having returns a copy of the set of items that carry any word of a field.
func (v *Fields) having(in string) *roaring.Bitmap {
	v.mu.RLock()
	defer v.mu.RUnlock()
	f := v.fields[fold(in)]
	if f == nil {
		return roaring.New()
	}
	sets := make([]*roaring.Bitmap, len(f.terms))
	for i, t := range f.terms {
		sets[i] = v.items[t]
	}
	return roaring.FastOr(sets...)
}

// with returns a copy of the set of items that carry any of the words.
func (v *Fields) with(field string, words []string) *roaring.Bitmap {
	v.mu.RLock()
	defer v.mu.RUnlock()
	out := roaring.New()
	for _, w := range words {
		if t, ok := v.terms[fold(field)+"\x00"+fold(w)]; ok {
			out.Or(v.items[t])
		}
	}
	return out
}

// Save writes the view. Terms are written in the order of their first mention,
// which the log determines.
//
//	terms   count, then each "field\0word" and the word as it was first written; "" for the name of an erased person
//	items   count, then each: live, owner, created, terms (count, ids)
//	numbers count, then each by name: pairs (item, value bits)
func (v *Fields) Save(w io.Writer) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	fw := frame.NewWriter(w, "fields", 2)
	fw.Int(len(v.words))
	for i, s := range v.words {
		fw.String(s)
		fw.String(v.labels[i])
	}
	n := max(len(v.carries), v.last()+1)
	fw.Int(n)
	for i := range n {
		x := bowerbird.ItemID(i)
		fw.Uvarint(uint64(v.state.get(x)))
		fw.Uvarint(uint64(v.owner.get(x)))
		fw.Uvarint(uint64(v.created.get(x)))
		var mine []uint32
		if i < len(v.carries) {
			mine = v.carries[i]
		}
		fw.Int(len(mine))
		for _, t := range mine {
			fw.Uvarint(uint64(t))
		}
	}
	names := make([]string, 0, len(v.numbers))
	for s := range v.numbers {
		names = append(names, s)
	}
	slices.Sort(names)
	fw.Int(len(names))
	for _, s := range names {
		c := v.numbers[s]
		fw.String(s)
		for i := range c.len() {
			if b := c.get(bowerbird.ItemID(i)); b != 0 {
				fw.Uvarint(uint64(i))
				fw.Uvarint(uint64(b))
			}
		}
		fw.Uvarint(0)
	}
	return fw.Close()
}

// last is the largest item that has ever been live or owned.
func (v *Fields) last() int {
	for i := max(v.state.len(), v.owner.len()) - 1; i > 0; i-- {
		if v.state.get(bowerbird.ItemID(i)) != 0 || v.owner.get(bowerbird.ItemID(i)) != 0 {
			return i
		}
	}
	return 0
}

// Load replaces the view by a saved one.
func (v *Fields) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "fields", 2)
	if err != nil {
		return err
	}
	n := NewFields()
	for range fr.Int() {
		key, label := fr.String(), fr.String()
		if fr.Err() != nil {
			break
		}
		n.newTerm(key, label)
	}
	for i := range fr.Int() {
		state, owner, created, terms := fr.U32(), fr.U32(), fr.U32(), fr.Int()
		mine := make([]uint32, 0, min(terms, len(n.words)))
		for range terms {
			t := fr.U32()
			if fr.Err() != nil || int(t) >= len(n.items) {
				return fieldsError(fr)
			}
			mine = append(mine, t)
			n.items[t].Add(uint32(i))
			if n.of[t] == nil { // an item carries the name of an erased person
				return frame.ErrCorrupt
			}
			n.of[t].uses++
		}
		if fr.Err() != nil {
			return fieldsError(fr)
		}
		if state|owner != 0 {
			n.state.set(bowerbird.ItemID(i), state)
			n.owner.set(bowerbird.ItemID(i), owner)
		}
		n.created.set(bowerbird.ItemID(i), created)
		if state == 1 {
			n.live.Add(uint32(i))
		}
		if len(mine) == 0 {
			mine = nil
		}
		n.carries = append(n.carries, mine)
	}
	for range fr.Int() {
		name := fr.String()
		c := n.number(name)
		for x := fr.U32(); x != 0 && fr.Err() == nil; x = fr.U32() {
			if int(x) >= len(n.carries) {
				return fieldsError(fr)
			}
			c.set(bowerbird.ItemID(x), fr.U32())
			n.fields[fold(name)].uses++
		}
		if fr.Err() != nil {
			break
		}
	}
	if err := fr.Close(); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.terms, v.words, v.labels, v.of, v.items, v.carries = n.terms, n.words, n.labels, n.of, n.items, n.carries
	v.fields, v.numbers, v.live = n.fields, n.numbers, n.live
	v.state.chunks.Store(n.state.chunks.Load())
	v.owner.chunks.Store(n.owner.chunks.Load())
	v.created.chunks.Store(n.created.chunks.Load())
	return nil
}

func fieldsError(fr *frame.Reader) error {
	if err := fr.Err(); err != nil {
		return err
	}
	return frame.ErrCorrupt
}
