package graph

import (
	"fmt"
	"math"
	"slices"
	"sync"
)

// Query is a node to start from.
type Query struct {
	ID     uint32
	Side   Side    // default Left
	Weight float64 // share of the steps, beside its degree; 0 is read as 1
}

// Bias makes walks prefer nodes of a label (see Graph.SetLabel). Source: PersonalizedNeighbor in Pixie, §3.1(1).
type Bias struct {
	Label uint8
	Share float64 // the chance, per hop, to draw among the neighbours of this label only, where there are any; default 0
}

// WalkOptions of one request. The zero value works.
type WalkOptions struct {
	Target  Side    // the side to count visits on; default Left
	Steps   int     // in all, over all queries; default 10,000. One step is two hops and counts one visit. See Walk for rounding
	Restart float64 // chance after each step to go back to the query node; default 0.5
	Top     int     // results wanted; default 100
	Seed    uint64  // of the random numbers

	// EarlyHits (Pixie's n_p) and MinVisits (n_v): a query's walk stops once its part of EarlyHits, which is that of the steps, has
	// been visited MinVisits times. Default 0: walks its whole share. MinVisits defaults to 4.
	EarlyHits, MinVisits int
	// Stop, if set, is asked about every 512 steps; true ends the walk and the results so far are returned.
	// A time budget given here makes results depend on the machine's speed.
	Stop func() bool

	Kinds       uint64    // edge kinds to walk on, bit k for kind k; 0 means all
	KindWeights []float64 // KindWeights[k] in [0, 1] is the chance of an edge of kind k against those of other kinds; 1 beyond its end
	Recency     int       // takes the newest of 1+Recency edges drawn of one kind and label: the newer half with chance 1-2^-(1+Recency)
	LeftBias    Bias
	RightBias   Bias

	// Weighted takes a drawn edge with a chance of its Weight, times 2^-(age/HalfLife), and draws up to 8 times a hop. It reads
	// two columns more and is about five times as slow; KindWeights and Recency cost little.
	Weighted bool
	Now      uint32  // for the age of edges; newer ones have age 0
	HalfLife float64 // in units of Edge.Time; 0 means that age does not matter

	// PerVisit is how many nodes an arrival at a collection counts: the one that the walk goes on from and those that stand behind it in
	// the row, round its end to its start. Each has the chance that it would have alone, so that shares of visits are in the mean what
	// they are with 1, and they vary less: what stands beside an edge is in the cache already and costs no step. Hit.Visits
	// counts as many for each step; Hit.Score and MinVisits are in units of steps. Default 1, at most 64; with Weighted or Recency
	// it must be 1.
	PerVisit int

	Sum          bool // score Σ V_q instead of the multi-hit boost (Σ √V_q)²
	Trace        bool // fill Hit.Via; about half as fast
	IncludeQuery bool // leave query nodes among the results
	Plain        bool // one walker at a time: the slow twin of the interleaved walk, with the same results
}

// Hit is a result of a walk.
type Hit struct {
	ID     uint32
	Visits uint32  // over all queries
	Score  float64 // (Σ_q √V_q)²; in units of visits
	From   int     // index of the query whose walk visited it most; the first of equals
	Via    uint32  // with Trace: the node of the other side through which most of those visits came; the lowest of equals
}

// Stats of a walk.
type Stats struct {
	Steps   int  // taken
	Skipped int  // queries without an edge to walk on
	Early   int  // queries that ended by EarlyHits
	Stopped bool // by Stop
}

const (
	lanes = 16 // walkers that go side by side, so that their cache misses overlap
	round = 32 // steps of each between two looks at the stop conditions
)

