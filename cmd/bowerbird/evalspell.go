package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"bowerbird/text/spell"
)

type evalSpellCmd struct {
	Data       string `arg:"" help:"Folder of the public data sets: nlp-symspell-dicts, nlp-norvig-spell and so on." type:"existingdir"`
	Python     string `help:"Also run SymSpell (symspellpy) by this Python." placeholder:"PATH"`
	Aspell     string `help:"Also run this aspell." placeholder:"PATH"`
	AspellArgs string `help:"Its arguments, as --lang=en." default:"--lang=en" placeholder:"ARGS"`
	N          int    `help:"Made-up slips of each kind." default:"1000"`
	Seed       uint64 `help:"Of every random choice." default:"1"`
	Within     bool   `help:"Measure slips within queries alone."`
	Validation bool   `help:"Take the corpora's validation parts, on which settings are chosen."`
}

func (evalSpellCmd) Help() string {
	return `Measures spelling: misspellings that people made, made-up slips in words of a
dictionary, and slips in texts of a small corpus, where neighbouring words help.
No test word was seen when the model of misspellings was fitted. Peers that are
not there are left out.

Examples:
  bowerbird eval spell data/
  bowerbird eval spell data/ --python venv/bin/python --aspell /usr/bin/aspell`
}

// spellSet is what was typed, and what was meant.
type spellSet struct {
	Name  string `json:"name"`
	pairs []slipped
	// figures
	N       int                     `json:"n"`
	Missing int                     `json:"missing"` // right words that the dictionary lacks
	Known   int                     `json:"known"`   // typed words that are words
	Systems map[string]spellFigures `json:"systems"`
}

type slipped struct{ typed, meant string }

type spellFigures struct {
	First float64 `json:"first"`
	Five  float64 `json:"five"`
}

type spellReport struct {
	Machine machine            `json:"machine"`
	Sets    []*spellSet        `json:"sets"`
	Words   int                `json:"words"`
	Time    map[string]spread  `json:"time"`
	Micros  map[string]float64 `json:"microseconds_a_word"`
	Corpora []spellCorpus      `json:"corpora"`
	Notes   []string           `json:"notes"`
	order   []string
}

func (c *evalSpellCmd) Run(a *app) error {
	words, err := spellWords(filepath.Join(c.Data, "nlp-symspell-dicts", "frequency_dictionary_en_82_765.txt.gz"))
	if err != nil {
		return err
	}
	d := spell.New(spell.Options{})
	for _, w := range words {
		d.Add(w.text, w.n)
	}
	r := &spellReport{Machine: thisMachine(), Words: len(words), Micros: map[string]float64{}, Time: map[string]spread{}}
	if !c.Within {
		if err := c.words(a, r, d, words); err != nil {
			return err
		}
	}
	if r.Corpora, err = c.corpora(d); err != nil {
		return err
	}
	a.ui.done()
	if a.cli.JSON {
		return a.printJSON(r)
	}
	if !c.Within {
		a.printSpelling(r)
	}
	a.printWithin(r)
	return nil
}

// words measures single words.
func (c *evalSpellCmd) words(a *app, r *spellReport, d *spell.Dictionary, words []spellWord) (err error) {
	if r.Sets, err = c.sets(words); err != nil {
		return err
	}
	a.ui.say("%s in %d sets, dictionary of %s", plural(c.count(r.Sets), "misspelling"), len(r.Sets), plural(len(words), "word"))
	c.ours(r, d)
	c.peers(r)
	if err := c.published(r); err != nil {
		return err
	}
	for _, s := range r.Sets {
		if ceiling := c.ceiling(s, words); ceiling > 0 {
			s.Systems["ceiling"] = spellFigures{First: ceiling}
		}
	}
	r.order = append(r.order, "ceiling")
	return nil
}

func (c *evalSpellCmd) count(sets []*spellSet) (n int) {
	for _, s := range sets {
		n += len(s.pairs)
	}
	return n
}

// ours measures the dictionary, and the same without a fitted channel: fewest edits, then the most frequent word.
func (c *evalSpellCmd) ours(r *spellReport, d *spell.Dictionary) {
	r.order = append(r.order, "bowerbird", "edits")
	var times []time.Duration
	for _, s := range r.Sets {
		s.N, s.Systems = len(s.pairs), map[string]spellFigures{}
		var ours, plain tally
		for _, p := range s.pairs {
			if d.Count(p.meant) == 0 {
				s.Missing++
			}
			if d.Count(p.typed) > 0 {
				s.Known++
			}
			var found []spell.Suggestion
			best := time.Hour
			for range 3 { // the quickest of three, since other programs run beside
				start := time.Now()
				found = d.Suggest(p.typed, 5)
				best = min(best, time.Since(start))
			}
			times = append(times, best)
			ours.add(suggested(found), p.meant)
			near := d.Near(p.typed)
			slices.SortFunc(near, func(a, b spell.Suggestion) int {
				if a.Edits != b.Edits {
					return a.Edits - b.Edits
				}
				if a.Count != b.Count {
					return int(min(max(b.Count-a.Count, -1), 1))
				}
				return 0
			})
			plain.add(suggested(near[:min(5, len(near))]), p.meant)
		}
		s.Systems["bowerbird"], s.Systems["edits"] = ours.figures(), plain.figures()
	}
	sum := time.Duration(0)
	for _, t := range times {
		sum += t
	}
	r.Time["bowerbird"], r.Micros["bowerbird"] = spreadOf(times), float64(sum.Microseconds())/float64(len(times))
}

