package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/internal/synth"
	"bowerbird/internal/vec"
	"bowerbird/rank"
	"bowerbird/vision"
	"bowerbird/vision/patch"
)

type benchReembedCmd struct {
	Items   int           `help:"Items, each with a picture." default:"100000"`
	Actions int           `help:"What people did." default:"200000"`
	Rate    int           `help:"Requests a second." default:"50"`
	Time    time.Duration `help:"Of each measurement." default:"60s"`
	Rounds  int           `help:"Measurements idle and beside, in turn." default:"2"`
	Whole   bool          `help:"Go on until every picture has its vector, and say how long that took."`
	Seed    uint64        `help:"Of every random choice." default:"1"`
}

func (benchReembedCmd) Help() string {
	return `Makes a world whose items have pictures of 320 pixels, and an encoder learned from
them, in the data folder, unless they are there. Then asks for pages at a steady
rate: of a server that has nothing else to do, and of one that makes vectors of all
pictures for the encoder meanwhile. That one is killed (kill -9) and started again
between measurements; what it had made must be there.

Examples:
  bowerbird bench reembed --data re
  bowerbird bench reembed --data re --time 30s --rounds 3`
}

type reembedResult struct {
	Machine machine  `json:"machine"`
	Items   int      `json:"items"`
	Idle    []spread `json:"idle"`
	Beside  []spread `json:"beside"`
	Ratio   float64  `json:"p99_over_idle"` // medians of the rounds
	PerS    float64  `json:"pictures_per_second"`
	Made    []int64  `json:"made"` // before and after each kill
	Lost    int64    `json:"lost"`
	Whole   float64  `json:"whole_seconds,omitempty"`
}

func (c *benchReembedCmd) Run(a *app) error {
	if c.Items < 1000 || c.Rate < 1 || c.Time < time.Second || c.Rounds < 1 {
		return usagef("want --items from 1000, --rate and --rounds from 1, --time from 1s")
	}
	dir := a.data(filepath.Join(standardData, "reembed"))
	if _, err := os.Stat(filepath.Join(dir, "whole")); err != nil {
		if err := c.make(a, dir); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, "picture-vectors")); err != nil {
		return err
	}
	out := &reembedResult{Machine: thisMachine(), Items: c.Items}
	var made, took float64
	for round := range c.Rounds {
		idle, err := c.measure(a, dir, false, out)
		if err != nil {
			return err
		}
		before, start := keptRecords(dir), time.Now()
		beside, err := c.measure(a, dir, true, out)
		if err != nil {
			return err
		}
		made, took = made+float64(keptRecords(dir)-before), took+time.Since(start).Seconds()
		out.Idle, out.Beside = append(out.Idle, idle), append(out.Beside, beside)
		a.ui.say("round %d: p99 %s idle, %s beside", round+1, millis(idle.P99), millis(beside.P99))
	}
	var idle, beside []float64
	for i := range out.Idle {
		idle, beside = append(idle, out.Idle[i].P99.Seconds()), append(beside, out.Beside[i].P99.Seconds())
	}
	out.Ratio, out.PerS = median(beside)/median(idle), made/took
	if c.Whole {
		if err := c.finish(a, dir, out); err != nil {
			return err
		}
	}
	if a.cli.JSON {
		return a.printJSON(out)
	}
	a.printf("%s\n%s items with pictures, %d requests a second\n\n", out.Machine, count(c.Items), c.Rate)
	rows := [][]string{{"", "requests", "p50", "p99", "max"}}
	for i := range out.Idle {
		for _, x := range []struct {
			name string
			s    spread
		}{{"idle", out.Idle[i]}, {"beside", out.Beside[i]}} {
			rows = append(rows, []string{x.name, count(x.s.N), millis(x.s.Median), millis(x.s.P99), millis(x.s.Max)})
		}
	}
	a.columns(rows)
	a.printf("\np99 beside over idle %.2f (medians); %.0f pictures/s; vectors before and after kills %v: %d lost\n", out.Ratio, out.PerS, out.Made, out.Lost)
	if out.Whole > 0 {
		a.printf("whole after %.0f s more, and served\n", out.Whole)
	}
	return nil
}

