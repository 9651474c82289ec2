package graph

import "unsafe"

//go:generate go run ./gen -out course_amd64.s -stubs course_amd64.go -pkg graph

// course is what the assembly reads and writes: a walk from a query on the target side, uniform over edges, of which the second hop may
// keep to a label. It is interleave with
// prefetch: while one lane's memory is on its way, 15 others go on, through all four reads of a step. gen/main.go knows the order of
// the fields.
type course struct {
	offA, toA, offB, toB *uint32
	out                  *uint32 // visited: 16 for each step
	home, restart        uint32
	gold, more           uint64
	cur                  [lanes]uint32
	rng                  [lanes]uint64
	at                   [lanes]uint32 // scratch
	draw                 [lanes]uint64
	mid                  [lanes]uint32
	sieveA, sieveB       *uint32 // from here on for walks over a live layer only
	maskA, maskB         uint32
	nodesA, nodesB       uint32 // that the rows have
	zero, stop           uint32
	left                 int
	keep                 uint64 // from here on for walks that keep to a label
	share                uint32
	_                    uint32
	spans                *span
}

// canCourse says whether the walk at hand is of that sort.
func (w *walker) canCourse() bool {
	return haveCourse && !noCourse && !w.lane.other && !w.o.Trace && len(w.a.rows.off) > 1 && len(w.b.rows.off) > 1
}

// noCourse is for tests and benchmarks.
var noCourse bool

// course takes n steps on all lanes, n at most round. Where a visit counts several nodes, they are counted after each step.
func (w *walker) course(n int) {
	if w.o.PerVisit == 1 {
		out := w.visits.room(n * lanes)
		w.steps(n, out)
		w.visits.addAll(out)
		return
	}
	var out, draw [lanes]uint32
	for range n {
		w.steps(1, out[:])
		for k, x := range w.path.draw {
			draw[k] = uint32(x)
		}
		if w.spans == nil {
			w.countAll(&w.path.mid, &draw, &out)
		} else {
			w.countKept(&w.path.mid, &w.path.draw)
		}
	}
}

// countKept is countAll where the second hop keeps to a label.
func (w *walker) countKept(mid *[lanes]uint32, draw *[lanes]uint64) {
	h := &w.hops[1]
	for k, id := range mid {
		l := w.b.list(id)
		if l.d != nil {
			s, _ := h.pick(l, uint32(draw[k]), h.keeps(draw[k]), nil)
			w.countRow(id, l, s)
			continue
		}
		x := w.spans[id]
		from, wide := uint32(0), x.wide
		if h.keeps(draw[k]) {
			from, wide = x.own-x.from, x.ownWide
		}
		w.countRow(id, l, among(uint32(draw[k]), from, from+wide))
	}
}

// steps takes n steps by the assembly, which writes where they lead to out.
func (w *walker) steps(n int, out []uint32) {
	c := &w.path
	c.offA, c.toA = unsafe.SliceData(w.a.rows.off), unsafe.SliceData(w.a.rows.to)
	c.offB, c.toB = unsafe.SliceData(w.b.rows.off), unsafe.SliceData(w.b.rows.to)
	c.out, c.home, c.restart, c.gold, c.more = &out[0], w.lane.home, w.restart, golden64, moreFactor
	c.cur, c.rng = w.lane.cur, w.lane.rng
	kept := w.spans != nil
	if kept {
		c.spans, c.keep, c.share = unsafe.SliceData(w.spans), w.hops[1].factor, w.hops[1].share
	}
	switch live := w.a.live != nil || w.b.live != nil; {
	case live:
		w.courseLive(n, out)
	case kept:
		courseKeepSSE((*byte)(unsafe.Pointer(c)), n)
	default:
		courseSSE((*byte)(unsafe.Pointer(c)), n)
	}
	w.lane.cur, w.lane.rng = c.cur, c.rng
	c.offA, c.toA, c.offB, c.toB, c.out, c.sieveA, c.sieveB, c.spans = nil, nil, nil, nil, nil, nil, nil, nil
}

// noSieve holds no node.
var noSieve = newSieve(nil)

// courseLive is course over a live layer. The assembly stops where a lane stands on a node that may have been touched; that hop is
// then finished here, for all lanes.
func (w *walker) courseLive(n int, out []uint32) {
	c := &w.path
	sieve := func(d *direction) (*uint32, uint32, uint32) {
		s := d.sieve
		if d.live == nil {
			s = noSieve
		}
		return &s.words[0], uint32(len(s.words) - 1), uint32(len(d.rows.off) - 1)
	}
	c.sieveA, c.maskA, c.nodesA = sieve(w.a)
	c.sieveB, c.maskB, c.nodesB = sieve(w.b)
	for from := 0; ; {
		if w.spans == nil {
			courseLiveSSE((*byte)(unsafe.Pointer(c)), n, from)
		} else {
			courseKeepLiveSSE((*byte)(unsafe.Pointer(c)), n, from)
		}
		if c.stop == 0 {
			return
		}
		if from = int(c.stop) & 1; from == 1 {
			for k := range lanes {
				c.mid[k] = w.a.arrive(c.cur[k], uint32(c.draw[k]>>32), c.at[k])
			}
			n = c.left
			continue
		}
		n = c.left - 1
		done := out[len(out)-c.left*lanes:][:lanes]
		for k := range lanes {
			to := w.second(c.mid[k], c.draw[k], c.at[k])
			done[k], c.cur[k] = to, to
			if more(c.draw[k]) < c.restart {
				c.cur[k] = c.home
			}
		}
		if n == 0 {
			return
		}
		c.out = &out[len(out)-n*lanes]
	}
}

// second is arrive for the second hop, which may keep to a label.
func (w *walker) second(id uint32, draw uint64, at uint32) uint32 {
	if w.spans == nil {
		return w.b.arrive(id, uint32(draw), at)
	}
	if l := w.b.list(id); l.d != nil {
		h := &w.hops[1]
		s, _ := h.pick(l, uint32(draw), h.keeps(draw), nil)
		return l.to(s.place)
	}
	return w.b.rows.to[at]
}

// arrive is the end of a hop from id: at position at in the rows, where nothing has touched id.
func (d *direction) arrive(id, draw, at uint32) uint32 {
	if c := d.delta(id); c != nil {
		to := uint32(0)
		if at = c.seek(d.rows.off, id, draw, &to); at == inLive {
			return to
		}
	}
	return d.rows.to[at]
}
