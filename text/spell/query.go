package spell

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Pairs says how often one word follows another. phrase.Counts is one.
type Pairs interface {
	Pair(a, b string) int64
	Word(w string) int64
}

// QueryOptions bend CorrectQuery. The zero value works.
type QueryOptions struct {
	// Typing says that the last word may not be finished: it stays if a known word begins with it.
	Typing bool
	// Keep, if not nil, says which words stay as they are: quoted or excluded ones. Its length is that of the words.
	Keep []bool
}

// Change is a part of a query that was replaced.
type Change struct {
	From, To int      // words of the query, To not included
	Words    []string // what stands in their place: one word for two that belong together, two for one that was not parted
	Gain     float64  // nats: how much likelier the whole query became than with this part as it was typed
}

// Correction is a query as it was probably meant.
type Correction struct {
	Words   []string
	Changes []Change // in order; none if nothing was changed
}

// What the model of a query costs beside the channel's, in its nats. Chosen on the validation parts of two corpora (see
// docs/benchmarks/spelling.md).
const (
	spaceNats    = 5   // a space typed or forgotten by mistake
	realWordNats = 5   // a known word taken for another one
	unknownNats  = 3.5 // a right word that the dictionary has never seen,
	shapeWeight  = .3  // less if it looks like no word, per nat of surprise,
	shortNats    = 1.5 // more if it has three letters or fewer, which may be anything,
	longFrom     = 6   // and less for each letter beyond these, by
	longNats     = 1   // as few known words are near a long one by chance
	pairPrior    = 60  // occurrences at which a word's pairs count as much as its neighbour's frequency
	inflectNats  = 2   // a regular inflection that was never seen
)

const (
	spoken        = 2  // times that neighbours must have been seen beside a word to speak for it
	maxQueryWords = 32 // longer queries are corrected word by word in pieces of this length
	perWord       = 32 // candidates of a word that the whole query chooses from
)

// CorrectQuery corrects the folded words of a query together: each word's candidates are weighed by how they were typed
// (the channel) and by how often they follow one another (the prior), as in the noisy channel of Kernighan, Church and
// Gale (1990) with bigrams. A word may also be parted in two, and two words joined.
//
// Words that hold a digit, that Options.Known knows, and inflections of known words are taken for right. A known word is
// changed only if its neighbours speak for another: never without Options.Pairs. It takes about as long as Suggest for
// each word that is not known.
func (d *Dictionary) CorrectQuery(words []string, o QueryOptions) Correction {
	var out Correction
	d.mu.RLock()
	defer d.mu.RUnlock()
	for from := 0; from < len(words); from += maxQueryWords {
		to := min(from+maxQueryWords, len(words))
		d.correctPiece(&out, words, from, to, o)
	}
	return out
}

// move is one way to read words [from, to) of the query.
type move struct {
	to      int
	words   [2]string // the second is empty unless a word was parted
	channel float64   // ln P(typed | meant)
	changed bool
}

// state is the best reading that ends with a given word.
type state struct {
	word  string
	score float64
	back  int // state before
	via   move
	from  int
}

func (d *Dictionary) correctPiece(out *Correction, words []string, from, to int, o QueryOptions) {
	n := to - from
	states := []state{{}}
	ends := make([][]int, n+1)
	ends[0] = []int{0}
	for i := range n {
		moves := d.moves(words, from+i, to, o)
		for _, m := range moves {
			best, score := -1, math.Inf(-1)
			for _, s := range ends[i] {
				if v := states[s].score + d.follow(states[s].word, m); v > score {
					best, score = s, v
				}
			}
			if best < 0 {
				continue
			}
			last := m.words[0]
			if m.words[1] != "" {
				last = m.words[1]
			}
			states = append(states, state{word: last, score: score + m.channel, back: best, via: m, from: from + i})
			ends[m.to-from] = append(ends[m.to-from], len(states)-1)
		}
	}
	best := slices.MaxFunc(ends[n], func(a, b int) int { return cmp.Compare(states[a].score, states[b].score) })
	var path []state
	for s := best; s != 0; s = states[s].back {
		path = append(path, states[s])
	}
	slices.Reverse(path)
	for _, s := range path {
		var put []string
		for _, w := range s.via.words {
			if w != "" {
				put = append(put, w)
			}
		}
		if s.via.changed {
			out.Changes = append(out.Changes, Change{From: s.from, To: s.via.to, Words: put, Gain: d.gain(words, s)})
		}
		out.Words = append(out.Words, put...)
	}
}

// gain compares a change with leaving its words alone, without their neighbours.
func (d *Dictionary) gain(words []string, s state) float64 {
	left := 0.0
	for _, w := range words[s.from:s.via.to] {
		left += d.wordPrior(w) + d.keepNats(w)
	}
	return d.follow("", s.via) + s.via.channel - left
}

