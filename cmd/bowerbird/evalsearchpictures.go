package main

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/eval"
	"bowerbird/internal/synth"
	"bowerbird/text/meaning"
	"bowerbird/vision"
)

// Words find pictures of which nothing is written: a catalogue of items with words and pictures, and of items with a
// picture alone, is taken in without an action and trained on; then words are asked for, among the items without.

// silentQuery is a search with which of the items without words are right, by name.
type silentQuery struct {
	words string
	right func(id string) bool
}

// silentSearch is what was measured of one search, or of all.
type silentSearch struct {
	Query  string  `json:"query"`
	Right  int     `json:"right"`
	AP     float64 `json:"ap"`     // average precision over the first 1,000
	P10    float64 `json:"p10"`    // precision at 10
	R100   float64 `json:"r100"`   // recall at 100
	Chance float64 `json:"chance"` // average precision of a random order
}

// silentPictures is what is printed.
type silentPictures struct {
	Items    int                     `json:"items"`
	Silent   int                     `json:"silent"` // without words
	Evidence *meaning.BridgeEvidence `json:"evidence"`
	Searches []silentSearch          `json:"searches"`
	MAP      eval.Estimate           `json:"map"`
	Chance   float64                 `json:"chance"`
	Gain     eval.Comparison         `json:"gain"` // over chance, by search
	Random   float64                 `json:"p_random"`
	P10      float64                 `json:"p10"`
	Notes    []string                `json:"notes"`
	Seconds  float64                 `json:"seconds"`
}

// silent is the attribute that items without words are told by: a number, so that it is no word of theirs.
const silent = "silent"

// clothingWords are how a shop calls the classes of the clothing photographs, and what else people call them.
var clothingWords = map[string][]string{
	"dress": {"dress", "gown"}, "hat": {"hat", "cap"}, "longsleeve": {"long sleeve shirt", "sweater"}, "outwear": {"jacket", "coat"},
	"pants": {"pants", "jeans"}, "shirt": {"shirt", "button up shirt"}, "shoes": {"shoes", "sneakers"}, "shorts": {"shorts", "short pants"},
	"skirt": {"skirt", "miniskirt"}, "t-shirt": {"t-shirt", "tee shirt"},
}

// judgePictures judges a folder of photographs, train/CLASS and test/CLASS.
func (c *evalSearchCmd) judgePictures(a *app) error {
	var events []bowerbird.Event
	count := 0
	for _, part := range []string{"train", "validation", "test"} {
		files, err := fs.Glob(os.DirFS(c.Pictures), part+"/*/*.jpg")
		if err != nil {
			return err
		}
		for _, f := range files {
			data, err := os.ReadFile(filepath.Join(c.Pictures, f))
			if err != nil {
				return err
			}
			class := strings.Split(f, "/")[1]
			d := &bowerbird.Item{ID: fmt.Sprintf("%s-%d", class, count)}
			if part == "test" {
				d.Attributes = bowerbird.Attributes{{Name: silent, Number: 1, Numeric: true}}
			} else if w := clothingWords[class]; len(w) > 0 {
				d.Title = w[0]
			} else {
				d.Title = class
			}
			if events, err = seen(events, d, data); err != nil {
				return fmt.Errorf("%s: %w", f, err)
			}
			count++
			a.ui.step("describing pictures", int64(count), 0)
		}
	}
	if count == 0 {
		return fmt.Errorf("%s holds no train/CLASS/*.jpg", c.Pictures)
	}
	lines, err := texts(c.Texts)
	if err != nil {
		return err
	}
	for i, s := range lines {
		events = append(events, bowerbird.Event{Kind: bowerbird.ItemPut, ItemDoc: &bowerbird.Item{ID: fmt.Sprint("text-", i), Title: s}})
	}
	var asked []silentQuery
	for _, class := range sortedKeys(clothingWords) {
		for _, w := range clothingWords[class] {
			asked = append(asked, silentQuery{w, func(id string) bool { return strings.HasPrefix(id, class+"-") }})
		}
	}
	return c.judgeSilent(a, events, asked)
}

