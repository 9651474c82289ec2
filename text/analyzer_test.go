package text_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"bowerbird/text"

	"github.com/google/go-cmp/cmp"
)

func mustNew(t testing.TB, o text.Options) *text.Analyzer {
	t.Helper()
	a, err := text.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAnalyze(t *testing.T) {
	tests := []struct {
		name, lang, in string
		want           string // term@position
	}{
		{"stems and stops", "", "The Running Cats of Rome", "run@1 cat@2 rome@4"},
		{"possessive", "", "Anna's café", "anna@0 cafe@1"},
		{"typographic apostrophe", "", "Anna’s", "anna@0"},
		{"hyphen splits", "", "T-shirt", "t@0 shirt@1"},
		{"numbers stay whole", "", "3.14 or 1,000", "3.14@0 1,000@2"},
		{"accents", "none", "Ångström ŁÓDŹ straße Čeština", "angstrom@0 lodz@1 strasse@2 cestina@3"},
		{"full width", "none", "ＡＢＣ１２", "abc12@0"},
		{"russian keeps й", "none", "Йод ёлка", "йод@0 елка@1"},
		{"chinese", "", "黒猫白猫", "黒猫@0 猫白@1 白猫@2 猫@3"},
		{"one ideograph", "", "猫", "猫@0"},
		{"mixed", "", "iPhone手机壳 red", "iphon@0 手机@1 机壳@2 壳@3 red@4"},
		{"korean by words", "", "검은 고양이", "검은@0 은@1 고양@2 양이@3 이@4"},
		{"katakana with mark", "", "コーヒー", "コー@0 ーヒ@1 ヒー@2 ー@3"},
		{"emoji", "", "🐱 cat!", "🐱@0 cat@1"},
		{"german", "de", "Die Häuser", "haus@1"},
		{"french elision", "fr", "l'homme", "homm@0"},
		{"control and invalid", "", "a\x00cat\xff\xfedog", "cat@1 dog@2"},
		{"only marks", "", "--- !! ...", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := mustNew(t, text.Options{Language: tt.lang})
			var got []string
			for _, tok := range a.Analyze(nil, tt.in) {
				got = append(got, fmt.Sprintf("%s@%d", tok.Term, tok.Pos))
			}
			if d := cmp.Diff(tt.want, strings.Join(got, " ")); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestVersionNamesWhatChangesTerms(t *testing.T) {
	en, de := mustNew(t, text.Options{}), mustNew(t, text.Options{Language: "de"})
	none := mustNew(t, text.Options{StopWords: []string{}})
	syn := mustNew(t, text.Options{Synonyms: [][]string{{"sofa", "couch"}}})
	if en.Version() == de.Version() || en.Version() == none.Version() {
		t.Error("different analysers share a version")
	}
	if en.Version() != syn.Version() {
		t.Error("synonyms widen queries only; they must not change the version")
	}
}

func TestNewRefuses(t *testing.T) {
	for _, o := range []text.Options{{Language: "xx"}, {Synonyms: [][]string{{"a b c d e f g h", "x"}}}, {Synonyms: [][]string{{"the", "x"}}}} {
		if _, err := text.New(o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"  Grey--Cat ": "grey cat", "L’été, 2020": "lete 2020", "plain": "plain", "": "", "!!": "", "Don't": "dont",
		"a\xffb": "ab", "東京 タワー": "東京 タワー",
	} {
		if got := text.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestHighlight(t *testing.T) {
	a := mustNew(t, text.Options{Synonyms: [][]string{{"sofa", "couch"}}})
	q, err := a.Parse("sofas grey* -dog", text.ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s := "A greyish couch, not a dog"
	var got []string
	for _, sp := range a.Highlight(s, q.Wants()) {
		got = append(got, s[sp.Start:sp.End])
	}
	if d := cmp.Diff([]string{"greyish", "couch"}, got); d != "" {
		t.Error(d)
	}
}

// Repeated words come out of the cache: a title must cost few allocations.
func TestAnalyzeAllocates(t *testing.T) {
	a := mustNew(t, text.Options{})
	dst := make([]text.Token, 0, 32)
	n := testing.AllocsPerRun(100, func() { dst = a.Analyze(dst[:0], "Mid-century walnut chair with woven seat") })
	if n > 2 {
		t.Errorf("%v allocations a title, want at most 2", n)
	}
}

func FuzzAnalyze(f *testing.F) {
	for _, s := range []string{"The Running Cats", "黒猫 と 白猫", "l'été", "a\x00\xff", "👩‍👩‍👧‍👦 café", "ﬀİıẞ", strings.Repeat("x", 300), "ಕನ್ನಡ தமிழ் مرحبا"} {
		f.Add(s)
	}
	var all []*text.Analyzer
	for _, l := range text.Languages() {
		all = append(all, mustNew(f, text.Options{Language: l}))
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, a := range all {
			end := 0
			tokens := a.Analyze(nil, s)
			for i, tok := range tokens {
				if tok.Term == "" || len(tok.Term) > text.MaxTermBytes || !utf8.ValidString(tok.Term) {
					t.Fatalf("%s: bad term %q", a.Language(), tok.Term)
				}
				if tok.Start < 0 || tok.End > len(s) || tok.Start >= tok.End || tok.End < end {
					t.Fatalf("%s: bad offsets %+v of %d bytes", a.Language(), tok, len(s))
				}
				if i > 0 && tok.Pos <= tokens[i-1].Pos {
					t.Fatalf("%s: positions do not grow: %+v", a.Language(), tokens)
				}
				end = tok.Start
			}
			if d := cmp.Diff(tokens, a.Analyze(nil, s)); d != "" {
				t.Fatalf("%s: second analysis differs: %s", a.Language(), d)
			}
		}
		if once := text.Fold(s); text.Fold(once) != once {
			t.Fatalf("Fold is not idempotent on %q: %q, %q", s, once, text.Fold(once))
		}
	})
}

func BenchmarkAnalyze(b *testing.B) {
	a := mustNew(b, text.Options{})
	words := strings.Fields("mid-century walnut chair with woven seat for small rooms knitted scarf in green wool ceramic vase painted by hand")
	titles := make([]string, 1000)
	for i := range titles {
		for j := range 8 {
			titles[i] += words[(i*7+j*j*3)%len(words)] + " "
		}
	}
	dst := make([]text.Token, 0, 32)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		dst = a.Analyze(dst[:0], titles[i%len(titles)])
	}
}
