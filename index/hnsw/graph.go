package hnsw

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"bowerbird/index"
	"bowerbird/internal/vec"
)

// Options shape a graph. The zero value works.
type Options struct {
	// M is the number of links of a new node at each level; level 0 holds up
	// to 2·M. More finds more, and costs memory (8·M bytes a vector) and time
	// to build. 0 means 16; 2..128.
	M int
	// EfBuild is how many candidates are in view when a node is linked. 0
	// means 128; at most 4096.
	EfBuild int
	// Ef is the number of candidates of a search that does not say. 0 means 64.
	Ef int
	// Seed chooses the levels of ids.
	Seed uint64
}

const (
	maxM     = 128
	maxEf    = 4096
	maxLevel = 31
)

func (o Options) filled() (Options, error) {
	for _, f := range []struct {
		name           string
		v              *int
		def, least, to int
	}{{"M", &o.M, 16, 2, maxM}, {"EfBuild", &o.EfBuild, 128, 1, maxEf}, {"Ef", &o.Ef, 64, 1, maxEf}} {
		if *f.v == 0 {
			*f.v = f.def
		}
		if *f.v < f.least || *f.v > f.to {
			return o, fmt.Errorf("hnsw: %s is %d, want %d..%d", f.name, *f.v, f.least, f.to)
		}
	}
	return o, nil
}

// Graph implements index.Index. Any number of goroutines may use it at once:
// writers wait for each other, searches wait for nobody. A Put that takes over
// the memory of a vector deleted long before waits for searches that began
// before its links were gone, so a Filter should be quick.
type Graph struct {
	dim    int
	metric index.Metric
	o      Options
	shape  shape
	perLn  float64 // 1/ln M, the paper's mL

	blocks atomic.Pointer[[]*block] // append-only
	entry  atomic.Uint64            // slot | level<<32, or noEntry
	live   atomic.Int64
	dead   atomic.Int64 // nodes still linked whose vector was deleted
	deaths atomic.Int64 // number of nodes that ever died
	epochs epochs
	pool   sync.Pool // of *scratch

	ids   sync.RWMutex // guards slots, for moments
	slots map[uint32]uint32

	write sync.Mutex // held by Put, Delete and Save; guards what follows
	n     uint32     // slots ever used
	free  []freed    // in the order in which they will be used again
	mend  mend
	work  *scratch // the writer's own
}

const noEntry = math.MaxUint64

var _ index.Index = (*Graph)(nil)

// New returns an empty graph of vectors of dim floats.
func New(dim int, m index.Metric, o Options) (*Graph, error) {
	if err := index.CheckShape(dim, m); err != nil {
		return nil, err
	}
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	g := &Graph{dim: dim, metric: m, o: o, shape: shapeOf(dim, o.M), perLn: 1 / math.Log(float64(o.M)), slots: map[uint32]uint32{}}
	g.blocks.Store(new([]*block))
	g.entry.Store(noEntry)
	g.work = g.newScratch()
	return g, nil
}

// Dim implements index.Index.
func (g *Graph) Dim() int { return g.dim }

// Metric implements index.Index.
func (g *Graph) Metric() index.Metric { return g.metric }

// Len implements index.Index.
func (g *Graph) Len() int { return int(g.live.Load()) }

// Options returns the options with their defaults filled in.
func (g *Graph) Options() Options { return g.o }

// Put implements index.Index. It costs a search with EfBuild and about 3·M
// choices of links: some 0.2 ms at 100,000 vectors.
func (g *Graph) Put(id uint32, v []float32) error {
	row := make([]float32, g.dim)
	if err := g.metric.Prepare(row, v); err != nil {
		return err
	}
	g.write.Lock()
	defer g.write.Unlock()
	old, replaced := g.slots[id]
	slot := g.take()
	level := g.level(id)
	g.fill(slot, id, level, row)
	g.insert(slot, level, row, func() {
		if replaced {
			g.kill(old)
		}
		g.meta(slot).Or(stateLive << stateShift)
		g.ids.Lock()
		g.slots[id] = slot
		g.ids.Unlock()
		g.live.Add(1)
	})
	if replaced {
		g.mendSome()
	}
	return nil
}

// Delete implements index.Index. The node stays as a stepping stone until the
// repair has passed every node that links to it.
func (g *Graph) Delete(id uint32) bool {
	g.write.Lock()
	defer g.write.Unlock()
	slot, ok := g.slots[id]
	if !ok {
		return false
	}
	g.ids.Lock()
	delete(g.slots, id)
	g.ids.Unlock()
	g.kill(slot)
	g.mendSome()
	return true
}

// Vector implements index.Index.
func (g *Graph) Vector(dst []float32, id uint32) ([]float32, bool) {
	e := g.epochs.enter()
	defer g.epochs.leave(e)
	g.ids.RLock()
	slot, ok := g.slots[id]
	g.ids.RUnlock()
	if !ok {
		return dst, false
	}
	v := g.view()
	return append(dst, v.row(slot)...), true
}

// Has reports whether id has a vector.
func (g *Graph) Has(id uint32) bool {
	g.ids.RLock()
	defer g.ids.RUnlock()
	_, ok := g.slots[id]
	return ok
}

// kill turns a live node into a stepping stone.
func (g *Graph) kill(slot uint32) {
	m := g.meta(slot)
	m.Store(m.Load()&^(stateMask<<stateShift) | stateDead<<stateShift)
	g.mend.pending = append(g.mend.pending, slot)
	g.dead.Add(1)
	g.deaths.Add(1)
	g.live.Add(-1)
}

// level draws a level as -ln(U)·mL with U from the id and the seed, so that an
// id has the same level in whatever order vectors arrive.
func (g *Graph) level(id uint32) int {
	z := (g.o.Seed ^ uint64(id)) + 0x9e3779b97f4a7c15*(uint64(id)+1) // splitmix64
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	u := (float64(z>>11) + 1) / (1 << 53)
	return min(int(-math.Log(u)*g.perLn), maxLevel)
}

// distances writes what search orders by, less being nearer: the squared
// distance, or minus the inner product.
func (g *Graph) distances(dst, q []float32, rows []*float32) {
	if g.metric == index.L2 {
		vec.L2Ptrs(dst, q, rows)
		return
	}
	vec.DotPtrs(dst, q, rows)
	for i, d := range dst {
		dst[i] = 0 - d // never -0
	}
}

func (g *Graph) distance(a, b []float32) float32 {
	if g.metric == index.L2 {
		return vec.L2(a, b)
	}
	return 0 - vec.Dot(a, b)
}
