package channel

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Features of a typed and a meant word. All but the first count; Score is their weighted sum.
const (
	Path     = iota // ln of the likeliest way to type it, by the fitted stretches
	Slips           // insertions, deletions, substitutions and swaps (optimal string alignment)
	Blind           // letters of those that came from nowhere: put in, or wrong
	Second          // 1 from two slips on
	FirstOff        // the first letters differ
	LastOff         // the last letters differ
	SameKey         // they sound alike
	Swap            // one swap of neighbours is all
	Near            // one letter was hit beside its key, and nothing else
	Longer          // letters by which the typed word is longer
	Shorter         // letters by which it is shorter
	SameBag         // the same set of letters
	NumFeatures
)

// FeatureNames are the names of the features in a model's file.
var FeatureNames = [NumFeatures]string{"path", "slips", "blind", "second", "first-off", "last-off", "same-key", "swap", "near", "longer", "shorter", "same-bag"}

// Slip costs for stretches that were never counted, in nats.
const (
	plainSub, nearSub, vowelSub, plainInsert, plainDelete, doubleInsert, doubleDelete, plainSwap = 9.5, 8, 7.5, 9, 8.5, 6.5, 6, 7
)

// Model scores how a word may have been mistyped. It is not changed after it is read and safe for concurrent use.
type Model struct {
	edits   edits
	weights [NumFeatures]float64
	prior   float64
}

//go:embed model.tsv
var embedded string

// Default returns the fitted model.
var Default = sync.OnceValue(func() *Model {
	m, err := Read(strings.NewReader(embedded))
	if err != nil {
		panic("channel: the embedded model is broken: " + err.Error()) // our own file
	}
	return m
})

// Read reads a model: lines of three fields, parted by tabs. "edit", or "weight"; the stretch that was meant and the one
// that was typed, parted by a slash, ^ and $ standing for the ends of the word; or the name of a feature, or "prior"; and a
// number, which of an edit is the cost in nats. It refuses what it does not know, naming the line.
func Read(r io.Reader) (*Model, error) {
	m := new(Model)
	sc := bufio.NewScanner(r)
	for line := 1; sc.Scan(); line++ {
		if strings.HasPrefix(sc.Text(), "#") || sc.Text() == "" {
			continue
		}
		if err := m.read(strings.Split(sc.Text(), "\t")); err != nil {
			return nil, fmt.Errorf("channel: line %d: %w", line, err)
		}
	}
	return m, sc.Err()
}

func (m *Model) read(f []string) error {
	if len(f) != 3 {
		return fmt.Errorf("%d fields, want 3", len(f))
	}
	v, err := strconv.ParseFloat(f[2], 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("%q is not a number", f[2])
	}
	switch f[0] {
	case "edit":
		meant, typed, ok := strings.Cut(f[1], "/")
		a, ok1 := packString(meant)
		b, ok2 := packString(typed)
		if !ok || !ok1 || !ok2 || v < 0 {
			return fmt.Errorf("%q at %v is no edit", f[1], v)
		}
		m.edits.put(a, b, float32(v))
	case "weight":
		if f[1] == "prior" {
			m.prior = v
			return nil
		}
		i := slices.Index(FeatureNames[:], f[1])
		if i < 0 {
			return fmt.Errorf("feature %q is unknown", f[1])
		}
		m.weights[i] = v
	default:
		return fmt.Errorf("%q is neither edit nor weight", f[0])
	}
	return nil
}

// Prior is the weight of ln P(word) beside Score, as it was fitted with it.
func (m *Model) Prior() float64 { return m.prior }

// Score is ln P(typed | meant) up to a constant that depends on typed only. Strings of more than MaxRunes letters score
// −Inf. About 5 µs; w is scratch space and must not be shared between goroutines.
func (m *Model) Score(w *Workspace, typed, meant string) float64 {
	if typed == meant {
		return 0
	}
	f, ok := m.Features(w, typed, meant)
	if !ok {
		return math.Inf(-1)
	}
	s := 0.0
	for i, x := range f {
		s += x * m.weights[i]
	}
	return min(s, 0)
}

// Workspace is scratch space for Score. The zero value is ready.
type Workspace struct {
	typed, meant letters
	path         [MaxRunes + 3][MaxRunes + 3]float32
	slips        [MaxRunes + 3][MaxRunes + 3]uint16
	model        *Model // that typed was prepared for
	last         string // what was typed
	typedKey     string
}

