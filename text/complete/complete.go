// Package complete finishes what someone types, from titles, phrases and past queries with weights.
//
// Its main type is [Completer]. [Completer.Add] adds weight to a phrase at any time; [Completer.Complete] returns the
// heaviest phrases that hold the typed text at the beginning of a word, or nearly so when none holds it exactly.
//
// It does not know who is typing: personal order is for its caller, who asks for more than it shows.
package complete

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
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
	writing sync.Mutex // one Add at a time

	mu      sync.RWMutex
	ids     map[string]uint32
	phrases []phrase
	runs    []*run
	tail    []uint32
}

type phrase struct {
	folded, shown string
	weight        float64
}

// Completion is a phrase that goes on from what was typed.
type Completion struct {
	Text   string // as first added
	Weight float64
	Edits  int // 0, or 1 if the phrase holds the typed text with one letter wrong, missing, added or swapped
}

// New returns an empty Completer.
func New() *Completer { return &Completer{ids: make(map[string]uint32)} }

// Add adds weight to a phrase; a negative weight takes it away. Phrases that are equal when folded (text.Fold) are one.
// A phrase whose weight has sunk to nothing is not returned any more. Weights that are not finite are ignored.
func (c *Completer) Add(s string, weight float64) {
	folded := cut(text.Fold(s))
	if folded == "" || weight == 0 || math.IsNaN(weight) || math.IsInf(weight, 0) {
		return
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	c.mu.Lock()
	id, ok := c.ids[folded]
	if !ok && weight > 0 {
		id = uint32(len(c.phrases))
		shown := strings.Clone(s)
		folded = strings.Clone(folded)
		if folded == shown {
			shown = folded
		}
		c.ids[folded] = id
		c.phrases = append(c.phrases, phrase{folded, shown, weight})
		c.tail = append(c.tail, id)
	}
	if ok {
		p := &c.phrases[id]
		p.weight += weight
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
		if c.phrases[i].weight > 0 {
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

// Complete returns the k heaviest phrases in which the typed text begins at a word, by weight and then by text. If
// there is none and the text has at least 3 letters, those that hold it with one edit. What is typed is folded first.
func (c *Completer) Complete(typed string, k int) []Completion {
	p := cut(text.Fold(typed))
	if p == "" || k <= 0 {
		return nil
	}
	if strings.HasSuffix(typed, " ") {
		if out := c.find(p+" ", k); len(out) > 0 {
			return out
		}
	}
	return c.find(p, k)
}

func (c *Completer) find(p string, k int) []Completion {
	c.mu.RLock()
	defer c.mu.RUnlock()
	s := selection{phrases: c.phrases, k: k}
	for _, r := range c.runs {
		lo, hi := r.find(c.phrases, p, 0, len(r.ids))
		s.addRange(r, lo, hi)
	}
	c.scan(&s, func(suffix string) bool { return strings.HasPrefix(suffix, p) })
	if out := s.best(0); len(out) > 0 || utf8.RuneCountInString(p) < fuzzyRunes {
		return out
	}
	s = selection{phrases: c.phrases, k: k}
	for _, r := range c.runs {
		r.near(c.phrases, p, func(lo, hi int) { s.addRange(r, lo, hi) })
	}
	c.scan(&s, func(suffix string) bool { return nearPrefix(suffix, p) })
	return s.best(1)
}

// scan offers the phrases of the tail of which a word begins a match.
func (c *Completer) scan(s *selection, match func(suffix string) bool) {
	for _, id := range c.tail {
		f := c.phrases[id].folded
		for at := 0; at >= 0; at = nextWord(f, at) {
			if match(f[at:]) {
				s.addPhrase(id)
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
	heap    []node
}

// node is a subtree of a run's weights, or with run nil a phrase.
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

func (s *selection) addPhrase(id uint32) { s.push(node{weight: s.phrases[id].weight, at: id}) }

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
	s.push(node{weight: r.weight(s.phrases, level, at), run: r, level: level, at: uint32(at)})
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
	var ids []uint32
	for len(s.heap) > 0 && len(ids) < s.k {
		n := s.pop()
		switch {
		case n.run == nil:
			if !slices.Contains(ids, n.at) {
				ids = append(ids, n.at)
			}
		case n.level == 0:
			if id := n.run.ids[n.at]; !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		default:
			lo, hi := n.run.children(n.level, int(n.at))
			for i := lo; i < hi; i++ {
				s.pushNode(n.run, n.level-1, i)
			}
		}
	}
	slices.SortFunc(ids, func(a, b uint32) int {
		if c := cmp.Compare(s.phrases[b].weight, s.phrases[a].weight); c != 0 {
			return c
		}
		return strings.Compare(s.phrases[a].folded, s.phrases[b].folded)
	})
	var out []Completion
	for _, id := range ids {
		out = append(out, Completion{s.phrases[id].shown, s.phrases[id].weight, edits})
	}
	return out
}
