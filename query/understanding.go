package query

import (
	"sync"
	"time"

	"bowerbird"
	"bowerbird/text"
	"bowerbird/text/complete"
	"bowerbird/text/phrase"
	"bowerbird/text/spell"
)

// Options of New. The zero value works.
type Options struct {
	// Analyzer must be the one that items are indexed with; nil means English. Its synonyms, the owner's list, widen
	// what a query matches here too.
	Analyzer *text.Analyzer
	// Known tells of a word that the catalogue says in another form than this Analyzer makes: of another language. Such a
	// word is not mended. Nil: there is none.
	Known func(word string) bool
	// MaxQueries bounds the distinct searches that are remembered; 0 means 200,000. When there are more, an eighth
	// goes: first those of one person, then those that are out of fashion.
	MaxQueries int
	// MaxPeople bounds the people whose own searches and likes are remembered; 0 means 1,000,000. When there are more,
	// the eighth that was away longest goes.
	MaxPeople int
	// MinPeople is how many people must have typed a search before anybody else is shown it: 2 to 9. 0 means 2, and 3
	// once 1,000 people have searched.
	MinPeople int
}

func (o Options) withDefaults() Options {
	if o.Analyzer == nil {
		o.Analyzer, _ = text.New(text.Options{}) // English without synonyms: cannot fail
	}
	if o.MaxQueries <= 0 {
		o.MaxQueries = 200_000
	}
	if o.MaxPeople <= 0 {
		o.MaxPeople = 1_000_000
	}
	return o
}

// Understanding is the view of the words that the catalogue and its visitors use.
// Safe for concurrent readers beside one Apply. A reader holds up Apply for as long
// as it takes: each method says how long that is.
//
// Memory: for each item its title and about 8 bytes a word; for each distinct word
// about 700 bytes with its spelling; for each distinct search about 1 kB, at most
// 2 kB; for each person who searched 16 bytes a search, at most 1 kB.
type Understanding struct {
	o Options

	mu  sync.RWMutex // guards what follows; words, phrases and pairs have locks of their own
	cat *catalogue
	log history

	words   *spell.Dictionary
	phrases *complete.Completer
	pairs   *phrase.Counts
	heap    *pile // while loading: what is added up before it is put in place
}

// New returns an empty view.
func New(o Options) *Understanding {
	o = o.withDefaults()
	cat := newCatalogue()
	pairs := phrase.New(phrase.Options{})
	return &Understanding{o: o, cat: cat, log: newHistory(), pairs: pairs,
		phrases: complete.NewWith(complete.Options{HalfLife: halfLife * time.Millisecond}),
		words: spell.New(spell.Options{Language: o.Analyzer.Language(), Pairs: pairs, Known: func(w string) bool {
			return cat.has(o.Analyzer.Terms(w)) || o.Known != nil && o.Known(w)
		}})}
}

// Apply learns from items, from searches and from what people do after them.
func (v *Understanding) Apply(facts []bowerbird.Fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range facts {
		f := &facts[i]
		v.log.now = max(v.log.now, f.Time)
		switch f.Kind {
		case bowerbird.ItemPut:
			v.forget(f.Item)
			if !f.ItemDoc.Hidden {
				v.learn(f.Item, f.ItemDoc)
			}
		case bowerbird.ItemDelete:
			v.forget(f.Item)
		case bowerbird.Search:
			v.searched(f)
		case bowerbird.UserErase:
			v.erase(f.User)
		default:
			if w := f.Kind.Positive(); w > 0 {
				v.acted(f, w)
			}
		}
	}
}

// Weights of completions: a search that several people typed counts most, a label
// by the logarithm of how many items carry it, a title once.
const (
	queryWeight = 3
	labelWeight = 1
	titleWeight = .5
)

// pile adds up words and phrases while a view is loaded, so that each is put in
// place once.
type pile struct {
	words, phrases []string
	times          map[string]int64
	weights        map[string]float64
}

func (v *Understanding) phrase(p string, w float64) {
	if v.heap == nil {
		v.phrases.Add(p, w)
		return
	}
	if _, there := v.heap.weights[p]; !there {
		v.heap.phrases = append(v.heap.phrases, p)
	}
	v.heap.weights[p] += w
}

func (v *Understanding) word(w string, by int64) {
	if v.heap == nil {
		v.words.Add(w, by)
		return
	}
	if _, there := v.heap.times[w]; !there {
		v.heap.words = append(v.heap.words, w)
	}
	v.heap.times[w] += by
}

func (v *Understanding) settle() {
	for _, w := range v.heap.words {
		v.words.Add(w, v.heap.times[w])
	}
	for _, p := range v.heap.phrases {
		v.phrases.Add(p, v.heap.weights[p])
	}
	v.heap = nil
}
