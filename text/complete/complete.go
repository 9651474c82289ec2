// Package complete finishes what someone types, from titles, phrases and past queries with weights.
//
// Its main type is [Completer]. [Completer.Add] adds weight to a phrase at any time; [Completer.Complete] returns the
// heaviest phrases that hold the typed text at the beginning of a word, or nearly so when none holds it exactly.
//
// Past searches may fade ([Completer.AddAt]); the time is the caller's, never the clock. [Completer.Find] also takes what
// is known of the person who types: own past searches, and words that they like.
//
// It keeps nothing about persons, and it does not know what is in stock: phrases come and go as the caller says.
package complete

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"bowerbird/text"
)

const (
	tailPhrases = 512 // the newest phrases are scanned one by one
	runFactor   = 8   // runs of one size that become one
	maxBytes    = 255 // longer phrases are cut
	fuzzyRunes  = 3   // shorter texts must match exactly: everything is an edit away from them
)

// Completer holds phrases. It is safe for concurrent use; adding while runs are merged never holds up a Complete.
//
// The beginnings of all words of all phrases stand in sorted runs, so a prefix is a range; above each run a tree of
// fan-out 16 keeps the largest weight, so that the heaviest k are found without looking at the rest. Like a
// log-structured merge tree, new runs are small and eight of a size become one.
type Completer struct {
	o       Options
	writing sync.Mutex // one Add at a time

	mu      sync.RWMutex
	epoch   time.Time // fading weights are kept as of this time; zero until the first
	latest  time.Time // of any AddAt
	ids     map[string]uint32
	phrases []phrase
	runs    []*run
	tail    []uint32
}

type phrase struct {
	folded, shown string
	weight        float64 // stays
	recent        float64 // fades, as of the Completer's epoch
}

// Completion is a phrase that goes on from what was typed.
type Completion struct {
	Text     string // as first added, cut to 255 bytes
	Folded   string // text.Fold of it
	Weight   float64
	Edits    int     // 0, or 1 if the phrase holds the typed text with one letter wrong, missing, added or swapped
	Mine     bool    // one of Request.Mine
	Composed bool    // made up by Request.Compose: no phrase that was added
	Score    float64 // what the order is by: the weight, less where a later word matches, more where it suits the person
}

// Options bend a Completer. The zero value works.
type Options struct {
	// HalfLife is how long it takes until a weight of AddAt counts half. Default 30 days.
	HalfLife time.Duration
}

// New returns an empty Completer with standard options.
func New() *Completer { return NewWith(Options{}) }

// NewWith returns an empty Completer.
func NewWith(o Options) *Completer {
	if o.HalfLife <= 0 {
		o.HalfLife = 30 * 24 * time.Hour
	}
	return &Completer{o: o, ids: make(map[string]uint32)}
}

// Add adds weight to a phrase; a negative weight takes it away. Phrases that are equal when folded (text.Fold) are one.
// A phrase whose weight has sunk to nothing is not returned any more. Weights that are not finite are ignored.
func (c *Completer) Add(s string, weight float64) { c.add(s, weight, time.Time{}) }

// AddAt is Add of a weight that fades from the given time on: it halves with every Options.HalfLife.
func (c *Completer) AddAt(s string, weight float64, at time.Time) {
	if at.IsZero() {
		at = time.Unix(0, 0)
	}
	c.add(s, weight, at)
}

func (c *Completer) add(s string, weight float64, at time.Time) {
	folded := cut(text.Fold(s))
	if folded == "" || weight == 0 || math.IsNaN(weight) || math.IsInf(weight, 0) {
		return
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	c.mu.Lock()
	stays, fades := weight, 0.0
	if !at.IsZero() {
		stays, fades = 0, weight*c.asOfEpoch(at)
	}
	id, ok := c.ids[folded]
	if !ok && weight > 0 {
		id = uint32(len(c.phrases))
		shown := s
		if len(s) > maxBytes {
			shown = cut(strings.ToValidUTF8(s, "\ufffd"))
		}
		shown = strings.Clone(shown)
		folded = strings.Clone(folded)
		if folded == shown {
			shown = folded
		}
		c.ids[folded] = id
		c.phrases = append(c.phrases, phrase{folded, shown, stays, fades})
		c.tail = append(c.tail, id)
	}
	if ok {
		p := &c.phrases[id]
		p.weight = sum(p.weight, stays)
		p.recent = sum(p.recent, fades)
		for _, r := range c.runs {
			r.update(c.phrases, id)
		}
	}
	full := len(c.tail) >= tailPhrases
	c.mu.Unlock()
	if full {
		c.settle()
	}
}

// Len is the number of phrases with a weight.
func (c *Completer) Len() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	n := 0
	for i := range c.phrases {
		if c.phrases[i].at(1) > 0 {
			n++
		}
	}
	return n
}