func suggested(in []spell.Suggestion) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = s.Word
	}
	return out
}

type tally struct{ n, first, five int }

func (t *tally) add(found []string, meant string) {
	t.n++
	at := slices.Index(found, meant)
	if at == 0 {
		t.first++
	}
	if at >= 0 && at < 5 {
		t.five++
	}
}

func (t tally) figures() spellFigures {
	n := float64(max(t.n, 1))
	return spellFigures{float64(t.first) / n, float64(t.five) / n}
}

func (c *evalSpellCmd) peers(r *spellReport) {
	if c.Python == "" {
		r.Notes = append(r.Notes, "SymSpell was not run: name a Python that has symspellpy with --python")
	} else if err := c.python(r); err != nil {
		r.Notes = append(r.Notes, fmt.Sprintf("SymSpell was not run: %v", err))
	}
	if c.Aspell == "" {
		r.Notes = append(r.Notes, "aspell was not run: name it with --aspell")
	} else if _, err := exec.LookPath(c.Aspell); err != nil {
		r.Notes = append(r.Notes, fmt.Sprintf("aspell was not run: %v", err))
	} else if err := c.aspell(r); err != nil {
		r.Notes = append(r.Notes, fmt.Sprintf("aspell was not run: %v", err))
	}
}

func (a *app) printSpelling(r *spellReport) {
	a.printf("%s\nRight word at the first place, %% (among five, %%); dictionary of %s.\n\n", r.Machine, plural(r.Words, "word"))
	head := []string{"set", "n", "missing", "known"}
	rows := [][]string{append(head, r.order...)}
	for _, s := range r.Sets {
		row := []string{s.Name, count(s.N), count(s.Missing), count(s.Known)}
		for _, name := range r.order {
			f, ok := s.Systems[name]
			switch {
			case !ok:
				row = append(row, "")
			case f.Five == 0:
				row = append(row, fmt.Sprintf("%.1f", 100*f.First))
			default:
				row = append(row, fmt.Sprintf("%.1f (%.1f)", 100*f.First, 100*f.Five))
			}
		}
		rows = append(rows, row)
	}
	a.columns(rows)
	a.printf("\nmissing: right words that the dictionary lacks. known: what was typed is a word. ceiling: the best that anybody\ncan do who knows how the slips and the words were drawn.\n\n")
	t := r.Time["bowerbird"]
	rows = [][]string{{"time", "mean", "median", "p99"}, {"bowerbird", fmt.Sprintf("%.0f µs", r.Micros["bowerbird"]), t.Median.String(), t.P99.String()}}
	for _, name := range r.order {
		if us, ok := r.Micros[name]; ok && name != "bowerbird" {
			rows = append(rows, []string{name, fmt.Sprintf("%.0f µs", us), "", ""})
		}
	}
	a.columns(rows)
}

func (a *app) printWithin(r *spellReport) {
	a.printf("\nSlips in queries of three words, by a corpus that the queries are not part of:\n\n")
	rows := [][]string{{"corpus", "words", "slips", "drawn", "n", "alone", "ceiling", "in the query", "ceiling", "left", "other", "elsewhere", "right ones changed", "of n", "p99", "p99 cpu"}}
	for _, x := range r.Corpora {
		rows = append(rows, []string{x.Name, count(x.Words), fmt.Sprint(x.Slips), x.Drawn, count(x.N), fmt.Sprintf("%.1f", 100*x.Alone),
			fmt.Sprintf("%.1f", 100*x.Ceiling[0]), fmt.Sprintf("%.1f", 100*x.Joint), fmt.Sprintf("%.1f", 100*x.Ceiling[1]),
			fmt.Sprintf("%.1f", 100*x.Left), fmt.Sprintf("%.1f", 100*x.Other), fmt.Sprintf("%.1f", 100*x.Elsewhere), fmt.Sprintf("%.2f", 100*x.Changed), count(x.Right), x.P99.String(), x.CPU99.String()})
	}
	a.columns(rows)
	a.printf("\nceiling: of whoever knows which of the words has the slip, how many it has, how slips and words are drawn, and the same counts of\nwords and pairs. What was not mended: left as typed, another word, or the right word with a change elsewhere.\n")
	for _, n := range r.Notes {
		a.printf("Note: %s.\n", n)
	}
}
