package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/rank"
	"bowerbird/train"
	"bowerbird/vision"
)

// pictured is an import without a single action: things of eight kinds, each with
// words of its kind and a picture, of which shown says whether it tells the kind. Every
// tenth has a picture and no words.
func pictured(n int, shown bool) []bowerbird.Event {
	rng := rand.New(rand.NewPCG(4, 4))
	kinds := []string{"sofa", "lamp", "carpet", "vase", "clock", "mirror", "bench", "shelf"}
	var looks [][]float32
	for range kinds {
		looks = append(looks, gauss(rng, vision.Dim))
	}
	var out []bowerbird.Event
	for i := range n {
		k := i % len(kinds)
		d := &bowerbird.Item{ID: fmt.Sprint("i", i)}
		if i%10 != 9 {
			d.Title = fmt.Sprintf("%s number %d", kinds[k], i)
			for range 6 { // forty words that go with each kind
				d.Tags = append(d.Tags, fmt.Sprintf("%sish%d", kinds[k], rng.IntN(40)))
			}
			slices.Sort(d.Tags)
			d.Tags = slices.Compact(d.Tags)
		}
		v := gauss(rng, vision.Dim)
		for j := range v {
			if shown {
				v[j] = .5*v[j] + looks[k][j]
			}
		}
		out = append(out, bowerbird.Event{Kind: bowerbird.ItemPut, Time: int64(1000 + i), ItemDoc: d},
			bowerbird.Event{Kind: bowerbird.SignalPut, Time: int64(1000 + i), Item: d.ID, Signal: &bowerbird.Signal{Name: "visual", Version: vision.DescriptorVersion, Vector: v}})
	}
	return out
}

func gauss(rng *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	s := 0.0
	for i := range v {
		v[i] = float32(rng.NormFloat64())
		s += float64(v[i]) * float64(v[i])
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(s))
	}
	return v
}

func openEmpty(t *testing.T, dir string) *engine.Engine {
	t.Helper()
	e, err := engine.Open(context.Background(), dir, engine.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func found(t *testing.T, e *engine.Engine, q engine.Query) []string {
	t.Helper()
	q.Surface, q.Limit = bowerbird.SearchWords, 100
	a, err := e.Page(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, x := range a.Items {
		out = append(out, x.Doc.ID)
	}
	return out
}

// kindOf is the kind of an item of pictured, mute whether nothing is written of it.
func kindOf(id string) (kind int, mute bool) {
	var i int
	_, _ = fmt.Sscanf(id, "i%d", &i)
	return i % 8, i%10 == 9
}

// TestTrainOnCatalogueAlone: an import without an action is learned from all the same, and what it
// learned finds items of which nothing is written by words, also after a restart.
func TestTrainOnCatalogueAlone(t *testing.T) {
	dir := t.TempDir()
	e := openEmpty(t, dir)
	ingest(t, e, pictured(800, true))
	if got := found(t, e, engine.Query{Words: "sofa"}); slices.ContainsFunc(got, func(id string) bool { _, mute := kindOf(id); return mute }) {
		t.Fatalf("before training, words find items without words: %v", got)
	}
	r, err := trainOnce(context.Background(), e, train.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	s := r.Bundle.Card.Search
	if !r.Promoted || r.Bundle.Retrieval != nil || r.Bundle.Meaning == nil || r.Bundle.Card.Trainer != rank.CatalogueOnly || s == nil || s.Pictures == nil || s.Pictures.Refused || s.Pictures.Low <= .3 {
		t.Fatalf("promoted %v, card %+v", r.Promoted, r.Bundle.Card)
	}
	check := func(e *engine.Engine) {
		t.Helper()
		right, mutes := 0, 0
		for _, id := range found(t, e, engine.Query{Words: "lampish3 lampish7"}) { // few items say either
			if k, mute := kindOf(id); mute {
				mutes++
				if k == 1 {
					right++
				}
			}
		}
		if mutes == 0 || right*10 < mutes*7 {
			t.Errorf("of %d items without words, %d are lamps", mutes, right)
		}
		// A picture of a lamp and words for a sofa: both kinds, lamps or sofas alone by weight.
		mix := engine.Seek{Mix: []engine.Portion{{Words: "sofaish1 sofaish2 sofaish5", Weight: 1}, {Item: "i1", Weight: .2}}}
		top := found(t, e, engine.Query{Seek: mix})[:10]
		sofas := 0
		for _, id := range top {
			if k, _ := kindOf(id); k == 0 {
				sofas++
			}
		}
		if sofas < 7 {
			t.Errorf("mostly sofa, a little lamp: %v", top)
		}
		if got := found(t, e, engine.Query{Words: "sofa", Item: "i9", Seek: engine.Seek{PictureWeight: 50}}); len(got) == 0 || slices.Contains(got[:min(5, len(got))], "i9") {
			t.Errorf("words with an item's picture: %v", got)
		} else if k, _ := kindOf(got[0]); k != 1 { // i9 looks like a lamp
			t.Errorf("a heavy picture of a lamp and the word sofa: %v", got[:5])
		}
	}
	check(e)
	// An item that comes later, words and picture at once or the picture first, is placed too.
	late := pictured(808, true)[1600:]
	late[2], late[3] = late[3], late[2]
	late[2].Item, late[3].ItemDoc = "i801", &bowerbird.Item{ID: "i801"}
	ingest(t, e, []bowerbird.Event{{Kind: bowerbird.ItemPut, Time: 5000, ItemDoc: &bowerbird.Item{ID: "i801"}}})
	ingest(t, e, late)
	if got := found(t, e, engine.Query{Words: "lampish3 lampish7"}); !slices.Contains(got, "i801") {
		t.Errorf("a lamp that came later without words is not found: %v", got)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = openEmpty(t, dir)
	defer e.Close()
	check(e)
	// A second training that has no more to learn from is not refused for it.
	if r, err := trainOnce(context.Background(), e, train.Options{Seed: 1}); err != nil || !r.Promoted {
		t.Errorf("again: %v", err)
	}
}

// TestPicturesThatTellNothing: the bridge is refused and says so; items without words stay unfound by words.
func TestPicturesThatTellNothing(t *testing.T) {
	e := openEmpty(t, t.TempDir())
	defer e.Close()
	ingest(t, e, pictured(400, false))
	r, err := trainOnce(context.Background(), e, train.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	s := r.Bundle.Card.Search
	if r.Bundle.Pictures != nil || s.Pictures == nil || !s.Pictures.Refused || !slices.ContainsFunc(r.Bundle.Card.Notes, func(n string) bool { return strings.Contains(n, "items without words are not found") }) {
		t.Errorf("bridge %v, %+v, notes %q", r.Bundle.Pictures != nil, s.Pictures, r.Bundle.Card.Notes)
	}
	for _, id := range found(t, e, engine.Query{Words: "lampish3 lampish7"}) {
		if _, mute := kindOf(id); mute {
			t.Errorf("%s has no words and is found by words", id)
		}
	}
}

func TestTrainOnNothing(t *testing.T) {
	e := openEmpty(t, t.TempDir())
	defer e.Close()
	ingest(t, e, pictured(50, true))
	if _, err := trainOnce(context.Background(), e, train.Options{}); !errors.Is(err, train.ErrTooLittle) {
		t.Errorf("fifty items and no action: %v", err)
	}
}
