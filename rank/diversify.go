package rank

import (
	"math"
	"sync/atomic"

	"bowerbird"
)

// Diversify reorders the head of a page by maximal marginal relevance (Carbonell
// & Goldstein, SIGIR 1998): each place goes to the candidate with the largest
//
//	(1-λ)·relevance - λ·(largest likeness to what stands above)
//
// where relevance is the score scaled to 0..1 over the pool. λ=0 leaves the
// order alone.
type Diversify struct {
	like   Likeness
	lambda atomic.Uint32 // float bits; train chooses it
}

// Likeness prepares for the items of one page and tells how alike two of them are, by
// their places in items: 0..1. What it returns is called from one goroutine.
type Likeness func(items []bowerbird.ItemID) func(i, j int) float32

// pool is how many candidates compete for each place of a page.
const pool = 4

// NewDiversify starts with the given λ. like must be safe for concurrent use.
func NewDiversify(like func(x, y bowerbird.ItemID) float32, lambda float32) *Diversify {
	return NewDiversifyBy(func(items []bowerbird.ItemID) func(i, j int) float32 {
		return func(i, j int) float32 { return like(items[i], items[j]) }
	}, lambda)
}

// NewDiversifyBy is NewDiversify for a likeness that prepares a page's items once.
func NewDiversifyBy(like Likeness, lambda float32) *Diversify {
	d := &Diversify{like: like}
	d.SetLambda(lambda)
	return d
}

// SetLambda changes λ for later pages; values outside 0..1 are moved inside.
func (d *Diversify) SetLambda(l float32) {
	d.lambda.Store(math.Float32bits(min(1, max(0, l))))
}

// Lambda is the λ in force.
func (d *Diversify) Lambda() float32 { return math.Float32frombits(d.lambda.Load()) }

// Select reorders the first 4n candidates, by the λ in force or, where it is not 0, the
// request's. Cost: 4n² likenesses.
func (d *Diversify) Select(r *bowerbird.Request, c []bowerbird.Candidate, n int) []bowerbird.Candidate {
	lambda := d.Lambda()
	if r != nil && r.Diversity != 0 {
		lambda = min(1, max(0, r.Diversity))
	}
	marginal(c[:min(len(c), pool*n)], n, lambda, d.like)
	return c
}

// marginal gives the first n places of head out one by one, each to the candidate that has
// the most of relevance and the least likeness to what stands above it.
func marginal(head []bowerbird.Candidate, n int, lambda float32, likeness func(items []bowerbird.ItemID) func(i, j int) float32) {
	m := len(head)
	if lambda == 0 || m < 3 {
		return
	}
	low, high := head[m-1].Score, head[0].Score
	scale := float32(1)
	if high > low {
		scale = 1 / (high - low)
	}
	likest := make([]float32, m)
	items, at := make([]bowerbird.ItemID, m), make([]int, m) // at: where each of the head stood
	for i := range head {
		items[i], at[i] = head[i].Item, i
	}
	like := likeness(items)
	for place := range min(n, m) {
		best, bestValue := place, float32(math.Inf(-1))
		for i := place; i < m; i++ {
			v := (1-lambda)*(head[i].Score-low)*scale - lambda*likest[i]
			if v > bestValue {
				best, bestValue = i, v
			}
		}
		// Move the chosen one up and keep the others in order, so that ties fall to the higher score.
		x, lx, ax := head[best], likest[best], at[best]
		copy(head[place+1:best+1], head[place:best])
		copy(likest[place+1:best+1], likest[place:best])
		copy(at[place+1:best+1], at[place:best])
		head[place], likest[place], at[place] = x, lx, ax
		for i := place + 1; i < m; i++ {
			likest[i] = max(likest[i], like(ax, at[i]))
		}
	}
}

// Dedupe keeps the best of each group of candidates that share a key.
type Dedupe struct {
	keys []func(bowerbird.ItemID) uint64
}

// NewDedupe groups by each of the keys; 0 is no group.
func NewDedupe(keys ...func(bowerbird.ItemID) uint64) *Dedupe { return &Dedupe{keys} }

// Select drops all but the first of each group among the first 4n.
func (d *Dedupe) Select(_ *bowerbird.Request, c []bowerbird.Candidate, n int) []bowerbird.Candidate {
	m := min(len(c), 4*n)
	seen := make([]map[uint64]bool, len(d.keys))
	mine := make([]uint64, len(d.keys))
	kept := c[:0]
next:
	for i, x := range c {
		if i < m {
			for j, key := range d.keys {
				if mine[j] = key(x.Item); mine[j] != 0 && seen[j][mine[j]] {
					continue next
				}
			}
			for j, k := range mine {
				if k == 0 {
					continue
				}
				if seen[j] == nil {
					seen[j] = make(map[uint64]bool, m)
				}
				seen[j][k] = true
			}
		}
		kept = append(kept, x)
	}
	return kept
}
