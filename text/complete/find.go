package complete

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"bowerbird/text"
)

// Request is what is known when somebody types. Only Typed is needed.
type Request struct {
	Typed string
	// K is how many completions are wanted; default 10, at most 1000.
	K int
	// Now is the time at which fading weights are compared; default the latest AddAt.
	Now time.Time
	// Mine are the person's own past searches, folded, with how often they were made; the caller lets them fade. At most
	// the 1000 that match are looked at.
	Mine map[string]float64
	// Words are folded words that suit the person or the session (interests, the words of the search before), each with
	// the factor by which it lifts a phrase that holds it: 2 doubles. Factors below 1 lower, 0 hides.
	Words map[string]float64
	// Compose also makes up completions: where too few phrases go on from what was typed, the last words are completed
	// by how other phrases go on from them. "blue so" gives "blue sofa", though nobody has searched it.
	Compose bool
}

// mineAgainstAll is how many own searches weigh as much as what everybody searches: the Dirichlet prior's strength.
const mineAgainstAll = 1.5

// pool is how many phrases personal order chooses from, and composition learns from.
const pool = 100

// Find completes what was typed for a person. Without Mine, Words and Compose it is Complete.
//
// The order is that of m + μ·p, where P(phrase | typed, person) = (m + μ·p) / (Σm + μ), with m the person's own searches among those
// that match, p the share of a phrase's weight, lifted by its words, among the K heaviest, or 100 with Words (MacKay and Peto's Dirichlet
// prior), and μ = 1.5.
func (c *Completer) Find(r Request) []Completion {
	if r.K <= 0 {
		r.K = 10
	}
	r.K = min(r.K, 1000)
	p := cut(text.Fold(r.Typed))
	if p == "" {
		return nil
	}
	k := r.K
	if len(r.Words) > 0 {
		k = max(pool, r.K)
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	scale := c.scale(r.Now)
	out := c.both(r.Typed, p, k, scale)
	fuzzy := len(out) > 0 && out[0].Edits > 0
	if len(r.Words)+len(r.Mine) > 0 {
		out = c.personal(out, r, p, fuzzy, scale)
	}
	out = out[:min(len(out), r.K)]
	if r.Compose && len(out) < r.K && !fuzzy || r.Compose && fuzzy {
		out = c.compose(out, r, p, scale)
	}
	return out
}

// personal adds the person's own searches that match and puts all in the person's order.
func (c *Completer) personal(out []Completion, r Request, p string, fuzzy bool, scale float64) []Completion {
	own := c.mine(r, p)
	if len(own) > 0 && fuzzy {
		out = nil // the person has typed this before: it was no slip
	}
	all := 0.0
	at := make(map[string]int, len(out))
	for i := range out {
		out[i].Score *= lift(r.Words, out[i].Folded)
		all += out[i].Score
		at[out[i].Folded] = i
	}
	for _, m := range own {
		i, there := at[m.Text]
		if !there {
			i = len(out)
			out = append(out, Completion{Text: c.shown(m.Text), Weight: c.weightOf(m.Text, scale), Folded: m.Text})
		}
		out[i].Mine = true
		out[i].Score += m.Score * max(all, 1) / mineAgainstAll
	}
	out = slices.DeleteFunc(out, func(x Completion) bool { return x.Score <= 0 })
	slices.SortStableFunc(out, func(a, b Completion) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

// mine lists the person's own searches in which the typed text begins at a word, by weight and then by text.
func (c *Completer) mine(r Request, p string) []Completion {
	var own []Completion
	for s, n := range r.Mine {
		if n > 0 && holds(s, p) {
			own = append(own, Completion{Text: s, Score: n})
		}
	}
	slices.SortFunc(own, func(a, b Completion) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Text, b.Text))
	})
	return own[:min(len(own), 1000)]
}

// holds says whether a word of s begins with p.
func holds(s, p string) bool {
	for at := 0; at >= 0; at = nextWord(s, at) {
		if strings.HasPrefix(s[at:], p) {
			return true
		}
	}
	return false
}

func (c *Completer) shown(folded string) string {
	if id, ok := c.ids[folded]; ok {
		return c.phrases[id].shown
	}
	return folded
}

func (c *Completer) weightOf(folded string, scale float64) float64 {
	if id, ok := c.ids[folded]; ok {
		return max(0, c.phrases[id].at(scale))
	}
	return 0
}

// lift multiplies the factors of a phrase's words.
func lift(words map[string]float64, folded string) float64 {
	f := 1.0
	if len(words) == 0 {
		return f
	}
	for w := range strings.FieldsSeq(folded) {
		if by, ok := words[w]; ok {
			f *= max(by, 0)
		}
	}
	return f
}
