package spell_test

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bowerbird/text/spell"
	"bowerbird/text/spell/channel"

	"github.com/google/go-cmp/cmp"
)

func small() *spell.Dictionary {
	d := spell.New(spell.Options{})
	for w, n := range map[string]int64{"chair": 100, "chain": 10, "sofa": 50, "ceramic": 20, "walnut": 30, "the": 1000, "table": 90, "naïve": 5} {
		d.Add(w, n)
	}
	return d
}

func TestCorrect(t *testing.T) {
	d := small()
	for in, want := range map[string]string{
		"chiar": "chair", "chairr": "chair", "hcair": "chair", "chai": "chair", "ceramick": "ceramic", "wallnutt": "walnut",
		"chain": "chain", "teh": "the", "zzzzzz": "zzzzzz", "so": "so", "s0fa": "s0fa", "nayve": "naïve", "": "",
		strings.Repeat("x", 100): strings.Repeat("x", 100),
	} {
		got, changed := d.Correct(in)
		if got != want || changed != (in != want) {
			t.Errorf("Correct(%q) = %q, %v; want %q", in, got, changed, want)
		}
	}
}

func TestTypingIsLeftAlone(t *testing.T) {
	d := small()
	for in, want := range map[string]string{"cha": "cha", "walnu": "walnu", "wlanu": "walnut"} {
		if got := d.CorrectQuery([]string{in}, spell.QueryOptions{Typing: true}); !slices.Equal(got.Words, []string{want}) {
			t.Errorf("typing %q gives %q, want %q", in, got.Words, want)
		}
	}
}

func TestWordsComeAndGo(t *testing.T) {
	d := small()
	d.Add("chair", -100)
	if got, _ := d.Correct("chiar"); got == "chair" {
		t.Error("a removed word is suggested")
	}
	if d.Count("chair") != 0 || d.Len() != 7 {
		t.Error("a removed word is still known")
	}
	d.Add("chair", 1)
	d.Add("unknown", -1)
	if got, _ := d.Correct("chiar"); got != "chair" || d.Len() != 8 {
		t.Errorf("back again: %q, %d words", got, d.Len())
	}
}

// distance is optimal string alignment as in the textbook.
func distance(a, b []rune) int {
	m := make([][]int, len(a)+1)
	for i := range m {
		m[i] = make([]int, len(b)+1)
		for j := range m[i] {
			switch {
			case i == 0 || j == 0:
				m[i][j] = i + j
			case a[i-1] == b[j-1]:
				m[i][j] = m[i-1][j-1]
			default:
				m[i][j] = 1 + min(m[i-1][j-1], m[i-1][j], m[i][j-1])
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				m[i][j] = min(m[i][j], m[i-2][j-2]+1)
			}
		}
	}
	return m[len(a)][len(b)]
}

// Every word within two edits is suggested, and no other unless it sounds alike.
func FuzzSuggest(f *testing.F) {
	f.Add("chair chain chai hcair", "chiar")
	f.Add("ab ba abc", "cab")
	f.Add("黒猫 白猫", "猫")
	f.Fuzz(func(t *testing.T, corpus, word string) {
		d := spell.New(spell.Options{})
		words := make(map[string]bool)
		for _, w := range strings.Fields(corpus) {
			d.Add(w, 1)
			if d.Count(w) > 0 {
				words[w] = true
			}
		}
		r := []rune(word)
		most := 2
		if len(r) <= 3 {
			most = 1
		}
		want, got := map[string]int{}, map[string]int{}
		if len(r) > 0 && len(r) <= 40 {
			for w := range words {
				if n := distance(r, []rune(w)); n <= most {
					want[w] = n
				}
			}
		}
		for _, s := range d.Suggest(word, 1000) {
			if want[s.Word] == 0 && s.Word != word && s.Edits <= min(4, len(r)/2) && channel.Key(s.Word) == channel.Key(word) {
				continue
			}
			got[s.Word] = s.Edits
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q in %q: %s", word, corpus, diff)
		}
	})
}

