package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/eval"
	"bowerbird/internal/synth"
	"bowerbird/model"
	"bowerbird/rank"
	"bowerbird/store"
	"bowerbird/train"
)

// smallWorld is a made-up world without pictures, in the order of the log.
var smallWorld = sync.OnceValue(func() []bowerbird.Event {
	w, err := synth.New(synth.Options{Seed: 7, Items: 300, Users: 150, Days: 30, TestDays: 3, Actions: 24000})
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
		out = append(out, bowerbird.Event{ID: e.ID, Kind: k, Time: e.Time.UnixMilli(), User: e.User, Item: e.Item, Board: e.Board,
			Subject: e.Target, Query: e.Query, Position: e.Position})
	}
	return out
})

func openWorld(t *testing.T) *engine.Engine {
	t.Helper()
	late := func() time.Time { return time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC) }
	e, err := engine.Open(context.Background(), t.TempDir(), engine.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: late})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	ingest(t, e, smallWorld())
	return e
}

func ingest(t *testing.T, e *engine.Engine, events []bowerbird.Event) {
	t.Helper()
	for part := range slices.Chunk(events, 2000) {
		results, err := e.Ingest(context.Background(), part)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range results {
			if r.Err != nil {
				t.Fatalf("%+v: %v", part[i], r.Err)
			}
		}
	}
}

func small() train.Options {
	return train.Options{Samples: 100, Time: -1, Seed: 3, Threads: 2}
}

// TestTrainOnHouse trains on a made-up world: what is learned beats popularity by
// a clear margin, is registered, read back the same, and serves.
func TestTrainOnHouse(t *testing.T) {
	e := openWorld(t)
	got, err := trainOnce(context.Background(), e, small())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range got.Funnel.Systems {
		t.Logf("%-10s %v", s.Name, s.NDCG)
	}
	at := map[string]eval.Estimate{}
	for _, s := range got.Funnel.Systems {
		at[s.Name] = s.NDCG
	}
	if p, f := at["popularity"], at["funnel"]; !(f.Mean > 1.3*p.Mean) || got.Funnel.Moments < 30 {
		t.Errorf("on %d moments the funnel has %v, popularity %v", got.Funnel.Moments, f, p)
	}
	if !got.Promoted {
		t.Fatalf("not promoted: %s", got.Why)
	}
	if now := e.Current(); now == nil || now.Card.Version != got.Version {
		t.Errorf("%v serves, want %s", now, got.Version)
	}
	back, err := e.CurrentBundle()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(bundleFiles(t, got.Bundle), bundleFiles(t, back)); d != "" {
		t.Error("the registry gives other bytes back")
	}
	written, _ := json.Marshal(got.Bundle.Card)
	if read, err := json.Marshal(back.Card); err != nil || !bytes.Equal(read, written) {
		t.Errorf("the card came back otherwise: %v\n%s\n%s", err, read, written)
	}
	a, err := e.Page(context.Background(), engine.Query{Surface: bowerbird.Home, User: "u000003"})
	if err != nil {
		t.Fatal(err)
	}
	learned := slices.ContainsFunc(a.Items, func(s engine.Shown) bool { return slices.Contains(s.Sources, "learned") })
	if !learned || got.Bundle.Ranker != nil && a.Page.Model != got.Version {
		t.Errorf("the page was scored by %q; the learned source is on it: %v", a.Page.Model, learned)
	}
}

func bundleFiles(t *testing.T, b *rank.Bundle) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for name, write := range b.Files() {
		var w bytes.Buffer
		if err := write(&w); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = w.Bytes()
	}
	return out
}

