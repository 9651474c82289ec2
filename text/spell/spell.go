// Package spell corrects words, alone or as a query, by the words of a corpus and how often they occur.
//
// Its main type is [Dictionary]. Words are added and taken away one by one while others ask, so it can follow an index:
// [Dictionary.Add] with each document's words, [Dictionary.Suggest] or [Dictionary.Correct] for a word,
// [Dictionary.CorrectQuery] for a query, which also hears its neighbours ([Options].Pairs).
//
// It compares what it is given: fold words first (text.Fold), and do not stem them. How words are mistyped and what
// sounds alike is fitted to English (text/spell/channel); of other languages it knows no inflections.
package spell

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"bowerbird/text/spell/channel"
)

const (
	prefixRunes = 7  // only the first letters are indexed, as in SymSpell; more costs memory, fewer time
	maxRunes    = 40 // longer words are neither kept nor corrected
)

// Options bend a Dictionary. The zero value works.
type Options struct {
	// MaxEdits is the largest distance of a suggestion: 1, or 2 which is the default. Words of up to 3 letters are
	// moved by 1 at most, but in CorrectQuery where neighbours speak for a longer word.
	MaxEdits int
	// MinCount is how often a word must occur to be suggested or held to be right. Default 1.
	MinCount int64
	// Language is an ISO 639-1 code. In "en", the default, regular inflections of known words are right too.
	Language string
	// Pairs is the context that CorrectQuery reads; nil means that words stand alone.
	Pairs Pairs
	// Known says of further words that they are right; they are never suggested. It may be asked at any time and must
	// not call the Dictionary.
	Known func(word string) bool
}

// Dictionary holds words with their counts. It is safe for concurrent use.
//
// It finds candidates by symmetric deletion (Garbe, SymSpell, 2012): two words within two edits share a string that
// both give by at most two deletions, so each word is filed under all such strings of its first seven letters. About
// 0.5 kB a word.
type Dictionary struct {
	o      Options
	model  *channel.Model
	mu     sync.RWMutex
	ids    map[string]uint32
	words  []string
	counts []int64
	total  int64   // sum of counts
	runes  []uint8 // length of each word
	filed  deletions
	keys   deletions // by how a word sounds
	shapes shapes
	sorted []uint32 // all words but the fresh ones, in order
	fresh  []uint32 // words since the last sort
}

// New returns an empty dictionary.
func New(o Options) *Dictionary {
	if o.MaxEdits != 1 {
		o.MaxEdits = 2
	}
	o.MinCount = max(o.MinCount, 1)
	if o.Language == "" {
		o.Language = "en"
	}
	return &Dictionary{o: o, model: channel.Default(), ids: make(map[string]uint32)}
}

// Add adds n to the count of a word; a negative n takes occurrences away, never below none. A word that has gone is
// neither right nor suggested any more. Words of more than 40 letters, and what is not UTF-8, are ignored.
func (d *Dictionary) Add(word string, n int64) {
	if word == "" || n == 0 || utf8.RuneCountInString(word) > maxRunes || !utf8.ValidString(word) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	id, ok := d.ids[word]
	if !ok {
		if n < 0 {
			return
		}
		word = strings.Clone(word)
		id = uint32(len(d.words))
		d.ids[word] = id
		d.words = append(d.words, word)
		d.counts = append(d.counts, 0)
		d.runes = append(d.runes, uint8(utf8.RuneCountInString(word)))
		eachDeletion(head([]rune(word)), d.o.MaxEdits, func(key uint32) { d.filed.add(key, id) })
		d.keys.add(hashOf(channel.Key(word)), id)
		d.fresh = append(d.fresh, id)
		if len(d.fresh) > 256+len(d.sorted)/8 {
			d.sort()
		}
	}
	before := d.counts[id]
	d.counts[id] = max(before+min(n, math.MaxInt64-before), 0)
	switch after := d.counts[id]; {
	case before == 0 && after > 0:
		d.shapes.add(word, 1)
	case before > 0 && after == 0:
		d.shapes.add(word, -1)
	}
	d.total += min(d.counts[id]-before, math.MaxInt64-d.total)
}

func (d *Dictionary) sort() {
	d.sorted = append(d.sorted, d.fresh...)
	d.fresh = d.fresh[:0]
	slices.SortFunc(d.sorted, func(a, b uint32) int { return strings.Compare(d.words[a], d.words[b]) })
}

// Count is how often the word has been added.
func (d *Dictionary) Count(word string) int64 {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.count(word)
}

func (d *Dictionary) count(word string) int64 {
	if id, ok := d.ids[word]; ok {
		return d.counts[id]
	}
	return 0
}

// Total is the sum of all counts.
func (d *Dictionary) Total() int64 {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.total
}

// Len is the number of words with a count.
func (d *Dictionary) Len() int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	n := 0
	for _, c := range d.counts {
		if c > 0 {
			n++
		}
	}
	return n
}

