package synth

import (
	"math"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"
)

// teller writes the words of one item from its truth.
type teller struct {
	r        *rand.Rand
	s        *sub
	style    int
	fam      *family
	material string
}

var firstNames = strings.Fields(`Ada Aiko Alma Amara Anton Arthur Astrid Ben Bruno Camille Carla Chidi Clara Daan Dana Diego Edith
 Elif Elio Emma Enzo Esra Farah Felix Fleur Freya Gabriel Greta Hana Hugo Ida Ines Iris Ivo Jana Jonas Jules June Kai Kenji Lara Lea
 Leo Lina Louis Lucia Maja Malik Marta Mateo Mila Mina Nadia Nils Noa Noor Olga Omar Oskar Pablo Paula Priya Quinn Rafael Rita Rosa
 Sami Sana Selma Simon Sofia Sven Tara Theo Tomas Uma Vera Viktor Yara Yuki Zoe`)

var mixedBoards = []string{"dream home", "inspo", "saved for later", "things I love", "2027", "moodboard", "for the flat", "pretty things", "later", "studio wall"}

var adjectives = map[medium][]string{
	printed: {"hand-drawn", "quiet", "bold", "playful", "framed", "large", "small", "vintage-style", "modern", "moody", "cheerful", "delicate"},
	object:  {"handmade", "sculptural", "simple", "elegant", "rustic", "slender", "generous", "well-loved", "glossy", "matte", "one-off"},
	textile: {"soft", "hand-blocked", "woven", "bold", "small-scale", "large-scale", "washed", "cheerful", "classic", "seamless"},
	food:    {"fresh", "homemade", "generous", "sunny", "small-batch", "weekend", "easy", "glossy", "festive"},
	room:    {"calm", "sunny", "small", "cosy", "bright", "airy", "lived-in", "layered", "tidy", "warm"},
	wear:    {"everyday", "classic", "light", "roomy", "limited-edition", "soft", "polished", "sporty", "timeless"},
	scene:   {"quiet", "hazy", "golden", "wide", "early-morning", "late-summer", "windswept", "still", "dreamy"},
}

var moods = []string{"calm", "joyful", "dreamy", "warm", "crisp", "nostalgic", "playful", "grounded", "romantic", "fresh"}

var materials = map[medium][]string{
	printed: {"cotton paper", "recycled paper", "matte paper", "archival paper", "textured card"},
	object:  {"stoneware", "brass", "glass", "oak", "rattan", "porcelain", "terracotta"},
	textile: {"linen", "organic cotton", "wool", "silk", "hemp"},
	wear:    {"leather", "linen", "cotton", "canvas", "recycled polyester", "merino wool"},
}

var openings = map[medium][]string{
	printed: {"A {mood} {noun} in {c1} and {c2}, printed on {mat}.", "{Style} shapes, {c1} and {c2}, on {mat}.", "Drawn by hand, then printed in {c1} on {mat}."},
	object:  {"A {mood} piece in {mat}, finished in {c1}.", "Made in {mat}, with {a style} line and a touch of {c1}.", "{A adj} {noun} that holds its own in any room."},
	textile: {"Woven in {mat}, mostly {c1} with a little {c2}.", "{A adj} pattern in {c1} and {c2}.", "A repeat in {c1}, on {mat}, with {a style} feel."},
	food:    {"{A adj} idea in {c1} and {c2}, ready before the guests are.", "Bright, {mood} and gone in minutes.", "Simple to make, with a touch of {c1} on the plate."},
	room:    {"{A adj} space in {c1} and {c2}, with {a style} eye for detail.", "Layers of {c1}, a few good pieces and {mood} light.", "How {c1} and {c2} can make a {mood} room."},
	wear:    {"{A adj} piece in {mat}, in {c1}.", "Made in {mat} and easy to wear from morning to night.", "A {style} take in {c1}, with details in {c2}."},
	scene:   {"A {mood} view in {c1} and {c2}.", "The light just before evening, all {c1}.", "One of those places where everything turns {c1}."},
}

var closings = map[medium][]string{
	printed: {"Looks good above a desk or in a narrow hall.", "Comes unframed, with a white margin.", "Part of a set of three.", "Made for a gallery wall.", "A good gift for someone who has everything."},
	object:  {"Each one turns out a little different.", "Nice on a shelf with books.", "Packed without plastic.", "Small enough for a windowsill.", "Goes with almost anything."},
	textile: {"Works for cushions, curtains and table linen.", "Washes well at 30 degrees.", "Try it with plain walls.", "A small sample tells you more than a screen."},
	food:    {"Save it for the weekend.", "Doubles well for a crowd.", "Lovely with something sparkling.", "The trick is not to rush it."},
	room:    {"The rug pulls it all together.", "Try it in a rented flat: nothing is nailed down.", "Note the lamp, which does half the work.", "Paint one wall and stop there."},
	wear:    {"Runs true to size.", "Pairs with denim and a plain tee.", "Packs flat for the weekend.", "Gets better with wear."},
	scene:   {"Worth the early alarm.", "Print it large.", "It makes a good phone background too.", "Somewhere to go back to."},
}

var (
	titleForms = []string{"{Adj} {noun}", "{Noun} in {c1}", "{Style} {noun}", "{Noun} in {c1} and {c2}", "{C1} {noun}", "{Adj} {noun} for the {place}", "{Style} {noun}, {tag}", "{Adj} {style} {noun}"}
	places     = []string{"hallway", "bedroom", "kitchen", "studio", "guest room", "balcony", "home office", "nursery", "reading corner", "summer house"}
)

