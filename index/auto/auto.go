// Package auto is an index that begins exact and becomes a graph as it grows.
//
// Up to a threshold it compares with every vector (index.Flat). Above, each
// write also moves a few vectors into a graph (hnsw.Graph); searches stay exact
// until all are there, and are the graph's from then on. No goroutine works
// behind: what the index holds and answers follows from the writes alone.
//
// It is for an owner who does not know how many vectors will come. It does not
// go back to exact search when vectors are deleted.
//
// One flow: New; Put and Delete; Search; Save and Load.
package auto

import (
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"sync/atomic"

	"bowerbird/index"
	"bowerbird/index/hnsw"
	"bowerbird/index/internal/file"
)

// Options shape an index. The zero value works.
type Options struct {
	// Threshold is the number of vectors up to which search is exact. 0 means
	// 20,000: there, at 64 dimensions, a scan takes some 0.3 ms.
	Threshold int
	// Graph shapes the graph.
	Graph hnsw.Options
}

const (
	defaultThreshold = 20_000
	maxThreshold     = 1 << 30
	// perWrite is how many vectors a write moves: the graph is ready when the
	// index has grown, or was changed, by a quarter of the threshold.
	perWrite = 4
)

// Index implements index.Index. Writers wait for each other; searches wait for
// nobody.
type Index struct {
	dim    int
	metric index.Metric
	o      Options
	now    atomic.Pointer[answerer]

	write sync.Mutex // held by Put, Delete and Save; guards what follows
	flat  *index.Flat
	graph *hnsw.Graph // nil while all is flat
	queue []uint32    // ids to be moved, ascending; from at on
	at    int
}

// answerer is what searches use now.
type answerer struct{ index.Index }

var _ index.Index = (*Index)(nil)

// New returns an empty index of vectors of dim floats.
func New(dim int, m index.Metric, o Options) (*Index, error) {
	if o.Threshold == 0 {
		o.Threshold = defaultThreshold
	}
	if o.Threshold < 0 || o.Threshold > maxThreshold {
		return nil, fmt.Errorf("auto: Threshold is %d, want 0..%d", o.Threshold, maxThreshold)
	}
	if _, err := hnsw.New(dim, m, o.Graph); err != nil { // before it is needed
		return nil, err
	}
	flat, err := index.NewFlat(dim, m)
	if err != nil {
		return nil, err
	}
	x := &Index{dim: dim, metric: m, o: o, flat: flat}
	x.now.Store(&answerer{flat})
	return x, nil
}

// Dim implements index.Index.
func (x *Index) Dim() int { return x.dim }

// Metric implements index.Index.
func (x *Index) Metric() index.Metric { return x.metric }

// Len implements index.Index.
func (x *Index) Len() int { return x.now.Load().Len() }

// Exact reports whether searches compare with every vector.
func (x *Index) Exact() bool {
	_, graph := x.now.Load().Index.(*hnsw.Graph)
	return !graph
}

// Put implements index.Index. While vectors move it costs up to five insertions
// into the graph.
func (x *Index) Put(id uint32, v []float32) error {
	x.write.Lock()
	defer x.write.Unlock()
	if x.flat != nil {
		if err := x.flat.Put(id, v); err != nil {
			return err
		}
	}
	if x.graph != nil {
		if err := x.graph.Put(id, v); err != nil {
			return err
		}
	}
	if x.graph == nil && x.flat.Len() > x.o.Threshold {
		graph, err := hnsw.New(x.dim, x.metric, x.o.Graph)
		if err != nil {
			return err
		}
		x.graph, x.queue, x.at = graph, x.flat.IDs(), 0
	}
	return x.move()
}

// Delete implements index.Index.
func (x *Index) Delete(id uint32) bool {
	x.write.Lock()
	defer x.write.Unlock()
	found := false
	if x.flat != nil {
		found = x.flat.Delete(id)
	}
	if x.graph != nil {
		found = x.graph.Delete(id) || found
	}
	if err := x.move(); err != nil {
		panic(fmt.Sprintf("auto: a stored vector was refused: %v", err))
	}
	return found
}

// move takes a few vectors from the exact index to the graph.
func (x *Index) move() error {
	if x.flat == nil || x.graph == nil {
		return nil
	}
	var row []float32
	for moved := 0; moved < perWrite && x.at < len(x.queue); x.at++ {
		id := x.queue[x.at]
		v, ok := x.flat.Vector(row[:0], id)
		if !ok || x.graph.Has(id) { // deleted since, or put again
			continue
		}
		if err := x.graph.Put(id, v); err != nil {
			return err
		}
		row = v
		moved++
	}
	if x.at == len(x.queue) {
		x.now.Store(&answerer{x.graph})
		x.flat, x.queue, x.at = nil, nil, 0
	}
	return nil
}

// Vector implements index.Index.
func (x *Index) Vector(dst []float32, id uint32) ([]float32, bool) {
	return x.now.Load().Vector(dst, id)
}

// Search implements index.Index.
func (x *Index) Search(q []float32, k int, o index.Options) ([]index.Hit, error) {
	return x.now.Load().Search(q, k, o)
}

