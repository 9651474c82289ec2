package graph

import (
	"cmp"
	"slices"
)

// gatherer turns edges into the rows of one direction.
type gatherer struct {
	rows
	class  []class // of each edge; nil when all are 0
	labels []uint8 // of the far ends
	seen   []uint32
}

// column is make([]T, n) in huge pages, where it is large and the system has them: the rows are read at random, and with small
// pages most reads would miss the processor's table of pages too.
func column[T any](n int) []T {
	s := make([]T, n)
	makeHuge(s)
	return s
}

// scatter puts a chunk's edges to the end of their rows as they stand so far.
func (g *gatherer) scatter(c *chunk, side Side, off []uint32) {
	far := c.ends[1-side]
	for i, id := range c.ends[side] {
		at := off[id+1]
		off[id+1]++
		g.to[at] = far[i]
		if g.class != nil {
			var label, kind uint8
			if int(far[i]) < len(g.labels) {
				label = g.labels[far[i]]
			}
			if c.kind != nil {
				kind = c.kind[i]
			}
			g.class[at] = classOf(label, kind)
		}
		if g.weight != nil {
			g.weight[at] = 1
			if c.weight != nil {
				g.weight[at] = c.weight[i]
			}
		}
		if g.time != nil && c.time != nil {
			g.time[at] = c.time[i]
		}
	}
}

// sort orders each row by class and leaves edges of one class in the order in which they came.
func (g *gatherer) sort() {
	if g.class == nil {
		return
	}
	var tmp gatherer
	var order []uint32
	for id := range len(g.off) - 1 {
		lo, hi := g.off[id], g.off[id+1]
		if slices.IsSorted(g.class[lo:hi]) {
			continue
		}
		order = order[:0]
		for i := lo; i < hi; i++ {
			order = append(order, i)
		}
		slices.SortStableFunc(order, func(a, b uint32) int { return cmp.Compare(g.class[a], g.class[b]) })
		reorder(g.to[lo:hi], &tmp.to, g.to, order)
		if g.weight != nil {
			reorder(g.weight[lo:hi], &tmp.weight, g.weight, order)
		}
		if g.time != nil {
			reorder(g.time[lo:hi], &tmp.time, g.time, order)
		}
		reorder(g.class[lo:hi], &tmp.class, g.class, order)
	}
}

func reorder[T any](dst []T, tmp *[]T, src []T, order []uint32) {
	t := (*tmp)[:0]
	for _, i := range order {
		t = append(t, src[i])
	}
	copy(dst, t)
	*tmp = t
}

// dedupe drops edges that repeat an earlier one of their row and class, after handing it their weight and time, and closes the
// gaps. It sets the runs.
func (g *gatherer) dedupe() {
	out, lo := uint32(0), g.off[0]
	if g.class != nil {
		g.runOff = make([]uint32, 1, len(g.off))
	}
	for id := range len(g.off) - 1 {
		hi, row, start := g.off[id+1], out, out // start of the row, and of the class in it
		for i := lo; i < hi; i++ {
			if g.class != nil && i > lo && g.class[i] != g.class[i-1] {
				g.runs = append(g.runs, run{end: out - row, class: g.class[i-1]})
				start = out
			}
			x := g.to[i]
			if p := g.seen[x]; p > start { // 1 + where the edge stands already
				if g.weight != nil {
					g.weight[p-1] = g.weight[i]
				}
				if g.time != nil {
					g.time[p-1] = g.time[i]
				}
				continue
			}
			g.to[out] = x
			if g.weight != nil {
				g.weight[out] = g.weight[i]
			}
			if g.time != nil {
				g.time[out] = g.time[i]
			}
			out++
			g.seen[x] = out
		}
		if g.class != nil {
			if hi > lo {
				g.runs = append(g.runs, run{end: out - row, class: g.class[hi-1]})
			}
			g.runOff = append(g.runOff, uint32(len(g.runs)))
		}
		lo, g.off[id+1] = hi, out
	}
	g.seen, g.class = nil, nil
}

// finish gives the columns their exact lengths, and drops what holds one value only.
func (g *gatherer) finish() *rows {
	n := int(g.off[len(g.off)-1])
	r := g.rows
	r.to = exact(r.to, n)
	r.weight, r.time = exact(unless(r.weight[:min(n, len(r.weight))], 1), n), exact(unless(r.time[:min(n, len(r.time))], 0), n)
	if !slices.ContainsFunc(r.runs, func(x run) bool { return x.class != 0 }) {
		r.runOff, r.runs = nil, nil
	}
	r.runs, r.spans = slices.Clip(r.runs), new(spanCache)
	return &r
}

// exact is s[:n] without room behind it.
func exact[T any](s []T, n int) []T {
	if s == nil || len(s) == n && cap(s) == n {
		return s
	}
	out := column[T](n)
	copy(out, s)
	return out
}
