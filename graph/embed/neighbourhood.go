package embed

import (
	"context"
	"fmt"
	"math"
	"slices"

	"bowerbird/graph"
)

// hood is a node's neighbourhood: the nodes that walks from it visit most, with their share of the visits.
type hood struct {
	to []uint32
	w  []float32 // sums to 1, or is empty
}

// notANode numbers the newcomer.
const notANode = math.MaxUint32

// without returns the neighbourhood without one node.
func (h hood) without(x uint32) hood {
	i := slices.Index(h.to, x)
	if i < 0 {
		return h
	}
	out := hood{slices.Delete(slices.Clone(h.to), i, i+1), slices.Delete(slices.Clone(h.w), i, i+1)}
	out.scale()
	return out
}

func (h hood) scale() {
	sum := float32(0)
	for _, w := range h.w {
		sum += w
	}
	for i := range h.w {
		h.w[i] /= sum
	}
}

// hoods finds neighbourhoods: from a list of all nodes, or one by one.
type hoods struct {
	all  []hood
	list map[uint32]hood // looked up by id only
	find func(uint32) (hood, error)
}

func (h *hoods) of(i uint32) (hood, error) {
	if got, ok := h.list[i]; ok {
		return got, nil
	}
	if h.all != nil {
		return h.all[i], nil
	}
	got, err := h.find(i)
	if err == nil {
		h.list[i] = got
	}
	return got, err
}

// around walks for neighbourhoods.
type around struct {
	s       *graph.Snapshot
	top     int
	steps   int
	oneMode bool
	kinds   uint64
	seed    uint64
}

func (a *Aggregator) around(s *graph.Snapshot) around {
	return around{s, a.neighbours, a.steps, a.oneMode, a.kinds, a.seed}
}

// newcomer is the queries of a node's first edges.
func newcomer(edges []uint32, s *graph.Snapshot, oneMode bool) []graph.Query {
	var out []graph.Query
	for _, e := range edges {
		if d := s.Degree(graph.Right, e); d > 0 || oneMode {
			// Walk shares steps by degree; each edge of a node is taken alike.
			out = append(out, graph.Query{ID: e, Side: graph.Right, Weight: 1 / float64(max(d, 1))})
		}
	}
	return out
}

// node is the neighbourhood of a left node of the graph.
func (a around) node(i uint32, nodes int) (hood, error) {
	return a.of([]graph.Query{{ID: i, Side: graph.Left}}, nodes, i)
}

// of counts the visits of short walks on left nodes below nodes. In a plain graph a walk of one side sees every second
// node only, so that there both sides count.
func (a around) of(q []graph.Query, nodes int, self uint32) (hood, error) {
	visits, err := a.walk(q, graph.Left)
	if err == nil && a.oneMode {
		var odd []graph.Hit
		if odd, err = a.walk(q, graph.Right); err == nil {
			if len(q) > 0 && q[0].Side == graph.Right { // the first hop of a newcomer is its edges themselves
				for _, x := range q {
					odd = append(odd, graph.Hit{ID: x.ID, Visits: uint32(a.steps / len(q))})
				}
			}
			visits = merged(append(visits, odd...))
		}
	}
	if err != nil {
		return hood{}, fmt.Errorf("neighbourhood: %w", err)
	}
	var h hood
	for _, v := range visits {
		if v.ID != self && int(v.ID) < nodes && len(h.to) < a.top {
			h.to, h.w = append(h.to, v.ID), append(h.w, float32(v.Visits))
		}
	}
	h.scale()
	return h, nil
}

func (a around) walk(q []graph.Query, target graph.Side) ([]graph.Hit, error) {
	hits, _, err := a.s.Walk(q, graph.WalkOptions{Target: target, Steps: a.steps, Top: 2*a.top + 2, Seed: a.seed, Kinds: a.kinds, Sum: true, Restart: 0.5})
	return hits, err
}

// merged adds up hits on one node, and orders by visits.
func merged(hits []graph.Hit) []graph.Hit {
	slices.SortFunc(hits, func(x, y graph.Hit) int { return int(int64(x.ID) - int64(y.ID)) })
	out := hits[:0]
	for _, h := range hits {
		if n := len(out); n > 0 && out[n-1].ID == h.ID {
			out[n-1].Visits += h.Visits
			continue
		}
		out = append(out, h)
	}
	slices.SortStableFunc(out, func(x, y graph.Hit) int { return int(int64(y.Visits) - int64(x.Visits)) })
	return out
}

// all finds the neighbourhoods of left nodes 0..n-1.
func (a around) all(ctx context.Context, n int, l Limits) ([]hood, error) {
	out := make([]hood, n)
	errs := make([]error, n)
	err := blocks(ctx, l.Threads, n, 64, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			out[i], errs[i] = a.node(uint32(i), n)
		}
	})
	for _, e := range errs {
		if err == nil {
			err = e
		}
	}
	return out, err
}
