package seq

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"bowerbird/internal/nn"
)

var batches = sync.Pool{New: func() any { return new(batch) }}

// Encode appends the Dim numbers that a history, oldest first, stands for: the
// items that may come next have the largest inner products with them. Items
// outside the catalogue are passed over; nothing is appended if none is left. It
// looks at the newest Length items and costs about Length·Layers·12·Dim²
// multiply-adds.
func (n *Net) Encode(dst []float32, history []uint32) []float32 {
	known := make([]uint32, 0, min(len(history), n.Length))
	for i := len(history) - 1; i >= 0 && len(known) < n.Length; i-- {
		if int(history[i]) < n.Items {
			known = append(known, history[i])
		}
	}
	if len(known) == 0 {
		return dst
	}
	slices.Reverse(known)
	b := batches.Get().(*batch)
	defer batches.Put(b)
	b.set(n, known)
	b.forward(n.packed(), 0, 0)
	return append(dst, b.state[len(b.state)-n.Dim:]...)
}

// packed packs the matrices on first use.
func (n *Net) packed() *packed {
	n.once.Lock()
	defer n.once.Unlock()
	if n.ready == nil {
		n.ready = new(packed)
		n.ready.pack(n, false)
	}
	return n.ready
}

// Case is a history and what came next.
type Case struct {
	History []uint32
	Next    uint32
}

// group is how many histories are encoded together.
const group = 64

// Ranks calls f with the rank, from 1, of each case's next item among all items
// that are not in its history (the next item itself always counts); equal scores
// go by number, the smaller first. f is called from several goroutines, once for
// each case.
func (n *Net) Ranks(ctx context.Context, cases []Case, threads int, f func(i, rank int)) error {
	for i, c := range cases {
		if int(c.Next) >= n.Items || slices.ContainsFunc(c.History, func(x uint32) bool { return int(x) >= n.Items }) {
			return fmt.Errorf("seq: case %d: an item outside the catalogue of %d", i, n.Items)
		}
	}
	var p packed
	p.pack(n, false)
	var across nn.Panels
	across.Pack(nn.Rows(n.table, n.Dim).T(), n.Dim, n.Items)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range max(1, threads) {
		wg.Go(func() {
			var b batch
			var scores []float32
			for ctx.Err() == nil {
				lo := int(next.Add(group)) - group
				if lo >= len(cases) {
					return
				}
				b.rank(n, &p, &across, &scores, cases[lo:min(lo+group, len(cases))], func(i, rank int) { f(lo+i, rank) })
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

func (b *batch) rank(n *Net, p *packed, across *nn.Panels, scores *[]float32, cases []Case, f func(i, rank int)) {
	var sequences [][]uint32
	for _, c := range cases {
		sequences = append(sequences, c.History[max(0, len(c.History)-n.Length):])
	}
	b.set(n, sequences...)
	b.forward(p, 0, 0)
	d := n.Dim
	last := room(&b.d1, len(cases)*d)
	clear(last) // an empty history knows nothing
	for i, s := range b.spans {
		if s.hi > s.lo {
			copy(last[i*d:(i+1)*d], b.state[(s.hi-1)*d:])
		}
	}
	all := room(scores, len(cases)*n.Items)
	nn.Mul(all, n.Items, nn.Rows(last, d), across, len(cases), false)
	gone := float32(math.Inf(-1))
	for i, c := range cases {
		row := all[i*n.Items : (i+1)*n.Items]
		mine := row[c.Next]
		for _, x := range c.History {
			if x != c.Next {
				row[x] = gone
			}
		}
		rank := 1
		for _, v := range row[:c.Next] {
			if v >= mine {
				rank++
			}
		}
		for _, v := range row[c.Next+1:] {
			if v > mine {
				rank++
			}
		}
		f(i, rank)
	}
}

// NDCG is the mean over the cases of 1/log2(1+rank) where the rank is k or better.
func (n *Net) NDCG(ctx context.Context, cases []Case, k, threads int) (float64, error) {
	gains := make([]float64, len(cases))
	err := n.Ranks(ctx, cases, threads, func(i, rank int) {
		if rank <= k {
			gains[i] = 1 / math.Log2(float64(rank)+1)
		}
	})
	sum := 0.0
	for _, g := range gains {
		sum += g
	}
	return sum / float64(max(1, len(cases))), err
}
