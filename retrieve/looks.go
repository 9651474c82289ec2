package retrieve

import (
	"context"
	"fmt"
	"io"
	"sync"

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
type Looks struct {
	o  LooksOptions
	mu sync.RWMutex // guards ix, which Load replaces
	ix index.Index
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
	return &Looks{o: o, ix: ix}, nil
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
			if f.Signal.Name == v.o.Signal && f.Signal.Version == v.o.Version {
				// Put refuses a wrong length or a zero vector; such an item is not found by its looks.
				_ = ix.Put(uint32(f.Item), f.Signal.Vector)
			}
		case bowerbird.ItemDelete:
			ix.Delete(uint32(f.Item))
		}
	}
}

// Vector appends an item's vector, of length 1, to dst.
func (v *Looks) Vector(dst []float32, x bowerbird.ItemID) ([]float32, bool) {
	return v.index().Vector(dst, uint32(x))
}

// Len is how many items have a vector.
func (v *Looks) Len() int { return v.index().Len() }

// Candidates searches near the request's vector, else its item, else near each
// of the five things that the person liked last.
func (v *Looks) Candidates(_ context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	ix := v.index()
	if ix.Len() == 0 || n <= 0 {
		return dst, nil
	}
	switch {
	case len(r.Vector) > 0:
		if r.Version != v.o.Version {
			return dst, fmt.Errorf("retrieve: looks: the query's vector is of version %q, the index of %q", r.Version, v.o.Version)
		}
		return v.near(ix, dst, r, r.Vector, n, bowerbird.Reason{Kind: bowerbird.BecausePicture})
	case r.Item != 0:
		q, ok := ix.Vector(nil, uint32(r.Item))
		if !ok {
			return dst, nil
		}
		return v.near(ix, dst, r, q, n, bowerbird.Reason{Kind: bowerbird.BecausePicture, Item: r.Item})
	case r.Board != 0:
		return dst, nil
	}
	return v.nearMany(ix, dst, r, n)
}

func (v *Looks) near(ix index.Index, dst []bowerbird.Hit, r *bowerbird.Request, q []float32, n int, why bowerbird.Reason) ([]bowerbird.Hit, error) {
	hits, err := ix.Search(q, n, index.Options{Filter: func(id uint32) bool { return pass(r, bowerbird.ItemID(id)) }})
	if err != nil {
		return dst, fmt.Errorf("retrieve: looks: %w", err)
	}
	for _, h := range hits {
		dst = append(dst, bowerbird.Hit{Item: bowerbird.ItemID(h.ID), Score: h.Score, Why: why})
	}
	return dst, nil
}

func (v *Looks) nearMany(ix index.Index, dst []bowerbird.Hit, r *bowerbird.Request, n int) ([]bowerbird.Hit, error) {
	from := seeds(r, 5)
	if len(from) == 0 {
		return dst, nil
	}
	share := max(10, n/len(from))
	best := newTally(len(from) * share)
	defer best.release()
	var hits []bowerbird.Hit
	for i, a := range from {
		q, ok := ix.Vector(nil, uint32(a.Item))
		if !ok {
			continue
		}
		var err error
		if hits, err = v.near(ix, hits[:0], r, q, share, bowerbird.Reason{}); err != nil {
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

// Save writes the index's own checkpoint.
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
	v.mu.Lock()
	v.ix = ix
	v.mu.Unlock()
	return nil
}
