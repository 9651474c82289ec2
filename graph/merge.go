package graph

// Merge builds new rows from the graph as it stands and puts them in place of the old rows and the live layer. Walks and writers
// go on meanwhile; what is written meanwhile is written a second time, onto the new rows, before they are swapped in. It costs
// O(edges) time and, until it ends, a second copy of the rows. It returns once a merge that runs already and its own have ended.
func (g *Graph) Merge() {
	g.mergeMu.Lock()
	defer g.mergeMu.Unlock()
	g.mu.Lock()
	g.merging = true
	g.mu.Unlock()
	g.merge()
}

// merge needs mergeMu, and g.merging set.
func (g *Graph) merge() {
	g.mu.Lock()
	g.log = nil
	sn := g.freeze()
	next := &state{nodes: g.st.nodes, edges: g.st.edges, epoch: 1}
	for i := range next.labels {
		next.labels[i] = append([]uint8(nil), g.st.labels[i]...)
	}
	g.mu.Unlock()

	for i := range next.rows {
		next.rows[i] = sn.side[i].flat(sn.nodes[i])
	}
	for {
		g.mu.Lock()
		log := g.log
		g.log = nil
		last := len(log) < 1000 // a writer waits for as many at most
		if !last {
			g.mu.Unlock()
		}
		for _, o := range log {
			next.apply(o)
		}
		if last {
			g.st = next
			g.merging = false
			g.snap.Store(nil)
			g.mu.Unlock()
			return
		}
	}
}

// flat builds the rows of nodes 0 … n-1.
func (h *direction) flat(n int) *rows {
	b := newRowsBuilder(h, n)
	id := uint32(0)
	touched(h.live, func(next uint32, d *delta) {
		b.copy(id, next)
		b.list(h.list(next))
		id = next + 1
	})
	b.copy(id, uint32(n))
	return b.rows()
}

type rowsBuilder struct {
	from   *rows
	out    rows
	runs   bool // some class is not 0
	weight bool
	time   bool
}

func newRowsBuilder(h *direction, n int) *rowsBuilder {
	r := h.rows
	b := &rowsBuilder{from: r, runs: r.runOff != nil, weight: r.weight != nil, time: r.time != nil}
	edges := len(r.to)
	touched(h.live, func(_ uint32, d *delta) {
		edges += len(d.add) - len(d.gone)
		for i := range d.add {
			b.see(d.add[i].weight, d.add[i].time)
			b.runs = b.runs || d.add[i].class() != 0
		}
		for i := range d.set {
			b.see(d.set[i].weight, d.set[i].time)
		}
	})
	b.out.off = column[uint32](n + 1)[:1]
	b.out.to = column[uint32](edges)[:0]
	if b.weight {
		b.out.weight = column[float32](edges)[:0]
	}
	if b.time {
		b.out.time = column[uint32](edges)[:0]
	}
	if b.runs {
		b.out.runOff = column[uint32](n + 1)[:1]
	}
	return b
}

func (b *rowsBuilder) see(weight float32, time uint32) {
	b.weight = b.weight || weight != 1
	b.time = b.time || time != 0
}

// copy takes over the rows of ids from … to-1 as they are.
func (b *rowsBuilder) copy(from, to uint32) {
	r, o := b.from, &b.out
	have := min(to, uint32(len(r.off)-1))
	if from < have {
		lo, hi := r.off[from], r.off[have]
		shift := uint32(len(o.to)) - lo // may wrap round, and back
		for _, x := range r.off[from+1 : have+1] {
			o.off = append(o.off, x+shift)
		}
		o.to = append(o.to, r.to[lo:hi]...)
		b.columns(lo, hi)
		if b.runs {
			b.copyRuns(from, have)
		}
		from = have
	}
	for ; from < to; from++ {
		b.end()
	}
}

// columns copies the optional columns.
func (b *rowsBuilder) columns(lo, hi uint32) {
	r, o := b.from, &b.out
	if b.weight {
		o.weight = appendOr(o.weight, r.weight, lo, hi, 1)
	}
	if b.time {
		o.time = appendOr(o.time, r.time, lo, hi, 0)
	}
}

func appendOr[T any](dst, src []T, lo, hi uint32, or T) []T {
	if src != nil {
		return append(dst, src[lo:hi]...)
	}
	for range hi - lo {
		dst = append(dst, or)
	}
	return dst
}

func (b *rowsBuilder) copyRuns(from, to uint32) {
	r, o := b.from, &b.out
	for id := from; id < to; id++ {
		if r.runOff != nil {
			o.runs = append(o.runs, r.runs[r.runOff[id]:r.runOff[id+1]]...)
		} else if n := r.off[id+1] - r.off[id]; n > 0 {
			o.runs = append(o.runs, run{end: n})
		}
		o.runOff = append(o.runOff, uint32(len(o.runs)))
	}
}

// list writes one changed row.
func (b *rowsBuilder) list(l list) {
	start, first := len(b.out.to), len(b.out.runs)
	l.each(func(h half) { b.add(h, start, first) })
	b.end()
}

// add writes an edge of the row that begins at start and whose runs begin at first.
func (b *rowsBuilder) add(h half, start, first int) {
	o := &b.out
	o.to = append(o.to, h.to)
	if b.weight {
		o.weight = append(o.weight, h.weight)
	}
	if b.time {
		o.time = append(o.time, h.time)
	}
	if b.runs {
		if n := len(o.runs); n == first || o.runs[n-1].class != h.class() {
			o.runs = append(o.runs, run{class: h.class()})
		}
		o.runs[len(o.runs)-1].end = uint32(len(o.to) - start)
	}
}

// end closes a row.
func (b *rowsBuilder) end() {
	b.out.off = append(b.out.off, uint32(len(b.out.to)))
	if b.runs {
		b.out.runOff = append(b.out.runOff, uint32(len(b.out.runs)))
	}
}

func (b *rowsBuilder) rows() *rows {
	if b.out.classless() {
		b.out.runOff, b.out.runs = nil, nil
	}
	b.out.spans = new(spanCache)
	return &b.out
}
