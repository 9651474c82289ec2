// Command fit estimates the model of package channel from misspellings.
//
//	go run ./text/spell/channel/fit -out text/spell/channel/model.tsv DATA
//
// DATA is the folder of data sets. The misspellings are those of nlp-misspellings-nlpaug, and the words with their
// frequencies those of nlp-symspell-dicts. Every pair whose right word is one of the test sets' (nlp-norvig-spell,
// nlp-aspell-suggest) is left out, and so is a fifth of the right words, by hash, which judges. Of the others, half give
// the edits and half the weights, beside made-up slips; then all of them give the edits that are written.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bowerbird/text/spell"
	"bowerbird/text/spell/channel"
)

func main() {
	log.SetFlags(0)
	out := flag.String("out", "model.tsv", "where the model goes")
	least := flag.Float64("least", 4, "how often an edit was seen that is kept")
	synthetic := flag.Int("synthetic", 3000, "made-up slips of each kind")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: fit [-out FILE] DATA")
	}
	if err := run(flag.Arg(0), *out, *least, *synthetic); err != nil {
		log.Fatal(err)
	}
}

type pair struct{ typed, meant string }

func run(data, out string, least float64, synthetic int) error {
	d, freq, err := dictionary(filepath.Join(data, "nlp-symspell-dicts", "frequency_dictionary_en_82_765.txt.gz"))
	if err != nil {
		return err
	}
	tested, err := testWords(data)
	if err != nil {
		return err
	}
	all, err := misspellings(filepath.Join(data, "nlp-misspellings-nlpaug", "spelling_en.txt.gz"))
	if err != nil {
		return err
	}
	var parts [3][]pair // edits, weights, judged
	for _, p := range all {
		if tested[p.meant] || freq[p.meant] == 0 {
			continue
		}
		i := []int{0, 0, 1, 1, 2}[hash(p.meant)%5]
		parts[i] = append(parts[i], p)
	}
	log.Printf("%d pairs for the edits, %d for the weights, %d held out", len(parts[0]), len(parts[1]), len(parts[2]))
	m := &model{edits: estimate(parts[0], least)}
	rnd := rand.New(rand.NewPCG(17, 4))
	human, slips := lists(d, m.read(), freq, nonWords(parts[1], freq)), lists(d, m.read(), freq, madeUp(freq, synthetic, rnd))
	m.fit(human, slips)
	m.edits = estimate(append(parts[0], parts[1]...), least)
	log.Printf("%d edits", len(m.edits))
	c := m.read()
	log.Printf("held out: %.4f at the first place", m.right(lists(d, c, freq, nonWords(parts[2], freq))))
	log.Printf("made up:  %.4f at the first place", m.right(lists(d, c, freq, madeUp(freq, synthetic, rnd))))
	return os.WriteFile(out, m.encode(), 0o644)
}

func hash(s string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s))
	return h.Sum32() >> 7
}

func open(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil || filepath.Ext(path) != ".gz" {
		return string(b), err
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return "", err
	}
	b, err = io.ReadAll(z)
	return strings.TrimPrefix(string(b), "\ufeff"), err
}

func dictionary(path string) (*spell.Dictionary, map[string]int64, error) {
	s, err := open(path)
	if err != nil {
		return nil, nil, err
	}
	d, freq := spell.New(spell.Options{}), map[string]int64{}
	for l := range strings.Lines(s) {
		f := strings.Fields(l)
		if len(f) != 2 {
			continue
		}
		n, err := strconv.ParseInt(f[1], 10, 64)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %q: %w", path, f[0], err)
		}
		d.Add(f[0], n)
		freq[f[0]] = n
	}
	return d, freq, nil
}

