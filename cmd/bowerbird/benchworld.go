package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/internal/synth"
)

type benchWorldCmd struct {
	Items   int           `help:"Items, without pictures." default:"1000000"`
	Users   int           `help:"People." default:"100000"`
	Actions int           `help:"Events." default:"10000000"`
	Rate    int           `help:"Requests a second." default:"50"`
	Time    time.Duration `help:"Of each measurement." default:"20s"`
	Seed    uint64        `help:"Of the world." default:"1"`
	Train   bool          `help:"Train before the restart."`
}

func (benchWorldCmd) Help() string {
	return `Makes a world, takes it in through the engine's one door, stops cleanly, starts a
server on it in a process of its own, and asks for pages at a steady rate; a
request's time counts from when it was due. The folder is ./bowerbird-data/world,
or --data; a world that is there is used again.

Example:
  bowerbird bench world --items 100000 --users 10000 --actions 1000000`
}

// worldResult is what is measured.
type worldResult struct {
	Machine machine           `json:"machine"`
	Items   int               `json:"items"`
	Actions int               `json:"actions"`
	Ingest  time.Duration     `json:"ingest_ns"` // 0: the world was there
	Close   time.Duration     `json:"close_ns"`
	Start   time.Duration     `json:"start_ns"`
	RSS     int64             `json:"rss_bytes"`  // after the requests
	Peak    int64             `json:"peak_bytes"` // of the server
	Pages   map[string]spread `json:"pages"`
}

func (c *benchWorldCmd) Run(a *app) error {
	if c.Rate < 1 || c.Rate > 10_000 || c.Time < time.Second {
		return usagef("want --rate 1 to 10000 and --time of a second or more")
	}
	dir := a.data(filepath.Join(standardData, "world"))
	out := &worldResult{Machine: thisMachine(), Items: c.Items, Actions: c.Actions, Pages: map[string]spread{}}
	if _, err := os.Stat(filepath.Join(dir, "whole")); err != nil {
		if err := c.make(a, dir, out); err != nil {
			return err
		}
	}
	s, err := startChild(a.ctx, dir, 30*time.Minute)
	if err != nil {
		return err
	}
	defer s.stop()
	out.Start = s.up
	ask, err := questions(a.ctx, s.base, 25)
	if err != nil {
		return err
	}
	for _, surface := range []string{"home", "related", "search"} {
		took, err := openLoop(a.ctx, s.base, ask[surface], c.Rate, int(c.Time.Seconds()*float64(c.Rate)))
		if err != nil {
			return err
		}
		out.Pages[surface] = spreadOf(took)
	}
	out.RSS, out.Peak = s.memory()
	if a.cli.JSON {
		return a.printJSON(out)
	}
	a.printf("%s\n%s items, %s events\n\n", out.Machine, count(c.Items), count(c.Actions))
	if out.Ingest > 0 {
		a.printf("taken in           %s (%s events/s), clean stop %s\n", seconds(out.Ingest), count(int(float64(c.Items+c.Actions)/out.Ingest.Seconds())), seconds(out.Close))
	}
	a.printf("start to readiness %s\nmemory             %.2f GiB, at most %.2f GiB\n\n", seconds(out.Start), float64(out.RSS)/(1<<30), float64(out.Peak)/(1<<30))
	rows := [][]string{{"page", "requests", "p50", "p99", "max"}}
	for _, surface := range []string{"home", "related", "search"} {
		p := out.Pages[surface]
		rows = append(rows, []string{surface, count(p.N), millis(p.Median), millis(p.P99), millis(p.Max)})
	}
	a.columns(rows)
	return nil
}

// make takes the world in. Half a world is begun again: its events have ids.
func (c *benchWorldCmd) make(a *app, dir string, out *worldResult) error {
	w, err := synth.New(synth.Options{Seed: c.Seed, Items: c.Items, Users: c.Users, Actions: c.Actions})
	if err != nil {
		return err
	}
	e, err := a.open(dir, false)
	if err != nil {
		return err
	}
	start := time.Now()
	err = takeWorld(a.ctx, w, e, time.Time{}, func(n int64) { a.ui.step("taking the world in", n, int64(c.Items+c.Actions)) })
	out.Ingest = time.Since(start)
	if err == nil && c.Train {
		_, err = trainOnce(a.ctx, e, (&trainCmd{Time: time.Minute, Samples: 1000, Memory: 4096, Seed: c.Seed}).options(a.ui))
	}
	start = time.Now()
	if e := e.Close(); err == nil {
		err = e
	}
	out.Close = time.Since(start)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "whole"), []byte(fmt.Sprintf("items %d, users %d, actions %d, seed %d\n", c.Items, c.Users, c.Actions, c.Seed)), 0o644)
}

// takeWorld ingests a world without files: people, boards and items first, at the
// beginning of the log's time, then the events, those before until if it is set.
func takeWorld(ctx context.Context, w *synth.World, e *engine.Engine, until time.Time, step func(int64)) error {
	var batch []bowerbird.Event
	n := int64(0)
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		results, err := e.Ingest(ctx, batch)
		if err != nil {
			return err
		}
		for i, r := range results {
			if r.Err != nil {
				return fmt.Errorf("event %d: %w", n+int64(i), r.Err)
			}
		}
		n += int64(len(batch))
		step(n)
		batch = batch[:0]
		return nil
	}
	put := func(ev bowerbird.Event) error {
		if batch = append(batch, ev); len(batch) < 5000 {
			return nil
		}
		return flush()
	}
	begin := w.Options().Start.UnixMilli()
	for u := range w.Users() {
		d := &bowerbird.User{ID: u.ID, Name: u.Name, Language: u.Language, Created: u.Created.UnixMilli()}
		if err := put(bowerbird.Event{ID: "put-" + u.ID, Kind: bowerbird.UserPut, Time: begin, UserDoc: d}); err != nil {
			return err
		}
	}
	for b := range w.Boards() {
		d := &bowerbird.Board{ID: b.ID, Owner: b.Owner, Title: b.Title, Description: b.Description, Created: b.Created.UnixMilli()}
		if err := put(bowerbird.Event{ID: "put-" + b.ID, Kind: bowerbird.BoardPut, Time: begin, BoardDoc: d}); err != nil {
			return err
		}
	}
	for x := range w.Items() {
		d := &bowerbird.Item{ID: x.ID, Title: x.Title, Description: x.Description, Language: x.Language, Categories: x.Categories, Tags: x.Tags, Owner: x.Owner, Created: x.Created.UnixMilli()}
		if err := put(bowerbird.Event{ID: "put-" + x.ID, Kind: bowerbird.ItemPut, Time: begin, ItemDoc: d}); err != nil {
			return err
		}
	}
	for ev := range w.Events() {
		if !until.IsZero() && !ev.Time.Before(until) {
			break
		}
		k, err := bowerbird.ParseKind(ev.Type)
		if err != nil {
			return err
		}
		s, err := bowerbird.ParseSurface(ev.Surface)
		if err != nil {
			return err
		}
		if err := put(bowerbird.Event{ID: ev.ID, Kind: k, Time: ev.Time.UnixMilli(), User: ev.User, Item: ev.Item, Board: ev.Board, Subject: ev.Target, Query: ev.Query, Surface: s, Position: ev.Position, Request: ev.Request, Value: ev.Value}); err != nil {
			return err
		}
	}
	return flush()
}