func (o WalkOptions) check() (WalkOptions, error) {
	if o.Steps == 0 {
		o.Steps = 10_000
	}
	if o.Restart == 0 {
		o.Restart = 0.5
	}
	if o.Top == 0 {
		o.Top = 100
	}
	if o.MinVisits == 0 {
		o.MinVisits = 4
	}
	if o.PerVisit == 0 {
		o.PerVisit = 1
	}
	bad := func(field string, v any) error {
		return fmt.Errorf("graph: WalkOptions.%s: %v is out of range", field, v)
	}
	switch {
	case o.Target > Right:
		return o, bad("Target", uint8(o.Target))
	case o.Steps < 0 || o.Steps > 1<<30:
		return o, bad("Steps", o.Steps)
	case !(o.Restart > 0 && o.Restart <= 1):
		return o, bad("Restart", o.Restart)
	case o.Top < 0:
		return o, bad("Top", o.Top)
	case o.EarlyHits < 0:
		return o, bad("EarlyHits", o.EarlyHits)
	case o.MinVisits < 0:
		return o, bad("MinVisits", o.MinVisits)
	case o.PerVisit < 0 || o.PerVisit > 64 || o.Steps*o.PerVisit > 1<<30 || o.PerVisit > 1 && (o.Weighted || o.Recency > 0):
		return o, bad("PerVisit", o.PerVisit)
	case !(o.HalfLife >= 0) || math.IsInf(o.HalfLife, 1):
		return o, bad("HalfLife", o.HalfLife)
	case len(o.KindWeights) > MaxKinds || slices.ContainsFunc(o.KindWeights, func(x float64) bool { return !(x >= 0 && x <= 1) }):
		return o, bad("KindWeights", o.KindWeights)
	case o.Recency < 0 || o.Recency > 16:
		return o, bad("Recency", o.Recency)
	case !(o.LeftBias.Share >= 0 && o.LeftBias.Share <= 1):
		return o, bad("LeftBias.Share", o.LeftBias.Share)
	case !(o.RightBias.Share >= 0 && o.RightBias.Share <= 1):
		return o, bad("RightBias.Share", o.RightBias.Share)
	}
	return o, nil
}

// Walk runs random walks with restart from the queries and returns the nodes visited most, best first, equal scores by id.
//
// A step goes from a node of the target side to a random collection of it and on to a random node of that. A query on the other
// side (a board to complete) starts in the middle of its first step. Each query's steps are counted apart and its counts joined
// by the multi-hit boost. Queries whose id the graph has never seen, or that have no edges, are skipped; the same node may come
// twice. Each query walks its share of Steps rounded up to a multiple of 16.
//
// The result depends on the graph's edges and their order, the queries, the options and nothing else. The cost is about
// two cache misses a step, overlapped over 16 walkers; scratch memory is pooled, and what a call allocates is its result.
//
// Source: Eksombatchai et al., "Pixie", WWW 2018, algorithms 2 and 3, equations 1 to 3.
//
// Where we differ: shares s_q = |E(q)|·(C − ln|E(q)|) take C = 1 + ln max_q |E(q)| over the queries at hand instead of the
// graph's highest degree, so that shares grow less than linearly with degree and none is zero; shares are scaled to sum to Steps.
// Walk lengths are geometric. Several queries share n_p as they share the steps; the paper has n_p for each. Edges are chosen by label, kind and order of arrival through sub-ranges of the rows; single edges'
// weights act by rejection at the draw.
func (s *Snapshot) Walk(queries []Query, o WalkOptions) ([]Hit, Stats, error) {
	o, err := o.check()
	if err != nil {
		return nil, Stats{}, err
	}
	for i, q := range queries {
		if q.Side > Right || !(q.Weight >= 0) || math.IsInf(q.Weight, 1) {
			return nil, Stats{}, fmt.Errorf("graph: query %d: side %d, weight %v: want a side 0 or 1 and a finite weight >= 0", i, q.Side, q.Weight)
		}
	}
	w := walkers.Get().(*walker)
	defer walkers.Put(w)
	return w.run(s, queries, o)
}

var walkers = sync.Pool{New: func() any { return new(walker) }}

// Walk is Snapshot().Walk.
func (g *Graph) Walk(queries []Query, o WalkOptions) ([]Hit, Stats, error) {
	return g.Snapshot().Walk(queries, o)
}

