package text_test

import (
	"fmt"
	"strings"
	"testing"

	"bowerbird/text"

	"github.com/google/go-cmp/cmp"
)

func mustMulti(t testing.TB, o text.MultiOptions) *text.Multi {
	t.Helper()
	m, err := text.NewMulti(o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMultiLanguage(t *testing.T) {
	m := mustMulti(t, text.MultiOptions{Languages: []string{"en", "de", "fr", "ru"}})
	for _, tt := range []struct{ said, in, want string }{
		{"de", "The green chair", "de"}, {"de-AT", "x", "de"}, {"FR_ca", "x", "fr"}, {"xx", "The green chair", "none"},
		{"", "The green chair in the corner of the room", "en"}, {"", "Der grüne Stuhl in der Ecke des Zimmers", "de"},
		{"", "Une chaise verte dans le coin de la pièce", "fr"}, {"", "Зелёный стул в углу комнаты", "ru"},
		{"", "Zielone krzesło w kącie pokoju, które stoi przy oknie", "none"}, {"", "", "en"}, {"", "42", "en"},
	} {
		if got := m.Language(tt.said, tt.in); got != tt.want {
			t.Errorf("%q said %q: %s, want %s", tt.in, tt.said, got, tt.want)
		}
	}
	if got := mustMulti(t, text.MultiOptions{}).Language("", "Der grüne Stuhl in der Ecke"); got != "en" {
		t.Errorf("one language is not guessed: %s", got)
	}
}

// What a document was indexed under must be found by a query in its language, whatever else is indexed.
func TestMultiFindsWhatItIndexed(t *testing.T) {
	m := mustMulti(t, text.MultiOptions{Languages: []string{"en", "de", "fr"}})
	for _, tt := range []struct{ doc, query string }{
		{"Der grüne Stuhl und die alten Häuser am Rande der Stadt", "haus"}, {"Der grüne Stuhl und die alten Häuser am Rande der Stadt", "stühle"},
		{"Les chaises vertes dans les maisons de la vieille ville", "maison"}, {"The painted houses at the edge of the old town", "house"},
	} {
		terms := map[string]bool{}
		for _, tok := range m.For(m.Language("", tt.doc)).Analyze(nil, tt.doc) {
			terms[tok.Term] = true
		}
		q, err := m.Parse(tt.query, text.ParseOptions{})
		if err != nil || len(q.Clauses) != 1 {
			t.Fatal(q, err)
		}
		hit := terms[q.Clauses[0].Terms[0]]
		for _, alt := range q.Clauses[0].Alternatives {
			hit = hit || terms[alt[0]]
		}
		if !hit {
			t.Errorf("%q does not find %q: %s", tt.query, tt.doc, show(q))
		}
	}
}

func TestMultiVersion(t *testing.T) {
	one, two := mustMulti(t, text.MultiOptions{}), mustMulti(t, text.MultiOptions{Languages: []string{"en", "de"}})
	if one.Version() != mustNew(t, text.Options{}).Version() {
		t.Error("one language's Multi indexes as its Analyzer does")
	}
	sure := mustMulti(t, text.MultiOptions{Languages: []string{"en", "de"}, Sure: .9})
	if two.Version() == one.Version() || two.Version() == sure.Version() {
		t.Error("what changes terms changes the version")
	}
}

func TestNewMultiRefuses(t *testing.T) {
	for _, o := range []text.MultiOptions{{Languages: []string{"xx"}}, {Languages: []string{"en", "en"}}, {Sure: 2},
		{StopWords: map[string][]string{"de": {}}}, {Synonyms: [][]string{{"", "x"}}}} {
		if _, err := text.NewMulti(o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}

func TestStem(t *testing.T) {
	a := mustNew(t, text.Options{})
	for in, want := range map[string]string{"the": "the", "Running": "run", "café's": "cafe", "": "", "..": ""} {
		if got := a.Stem(in); got != want {
			t.Errorf("Stem(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLearnSynonyms(t *testing.T) {
	a := mustNew(t, text.Options{})
	sofas, chairs, reds, blues := []uint32{1, 2, 3, 4, 5}, []uint32{11, 12, 13, 14}, []uint32{21, 22, 23, 24}, []uint32{31, 32, 33, 34}
	on := func(items ...uint32) map[uint32]float64 {
		m := map[uint32]float64{}
		for _, x := range items {
			m[x]++
		}
		return m
	}
	clicks := []text.QueryClicks{
		{"sofa", on(sofas...)}, {"couch", on(sofas...)}, {"grey sofa", on(sofas[:4]...)}, {"Couch grey", on(sofas[1:]...)},
		{"sofas", on(sofas...)}, {"sofaa", on(sofas...)}, // stemming's and spelling's
		{"red dress", on(reds...)}, {"blue dress", on(append(blues, reds[0])...)}, // replaced, yet no synonyms
		{"arm chair", on(chairs...)}, {"lounge chair", on(chairs...)}, {"love seat", on(sofas...)},
		{"iphone 12", on(chairs...)}, {"iphone 13", on(chairs...)},
	}
	rewrites := []text.Rewrite{{"red dress", "blue dress", 50}, {"sofa", "couch", 7}}
	var got []string
	for _, s := range a.LearnSynonyms(clicks, rewrites, text.LearnOptions{}) {
		got = append(got, fmt.Sprintf("%s=%s %d %d %d", s.A, s.B, s.Contexts, s.Items, s.Sessions))
	}
	want := []string{"couch=sofa 2 8 7", "couch=love seat 1 5 0", "couch=sofaa 1 5 0", "couch=sofas 1 5 0", "love seat=sofa 1 5 0",
		"love seat=sofaa 1 5 0", "love seat=sofas 1 5 0", "arm=lounge 1 4 0"}
	sorted := func(s []string) string { return strings.Join(s, "\n") }
	if d := cmp.Diff(sorted(want), sorted(got)); d != "" {
		t.Error(d)
	}
	if len(a.LearnSynonyms(clicks, nil, text.LearnOptions{Max: 2})) != 2 {
		t.Error("more than asked for")
	}
}

func ExampleMulti() {
	m, _ := text.NewMulti(text.MultiOptions{Languages: []string{"en", "de"}})
	title := "Zwei alte Häuser am Fluss, gemalt mit Öl auf Leinwand"
	lang := m.Language("", title)
	fmt.Println(lang, m.For(lang).Terms(title))
	q, _ := m.Parse("häuser", text.ParseOptions{})
	fmt.Println(q.Clauses[0].Terms, q.Clauses[0].Alternatives)
	// Output:
	// de [zwei alt haus fluss gemalt ol leinwand]
	// [hauser] [[haus]]
}
