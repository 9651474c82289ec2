package synth

import (
	"math"
	"math/rand/v2"
	"sort"
	"time"
)

// Item is something to look at, in the form of the import files.
type Item struct {
	ID          string         `json:"id"`
	Title       string         `json:"title"`
	Description string         `json:"description,omitempty"`
	Language    string         `json:"language"`
	Categories  []string       `json:"categories"` // from the top interest down
	Tags        []string       `json:"tags,omitempty"`
	Attributes  map[string]any `json:"attributes"` // colour, style, orientation, season, price, currency, material
	Owner       string         `json:"owner"`
	Created     time.Time      `json:"created"`
	Picture     string         `json:"picture,omitempty"` // relative to the folder of items.jsonl
	Width       int            `json:"width,omitempty"`
	Height      int            `json:"height,omitempty"`
}

// itemState is an item's truth, 28 bytes.
type itemState struct {
	created int64
	quality float32 // standard normal
	pop     float32 // how often it is shown, power law
	owner   int32
	sub     uint8
	style   uint8
	palette uint8
	shape   byte // the letter of its aspect ratio
}

func (w *World) makeItems() {
	w.items = make([]itemState, w.opt.Items)
	makers := w.makers()
	p := new(rand.PCG)
	r := rand.New(p)
	for i := range w.items {
		w.seed(p, streamItem, i)
		w.items[i] = w.drawItem(r, i, makers)
	}
}

// makers lists, for each sub-interest, who may own its items: those who like it best.
func (w *World) makers() [][]int32 {
	out := make([][]int32, len(subs))
	for u := range w.users {
		s := w.users[u].sub[0]
		out[s] = append(out[s], int32(u))
	}
	return out
}

func (w *World) drawItem(r *rand.Rand, i int, makers [][]int32) itemState {
	s := drawSub(r)
	if i < len(subs) {
		s = i // every sub-interest has one
	}
	it := itemState{sub: uint8(s), quality: float32(r.NormFloat64())}
	style := r.IntN(len(styles))
	if f := subs[s].style; f >= 0 && r.Float64() < 0.6 {
		style = f
	}
	it.style = uint8(style)
	it.palette = uint8(drawPalette(r, style, subs[s].tone))
	it.shape = subs[s].shape[r.IntN(len(subs[s].shape))]
	// Pareto with tail index 1.25, better items a little more: a power law
	// whose largest share stays a small part of a big world.
	it.pop = float32(min(2e4, math.Pow(1-r.Float64(), -1/1.25)) * math.Exp(0.3*float64(it.quality)))
	if r.Float64() < 0.65 || i < len(subs) {
		it.created = w.start - int64(r.Float64()*300*86400) - 3600
	} else {
		it.created = w.start + int64(r.Float64()*float64(w.opt.Days)*86400)
	}
	m := makers[s]
	if len(m) == 0 {
		it.owner = int32(r.IntN(len(w.users)))
	} else {
		x := r.Float64()
		it.owner = m[int(x*x*x*float64(len(m)))] // few make much
	}
	// An item is not older than who made it.
	it.created = max(it.created, w.users[it.owner].created+3600)
	return it
}

// Item returns the document of item i, in [0, items).
func (w *World) Item(i int) Item {
	it := &w.items[i]
	s := &subs[it.sub]
	r := w.rand(streamWords, i)
	d := Item{
		ID: itemID(i), Owner: userID(int(it.owner)), Created: time.Unix(it.created, 0).UTC(),
		Categories: topic(int(it.sub)).Path,
	}
	l := drawLang(r)
	d.Language = langs[l]
	t := teller{r: r, s: s, style: int(it.style), fam: &families[palettes[it.palette].family]}
	if l == 0 {
		d.Title, d.Description = t.english()
	} else {
		d.Title, d.Description = t.foreign(int(l) - 1)
	}
	d.Tags = t.tagList()
	wd, ht := size(it.shape)
	d.Attributes = map[string]any{
		"colour": t.fam.name, "style": styles[it.style], "orientation": orientation(wd, ht),
	}
	if s.peak != 0 {
		d.Attributes["season"] = season(s.peak)
	}
	if t.material != "" {
		d.Attributes["material"] = t.material
	}
	if c, ok := t.price(); ok {
		d.Attributes["price"], d.Attributes["currency"] = c, "EUR"
	}
	if w.opt.Pictures {
		d.Picture, d.Width, d.Height = "pictures/"+d.ID+".jpg", wd, ht
	}
	return d
}

// Price returns the price of item i and whether it is for sale.
func (w *World) Price(i int) (float64, bool) {
	p, ok := w.Item(i).Attributes["price"].(float64)
	return p, ok
}

// sizes are the aspect ratios and their pixels.
var sizes = map[byte][2]int{
	'p': {420, 630}, 'q': {432, 576}, 'r': {432, 540}, 's': {440, 440},
	't': {400, 711}, 'l': {480, 360}, 'm': {480, 320},
}

func size(shape byte) (w, h int) { z := sizes[shape]; return z[0], z[1] }

func orientation(w, h int) string {
	switch {
	case w > h:
		return "landscape"
	case w < h:
		return "portrait"
	}
	return "square"
}

func season(day int) string {
	switch {
	case day < 80 || day >= 355:
		return "winter"
	case day < 172:
		return "spring"
	case day < 266:
		return "summer"
	}
	return "autumn"
}

func (t *teller) tagList() []string {
	tags := append([]string{}, t.s.tags...)
	t.r.Shuffle(len(tags), func(a, b int) { tags[a], tags[b] = tags[b], tags[a] })
	tags = append(tags[:2+t.r.IntN(len(tags)-2)], styles[t.style], t.fam.name)
	sort.Strings(tags)
	return tags
}