// Features returns the features of a pair, false if one of the strings is too long.
func (m *Model) Features(w *Workspace, typed, meant string) (f [NumFeatures]float64, ok bool) {
	if w.model != m || w.last != typed || typed == "" {
		if !w.typed.set(typed) {
			w.last = ""
			return f, false
		}
		w.model, w.last, w.typedKey = m, typed, Key(typed)
		w.typed.mark(&m.edits.typed)
	}
	if !w.meant.set(meant) {
		return f, false
	}
	w.meant.mark(&m.edits.meant)
	a, b := &w.meant, &w.typed
	f[Path] = -float64(m.path(w))
	slips, blind := w.countSlips()
	n := float64(slips)
	f[Slips], f[Blind] = n, float64(blind)
	if n > 1 {
		f[Second] = 1
	}
	f[FirstOff], f[LastOff] = off(a.runes[1], b.runes[1]), off(a.runes[a.n-2], b.runes[b.n-2])
	if w.typedKey == Key(meant) {
		f[SameKey] = 1
	}
	if n == 1 && a.n == b.n {
		i := 0
		for a.runes[i] == b.runes[i] {
			i++
		}
		switch {
		case a.runes[i+1] != b.runes[i+1]:
			f[Swap] = 1
		case beside[a.code[i]][b.code[i]]:
			f[Near] = 1
		}
	}
	if d := float64(b.n - a.n); d > 0 {
		f[Longer] = d
	} else {
		f[Shorter] = -d
	}
	if bag(a) == bag(b) {
		f[SameBag] = 1
	}
	return f, true
}

func off(a, b rune) float64 {
	if a != b {
		return 1
	}
	return 0
}

func bag(l *letters) (set uint32) {
	for _, c := range l.code[1 : l.n-1] {
		set |= 1 << c
	}
	return set
}

// path is the cost of the cheapest way to type: path[i][j] of the first i letters of what was meant as the first j.
func (m *Model) path(w *Workspace) float32 {
	const far = float32(1e6)
	a, b := &w.meant, &w.typed
	strays := max(band, a.n-b.n+2, b.n-a.n+2)
	for i := 0; i <= a.n; i++ {
		lo, hi := max(0, i-strays), min(b.n, i+strays)
		if lo > 0 {
			w.path[i][lo-1] = far
		}
		for j := lo; j <= hi; j++ {
			w.path[i][j] = m.cell(w, a, b, i, j, strays)
		}
		if hi < b.n {
			w.path[i][hi+1] = far
		}
	}
	return w.path[a.n][b.n]
}

func (m *Model) cell(w *Workspace, a, b *letters, i, j, strays int) float32 {
	if i == 0 && j == 0 {
		return 0
	}
	best := float32(1e6)
	if i > 0 && j > 0 && a.runes[i-1] == b.runes[j-1] {
		best = w.path[i-1][j-1]
	} else {
		best = m.slip(w, a, b, i, j, strays)
	}
	for x := 0; x <= stretch; x++ {
		if a.keep[i]&(1<<x) == 0 {
			continue
		}
		for y := 0; y <= stretch; y++ {
			if b.keep[j]&(1<<y) == 0 || i-x-(j-y) > strays || j-y-(i-x) > strays {
				continue
			}
			before := w.path[i-x][j-y]
			if before >= best {
				continue
			}
			if c, ok := m.edits.cost(uint32(a.ends[i][x]), uint32(b.ends[j][y])); ok && before+c < best {
				best = before + c
			}
		}
	}
	return best
}

// slip is the cheapest plain slip that ends at i, j.
func (m *Model) slip(w *Workspace, a, b *letters, i, j, strays int) float32 {
	best := float32(1e6)
	if i > 0 && j > 0 {
		c := float32(plainSub)
		switch x, y := a.code[i-1], b.code[j-1]; {
		case x == front || x == end || y == front || y == end:
			c = 1e6
		case vowel(x) && vowel(y):
			c = vowelSub
		case beside[x][y]:
			c = nearSub
		}
		best = min(best, w.path[i-1][j-1]+c)
	}
	if j > 1 && j < b.n && j-1-i >= -strays {
		c := float32(plainInsert)
		if b.runes[j-1] == b.runes[j-2] {
			c = doubleInsert
		}
		best = min(best, w.path[i][j-1]+c)
	}
	if i > 1 && i < a.n && i-1-j >= -strays {
		c := float32(plainDelete)
		if a.runes[i-1] == a.runes[i-2] {
			c = doubleDelete
		}
		best = min(best, w.path[i-1][j]+c)
	}
	if i > 2 && j > 2 && a.runes[i-1] == b.runes[j-2] && a.runes[i-2] == b.runes[j-1] {
		best = min(best, w.path[i-2][j-2]+plainSwap)
	}
	return best
}

// countSlips is the optimal string alignment of the two words, their ends left out, and how many of its slips put in a
// letter or a wrong one, as few as can be. A slip counts 256, a blind letter one more.
func (w *Workspace) countSlips() (slips, blind int) {
	const slip, wrong = 256, 257
	a, b := w.meant.runes[1:w.meant.n-1], w.typed.runes[1:w.typed.n-1]
	for j := 0; j <= len(b); j++ {
		w.slips[0][j] = uint16(j * wrong)
	}
	for i := 1; i <= len(a); i++ {
		before, row := &w.slips[i-1], &w.slips[i]
		row[0] = uint16(i * slip)
		for j := 1; j <= len(b); j++ {
			if a[i-1] == b[j-1] {
				row[j] = before[j-1]
				continue
			}
			n := min(before[j-1]+wrong, before[j]+slip, row[j-1]+wrong)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				n = min(n, w.slips[i-2][j-2]+slip)
			}
			row[j] = n
		}
	}
	v := w.slips[len(a)][len(b)]
	return int(v / slip), int(v % slip)
}
