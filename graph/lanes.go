package graph

// laneSet is the state of the walkers of one query.
type laneSet struct {
	query uint32
	other bool          // the query is on the other side
	home  uint32        // where a restart puts a lane: the query, or any node of the target side when other
	cur   [lanes]uint32 // on the target side
	rng   [lanes]uint64 // one stream a lane
	fresh [lanes]bool   // with other: the next step starts at query, in the middle
}

// start puts all lanes at the query. It reports false when no edge can be walked from there.
func (w *walker) start(i int, q Query) bool {
	l := &w.lane
	l.query, l.other, l.home = q.ID, q.Side != w.o.Target, q.ID
	if l.other {
		n := w.b.list(q.ID)
		if n.degree() == 0 {
			return false
		}
		l.home = n.to(0)
	}
	seed := mix(w.o.Seed ^ mix(uint64(i)+1))
	for k := range l.cur {
		l.cur[k], l.fresh[k] = l.home, l.other
		l.rng[k] = mix(seed + uint64(k+1)*golden64)
	}
	return true
}

// advance takes n steps on every lane.
func (w *walker) advance(n int) {
	switch {
	case w.o.Plain:
		for k := range lanes {
			for range n {
				w.step(k)
			}
		}
	case w.hops[0].simple && (w.hops[1].simple || w.spans != nil) && w.canCourse():
		w.course(n)
	case w.hops[0].simple && w.hops[1].simple:
		w.interleave(n)
	case !w.o.Weighted:
		w.interleaveTyped(n)
	default:
		for range n {
			for k := range lanes {
				w.step(k)
			}
		}
	}
}

// step is one step of one lane: the plain form, which interleave must agree with.
func (w *walker) step(k int) {
	l := &w.lane
	r := next(&l.rng[k])
	mid, ok := l.query, true
	if !l.fresh[k] {
		var s stretch
		from := w.a.list(l.cur[k])
		if s, ok = w.hops[0].pick(from, uint32(r>>32), w.hops[0].keeps(r), &l.rng[k]); ok {
			mid = from.to(s.place)
		}
	}
	var s stretch
	from := w.b.list(mid)
	if ok {
		s, ok = w.hops[1].pick(from, uint32(r), w.hops[1].keeps(r), &l.rng[k])
	}
	if !ok { // nowhere to go under these kinds and weights: the step is spent
		l.cur[k], l.fresh[k] = l.home, l.other
		return
	}
	for i := range uint32(w.o.PerVisit) {
		x := from.to(s.from + (s.place-s.from+i)%(s.end-s.from))
		w.visits.add(x)
		if w.o.Trace {
			w.pairs.add(mid, x)
		}
	}
	l.cur[k], l.fresh[k] = from.to(s.place), false
	if more(r) < w.restart {
		l.cur[k], l.fresh[k] = l.home, l.other
	}
}

// interleave takes n steps on all lanes side by side: each loop below asks for 16 places in memory that do not depend on each
// other, so the processor fetches them together.
func (w *walker) interleave(n int) {
	l := w.lane
	var first, second, third, mid [lanes]uint32 // random bits for the hops and the restart
	for range n {
		for k := range lanes {
			r := next(&l.rng[k])
			first[k], second[k], third[k] = uint32(r>>32), uint32(r), more(r)
		}
		w.a.hop(&l.cur, &first, &mid)
		if l.other {
			for k := range lanes {
				if l.fresh[k] {
					mid[k] = l.query
				}
				l.fresh[k] = third[k] < w.restart
			}
		}
		w.b.hop(&mid, &second, &l.cur)
		w.countAll(&mid, &second, &l.cur)
		for k := range lanes { // if third[k] < restart { cur[k] = home }, but nothing to guess wrong
			back := uint32((int64(third[k]) - int64(w.restart)) >> 63)
			l.cur[k] ^= (l.cur[k] ^ l.home) & back
		}
	}
	w.lane = l
}

// countAll counts the visits of a step by which every lane has gone, uniformly over edges: from mid, for the random bits, to to.
func (w *walker) countAll(mid, draw, to *[lanes]uint32) {
	if w.o.PerVisit == 1 {
		w.visits.addAll(to[:])
		if w.o.Trace {
			for k := range lanes {
				w.pairs.add(mid[k], to[k])
			}
		}
		return
	}
	n, r, live := uint32(w.o.PerVisit), w.b.rows, w.b.live != nil || w.o.Trace
	for k, id := range mid {
		if !live { // as below, where all of them stand in the row
			lo, hi := r.off[id], r.off[id+1]
			if at := lo + scale(draw[k], hi-lo); n <= hi-at {
				w.visits.addAll(r.to[at:][:n])
				continue
			}
		}
		l := w.b.list(id)
		w.countRow(id, l, among(draw[k], 0, uint32(l.degree())))
	}
}

// countRow counts PerVisit nodes of a list, those from the place of s on: mostly where they stand.
func (w *walker) countRow(id uint32, l list, s stretch) {
	n := uint32(w.o.PerVisit)
	var ids []uint32
	if l.d == nil && n <= s.end-s.place {
		ids = l.rows.to[l.lo+s.place:][:n]
	} else {
		ids = l.round(w.visits.room(int(n))[:0], s, int(n))
	}
	w.visits.addAll(ids)
	if w.o.Trace {
		for _, x := range ids {
			w.pairs.add(id, x)
		}
	}
}

// tell counts ids, PerVisit for each of the lanes that have gone.
func (w *walker) tell(mid *[lanes]uint32, ids []uint32) {
	w.visits.addAll(ids)
	if w.o.Trace {
		for i, id := range ids {
			w.pairs.add(mid[i/w.o.PerVisit], id)
		}
	}
}

// interleaveTyped is interleave for walks that choose among classes: a lane may find no edge to go by.
func (w *walker) interleaveTyped(n int) {
	l := &w.lane
	var first, second, third, to [lanes]uint32
	var whole [lanes]uint64
	var a, b drawn
	var goes [lanes]bool
	for range n {
		for k := range lanes {
			r := next(&l.rng[k])
			whole[k], first[k], second[k], third[k] = r, uint32(r>>32), uint32(r), more(r)
			goes[k] = !l.fresh[k]
		}
		a.node = l.cur
		w.hops[0].all(&a, &first, &whole, &b.node, &goes, &l.rng)
		if l.other {
			for k := range lanes {
				if l.fresh[k] {
					b.node[k], goes[k] = l.query, true
				}
			}
		}
		w.hops[1].all(&b, &second, &whole, &to, &goes, &l.rng)
		w.countTyped(&b, &to, &goes)
		for k := range lanes {
			if !goes[k] {
				l.cur[k], l.fresh[k] = l.home, l.other
				continue
			}
			l.cur[k], l.fresh[k] = to[k], false
			if third[k] < w.restart {
				l.cur[k], l.fresh[k] = l.home, l.other
			}
		}
	}
}

// countTyped counts the visits of the lanes that have gone.
func (w *walker) countTyped(d *drawn, to *[lanes]uint32, goes *[lanes]bool) {
	var mid [lanes]uint32
	ids, n := w.visits.room(lanes * w.o.PerVisit)[:0], 0
	for k := range lanes {
		if !goes[k] {
			continue
		}
		mid[n] = d.node[k]
		n++
		if w.o.PerVisit == 1 {
			ids = append(ids, to[k])
		} else {
			ids = w.b.list(d.node[k]).round(ids, d.place[k], w.o.PerVisit)
		}
	}
	w.tell(&mid, ids)
}
