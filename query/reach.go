package query

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// reached is where a walk from a query ends up: shares of visits.
type reached struct {
	queries map[uint32]float64
	items   map[uint32]float64
}

// Numbers of the walk.
const (
	restart    = .3    // chance to go back to the query after each step
	least      = 5e-4  // mass that is not worth passing on
	maxPushes  = 2_000 // bounds the cost
	toItems    = .6    // of a search's mass, where it has both items and next searches
	usual      = 2     // how often one search must follow another to count: people change the subject
	fromItself = .6    // of the start, for a query that was searched before; the rest starts at its words
	maxHolding = 2_000 // searches of a word that a walk starts from
)

// reach walks at random with restart from a query over the graph of words,
// searches and items: from a word to the searches that hold it, from a search to
// what was liked after it and to what was searched next, from an item to the
// searches after which it was liked. A query that nobody typed before starts at
// its words. At most 2,000 pushes of at most 72 edges each: some 10 µs to 5 ms.
//
// Source: Boldi et al., "The query-flow graph", CIKM 2008; Bonchi et al.,
// "Efficient query recommendations in the long tail via center-piece subgraphs",
// SIGIR 2012, for the words. The shares are computed by forward push (Andersen,
// Chung and Lang, FOCS 2006), not by chance.
func (v *Understanding) reach(key string, terms []string) reached {
	h := &v.log
	w := walker{h: h, left: map[uint64]float64{}, got: map[uint64]float64{}}
	rest := 1.0
	if id, ok := h.ids[key]; ok && len(h.queries[id].items)+len(h.queries[id].next) > 0 {
		w.give(uint64(id)<<1, fromItself)
		rest -= fromItself
	}
	total := 0.0
	for _, t := range terms {
		if n, ok := h.terms[t]; ok && len(h.holding[n]) > 0 {
			total += v.cat.idf(t)
		}
	}
	for _, t := range terms {
		n, ok := h.terms[t]
		if !ok || total == 0 {
			continue
		}
		holding := h.holding[n][:min(len(h.holding[n]), maxHolding)]
		sum := 0.0
		for _, q := range holding {
			sum += math.Log2(1 + float64(h.queries[q].count))
		}
		for _, q := range holding {
			w.give(uint64(q)<<1, rest*v.cat.idf(t)/total*math.Log2(1+float64(h.queries[q].count))/sum)
		}
	}
	w.run()
	out := reached{queries: map[uint32]float64{}, items: map[uint32]float64{}}
	for node, x := range w.got {
		if node&1 == 0 {
			out.queries[uint32(node>>1)] = x
		} else if v.cat.live(uint32(node >> 1)) {
			out.items[uint32(node>>1)] = x
		}
	}
	return out
}

// best lists what was reached most, by share and then by number.
func best(m map[uint32]float64, n int) []uint32 {
	ids := slices.SortedFunc(maps.Keys(m), func(a, b uint32) int { return cmp.Or(cmp.Compare(m[b], m[a]), cmp.Compare(a, b)) })
	return ids[:min(n, len(ids))]
}

// walker pushes mass about. A node is a search's number times two, or an item's
// times two plus one.
type walker struct {
	h         *history
	left, got map[uint64]float64
	queue     []uint64
}

func (w *walker) give(node uint64, mass float64) {
	before := w.left[node]
	w.left[node] = before + mass
	if before < least && before+mass >= least {
		w.queue = append(w.queue, node)
	}
}

func (w *walker) run() {
	for n := 0; len(w.queue) > 0 && n < maxPushes; n++ {
		node := w.queue[0]
		w.queue = w.queue[1:]
		mass := w.left[node]
		w.left[node] = 0
		w.got[node] += restart * mass
		w.push(node, (1-restart)*mass)
	}
	// What is left stays where it is: the walks end there.
	for node, mass := range w.left {
		if mass > 0 {
			w.got[node] += restart * mass
		}
	}
}

func (w *walker) push(node uint64, mass float64) {
	if node&1 == 1 {
		item := uint32(node >> 1)
		sum := 0.0
		for _, q := range w.h.asked[item] {
			sum += float64(w.h.queries[q].items.at(item))
		}
		for _, q := range w.h.asked[item] {
			w.give(uint64(q)<<1, mass*float64(w.h.queries[q].items.at(item))/sum)
		}
		return
	}
	q := &w.h.queries[node>>1]
	items, next := q.items.sum(), 0.0
	for _, x := range q.next {
		if x.w >= usual {
			next += float64(x.w)
		}
	}
	share := toItems
	switch {
	case items == 0:
		share = 0
	case next == 0:
		share = 1
	}
	for _, x := range q.items {
		w.give(uint64(x.to)<<1|1, mass*share*float64(x.w)/items)
	}
	for _, x := range q.next {
		if x.w >= usual {
			w.give(uint64(x.to)<<1, mass*(1-share)*float64(x.w)/next)
		}
	}
}
