package retrieve

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"sync"
	"sync/atomic"

	"bowerbird"
	"bowerbird/index"
	"bowerbird/internal/frame"
	"bowerbird/vision/adapt"
	"bowerbird/vision/see"
)

// Goes finds what goes with an item: items of other categories whose pictures lie near its own
// under a map that was learned from pairs of different categories on one board (a linear
// form of Veit et al., ICCV 2015, and of Vasileva et al., ECCV 2018, with one space for
// all pairs of categories). Until a map is swapped in it finds nothing.
//
// It folds which category each item is of, the most specific one; what has none goes with
// everything.
type Goes struct {
	looks *Looks
	mu    sync.RWMutex
	kind  []uint32 // by item: hash of its category, 0 none
	now   atomic.Pointer[Space]
}

// NewGoes returns an empty view beside the built-in vectors of Looks.
func NewGoes(looks *Looks) *Goes { return &Goes{looks: looks} }

// Name is what traces and explanations call it.
func (v *Goes) Name() string { return "goes" }

// KindOf is the number of an item's most specific category; 0 if it has none.
func KindOf(d *bowerbird.Item) uint32 {
	if len(d.Categories) == 0 {
		return 0
	}
	h := fnv.New32a()
	_, _ = io.WriteString(h, d.Categories[len(d.Categories)-1])
	return h.Sum32() | 1
}

// Apply folds categories, and maps the pictures that come.
func (v *Goes) Apply(facts []bowerbird.Fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := v.now.Load()
	for i := range facts {
		f := &facts[i]
		switch {
		case f.Kind == bowerbird.ItemPut:
			for int(f.Item) >= len(v.kind) {
				v.kind = append(v.kind, 0)
			}
			v.kind[f.Item] = KindOf(f.ItemDoc)
		case f.Kind == bowerbird.ItemDelete && s != nil:
			s.gone(uint32(f.Item))
		case f.Kind == bowerbird.SignalPut && s != nil && f.Signal.Name == v.looks.o.Signal && f.Signal.Version == v.looks.o.Version:
			s.changed(uint32(f.Item), f.Signal.Vector)
		}
	}
}

// Swap puts a map over built-in vectors in place, with an empty index for it; nil takes it
// out. Cost: 65,536 products an item.
func (v *Goes) Swap(m *adapt.Map, ix index.Index) {
	if m == nil {
		v.now.Store(nil)
		return
	}
	v.mu.Lock() // no picture comes meanwhile
	defer v.mu.Unlock()
	s := newSpace(&see.Mapped{Inner: see.BuiltIn(), Map: m}, ix)
	v.looks.all(s.changed)
	v.now.Store(s)
}

// Kind is the number of an item's category; 0 if it has none.
func (v *Goes) Kind(x bowerbird.ItemID) uint32 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if int(x) >= len(v.kind) {
		return 0
	}
	return v.kind[x]
}

// Across tells whether two items are of different categories, or one is of none.
func (v *Goes) Across(x, y bowerbird.ItemID) bool {
	k := v.Kind(x)
	return k == 0 || k != v.Kind(y)
}

// Candidates finds what goes with the request's item.
func (v *Goes) Candidates(_ context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	s := v.now.Load()
	if s == nil || r.Item == 0 || n <= 0 {
		return dst, nil
	}
	q, ok := s.ix.Vector(nil, uint32(r.Item))
	if !ok {
		return dst, nil
	}
	hits, err := s.ix.Search(q, n, index.Options{Filter: func(id uint32) bool {
		return v.Across(r.Item, bowerbird.ItemID(id)) && pass(r, bowerbird.ItemID(id))
	}})
	if err != nil {
		return dst, fmt.Errorf("retrieve: goes: %w", err)
	}
	for _, h := range hits {
		dst = append(dst, bowerbird.Hit{Item: bowerbird.ItemID(h.ID), Score: h.Score, Why: bowerbird.Reason{Kind: bowerbird.BecauseItem, Item: r.Item}})
	}
	return dst, nil
}

// Save writes the categories.
func (v *Goes) Save(w io.Writer) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	fw := frame.NewWriter(w, "goes", 1)
	fw.Int(len(v.kind))
	for _, k := range v.kind {
		fw.Uvarint(uint64(k))
	}
	return fw.Close()
}

// Load replaces the view by a saved one, and takes the map out.
func (v *Goes) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "goes", 1)
	if err != nil {
		return err
	}
	var kind []uint32
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		kind = append(kind, fr.U32())
	}
	if err := fr.Close(); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.kind = kind
	v.now.Store(nil)
	return nil
}

// OtherKinds is a source that leaves out what is of the item's own category.
type OtherKinds struct {
	Source interface {
		Name() string
		Candidates(ctx context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error)
	}
	Goes *Goes
}

// Name is the source's.
func (o OtherKinds) Name() string { return o.Source.Name() }

// Candidates are the source's of other categories.
func (o OtherKinds) Candidates(ctx context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	one := *r
	keep := r.Keep
	one.Keep = func(x bowerbird.ItemID) bool { return o.Goes.Across(r.Item, x) && (keep == nil || keep(x)) }
	hits, err := o.Source.Candidates(ctx, &one, n, nil)
	for _, h := range hits {
		if o.Goes.Across(r.Item, h.Item) {
			dst = append(dst, h)
		}
	}
	return dst, err
}
