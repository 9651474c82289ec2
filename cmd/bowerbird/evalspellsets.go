package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

type spellWord struct {
	text string
	n    int64
}

// readText reads a file, unzipped if it is named so.
func readText(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil || filepath.Ext(path) != ".gz" {
		return string(b), err
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	b, err = io.ReadAll(z)
	return string(b), err
}

// spellWords reads lines "word count".
func spellWords(path string) ([]spellWord, error) {
	s, err := readText(path)
	if err != nil {
		return nil, err
	}
	var out []spellWord
	line := 0
	for l := range strings.Lines(strings.TrimPrefix(s, "\ufeff")) {
		line++
		w, n, ok := strings.Cut(strings.TrimSpace(l), " ")
		v, err := strconv.ParseInt(n, 10, 64)
		if !ok || err != nil {
			return nil, fmt.Errorf("%s: line %d: want a word and its count", path, line)
		}
		out = append(out, spellWord{w, v})
	}
	return out, nil
}

// sets reads the misspellings and makes the slips up.
func (c *evalSpellCmd) sets(words []spellWord) ([]*spellSet, error) {
	var out []*spellSet
	tested := map[string]bool{}
	for _, f := range []struct{ name, path string }{
		{"norvig-1", "nlp-norvig-spell/testset1.tsv"}, {"norvig-2", "nlp-norvig-spell/testset2.tsv"}, {"aspell-02-orig", "nlp-aspell-suggest/02-orig.tab"},
	} {
		s, err := readText(filepath.Join(c.Data, filepath.FromSlash(f.path)))
		if err != nil {
			return nil, err
		}
		set := &spellSet{Name: f.name}
		for l := range strings.Lines(s) {
			if wrong, right, ok := strings.Cut(strings.ToLower(strings.TrimSpace(l)), "\t"); ok {
				set.pairs = append(set.pairs, slipped{wrong, right})
				tested[right] = true
			}
		}
		out = append(out, set)
	}
	held, err := c.heldOut(tested)
	if err != nil {
		return nil, err
	}
	noisy, err := c.noisy()
	if err != nil {
		return nil, err
	}
	return append(append(append(out, held), noisy...), c.madeUp(words)...), nil
}

// heldOut reads the fifth of the misspellings that text/spell/channel/fit has not learned from.
func (c *evalSpellCmd) heldOut(tested map[string]bool) (*spellSet, error) {
	s, err := readText(filepath.Join(c.Data, "nlp-misspellings-nlpaug", "spelling_en.txt.gz"))
	if err != nil {
		return nil, err
	}
	set, seen := &spellSet{Name: "nlpaug-held-out"}, map[slipped]bool{}
	sc := bufio.NewScanner(strings.NewReader(s))
	for sc.Scan() {
		f := strings.Fields(strings.ToLower(sc.Text()))
		if len(f) < 2 || tested[f[0]] || !isPlain(f[0]) {
			continue
		}
		h := fnv.New32a()
		h.Write([]byte(f[0]))
		if h.Sum32()>>7%5 != 4 {
			continue
		}
		for _, wrong := range f[1:] {
			if p := (slipped{wrong, f[0]}); isPlain(wrong) && wrong != f[0] && !seen[p] {
				seen[p] = true
				set.pairs = append(set.pairs, p)
			}
		}
	}
	return set, sc.Err()
}

func isPlain(s string) bool { return len(s) > 1 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == "" }

// noisy reads SymSpell's own noisy words, by the number of slips.
func (c *evalSpellCmd) noisy() ([]*spellSet, error) {
	s, err := readText(filepath.Join(c.Data, "nlp-symspell-dicts", "test_data", "noisy_query_en_1000.txt"))
	if err != nil {
		return nil, err
	}
	by := map[string]*spellSet{"1": {Name: "symspell-noisy-1"}, "2": {Name: "symspell-noisy-2"}}
	for l := range strings.Lines(s) {
		if f := strings.Fields(strings.ToLower(l)); len(f) == 3 && by[f[2]] != nil {
			by[f[2]].pairs = append(by[f[2]].pairs, slipped{f[0], f[1]})
		}
	}
	return []*spellSet{by["1"], by["2"]}, nil
}

// madeUp mistypes words of the dictionary of four letters and more, drawn uniformly or by their frequency, by one or two
// slips of any kind at any place with any letter. What comes out as a word is drawn again: nobody could see it.
func (c *evalSpellCmd) madeUp(words []spellWord) []*spellSet {
	var pool []spellWord
	known, total := map[string]bool{}, 0.0
	for _, w := range words {
		known[w.text] = true
		if len(w.text) >= 4 && isPlain(w.text) {
			pool = append(pool, w)
			total += float64(w.n)
		}
	}
	var out []*spellSet
	rnd := rand.New(rand.NewPCG(c.Seed, 1))
	for _, drawn := range []string{"uniform", "frequency"} {
		for slips := 1; slips <= 2; slips++ {
			set := &spellSet{Name: fmt.Sprintf("%d-slip-%s", slips, drawn)}
			for len(set.pairs) < c.N {
				w := pool[rnd.IntN(len(pool))].text
				if drawn == "frequency" {
					w = byFrequency(pool, rnd.Float64()*total)
				}
				if typed := mistype(w, slips, rnd); typed != w && !known[typed] {
					set.pairs = append(set.pairs, slipped{typed, w})
				}
			}
			out = append(out, set)
		}
	}
	return out
}

func byFrequency(pool []spellWord, at float64) string {
	for _, w := range pool {
		if at -= float64(w.n); at < 0 {
			return w.text
		}
	}
	return pool[len(pool)-1].text
}

// mistype makes slips of four kinds, equally often: a letter left out, put in, wrong, or swapped with the next.
func mistype(s string, slips int, rnd *rand.Rand) string {
	for range slips {
		i, c := rnd.IntN(len(s)), string(rune('a'+rnd.IntN(26)))
		switch rnd.IntN(4) {
		case 0:
			s = s[:i] + s[i+1:]
		case 1:
			s = s[:i] + c + s[i:]
		case 2:
			s = s[:i] + c + s[i+1:]
		default:
			if i+1 < len(s) {
				s = s[:i] + s[i+1:i+2] + s[i:i+1] + s[i+2:]
			}
		}
	}
	return s
}

// oneSlip is the probability that mistype(meant, 1) is typed.
func oneSlip(typed, meant string) float64 {
	n := float64(len(meant))
	p := 0.0
	for i := range len(meant) {
		rest := meant[i+1:]
		if len(typed) == len(meant)-1 && typed[:i] == meant[:i] && typed[i:] == rest {
			p++
		}
		if len(typed) == len(meant)+1 && typed[:i] == meant[:i] && typed[i+1:] == meant[i:] {
			p += 1. / 26
		}
		if len(typed) == len(meant) && typed[:i] == meant[:i] && typed[i+1:] == rest {
			p += 1. / 26
		}
		if len(typed) == len(meant) && (i+1 == len(meant) && typed == meant ||
			i+1 < len(meant) && typed[:i] == meant[:i] && typed[i] == meant[i+1] && typed[i+1] == meant[i] && typed[i+2:] == meant[i+2:]) {
			p++
		}
	}
	return p / (4 * n)
}

// twoSlips sums over what may stand between the slips.
func twoSlips(typed, meant string) float64 {
	p := 0.0
	each := func(between string, share float64) {
		if d := len(between) - len(typed); d >= -1 && d <= 1 && share > 0 && len(between) > 0 {
			p += share * oneSlip(typed, between)
		}
	}
	n := 4 * float64(len(meant))
	for i := range len(meant) {
		each(meant[:i]+meant[i+1:], 1/n)
		for c := 'a'; c <= 'z'; c++ {
			each(meant[:i]+string(c)+meant[i:], 1/n/26)
			each(meant[:i]+string(c)+meant[i+1:], 1/n/26)
		}
		if i+1 < len(meant) {
			each(meant[:i]+meant[i+1:i+2]+meant[i:i+1]+meant[i+2:], 1/n)
		} else {
			each(meant, 1/n)
		}
	}
	return p
}

// eachSource calls f for every word of four plain letters or more from which slips may make typed, with the probability
// that they do.
func eachSource(words []string, typed string, slips int, f func(word string, p float64)) {
	var letters [256]int8
	for i := range len(typed) {
		letters[typed[i]]++
	}
	for _, w := range words {
		if d := len(w) - len(typed); len(w) < 4 || d > slips || -d > slips {
			continue
		}
		have, apart := letters, 0
		for i := range len(w) {
			have[w[i]]--
		}
		for c := 'a'; c <= 'z'; c++ {
			apart += int(max(have[c], -have[c]))
		}
		if apart > 2*slips || !isPlain(w) { // a slip changes two letters at most: one for another
			continue
		}
		p := 0.0
		if slips == 1 {
			p = oneSlip(typed, w)
		} else {
			p = twoSlips(typed, w)
		}
		if p > 0 {
			f(w, p)
		}
	}
}

// ceiling is the share that is right when every word is chosen by its true probability given what was typed. 0 for sets
// that were not made up. It looks at 300 pairs.
func (c *evalSpellCmd) ceiling(s *spellSet, words []spellWord) float64 {
	slips, drawn, ok := strings.Cut(s.Name, "-slip-")
	if !ok {
		return 0
	}
	counts := make(map[string]int64, len(words))
	list := make([]string, len(words))
	for i, w := range words {
		list[i], counts[w.text] = w.text, w.n
	}
	right, pairs := 0, s.pairs[:min(len(s.pairs), 300)]
	for _, p := range pairs {
		best, most := "", 0.0
		n := 2
		if slips == "1" {
			n = 1
		}
		eachSource(list, p.typed, n, func(word string, v float64) {
			if drawn == "frequency" {
				v *= float64(counts[word])
			}
			if v > most || v == most && v > 0 && word < best {
				best, most = word, v
			}
		})
		if best == p.meant {
			right++
		}
	}
	return float64(right) / float64(len(pairs))
}
