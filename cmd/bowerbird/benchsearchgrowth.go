package main

import (
	"fmt"
	"os"
	"time"

	"bowerbird/index/postings/postingsbench"
)

// searchGrowth is what grows with the number of documents, and to which power of it.
type searchGrowth struct {
	Sizes     []postingsbench.Grown `json:"sizes"`
	Exponents map[string]float64    `json:"exponents"` // of build, folder, heap, and the time of each kind of query
}

// grow builds an index of each size in a folder of its own, which goes before the next is made.
func (c *benchSearchCmd) grow(a *app, titles *postingsbench.Titles) (*searchGrowth, error) {
	g := new(searchGrowth)
	for _, n := range c.Growth {
		a.ui.say("growth: %d titles ...", n)
		one, err := c.growOne(titles, n)
		if err != nil {
			return nil, err
		}
		g.Sizes = append(g.Sizes, one)
	}
	g.Exponents = map[string]float64{
		"build":  g.exponent(func(s *postingsbench.Grown) float64 { return s.Build.Seconds() }),
		"folder": g.exponent(func(s *postingsbench.Grown) float64 { return float64(s.Folder) }),
		"heap":   g.exponent(func(s *postingsbench.Grown) float64 { return float64(s.Heap) }),
	}
	for i, kind := range postingsbench.Kinds {
		g.Exponents[string(kind)] = g.exponent(func(s *postingsbench.Grown) float64 { return 1 / s.Took[i].PerSec })
	}
	return g, nil
}

func (c *benchSearchCmd) growOne(titles *postingsbench.Titles, n int) (postingsbench.Grown, error) {
	dir, err := os.MkdirTemp("", "bowerbird-growth-*")
	if err != nil {
		return postingsbench.Grown{}, err
	}
	defer os.RemoveAll(dir)
	return postingsbench.Grow(titles, n, c.Queries, dir)
}

func (g *searchGrowth) exponent(y func(*postingsbench.Grown) float64) float64 {
	var xs, ys []float64
	for i := range g.Sizes {
		xs, ys = append(xs, float64(g.Sizes[i].Docs)), append(ys, y(&g.Sizes[i]))
	}
	return postingsbench.Exponent(xs, ys)
}

func (g *searchGrowth) print(a *app) {
	head := []string{"docs", "build", "docs/s", "folder MB", "heap MB", "segments"}
	last := []string{"exponent", fmt.Sprintf("%.2f", g.Exponents["build"]), "", fmt.Sprintf("%.2f", g.Exponents["folder"]), fmt.Sprintf("%.2f", g.Exponents["heap"]), ""}
	for _, kind := range postingsbench.Kinds {
		head = append(head, string(kind)+"/s")
		last = append(last, fmt.Sprintf("%.2f", -g.Exponents[string(kind)]))
	}
	rows := [][]string{head}
	for _, s := range g.Sizes {
		row := []string{count(s.Docs), s.Build.Round(10 * time.Millisecond).String(), fmt.Sprintf("%.0f", float64(s.Docs)/s.Build.Seconds()),
			fmt.Sprintf("%.1f", float64(s.Folder)/1e6), fmt.Sprintf("%.1f", float64(s.Heap)/1e6), count(s.Segments)}
		for _, t := range s.Took {
			row = append(row, fmt.Sprintf("%.0f", t.PerSec))
		}
		rows = append(rows, row)
	}
	a.printf("\nGrowth, in a folder of mapped segments, one thread, queries a second:\n\n")
	a.columns(append(rows, last))
}
