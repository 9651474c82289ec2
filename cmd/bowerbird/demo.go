package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"bowerbird/engine"
	"bowerbird/internal/synth"
	"bowerbird/load"
	"bowerbird/server"
	"bowerbird/train"
)

type demoCmd struct {
	Items   int    `help:"Items, each with a drawn picture." default:"1500"`
	Seed    uint64 `help:"Of the world; the same seed is the same world." default:"1"`
	Port    int    `help:"Port on 127.0.0.1; the next free one if it is taken. 0: any." default:"8080"`
	NoServe bool   `help:"Make, learn, report, and end."`
	Open    bool   `help:"Open the page in the browser."`
}

func (demoCmd) Help() string {
	return `Makes a world of made-up people, boards and drawn pictures whose true tastes
are known, imports it as any files, serves it, learns from it, and reports how
near the pages come to the truth. The page is served from the first few hundred
items on, while the others are drawn and taken in, and gets better when the
training after that is done. The second start finds everything there.

The folder is ./bowerbird-data/demo, or --data. Examples:
  bowerbird demo
  bowerbird demo --items 300 --port 9000 --data /tmp/small
  bowerbird demo --no-serve --json`
}

// demoTime is for choosing among models: the demo's log is small.
const demoTime = 8 * time.Second

func (c *demoCmd) Run(a *app) error {
	start := time.Now()
	if c.Items < 65 || c.Items > 100_000 {
		return usagef("--items: want 65 to 100000, got %d", c.Items)
	}
	dir := a.data(filepath.Join(standardData, "demo"))
	w, err := synth.New(c.world())
	if err != nil {
		return err
	}
	e, err := a.open(dir, false)
	if err != nil {
		return err
	}
	defer a.close(e)
	folder := filepath.Join(dir, "world")
	if c.NoServe {
		if err := c.fill(a, a.ctx, w, e, folder); err != nil {
			return err
		}
		a.ui.say("The world is in after %s.", seconds(time.Since(start)))
		return c.learn(a, a.ctx, w, e, start)
	}
	return c.serve(a, w, e, folder, start)
}

// world is a smaller one for fewer items, of the same density.
func (c *demoCmd) world() synth.Options {
	o := synth.Options{Seed: c.Seed, Items: c.Items}
	if c.Items < 1000 {
		o.Users = max(20, c.Items/4)
		o.Actions = c.Items * 80
	}
	return o
}

// fill writes the world's files and imports them, unless that was done before.
// Pictures are drawn as they are taken in.
func (c *demoCmd) fill(a *app, ctx context.Context, w *synth.World, e *engine.Engine, folder string) error {
	err := w.WriteTo(ctx, folder, synth.WriteOptions{Progress: func(stage string, done, total int) {
		a.ui.step("writing "+stage, int64(done), int64(total))
	}})
	if errors.Is(err, synth.ErrOtherWorld) {
		return fmt.Errorf("%w\nChoose another folder with --data, or remove this one", err)
	}
	if err != nil {
		return err
	}
	items, _, _ := w.Len()
	number := make(map[string]int, items)
	for i := range items {
		number[w.Item(i).ID] = i
	}
	draw := func(id string) ([]byte, error) { return w.Picture(number[id]) }
	im, err := importDrawn(ctx, e, folder, load.Options{Source: "demo"}, a.ui, draw)
	if err != nil {
		return err
	}
	if im.Report.Skipped > 0 {
		a.logs.Warn("rows of the demo world were skipped", "rows", im.Report.Skipped, "reasons", im.Report.Reasons)
	}
	return nil
}

// learn trains, unless a model serves already, and reports.
func (c *demoCmd) learn(a *app, ctx context.Context, w *synth.World, e *engine.Engine, start time.Time) error {
	if e.Current() != nil {
		return nil
	}
	t, err := trainOnce(ctx, e, train.Options{Seed: c.Seed, Time: demoTime, Step: func(what string, done, total uint64) { a.ui.step(what, int64(done), int64(total)) }})
	if err != nil {
		return err
	}
	a.ui.done()
	truth, err := judgeByTruth(ctx, w, e)
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(map[string]any{"status": e.Status(), "training": t.summary(), "truth": truth, "seconds": time.Since(start).Seconds()})
	}
	s := e.Status()
	a.printf("\nFindings\n\n%s, %s, %s, %s in the log.\n", plural(s.Live, "item"), people(s.Users), plural(s.Boards, "board"), plural(s.Offset, "event"))
	a.printFunnel(&t.Funnel)
	truth.print(a)
	if t.Promoted {
		a.printf("\nModel %s (%s) serves since %s after the start.\n", t.Version, t.Bundle.Card.Trainer, seconds(time.Since(start)))
	} else {
		a.printf("\nModel %s does not serve: %s.\n", t.Version, t.Why)
	}
	return nil
}

// serve shows the page while the world comes in and is learned from.
func (c *demoCmd) serve(a *app, w *synth.World, e *engine.Engine, folder string, start time.Time) error {
	ln, err := listenFrom(c.Port)
	if err != nil {
		return err
	}
	s, err := server.New(e, server.Options{Version: version(), Logger: a.logs})
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	url := "http://" + ln.Addr().String()
	return a.serving(e, s, ln, func(ctx context.Context) error {
		filled := make(chan error, 1)
		go func() { filled <- c.fill(a, ctx, w, e, folder) }()
		done, err := wall(ctx, e, filled)
		if err != nil {
			return err
		}
		if err := c.announce(a, ctx, url, start); err != nil {
			return err
		}
		if !done {
			a.ui.say("More of the world comes in while you look.")
			if err := <-filled; err != nil {
				return err
			}
			a.ui.say("The world is in after %s.", seconds(time.Since(start)))
		}
		if e.Current() == nil {
			a.ui.say("Learning from it; pages get better when the findings are out.")
		}
		return c.learn(a, ctx, w, e, start)
	})
}

// enough is how many items make a wall worth looking at.
const enough = 200

// wall waits until there are enough items to look at, or the world is in.
func wall(ctx context.Context, e *engine.Engine, filled <-chan error) (done bool, err error) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-filled:
			return true, err
		case <-ctx.Done():
			return false, ctx.Err()
		case <-tick.C:
			if e.House().Catalogue.Items() >= enough {
				return false, nil
			}
		}
	}
}

// announce says where the page is, once it has answered.
func (c *demoCmd) announce(a *app, ctx context.Context, url string, start time.Time) error {
	if err := get(ctx, http.DefaultClient, url+"/v1/explore"); err != nil {
		return fmt.Errorf("the first page: %w", err)
	}
	a.ui.done()
	if a.cli.JSON {
		a.ui.say("%s", url)
	} else {
		a.printf("\n  %s   (first page %s after the start; Ctrl-C stops)\n\n", url, seconds(time.Since(start)))
	}
	if c.Open {
		browse(url)
	}
	return nil
}

func browse(url string) {
	name := map[string]string{"darwin": "open", "windows": "explorer"}[runtime.GOOS]
	if name == "" {
		name = "xdg-open"
	}
	cmd := exec.Command(name, url)
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }()
	}
}
