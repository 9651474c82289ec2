package query

import (
	"cmp"
	"context"
	"io"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"sync"

	"bowerbird"
	"bowerbird/internal/frame"
	"bowerbird/text"
	"bowerbird/text/complete"
	"bowerbird/text/spell"
)

// Options of New. The zero value works.
type Options struct {
	MaxQueries int // distinct past queries that are remembered; 0 means 200,000
}

// Understanding is the view of the words that the catalogue and its visitors use.
// Safe for concurrent readers beside one Apply.
//
// Memory: about 1 kB for each distinct word of titles and labels, 300 bytes for
// each title, and the folded words of each description.
type Understanding struct {
	o Options

	mu      sync.RWMutex // guards what follows; what words and phrases point to has locks of its own
	items   []entry      // by item
	queries map[string]uint32
	topics  map[string]uint32 // categories and tags: how many items carry them
	words   *spell.Dictionary
	phrases *complete.Completer
	phrase  func(string, float64)         // adds weight to a phrase: phrases.Add, but while loading
	word    func(string, int64)           // counts a word: words.Add, but while loading
	titles  map[string][]bowerbird.ItemID // folded title: the items that have it, ascending
	other   map[string]uint32             // words of descriptions and attributes: never offered, never mended
}

// entry is what an item contributed, to be taken back when it changes.
type entry struct {
	title  string
	labels []string
	other  []string // distinct words of the description and the attributes, sorted
}

// Completion is one way to go on from what was typed.
type Completion struct {
	Text string
	Kind string           // "query", "item", "tag" or "category"
	Item bowerbird.ItemID // of an item's title
}

// New returns an empty view.
func New(o Options) *Understanding {
	if o.MaxQueries == 0 {
		o.MaxQueries = 200_000
	}
	v := &Understanding{o: o, queries: map[string]uint32{}, topics: map[string]uint32{},
		words: spell.New(spell.Options{}), phrases: complete.New(), titles: map[string][]bowerbird.ItemID{}, other: map[string]uint32{}}
	v.phrase, v.word = v.phrases.Add, v.words.Add
	return v
}

// Apply learns from items and searches.
func (v *Understanding) Apply(facts []bowerbird.Fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range facts {
		f := &facts[i]
		switch f.Kind {
		case bowerbird.ItemPut:
			v.forget(f.Item)
			v.learn(f.Item, entryOf(f.ItemDoc))
		case bowerbird.ItemDelete:
			v.forget(f.Item)
		case bowerbird.Search:
			v.searched(f.Query, 1)
		}
	}
}

func entryOf(d *bowerbird.Item) entry {
	e := entry{title: d.Title}
	for _, c := range d.Categories {
		e.labels = append(e.labels, "c"+strings.TrimSpace(c[strings.LastIndexByte(c, '/')+1:]))
	}
	for _, t := range d.Tags {
		e.labels = append(e.labels, "t"+t)
	}
	words := strings.Fields(text.Fold(d.Description))
	for _, a := range d.Attributes {
		for _, w := range a.Words {
			words = append(words, strings.Fields(text.Fold(w))...)
		}
	}
	if d.Picture != nil {
		for _, c := range d.Picture.Colours {
			words = append(words, strings.Fields(text.Fold(c.Name))...)
		}
	}
	slices.Sort(words)
	e.other = slices.Compact(words)
	return e
}

// Weights of completions: a search that somebody typed counts most, a label by
// the logarithm of how many items carry it, a title once.
const (
	queryWeight = 3
	labelWeight = 1
	titleWeight = .5
)

func (v *Understanding) learn(x bowerbird.ItemID, e entry) {
	for int(x) >= len(v.items) {
		v.items = append(v.items, entry{})
	}
	v.items[x] = e
	v.count(e, 1)
	if e.title != "" {
		key := text.Fold(e.title)
		if at, there := slices.BinarySearch(v.titles[key], x); !there {
			v.titles[key] = slices.Insert(v.titles[key], at, x)
		}
	}
}

func (v *Understanding) forget(x bowerbird.ItemID) {
	if int(x) >= len(v.items) {
		return
	}
	e := v.items[x]
	v.count(e, -1)
	key := text.Fold(e.title)
	if at, there := slices.BinarySearch(v.titles[key], x); there {
		if v.titles[key] = slices.Delete(v.titles[key], at, at+1); len(v.titles[key]) == 0 {
			delete(v.titles, key)
		}
	}
	v.items[x] = entry{}
}

func (v *Understanding) count(e entry, by int64) {
	for _, w := range e.other {
		if n := int64(v.other[w]) + by; n > 0 {
			v.other[w] = uint32(n)
		} else {
			delete(v.other, w)
		}
	}
	v.spell(e.title, by)
	if e.title != "" {
		v.phrase(e.title, titleWeight*float64(by))
	}
	for _, l := range e.labels {
		v.spell(l[1:], by)
		before := v.topics[l]
		after := uint32(max(0, int64(before)+by))
		if w := labelled(after) - labelled(before); w != 0 {
			v.phrase(l[1:], w)
		}
		if after > 0 {
			v.topics[l] = after
		} else {
			delete(v.topics, l)
		}
	}
}

// labelled is a label's weight: one more whenever twice as many items carry it,
// so that a label of a million items is moved among the phrases twenty times and
// not a million.
func labelled(n uint32) float64 { return labelWeight * float64(bits.Len32(n)) }

