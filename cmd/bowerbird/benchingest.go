package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"time"

	"bowerbird"
	"bowerbird/engine"
)

type benchIngestCmd struct {
	Time    time.Duration `help:"Of each measurement." default:"10s"`
	Batch   int           `help:"Events in a batch." default:"1000"`
	Writers int           `help:"Writers of single events at once." default:"64"`
	Items   int           `help:"Items that are there." default:"20000"`
	Users   int           `help:"People that act." default:"5000"`
}

func (benchIngestCmd) Help() string {
	return `Every event is acknowledged after fsync and folded into every view. Batches are
sent one after the other; singles by many writers at once. Over HTTP the client
runs in the same process and shares its cores with the server.

Example:
  bowerbird bench ingest --time 5s`
}

// ingested is one way of writing.
type ingested struct {
	Way    string  `json:"way"`
	Rate   float64 `json:"events_per_second"`
	Calls  spread  `json:"calls"`
	Events int     `json:"events"`
}

func (c *benchIngestCmd) Run(a *app) error {
	if c.Batch < 1 || c.Batch > engine.MaxBatch || c.Writers < 1 || c.Items < 1 || c.Users < 1 {
		return usagef("want --batch 1 to %d, and --writers, --items and --users of at least 1", engine.MaxBatch)
	}
	dir, err := os.MkdirTemp("", "bowerbird-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	e, err := a.open(dir, false)
	if err != nil {
		return err
	}
	defer a.close(e)
	if err := c.put(a.ctx, e); err != nil {
		return err
	}
	stop, base, err := serveLoopback(a, e)
	if err != nil {
		return err
	}
	defer stop()
	direct := func(ctx context.Context, ev []bowerbird.Event) error { _, err := e.Ingest(ctx, ev); return err }
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: c.Writers}}
	over := func(ctx context.Context, ev []bowerbird.Event) error { return postEvents(ctx, client, base, ev) }
	var out []ingested
	for _, w := range []struct {
		name           string
		writers, batch int
		send           func(context.Context, []bowerbird.Event) error
	}{
		{fmt.Sprintf("engine, batches of %d", c.Batch), 1, c.Batch, direct},
		{fmt.Sprintf("engine, %d writers of singles", c.Writers), c.Writers, 1, direct},
		{fmt.Sprintf("HTTP, batches of %d", c.Batch), 1, c.Batch, over},
		{fmt.Sprintf("HTTP, %d writers of singles", c.Writers), c.Writers, 1, over},
	} {
		a.ui.say("%s ...", w.name)
		r, err := c.measure(a.ctx, w.writers, w.batch, w.send)
		if err != nil {
			return err
		}
		r.Way = w.name
		out = append(out, r)
	}
	if a.cli.JSON {
		return a.printJSON(map[string]any{"machine": thisMachine(), "results": out})
	}
	a.printf("%s\n\n", thisMachine())
	rows := [][]string{{"way", "events/s", "events", "median call", "p99", "max"}}
	for _, r := range out {
		rows = append(rows, []string{r.Way, count(int(r.Rate)), count(r.Events), millis(r.Calls.Median), millis(r.Calls.P99), millis(r.Calls.Max)})
	}
	a.columns(rows)
	return nil
}

func (c *benchIngestCmd) put(ctx context.Context, e *engine.Engine) error {
	for i := 0; i < c.Items; i += 1000 {
		var ev []bowerbird.Event
		for k := i; k < min(i+1000, c.Items); k++ {
			ev = append(ev, bowerbird.Event{Kind: bowerbird.ItemPut, ItemDoc: &bowerbird.Item{ID: fmt.Sprint("i", k), Title: fmt.Sprint("item number ", k)}})
		}
		if _, err := e.Ingest(ctx, ev); err != nil {
			return err
		}
	}
	return nil
}

// measure lets writers send for a while. Events are a feed's mixture: impressions
// mostly, some closeups, few saves, each with its own id.
func (c *benchIngestCmd) measure(ctx context.Context, writers, batch int, send func(context.Context, []bowerbird.Event) error) (ingested, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	took := make([][]time.Duration, writers)
	start := time.Now()
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(w), uint64(start.UnixNano())))
			for n := 0; ctx.Err() == nil && time.Since(start) < c.Time; n++ {
				ev := c.events(rng, batch)
				at := time.Now()
				if err := send(ctx, ev); err != nil {
					cancel(err)
					return
				}
				took[w] = append(took[w], time.Since(at))
			}
		})
	}
	wg.Wait()
	elapsed := time.Since(start)
	if ctx.Err() != nil {
		return ingested{}, context.Cause(ctx)
	}
	var all []time.Duration
	for _, t := range took {
		all = append(all, t...)
	}
	n := len(all) * batch
	return ingested{Events: n, Rate: float64(n) / elapsed.Seconds(), Calls: spreadOf(all)}, nil
}

func (c *benchIngestCmd) events(rng *rand.Rand, n int) []bowerbird.Event {
	out := make([]bowerbird.Event, n)
	for i := range out {
		kind := bowerbird.Impression
		switch x := rng.IntN(100); {
		case x < 5:
			kind = bowerbird.Save
		case x < 20:
			kind = bowerbird.Closeup
		}
		out[i] = bowerbird.Event{ID: fmt.Sprintf("%016x", rng.Uint64()), Kind: kind, User: fmt.Sprint("u", rng.IntN(c.Users)), Item: fmt.Sprint("i", rng.IntN(c.Items)), Surface: bowerbird.Home}
	}
	return out
}

func postEvents(ctx context.Context, client *http.Client, base string, ev []bowerbird.Event) error {
	b, err := json.Marshal(map[string]any{"events": ev})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/v1/events", bytes.NewReader(b))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode/100 != 2 {
		err = fmt.Errorf("POST /v1/events: %s: %.200s", resp.Status, body)
	}
	return err
}
