package retrieve

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"

	"bowerbird"
	"bowerbird/graph"
	"bowerbird/graph/embed"
	"bowerbird/index"
	"bowerbird/internal/frame"
	"bowerbird/internal/vec"
)

// GraphModel is what a Neighbourhood is trained to: it holds items by number, and
// no people.
type GraphModel struct {
	Base       *embed.Vectors    // of items: the largest singular values of the graph; part of what the aggregator reads
	Aggregator *embed.Aggregator // makes an item's vector of its content, its base and its neighbourhood
}

// NeighbourhoodOptions says where vectors come from and go to. Walk and New are required.
type NeighbourhoodOptions struct {
	Walk    *Walk                              // the graph, whose secret boards are left out
	New     func(dim int) (index.Index, error) // makes an empty index for cosine
	Version string                             // of the visual vectors that count as content; others are left out
}

// Neighbourhood finds items by vectors that say what an item is (its words and its
// looks) and what is kept with it: one half is made by an aggregator (Ying et al.,
// "PinSage", KDD 2018), the other is the item's place among the largest singular
// vectors of the graph or, where the model has not seen it, that of what is kept
// with it. The view is the content; the vectors are made when a model is swapped in
// and kept in memory only. An item that is new, or whose content changes, gets its
// vector when the next page is asked for, from its content and first edges.
//
// Memory: 128 bytes for each item; with a model 1 KiB more.
type Neighbourhood struct {
	o       NeighbourhoodOptions
	mu      sync.RWMutex
	content []float32 // by ItemID, contentDim each
	now     *inductive
}

// inductive is a model in place.
type inductive struct {
	m      GraphModel
	x      embed.Features // by ItemID: content, then base
	ix     index.Index    // by ItemID
	late   map[uint32]bool
	first  map[uint32]uint8 // acts on items that the model has not seen
	settle sync.Mutex       // one page embeds
}

// firstActs is up to how many acts on an item that is new to the model give it a
// new vector each.
const firstActs = 32

// NewNeighbourhood returns an empty view without a model.
func NewNeighbourhood(o NeighbourhoodOptions) *Neighbourhood { return &Neighbourhood{o: o} }

// Name is what traces and explanations call it.
func (v *Neighbourhood) Name() string { return "neighbourhood" }

// Apply folds what items are, and notes which need a new vector.
func (v *Neighbourhood) Apply(facts []bowerbird.Fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range facts {
		f := &facts[i]
		switch f.Kind {
		case bowerbird.ItemPut:
			describe(v.row(f.Item)[:wordsDim], f.ItemDoc)
			v.changed(f.Item)
		case bowerbird.SignalPut:
			if f.Signal.Name == "visual" && f.Signal.Version == v.o.Version {
				sketch(v.row(f.Item)[wordsDim:], f.Signal.Vector)
				v.changed(f.Item)
			}
		case bowerbird.ItemDelete:
			clear(v.row(f.Item))
			if n := v.now; n != nil {
				delete(n.late, uint32(f.Item))
				n.ix.Delete(uint32(f.Item))
			}
		case bowerbird.Save, bowerbird.Purchase, bowerbird.Click, bowerbird.Share:
			v.acted(f.Item)
		}
	}
}

func (v *Neighbourhood) row(x bowerbird.ItemID) []float32 {
	if need := (int(x) + 1) * contentDim; need > len(v.content) {
		v.content = append(v.content, make([]float32, need-len(v.content))...)
	}
	return v.content[int(x)*contentDim : (int(x)+1)*contentDim]
}

func (v *Neighbourhood) changed(x bowerbird.ItemID) {
	if v.now != nil {
		v.now.late[uint32(x)] = true
	}
}

func (v *Neighbourhood) acted(x bowerbird.ItemID) {
	n := v.now
	if n == nil || n.knows(uint32(x)) || n.first[uint32(x)] == firstActs {
		return
	}
	n.first[uint32(x)]++
	n.late[uint32(x)] = true
}

// knows tells whether the model has learned from an item's edges.
func (n *inductive) knows(x uint32) bool {
	b := n.m.Base.Of(graph.Left, x)
	return slices.ContainsFunc(b, func(y float32) bool { return y != 0 })
}