// made is a bundle for a house, with a ranker of the columns named.
func made(t *testing.T, version string, columns []string, sign float32) *rank.Bundle {
	t.Helper()
	n := len(columns)
	rows := model.Rows{Features: n, X: make([]float32, 4*n), Y: []bool{true, false, true, false}}
	for f := range n {
		rows.X[f], rows.X[2*n+f] = sign*float32(f%3), sign
	}
	ranker, err := model.LogisticRegression{L2: .1}.Fit(context.Background(), rows, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b model.Builder
	for u := range 40 {
		for x := range 6 {
			if err := b.Add(uint32(u), uint32(1+(u*7+x*x)%300), 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	m, err := b.Build(40, 301)
	if err != nil {
		t.Fatal(err)
	}
	f, err := model.IALS{Dim: 8, Epochs: 2, Alpha: .2, Reg: .02}.Fit(context.Background(), m, model.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	c := ranker.Card()
	return &rank.Bundle{
		Card:      rank.Card{Version: version, Features: columns, Ranker: &c, Retrieval: f.Card(), Metrics: map[string]eval.Estimate{}},
		Retrieval: f, Factors: f.(*model.Factors), Ranker: ranker,
	}
}

// TestSwapWhileServing installs one version after the other while pages are made;
// a ranker of other columns is refused, and what serves stays whole.
func TestSwapWhileServing(t *testing.T) {
	e := openWorld(t)
	columns := e.House().Features(bowerbird.Home)
	for i, v := range []string{"a", "b"} {
		if _, err := e.Register(made(t, v, columns, 1-2*float32(i))); err != nil {
			t.Fatal(err)
		}
	}
	wrong := slices.Clone(columns)
	wrong[0], wrong[1] = wrong[1], wrong[0]
	if _, err := e.Register(made(t, "wrong", wrong, 1)); err != nil {
		t.Fatal(err)
	}
	install := func(v string) error { return e.Install(context.Background(), v) }
	if err := install("a"); err != nil {
		t.Fatal(err)
	}
	var stop atomic.Bool
	var served [3]atomic.Int64
	var wg sync.WaitGroup
	for g := range 2 {
		wg.Go(func() {
			for i := 0; !stop.Load(); i++ {
				a, err := e.Page(context.Background(), engine.Query{Surface: bowerbird.Home, User: fmt.Sprintf("u%06d", (g+2*i)%150)})
				if err != nil {
					t.Error(err)
					return
				}
				if a.Page.Request.Surface != bowerbird.Home {
					continue // somebody who never acted
				}
				at := slices.Index([]string{"a", "b"}, a.Page.Model)
				if at < 0 {
					t.Errorf("a page by %q", a.Page.Model)
					return
				}
				served[at].Add(1)
			}
		})
	}
	for i := 0; i < 40 && !t.Failed(); i++ {
		if err := install([]string{"b", "a"}[i%2]); err != nil {
			t.Fatal(err)
		}
		if err := install("wrong"); err == nil || !strings.Contains(err.Error(), "other features") || !strings.Contains(err.Error(), "train again") {
			t.Errorf("other columns: %v", err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	stop.Store(true)
	wg.Wait()
	if served[0].Load() == 0 || served[1].Load() == 0 {
		t.Errorf("%d pages by a, %d by b: nothing was swapped under them", served[0].Load(), served[1].Load())
	}
	if now := e.Current(); now.Card.Version != "a" {
		t.Errorf("%s serves after the last refusal, want a", now.Card.Version)
	}
}

// TestLoggedFeaturesAreReplayed: what an impression was logged with is, bit for
// bit, what a replay of the log to the page's offset computes.
func TestLoggedFeaturesAreReplayed(t *testing.T) {
	e := openWorld(t)
	b := made(t, "a", e.House().Features(bowerbird.Home), 1)
	if _, err := e.Register(b); err != nil {
		t.Fatal(err)
	}
	pages := map[string]*bowerbird.Page{}
	now := e.House().Now()
	for i := range 60 {
		if i == 20 {
			if err := e.Install(context.Background(), "a"); err != nil {
				t.Fatal(err)
			}
		}
		user := fmt.Sprintf("u%06d", i*7%150)
		a, err := e.Page(context.Background(), engine.Query{Surface: bowerbird.Home, User: user, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Page.Trace.Notes) > 0 { // a source was late: its word is missing from the page
			if strings.Contains(strings.Join(a.Page.Trace.Notes, ""), "late:") {
				t.Logf("left out: %v", a.Page.Trace.Notes)
				continue
			}
			t.Errorf("%s: %v", user, a.Page.Trace.Notes)
		}
		pages[a.RequestID] = a.Page
		var events []bowerbird.Event
		for _, s := range a.Items {
			now += 1000
			events = append(events, bowerbird.Event{Kind: bowerbird.Impression, Time: now, User: user, Item: s.Doc.ID, Request: a.RequestID})
		}
		if len(a.Items) > 0 {
			events = append(events, bowerbird.Event{Kind: bowerbird.Save, Time: now + 1, User: user, Item: a.Items[i%len(a.Items)].Doc.ID, Request: a.RequestID})
		}
		ingest(t, e, events)
	}
	compared, after := compareReplay(t, e.Log(), pages, b)
	if compared < 400 || after < 250 {
		t.Errorf("%d rows were compared, %d of them scored by a model: that proves little", compared, after)
	}
	t.Logf("%d served rows equal", compared)
}

// compareReplay replays the log into a new house and makes each page again at its
// offset.
func compareReplay(t *testing.T, log store.Log, pages map[string]*bowerbird.Page, b *rank.Bundle) (compared, scored int) {
	t.Helper()
	h, err := engine.NewHouse(log, engine.HouseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	var at uint64
	again := map[string]*bowerbird.Page{}
	err = log.Scan(ctx, 1, 0, func(offset uint64, ev *bowerbird.Event) error {
		was := pages[ev.Request]
		if ev.Kind != bowerbird.Impression || was == nil {
			return nil
		}
		if ev.Served == nil {
			t.Fatalf("offset %d: the impression carries nothing", offset)
		}
		p := again[ev.Request]
		if p == nil {
			if err := h.Replay(ctx, log, at+1, was.Offset, nil); err != nil {
				return err
			}
			at = was.Offset
			if was.Model != "" && scored == 0 {
				if err := h.Put(ctx, b); err != nil {
					return err
				}
			}
			r := was.Request
			p, err = h.Run(ctx, bowerbird.Request{Surface: r.Surface, User: r.User, Limit: r.Limit, Seed: r.Seed, Now: r.Now, Offset: r.Offset})
			if err != nil {
				return err
			}
			if len(p.Trace.Notes) > 0 {
				t.Skipf("the machine is too busy: %v", p.Trace.Notes)
			}
			again[ev.Request] = p
		}
		compared++
		if was.Model != "" {
			scored++
		}
		if ev.Position < 1 || ev.Position > len(p.Items) {
			t.Fatalf("offset %d: position %d of a page of %d", offset, ev.Position, len(p.Items))
		}
		c := p.Items[ev.Position-1]
		if item, _ := h.Catalogue.Item(ev.Item); item != c.Item || p.Model != ev.Served.Model || math.Float32bits(c.Score) != math.Float32bits(ev.Served.Score) {
			t.Errorf("offset %d: %s by %q with %g; replayed item %d by %q with %g", offset, ev.Item, ev.Served.Model, ev.Served.Score, c.Item, p.Model, c.Score)
		}
		if len(c.Features) == 0 || !slices.EqualFunc(c.Features, ev.Served.Features, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) }) {
			t.Errorf("offset %d: served with %v, replayed %v (%v)", offset, ev.Served.Features, c.Features, p.Features)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return compared, scored
}
