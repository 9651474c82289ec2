package ivf

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"bowerbird/index"
	"bowerbird/index/quant"
	"bowerbird/internal/vec"
)

// Options shape an index. The zero value works.
type Options struct {
	// Bits of a code for each dimension: 1, 4 or 8. 0 means 4. Fewer take less
	// memory and read more vectors.
	Bits int
	// Lists is their number; 0 means twice the root of the number of vectors,
	// chosen anew whenever there are four times as many.
	Lists int
	// Probes is how many lists a search scans that does not say. 0 means what
	// a calibration found for a recall of .95; before there are lists, all.
	Probes int
	// Seed chooses the rotation and where centres begin.
	Seed uint64
}

const (
	maxLists = 1 << 16
	// firstTrain is the number of vectors at which there are lists at all.
	firstTrain = 256
	// growTrain is how many times as many vectors call for other lists.
	growTrain = 4
	// deviations of an estimate that are allowed for before a vector is not read.
	deviations = 3
)

func (o Options) filled() (Options, error) {
	if o.Bits == 0 {
		o.Bits = 4
	}
	if o.Lists < 0 || o.Lists > maxLists {
		return o, fmt.Errorf("ivf: Lists is %d, want 0..%d", o.Lists, maxLists)
	}
	if o.Probes < 0 || o.Probes > maxLists {
		return o, fmt.Errorf("ivf: Probes is %d, want 0..%d", o.Probes, maxLists)
	}
	return o, nil
}

// Index implements index.Index. Any number of goroutines may use it at once.
// Writers wait for each other and for the list that a search scans at the moment;
// filters are called while no lock is held. A Put looks at every centre and makes one code; the Put that brings four times as many vectors
// as there were at the last training trains anew and holds up everything
// meanwhile: PutMany trains once, for what it will have. Then 100 queries near vectors of the
// index are asked at rising numbers of lists, while searches go on.
type Index struct {
	dim    int
	metric index.Metric
	o      Options
	coder  *quant.Rabit
	pool   sync.Pool // of *scratch

	write   sync.Mutex // held by writers, before mu
	mu      sync.RWMutex
	where   map[uint32]place
	lists   []*list
	centres []float32 // of each list, dim floats
	turned  []float32 // the same, turned by the coder
	halves  []float32 // half of each centre's squared length
	trained int       // number of vectors at the last training
	probes  []probes  // what Calibrate found
	file    *mapped   // where rows of loaded lists may lie; nil: in memory
	work    []float32 // of writers
}

// place is where a vector lies.
type place struct{ list, at uint32 }

// list is the vectors around a centre: a vector's parts have one position.
type list struct {
	ids     []uint32
	codes   []uint64
	factors []quant.Factors
	adds    []float32 // |x-c|², and <c,x-c> less half of it where the metric is a distance
	rows    []float32
}

var _ index.Index = (*Index)(nil)

// New returns an empty index of vectors of dim floats.
func New(dim int, m index.Metric, o Options) (*Index, error) {
	if err := index.CheckShape(dim, m); err != nil {
		return nil, err
	}
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	coder, err := quant.NewRabit(dim, o.Bits, o.Seed)
	if err != nil {
		return nil, fmt.Errorf("ivf: %w", err)
	}
	x := &Index{dim: dim, metric: m, o: o, coder: coder, where: map[uint32]place{}, work: make([]float32, coder.Padded())}
	x.setCentres(make([]float32, dim))
	x.lists = []*list{{}}
	return x, nil
}

// Dim implements index.Index.
func (x *Index) Dim() int { return x.dim }

// Metric implements index.Index.
func (x *Index) Metric() index.Metric { return x.metric }

// Len implements index.Index.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.where)
}

// Lists returns the number of lists.
func (x *Index) Lists() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.lists)
}

// Put implements index.Index.
func (x *Index) Put(id uint32, v []float32) error {
	row := make([]float32, x.dim)
	if err := x.metric.Prepare(row, v); err != nil {
		return err
	}
	x.write.Lock()
	defer x.write.Unlock()
	x.mu.Lock()
	x.remove(id)
	x.add(id, row)
	trained := x.grow(len(x.where))
	x.mu.Unlock()
	if trained {
		x.calibrateSelf()
	}
	return nil
}