func (v *Understanding) spell(s string, by int64) {
	for w := range strings.FieldsSeq(text.Fold(s)) {
		v.word(w, by)
	}
}

// searched counts a query for completion, but only once all its words are known:
// a slip of the finger must not be offered to the next visitor.
func (v *Understanding) searched(q string, n uint32) {
	q = strings.Join(strings.Fields(q), " ")
	key := text.Fold(q)
	if key == "" || len(key) > 100 {
		return
	}
	if _, there := v.queries[key]; !there {
		if len(v.queries) >= v.o.MaxQueries || !v.known(key) {
			return
		}
	}
	v.queries[key] += n
	v.phrases.Add(key, queryWeight*float64(n))
}

func (v *Understanding) known(folded string) bool {
	for w := range strings.FieldsSeq(folded) {
		if v.words.Count(w) == 0 && v.other[w] == 0 {
			return false
		}
	}
	return true
}

// Rewrite mends the request's words: it sets Terms where a word that the
// catalogue does not hold has one of a title or a label within two edits. Words in quotes,
// with a prefix operator or excluded are left alone.
func (v *Understanding) Rewrite(_ context.Context, r *bowerbird.Request) error {
	r.Terms = v.Correct(r.Query)
	return nil
}

// Correct returns the mended words, "" if there is nothing to mend.
func (v *Understanding) Correct(q string) string {
	if strings.ContainsAny(q, `"“”*+`) {
		return ""
	}
	v.mu.RLock()
	words := v.words
	v.mu.RUnlock()
	fields := strings.Fields(q)
	changed := false
	for i, w := range fields {
		if strings.HasPrefix(w, "-") || len(w) > 40 {
			continue
		}
		folded := text.Fold(w)
		if folded == "" || strings.Contains(folded, " ") || v.described(folded) {
			continue
		}
		if better, ok := words.Correct(folded); ok && better != folded {
			fields[i], changed = better, true
		}
	}
	if !changed {
		return ""
	}
	return strings.Join(fields, " ")
}

// described tells whether a description or an attribute holds the word.
func (v *Understanding) described(folded string) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.other[folded] > 0
}

// Complete returns up to n ways to go on from what was typed, best first.
func (v *Understanding) Complete(typed string, n int) []Completion {
	v.mu.RLock()
	phrases := v.phrases
	v.mu.RUnlock()
	found := phrases.Complete(typed, n)
	v.mu.RLock()
	defer v.mu.RUnlock()
	out := make([]Completion, 0, len(found))
	for _, f := range found {
		c := Completion{Text: f.Text, Kind: "query"}
		key := text.Fold(f.Text)
		switch {
		case v.queries[key] > 0:
		case v.topics["c"+f.Text] > 0:
			c.Kind = "category"
		case v.topics["t"+f.Text] > 0:
			c.Kind = "tag"
		default:
			if items := v.titles[key]; len(items) > 0 {
				c.Kind, c.Item = "item", items[0]
			}
		}
		out = append(out, c)
	}
	return out
}

// Save writes items (count), each: title, labels, other words; then queries by
// text with their counts.
func (v *Understanding) Save(w io.Writer) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	fw := frame.NewWriter(w, "query", 1)
	fw.Int(len(v.items))
	for _, e := range v.items {
		fw.String(e.title)
		fw.Int(len(e.labels))
		for _, l := range e.labels {
			fw.String(l)
		}
		fw.Int(len(e.other))
		for _, w := range e.other {
			fw.String(w)
		}
	}
	fw.Int(len(v.queries))
	for _, q := range slices.SortedFunc(maps.Keys(v.queries), cmp.Compare[string]) {
		fw.String(q)
		fw.Uvarint(uint64(v.queries[q]))
	}
	return fw.Close()
}

// Load replaces the view by a saved one.
func (v *Understanding) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "query", 1)
	if err != nil {
		return err
	}
	n := New(v.o)
	// Words and phrases are added up first, and moved into place once each.
	var spelled []string
	times := map[string]int64{}
	n.word = func(w string, by int64) {
		if _, there := times[w]; !there {
			spelled = append(spelled, w)
		}
		times[w] += by
	}
	var phrases []string
	weights := map[string]float64{}
	n.phrase = func(p string, w float64) {
		if _, there := weights[p]; !there {
			phrases = append(phrases, p)
		}
		weights[p] += w
	}
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		e := entry{title: fr.String()}
		for j := fr.Int(); j > 0 && fr.Err() == nil; j-- {
			if l := fr.String(); l != "" {
				e.labels = append(e.labels, l)
			}
		}
		for j := fr.Int(); j > 0 && fr.Err() == nil; j-- {
			e.other = append(e.other, fr.String())
		}
		n.learn(bowerbird.ItemID(len(n.items)), e)
	}
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		q, k := fr.String(), fr.U32()
		n.queries[q] = k
		n.phrase(q, queryWeight*float64(k))
	}
	if err := fr.Close(); err != nil {
		return err
	}
	for _, w := range spelled {
		n.words.Add(w, times[w])
	}
	for _, p := range phrases {
		n.phrases.Add(p, weights[p])
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.items, v.queries, v.topics = n.items, n.queries, n.topics
	v.words, v.phrases, v.titles, v.other = n.words, n.phrases, n.titles, n.other
	v.phrase, v.word = v.phrases.Add, v.words.Add
	return nil
}