// english writes a title and, nine times in ten, a description.
func (t *teller) english() (title, text string) {
	m := t.s.medium
	if ms := materials[m]; ms != nil {
		t.material = pick(t.r, ms)
	}
	form := pick(t.r, titleForms)
	for strings.Contains(form, "place") && (m == scene || m == food || m == wear || m == room) {
		form = pick(t.r, titleForms)
	}
	noun, adj := pick(t.r, t.s.nouns), pick(t.r, adjectives[m])
	title = t.fill(form, noun, adj)
	if t.r.Float64() < 0.9 {
		text = t.fill(pick(t.r, openings[m]), noun, adj)
		if t.r.Float64() < 0.75 {
			text += " " + pick(t.r, closings[m])
		}
	}
	return title, text
}

// fill puts words into the braces of a form. A capital letter in a slot asks
// for a capital in the text; "a " before it asks for the article.
func (t *teller) fill(form, noun, adj string) string {
	k := t.r.IntN(len(t.fam.shades))
	slot := func(name string) string {
		switch name {
		case "noun":
			return noun
		case "adj":
			return adj
		case "style":
			return styles[t.style]
		case "mood":
			return pick(t.r, moods)
		case "mat":
			return t.material
		case "place":
			return pick(t.r, places)
		case "tag":
			return pick(t.r, t.s.tags)
		case "c1":
			return t.fam.shades[k]
		}
		return t.second()
	}
	var b strings.Builder
	for form != "" {
		open := strings.IndexByte(form, '{')
		if open < 0 {
			b.WriteString(form)
			break
		}
		b.WriteString(form[:open])
		shut := strings.IndexByte(form, '}')
		key := form[open+1 : shut]
		low := strings.ToLower(key)
		var word string
		if rest, ok := strings.CutPrefix(low, "a "); ok {
			word = article(slot(rest))
		} else {
			word = slot(low)
		}
		if low != key {
			word = capital(word)
		}
		b.WriteString(word)
		form = form[shut+1:]
	}
	return b.String()
}

// second is a colour that goes beside the family's own.
func (t *teller) second() string {
	beside := []string{"cream", "warm white", "ink", "soft gold", "stone", "clay"}
	return pick(t.r, beside)
}

func article(s string) string {
	if strings.ContainsRune("aeio", rune(s[0])) && !strings.HasPrefix(s, "one") {
		return "an " + s
	}
	return "a " + s
}

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// forms of titles and descriptions in de fr es ja: {n} noun, {c} colour.
var foreignTitles = [4][]string{
	{"{n} in {c}", "{n} – {c}", "Idee: {n} in {c}", "{n}"},
	{"{n}, {c}", "{n} – tons {c}", "Inspiration : {n}, {c}"},
	{"{n} en {c}", "{n} – tonos {c}", "Inspiración: {n} en {c}"},
	{"{c}の{n}", "{n}（{c}）", "{n}"},
}

var foreignTexts = [4][]string{
	{"Schlicht, warm und mit viel Liebe zum Detail.", "Passt zu hellen Wänden und Holz.", "Eine schöne Idee für das Wochenende.", "Von Hand gemacht, jedes Stück ein wenig anders."},
	{"Simple, doux et plein de caractère.", "Une belle idée pour la maison.", "Fait main, chaque pièce est unique.", "À garder pour ce week-end."},
	{"Sencillo, cálido y con mucho encanto.", "Una buena idea para la casa.", "Hecho a mano: cada pieza es distinta.", "Para guardar y volver a mirar."},
	{"シンプルであたたかい雰囲気です。", "お部屋に合わせやすい色合い。", "週末に試したいアイデア。", "一つ一つ手作りです。"},
}

func (t *teller) foreign(l int) (title, text string) {
	title = pick(t.r, foreignTitles[l])
	c := t.fam.words[l]
	title = strings.NewReplacer("{n}", t.s.words[l], "{c}", c).Replace(title)
	title = capital(title)
	if t.r.Float64() < 0.8 {
		text = pick(t.r, foreignTexts[l])
	}
	return title, text
}

// price is set for what a shop sells; rooms, food and scenes are ideas.
func (t *teller) price() (float64, bool) {
	var lo, hi, share float64
	switch t.s.medium {
	case printed:
		lo, hi, share = 12, 90, 0.5
	case object:
		lo, hi, share = 18, 260, 0.6
	case textile:
		lo, hi, share = 15, 320, 0.5
	case wear:
		lo, hi, share = 25, 240, 0.85
	default:
		return 0, false
	}
	if t.r.Float64() >= share {
		return 0, false
	}
	p := math.Floor(lo * math.Pow(hi/lo, t.r.Float64()))
	if t.r.IntN(2) == 0 {
		p += 0.9
	}
	return p, true
}

// typo spoils a word as fingers do: two letters swapped, one dropped or doubled.
func typo(r *rand.Rand, s string) string {
	b := []rune(s)
	if len(b) < 5 {
		return s
	}
	k := 1 + r.IntN(len(b)-3)
	if b[k] == ' ' {
		k++
	}
	switch r.IntN(3) {
	case 0:
		b[k], b[k+1] = b[k+1], b[k]
		return string(b)
	case 1:
		return string(b[:k]) + string(b[k+1:])
	}
	return string(b[:k]) + string(b[k]) + string(b[k:])
}