// PutMany stores vectors of a row-major matrix, len(ids) rows; a later one of an id
// that comes twice stays. It trains, if it has to, once, by up to threads
// goroutines. The result is that of Put of each except for where centres lie. On an
// error nothing is stored.
func (x *Index) PutMany(ids []uint32, rows []float32, threads int) error {
	if len(rows) != len(ids)*x.dim {
		return fmt.Errorf("ivf: %d floats for %d vectors of %d: %w", len(rows), len(ids), x.dim, index.ErrDim)
	}
	ready := make([]float32, len(rows))
	for i := range ids {
		if err := x.metric.Prepare(ready[i*x.dim:(i+1)*x.dim], rows[i*x.dim:(i+1)*x.dim]); err != nil {
			return fmt.Errorf("vector %d: %w", i, err)
		}
	}
	x.write.Lock()
	defer x.write.Unlock()
	if x.putMany(ids, ready, threads) {
		x.calibrateSelf()
	}
	return nil
}

func (x *Index) putMany(ids []uint32, ready []float32, threads int) (trained bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if after := len(x.where) + len(ids); after >= firstTrain && after >= growTrain*x.trained {
		all := ready
		for _, l := range x.lists {
			all = append(all, l.rows...)
		}
		x.retrain(all, after, threads)
		trained = true
	}
	to := x.nearestAll(ready, threads)
	for i, id := range ids {
		x.remove(id)
		x.addTo(to[i], id, ready[i*x.dim:(i+1)*x.dim])
	}
	return trained
}

// Delete implements index.Index. The last vector of the list takes the place.
func (x *Index) Delete(id uint32) bool {
	x.write.Lock()
	defer x.write.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.remove(id)
}

// Vector implements index.Index.
func (x *Index) Vector(dst []float32, id uint32) ([]float32, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	p, ok := x.where[id]
	if !ok {
		return dst, false
	}
	return append(dst, x.lists[p.list].row(int(p.at), x.dim)...), true
}

// Has reports whether id has a vector.
func (x *Index) Has(id uint32) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	_, ok := x.where[id]
	return ok
}

func (l *list) row(i, dim int) []float32 { return l.rows[i*dim : (i+1)*dim] }

// add codes a prepared row into the list of its nearest centre.
func (x *Index) add(id uint32, row []float32) { x.addTo(x.nearest(row), id, row) }

func (x *Index) addTo(to int, id uint32, row []float32) {
	l, w := x.lists[to], x.coder.Size()/8
	at := len(l.ids)
	l.ids = append(l.ids, id)
	l.rows = append(l.rows, row...)
	l.codes = append(l.codes, make([]uint64, w)...)
	f, add := x.encode(l.codes[at*w:], to, row)
	l.factors, l.adds = append(l.factors, f), append(l.adds, add)
	x.where[id] = place{uint32(to), uint32(at)}
}

// encode writes the code of a row in a list.
func (x *Index) encode(code []uint64, to int, row []float32) (quant.Factors, float32) {
	c, rest := x.centres[to*x.dim:(to+1)*x.dim], make([]float32, x.dim)
	for i, v := range row {
		rest[i] = v - c[i]
	}
	x.coder.Apply(x.work, rest)
	return x.coder.Encode(quant.Bytes(code)[:x.coder.Size()], x.work), vec.Dot(rest, rest)
}

func (x *Index) remove(id uint32) bool {
	p, ok := x.where[id]
	if !ok {
		return false
	}
	delete(x.where, id)
	l, w, at := x.lists[p.list], x.coder.Size()/8, int(p.at)
	last := len(l.ids) - 1
	if at < last {
		if x.file != nil && x.file.holds(l.rows) {
			l.rows = slices.Clone(l.rows) // a mapped file is not written to
		}
		l.ids[at], l.factors[at], l.adds[at] = l.ids[last], l.factors[last], l.adds[last]
		copy(l.codes[at*w:(at+1)*w], l.codes[last*w:])
		copy(l.row(at, x.dim), l.row(last, x.dim))
		x.where[l.ids[at]] = p
	}
	l.ids, l.factors, l.adds = l.ids[:last], l.factors[:last], l.adds[:last]
	l.codes, l.rows = l.codes[:last*w], l.rows[:last*x.dim:last*x.dim]
	return true
}

// Calibration is a recall that Calibrate measured.
type Calibration struct {
	Probes int
	Recall float64
}

type probes = Calibration

// probesFor returns how many lists a search scans.
func (x *Index) probesFor(o *index.Options) int {
	n := o.Ef
	if n == 0 && o.Recall > 0 {
		n = x.probesOf(float64(o.Recall))
	}
	if n == 0 {
		n = x.o.Probes
	}
	if n == 0 {
		n = x.probesOf(0.95)
	}
	return max(1, min(n, len(x.lists)))
}

// probesOf is the least number of lists that reached a recall, or an eighth of all.
func (x *Index) probesOf(recall float64) int {
	for _, p := range x.probes {
		if p.Recall >= recall {
			return p.Probes
		}
	}
	if n := len(x.probes); n > 0 {
		return len(x.lists)
	}
	return (len(x.lists) + 7) / 8
}

