package complete

import (
	"cmp"
	"slices"
	"strings"
)

// maxComposed is how many words a made-up completion adds at most, the unfinished one included.
const maxComposed = 2

// maxRest is how many words at the end of a text are looked for at most: one look-up each, however long the text is.
const maxRest = 6

// compose fills the list with made-up completions. The typed text loses words at its front until phrases go on from the
// rest; the beginnings of how they go on are weighed by all phrases of the pool that share them, and put after the words
// that were left out. This is the generation of suffixes of Mitra and Craswell (2015), from phrases instead of a table
// of n-grams.
func (c *Completer) compose(out []Completion, r Request, p string, scale float64) []Completion {
	seen := make(map[string]bool, len(out))
	for _, x := range out {
		seen[x.Folded] = true
	}
	var made []Completion
	first := nextWord(p, 0)
	for left := strings.Count(p, " "); left > maxRest; left-- {
		first = nextWord(p, first)
	}
	for at := first; at > 0 && len(out)+len(made) < r.K; at = nextWord(p, at) {
		front, rest := p[:at], p[at:]
		if rest == "" {
			break
		}
		for _, e := range c.endings(rest, r, scale) {
			if s := front + e.Text; !seen[s] && s != p {
				seen[s] = true
				made = append(made, Completion{Text: s, Weight: e.Weight, Composed: true, Folded: s, Score: e.Weight})
			}
		}
	}
	return append(out, made[:min(len(made), r.K-len(out))]...)
}

// endings returns how phrases go on from p, by words, heaviest first.
func (c *Completer) endings(p string, r Request, scale float64) []Completion {
	var out []Completion
	at := make(map[string]int)
	for _, x := range c.exact(p, pool, scale) {
		s := x.Folded
		from := 0
		for !strings.HasPrefix(s[from:], p) {
			from = nextWord(s, from)
		}
		weight := x.Weight * lift(r.Words, s)
		end := from + len(p)
		for range maxComposed {
			n := strings.IndexByte(s[end:], ' ')
			if n < 0 {
				n = len(s) - end
			}
			end += n
			e := s[from:end]
			i, there := at[e]
			if !there {
				i = len(out)
				at[e] = i
				out = append(out, Completion{Text: e})
			}
			out[i].Weight += weight
			if end == len(s) {
				break
			}
			end++
		}
	}
	slices.SortStableFunc(out, func(a, b Completion) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), strings.Compare(a.Text, b.Text))
	})
	return out
}