// testWords are the right words of the test sets.
func testWords(data string) (map[string]bool, error) {
	out := map[string]bool{}
	for _, f := range []string{"nlp-norvig-spell/testset1.tsv", "nlp-norvig-spell/testset2.tsv", "nlp-aspell-suggest/02-orig.tab", "nlp-aspell-suggest/00-special.tab"} {
		s, err := open(filepath.Join(data, filepath.FromSlash(f)))
		if err != nil {
			return nil, err
		}
		for l := range strings.Lines(s) {
			if _, right, ok := strings.Cut(strings.TrimSpace(l), "\t"); ok {
				out[strings.ToLower(right)] = true
			}
		}
	}
	return out, nil
}

// misspellings reads lines "right wrong wrong …".
func misspellings(path string) ([]pair, error) {
	s, err := open(path)
	if err != nil {
		return nil, err
	}
	seen := map[pair]bool{}
	var out []pair
	sc := bufio.NewScanner(strings.NewReader(s))
	for sc.Scan() {
		f := strings.Fields(strings.ToLower(sc.Text()))
		for i := 1; i < len(f); i++ {
			p := pair{f[i], f[0]}
			if p.typed != p.meant && plain(p.typed) && plain(p.meant) && !seen[p] {
				seen[p] = true
				out = append(out, p)
			}
		}
	}
	return out, sc.Err()
}

func plain(s string) bool {
	return len(s) > 1 && len(s) < channel.MaxRunes && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == ""
}

func nonWords(in []pair, freq map[string]int64) []pair {
	return slices.DeleteFunc(slices.Clone(in), func(p pair) bool { return freq[p.typed] > 0 })
}

// madeUp draws words of four letters and more by the root of their frequency, and mistypes them by one or two slips of
// any kind at any place with any letter.
func madeUp(freq map[string]int64, n int, rnd *rand.Rand) []pair {
	words := make([]string, 0, len(freq))
	for w := range freq {
		if len(w) >= 4 && plain(w) {
			words = append(words, w)
		}
	}
	slices.Sort(words)
	cumulative := make([]float64, len(words))
	total := 0.0
	for i, w := range words {
		total += math.Sqrt(float64(freq[w]))
		cumulative[i] = total
	}
	var out []pair
	for len(out) < 2*n {
		i, _ := slices.BinarySearch(cumulative, rnd.Float64()*total)
		w := slip(words[i], rnd)
		if len(out) >= n {
			w = slip(w, rnd)
		}
		if w != words[i] && freq[w] == 0 {
			out = append(out, pair{w, words[i]})
		}
	}
	return out
}

func slip(s string, rnd *rand.Rand) string {
	i, c := rnd.IntN(len(s)), string(rune('a'+rnd.IntN(26)))
	switch rnd.IntN(4) {
	case 0:
		return s[:i] + s[i+1:]
	case 1:
		return s[:i] + c + s[i:]
	case 2:
		return s[:i] + c + s[i+1:]
	}
	if i+1 == len(s) {
		return s
	}
	return s[:i] + s[i+1:i+2] + s[i:i+1] + s[i+2:]
}

// list is a typed word's candidates with their features, the first of them the right one.
type list struct {
	features [][channel.NumFeatures + 1]float64 // the last is ln P(word)
}

func lists(d *spell.Dictionary, m *channel.Model, freq map[string]int64, pairs []pair) []list {
	total := 0.0
	for _, n := range freq {
		total += float64(n)
	}
	var w channel.Workspace
	var out []list
	for _, p := range pairs {
		near := d.Near(p.typed)
		slices.SortFunc(near, func(a, b spell.Suggestion) int {
			return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Word, b.Word))
		})
		var l list
		add := func(word string) {
			f, _ := m.Features(&w, p.typed, word)
			var row [channel.NumFeatures + 1]float64
			copy(row[:], f[:])
			row[channel.NumFeatures] = math.Log(float64(freq[word]) / total)
			l.features = append(l.features, row)
		}
		found := slices.ContainsFunc(near, func(s spell.Suggestion) bool { return s.Word == p.meant })
		if !found {
			out = append(out, list{})
			continue
		}
		add(p.meant)
		for _, s := range near[:min(len(near), 40)] {
			if s.Word != p.meant {
				add(s.Word)
			}
		}
		out = append(out, l)
	}
	return out
}
