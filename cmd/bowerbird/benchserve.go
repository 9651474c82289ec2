package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"
)

type benchServeCmd struct {
	Requests    int   `help:"Of each measurement." default:"2000"`
	Connections []int `help:"At once." default:"1,8"`
	Limit       int   `help:"Items on a page." default:"25"`
}

func (benchServeCmd) Help() string {
	return `Starts a server on the data folder in a process of its own and asks it for pages
of up to 500 people, items and searches: once with every page made anew, once
with the pages remembered, as they are while nothing happens. CPU is that of the
server's process.

Examples:
  bowerbird bench serve
  bowerbird bench serve --data shop --requests 10000 --connections 1 --connections 16`
}

// served is one measurement.
type served struct {
	Surface     string        `json:"surface"`
	Remembered  bool          `json:"remembered"` // asked again while nothing happened; else every page was made anew
	Connections int           `json:"connections"`
	Rate        float64       `json:"requests_per_second"`
	CPU         time.Duration `json:"cpu_per_request_ns"`
	Time        spread        `json:"time"`
}

func (c *benchServeCmd) Run(a *app) error {
	if c.Requests < 1 {
		return usagef("--requests: want at least 1")
	}
	var out []served
	for _, remembered := range []bool{false, true} {
		part, err := c.measure(a, remembered)
		if err != nil {
			return err
		}
		out = append(out, part...)
	}
	if a.cli.JSON {
		return a.printJSON(map[string]any{"machine": thisMachine(), "results": out})
	}
	a.printf("%s\n\n", thisMachine())
	rows := [][]string{{"page", "made", "connections", "requests/s", "CPU a request", "p50", "p99", "max"}}
	for _, r := range out {
		made := "anew"
		if r.Remembered {
			made = "asked again"
		}
		rows = append(rows, []string{r.Surface, made, count(r.Connections), fmt.Sprintf("%.0f", r.Rate), fmt.Sprintf("%.3f ms", float64(r.CPU.Microseconds())/1e3), millis(r.Time.Median), millis(r.Time.P99), millis(r.Time.Max)})
	}
	a.columns(rows)
	return nil
}

// measure runs one server, which makes every page anew or remembers pages for as
// long as nothing happens, and nothing does here.
func (c *benchServeCmd) measure(a *app, remembered bool) ([]served, error) {
	memo := "--memo=0"
	if remembered {
		memo = "--memo=4096"
	}
	s, err := startChild(a.ctx, a.data(standardData), 10*time.Minute, memo)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	ask, err := questions(a.ctx, s.base, c.Limit)
	if err != nil {
		return nil, err
	}
	var out []served
	for _, surface := range []string{"home", "related", "search"} {
		if len(ask[surface]) == 0 {
			continue
		}
		if _, err := closedLoop(a.ctx, s.base, ask[surface], max(200, len(ask[surface])), 1); err != nil { // warm up
			return nil, err
		}
		for _, n := range c.Connections {
			before, err := s.cpu()
			if err != nil {
				return nil, err
			}
			start := time.Now()
			took, err := closedLoop(a.ctx, s.base, ask[surface], c.Requests, n)
			if err != nil {
				return nil, err
			}
			elapsed := time.Since(start)
			after, err := s.cpu()
			if err != nil {
				return nil, err
			}
			out = append(out, served{surface, remembered, n, float64(c.Requests) / elapsed.Seconds(), (after - before) / time.Duration(c.Requests), spreadOf(took)})
			a.ui.say("%s over %s done", surface, plural(n, "connection"))
		}
	}
	return out, nil
}

// questions are the paths to ask for, of people and items that the server lists.
func questions(ctx context.Context, base string, limit int) (map[string][]string, error) {
	var users struct {
		Users []struct {
			ID string `json:"id"`
		} `json:"users"`
	}
	if err := fetchJSON(ctx, base+"/v1/users?limit=500", &users); err != nil {
		return nil, err
	}
	var items struct {
		Items []struct {
			ID    string `json:"id"`
			Title string `json:"title"`
		} `json:"items"`
	}
	if err := fetchJSON(ctx, base+"/v1/items?limit=500", &items); err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for _, u := range users.Users {
		out["home"] = append(out["home"], fmt.Sprintf("/v1/feed?limit=%d&user=%s", limit, url.QueryEscape(u.ID)))
	}
	for _, x := range items.Items {
		out["related"] = append(out["related"], fmt.Sprintf("/v1/items/%s/related?limit=%d", url.PathEscape(x.ID), limit))
		if w := strings.Fields(x.Title); len(w) > 0 {
			out["search"] = append(out["search"], fmt.Sprintf("/v1/search?limit=%d&q=%s", limit, url.QueryEscape(strings.Join(w[:min(2, len(w))], " "))))
		}
	}
	if len(out["home"]) == 0 && len(out["related"]) == 0 {
		return nil, fmt.Errorf("the data folder holds neither people nor items: import something first")
	}
	return out, nil
}