// settle turns the tail into a run and merges runs. Readers use the old runs meanwhile: only an Add changes runs, and
// the caller is the one Add.
func (c *Completer) settle() {
	runs := append(slices.Clip(c.runs), newRun(c.phrases, c.tail))
	for {
		n := len(runs)
		same := 1
		for same < runFactor && same < n && runs[n-1-same].tier == runs[n-1].tier {
			same++
		}
		if same < runFactor {
			break
		}
		runs = append(runs[:n-runFactor:n-runFactor], mergeRuns(c.phrases, runs[n-runFactor:]))
	}
	c.mu.Lock()
	c.runs, c.tail = runs, nil
	c.mu.Unlock()
}

// asOfEpoch is what a weight of time t is worth at the epoch: forward decay (Cormode et al., 2009), by which weights that
// have been added need not be touched again. When the numbers grow large, the epoch moves.
func (c *Completer) asOfEpoch(t time.Time) float64 {
	if c.epoch.IsZero() {
		c.epoch = t
	}
	if t.After(c.latest) {
		c.latest = t
	}
	if e := c.halves(t); e > 400 {
		down := math.Exp2(-e)
		for i := range c.phrases {
			c.phrases[i].recent *= down
		}
		for _, r := range c.runs {
			r.fade(down)
		}
		c.epoch = t
	}
	return math.Exp2(c.halves(t))
}

func (c *Completer) halves(t time.Time) float64 {
	return float64(t.Sub(c.epoch)) / float64(c.o.HalfLife)
}

// sum is a + b, but nothing where b takes away all that there was, up to rounding.
func sum(a, b float64) float64 {
	if s := a + b; b >= 0 || s > -b*1e-12 {
		return s
	}
	return min(0, a+b+-b*1e-12)
}

// inner is what a phrase counts that holds the typed text at a later word, beside one that begins with it.
const inner = .1

// from is what the phrase counts where it is found, at its beginning or at a later word.
func (p *phrase) from(later bool) bound {
	if later {
		return bound{p.weight * inner, p.recent * inner}
	}
	return bound{p.weight, p.recent}
}

// at is the weight at a moment at which fading weights are worth scale times what they were at the epoch.
func (p *phrase) at(scale float64) float64 { return p.weight + p.recent*scale }

