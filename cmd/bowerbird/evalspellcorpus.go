package main

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"bowerbird/text"
	"bowerbird/text/phrase"
	"bowerbird/text/spell"
)

// spellCorpus is how slips in short queries were mended by what a corpus of other texts taught.
type spellCorpus struct {
	Name    string     `json:"name"`
	Words   int        `json:"words"`
	Slips   int        `json:"slips"`
	Drawn   string     `json:"drawn"`
	N       int        `json:"n"`
	Alone   float64    `json:"alone"`   // the word by itself, first suggestion
	Joint   float64    `json:"joint"`   // the whole query, as CorrectQuery leaves it
	Ceiling [2]float64 `json:"ceiling"` // the same two of an oracle, see spellOracle
	// What became of those that were not mended: the slip was left, another word took its place, or a word beside it was
	// changed as well.
	Left      float64       `json:"left"`
	Other     float64       `json:"other"`
	Elsewhere float64       `json:"elsewhere"`
	Changed   float64       `json:"changed"`    // of queries without slips
	Right     int           `json:"right"`      // how many those were
	P99       time.Duration `json:"p99_ns"`     // of CorrectQuery
	CPU99     time.Duration `json:"p99_cpu_ns"` // the same by the thread's processor time
}

// corpus has texts to learn from and others to ask.
type corpus struct {
	name       string
	learn, ask [][]string
}

func (c *evalSpellCmd) corpora(english *spell.Dictionary) ([]spellCorpus, error) {
	captions, err := c.captions()
	if err != nil {
		return nil, err
	}
	titles, err := c.titles()
	if err != nil {
		return nil, err
	}
	var out []spellCorpus
	for _, x := range []corpus{captions, titles} {
		d, pairs, words := learned(x)
		changed, right := c.unharmed(x, d, english)
		for _, drawn := range []string{"frequency", "uniform"} {
			for slips := 1; slips <= 2; slips++ {
				r := spellCorpus{Name: x.name, Words: len(words), Slips: slips, Drawn: drawn, Changed: changed, Right: right}
				c.mended(&r, x, d, pairs, words)
				out = append(out, r)
			}
		}
	}
	return out, nil
}

// captions are Flickr8k's, parted as published: learn from the training images, ask by those of the test images.
func (c *evalSpellCmd) captions() (corpus, error) {
	x := corpus{name: "flickr8k captions"}
	part := "Flickr_8k.testImages.txt"
	if c.Validation {
		part = "Flickr_8k.devImages.txt"
	}
	images := map[string]string{}
	for name, file := range map[string]string{"learn": "Flickr_8k.trainImages.txt", "ask": part} {
		s, err := readText(filepath.Join(c.Data, "imgtext-flickr8k-captions", file))
		if err != nil {
			return x, err
		}
		for id := range strings.FieldsSeq(s) {
			images[id] = name
		}
	}
	s, err := readText(filepath.Join(c.Data, "imgtext-flickr8k-captions", "Flickr8k.token.txt.gz"))
	if err != nil {
		return x, err
	}
	for l := range strings.Lines(s) {
		id, caption, _ := strings.Cut(l, "\t")
		id, _, _ = strings.Cut(id, "#")
		words := strings.Fields(text.Fold(caption))
		switch images[id] {
		case "learn":
			x.learn = append(x.learn, words)
		case "ask":
			x.ask = append(x.ask, words)
		}
	}
	return x, nil
}

// titles are products'; a tenth, by the hash of the id, is asked for.
func (c *evalSpellCmd) titles() (corpus, error) {
	x := corpus{name: "icecat titles"}
	s, err := readText(filepath.Join(c.Data, "search-chorus-icecat", "products.jsonl.gz"))
	if err != nil {
		return x, err
	}
	asked := uint32(0)
	if c.Validation {
		asked = 1
	}
	for l := range strings.Lines(s) {
		var p struct{ ID, Title string }
		if err := json.Unmarshal([]byte(l), &p); err != nil {
			return x, fmt.Errorf("products.jsonl.gz: %w", err)
		}
		h := fnv.New32a()
		h.Write([]byte(p.ID))
		words := strings.Fields(text.Fold(p.Title))
		switch h.Sum32() % 10 {
		case asked:
			x.ask = append(x.ask, words)
		case 1 - asked: // the other part: not looked at
		default:
			x.learn = append(x.learn, words)
		}
	}
	return x, nil
}

