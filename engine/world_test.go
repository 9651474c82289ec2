package engine

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"testing"

	"bowerbird"
	"bowerbird/internal/synth"
)

// worldEvents is a small made-up world without pictures, in the order of the log.
var worldEvents = sync.OnceValue(func() []bowerbird.Event {
	w, err := synth.New(synth.Options{Seed: 7, Items: 300, Users: 60, Days: 20, TestDays: 3, Actions: 6000})
	if err != nil {
		panic(err)
	}
	start := w.Options().Start.UnixMilli()
	var out []bowerbird.Event
	for u := range w.Users() {
		out = append(out, bowerbird.Event{ID: "u" + u.ID, Kind: bowerbird.UserPut, Time: start, UserDoc: &bowerbird.User{ID: u.ID, Name: u.Name}})
	}
	for b := range w.Boards() {
		out = append(out, bowerbird.Event{ID: "b" + b.ID, Kind: bowerbird.BoardPut, Time: start, BoardDoc: &bowerbird.Board{ID: b.ID, Title: b.Title, Owner: b.Owner}})
	}
	for i := range w.Items() {
		out = append(out, bowerbird.Event{ID: "i" + i.ID, Kind: bowerbird.ItemPut, Time: start, ItemDoc: &bowerbird.Item{
			ID: i.ID, Title: i.Title, Description: i.Description, Categories: i.Categories, Tags: i.Tags, Owner: i.Owner, Language: i.Language}})
	}
	for e := range w.Events() {
		k, err := bowerbird.ParseKind(e.Type)
		if err != nil {
			panic(err)
		}
		out = append(out, bowerbird.Event{ID: e.ID, Kind: k, Time: start + int64(len(out)), User: e.User, Item: e.Item, Board: e.Board,
			Subject: e.Target, Query: e.Query, Position: e.Position})
	}
	return out
})

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func open(t testing.TB, dir string, o Options) *Engine {
	t.Helper()
	if o.Logger == nil {
		o.Logger = quiet()
	}
	e, err := Open(context.Background(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range e.House().surfaces { // a busy machine must not cut a source short
		p.Timeout = max(p.Timeout, patient)
	}
	return e
}

// put ingests events in batches and fails the test on any that is refused.
func put(t testing.TB, e *Engine, events []bowerbird.Event, batch int) {
	t.Helper()
	for a := 0; a < len(events); a += batch {
		results, err := e.Ingest(context.Background(), events[a:min(len(events), a+batch)])
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range results {
			if r.Err != nil {
				t.Fatalf("event %d (%+v): %v", a+i, events[a+i], r.Err)
			}
		}
	}
}

func page(t testing.TB, e *Engine, q Query) *Answer {
	t.Helper()
	a, err := e.Page(context.Background(), q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	return a
}

func ids(a *Answer) []string {
	out := make([]string, len(a.Items))
	for i, s := range a.Items {
		out[i] = s.Doc.ID
	}
	return out
}
