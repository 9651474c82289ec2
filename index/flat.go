package index

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"bowerbird/internal/vec"
)

// Flat compares the query with every vector. It is exact: the twin that graphs
// are judged against, and the fastest choice up to some ten thousand vectors. A
// search of n vectors costs n·dim multiplications in rows that lie together.
//
// Readers hold a lock for one block of rows at a time, and never while a filter
// runs, so a slow search does not hold up a Put. A search sees each id as it was
// at some moment during the search.
type Flat struct {
	dim    int
	metric Metric
	live   atomic.Int64
	pool   sync.Pool // of *flatScratch

	write sync.Mutex // held by Put, Delete and Save, so that Save meets no writer

	mu     sync.RWMutex // guards what follows, briefly; taken before a block's lock
	slots  map[uint32]uint32
	blocks []*flatBlock // append-only: a copy of the slice is a snapshot
	free   []uint32     // slots of deleted ids, used again last first
}

// flatRows is the number of rows in a block: 256 KiB at 64 dimensions, about
// 10 µs under a read lock.
const flatRows = 1024

type flatBlock struct {
	mu   sync.RWMutex
	ids  []uint32
	dead []bool
	rows []float32
}

type flatScratch struct {
	q, scores []float32
	ids       []uint32
	dead      []bool
	best      vec.Best
}

// NewFlat returns an empty index of vectors of dim floats.
func NewFlat(dim int, m Metric) (*Flat, error) {
	if err := CheckShape(dim, m); err != nil {
		return nil, err
	}
	return &Flat{dim: dim, metric: m, slots: map[uint32]uint32{}}, nil
}

// Dim implements Index.
func (f *Flat) Dim() int { return f.dim }

// Metric implements Index.
func (f *Flat) Metric() Metric { return f.metric }

// Len implements Index.
func (f *Flat) Len() int { return int(f.live.Load()) }

// Put implements Index. It costs one copy of the vector.
func (f *Flat) Put(id uint32, v []float32) error {
	row := make([]float32, f.dim)
	if err := f.metric.Prepare(row, v); err != nil {
		return err
	}
	f.put(id, row)
	return nil
}

func (f *Flat) put(id uint32, row []float32) {
	f.write.Lock()
	defer f.write.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	slot, ok := f.slots[id]
	if !ok {
		slot = f.take()
		f.slots[id] = slot
		f.live.Add(1)
	}
	b, i := f.blocks[slot/flatRows], int(slot%flatRows)
	b.mu.Lock()
	defer b.mu.Unlock()
	if i == len(b.ids) {
		b.ids, b.dead, b.rows = append(b.ids, id), append(b.dead, false), append(b.rows, row...)
		return
	}
	b.ids[i], b.dead[i] = id, false
	copy(b.rows[i*f.dim:], row)
}

// take returns the slot for a new id: a free one, or the next at the end.
func (f *Flat) take() uint32 {
	if n := len(f.free); n > 0 {
		slot := f.free[n-1]
		f.free = f.free[:n-1]
		return slot
	}
	n := len(f.blocks)
	if n == 0 || len(f.blocks[n-1].ids) == flatRows {
		f.blocks = append(f.blocks, &flatBlock{})
		n++
	}
	return uint32((n-1)*flatRows + len(f.blocks[n-1].ids))
}

// Delete implements Index. The row is used again by a later Put.
func (f *Flat) Delete(id uint32) bool {
	f.write.Lock()
	defer f.write.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	slot, ok := f.slots[id]
	if !ok {
		return false
	}
	delete(f.slots, id)
	b := f.blocks[slot/flatRows]
	b.mu.Lock()
	b.dead[slot%flatRows] = true
	b.mu.Unlock()
	f.free = append(f.free, slot)
	f.live.Add(-1)
	return true
}

// Vector implements Index.
func (f *Flat) Vector(dst []float32, id uint32) ([]float32, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	slot, ok := f.slots[id]
	if !ok {
		return dst, false
	}
	b, i := f.blocks[slot/flatRows], int(slot%flatRows)
	b.mu.RLock()
	defer b.mu.RUnlock()
	return append(dst, b.rows[i*f.dim:(i+1)*f.dim]...), true
}

// Has reports whether id has a vector.
func (f *Flat) Has(id uint32) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	_, ok := f.slots[id]
	return ok
}

// IDs returns the ids that have a vector, ascending.
func (f *Flat) IDs() []uint32 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return slices.Sorted(maps.Keys(f.slots))
}

// Search implements Index. Options.Ef is ignored.
func (f *Flat) Search(q []float32, k int, o Options) ([]Hit, error) {
	if k < 1 {
		return nil, fmt.Errorf("index: k is %d: %w", k, ErrK)
	}
	if err := o.Valid(); err != nil {
		return nil, err
	}
	s, _ := f.pool.Get().(*flatScratch)
	if s == nil {
		s = &flatScratch{q: make([]float32, f.dim), scores: make([]float32, flatRows)}
	}
	defer f.pool.Put(s)
	if err := f.metric.Prepare(s.q, q); err != nil {
		return nil, err
	}
	s.best.Reset(k)
	f.mu.RLock()
	blocks := f.blocks
	f.mu.RUnlock()
	if o.Within != nil && int(min(o.Within.GetCardinality(), 1<<31))*8 < f.Len() {
		f.pick(s, blocks, o)
	} else {
		f.scan(s, blocks, o)
	}
	return append([]Hit(nil), s.best.Sorted()...), nil
}

// scan compares with every row.
func (f *Flat) scan(s *flatScratch, blocks []*flatBlock, o Options) {
	all := o.All()
	for _, b := range blocks {
		b.mu.RLock()
		s.ids = append(s.ids[:0], b.ids...)
		s.dead = append(s.dead[:0], b.dead...)
		f.metric.Scores(s.scores[:len(b.ids)], s.q, b.rows)
		b.mu.RUnlock()
		for i, id := range s.ids {
			h := Hit{ID: id, Score: s.scores[i]}
			if s.dead[i] || s.best.Full() && vec.Compare(h, s.best.Worst()) > 0 {
				continue
			}
			if all || o.Admits(id) {
				s.best.Push(h)
			}
		}
	}
}

// pick compares with the rows of a few wanted ids only.
func (f *Flat) pick(s *flatScratch, blocks []*flatBlock, o Options) {
	it := o.Within.ManyIterator()
	var ids, slots [256]uint32
	for n := it.NextMany(ids[:]); n > 0; n = it.NextMany(ids[:]) {
		f.mu.RLock()
		m := 0
		for _, id := range ids[:n] {
			if slot, ok := f.slots[id]; ok && int(slot/flatRows) < len(blocks) {
				ids[m], slots[m] = id, slot
				m++
			}
		}
		f.mu.RUnlock()
		for j, id := range ids[:m] {
			if !o.Admits(id) {
				continue
			}
			b, i := blocks[slots[j]/flatRows], int(slots[j]%flatRows)
			b.mu.RLock()
			ok := b.ids[i] == id && !b.dead[i]
			score := f.metric.Score(s.q, b.rows[i*f.dim:(i+1)*f.dim])
			b.mu.RUnlock()
			if ok {
				s.best.Push(Hit{ID: id, Score: score})
			}
		}
	}
}
