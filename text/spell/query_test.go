package spell_test

import (
	"fmt"
	"strings"
	"testing"

	"bowerbird/text/phrase"
	"bowerbird/text/spell"
)

// shop is a small catalogue's titles.
func shop(o spell.Options) *spell.Dictionary {
	pairs := phrase.New(phrase.Options{})
	o.Pairs = pairs
	d := spell.New(o)
	for i, title := range []string{"linen sofa", "linen curtain", "grey linen sofa", "walnut chair", "walnut table", "ceramic vase",
		"hair clip", "hair dryer", "hair brush", "oak chair", "red dress", "dressing table", "cat bed", "piece of cake", "gold bracelet"} {
		words := strings.Fields(title)
		for _, w := range words {
			d.Add(w, int64(2000+i))
		}
		pairs.Add(words, int64(2000+i))
	}
	return d
}

func TestCorrectQuery(t *testing.T) {
	d := shop(spell.Options{Known: func(w string) bool { return w == "bouroullec" }})
	for in, want := range map[string]string{
		"lnien sofa":       "linen sofa",
		"linensofa":        "linen sofa",
		"linen so fa":      "linen sofa",
		"wlanut chiar":     "walnut chair",
		"hair dryer":       "hair dryer",
		"hair":             "hair",
		"cats":             "cats", // only "cat" is known
		"sofas":            "sofas",
		"bouroullec sofa":  "bouroullec sofa",
		"xk-1200 sofa":     "xk-1200 sofa",
		"iphone13":         "iphone13",
		"wolverhampton":    "wolverhampton",
		"":                 "",
		"ceramci vaes red": "ceramic vase red",
	} {
		c := d.CorrectQuery(strings.Fields(in), spell.QueryOptions{})
		if got := strings.Join(c.Words, " "); got != want || (len(c.Changes) > 0) != (in != want) {
			t.Errorf("%q: %q %+v, want %q", in, got, c.Changes, want)
		}
	}
}

// TestShortSlips: a word of three letters is moved by two edits where a neighbour speaks for it, and only there.
func TestShortSlips(t *testing.T) {
	d := shop(spell.Options{})
	for in, want := range map[string]string{"hiar clp": "hair clip", "oka chiar": "oak chair", "hir drye": "hair dryer",
		"red dxess": "red dress", "hair cpi": "hair clip", "cpi hair": "cpi hair", "cpi": "cpi"} {
		if got := strings.Join(d.CorrectQuery(strings.Fields(in), spell.QueryOptions{}).Words, " "); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestLongWords: few words are near a long one by chance, so a long unknown one is mended sooner than a short one.
func TestLongWords(t *testing.T) {
	d := shop(spell.Options{})
	d.Add("watermelon", 1)
	d.Add("ball", 1)
	for in, want := range map[string]string{"wateamelokn": "watermelon", "bgwl": "bgwl"} {
		if got := d.CorrectQuery([]string{in}, spell.QueryOptions{}).Words[0]; got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestCorrectQueryKeeps(t *testing.T) {
	d := shop(spell.Options{})
	words := []string{"lnien", "sofa"}
	if c := d.CorrectQuery(words, spell.QueryOptions{Keep: []bool{true, false}}); len(c.Changes) != 0 {
		t.Errorf("a word to keep was changed: %+v", c)
	}
	if c := d.CorrectQuery([]string{"linen", "so"}, spell.QueryOptions{Typing: true}); len(c.Changes) != 0 {
		t.Errorf("an unfinished word was changed: %+v", c)
	}
	c := d.CorrectQuery([]string{"grey", "lnien", "so", "fa"}, spell.QueryOptions{})
	if got := fmt.Sprint(c.Changes[0].From, c.Changes[0].To, c.Changes[0].Words, c.Changes[1].From, c.Changes[1].To, c.Changes[1].Words); got != "1 2 [linen] 2 4 [sofa]" {
		t.Error(got)
	}
	for _, ch := range c.Changes {
		if ch.Gain <= 0 {
			t.Errorf("a change without gain: %+v", ch)
		}
	}
}

func TestInflectionsAreRight(t *testing.T) {
	d := spell.New(spell.Options{})
	for _, w := range []string{"cat", "box", "berry", "hope", "stop", "paint", "hero", "heroes", "boots"} {
		d.Add(w, 50)
	}
	for in, want := range map[string]string{
		"cats": "cats", "boxes": "boxes", "berries": "berries", "hoping": "hoping", "stopped": "stopped", "painted": "painted", "painters": "painters",
		"boot": "boot", "hopeing": "hopeing", "berrys": "berry", "boxs": "box",
	} {
		if got, _ := d.Correct(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// Every string of up to four of the letters that the rules look at: none may break them.
func TestShortWordsInflect(t *testing.T) {
	d := small()
	var try func(w string)
	try = func(w string) {
		d.Correct(w)
		for _, c := range "esiydhxa" {
			if len(w) < 4 {
				try(w + string(c))
			}
		}
	}
	try("")
	try("x")
}

func TestAPlaceInAParadigmIsTakenOnce(t *testing.T) {
	d := spell.New(spell.Options{})
	d.Add("hero", 50)
	if _, changed := d.Correct("heros"); changed {
		t.Error("the only plural that there is was changed")
	}
	d.Add("heroes", 50)
	if _, changed := d.Correct("heros"); !changed {
		t.Error("a second plural was held to be right")
	}
}

func ExampleDictionary_CorrectQuery() {
	pairs := phrase.New(phrase.Options{})
	d := spell.New(spell.Options{Pairs: pairs})
	for _, title := range []string{"linen sofa", "grey linen sofa", "walnut chair", "linen curtain"} {
		for _, w := range strings.Fields(title) {
			d.Add(w, 10)
		}
		pairs.Add(strings.Fields(title), 10)
	}
	c := d.CorrectQuery(strings.Fields("lienn so fa"), spell.QueryOptions{})
	fmt.Println(c.Words)
	for _, x := range c.Changes {
		fmt.Println(x.From, x.To, x.Words)
	}
	// Output:
	// [linen sofa]
	// 0 1 [linen]
	// 1 3 [sofa]
}