// hasPrefix says whether a known word begins so.
func (d *Dictionary) hasPrefix(prefix string) bool {
	at, _ := slices.BinarySearchFunc(d.sorted, prefix, func(id uint32, p string) int { return strings.Compare(d.words[id], p) })
	for ; at < len(d.sorted) && strings.HasPrefix(d.words[d.sorted[at]], prefix); at++ {
		if d.counts[d.sorted[at]] >= d.o.MinCount {
			return true
		}
	}
	for _, id := range d.fresh {
		if strings.HasPrefix(d.words[id], prefix) && d.counts[id] >= d.o.MinCount {
			return true
		}
	}
	return false
}

// Suggestion is a known word near a given one.
type Suggestion struct {
	Word  string
	Edits int     // insertions, deletions, substitutions and swaps of neighbours (optimal string alignment)
	Count int64   // occurrences
	Score float64 // what the order is by; larger is better
	// Channel is ln P(typed | Word), up to a constant: what the edits cost, in nats, at most 0.
	Channel float64
}

// Suggest returns the best k known words within MaxEdits, and some beyond that sound alike, the word itself included if
// it is known; best first, by the noisy channel: ln P(typed | word) + λ·ln P(word).
func (d *Dictionary) Suggest(word string, k int) []Suggestion {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.suggest(word, k, 1)
}

// Words of up to shortRunes letters are too near to everything: alone they are moved by one edit.
const shortRunes = 3

// weighed is how many of the near words the channel weighs; the others are too far behind by their edits and frequency.
const weighed = 32

// suggest moves words of up to shortRunes letters by short edits.
func (d *Dictionary) suggest(word string, k, short int) []Suggestion {
	if k <= 0 {
		return nil
	}
	out := d.near(word, short)
	slices.SortFunc(out, byScore)
	out = out[:min(len(out), max(k, weighed))]
	w := workspaces.Get().(*channel.Workspace)
	defer workspaces.Put(w)
	all := math.Log(float64(d.total + 1))
	for i := range out {
		s := &out[i]
		s.Channel = d.model.Score(w, word, s.Word)
		s.Score = s.Channel + d.model.Prior()*(math.Log(float64(s.Count))-all)
	}
	slices.SortFunc(out, byScore)
	return out[:min(k, len(out))]
}

var workspaces = sync.Pool{New: func() any { return new(channel.Workspace) }}

func byScore(a, b Suggestion) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Word, b.Word))
}

// Near returns every known word that may be suggested, in no particular order, with a score by edits and frequency. It is what
// Suggest chooses from, and what its model is fitted on.
func (d *Dictionary) Near(word string) []Suggestion {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.near(word, 1)
}

// soundEdits is how far a word that sounds alike may be.
const soundEdits = 4

func (d *Dictionary) near(word string, short int) []Suggestion {
	r := []rune(word)
	if len(r) == 0 || len(r) > maxRunes {
		return nil
	}
	edits := d.o.MaxEdits
	if len(r) <= shortRunes {
		edits = min(edits, short)
	}
	var found, alike []uint32
	eachDeletion(head(r), edits, func(key uint32) {
		d.filed.each(key, func(id uint32) { found = d.take(found, id, len(r), edits) })
	})
	if len(r) > shortRunes && d.o.MaxEdits > 1 {
		most := min(soundEdits, len(r)/2)
		d.keys.each(hashOf(channel.Key(word)), func(id uint32) { alike = d.take(alike, id, len(r), most) })
		slices.Sort(alike)
		found = append(found, alike...)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	var w workspace
	out := make([]Suggestion, 0, len(found)/2)
	for _, id := range found {
		most := edits
		if _, ok := slices.BinarySearch(alike, id); ok {
			most = min(soundEdits, len(r)/2)
		}
		if n := w.compare(r, d.words[id], most); n <= most {
			c := d.counts[id]
			out = append(out, Suggestion{Word: d.words[id], Edits: n, Count: c, Score: d.model.Prior()*math.Log1p(float64(c)) - editNats*float64(n)})
		}
	}
	return out
}

// take appends a word that is not too long or too short.
func (d *Dictionary) take(to []uint32, id uint32, runes, most int) []uint32 {
	if n := int(d.runes[id]) - runes; n > most || n < -most || d.counts[id] < d.o.MinCount {
		return to
	}
	return append(to, id)
}

// Correct returns the best known word for one that is not known, and whether it differs. Words that are right by
// themselves (known, inflections of known ones), that hold a digit or that have fewer than three letters stay.
func (d *Dictionary) Correct(word string) (string, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if utf8.RuneCountInString(word) < 3 || d.exempt(word) || d.right(word) {
		return word, false
	}
	if s := d.suggest(word, 1, 1); len(s) > 0 && s[0].Word != word {
		return s[0].Word, true
	}
	return word, false
}

func head(r []rune) []rune { return r[:min(len(r), prefixRunes)] }
