package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"bowerbird/engine"
	"bowerbird/server"
	"bowerbird/store"
	"bowerbird/text"
	"bowerbird/train"
	"bowerbird/vision/encode"
)

type serveCmd struct {
	Listen          string        `help:"Address. One that other machines reach needs an API key." default:"127.0.0.1:8080"`
	TrainEvery      time.Duration `help:"Train this often while serving; 0 never." default:"0s" placeholder:"DURATION"`
	Hosts           []string      `help:"Further names by which the server may be called." placeholder:"NAME"`
	Origins         []string      `help:"Other sites whose pages may call, as https://shop.example." placeholder:"ORIGIN"`
	Memo            int           `help:"Pages that are remembered for as long as no event comes in; 0 none." default:"1024"`
	Languages       []string      `help:"Languages that items are written in, the commonest first, as en,de,fr; kept in the data folder. Changing it reads the log anew." placeholder:"CODE"`
	Synonyms        string        `help:"File of words with one meaning, one group a line: couch, sofa; or one way: telly => television." type:"existingfile" placeholder:"FILE"`
	TextEncoder     string        `help:"Folder of a sentence model (see text/sentence) for meaning in search, instead of vectors learned from the catalogue. Items are embedded behind." type:"existingdir" placeholder:"DIR"`
	PictureDetector string        `help:"Folder of a detector (ONNX, see docs/encoders.md) that finds the parts of pictures that are proposed to search by; without it what stands out is." type:"existingdir" placeholder:"DIR"`
	PictureEncoder  string        `help:"Folder of an image encoder (ONNX, see docs/encoders.md) that pictures are seen by, instead of the built-in or learned one. Vectors of what there is are made behind; it serves when all are there." type:"existingdir" placeholder:"DIR"`
	Taxonomy        string        `help:"File of what things are, a path a line, as home/kitchen/mug: labels of items imply what lies above them." type:"existingfile" placeholder:"FILE"`
	fetchFlags
	Backups string `help:"Folder into which POST /v1/backup may write; else it is refused." type:"path" placeholder:"DIR"`
}

func (serveCmd) Help() string {
	return `Serves the web page at /, the interface under /v1 (described at /docs), a
Gorse-compatible one under /api, and /metrics. Ctrl-C finishes the requests in
progress and saves a checkpoint.

Examples:
  bowerbird serve
  bowerbird serve --data shop --listen 127.0.0.1:9000 --train-every 6h
  bowerbird keys create --scope read && bowerbird serve --listen :8080`
}

func (c *serveCmd) Run(a *app) error {
	dir := a.data(standardData)
	f, err := c.fetcher()
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("%w\nChoose another address with --listen", err)
	}
	if c.Memo == 0 {
		c.Memo = -1 // the engine's 0 is its default
	}
	house, err := c.house(dir)
	var e *engine.Engine
	if err == nil {
		e, err = a.open(dir, false, func(o *engine.Options) { o.Memo, o.House = c.Memo, house })
	}
	if err != nil {
		_ = ln.Close()
		return err
	}
	defer a.close(e)
	s, err := server.New(e, server.Options{Version: version(), Hosts: c.Hosts, Origins: c.Origins, Backups: c.Backups, Fetch: f, Logger: a.logs,
		Ready: func(at net.Addr) { a.printf("Serving %s at http://%s (Ctrl-C stops)\n", dir, at) }})
	if err != nil {
		_ = ln.Close()
		return err
	}
	a.ui.done()
	return a.serving(e, s, ln, func(ctx context.Context) error { a.trainEvery(ctx, e, c.TrainEvery); return nil })
}

// house reads the languages and the owner's synonyms.
func (c *serveCmd) house(dir string) (o engine.HouseOptions, err error) {
	o.Languages = c.Languages
	if c.TextEncoder != "" {
		if o.Encoder, err = textEncoder(dir, c.TextEncoder); err != nil {
			return o, err
		}
	}
	if c.PictureEncoder != "" {
		if o.Eye, err = encode.Open(c.PictureEncoder, encode.Options{Threads: 1}); err != nil {
			return o, err
		}
	}
	if c.PictureDetector != "" {
		d, err := encode.OpenDetector(c.PictureDetector, encode.Options{Threads: 1})
		if err != nil {
			return o, err
		}
		o.Detector = d
	}
	if c.Taxonomy != "" {
		f, err := os.Open(c.Taxonomy)
		if err != nil {
			return o, err
		}
		o.Taxonomy, err = engine.ReadTaxonomy(f)
		if err = errors.Join(err, f.Close()); err != nil {
			return o, usagef("--taxonomy: %s: %v", c.Taxonomy, err)
		}
	}
	if c.Synonyms == "" {
		return o, nil
	}
	languages := c.Languages
	if len(languages) == 0 {
		if languages, err = store.Dir(dir).Languages(); err != nil {
			return o, err
		}
	}
	m, err := text.NewMulti(text.MultiOptions{Languages: languages})
	if err != nil {
		return o, usagef("--languages: %v", err)
	}
	f, err := os.Open(c.Synonyms)
	if err != nil {
		return o, err
	}
	defer f.Close()
	if o.Synonyms, err = text.ReadSynonyms(f, m.Default()); err != nil {
		return o, usagef("--synonyms: %s: %v", c.Synonyms, err)
	}
	return o, nil
}

// serving serves until the program is to stop, with the engine's housekeeping
// and another job beside it; it returns when all have ended. A job that fails
// ends the serving.
func (a *app) serving(e *engine.Engine, s *server.Server, ln net.Listener, beside func(context.Context) error) error {
	ctx, cancel := context.WithCancel(a.ctx)
	var wg sync.WaitGroup
	wg.Go(func() { e.Run(ctx) })
	var failed error
	wg.Go(func() {
		if err := beside(ctx); err != nil && ctx.Err() == nil {
			failed = err
			cancel()
		}
	})
	err := s.Serve(ctx, ln)
	cancel()
	wg.Wait()
	err = errors.Join(failed, err)
	if a.ctx.Err() != nil && err == nil {
		a.ui.say("stopped")
	}
	return err
}

// trainEvery trains again and again. A training that fails is logged; the old
// model goes on serving.
func (a *app) trainEvery(ctx context.Context, e *engine.Engine, every time.Duration) {
	if every <= 0 {
		return
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		t, err := trainOnce(ctx, e, train.Options{Seed: 1})
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, train.ErrTooLittle):
			a.logs.Info("not trained: too little in the log")
		case err != nil:
			a.logs.Error("training failed; the old model serves on", "error", err)
		default:
			a.logs.Info("trained", "version", t.Version, "promoted", t.Promoted, "why", t.Why, "took", t.Took)
		}
	}
}

// listenFrom takes the first free port from the given one on.
func listenFrom(port int) (net.Listener, error) {
	var first error
	for p := port; p < port+50; p++ {
		ln, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(p)))
		if err == nil {
			return ln, nil
		}
		if first == nil {
			first = err
		}
		if port == 0 {
			break
		}
	}
	return nil, fmt.Errorf("%w\nChoose another port with --port", first)
}
