package retrieve

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"

	"bowerbird"
	"bowerbird/index"
)

// LooksOptions says which vectors are compared.
type LooksOptions struct {
	Signal  string // name of the signal; "" means "visual"
	Version string // of the model that made the vectors; others are left out
	Dim     int
	Load    func(io.Reader) (index.Index, error) // reads a saved index
	New     func() (index.Index, error)          // makes an empty one
}

// Looks finds items by their visual vectors: near an item, near an upload or a
// crop, near what the person saved last. Vectors are compared by cosine and only
// within one version.
//
// What it folds are the vectors of the built-in descriptor. Another encoder has a Space
// of its own beside them, which is filled behind and serves once it is whole.
type Looks struct {
	o    LooksOptions
	mu   sync.RWMutex // guards ix, which Load replaces, and have
	ix   index.Index
	have *roaring.Bitmap // items in ix

	now    atomic.Pointer[Space] // what serves; nil: ix
	before atomic.Pointer[Space] // what served until then, for requests that have begun
	next   atomic.Pointer[Space] // what is being filled; nil: nothing
}

// NewLooks returns an empty view.
func NewLooks(o LooksOptions) (*Looks, error) {
	if o.Signal == "" {
		o.Signal = "visual"
	}
	ix, err := o.New()
	if err != nil {
		return nil, fmt.Errorf("retrieve: looks: %w", err)
	}
	return &Looks{o: o, ix: ix, have: roaring.New()}, nil
}

// Name is what traces and explanations call it.
func (v *Looks) Name() string { return "looks" }

func (v *Looks) index() index.Index {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.ix
}

// Apply takes in vectors of the right signal, version and length.
func (v *Looks) Apply(facts []bowerbird.Fact) {
	ix := v.index()
	for i := range facts {
		switch f := &facts[i]; f.Kind {
		case bowerbird.SignalPut:
			// Put refuses a wrong length or a zero vector; such an item is not found by its looks.
			if f.Signal.Name == v.o.Signal && f.Signal.Version == v.o.Version && ix.Put(uint32(f.Item), f.Signal.Vector) == nil {
				v.note(uint32(f.Item), f.Signal.Vector)
			}
		case bowerbird.ItemDelete:
			ix.Delete(uint32(f.Item))
			v.forget(uint32(f.Item))
		}
	}
}

// Vector appends an item's built-in vector, of length 1, to dst.
func (v *Looks) Vector(dst []float32, x bowerbird.ItemID) ([]float32, bool) {
	return v.index().Vector(dst, uint32(x))
}

// Len is how many items have a vector.
func (v *Looks) Len() int { return v.index().Len() }

// Candidates searches near the request's vector, else its item, else near each
// of the five things that the person liked last.
func (v *Looks) Candidates(_ context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	if v.index().Len() == 0 || n <= 0 {
		return dst, nil
	}
	switch {
	case len(r.Vector) > 0:
		s, err := v.space(r.Version)
		if err != nil {
			return dst, err
		}
		return v.near(s, dst, r, r.Vector, n, bowerbird.Reason{Kind: bowerbird.BecausePicture})
	case r.Item != 0:
		s, q := v.vectorOf(r.Item)
		if q == nil {
			return dst, nil
		}
		return v.near(s, dst, r, q, n, bowerbird.Reason{Kind: bowerbird.BecausePicture, Item: r.Item})
	case r.Board != 0:
		return dst, nil
	}
	return v.nearMany(dst, r, n)
}

// Nearest are the items nearest to one by their built-in vectors, itself among them.
func (v *Looks) Nearest(x bowerbird.ItemID, n int) ([]bowerbird.Hit, error) {
	s := v.builtIn()
	q, ok := s.ix.Vector(nil, uint32(x))
	if !ok {
		return nil, nil
	}
	return v.near(s, nil, &bowerbird.Request{}, q, n, bowerbird.Reason{})
}

func (v *Looks) near(s *Space, dst []bowerbird.Hit, r *bowerbird.Request, q []float32, n int, why bowerbird.Reason) ([]bowerbird.Hit, error) {
	hits, err := s.ix.Search(q, n, index.Options{Filter: func(id uint32) bool { return pass(r, bowerbird.ItemID(id)) }})
	if err != nil {
		return dst, fmt.Errorf("retrieve: looks: %w", err)
	}
	for _, h := range hits {
		dst = append(dst, bowerbird.Hit{Item: bowerbird.ItemID(h.ID), Score: s.level(h.Score), Why: why})
	}
	return dst, nil
}

func (v *Looks) nearMany(dst []bowerbird.Hit, r *bowerbird.Request, n int) ([]bowerbird.Hit, error) {
	from := seeds(r, 5)
	if len(from) == 0 {
		return dst, nil
	}
	s := v.serving()
	share := max(10, n/len(from))
	best := newTally(len(from) * share)
	defer best.release()
	var hits []bowerbird.Hit
	for i, a := range from {
		q, ok := s.ix.Vector(nil, uint32(a.Item))
		if !ok {
			continue
		}
		var err error
		if hits, err = v.near(s, hits[:0], r, q, share, bowerbird.Reason{}); err != nil {
			return dst, err
		}
		for _, h := range hits {
			best.add(h.Item, a.Weight*max(0, h.Score), i)
		}
	}
	return best.hits(dst, n, r, func(i int) bowerbird.Reason {
		return bowerbird.Reason{Kind: bowerbird.BecausePicture, Item: from[i].Item, Board: from[i].Board}
	}), nil
}

// Save writes the checkpoint of the index of built-in vectors; spaces are not saved.
func (v *Looks) Save(w io.Writer) error { return v.index().Save(w) }

// Load replaces the view by a saved one, and refuses one of another shape.
func (v *Looks) Load(r io.Reader) error {
	ix, err := v.o.Load(r)
	if err != nil {
		return err
	}
	if ix.Dim() != v.o.Dim {
		return fmt.Errorf("retrieve: looks: the saved vectors have %d numbers, want %d", ix.Dim(), v.o.Dim)
	}
	have := roaring.New()
	for x, buf := uint32(0), []float32(nil); int(have.GetCardinality()) < ix.Len() && x < 1<<31; x++ {
		var ok bool
		if buf, ok = ix.Vector(buf[:0], x); ok {
			have.Add(x)
		}
	}
	v.mu.Lock()
	v.ix, v.have = ix, have
	v.mu.Unlock()
	v.Drop()
	return nil
}
