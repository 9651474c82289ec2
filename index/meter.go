package index

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// Exact is what an index can do beside searching fast: compare with every vector that it holds,
// as it holds them. Flat, the graph and package auto's index can.
type Exact interface {
	SearchExact(q []float32, k int, o Options) ([]Hit, error)
}

// SearchExact implements Exact.
func (f *Flat) SearchExact(q []float32, k int, o Options) ([]Hit, error) { return f.Search(q, k, o) }

// MeterOptions tune a Meter. The zero value works.
type MeterOptions struct {
	Every  int // one search of so many is checked; 0 means 100
	Window int // the estimate is of the last so many checks; 0 means 1,000
	// Most is the greatest part of one processor that checks may take; 0 means 0.02. A search
	// whose turn comes earlier is not checked.
	Most float64
}

// Meter measures the recall of what is served: behind a few of the searches it repeats them, with
// and without the graph, and keeps the share of the true hits that were found. Filters belong to
// their requests and are left out of it. It holds no goroutine while it has
// nothing to do, and at most one. Safe for concurrent use.
type Meter struct {
	o     MeterOptions
	count atomic.Uint64
	busy  atomic.Bool

	mu    sync.Mutex
	last  []float64 // a ring
	total int
	free  time.Time // no check before
}

// NewMeter returns a meter without samples.
func NewMeter(o MeterOptions) *Meter {
	if o.Every <= 0 {
		o.Every = 100
	}
	if o.Window <= 0 {
		o.Window = 1000
	}
	if !(o.Most > 0) {
		o.Most = .02
	}
	return &Meter{o: o}
}

// Recall is the mean recall of the checks in the window, NaN where there was none, with half the
// width of its 95 % interval, and how many checks there were ever.
func (m *Meter) Recall() (mean, half float64, checks int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := float64(len(m.last))
	if n == 0 {
		return math.NaN(), math.NaN(), 0
	}
	sum, square := 0.0, 0.0
	for _, r := range m.last {
		sum, square = sum+r, square+r*r
	}
	mean = sum / n
	return mean, 1.96 * math.Sqrt(max(0, square/n-mean*mean)/n), m.total
}

// Watch returns an index that is x, and whose searches the meter samples. An index that is not
// Exact is returned as it is.
func (m *Meter) Watch(x Index) Index {
	e, ok := x.(Exact)
	if !ok {
		return x
	}
	return &watched{x, e, m}
}

type watched struct {
	Index
	exact Exact
	m     *Meter
}

// SearchExact implements Exact.
func (w *watched) SearchExact(q []float32, k int, o Options) ([]Hit, error) {
	return w.exact.SearchExact(q, k, o)
}

// Search implements Index.
func (w *watched) Search(q []float32, k int, o Options) ([]Hit, error) {
	hits, err := w.Index.Search(q, k, o)
	if small, ok := w.Index.(interface{ Exact() bool }); ok && small.Exact() {
		return hits, err // nothing to tell
	}
	if m := w.m; err == nil && m.count.Add(1)%uint64(m.o.Every) == 0 && m.busy.CompareAndSwap(false, true) {
		if !m.due() {
			m.busy.Store(false)
			return hits, nil
		}
		go w.check(append([]float32(nil), q...), k, Options{Ef: o.Ef, Recall: o.Recall})
	}
	return hits, err
}

// check searches twice at one moment, so that what was put since does not count.
func (w *watched) check(q []float32, k int, o Options) {
	start := time.Now()
	got, err := w.Index.Search(q, k, o)
	if err == nil {
		var truth []Hit
		if truth, err = w.exact.SearchExact(q, k, o); err == nil {
			w.m.note(RecallOf(got, truth), time.Since(start))
			return
		}
	}
	w.m.busy.Store(false)
}

func (m *Meter) due() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !time.Now().Before(m.free)
}

func (m *Meter) note(recall float64, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.last) < m.o.Window {
		m.last = append(m.last, recall)
	} else {
		m.last[m.total%m.o.Window] = recall
	}
	m.total++
	m.busy.Store(false) // before anybody can see that this check is done
	m.free = time.Now().Add(time.Duration(float64(took) / m.o.Most))
}

// RecallOf returns the share of the true hits that got holds. A hit that scores no less than the
// last true one counts: ties have no one order. 1 where there are no true hits.
func RecallOf(got, truth []Hit) float64 {
	if len(truth) == 0 {
		return 1
	}
	least, n := truth[len(truth)-1].Score, 0
	for _, h := range got {
		if h.Score >= least {
			n++
		}
	}
	return float64(min(n, len(truth))) / float64(len(truth))
}
