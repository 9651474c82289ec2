package main

import (
	"context"
	"fmt"
	"slices"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/internal/synth"
)

// truthReport is how near pages come to what people truly like: the mean true
// affinity (the probability of opening an item once it is looked at) of the
// first 25 items of home pages.
type truthReport struct {
	People  int              `json:"people"`
	Systems []truthOfOneKind `json:"systems"`
}

type truthOfOneKind struct {
	Name     string  `json:"name"`
	Affinity float64 `json:"affinity"`
	// Share is where it lies between a random page (0) and the best possible (1).
	Share float64 `json:"share"`
}

const (
	truthPeople = 100
	truthPage   = 25
)

// judgeByTruth compares home pages with the world's answer sheet. The best
// possible page is made of items that the person has not acted on, as home pages are.
func judgeByTruth(ctx context.Context, w *synth.World, e *engine.Engine) (*truthReport, error) {
	h := e.House()
	byName := map[string]int{}
	items, users, _ := w.Len()
	for i := range items {
		byName[w.Item(i).ID] = i
	}
	sum := map[string]float64{}
	n := map[string]int{}
	var order []string
	people := 0
	step := max(1, users/truthPeople)
	for u := 0; u < users; u += step {
		name := w.User(u).ID
		id, ok := h.Catalogue.User(name)
		if !ok || len(h.History(id)) == 0 {
			continue
		}
		lists, err := pagesOf(ctx, e, name, id)
		if err != nil {
			return nil, err
		}
		people++
		affinity := func(x bowerbird.ItemID) float64 {
			return w.Truth().AffinityAt(u, byName[h.Catalogue.ItemName(x)], w.End())
		}
		for _, l := range append(lists, ideal(h, id, affinity)...) {
			total := 0.0
			for _, x := range l.items {
				total += affinity(x)
			}
			if len(l.items) == 0 {
				continue
			}
			if n[l.name] == 0 {
				order = append(order, l.name)
			}
			sum[l.name] += total / float64(len(l.items))
			n[l.name]++
		}
	}
	r := &truthReport{People: people}
	slices.SortStableFunc(order, func(a, b string) int { return place(a) - place(b) })
	mean := func(name string) float64 { return sum[name] / float64(max(1, n[name])) }
	for _, name := range order {
		share := (mean(name) - mean(randomPage)) / max(mean(bestPage)-mean(randomPage), 1e-12)
		r.Systems = append(r.Systems, truthOfOneKind{name, mean(name), share})
	}
	return r, nil
}

const (
	randomPage = "random"
	bestPage   = "best possible"
	servedPage = "served home page"
	popularity = "popularity"
)

func place(name string) int {
	switch name {
	case randomPage:
		return 0
	case popularity:
		return 1
	case servedPage:
		return 3
	case bestPage:
		return 4
	}
	return 2
}

type namedList struct {
	name  string
	items []bowerbird.ItemID
}

// pagesOf are the served home page, popularity under the same filters, and the
// first 25 of every source.
func pagesOf(ctx context.Context, e *engine.Engine, name string, id bowerbird.UserID) ([]namedList, error) {
	h := e.House()
	a, err := e.Page(ctx, engine.Query{Surface: bowerbird.Home, User: name, Limit: truthPage})
	if err != nil {
		return nil, err
	}
	served := namedList{name: servedPage}
	for _, c := range a.Page.Items {
		served.items = append(served.items, c.Item)
	}
	r := bowerbird.Request{Surface: bowerbird.Home, User: id, Seed: 1, Now: h.Now(), Offset: h.Catalogue.Offset(), Limit: truthPage}
	pop, err := h.Popular(ctx, r, truthPage)
	if err != nil {
		return nil, err
	}
	popular := namedList{name: popularity}
	for _, x := range pop {
		popular.items = append(popular.items, bowerbird.ItemID(x))
	}
	p, err := h.Candidates(ctx, r)
	if err != nil {
		return nil, err
	}
	return append([]namedList{popular, served}, bySource(p, truthPage)...), nil
}

// bySource are each source's own first n.
func bySource(p *bowerbird.Page, n int) []namedList {
	type ranked struct {
		item bowerbird.ItemID
		rank uint16
	}
	lists := make([][]ranked, len(p.Sources))
	for _, c := range p.Items {
		for _, f := range c.From {
			lists[f.Source] = append(lists[f.Source], ranked{c.Item, f.Rank})
		}
	}
	var out []namedList
	for s, l := range lists {
		slices.SortFunc(l, func(a, b ranked) int {
			if a.rank != b.rank {
				return int(a.rank) - int(b.rank)
			}
			return int(int64(a.item) - int64(b.item))
		})
		x := namedList{name: "source " + p.Sources[s]}
		for _, c := range l[:min(n, len(l))] {
			x.items = append(x.items, c.item)
		}
		out = append(out, x)
	}
	return out
}

// ideal is the best page that could be made of items not acted on, and the mean
// over all of them, which is what a random page gives.
func ideal(h *engine.House, u bowerbird.UserID, affinity func(bowerbird.ItemID) float64) []namedList {
	acted := map[bowerbird.ItemID]bool{}
	for _, x := range h.History(u) {
		acted[x.Item] = true
	}
	var all []bowerbird.ItemID
	worth := map[bowerbird.ItemID]float64{}
	for x := bowerbird.ItemID(1); int(x) <= h.Catalogue.Items(); x++ {
		if h.Catalogue.Live(x) && !acted[x] {
			all = append(all, x)
			worth[x] = affinity(x)
		}
	}
	best := slices.Clone(all)
	slices.SortStableFunc(best, func(a, b bowerbird.ItemID) int {
		switch {
		case worth[a] > worth[b]:
			return -1
		case worth[a] < worth[b]:
			return 1
		}
		return 0
	})
	return []namedList{{randomPage, all}, {bestPage, best[:min(truthPage, len(best))]}}
}

func (r *truthReport) print(a *app) {
	a.printf("\nAgainst the world's truth, mean true affinity of the first %d, over %s:\n\n", truthPage, plural(r.People, "home page"))
	rows := [][]string{{"  page", "affinity", "of the way from random to best"}}
	for _, s := range r.Systems {
		rows = append(rows, []string{"  " + s.Name, fmt.Sprintf("%.4f", s.Affinity), fmt.Sprintf("%.0f %%", 100*s.Share)})
	}
	a.columns(rows)
}