// judgeWorldPictures takes the words from every fifth item of the demo's world.
func (c *evalSearchCmd) judgeWorldPictures(a *app) error {
	w, err := synth.New((&demoCmd{Items: c.WorldItems, Seed: c.Seed}).world())
	if err != nil {
		return err
	}
	var events []bowerbird.Event
	topic := map[string]int{}
	n, _, _ := w.Len()
	for i := range n {
		x := w.Item(i)
		data, err := w.Picture(i)
		if err != nil {
			return err
		}
		d := &bowerbird.Item{ID: x.ID, Title: x.Title, Description: x.Description, Categories: x.Categories, Tags: x.Tags}
		if i%5 == 4 {
			d = &bowerbird.Item{ID: x.ID, Attributes: bowerbird.Attributes{{Name: silent, Number: 1, Numeric: true}}}
		}
		topic[x.ID] = w.Truth().ItemTopic(i).Sub
		if events, err = seen(events, d, data); err != nil {
			return err
		}
		a.ui.step("drawing pictures", int64(i+1), int64(n))
	}
	var asked []silentQuery
	had := map[string]bool{}
	for _, q := range searchesOf(w, c.WorldSearches, c.Seed) {
		if !had[q.query] {
			had[q.query] = true
			asked = append(asked, silentQuery{q.query, func(id string) bool { return topic[id] == q.sub }})
		}
	}
	return c.judgeSilent(a, events, asked)
}

// seen adds an item with its picture's descriptor and colours.
func seen(events []bowerbird.Event, d *bowerbird.Item, data []byte) ([]bowerbird.Event, error) {
	v, err := vision.Describe(data, vision.Full, vision.Options{})
	if err != nil {
		return events, err
	}
	return append(events, bowerbird.Event{Kind: bowerbird.ItemPut, ItemDoc: d},
		bowerbird.Event{Kind: bowerbird.SignalPut, Item: d.ID, Signal: &bowerbird.Signal{Name: "visual", Version: vision.DescriptorVersion, Vector: v}}), nil
}

// texts reads lines to learn words from; what stands before a last tab is a name.
func texts(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []string
	sc := bufio.NewScanner(f)
	for sc.Scan() && len(out) < 20_000 {
		s := sc.Text()
		out = append(out, s[strings.LastIndexByte(s, '\t')+1:])
	}
	return out, sc.Err()
}