// A query of any words keeps its order and its unchanged words, and a mended query needs no mending.
func FuzzCorrectQuery(f *testing.F) {
	f.Add("lnien so fa")
	f.Add("黒猫 wlanut \xff 12 a")
	f.Add("linensofa linensofa")
	d := shop(spell.Options{})
	f.Fuzz(func(t *testing.T, q string) {
		words := strings.Fields(q)
		c := d.CorrectQuery(words, spell.QueryOptions{})
		at, put := 0, []string{}
		for _, ch := range c.Changes {
			if ch.From < at || ch.To <= ch.From || ch.To > len(words) || len(ch.Words) == 0 {
				t.Fatalf("%q: %+v", q, c)
			}
			put = append(append(put, words[at:ch.From]...), ch.Words...)
			at = ch.To
		}
		if put = append(put, words[at:]...); !slices.Equal(put, c.Words) {
			t.Fatalf("%q: changes give %q, words are %q", q, put, c.Words)
		}
	})
}

func data(t testing.TB, parts ...string) string {
	t.Helper()
	root := os.Getenv("BOWERBIRD_DATA")
	for dir := "."; root == ""; dir = filepath.Join(dir, "..") {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			root = filepath.Join(dir, "..", "shared", "data")
		} else if len(dir) > 100 {
			t.Fatal("no go.mod above")
		}
	}
	p := filepath.Join(append([]string{root}, parts...)...)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("%s is not here; set BOWERBIRD_DATA", filepath.Join(parts...))
	}
	return p
}

func english(t testing.TB) *spell.Dictionary {
	t.Helper()
	f, err := os.Open(data(t, "nlp-symspell-dicts", "frequency_dictionary_en_82_765.txt.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	d := spell.New(spell.Options{})
	for sc := bufio.NewScanner(z); sc.Scan(); {
		p := strings.Fields(strings.TrimPrefix(sc.Text(), "\ufeff"))
		if n, err := strconv.ParseInt(p[1], 10, 64); err == nil {
			d.Add(p[0], n)
		}
	}
	return d
}

func pairs(t testing.TB, name string) [][2]string {
	t.Helper()
	b, err := os.ReadFile(data(t, "nlp-norvig-spell", name))
	if err != nil {
		t.Fatal(err)
	}
	var out [][2]string
	for _, l := range strings.Split(string(b), "\n") {
		if w, r, ok := strings.Cut(strings.TrimSpace(l), "\t"); ok {
			out = append(out, [2]string{strings.ToLower(w), strings.ToLower(r)})
		}
	}
	return out
}

// Norvig's corrector had 75 % of the 270 and 68 % of the 400 (as published with another dictionary).
func TestQualityOnNorvigsSets(t *testing.T) {
	d := english(t)
	for name, least := range map[string]float64{"testset1.tsv": .70, "testset2.tsv": .65} {
		set, right := pairs(t, name), 0
		for _, p := range set {
			if got, _ := d.Correct(p[0]); got == p[1] {
				right++
			}
		}
		share := float64(right) / float64(len(set))
		t.Logf("%s: %d of %d first suggestions right, %.3f", name, right, len(set), share)
		if share < least {
			t.Errorf("%s: %.3f, want at least %.2f", name, share, least)
		}
	}
}

func BenchmarkSuggest(b *testing.B) {
	d, set := english(b), pairs(b, "testset2.tsv")
	var times []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		d.Suggest(set[i%len(set)][0], 5)
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
}

func ExampleDictionary() {
	d := spell.New(spell.Options{})
	for _, w := range strings.Fields("walnut chair ceramic vase walnut table") {
		d.Add(w, 1)
	}
	fmt.Println(d.Correct("wlanut"))
	fmt.Println(d.CorrectQuery([]string{"cer"}, spell.QueryOptions{Typing: true}).Words)
	// Output:
	// walnut true
	// [cer]
}