// measure starts a server, that makes vectors or does not, asks it, and kills it.
func (c *benchReembedCmd) measure(a *app, dir string, beside bool, out *reembedResult) (spread, error) {
	if err := setCurrent(a.ctx, dir, beside); err != nil {
		return spread{}, err
	}
	s, err := startChild(a.ctx, dir, 10*time.Minute, "--memo", "0")
	if err != nil {
		return spread{}, err
	}
	defer s.kill()
	ask, err := questions(a.ctx, s.base, 25)
	if err != nil {
		return spread{}, err
	}
	var paths []string
	for i := range 500 {
		for _, surface := range []string{"home", "related", "search"} {
			if q := ask[surface]; len(q) > 0 {
				paths = append(paths, q[i%len(q)])
			}
		}
	}
	if _, err := closedLoop(a.ctx, s.base, paths, 600, 2); err != nil {
		return spread{}, err
	}
	took, err := openLoop(a.ctx, s.base, paths, c.Rate, int(c.Time.Seconds()*float64(c.Rate)))
	if err != nil {
		return spread{}, err
	}
	if beside {
		if _, waiting, err := sightOf(a.ctx, s.base); err != nil || waiting == 0 {
			return spread{}, fmt.Errorf("the pictures were done before the measurement was: more --items or less --time (%v)", err)
		}
		before := keptRecords(dir)
		s.kill()
		after := keptRecords(dir)
		out.Made = append(out.Made, before, after)
		out.Lost += max(0, before-after)
	}
	return spreadOf(took), nil
}