// walker is the scratch of one request.
type walker struct {
	sn      *Snapshot
	o       WalkOptions
	a, b    *direction // a: rows of the target side; b: of the other
	hops    [2]hop     // from a to b, from b to a
	spans   []span     // where the second hop keeps to a label and the assembly can: see course
	restart uint32     // chance · 2³²−1
	lane    laneSet
	path    course
	visits  counter
	pairs   pairCounter // with Trace: visits by (other side's node, target)
	alone   bool        // one query walks, untraced: nothing to join
	shares  []float64
	keep    []ranked
	stats   Stats
}

func (w *walker) run(s *Snapshot, queries []Query, o WalkOptions) ([]Hit, Stats, error) {
	w.sn, w.o, w.stats = s, o, Stats{}
	w.a, w.b = &s.side[o.Target], &s.side[1-o.Target]
	bias := [2]Bias{o.LeftBias, o.RightBias}
	w.hops = [2]hop{newHop(0, w.a, bias[1-o.Target], &o), newHop(1, w.b, bias[o.Target], &o)}
	if w.hops[0].simple && w.hops[1].labels && !o.Plain {
		w.spans = w.b.rows.spansOf(w.hops[1].label)
	}
	w.restart = uint32(min(o.Restart*(1<<32), math.MaxUint32))
	w.divide(queries)
	w.alone = !o.Trace && len(queries)-count(w.shares, 0) == 1
	w.visits.reset(s.nodes[o.Target], o.PerVisit*(o.Steps+lanes*len(queries)), w.alone && o.EarlyHits == 0)
	for i, q := range queries {
		if w.shares[i] == 0 {
			w.stats.Skipped++
			continue
		}
		w.query(i, q, int(math.Ceil(w.shares[i]*float64(o.Steps)/lanes)), int(math.Ceil(w.shares[i]*float64(o.EarlyHits))))
		if w.stats.Stopped {
			break
		}
	}
	var hits []Hit
	if w.alone {
		hits = w.bestOfOne(queries)
	} else {
		hits = w.best(queries)
	}
	w.sn, w.a, w.b, w.hops, w.spans, w.o = nil, nil, nil, [2]hop{}, nil, WalkOptions{} // do not keep old rows alive in the pool
	return hits, w.stats, nil
}

// divide sets the queries' shares of the steps: Pixie equation 1 and 2, see Walk for the constant.
func (w *walker) divide(queries []Query) {
	w.shares = w.shares[:0]
	most := 1
	for _, q := range queries {
		most = max(most, w.sn.Degree(q.Side, q.ID))
	}
	c, sum := 1+math.Log(float64(most)), 0.0
	for _, q := range queries {
		share := 0.0
		if d := float64(w.sn.Degree(q.Side, q.ID)); d > 0 {
			if q.Weight == 0 {
				q.Weight = 1
			}
			share = q.Weight * d * (c - math.Log(d))
		}
		w.shares = append(w.shares, share)
		sum += share
	}
	for i := range w.shares {
		if w.shares[i] > 0 {
			w.shares[i] /= sum
		}
	}
}

// query walks k steps on each lane, or until early nodes have been visited often, and folds the counts into the sums.
func (w *walker) query(i int, q Query, k, early int) {
	if !w.start(i, q) {
		w.stats.Skipped++
		return
	}
	w.visits.high = 0 // no count
	if w.o.EarlyHits > 0 {
		w.visits.high = uint32(w.o.MinVisits * w.o.PerVisit)
	}
	for k > 0 {
		n := min(k, round)
		k -= n
		w.advance(n)
		w.stats.Steps += n * lanes
		if early > 0 && w.visits.highs >= early {
			if k > 0 {
				w.stats.Early++
			}
			break
		}
		if w.o.Stop != nil && w.o.Stop() {
			w.stats.Stopped = true
			break
		}
	}
	if w.alone {
		return
	}
	w.visits.fold(i, w.o.Sum)
	if w.o.Trace {
		w.foldVia(uint32(i))
	}
}

// foldVia notes by which node of the other side most visits came, where query i is the one that visited most.
func (w *walker) foldVia(i uint32) {
	w.pairs.drain(func(via, id, n uint32) {
		x := &w.visits.sums[w.visits.find(id)]
		if x.from() != i {
			return
		}
		if x.viaOf != i {
			x.viaOf, x.viaMost = i, 0
		}
		if n > x.viaMost || n == x.viaMost && via < x.via {
			x.viaMost, x.via = n, via
		}
	})
}

