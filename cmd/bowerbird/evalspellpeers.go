package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// spellPeers asks SymSpell, with our dictionary, for each word of standard input.
const spellPeers = `
import sys, json, gzip, time
job = json.load(sys.stdin)
out = {}
words = [l.split() for l in gzip.open(job["dictionary"], "rt", encoding="utf-8-sig") if l.strip()]
def run(name, ask):
    lists, start = [], time.perf_counter()
    for w in job["words"]:
        lists.append(ask(w)[:5])
    out[name] = {"lists": lists, "seconds": time.perf_counter() - start}
try:
    from symspellpy import SymSpell, Verbosity
    s = SymSpell(max_dictionary_edit_distance=2, prefix_length=7)
    for w, n in words:
        s.create_dictionary_entry(w, int(n))
    run("symspell", lambda w: [x.term for x in s.lookup(w, Verbosity.CLOSEST, max_edit_distance=2)] if len(w) < 40 else [])
except ImportError:
    pass
json.dump(out, sys.stdout)
`

func (c *evalSpellCmd) python(r *spellReport) error {
	dictionary, err := filepath.Abs(filepath.Join(c.Data, "nlp-symspell-dicts", "frequency_dictionary_en_82_765.txt.gz"))
	if err != nil {
		return err
	}
	job := map[string]any{"dictionary": dictionary}
	var words []string
	for _, s := range r.Sets {
		for _, p := range s.pairs {
			words = append(words, p.typed)
		}
	}
	job["words"] = words
	in, err := json.Marshal(job)
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(context.Background(), 15*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, c.Python, "-c", spellPeers)
	var errOut bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &errOut
	b, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%w: %.300s", err, errOut.String())
	}
	var answers map[string]struct {
		Lists   [][]string `json:"lists"`
		Seconds float64    `json:"seconds"`
	}
	if err := json.Unmarshal(b, &answers); err != nil {
		return err
	}
	for _, name := range []string{"symspell"} {
		x, ok := answers[name]
		if !ok || len(x.Lists) != len(words) {
			r.Notes = append(r.Notes, name+" is not installed in that Python")
			continue
		}
		r.add(name, x.Lists)
		r.Micros[name] = x.Seconds * 1e6 / float64(len(words))
	}
	return nil
}

// add takes a peer's lists, in the order of all pairs.
func (r *spellReport) add(name string, lists [][]string) {
	r.order = append(r.order, name)
	at := 0
	for _, s := range r.Sets {
		var t tally
		for _, p := range s.pairs {
			t.add(lists[at], p.meant)
			at++
		}
		s.Systems[name] = t.figures()
	}
}

// aspell asks aspell's own English dictionary, by the pipe that ispell's users know: "& word count offset: a, b".
func (c *evalSpellCmd) aspell(r *spellReport) error {
	var in strings.Builder
	in.WriteString("!\n")
	for _, s := range r.Sets {
		for _, p := range s.pairs {
			in.WriteString("^" + p.typed + "\n")
		}
	}
	ctx, stop := context.WithTimeout(context.Background(), 15*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, c.Aspell, append(strings.Fields(c.AspellArgs), "pipe")...)
	var errOut bytes.Buffer
	cmd.Stdin, cmd.Stderr = strings.NewReader(in.String()), &errOut
	start := time.Now()
	b, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%w: %.300s", err, errOut.String())
	}
	took := time.Since(start)
	answers := strings.Split(string(b), "\n")[1:] // after the greeting
	var lists [][]string
	at := 0
	for _, s := range r.Sets {
		for _, p := range s.pairs {
			// In terse mode a right word gives the empty line alone; a wrong one a line before it.
			var list []string
			for ; at < len(answers) && answers[at] != ""; at++ {
				if _, tail, ok := strings.Cut(answers[at], ": "); ok && answers[at][0] == '&' && list == nil {
					list = strings.Split(strings.ToLower(tail), ", ")
				}
			}
			at++
			if list == nil {
				list = []string{p.typed}
			}
			lists = append(lists, list)
		}
	}
	r.add("aspell", lists)
	r.Micros["aspell"] = float64(took.Microseconds()) / float64(len(lists))
	return nil
}

// published reads aspell's own lists for its set: "wrong TAB right TAB rank TAB count TAB suggestions".
func (c *evalSpellCmd) published(r *spellReport) error {
	s, err := readText(filepath.Join(c.Data, "nlp-aspell-suggest", "02-orig-normal-expect.res"))
	if err != nil {
		return err
	}
	var t tally
	for l := range strings.Lines(s) {
		f := strings.Split(strings.TrimSpace(l), "\t")
		if len(f) >= 4 {
			var list []string
			if len(f) > 4 {
				list = strings.Split(f[4], ", ")
			}
			t.add(list, f[1])
		}
	}
	for _, x := range r.Sets {
		if x.Name == "aspell-02-orig" {
			x.Systems["aspell, published"] = t.figures()
		}
	}
	r.order = append(r.order, "aspell, published")
	return nil
}