// Complete returns the k heaviest phrases in which the typed text begins at a word, by weight and then by text; where
// that is not the first word, a tenth of the weight counts. If
// there is none and the text has at least 3 letters, those that hold it with one edit. What is typed is folded first.
// Fading weights count as of the latest AddAt.
func (c *Completer) Complete(typed string, k int) []Completion {
	p := cut(text.Fold(typed))
	if p == "" || k <= 0 {
		return nil
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.both(typed, p, k, c.scale(time.Time{}))
}

// scale is what a fading weight of the epoch is worth now.
func (c *Completer) scale(now time.Time) float64 {
	if c.epoch.IsZero() {
		return 0
	}
	if now.IsZero() {
		now = c.latest
	}
	return math.Exp2(-max(c.halves(now), -500))
}

// both takes a space at the end of what was typed for the end of a word, unless nothing goes on from there.
func (c *Completer) both(typed, p string, k int, scale float64) []Completion {
	if strings.HasSuffix(typed, " ") {
		if out := c.find(p+" ", k, scale); len(out) > 0 {
			return out
		}
	}
	return c.find(p, k, scale)
}

func (c *Completer) find(p string, k int, scale float64) []Completion {
	if out := c.exact(p, k, scale); len(out) > 0 || utf8.RuneCountInString(p) < fuzzyRunes {
		return out
	}
	s := selection{phrases: c.phrases, k: k, scale: scale}
	for _, r := range c.runs {
		r.near(c.phrases, p, func(lo, hi int) { s.addRange(r, lo, hi) })
	}
	c.scan(&s, func(suffix string) bool { return nearPrefix(suffix, p) })
	return s.best(1)
}

func (c *Completer) exact(p string, k int, scale float64) []Completion {
	s := selection{phrases: c.phrases, k: k, scale: scale}
	for _, r := range c.runs {
		lo, hi := r.find(c.phrases, p, 0, len(r.ids))
		s.addRange(r, lo, hi)
	}
	c.scan(&s, func(suffix string) bool { return strings.HasPrefix(suffix, p) })
	return s.best(0)
}

// scan offers the phrases of the tail of which a word begins a match.
func (c *Completer) scan(s *selection, match func(suffix string) bool) {
	for _, id := range c.tail {
		f := c.phrases[id].folded
		for at := 0; at >= 0; at = nextWord(f, at) {
			if match(f[at:]) {
				s.addPhrase(id, at > 0)
				break
			}
		}
	}
}

// nextWord returns where the word after the one at `at` begins, or −1.
func nextWord(s string, at int) int {
	i := strings.IndexByte(s[at:], ' ')
	if i < 0 {
		return -1
	}
	return at + i + 1
}

// nearPrefix says whether s begins with p after at most one edit of p.
func nearPrefix(s, p string) bool {
	i := 0
	for i < len(s) && i < len(p) && s[i] == p[i] {
		i++
	}
	if i == len(p) {
		return true
	}
	for i > 0 && !utf8.RuneStart(p[i]) {
		i--
	}
	_, n := utf8.DecodeRuneInString(p[i:])
	rest := p[i+n:]
	if strings.HasPrefix(s[i:], rest) {
		return true // a letter too many
	}
	if i == len(s) {
		return false
	}
	_, m := utf8.DecodeRuneInString(s[i:])
	if strings.HasPrefix(s[i+m:], rest) || strings.HasPrefix(s[i+m:], p[i:]) {
		return true // a wrong letter, or one missing
	}
	_, q := utf8.DecodeRuneInString(rest)
	return rest != "" && strings.HasPrefix(s[i:], rest[:q]+p[i:i+n]+rest[q:])
}

// cut shortens UTF-8 at a letter.
func cut(s string) string {
	if len(s) <= maxBytes {
		return s
	}
	n := maxBytes
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.TrimRight(s[:n], " ")
}

// selection picks the heaviest among ranges of runs and single phrases, best first.
type selection struct {
	phrases []phrase
	k       int
	scale   float64
	heap    []node
}

// node is a subtree of a run's weights, or with run nil a phrase. Of a subtree the weight is a bound: the largest that
// stays and the largest that fades need not be of one phrase.
type node struct {
	weight float64
	run    *run
	level  int
	at     uint32
	turn   int // when it was added: settles ties
}

func (n node) before(m node) bool {
	if n.weight != m.weight {
		return n.weight > m.weight
	}
	return n.turn < m.turn
}

func (s *selection) addPhrase(id uint32, later bool) {
	s.push(node{weight: s.phrases[id].from(later).at(s.scale), at: id})
}

// addRange covers entries lo to hi of a run by its largest subtrees.
func (s *selection) addRange(r *run, lo, hi int) {
	for level := 0; lo < hi; level++ {
		for lo < hi && (lo%fanout != 0 || level+1 == r.levels()) {
			s.pushNode(r, level, lo)
			lo++
		}
		for lo < hi && hi%fanout != 0 {
			hi--
			s.pushNode(r, level, hi)
		}
		lo, hi = lo/fanout, hi/fanout
	}
}

func (s *selection) pushNode(r *run, level, at int) {
	s.push(node{weight: r.weight(s.phrases, level, at).at(s.scale), run: r, level: level, at: uint32(at)})
}

func (s *selection) push(n node) {
	if n.weight <= 0 {
		return
	}
	n.turn = len(s.heap)
	h := append(s.heap, n)
	for i := len(h) - 1; i > 0 && h[i].before(h[(i-1)/2]); i = (i - 1) / 2 {
		h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
	}
	s.heap = h
}

func (s *selection) pop() node {
	h := s.heap
	top, last := h[0], len(h)-1
	h[0] = h[last]
	h = h[:last]
	for i := 0; ; {
		c := 2*i + 1
		if c >= last {
			break
		}
		if c+1 < last && h[c+1].before(h[c]) {
			c++
		}
		if !h[c].before(h[i]) {
			break
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
	s.heap = h
	return top
}

func (s *selection) best(edits int) []Completion {
	var out []Completion
	taken := make(map[uint32]bool, min(s.k, 64))
	take := func(id uint32, score float64) {
		if taken[id] {
			return
		}
		taken[id] = true
		p := &s.phrases[id]
		out = append(out, Completion{Text: p.shown, Folded: p.folded, Weight: p.at(s.scale), Edits: edits, Score: score})
	}
	for len(s.heap) > 0 && len(out) < s.k {
		n := s.pop()
		switch {
		case n.run == nil:
			take(n.at, n.weight)
		case n.level == 0:
			take(n.run.ids[n.at], n.weight)
		default:
			lo, hi := n.run.children(n.level, int(n.at))
			for i := lo; i < hi; i++ {
				s.pushNode(n.run, n.level-1, i)
			}
		}
	}
	slices.SortFunc(out, func(a, b Completion) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Folded, b.Folded))
	})
	return out
}
