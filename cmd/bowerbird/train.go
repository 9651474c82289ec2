package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"bowerbird/engine"
	"bowerbird/train"
	"bowerbird/vision/encode"
	"bowerbird/vision/see"
)

type trainCmd struct {
	Time    time.Duration `help:"Time for choosing among models." default:"1m"`
	Samples int           `help:"Moments of the log that the ranker learns from." default:"1000"`
	Memory  int           `help:"MiB that one model may plan for." default:"4096"`
	Seed    uint64        `help:"Of every random choice." default:"1"`

	PictureEncoder string `help:"Folder of the image encoder that serves (serve --picture-encoder), to learn a map after it from boards." type:"existingdir" placeholder:"DIR"`

	Validate string `help:"What models are chosen on. time: what people did next. random: likes held out at random." enum:"time,random" default:"time"`
}

func (trainCmd) Help() string {
	return `Cuts the log in three by its order: models learn from the first part, are
chosen on the second and judged on the third. A model that is worse than what
serves, worse than popularity, or not finite is kept but does not serve.

Examples:
  bowerbird train
  bowerbird train --time 5m --data shop`
}

func (c *trainCmd) Run(a *app) error {
	eye, err := c.eye()
	if err != nil {
		return err
	}
	e, err := a.open(a.data(standardData), false, func(o *engine.Options) { o.House.Eye = eye })
	if err != nil {
		return err
	}
	defer a.close(e)
	if err := c.with(a, e); err != nil {
		return err
	}
	return a.embed(e)
}

func (c *trainCmd) eye() (see.Encoder, error) {
	if c.PictureEncoder == "" {
		return nil, nil
	}
	return encode.Open(c.PictureEncoder, encode.Options{})
}

// embed makes the vectors that serving by the new encoder of pictures needs: quicker here
// than behind a server.
func (a *app) embed(e *engine.Engine) error {
	all := e.Sight().Waiting
	for done := 0; ; {
		n, err := e.Embed(a.ctx, 64)
		if err != nil || n == 0 {
			a.ui.done()
			return err
		}
		done += n
		a.ui.step("seeing pictures anew", int64(done), int64(max(all, done)))
	}
}

func (c *trainCmd) with(a *app, e *engine.Engine) error {
	t, err := trainOnce(a.ctx, e, c.options(a.ui))
	if errors.Is(err, train.ErrTooLittle) {
		return fmt.Errorf("%w\nImport something with saves, clicks or ratings first: bowerbird import PATH", err)
	}
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(t.summary())
	}
	a.printTrained(t)
	return nil
}

func (c *trainCmd) options(u *ui) train.Options {
	return train.Options{
		Samples: c.Samples, Time: c.Time, Memory: int64(c.Memory) << 20, Seed: c.Seed, Validate: train.Validation(c.Validate),
		Note: func(line string) { u.say("  %s", line) },
		Step: func(what string, done, total uint64) { u.step(what, int64(done), int64(total)) },
	}
}

// trained is a training that ended.
type trained struct {
	*train.Result
	Version string
	Took    time.Duration
}

// trainOnce trains on the engine's log, registers the result and, if it is
// promoted, puts it in place while pages are served.
func trainOnce(ctx context.Context, e *engine.Engine, o train.Options) (*trained, error) {
	start := time.Now()
	current, err := e.CurrentBundle()
	if err != nil {
		return nil, err
	}
	o.Log, o.Current = e.Log(), current
	o.NewHouse = func() (train.House, error) { return e.NewHouse() }
	o.Terms, o.Sight = e.House().Terms, e.Sights()
	r, err := train.Run(ctx, o)
	if err != nil {
		return nil, err
	}
	t := &trained{Result: r}
	if r.Bundle != nil {
		if t.Version, err = e.Register(r.Bundle); err != nil {
			return nil, err
		}
		if r.Promoted {
			if err := e.Install(ctx, t.Version); err != nil {
				return nil, err
			}
		}
		if _, err := e.Models().Prune(5); err != nil {
			return nil, err
		}
	}
	t.Took = time.Since(start)
	return t, nil
}

func (t *trained) summary() map[string]any {
	m := map[string]any{"version": t.Version, "promoted": t.Promoted, "why": t.Why, "seconds": t.Took.Seconds(), "funnel": t.Funnel}
	if t.Bundle != nil {
		m["card"] = t.Bundle.Card
	}
	return m
}

func (a *app) printTrained(t *trained) {
	a.printFunnel(&t.Funnel)
	if t.Promoted {
		a.printf("\nModel %s serves now (trained in %s).\n", t.Version, seconds(t.Took))
		return
	}
	a.printf("\nModel %s is kept but does not serve: %s.\n", t.Version, t.Why)
}

// printFunnel prints how every system ordered the last part of the log, and how
// much of what people went on to like was left after each stage.
func (a *app) printFunnel(f *train.Funnel) {
	if f.Moments == 0 {
		return
	}
	a.printf("On the last part of the log, %s at which a person's next likes are predicted:\n\n", plural(f.Moments, "moment"))
	rows := [][]string{{"  order", "NDCG@10", "95 %", "Recall@10", "95 %"}}
	for _, s := range f.Systems {
		rows = append(rows, []string{"  " + s.Name, fmt.Sprintf("%.4f", s.NDCG.Mean), fmt.Sprintf("± %.4f", s.NDCG.High-s.NDCG.Mean),
			fmt.Sprintf("%.4f", s.Recall.Mean), fmt.Sprintf("± %.4f", s.Recall.High-s.Recall.Mean)})
	}
	a.columns(rows)
	a.printf("\n")
	rows = [][]string{{"  stage", "recall", "95 %", "items"}}
	for _, s := range f.Stages {
		rows = append(rows, []string{"  " + strings.TrimSpace(s.Name), fmt.Sprintf("%.4f", s.Recall.Mean), fmt.Sprintf("± %.4f", s.Recall.High-s.Recall.Mean), fmt.Sprintf("%.0f", s.Items)})
	}
	a.columns(rows)
}