func (d *Dictionary) moves(words []string, i, to int, o QueryOptions) []move {
	w := words[i]
	stay := move{to: i + 1, words: [2]string{w}, channel: d.keepNats(w)}
	if o.Keep != nil && o.Keep[i] || d.exempt(w) || o.Typing && i == len(words)-1 && d.hasPrefix(w) {
		return []move{stay}
	}
	known := d.right(w)
	out := []move{stay}
	if !known || d.o.Pairs != nil {
		short := 1
		if !known && d.o.Pairs != nil && utf8.RuneCountInString(w) <= shortRunes {
			short = d.o.MaxEdits
		}
		for _, s := range d.suggest(w, perWord, short) {
			if s.Word == w || known && !d.speaksFor(words, i, s.Word, w) {
				continue
			}
			if short > 1 && s.Edits > 1 && (utf8.RuneCountInString(s.Word) <= shortRunes || d.beside(words, i, s.Word) < spoken) {
				continue
			}
			m := move{to: i + 1, words: [2]string{s.Word}, channel: s.Channel, changed: true}
			if known {
				m.channel -= realWordNats
			}
			out = append(out, m)
		}
	}
	if !known {
		out = d.parted(out, w, i)
	}
	if i+1 < to && (o.Keep == nil || !o.Keep[i+1]) && !d.exempt(words[i+1]) && (!known || !d.right(words[i+1])) {
		if joined := w + words[i+1]; d.count(joined) >= d.o.MinCount {
			out = append(out, move{to: i + 2, words: [2]string{joined}, channel: -spaceNats, changed: true})
		}
	}
	return out
}

// parted adds the readings of a word as two known ones.
func (d *Dictionary) parted(out []move, w string, i int) []move {
	for at := range w {
		if at == 0 || !d.common(w[:at]) || !d.common(w[at:]) {
			continue
		}
		out = append(out, move{to: i + 1, words: [2]string{w[:at], w[at:]}, channel: -spaceNats, changed: true})
	}
	return out
}

// common says whether a word may come out of a parting: short ones are too many.
func (d *Dictionary) common(w string) bool {
	return utf8.RuneCountInString(w) >= 2 && d.count(w) >= d.o.MinCount
}

// speaksFor says whether the neighbours know the other word and not the typed one.
func (d *Dictionary) speaksFor(words []string, i int, other, typed string) bool {
	p := d.o.Pairs
	if p == nil || d.count(other) == 0 {
		return false
	}
	if i > 0 && p.Pair(words[i-1], typed) > 0 || i+1 < len(words) && p.Pair(typed, words[i+1]) > 0 {
		return false
	}
	return d.beside(words, i, other) >= spoken
}

// beside is how often a word was seen beside the neighbours of word i.
func (d *Dictionary) beside(words []string, i int, other string) (n int64) {
	if i > 0 {
		n += d.o.Pairs.Pair(words[i-1], other)
	}
	if i+1 < len(words) {
		n += d.o.Pairs.Pair(other, words[i+1])
	}
	return n
}

// follow is λ·ln P(the move's words | the word before).
func (d *Dictionary) follow(before string, m move) float64 {
	v := d.conditional(before, m.words[0])
	if m.words[1] != "" {
		v += d.conditional(m.words[0], m.words[1])
	}
	return v
}

// conditional is λ·ln P(w | before): the pairs' frequency, with the word's own as a Dirichlet prior (MacKay and Peto 1995).
func (d *Dictionary) conditional(before, w string) float64 {
	prior := d.wordPrior(w)
	if before == "" || d.o.Pairs == nil {
		return prior
	}
	of := d.o.Pairs.Word(before)
	if of == 0 {
		return prior
	}
	n := float64(d.o.Pairs.Pair(before, w))
	l := d.model.Prior()
	return l * math.Log((n+pairPrior*math.Exp(prior/l))/(float64(of)+pairPrior))
}

// wordPrior is λ·ln P(w). A word that was never seen counts as half a time.
func (d *Dictionary) wordPrior(w string) float64 {
	n := float64(d.count(w))
	if n == 0 {
		n = .5
		if m := d.inflected(w); m > 0 {
			n = max(n, float64(m)*math.Exp(-inflectNats))
		}
	}
	return d.model.Prior() * math.Log(n/float64(d.total+1))
}

// keepNats is ln P(typed so | meant so).
func (d *Dictionary) keepNats(w string) float64 {
	if d.right(w) || d.exempt(w) {
		return 0
	}
	v := unknownNats + shapeWeight*min(max(d.shapes.surprise(w), 0), 12)
	if utf8.RuneCountInString(w) <= 3 {
		v -= shortNats
	}
	return -v - longNats*float64(max(0, utf8.RuneCountInString(w)-longFrom))
}

// right says whether a word needs no correction: it is known here or to Options.Known, or it inflects a known one.
func (d *Dictionary) right(w string) bool {
	return d.count(w) >= d.o.MinCount || d.o.Known != nil && d.o.Known(w) || d.inflected(w) >= d.o.MinCount
}

func (d *Dictionary) inflected(w string) int64 {
	if d.o.Language != "en" {
		return 0
	}
	return inflected(w, d.count)
}

// exempt words are neither changed nor judged: codes and numbers, and what is too short to tell.
func (d *Dictionary) exempt(w string) bool {
	n := utf8.RuneCountInString(w)
	return n < 2 || n > maxRunes || strings.ContainsFunc(w, unicode.IsDigit)
}
