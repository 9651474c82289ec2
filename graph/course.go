package graph

import "unsafe"

//go:generate go run ./gen -out course_amd64.s -stubs course_amd64.go -pkg graph

// course is what the assembly reads and writes: a walk over rows that nothing has changed, from a query on the target side, uniform
// over edges. It is interleave with prefetch: while one lane's memory is on its way, 15 others go on, through all four reads of a
// step. gen/main.go knows the order of the fields.
type course struct {
	offA, toA, offB, toB *uint32
	out                  *uint32 // visited: 16 for each step
	home, restart        uint32
	gold, more           uint64
	cur                  [lanes]uint32
	rng                  [lanes]uint64
	at                   [lanes]uint32 // scratch
	draw                 [lanes]uint64
}

// canCourse says whether the walk at hand is of that sort.
func (w *walker) canCourse() bool {
	return haveCourse && !noCourse && !w.lane.other && !w.o.Trace && w.a.live == nil && w.b.live == nil
}

// noCourse is for tests and benchmarks.
var noCourse bool

// course takes n steps on all lanes, n at most round.
func (w *walker) course(n int) {
	c := &w.path
	c.offA, c.toA = unsafe.SliceData(w.a.rows.off), unsafe.SliceData(w.a.rows.to)
	c.offB, c.toB = unsafe.SliceData(w.b.rows.off), unsafe.SliceData(w.b.rows.to)
	c.out, c.home, c.restart, c.gold, c.more = &w.visited[0], w.lane.home, w.restart, golden64, moreFactor
	c.cur, c.rng = w.lane.cur, w.lane.rng
	courseSSE((*byte)(unsafe.Pointer(c)), n)
	w.lane.cur, w.lane.rng = c.cur, c.rng
	c.offA, c.toA, c.offB, c.toB, c.out = nil, nil, nil, nil, nil
	w.visits.addAll(w.visited[:n*lanes])
}