func (c *evalSearchCmd) judgeSilent(a *app, events []bowerbird.Event, asked []silentQuery) error {
	start := time.Now()
	dir, err := os.MkdirTemp("", "bowerbird-pictures-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	e, err := a.open(filepath.Join(dir, "data"), false)
	if err != nil {
		return err
	}
	defer a.close(e)
	var mute []string
	for part := range slices.Chunk(events, 2000) {
		results, err := e.Ingest(a.ctx, part)
		if err != nil {
			return err
		}
		for i, r := range results {
			if r.Err != nil {
				return r.Err
			}
			if d := part[i].ItemDoc; d != nil && len(d.Attributes) > 0 {
				mute = append(mute, d.ID)
			}
		}
	}
	t, err := trainOnce(a.ctx, e, (&trainCmd{Time: demoTime, Samples: 1000, Memory: 4096, Seed: c.Seed}).options(a.ui))
	if err != nil {
		return err
	}
	out := &silentPictures{Items: e.Status().Live, Silent: len(mute), Notes: t.Bundle.Card.Notes, Evidence: t.Bundle.Card.Search.Pictures}
	chance, got := &eval.Report{K: 10, Values: map[eval.Metric][]float64{}}, &eval.Report{K: 10, Values: map[eval.Metric][]float64{}}
	rng := rand.New(rand.NewPCG(c.Seed, 0x911c))
	for i, q := range asked {
		right := eval.Relevant{}
		for j, id := range mute {
			if q.right(id) {
				right[uint32(j)] = 1
			}
		}
		if len(right) == 0 {
			continue
		}
		list, err := silentList(a.ctx, e, q.words, mute)
		if err != nil {
			return err
		}
		s := silentSearch{Query: q.words, Right: len(right), AP: eval.AveragePrecision(list, right, 1000), P10: eval.Precision(list, right, 10), R100: eval.Recall(list, right, 100)}
		const draws = 200
		for range draws {
			order := make([]uint32, len(mute))
			for k, x := range rng.Perm(len(mute)) {
				order[k] = uint32(x)
			}
			s.Chance += eval.AveragePrecision(order, right, 1000) / draws
		}
		out.Searches = append(out.Searches, s)
		for r, v := range map[*eval.Report]float64{chance: s.Chance, got: s.AP} {
			r.Users = append(r.Users, uint32(i))
			r.Values["MAP"] = append(r.Values["MAP"], v)
		}
		out.Chance += s.Chance
		out.P10 += s.P10
		out.Random += float64(s.Right) / float64(len(mute))
	}
	n := float64(max(1, len(out.Searches)))
	out.Chance, out.P10, out.Random = out.Chance/n, out.P10/n, out.Random/n
	out.MAP = got.Bootstrap("MAP", min(c.Rounds, 2000), c.Seed)
	if out.Gain, err = eval.Compare(chance, got, "MAP", c.Rounds, c.Seed); err != nil {
		return err
	}
	out.Seconds = time.Since(start).Seconds()
	a.ui.done()
	if a.cli.JSON {
		return a.printJSON(out)
	}
	out.print(a, c.PerQuery)
	return nil
}

// silentList asks for words among the items that have none, by their places in names.
func silentList(ctx context.Context, e *engine.Engine, words string, names []string) ([]uint32, error) {
	at := make(map[string]uint32, len(names))
	for i, n := range names {
		at[n] = uint32(i)
	}
	var out []uint32
	q := engine.Query{Surface: bowerbird.SearchWords, Words: words, Limit: 100, Where: []bowerbird.Condition{{Field: silent, Op: bowerbird.GreaterEq, Number: 1}}}
	for {
		p, err := e.Page(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, x := range p.Items {
			out = append(out, at[x.Doc.ID])
		}
		if p.Next == "" || len(p.Items) == 0 {
			return out, nil
		}
		q.Cursor = p.Next
	}
}

func (x *silentPictures) print(a *app, each bool) {
	a.printf("%s, %d of them without a word; these are asked for by %s\n\n", plural(x.Items, "item"), x.Silent, plural(len(x.Searches), "search"))
	if e := x.Evidence; e != nil {
		rows := [][]string{{"of " + count(e.Judged) + " held-out pairs", "likeness of ten", "of others' ten", "best possible", "own text in ten", "at random"}}
		for _, r := range []struct {
			name string
			f    meaning.BridgeFigures
		}{{"pictures by text", e.Pick}, {"texts by picture", e.Tell}} {
			row := []string{r.name}
			for _, v := range []float64{r.f.Likeness, r.f.Chance, r.f.Best, r.f.Found, r.f.Random} {
				row = append(row, fmt.Sprintf("%.4f", v))
			}
			rows = append(rows, row)
		}
		a.columns(rows)
		a.printf("\nFrom chance (0) to the best possible (1): %.4f [%.4f, %.4f]; chosen: %+v\n\n", e.Gain, e.Low, e.High, e.Chosen)
	}
	a.printf("MAP %.4f [%.4f, %.4f], chance %.4f: %+.4f [%+.4f, %+.4f]; P@10 %.4f, chance %.4f\n",
		x.MAP.Mean, x.MAP.Low, x.MAP.High, x.Chance, x.Gain.Difference, x.Gain.Low, x.Gain.High, x.P10, x.Random)
	if each {
		rows := [][]string{{"search", "right", "AP", "chance", "P@10", "R@100"}}
		for _, s := range x.Searches {
			rows = append(rows, []string{s.Query, fmt.Sprint(s.Right), fmt.Sprintf("%.4f", s.AP), fmt.Sprintf("%.4f", s.Chance), fmt.Sprintf("%.2f", s.P10), fmt.Sprintf("%.2f", s.R100)})
		}
		a.printf("\n")
		a.columns(rows)
	}
	a.printf("\n")
	for _, n := range x.Notes {
		a.printf("%s\n", n)
	}
	a.printf("Took %.1f s.\n", x.Seconds)
}
