package graph

import "unsafe"

//go:generate go run ./gen -out course_amd64.s -stubs course_amd64.go -pkg graph

// course is what the assembly reads and writes: a walk from a query on the target side, uniform over edges. It is interleave with
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
		w.countAll(&w.path.mid, &draw, &out)
	}
}

// steps takes n steps by the assembly, which writes where they lead to out.
func (w *walker) steps(n int, out []uint32) {
	c := &w.path
	c.offA, c.toA = unsafe.SliceData(w.a.rows.off), unsafe.SliceData(w.a.rows.to)
	c.offB, c.toB = unsafe.SliceData(w.b.rows.off), unsafe.SliceData(w.b.rows.to)
	c.out, c.home, c.restart, c.gold, c.more = &out[0], w.lane.home, w.restart, golden64, moreFactor
	c.cur, c.rng = w.lane.cur, w.lane.rng
	if w.a.live == nil && w.b.live == nil {
		courseSSE((*byte)(unsafe.Pointer(c)), n)
	} else {
		w.courseLive(n, out)
	}
	w.lane.cur, w.lane.rng = c.cur, c.rng
	c.offA, c.toA, c.offB, c.toB, c.out, c.sieveA, c.sieveB = nil, nil, nil, nil, nil, nil, nil
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
		courseLiveSSE((*byte)(unsafe.Pointer(c)), n, from)
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
			to := w.b.arrive(c.mid[k], uint32(c.draw[k]), c.at[k])
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