// best picks the Top results by a heap whose root is the worst kept.
func (w *walker) best(queries []Query) []Hit {
	if !w.o.IncludeQuery {
		for _, q := range queries {
			if q.Side == w.o.Target {
				w.visits.drop(q.ID)
			}
		}
	}
	w.keep = w.keep[:0]
	for _, u := range w.visits.all {
		if x := &w.visits.sums[u]; x.visits > 0 {
			w.offer(ranked{score: x.sum, id: w.visits.id(u), slot: u})
		}
	}
	hits := make([]Hit, len(w.keep))
	for i, r := range w.sorted() {
		x := &w.visits.sums[r.slot]
		hits[i] = Hit{ID: r.id, Visits: x.visits, Score: x.sum, From: int(x.from()), Via: x.via}
		if !w.o.Sum {
			hits[i].Score *= x.sum
		}
		hits[i].Score /= float64(w.o.PerVisit)
	}
	w.visits.clear()
	return hits
}

// bestOfOne is best where one query walked: its counts are the order, and nothing has been folded.
func (w *walker) bestOfOne(queries []Query) []Hit {
	ids, ns := w.visits.drain()
	cut := cutOf(ns, w.o.Top+len(queries))
	w.keep = w.keep[:0]
	for i, n := range ns {
		if n >= cut && !w.isQuery(queries, ids[i]) {
			w.offer(ranked{score: float64(n), id: ids[i]})
		}
	}
	from := 0
	for w.shares[from] == 0 {
		from++
	}
	hits := make([]Hit, len(w.keep))
	for i, r := range w.sorted() {
		hits[i] = Hit{ID: r.id, Visits: uint32(r.score), Score: r.score, From: from}
		if !w.o.Sum {
			v := math.Sqrt(r.score)
			hits[i].Score = v * v // as joined counts are rounded
		}
		hits[i].Score /= float64(w.o.PerVisit)
	}
	return hits
}

// isQuery says whether a node of the target side is to be left out.
func (w *walker) isQuery(queries []Query, id uint32) bool {
	return !w.o.IncludeQuery && slices.ContainsFunc(queries, func(q Query) bool { return q.ID == id && q.Side == w.o.Target })
}

// cutOf is a number of visits that at least top nodes have reached, so that no other need be looked at; 1 where there are not so many.
func cutOf(ns []uint32, top int) uint32 {
	var have [256]int // nodes by visits, those with more at the end
	for _, n := range ns {
		have[min(n, uint32(len(have)-1))]++
	}
	cut := len(have) - 1
	for n := have[cut]; n < top && cut > 1; n += have[cut] {
		cut--
	}
	return uint32(cut)
}

// offer keeps a result if it is among the Top so far.
func (w *walker) offer(h ranked) {
	switch {
	case w.o.Top == 0:
	case len(w.keep) < w.o.Top:
		w.keep = append(w.keep, h)
		if len(w.keep) == w.o.Top {
			for i := len(w.keep)/2 - 1; i >= 0; i-- {
				sink(w.keep, i)
			}
		}
	case worse(w.keep[0], h):
		w.keep[0] = h
		sink(w.keep, 0)
	}
}

func (w *walker) sorted() []ranked {
	slices.SortFunc(w.keep, func(a, b ranked) int {
		if worse(b, a) {
			return -1
		}
		return 1 // ids differ: no two are equal
	})
	return w.keep
}

func count(s []float64, x float64) (n int) {
	for _, v := range s {
		if v == x {
			n++
		}
	}
	return n
}

// ranked is a result in the making.
type ranked struct {
	score float64
	id    uint32
	slot  uint32
}

func worse(a, b ranked) bool { return a.score < b.score || a.score == b.score && a.id > b.id }

func sink(h []ranked, i int) {
	for {
		c := 2*i + 1
		if c >= len(h) {
			return
		}
		if c+1 < len(h) && worse(h[c+1], h[c]) {
			c++
		}
		if !worse(h[c], h[i]) {
			return
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
}