// Probes returns how many lists are to be scanned, Options.Ef of a search, for a
// wanted recall of the 10 nearest: from the last Calibrate.
func (x *Index) Probes(recall float64) (int, error) {
	if !(recall > 0 && recall <= 1) {
		return 0, fmt.Errorf("ivf: recall %g is not in (0, 1]", recall)
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	if len(x.probes) == 0 {
		return 0, fmt.Errorf("ivf: nothing is known of recall: call Calibrate")
	}
	return x.probesOf(recall), nil
}

// Calibrate measures the recall of the k nearest against a scan of every list, at
// numbers of lists that grow by a quarter, for queries (row-major), and keeps the table with
// the index until it is trained anew. A few hundred queries like those to come make it good to a point.
// Training calibrates by queries near vectors of the index.
func (x *Index) Calibrate(queries []float32, k int) ([]Calibration, error) {
	x.write.Lock()
	defer x.write.Unlock()
	return x.calibrate(queries, k)
}

// selfAsked is how many queries an index makes to calibrate itself.
const selfAsked = 100

// calibrateSelf asks, after training, queries near vectors that the index holds: as far from them as their nearest is,
// in directions drawn at random. The vectors themselves are too easy to find, since centres were made of them.
func (x *Index) calibrateSelf() {
	x.mu.RLock()
	var queries []float32
	n, next := 0, 0
	for _, l := range x.lists {
		for ; next < n+len(l.ids); next += max(1, len(x.where)/selfAsked) {
			queries = append(queries, l.row(next-n, x.dim)...)
		}
		n += len(l.ids)
	}
	lists := len(x.lists)
	x.mu.RUnlock()
	rnd := rand.New(rand.NewPCG(x.o.Seed, 0x61736b))
	away, other := make([]float32, x.dim), []float32(nil)
	for i := 0; i < len(queries); i += x.dim {
		q := queries[i : i+x.dim]
		near, err := x.Search(q, 2, index.Options{Ef: lists})
		if err != nil {
			return
		}
		other = other[:0]
		if len(near) == 2 {
			other, _ = x.Vector(other, near[1].ID)
		}
		if len(other) != x.dim {
			continue
		}
		for j := range away {
			away[j] = float32(rnd.NormFloat64())
		}
		if vec.Normalize(away) {
			vec.Axpy(float32(math.Sqrt(float64(vec.L2(q, other)))), away, q)
		}
	}
	if len(queries) > 0 {
		_, _ = x.calibrate(queries, 10) // numbers near the end of float32 may refuse; then nothing is known
	}
}

func (x *Index) calibrate(queries []float32, k int) ([]Calibration, error) {
	if len(queries) == 0 || len(queries)%x.dim != 0 {
		return nil, fmt.Errorf("ivf: %d floats are no queries of %d: %w", len(queries), x.dim, index.ErrDim)
	}
	n, lists := len(queries)/x.dim, x.Lists()
	truth := make([][]index.Hit, n)
	var err error
	for i := range truth {
		if truth[i], err = x.Search(queries[i*x.dim:(i+1)*x.dim], k, index.Options{Ef: lists}); err != nil {
			return nil, fmt.Errorf("query %d: %w", i, err)
		}
	}
	var table []Calibration
	for p := 1; ; p = min(lists, max(p+1, p*5/4)) {
		found, all := 0, 0
		for i, want := range truth {
			got, err := x.Search(queries[i*x.dim:(i+1)*x.dim], k, index.Options{Ef: p})
			if err != nil {
				return nil, err
			}
			found += common(got, want)
			all += len(want)
		}
		table = append(table, Calibration{p, float64(found) / float64(max(all, 1))})
		if p == lists || found == all {
			break
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.probes = table
	return slices.Clone(table), nil
}

func common(got, want []index.Hit) int {
	if len(want) == 0 {
		return 0
	}
	n, least := 0, want[len(want)-1].Score
	for _, h := range got {
		if h.Score >= least {
			n++
		}
	}
	return min(n, len(want))
}

// setCentres takes centres and what searches need of them.
func (x *Index) setCentres(c []float32) {
	n, p := len(c)/x.dim, x.coder.Padded()
	x.centres, x.turned, x.halves = c, make([]float32, n*p), make([]float32, n)
	for i := range n {
		row := c[i*x.dim : (i+1)*x.dim]
		x.coder.Apply(x.turned[i*p:(i+1)*p], row)
		x.halves[i] = vec.Dot(row, row) / 2
	}
}