// A saved Index: the frame of package index/internal/file with the magic
// "BWauto02", and in it, integers little-endian:
//
//	4     dim
//	4     metric
//	4     threshold
//	4     form, M, EfBuild and Ef of the graph to be, 0 for a default, 4 bytes each
//	4     float32, its Recall
//	8     its seed, low word first
//	4     what follows: 1 a flat index, 2 a graph, 3 both
//	4     n, ids still to be moved
//	4·n   the ids, ascending
//
// and behind its end the saved flat index, then the saved graph, as said.
const magic = "BWauto02"

const (
	hasFlat  = 1
	hasGraph = 2
)

// Save implements index.Index. Put and Delete wait for it, Search does not.
func (x *Index) Save(w io.Writer) error {
	x.write.Lock()
	defer x.write.Unlock()
	what := uint32(0)
	if x.flat != nil {
		what |= hasFlat
	}
	if x.graph != nil {
		what |= hasGraph
	}
	g, out := x.o.Graph, file.NewWriter(w, magic)
	out.Uint32(uint32(x.dim), uint32(x.metric), uint32(x.o.Threshold))
	out.Uint32(uint32(g.Form), uint32(g.M), uint32(g.EfBuild), uint32(g.Ef), math.Float32bits(g.Recall), uint32(g.Seed), uint32(g.Seed>>32))
	out.Uint32(what, uint32(len(x.queue)-x.at))
	out.Uint32(x.queue[x.at:]...)
	if err := out.Close(); err != nil {
		return fmt.Errorf("auto: save: %w", err)
	}
	if x.flat != nil {
		if err := x.flat.Save(w); err != nil {
			return err
		}
	}
	if x.graph != nil {
		return x.graph.Save(w)
	}
	return nil
}

// Load reads what Save wrote and refuses, with index.ErrCorrupt, what was cut or
// changed.
func Load(r io.Reader) (*Index, error) {
	x, err := load(r)
	if err != nil {
		return nil, fmt.Errorf("auto: load: %w", err)
	}
	return x, nil
}

func load(r io.Reader) (*Index, error) {
	in, err := file.NewReader(r, magic)
	if err != nil {
		return nil, err
	}
	var dim, metric, threshold, form, m, efBuild, ef, recall, lo, hi, what, n uint32
	if err := in.Uint32(&dim, &metric, &threshold, &form, &m, &efBuild, &ef, &recall, &lo, &hi, &what, &n); err != nil {
		return nil, err
	}
	if metric > uint32(index.L2) || what < hasFlat || what > hasFlat|hasGraph || threshold > maxThreshold {
		return nil, fmt.Errorf("metric %d, threshold %d, parts %d: %w", metric, threshold, what, index.ErrCorrupt)
	}
	small := func(v uint32) int { return int(min(v, 1<<20)) } // New refuses what is too large
	x, err := New(small(dim), index.Metric(metric), Options{Threshold: int(threshold), Graph: hnsw.Options{
		Form: hnsw.Form(min(form, 1<<7)), M: small(m), EfBuild: small(efBuild), Ef: small(ef), Recall: math.Float32frombits(recall), Seed: uint64(hi)<<32 | uint64(lo)}})
	if err != nil {
		return nil, errors.Join(err, index.ErrCorrupt)
	}
	for last := int64(-1); n > 0; n-- {
		var id uint32
		if err := in.Uint32(&id); err != nil {
			return nil, err
		}
		if int64(id) <= last {
			return nil, fmt.Errorf("id %d to be moved is not above %d: %w", id, last, index.ErrCorrupt)
		}
		last = int64(id)
		x.queue = append(x.queue, id)
	}
	if err := in.Close(); err != nil {
		return nil, err
	}
	return x, x.loadParts(r, what)
}

func (x *Index) loadParts(r io.Reader, what uint32) (err error) {
	x.flat = nil
	if what&hasFlat != 0 {
		if x.flat, err = index.LoadFlat(r); err != nil {
			return err
		}
		if x.flat.Dim() != x.dim || x.flat.Metric() != x.metric {
			return fmt.Errorf("the flat part has another shape: %w", index.ErrCorrupt)
		}
		x.now.Store(&answerer{x.flat})
	}
	if what&hasGraph != 0 {
		if x.graph, err = hnsw.Load(r); err != nil {
			return err
		}
		if x.graph.Dim() != x.dim || x.graph.Metric() != x.metric {
			return fmt.Errorf("the graph has another shape: %w", index.ErrCorrupt)
		}
	}
	if x.flat == nil {
		x.now.Store(&answerer{x.graph})
	}
	if (x.flat == nil || x.graph == nil) != (len(x.queue) == 0) {
		return fmt.Errorf("%d ids to be moved, parts %d: %w", len(x.queue), what, index.ErrCorrupt)
	}
	return nil
}

// SearchExact implements index.Exact.
func (x *Index) SearchExact(q []float32, k int, o index.Options) ([]index.Hit, error) {
	return x.now.Load().Index.(index.Exact).SearchExact(q, k, o)
}
