package hnsw

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"bowerbird/index"
)

// Options shape a graph. The zero value works.
type Options struct {
	// Form is how vectors are held. Those with codes are smaller or faster.
	Form Form
	// M is the number of links of a new node at each level; level 0 holds up
	// to 2·M. More finds more, and costs memory (8·M bytes a vector) and time
	// to build. 0 means 16; 2..128.
	M int
	// EfBuild is how many candidates are in view when a node is linked. 0
	// means 128; at most 4096.
	EfBuild int
	// Ef is the number of candidates of a search that does not say. 0 means 64.
	Ef int
	// Recall is the wanted share of the true hits, instead of Ef, of a search that says neither:
	// the graph chooses its ef by what it measured of itself, from 2,048 vectors on. 0: not said.
	Recall float32
	// Rows is a folder where a file of the float32 vectors is made, without a name, and mapped: the system keeps
	// in memory what is read often. Codes and links stay in memory. Empty: all is in memory. It is no part of
	// what Save writes: see LoadRows.
	Rows string
	// Seed chooses the levels of ids.
	Seed uint64
}

const (
	maxM     = 128
	maxEf    = 4096
	maxLevel = 31
	// firstSlots is how many nodes a new graph has room for.
	firstSlots = 256
)

func (o Options) filled() (Options, error) {
	if o.Form > lastForm {
		return o, fmt.Errorf("hnsw: Form is %d, want 0..%d", o.Form, lastForm)
	}
	if o.Form == Bits && o.Ef == 0 {
		o.Ef = 320
	}
	if !(o.Recall >= 0 && o.Recall < 1) {
		return o, fmt.Errorf("hnsw: Recall is %g, want 0..1, without 1", o.Recall)
	}
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
	o     Options
	shape shape
	perLn float64 // 1/ln M, the paper's mL

	store      atomic.Pointer[store]
	live       atomic.Int64
	dead       atomic.Int64 // nodes still linked whose vector was deleted
	deaths     atomic.Int64 // number of nodes that ever died
	epochs     epochs
	pool       sync.Pool // of *scratch
	known      atomic.Pointer[calibration]
	compacting atomic.Bool

	write   sync.Mutex // held by Put, Delete and Save; guards what follows
	n       uint32     // slots ever used
	free    []freed    // in the order in which they will be used again
	mend    mend
	drift   drift
	making  *calibration // under way, nil if none is
	compact *compaction  // under way, nil if none is
	work    *scratch     // the writer's own
}

// drift says whether the coder still fits what arrives.
type drift struct {
	numbers, clipped uint64 // coded since the coder was made, and how many of them were cut
	at               uint32 // number of slots at which this is looked at
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
	g := &Graph{o: o, shape: shapeOf(dim, m, o), perLn: 1 / math.Log(float64(o.M))}
	v, err := newStore(g.shape, firstSlots, nil)
	if err != nil {
		return nil, fmt.Errorf("hnsw: %w", err)
	}
	g.store.Store(v)
	g.work = g.newScratch()
	return g, nil
}

// Dim implements index.Index.
func (g *Graph) Dim() int { return g.shape.dim }

// Metric implements index.Index.
func (g *Graph) Metric() index.Metric { return g.shape.metric }

// Len implements index.Index.
func (g *Graph) Len() int { return int(g.live.Load()) }

// Bytes is the memory that the nodes take, without rows in a file: the arrays as far as they are filled, links above
// level 0, and what finds the node of an id.
func (g *Graph) Bytes() int64 {
	g.write.Lock()
	defer g.write.Unlock()
	v := g.store.Load()
	each := 4*v.m0 + 8 + 8 // links, meta, the place of upper links
	if v.rows != nil && v.where == "" {
		each += 4 * v.dim
	}
	if v.codes != nil {
		each += v.stride
	}
	if v.words != nil {
		each += 8 * v.stride
	}
	if v.half != nil {
		each += 2 * v.dim
	}
	total := int64(each)*int64(g.n) + v.ids.bytes()
	for slot := range g.n {
		if up := v.upper[slot].Load(); up != nil {
			total += int64(4*len(*up) + 24)
		}
	}
	return total
}

