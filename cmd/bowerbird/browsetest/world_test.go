package browsetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/internal/synth"
	"bowerbird/load"
	"bowerbird/server"
	"bowerbird/train"
)

// world is a made-up world behind a real server.
type world struct {
	*synth.World
	e       *engine.Engine
	url     string
	started uint64        // last offset of the history; what follows is the browser's
	release chan struct{} // pictures are held back until it is closed

	mu     sync.Mutex
	failed []string // requests that were answered with an error
}

// newWorld draws a world, takes it in as any import does, learns from it, and serves it.
func newWorld(ctx context.Context, t *testing.T) *world {
	t.Helper()
	begin := time.Now()
	w := &world{release: make(chan struct{})}
	var err error
	w.World, err = synth.New(synth.Options{Seed: 3, Items: 120, Users: 60, Days: 30, TestDays: 3, Actions: 24000,
		Start: time.Date(2025, 9, 8, 0, 0, 0, 0, time.UTC), Pictures: true})
	must(t, err)
	folder := filepath.Join(t.TempDir(), "world")
	must(t, w.WriteTo(ctx, folder, synth.WriteOptions{}))
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	w.e, err = engine.Open(ctx, t.TempDir(), engine.Options{Logger: quiet})
	must(t, err)
	t.Cleanup(func() { must(t, w.e.Close()) })
	w.take(ctx, t, folder)
	w.started = w.e.Log().Last()
	drawn := time.Since(begin)
	w.learn(ctx, t)

	s, err := server.New(w.e, server.Options{Logger: quiet, Version: "browsed"})
	must(t, err)
	hs := httptest.NewServer(w.watch(s))
	t.Cleanup(hs.Close)
	w.url = hs.URL
	t.Logf("%d events with pictures in after %v, served after %v", w.started, drawn.Round(time.Millisecond), time.Since(begin).Round(time.Millisecond))
	return w
}

// take ingests the world's files; the pictures are looked at by all cores.
func (w *world) take(ctx context.Context, t *testing.T, folder string) {
	t.Helper()
	var records []load.Record
	_, err := load.Read(ctx, folder, load.Options{Source: "world", Temp: t.TempDir()}, func(r load.Record) error {
		records = append(records, r)
		return nil
	})
	must(t, err)
	made := make([][]bowerbird.Event, len(records))
	errs := make([]error, len(records))
	slots := make(chan struct{}, 4)
	var wg sync.WaitGroup
	for i := range records {
		if records[i].Picture == "" {
			made[i] = []bowerbird.Event{records[i].Event}
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			made[i], errs[i] = w.pictured(ctx, &records[i])
			<-slots
		})
	}
	wg.Wait()
	must(t, errors.Join(errs...))
	for part := range slices.Chunk(slices.Concat(made...), 5000) {
		results, err := w.e.Ingest(ctx, part)
		must(t, err)
		for i, r := range results {
			if r.Err != nil {
				t.Fatalf("event %+v was refused: %v", part[i], r.Err)
			}
		}
	}
}

func (w *world) pictured(ctx context.Context, r *load.Record) ([]bowerbird.Event, error) {
	data, err := os.ReadFile(r.Picture)
	if err != nil {
		return nil, err
	}
	_, events, err := w.e.Pictured(ctx, *r.Event.ItemDoc, data)
	for i := range events {
		events[i].Time, events[i].ID = r.Event.Time, fmt.Sprintf("%s-%d", r.Event.ID, i)
	}
	return events, err
}

// learn trains, so that pages also come of a learned source.
func (w *world) learn(ctx context.Context, t *testing.T) {
	t.Helper()
	r, err := train.Run(ctx, train.Options{Log: w.e.Log(), Samples: 400, Time: 2 * time.Second, Seed: 1,
		NewHouse: func() (train.House, error) { return engine.NewHouse(w.e.Log(), engine.HouseOptions{}) }})
	must(t, err)
	if r.Bundle == nil {
		t.Fatal("the training gave no model")
	}
	version, err := w.e.Register(r.Bundle)
	must(t, err)
	// So small a world may not be enough for a model to be promoted; what is shown
	// here is the page, so it serves either way.
	must(t, w.e.Install(ctx, version))
}

// watch holds pictures back until they are released, and notes what goes wrong.
func (w *world) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/pictures/") {
			select {
			case <-w.release:
			case <-r.Context().Done():
				return
			}
		}
		s := &status{ResponseWriter: rw, code: http.StatusOK}
		next.ServeHTTP(s, r)
		if s.code >= 400 {
			w.mu.Lock()
			w.failed = append(w.failed, fmt.Sprintf("%s %s: %d", r.Method, r.URL, s.code))
			w.mu.Unlock()
		}
	})
}

type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// logged returns what the browser's person did, in order.
func (w *world) logged(ctx context.Context, t *testing.T, keep func(*bowerbird.Event) bool) []bowerbird.Event {
	t.Helper()
	var out []bowerbird.Event
	must(t, w.e.Log().Scan(ctx, w.started+1, 0, func(_ uint64, e *bowerbird.Event) error {
		if keep(e) {
			out = append(out, *e)
		}
		return nil
	}))
	return out
}

// eventually waits until the log holds an event that passes.
func (w *world) eventually(ctx context.Context, t *testing.T, what string, keep func(*bowerbird.Event) bool) bowerbird.Event {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		if got := w.logged(ctx, t, keep); len(got) > 0 {
			return got[len(got)-1]
		}
		if time.Now().After(end) {
			t.Fatalf("the log holds no %s", what)
		}
	}
}

// ids are the items of a person's page as the engine makes it now.
func (w *world) ids(ctx context.Context, t *testing.T, q engine.Query) []string {
	t.Helper()
	a, err := w.e.Page(ctx, q)
	must(t, err)
	out := make([]string, len(a.Items))
	for i, x := range a.Items {
		out[i] = x.Doc.ID
	}
	return out
}

// word is one that several titles hold: what somebody may search for.
func (w *world) word(t *testing.T) string {
	t.Helper()
	times := map[string]int{}
	for it := range w.Items() {
		for _, x := range strings.Fields(strings.ToLower(it.Title)) {
			if len(x) >= 7 && strings.Trim(x, "abcdefghijklmnopqrstuvwxyz") == "" {
				times[x]++
			}
		}
	}
	best := ""
	for x, n := range times {
		if best == "" || n > times[best] || n == times[best] && x < best {
			best = x
		}
	}
	if times[best] < 3 {
		t.Fatalf("no long word is in three titles; the best is %q", best)
	}
	return best
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
