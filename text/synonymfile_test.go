package text_test

import (
	"strings"
	"testing"

	"bowerbird/text"

	"github.com/google/go-cmp/cmp"
)

func TestReadSynonyms(t *testing.T) {
	a := mustNew(t, text.Options{})
	got, err := text.ReadSynonyms(strings.NewReader("\ufeffcouch, sofa ,settee\n\n# a remark\ntv, telly => television # another\r\nlove seat,two seater"), a)
	want := text.SynonymList{Groups: [][]string{{"couch", "sofa", "settee"}, {"love seat", "two seater"}},
		OneWay: []text.OneWay{{From: []string{"tv", "telly"}, To: []string{"television"}}}}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(d, err)
	}
	for in, want := range map[string]string{
		"a, x":                                   `line 1: "a" is no word`,
		"cat, dog\nsofa":                         `line 2: "sofa" stands alone`,
		"cat, dog\n\nsofa,,couch":                "line 3: a word is empty",
		"cat => dog => pet":                      "line 1: => stands there twice",
		"cat =>":                                 "line 1: a word is empty",
		"one two three four five six, seven":     "line 1: \"one two three four five six\" has more than 4 words",
		"cat, \xff":                              "line 1: invalid UTF-8",
		"cat, dog\n" + strings.Repeat("x", 5000): "line 2: longer than 4096 bytes",
	} {
		if _, err := text.ReadSynonyms(strings.NewReader(in), a); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.40q: %v, want %s", in, err, want)
		}
	}
}

func TestOneWay(t *testing.T) {
	a := mustNew(t, text.Options{OneWay: []text.OneWay{{From: []string{"telly"}, To: []string{"television"}}}})
	for q, want := range map[string]int{"telly": 1, "television": 0} {
		p, err := a.Parse(q, text.ParseOptions{})
		if err != nil || len(p.Clauses) != 1 || len(p.Clauses[0].Alternatives) != want {
			t.Errorf("%s: %s %v", q, show(p), err)
		}
	}
	if _, err := text.New(text.Options{OneWay: []text.OneWay{{From: []string{"the"}, To: []string{"x"}}}}); err == nil {
		t.Error("a stop word leads nowhere")
	}
}

// TestMultiSynonyms: a list is read in every language, and what one language never searches for is left out there.
func TestMultiSynonyms(t *testing.T) {
	m := mustMulti(t, text.MultiOptions{Languages: []string{"en", "de"}, Synonyms: [][]string{{"home", "Häuser"}, {"die", "dice"}}})
	p, err := m.Parse("home", text.ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	german := m.For("de").Terms("Haus")[0]
	found := false
	for _, f := range p.Clauses[0].Alternatives {
		found = found || f[0] == german
	}
	if !found {
		t.Errorf("%s lacks %s", show(p), german)
	}
	wants := p.Wants()
	if spans := m.Highlight("Das alte Haus und ein home", wants); len(spans) != 2 {
		t.Errorf("%v", spans)
	}
}

func FuzzReadSynonyms(f *testing.F) {
	f.Add("couch, sofa\ntv => television")
	a := mustNew(f, text.Options{})
	f.Fuzz(func(t *testing.T, s string) {
		l, err := text.ReadSynonyms(strings.NewReader(s), a)
		if err != nil {
			return
		}
		if _, err := text.New(text.Options{Synonyms: l.Groups, OneWay: l.OneWay}); err != nil {
			t.Fatalf("%q was read and is refused: %v", s, err)
		}
	})
}
