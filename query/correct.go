package query

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"bowerbird"
	"bowerbird/text"
	"bowerbird/text/spell"
)

// Correction is what was typed, and what was probably meant.
type Correction struct {
	Typed      string
	Query      string  // "" if there is nothing to mend
	Auto       bool    // sure enough to search for it instead of what was typed, and to offer that by "search instead for"
	Confidence float64 // of 0 to 1
	Found      int     // items that say everything that Query asks for
	TypedFound int     // that say everything that was typed
}

// Numbers of correction.
const (
	foundNats   = 4.0 // what it says for a query that it finds something and the other nothing
	boldLetters = 8   // letters of a word in which two edits are not bold
	few         = 3   // items that are nearly none
	sureFor     = .5  // confidence from which a query that finds few is mended unasked
	verySure    = .8  // the same for one that finds nothing
	offer       = .15 // confidence from which one is offered at all
)

// DidYouMean mends a query as a whole: each word by those of titles, labels and
// attributes within two edits, weighed by its neighbours. Right words stay: those
// that the catalogue holds in any form, also in a description. So do words in
// quotes, with a prefix operator or excluded. It costs some 10 to 500 µs for each
// word that is not known.
func (v *Understanding) DidYouMean(q string) Correction {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.didYouMean(q)
}

func (v *Understanding) didYouMean(q string) Correction {
	out := Correction{Typed: q}
	if strings.ContainsAny(q, `"“”*+`) {
		return out
	}
	parts := strings.Fields(q)
	if len(parts) > 32 {
		return out
	}
	words, keep := make([]string, len(parts)), make([]bool, len(parts))
	for i, p := range parts {
		words[i] = text.Fold(p)
		keep[i] = strings.HasPrefix(p, "-") || len(p) > 40 || words[i] == "" || strings.Contains(words[i], " ")
	}
	fixed, gain, bold := v.mend(parts, words, keep)
	if fixed == "" || fixed == q {
		return out
	}
	out.TypedFound = int(v.read(q).all.GetCardinality())
	out.Found = int(v.read(fixed).all.GetCardinality())
	// The gain is in nats, ln of the odds. That what was typed finds nothing and the other something is evidence too.
	switch {
	case out.TypedFound == 0 && out.Found > 0:
		gain += foundNats
	case out.Found == 0:
		gain -= foundNats
	}
	out.Confidence = 1 / (1 + math.Exp(-gain/2))
	if out.TypedFound > 0 {
		out.Confidence *= float64(out.Found) / float64(out.Found+out.TypedFound)
	}
	if out.Confidence < offer || out.TypedFound > 0 && out.Found <= out.TypedFound {
		return Correction{Typed: q}
	}
	out.Query = fixed
	out.Auto = !bold && out.TypedFound < few && (out.Confidence >= sureFor && out.Found > 0 || out.Confidence >= verySure)
	return out
}

// mend puts the likeliest words in the places of wrong ones, and tells by how many
// nats the least sure change is likelier than what was typed, and whether a change
// is bold: two edits in a word of less than eight letters, as from one brand's name
// to another word. "" if all is right.
func (v *Understanding) mend(parts, words []string, keep []bool) (fixed string, gain float64, bold bool) {
	c := v.words.CorrectQuery(words, spell.QueryOptions{Keep: keep})
	if len(c.Changes) == 0 {
		return "", 0, false
	}
	var out []string
	gain, at := math.Inf(1), 0
	for _, x := range c.Changes {
		out = append(out, parts[at:x.From]...)
		out = append(out, x.Words...)
		if typed := words[x.From]; x.To == x.From+1 && len(x.Words) == 1 && utf8.RuneCountInString(typed) < boldLetters {
			near := v.words.Suggest(typed, 16)
			bold = bold || !slices.ContainsFunc(near, func(s spell.Suggestion) bool { return s.Word == x.Words[0] && s.Edits == 1 })
		}
		at, gain = x.To, min(gain, x.Gain)
	}
	return strings.Join(append(out, parts[at:]...), " "), gain, bold
}

// Correct returns the mended words if DidYouMean is sure of them, else "".
func (v *Understanding) Correct(q string) string {
	if c := v.DidYouMean(q); c.Auto {
		return c.Query
	}
	return ""
}

// Rewrite sets the request's Terms where Correct would search for other words, and
// what the words seem to mean.
func (v *Understanding) Rewrite(_ context.Context, r *bowerbird.Request) error {
	if !r.Search.Verbatim {
		r.Terms = v.Correct(r.Query)
		r.Meant = v.intent(cmp.Or(r.Terms, r.Query))
	}
	return nil
}
