package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/eval"
	"bowerbird/server"
)

// lists are one person's, by system.
type lists map[string][]uint32

const servedFunnel = "served funnel"

// measure asks for every list and judges each system.
func (c *evalCmd) measure(a *app, e *engine.Engine, x *experiment) (*evaluation, error) {
	home := func(ctx context.Context, user string) ([]string, error) {
		ans, err := e.Page(ctx, engine.Query{Surface: bowerbird.Home, User: user, Limit: c.K})
		if err != nil {
			return nil, err
		}
		out := make([]string, len(ans.Items))
		for i, s := range ans.Items {
			out[i] = s.Doc.ID
		}
		return out, nil
	}
	how := "asked of the engine"
	if c.HTTP {
		stop, base, err := serveLoopback(a, e)
		if err != nil {
			return nil, err
		}
		defer stop()
		how = "taken over HTTP"
		home = func(ctx context.Context, user string) ([]string, error) { return feed(ctx, base, user, c.K) }
	}
	all, err := c.lists(a, e, x, home)
	if err != nil {
		return nil, err
	}
	out := &evaluation{Protocol: x.protocol + ", lists " + how, K: c.K, Notes: x.notes, Training: x.trained.summary(), Model: "none"}
	if m := e.Current(); m != nil {
		out.Model = m.Card.Version + " (" + m.Card.Trainer + ")"
	}
	reports := map[string]*eval.Report{}
	for _, name := range systemsOf(all, e) {
		r, err := eval.Evaluate(a.ctx, func(_ context.Context, u uint32) ([]uint32, error) {
			return all[u][name], nil
		}, x.queries, eval.Options{K: c.K, Items: x.items, Counts: x.liked, Users: len(x.known), Distance: distance(e)})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		reports[name] = r
		m := measured{Name: name, Figures: map[string]eval.Estimate{}, Coverage: r.Coverage, Gini: r.Gini}
		for _, metric := range r.Metrics() {
			if est := r.Estimate(metric); !math.IsNaN(est.Mean) {
				m.Figures[string(metric)] = est
			}
		}
		out.Systems = append(out.Systems, m)
		out.People, out.Skipped = len(r.Users), r.Skipped
	}
	for _, u := range reports[servedFunnel].Users {
		if len(x.known[u]) == 0 {
			out.Cold++
		}
	}
	cmp, err := eval.Compare(reports[popularity], reports[servedFunnel], eval.MetricNDCG, 1000, c.Seed)
	if err != nil {
		return nil, err
	}
	out.Comparison = &cmp
	return out, nil
}

// systemsOf names the systems in the order in which they are printed.
func systemsOf(all map[uint32]lists, e *engine.Engine) []string {
	out := []string{servedFunnel, popularity}
	for _, s := range e.Status().Sources {
		name := "source " + s
		for _, l := range all {
			if len(l[name]) > 0 {
				out = append(out, name)
				break
			}
		}
	}
	return out
}

// lists asks, with all cores, for what each person of the test part would be shown.
func (c *evalCmd) lists(a *app, e *engine.Engine, x *experiment, home func(context.Context, string) ([]string, error)) (map[uint32]lists, error) {
	ctx, cancel := context.WithCancelCause(a.ctx)
	defer cancel(nil)
	popular := x.popular()
	all := make(map[uint32]lists, len(x.queries))
	var mu sync.Mutex
	var wg sync.WaitGroup
	work := make(chan uint32)
	shown, done := 0, 0
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for u := range work {
				l, again, err := c.listsOf(ctx, e, x, u, popular, home)
				if err != nil {
					cancel(fmt.Errorf("lists of %s: %w", x.users[u], err))
					continue
				}
				mu.Lock()
				all[u] = l
				shown += again
				done++
				a.ui.step("asking for pages", int64(done), int64(len(x.queries)))
				mu.Unlock()
			}
		})
	}
	for _, q := range x.queries {
		if ctx.Err() == nil && q.Relevant.Count() > 0 {
			work <- q.User
		}
	}
	close(work)
	wg.Wait()
	if shown > 0 {
		x.note("%s on the served lists were in the person's training part", plural(shown, "place"))
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return all, nil
}

func (c *evalCmd) listsOf(ctx context.Context, e *engine.Engine, x *experiment, u uint32, popular []uint32, home func(context.Context, string) ([]string, error)) (lists, int, error) {
	h, out, again := e.House(), lists{}, 0
	names, err := home(ctx, x.users[u])
	if err != nil {
		return nil, 0, err
	}
	for _, n := range names {
		id, ok := h.Catalogue.Item(n)
		if !ok {
			return nil, 0, fmt.Errorf("the page shows %q, which the catalogue has not", n)
		}
		if x.known[u][uint32(id)-1] {
			again++
		}
		out[servedFunnel] = append(out[servedFunnel], uint32(id)-1)
	}
	for _, it := range popular {
		if len(out[popularity]) == c.K {
			break
		}
		if !x.known[u][it] {
			out[popularity] = append(out[popularity], it)
		}
	}
	id, ok := h.Catalogue.User(x.users[u])
	if !ok {
		return out, again, nil
	}
	p, err := h.Candidates(ctx, bowerbird.Request{Surface: bowerbird.Home, User: id, Seed: 1, Now: h.Now(), Offset: h.Catalogue.Offset(), Limit: c.K})
	if err != nil {
		return nil, 0, err
	}
	for _, s := range bySource(p, c.K) {
		for _, it := range s.items {
			out[s.name] = append(out[s.name], uint32(it)-1)
		}
	}
	return out, again, nil
}

// distance of two items is 1 less the Jaccard overlap of their categories and tags.
func distance(e *engine.Engine) func(a, b uint32) float64 {
	cat := e.House().Catalogue
	words := func(x uint32) []string {
		d, err := cat.ItemDoc(bowerbird.ItemID(x + 1))
		if err != nil {
			return nil
		}
		return append(append([]string(nil), d.Categories...), d.Tags...)
	}
	return func(a, b uint32) float64 {
		wa, wb := words(a), words(b)
		both := 0
		for _, w := range wa {
			for _, v := range wb {
				if w == v {
					both++
					break
				}
			}
		}
		if all := len(wa) + len(wb) - both; all > 0 {
			return 1 - float64(both)/float64(all)
		}
		return 0
	}
}

// serveLoopback starts the real server on a free port of this machine.
func serveLoopback(a *app, e *engine.Engine) (stop func(), base string, err error) {
	s, err := server.New(e, server.Options{Version: version(), Logger: a.logs})
	if err != nil {
		return nil, "", err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	ctx, cancel := context.WithCancel(a.ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, ln) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			a.logs.Warn("the server did not stop cleanly", "error", err)
		}
	}, "http://" + ln.Addr().String(), nil
}

// feed is a person's home page over HTTP: the ids on it.
func feed(ctx context.Context, base, user string, k int) ([]string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/v1/feed?limit=%d&user=%s", base, k, url.QueryEscape(user)), nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET /v1/feed: %s: %s", resp.Status, strings.TrimSpace(string(b)))
	}
	var page struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	if err := json.Unmarshal(b, &page); err != nil {
		return nil, err
	}
	out := make([]string, len(page.Items))
	for i, x := range page.Items {
		out[i] = x.ID
	}
	return out, nil
}
