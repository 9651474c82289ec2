package phrase_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"bowerbird/text/phrase"

	"github.com/google/go-cmp/cmp"
)

// corpus has "new york" and "mid century modern" as phrases, and colours that go with everything.
func corpus(o phrase.Options) *phrase.Counts {
	c := phrase.New(o)
	for i := range 40 {
		colour := []string{"red", "blue", "green", "white"}[i%4]
		thing := []string{"chair", "vase", "table", "lamp", "rug"}[i%5]
		c.Add([]string{colour, thing}, 1)
		c.Add([]string{thing, "from", "new", "york"}, 1)
		c.Add([]string{"mid", "century", "modern", thing}, 1)
	}
	return c
}

func show(c *phrase.Counts, query string) string {
	words := strings.Fields(query)
	var out []string
	for _, s := range c.Segment(words) {
		out = append(out, strings.Join(words[s.From:s.To], "_"))
	}
	return strings.Join(out, " ")
}

func TestSegment(t *testing.T) {
	c := corpus(phrase.Options{})
	for in, want := range map[string]string{
		"red chair new york": "red chair new_york", "mid century modern lamp": "mid_century_modern lamp",
		"york new": "york new", "": "", "unheard of": "unheard of", "modern": "modern", "modern mid century": "modern mid_century",
	} {
		if got := show(c, in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := show(corpus(phrase.Options{MaxWords: 2}), "mid century modern new york"); got != "mid century_modern new_york" {
		t.Errorf("chains are cut at the weakest: %q", got)
	}
}

// Dunning's ratio against the textbook form, 2 Σ O ln(O/E) over the four cells.
func TestScore(t *testing.T) {
	c := phrase.New(phrase.Options{})
	for range 8 {
		c.Add([]string{"a", "b"}, 1)
	}
	for range 12 {
		c.Add([]string{"a", "x", "y"}, 1)
		c.Add([]string{"y", "b"}, 1)
	}
	got := c.Score("a", "b")
	n, a, b := float64(c.Total()), float64(c.Word("a")), float64(c.Word("b"))
	cells := []struct{ o, e float64 }{{8, a * b / n}, {a - 8, a * (n - b) / n}, {b - 8, b * (n - a) / n}, {n - a - b + 8, (n - a) * (n - b) / n}}
	want := 0.0
	for _, x := range cells {
		want += 2 * x.o * math.Log(x.o/x.e)
	}
	if got.Count != 8 || math.Abs(got.Ratio-want) > 1e-9 {
		t.Errorf("%+v, want G² %v", got, want)
	}
	if npmi := math.Log(8/n/(a/n*b/n)) / -math.Log(8/n); math.Abs(got.NPMI-npmi) > 1e-9 {
		t.Errorf("%+v, want NPMI %v", got, npmi)
	}
	if got := c.Score("b", "a"); got != (phrase.Strength{}) {
		t.Errorf("a pair that never was: %+v", got)
	}
}

func TestTakenAway(t *testing.T) {
	c := corpus(phrase.Options{})
	total := c.Total()
	c.Add([]string{"new", "york", "unheard"}, 5)
	c.Add([]string{"new", "york", "unheard"}, -5)
	if c.Total() != total || c.Pair("new", "york") != 40 || c.Word("unheard") != 0 {
		t.Errorf("%d words, %d pairs", c.Total(), c.Pair("new", "york"))
	}
	c.Add([]string{"new", "york"}, -1000)
	if c.Pair("new", "york") != 0 || c.Word("york") != 0 || show(c, "new york") != "new york" {
		t.Error("what is gone is still a phrase")
	}
}

func TestMemoryIsBounded(t *testing.T) {
	c := phrase.New(phrase.Options{MaxPairs: 100})
	for i := range 5000 {
		c.Add([]string{"new", "york", fmt.Sprint("w", i)}, 1)
		c.Add([]string{fmt.Sprint("w", i-200)}, -1)
	}
	if got := len(c.Top(1000)); got > 100 {
		t.Errorf("%d phrases", got)
	}
	if c.Pair("new", "york") != 5000 {
		t.Errorf("a frequent pair was dropped: %d", c.Pair("new", "york"))
	}
}

func TestTop(t *testing.T) {
	var got []string
	for _, p := range corpus(phrase.Options{}).Top(4) {
		got = append(got, p.A+" "+p.B)
	}
	if d := cmp.Diff([]string{"century modern", "from new", "mid century", "new york"}, got); d != "" {
		t.Error(d)
	}
}

func ExampleCounts_Segment() {
	c := phrase.New(phrase.Options{})
	for _, title := range []string{"coffee table oak", "round coffee table", "oak chair", "round mirror", "coffee table white", "white chair", "oak mirror", "blue rug"} {
		c.Add(strings.Fields(title), 1)
	}
	words := strings.Fields("white coffee table")
	for _, s := range c.Segment(words) {
		fmt.Println(words[s.From:s.To])
	}
	// Output:
	// [white]
	// [coffee table]
}

// TestManyTimes holds that counts stop at their bound instead of wrapping round to none.
func TestManyTimes(t *testing.T) {
	c := phrase.New(phrase.Options{})
	for range 2 {
		c.Add([]string{"sofa", "bed"}, math.MaxInt64)
	}
	if w, p := c.Word("sofa"), c.Pair("sofa", "bed"); w != math.MaxInt64/2 || p != w {
		t.Errorf("word %d, pair %d, want %d each", w, p, math.MaxInt64/2)
	}
}