func learned(x corpus) (*spell.Dictionary, *phrase.Counts, []string) {
	pairs := phrase.New(phrase.Options{})
	d := spell.New(spell.Options{Pairs: pairs})
	seen := map[string]bool{}
	for _, words := range x.learn {
		pairs.Add(words, 1)
		for _, w := range words {
			d.Add(w, 1)
			seen[w] = true
		}
	}
	out := make([]string, 0, len(seen))
	for w := range seen {
		out = append(out, w)
	}
	slices.Sort(out)
	return d, pairs, out
}

// window is three neighbouring words of a text.
func window(text []string, at int) []string {
	from := max(0, min(at-1, len(text)-3))
	return slices.Clone(text[from:min(from+3, len(text))])
}

// unharmed asks for queries without slips and returns the share that was changed. A word is taken for right if the
// English dictionary has it, or two of the texts; many right words are unknown to the corpus that is learned from.
func (c *evalSpellCmd) unharmed(x corpus, d, english *spell.Dictionary) (float64, int) {
	texts := map[string]int{}
	for _, t := range slices.Concat(x.learn, x.ask) {
		for _, w := range slices.Compact(slices.Sorted(slices.Values(t))) {
			texts[w]++
		}
	}
	rnd := rand.New(rand.NewPCG(c.Seed, 2))
	changed, n := 0, 0
	for n < 4*c.N {
		t := x.ask[rnd.IntN(len(x.ask))]
		if len(t) == 0 {
			continue
		}
		q := window(t, rnd.IntN(len(t)))
		if slices.ContainsFunc(q, func(w string) bool { return english.Count(w) == 0 && texts[w] < 2 }) {
			continue
		}
		n++
		if got := d.CorrectQuery(q, spell.QueryOptions{}); len(got.Changes) > 0 {
			changed++
		}
	}
	return float64(changed) / float64(n), n
}

// mended mistypes a word of four letters or more that the corpus knows, within a query of three.
func (c *evalSpellCmd) mended(r *spellCorpus, x corpus, d *spell.Dictionary, pairs *phrase.Counts, words []string) {
	rnd := rand.New(rand.NewPCG(c.Seed, uint64(3+r.Slips)))
	places := map[string][][2]int{}
	for i, t := range x.ask {
		for j, w := range t {
			if len(w) >= 4 && isPlain(w) && d.Count(w) > 0 {
				places[w] = append(places[w], [2]int{i, j})
			}
		}
	}
	var pool []string
	for _, w := range words {
		if n := len(places[w]); n > 0 {
			if r.Drawn == "uniform" {
				n = 1
			}
			for range n {
				pool = append(pool, w)
			}
		}
	}
	alone, joint, left, other, elsewhere := 0, 0, 0, 0, 0
	oracle := spellOracle{d: d, words: words, pairs: pairs, slips: r.Slips, frequency: r.Drawn == "frequency"}
	var times, used []time.Duration
	runtime.LockOSThread() // so that the thread's time is this query's
	defer runtime.UnlockOSThread()
	for r.N < c.N {
		w := pool[rnd.IntN(len(pool))]
		at := places[w][rnd.IntN(len(places[w]))]
		typed := mistype(w, r.Slips, rnd)
		if typed == w || d.Count(typed) > 0 {
			continue
		}
		r.N++
		q := window(x.ask[at[0]], at[1])
		want := slices.Clone(q)
		place := slices.Index(q, w)
		if oracle.n < oracleLooks {
			oracle.ask(q, place, typed)
		}
		q[place] = typed
		if s := d.Suggest(typed, 1); len(s) > 0 && s[0].Word == w {
			alone++
		}
		var got spell.Correction
		best, least := time.Hour, time.Hour
		for range 3 {
			cpu, start := threadTime(), time.Now()
			got = d.CorrectQuery(q, spell.QueryOptions{})
			best, least = min(best, time.Since(start)), min(least, threadTime()-cpu)
		}
		times, used = append(times, best), append(used, least)
		switch {
		case slices.Equal(got.Words, want):
			joint++
		case place < len(got.Words) && got.Words[place] == typed:
			left++
		case len(got.Words) == len(want) && got.Words[place] == w:
			elsewhere++
		default:
			other++
		}
	}
	r.Ceiling = oracle.shares()
	n := float64(r.N)
	r.Alone, r.Joint, r.P99 = float64(alone)/n, float64(joint)/n, spreadOf(times).P99
	r.CPU99 = spreadOf(used).P99
	r.Left, r.Other, r.Elsewhere = float64(left)/n, float64(other)/n, float64(elsewhere)/n
}
