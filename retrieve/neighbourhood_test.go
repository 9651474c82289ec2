package retrieve_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"bowerbird"
	"bowerbird/index"
	"bowerbird/index/auto"
	"bowerbird/internal/viewtest"
	"bowerbird/retrieve"
)

func newNeighbourhood(w *retrieve.Walk) *retrieve.Neighbourhood {
	return retrieve.NewNeighbourhood(retrieve.NeighbourhoodOptions{Walk: w, Version: "v1",
		New: func(dim int) (index.Index, error) { return auto.New(dim, index.Cosine, auto.Options{}) }})
}

// rooms is a world of four topics of 30 items, each with a word of its own, which
// 80 people keep to with one item in five from elsewhere.
func rooms() []fact {
	var facts []fact
	for x := bowerbird.ItemID(1); x <= 120; x++ {
		facts = append(facts, put(x, bowerbird.Item{Title: fmt.Sprintf("thing of %s", topics[topic(x)]), Tags: []string{topics[topic(x)]}}))
	}
	for u := bowerbird.UserID(1); u <= 80; u++ {
		for i := range bowerbird.ItemID(12) {
			x := 1 + (bowerbird.ItemID(u)*13+i*7)%30 + 30*(bowerbird.ItemID(u)%4)
			if i%5 == 4 {
				x = 1 + (bowerbird.ItemID(u)*31+i*17)%120
			}
			facts = append(facts, save(u, x, bowerbird.BoardID(u)))
		}
	}
	return logOf(facts...)
}

var topics = []string{"cats", "lamps", "boats", "rings"}

func topic(x bowerbird.ItemID) int { return int(x-1) / 30 % 4 }

// share of hits of a topic.
func shareOf(hits []bowerbird.Hit, of int) float64 {
	n := 0
	for _, h := range hits {
		if h.Item <= 120 && topic(h.Item) == of {
			n++
		}
	}
	return float64(n) / float64(max(1, len(hits)))
}