// Swap puts a model in place and makes everybody's vectors; nil takes it out. The
// graph and the content are those of the moment. Cost: some tenths of a
// millisecond for each item, on all cores.
func (v *Neighbourhood) Swap(ctx context.Context, m *GraphModel) error {
	if m == nil {
		v.mu.Lock()
		v.now = nil
		v.mu.Unlock()
		return nil
	}
	snap := v.o.Walk.Snapshot()
	v.mu.Lock()
	content := slices.Clone(v.content)
	v.mu.Unlock()
	n := &inductive{m: *m, x: featuresOf(content, m.Base, snap.Nodes(graph.Left)), late: map[uint32]bool{}, first: map[uint32]uint8{}}
	ix, err := v.o.New(m.Aggregator.Dim() + m.Base.Dim + 1)
	if err != nil {
		return fmt.Errorf("retrieve: neighbourhood: %w", err)
	}
	n.ix = ix
	vectors, err := m.Aggregator.EmbedAll(ctx, snap, n.x, embed.Limits{})
	if err != nil {
		return fmt.Errorf("retrieve: neighbourhood: %w", err)
	}
	for x := uint32(1); int(x) < vectors.Nodes(graph.Left); x++ {
		if n.has(x, snap) {
			_ = ix.Put(x, n.join(snap, x, vectors.Of(graph.Left, x))) // of length 1
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	// What was folded meanwhile.
	for x := range len(v.content) / contentDim {
		if at := x * contentDim; at >= len(content) || !slices.Equal(content[at:at+contentDim], v.content[at:at+contentDim]) {
			n.late[uint32(x)] = true
		}
	}
	v.now = n
	return nil
}

// has tells whether anything is known of an item.
func (n *inductive) has(x uint32, s *graph.Snapshot) bool {
	if s.Degree(graph.Left, x) > 0 {
		return true
	}
	return slices.ContainsFunc(n.x.Rows[int(x)*n.x.Dim:int(x+1)*n.x.Dim], func(y float32) bool { return y != 0 })
}

// join puts an item's place in the graph beside its aggregated vector. The last
// number makes up for a half that is missing, so that all are equally long: by
// cosine, what has no place would else be nearer to everybody than what has one.
// Queries have 0 there.
func (n *inductive) join(s *graph.Snapshot, x uint32, aggregated []float32) []float32 {
	out := append(slices.Clone(aggregated), n.place(s, x)...)
	return append(out, float32(math.Sqrt(float64(max(0, 2-vec.Dot(out, out))))))
}

// At a newcomer's place so many collections are looked at, and so many items of each.
const (
	collections = 16
	ofEach      = 32
)

// place is an item's base vector or, where it has none, the mean of those of the
// items that are kept with it.
func (n *inductive) place(s *graph.Snapshot, x uint32) []float32 {
	if n.knows(x) {
		return n.m.Base.Of(graph.Left, x)
	}
	out := make([]float32, n.m.Base.Dim)
	by := s.Neighbors(nil, graph.Left, x)
	for _, c := range by[max(0, len(by)-collections):] {
		with := s.Neighbors(nil, graph.Right, c)
		for _, y := range with[max(0, len(with)-ofEach):] {
			if row := n.m.Base.Of(graph.Left, y); row != nil {
				vec.Axpy(1, row, out)
			}
		}
	}
	scale(out)
	return out
}

// perPage is how many new items one page embeds; the next goes on.
const perPage = 64

// current is the model with what is late made good, up to perPage items. A page
// that finds another one at it does not wait.
func (v *Neighbourhood) current() *inductive {
	v.mu.RLock()
	n := v.now
	idle := n == nil || len(n.late) == 0
	v.mu.RUnlock()
	if idle || !n.settle.TryLock() {
		return n
	}
	defer n.settle.Unlock()
	v.mu.Lock()
	late := make([]uint32, 0, len(n.late))
	for x := range n.late {
		late = append(late, x)
	}
	slices.Sort(late)
	late = late[max(0, len(late)-perPage):]
	for _, x := range late {
		delete(n.late, x)
		n.refresh(x, v.content)
	}
	v.mu.Unlock()
	snap := v.o.Walk.Snapshot()
	for _, x := range late {
		v.embed(n, snap, x)
	}
	return n
}

// refresh copies an item's content into the features, which grow with the items.
// Readers hold a copy of the slice's header, and a row is replaced, never resized.
func (n *inductive) refresh(x uint32, content []float32) {
	at := int(x) * contentDim
	if at >= len(content) {
		return
	}
	if need := int(x+1) * n.x.Dim; need > len(n.x.Rows) {
		n.x.Rows = append(n.x.Rows, make([]float32, need-len(n.x.Rows))...)
	}
	copy(n.x.Rows[int(x)*n.x.Dim:], content[at:at+contentDim])
}

// embed makes one item's vector. Only the page that holds settle calls it, and
// nobody else reads the features.
func (v *Neighbourhood) embed(n *inductive, s *graph.Snapshot, x uint32) {
	if int(x) >= len(n.x.Rows)/n.x.Dim || !n.has(x, s) {
		n.ix.Delete(x)
		return
	}
	own := slices.Clone(n.x.Rows[int(x)*n.x.Dim : int(x+1)*n.x.Dim])
	q, err := n.m.Aggregator.Embed(s, n.x, embed.Newcomer{Content: own, Edges: s.Neighbors(nil, graph.Left, x)})
	if err == nil {
		err = n.ix.Put(x, n.join(s, x, q))
	}
	if err != nil { // it would be a fault of ours; the item is not found by its vector
		n.ix.Delete(x)
	}
}

// Vector appends an item's vector, of length 1, to dst.
func (v *Neighbourhood) Vector(dst []float32, x bowerbird.ItemID) ([]float32, bool) {
	n := v.current()
	if n == nil {
		return dst, false
	}
	return n.ix.Vector(dst, uint32(x))
}

// Candidates searches near the request's item, near the middle of its board, or
// near the middle of what the person did last.
func (v *Neighbourhood) Candidates(_ context.Context, r *bowerbird.Request, k int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	n := v.current()
	if n == nil || k <= 0 || n.ix.Len() == 0 {
		return dst, nil
	}
	from := v.o.Walk.startOf(r)
	q, rows := n.middle(&from)
	if q == nil {
		return dst, nil
	}
	keep := func(x uint32) bool { return x != 0 && !from.holds(x) && pass(r, bowerbird.ItemID(x)) }
	hits, err := n.ix.Search(q, k, index.Options{Filter: keep})
	if err != nil {
		return dst, fmt.Errorf("retrieve: neighbourhood: %w", err)
	}
	var own []float32
	for _, h := range hits {
		own, _ = n.ix.Vector(own[:0], h.ID)
		dst = append(dst, bowerbird.Hit{Item: bowerbird.ItemID(h.ID), Score: h.Score, Why: from.why[nearest(own, rows)]})
	}
	return dst, nil
}

// middle is the weighted sum of the vectors of where a search starts, nil if none
// has one, and the vectors themselves.
func (n *inductive) middle(from *start) (q []float32, rows [][]float32) {
	rows = make([][]float32, len(from.queries))
	for i, s := range from.queries {
		row, ok := n.ix.Vector(nil, s.ID)
		if !ok {
			continue
		}
		if rows[i] = row; q == nil {
			q = make([]float32, len(row))
		}
		w := float32(s.Weight)
		if w == 0 {
			w = 1
		}
		vec.Axpy(w, row, q)
	}
	if len(q) > 0 {
		q[len(q)-1] = 0
	}
	if !slices.ContainsFunc(q, func(x float32) bool { return x != 0 }) {
		return nil, nil
	}
	return q, rows
}

// nearest is the place of the row with the largest inner product, the first of equals.
func nearest(v []float32, rows [][]float32) int {
	at, most := 0, float32(math.Inf(-1))
	for i, row := range rows {
		if row == nil {
			continue
		}
		if d := vec.Dot(v, row); d > most {
			at, most = i, d
		}
	}
	return at
}

// FitOptions of a graph model. The zero value works.
type FitOptions struct {
	Seed    uint64
	Threads int   // 0: all cores
	Memory  int64 // bytes that may be planned for; 0: no limit
}

// Fit learns a model from the graph and the content as they stand. It is safe
// beside Apply. Cost: a decomposition of the graph, and five passes over its items,
// fewer over more than 200,000.
func (v *Neighbourhood) Fit(ctx context.Context, o FitOptions) (*GraphModel, error) {
	snap := v.o.Walk.Snapshot()
	v.mu.RLock()
	content := slices.Clone(v.content)
	v.mu.RUnlock()
	limits := embed.Limits{Threads: o.Threads, MemoryBudget: o.Memory}
	base, err := embed.Spectral(ctx, snap, embed.SpectralOptions{Limits: limits, Dim: baseDim, Rounds: 3, Popularity: -1, LeftNorm: .4, RightNorm: .4, Seed: o.Seed})
	if err != nil {
		return nil, fmt.Errorf("retrieve: neighbourhood: %w", err)
	}
	base.Right = nil // people and boards are not kept
	base.Left = unit(base.Left, base.Dim)
	x := featuresOf(content, base, snap.Nodes(graph.Left))
	a, err := embed.TrainAggregator(ctx, snap, x, embed.AggregatorOptions{Limits: limits, Dim: 64, Hidden: 64, Neighbours: 10, Steps: 256,
		Epochs: min(5, max(1, 1_000_000/max(1, snap.Nodes(graph.Left)))), Seed: o.Seed})
	if err != nil {
		return nil, fmt.Errorf("retrieve: neighbourhood: %w", err)
	}
	return &GraphModel{base, a}, nil
}

// Save writes the content of items (count of numbers, numbers).
func (v *Neighbourhood) Save(w io.Writer) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	fw := frame.NewWriter(w, "nearby", 1)
	fw.F32s(v.content)
	return fw.Close()
}

// Load replaces the view by a saved one; a model that is in place is taken out.
func (v *Neighbourhood) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "nearby", 1)
	if err != nil {
		return err
	}
	content := fr.F32s()
	if err := fr.Close(); err != nil {
		return err
	}
	if len(content)%contentDim != 0 {
		return fmt.Errorf("retrieve: neighbourhood: %d numbers are no rows of %d", len(content), contentDim)
	}
	v.mu.Lock()
	v.content, v.now = content, nil
	v.mu.Unlock()
	return nil
}