// finish waits until the encoder serves.
func (c *benchReembedCmd) finish(a *app, dir string, out *reembedResult) error {
	s, err := startChild(a.ctx, dir, 10*time.Minute)
	if err != nil {
		return err
	}
	defer s.stop()
	start := time.Now()
	for {
		next, waiting, err := sightOf(a.ctx, s.base)
		if err != nil {
			return err
		}
		if next == "" && waiting == 0 {
			out.Whole = time.Since(start).Seconds()
			return nil
		}
		a.ui.step("making vectors", int64(c.Items-waiting), int64(c.Items))
		select {
		case <-a.ctx.Done():
			return a.ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

func sightOf(ctx context.Context, base string) (next string, waiting int, err error) {
	var s struct {
		Sight engine.Sight `json:"sight"`
	}
	err = fetchJSON(ctx, base+"/v1/status", &s)
	return s.Sight.Next, s.Sight.Waiting, err
}

// keptRecords counts the vectors in the folder's file of them, see meaning.Kept.
func keptRecords(dir string) int64 {
	files, _ := filepath.Glob(filepath.Join(dir, "picture-vectors", "*"))
	for _, f := range files {
		b, err := os.Open(f)
		if err != nil {
			continue
		}
		head := make([]byte, 12)
		_, err = b.ReadAt(head, 0)
		n := int64(binary.LittleEndian.Uint32(head[8:]))
		dim := make([]byte, 4)
		if err == nil {
			_, err = b.ReadAt(dim, 12+n)
		}
		at, _ := b.Stat()
		_ = b.Close()
		if err == nil && at != nil {
			return (at.Size() - 16 - n) / (21 + 4*int64(binary.LittleEndian.Uint32(dim)))
		}
	}
	return 0
}

const reembedModels = "encoder"

// setCurrent makes the model with the encoder serve, or one without.
func setCurrent(ctx context.Context, dir string, with bool) error {
	e, err := engine.Open(ctx, dir, engine.Options{})
	if err != nil {
		return err
	}
	version := "plain"
	if with {
		version = reembedModels
	}
	err = e.Models().SetCurrent(version)
	if c := e.Close(); err == nil {
		err = c
	}
	return err
}

// make fills the folder.
func (c *benchReembedCmd) make(a *app, dir string) error {
	w, err := synth.New(synth.Options{Seed: c.Seed, Items: c.Items, Users: max(100, c.Items/50), Actions: c.Actions})
	if err != nil {
		return err
	}
	e, err := a.open(dir, false)
	if err != nil {
		return err
	}
	if err = takeWorld(a.ctx, w, e, time.Time{}, func(n int64) { a.ui.step("taking the world in", n, int64(c.Items+c.Actions)) }); err == nil {
		err = c.pictures(a, w, e)
	}
	if x := e.Close(); err == nil {
		err = x
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "whole"), []byte("whole\n"), 0o644)
}

// drawnOnce is how many pictures are drawn: items share them, each with a comment of its own
// so that its bytes, and the work, are its own.
const drawnOnce = 400

func (c *benchReembedCmd) pictures(a *app, w *synth.World, e *engine.Engine) error {
	drawn := make([]vision.Result, drawnOnce)
	pictures := make(tiled, drawnOnce)
	err := each(a.ctx, drawnOnce, func(i int) error {
		data, err := w.Picture(i)
		if err != nil {
			return err
		}
		if pictures[i], err = vision.Decode(data, vision.Options{}); err != nil {
			return err
		}
		drawn[i], err = pictures[i].Process()
		return err
	})
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(c.Seed, 7))
	const batch = 1000
	for from := 0; from < c.Items; from += batch {
		a.ui.step("giving items pictures", int64(from), int64(c.Items))
		n := min(batch, c.Items-from)
		blobs := make([]string, n)
		if err := each(a.ctx, n, func(i int) (err error) {
			j := drawn[(from+i)%drawnOnce].Small.JPEG
			note := fmt.Sprintf("item %d", from+i)
			data := append([]byte{0xff, 0xd8, 0xff, 0xfe, 0, byte(2 + len(note))}, note...)
			blobs[i], err = e.Blobs().Put(a.ctx, append(data, j[2:]...))
			return err
		}); err != nil {
			return err
		}
		var events []bowerbird.Event
		for i := range n {
			x, p := w.Item(from+i), drawn[(from+i)%drawnOnce]
			d := &bowerbird.Item{ID: x.ID, Title: x.Title, Description: x.Description, Categories: x.Categories, Tags: x.Tags, Owner: x.Owner, Created: x.Created.UnixMilli(),
				Picture: &bowerbird.Picture{Blob: blobs[i], Small: blobs[i], Large: blobs[i], Width: p.Width, Height: p.Height, Fingerprint: r.Uint64()}}
			v := make([]float32, vision.Dim)
			for k := range v {
				v[k] = p.Descriptor[k] + .02*float32(r.NormFloat64())
			}
			vec.Normalize(v)
			events = append(events, bowerbird.Event{Kind: bowerbird.ItemPut, ItemDoc: d},
				bowerbird.Event{Kind: bowerbird.SignalPut, Item: x.ID, Signal: &bowerbird.Signal{Name: "visual", Version: vision.DescriptorVersion, Vector: v}})
		}
		results, err := e.Ingest(a.ctx, events)
		if err != nil {
			return err
		}
		for _, x := range results {
			if x.Err != nil {
				return x.Err
			}
		}
	}
	enc, err := patch.Fit(a.ctx, pictures, patch.Options{Sides: []int{32}, Dim: 192, Patches: 60_000, Seed: c.Seed})
	if err != nil {
		return err
	}
	for _, b := range []*rank.Bundle{
		{Card: rank.Card{Version: "plain", Trainer: rank.CatalogueOnly}},
		{Card: rank.Card{Version: reembedModels, Trainer: rank.CatalogueOnly}, Patches: enc},
	} {
		if _, err := e.Register(b); err != nil {
			return err
		}
	}
	return nil
}