// settled is a neighbourhood of rooms with a model in place.
func settled(t *testing.T) (*retrieve.Neighbourhood, *retrieve.Walk, *retrieve.History, *retrieve.GraphModel) {
	t.Helper()
	h, w := retrieve.NewHistory(), retrieve.NewWalk(retrieve.WalkOptions{})
	v := newNeighbourhood(w)
	for _, x := range []viewtest.View[fact]{h, w, v} {
		x.Apply(rooms())
	}
	m, err := v.Fit(t.Context(), retrieve.FitOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Swap(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	return v, w, h, m
}

func TestNeighbourhoodView(t *testing.T) {
	viewtest.Run(t, func() viewtest.View[fact] { return newNeighbourhood(retrieve.NewWalk(retrieve.WalkOptions{})) }, world(3, 700))
}

func TestNeighbourhood(t *testing.T) {
	v, w, h, m := settled(t)
	for x := bowerbird.ItemID(5); x <= 120; x += 30 {
		if got := shareOf(ask(t, v, bowerbird.Request{Item: x}, 10), topic(x)); got < .8 {
			t.Errorf("near %d, of %s, are %.0f %% of the same", x, topics[topic(x)], 100*got)
		}
	}
	me := bowerbird.Request{User: 4, Recent: h.Of(4, 0)}
	hits := ask(t, v, me, 10)
	if got := shareOf(hits, 0); got < .8 {
		t.Errorf("for somebody who keeps cats %.0f %% are cats", 100*got)
	}
	if hits[0].Why.Kind != bowerbird.BecauseItem || !slices.ContainsFunc(me.Recent, func(a bowerbird.Action) bool { return a.Item == hits[0].Why.Item }) {
		t.Errorf("why %+v", hits[0].Why)
	}
	ideas := ask(t, v, bowerbird.Request{User: 4, Board: 4}, 10)
	if got := shareOf(ideas, 0); got < .8 || slices.ContainsFunc(ideas, func(h bowerbird.Hit) bool { return w.Snapshot().Has(uint32(h.Item), 4<<1|1, 2) }) {
		t.Errorf("ideas for a board of cats: %v", items(ideas))
	}
	if n := len(ask(t, v, bowerbird.Request{User: 4, Recent: me.Recent, Keep: func(bowerbird.ItemID) bool { return false }}, 10)); n != 0 {
		t.Errorf("%d hits that Keep refuses", n)
	}
	// The same model over the same views finds the same.
	again := newNeighbourhood(w)
	again.Apply(rooms())
	if err := again.Swap(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(hits, ask(t, again, me, 10)) {
		t.Error("the same model in another house finds something else")
	}
	if err := v.Swap(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	want(t, ask(t, v, me, 10))
}

// TestNewcomers puts items that no model has seen: the next page finds them, by
// their words or by their first save.
func TestNewcomers(t *testing.T) {
	v, w, _, _ := settled(t)
	apply := func(f ...fact) {
		w.Apply(f)
		v.Apply(f)
	}
	apply(put(200, bowerbird.Item{Title: "thing of boats", Tags: []string{"boats"}}))
	start := time.Now()
	hits := ask(t, v, bowerbird.Request{Item: 200}, 10)
	if took := time.Since(start); took > time.Second {
		t.Errorf("a new item took %v", took)
	}
	if got := shareOf(hits[1:], 2); got < .8 {
		t.Errorf("near a new boat are %.0f %% boats: %v", 100*got, items(hits))
	}
	// Without a word, kept by two people of rings.
	apply(put(201, bowerbird.Item{}))
	want(t, ask(t, v, bowerbird.Request{Item: 201}, 10))
	apply(save(3, 201, 3), save(7, 201, 7))
	hits = ask(t, v, bowerbird.Request{Item: 201}, 11)
	if len(hits) == 0 || shareOf(hits[1:], 3) < .8 {
		t.Errorf("near something kept with rings: %v", items(hits))
	}
	// It is found from others, too, and gone when it is withdrawn.
	from := hits[1].Item
	if got := items(ask(t, v, bowerbird.Request{Item: from}, 60)); !slices.Contains(got, 201) {
		t.Errorf("from %d the new item is not found: %v", from, got)
	}
	apply(fact{Kind: bowerbird.ItemDelete, Item: 201})
	if got := items(ask(t, v, bowerbird.Request{Item: from}, 200)); slices.Contains(got, 201) {
		t.Error("a withdrawn item is found")
	}
	// More newcomers than one page embeds are all there after some pages.
	var many []fact
	for x := bowerbird.ItemID(300); x < 500; x++ {
		many = append(many, put(x, bowerbird.Item{Title: "thing of cats"}))
	}
	apply(many...)
	for range 5 {
		ask(t, v, bowerbird.Request{Item: 1}, 1)
	}
	for x := bowerbird.ItemID(300); x < 500; x++ {
		if _, ok := v.Vector(nil, x); !ok {
			t.Fatalf("item %d has no vector", x)
		}
	}
}

// TestNeighbourhoodKeepsSecrets saves things of two topics together in secret: a
// model learns nothing of it, and nobody's page shows it.
func TestNeighbourhoodKeepsSecrets(t *testing.T) {
	v, w, h, _ := settled(t)
	facts := []fact{{Kind: bowerbird.BoardPut, Board: 900, Owner: 90, BoardDoc: &bowerbird.Board{Secret: true}}, put(210, bowerbird.Item{}), save(90, 210, 900), save(90, 1, 900)}
	for i := range facts {
		facts[i].Offset = uint64(10_000 + i)
	}
	for _, x := range []viewtest.View[fact]{h, w, v} {
		x.Apply(facts)
	}
	want(t, ask(t, v, bowerbird.Request{User: 4, Item: 210}, 9))
	want(t, ask(t, v, bowerbird.Request{User: 4, Board: 900, Recent: h.Of(4, 0)}, 9))
	if got := ask(t, v, bowerbird.Request{User: 90, Board: 900, Recent: h.Of(90, 0)}, 9); shareOf(got, 0) < .8 {
		t.Errorf("its owner gets %v", items(got))
	}
	if err := w.Snapshot().Degree(0, 210); err != 0 {
		t.Error("the secret save is an edge")
	}
}

func TestNeighbourhoodBesideReaders(t *testing.T) {
	v, w, h, m := settled(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for x := range bowerbird.ItemID(40) {
				if _, err := v.Candidates(context.Background(), &bowerbird.Request{Item: 1 + x, Recent: h.Of(1, 0)}, 5, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		for x := bowerbird.ItemID(300); x < 400; x++ {
			facts := []fact{put(x, bowerbird.Item{Title: "thing of rings"}), save(3, x, 0)}
			w.Apply(facts)
			v.Apply(facts)
		}
	})
	wg.Go(func() {
		if err := v.Swap(context.Background(), m); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
	for range 3 {
		ask(t, v, bowerbird.Request{Item: 1}, 1)
	}
	for x := bowerbird.ItemID(300); x < 400; x++ {
		if _, ok := v.Vector(nil, x); !ok {
			t.Fatalf("item %d, put beside a swap, has no vector", x)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := v.Swap(ctx, m); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled swap: %v", err)
	}
	if _, err := newNeighbourhood(retrieve.NewWalk(retrieve.WalkOptions{})).Fit(context.Background(), retrieve.FitOptions{}); err == nil {
		t.Error("a model was learned from nothing")
	}
}
