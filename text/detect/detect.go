package detect

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
)

// Options bend a Detector. The zero value knows all languages.
type Options struct {
	// Languages are the ISO 639-1 codes that may be answered; default all of Languages. Text in another known language is
	// then answered by "", not by the nearest of these.
	Languages []string
	// Prior says how often each language is written, as a share; a language without one counts .001. By default those of
	// Languages are alike, and any other is a twentieth as frequent.
	Prior map[string]float64
}

// Guess is a language with its probability.
type Guess struct {
	Lang string // ISO 639-1; "" for another than those asked for
	Prob float64
}

// Detector guesses languages. It is safe for concurrent use. A word takes about 5 µs.
type Detector struct {
	t      *table
	prior  []float64
	wanted map[string]bool
}

// New returns a Detector, or an error that names a language that it does not know.
func New(o Options) (*Detector, error) {
	d := &Detector{t: weights(), wanted: make(map[string]bool)}
	known := Languages()
	if o.Languages == nil {
		o.Languages = known
	}
	for _, l := range o.Languages {
		if !slices.Contains(known, l) {
			return nil, fmt.Errorf("detect: language %q is unknown; one of %s", l, strings.Join(known, " "))
		}
		d.wanted[l] = true
	}
	for l, p := range o.Prior {
		if !slices.Contains(known, l) || !(p >= 0) || math.IsInf(p, 0) {
			return nil, fmt.Errorf("detect: prior of %q: want a share of a known language, not %v", l, p)
		}
	}
	d.prior = make([]float64, len(d.t.langs))
	for i, l := range d.t.langs {
		if !d.wanted[l] {
			d.prior[i] = math.Log(.05)
		}
		if o.Prior != nil {
			d.prior[i] = math.Log(max(o.Prior[l], .001))
		}
	}
	return d, nil
}

// Languages lists the codes of the languages that are known, sorted.
func Languages() []string {
	out := slices.Clone(weights().langs)
	for _, s := range scripts {
		out = append(out, s.lang)
	}
	out = append(out, "ja", "zh")
	slices.Sort(out)
	return slices.Compact(out)
}

// scripts that are written by one language, for this purpose.
var scripts = []struct {
	table *unicode.RangeTable
	lang  string
}{
	{unicode.Hangul, "ko"}, {unicode.Greek, "el"}, {unicode.Hebrew, "he"}, {unicode.Thai, "th"}, {unicode.Tamil, "ta"},
	{unicode.Devanagari, "hi"},
}

// Best returns the likeliest language, "" with probability 0 for a text without letters. With fewer than about ten
// letters take it for a hint only.
func (d *Detector) Best(s string) Guess {
	if g := d.Rank(s, 1); len(g) > 0 {
		return g[0]
	}
	return Guess{}
}

// Rank returns the k likeliest languages, likeliest first; none for a text without letters.
func (d *Detector) Rank(s string, k int) []Guess {
	lang, ok := scriptOf(s)
	if !ok || k <= 0 {
		return nil
	}
	if lang != "" {
		if !d.wanted[lang] {
			lang = ""
		}
		return []Guess{{lang, 1}}
	}
	return d.bayes(s, k)
}

// scriptOf returns the language if the script that most letters are of tells it, and whether there are letters at all.
func scriptOf(s string) (string, bool) {
	count := map[string]int{}
	letters, kana, han := 0, 0, 0
	for _, r := range s {
		if !unicode.IsLetter(r) {
			continue
		}
		letters++
		if r < 0x370 {
			continue
		}
		switch {
		case unicode.In(r, unicode.Hiragana, unicode.Katakana):
			kana++
		case unicode.Is(unicode.Han, r):
			han++
		}
		for _, sc := range scripts {
			if unicode.Is(sc.table, r) {
				count[sc.lang]++
			}
		}
	}
	if kana+han > 0 {
		// One ideograph says as much as several letters.
		if count["zh"] = 3 * (kana + han); kana > 0 {
			count["ja"], count["zh"] = count["zh"], 0
		}
	}
	best, most := "", 0
	for _, l := range []string{"ja", "zh", "ko", "el", "he", "th", "ta", "hi"} {
		if count[l] > most {
			best, most = l, count[l]
		}
	}
	if 2*most > letters {
		return best, true
	}
	return "", letters > 0
}

func (d *Detector) bayes(s string, k int) []Guess {
	sum := make([]float64, len(d.prior))
	EachGram(s, func(g string) {
		row, ok := d.t.rows[g]
		if !ok {
			return
		}
		for i, w := range d.t.weights[row : row+len(sum)] {
			sum[i] += float64(w) * d.t.unit
		}
	})
	// N-grams of a text are not independent, so that the sums are too sure of themselves. heat is fitted to held-out text.
	for i := range sum {
		sum[i] = sum[i]*d.t.heat + d.prior[i]
	}
	top, total := slices.Max(sum), 0.0
	for i := range sum {
		sum[i] = math.Exp(sum[i] - top)
		total += sum[i]
	}
	other := 0.0
	var out []Guess
	for i, l := range d.t.langs {
		if d.wanted[l] {
			out = append(out, Guess{l, sum[i] / total})
		} else {
			other += sum[i] / total
		}
	}
	if other > 0 {
		out = append(out, Guess{"", other})
	}
	slices.SortFunc(out, func(a, b Guess) int {
		return cmp.Or(cmp.Compare(b.Prob, a.Prob), strings.Compare(a.Lang, b.Lang))
	})
	return out[:min(k, len(out))]
}