// Options returns the options with their defaults filled in.
func (g *Graph) Options() Options { return g.o }

// prepare checks v and writes its stored form.
func (g *Graph) prepare(dst, v []float32) error {
	if err := g.shape.metric.Prepare(dst, v); err != nil {
		return err
	}
	if g.shape.form != Int8Half {
		return nil
	}
	for i, x := range dst {
		if x > maxHalf || x < -maxHalf {
			return fmt.Errorf("hnsw: vector[%d] is %g, half floats reach %d: %w", i, x, maxHalf, index.ErrNotFinite)
		}
	}
	return nil
}

const maxHalf = 65_504

// Put implements index.Index. It costs a search with EfBuild and about 3·M
// choices of links: some 0.1 ms at a million vectors.
func (g *Graph) Put(id uint32, v []float32) error {
	row := make([]float32, g.shape.dim)
	if err := g.prepare(row, v); err != nil {
		return err
	}
	g.write.Lock()
	defer g.write.Unlock()
	return g.putAll([]uint32{id}, row, 1)
}

// PutMany stores many vectors, row i of the row-major matrix for ids[i], by threads goroutines;
// 0 means one for each processor. The graph is the same whatever their number, and not that of
// as many calls of Put: within a batch of a twentieth of the graph, vectors do not see each
// other (prefix doubling, Dhulipala et al., "ParlayANN", arXiv 2305.04359). Under an inner product
// they must, and are put one after another. Searches go on.
// On an error nothing was stored.
func (g *Graph) PutMany(ids []uint32, rows []float32, threads int) error {
	dim := g.shape.dim
	if len(rows) != len(ids)*dim {
		return fmt.Errorf("hnsw: %d numbers for %d vectors of %d: %w", len(rows), len(ids), dim, index.ErrDim)
	}
	row := make([]float32, dim)
	for i := range ids {
		if err := g.prepare(row, rows[i*dim:(i+1)*dim]); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	g.write.Lock()
	defer g.write.Unlock()
	buf := []float32(nil)
	for len(ids) > 0 {
		n := g.batch(ids)
		buf = append(buf[:0], rows[:n*dim]...)
		for i := range n {
			if err := g.shape.metric.Prepare(buf[i*dim:(i+1)*dim], rows[i*dim:(i+1)*dim]); err != nil {
				return err
			}
		}
		if err := g.putAll(ids[:n], buf, threads); err != nil {
			return err
		}
		ids, rows = ids[n:], rows[n*dim:]
	}
	return nil
}

// Delete implements index.Index. The node stays as a stepping stone until the
// repair has passed every node that links to it.
func (g *Graph) Delete(id uint32) bool {
	g.write.Lock()
	defer g.write.Unlock()
	ids := g.store.Load().ids
	slot, ok := ids.of(id)
	if !ok {
		return false
	}
	ids.remove(id)
	g.kill(slot)
	g.mendSome()
	return true
}

// Vector implements index.Index.
func (g *Graph) Vector(dst []float32, id uint32) ([]float32, bool) {
	e := g.epochs.enter()
	defer g.epochs.leave(e)
	v, n := g.store.Load(), len(dst)
	slot, ok := v.ids.of(id)
	for ok && slot >= v.slots { // it came into a larger store
		v = g.store.Load()
		slot, ok = v.ids.of(id)
	}
	if !ok {
		return dst, false
	}
	dst = append(dst, make([]float32, v.dim)...)
	v.vector(dst[n:], slot)
	runtime.KeepAlive(v)
	return dst, true
}

// Has reports whether id has a vector.
func (g *Graph) Has(id uint32) bool {
	_, ok := g.store.Load().ids.of(id)
	return ok
}

// kill turns a live node into a stepping stone.
func (g *Graph) kill(slot uint32) {
	m := &g.store.Load().meta[slot]
	g.touch(slot)
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
