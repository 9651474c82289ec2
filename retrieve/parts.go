package retrieve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"bowerbird"
	"bowerbird/index"
	"bowerbird/vision/copies"
)

// PartsOptions say which vectors are compared.
type PartsOptions struct {
	Signal  string // name of the signal; "" means "parts"
	Version string // of what made the vectors; others are left out
	Dim     int    // of one vector
	Count   int    // vectors of an item, one after the other in the signal
	Looks   *Looks // the vectors of whole pictures
	Print   func(bowerbird.ItemID) *copies.Print
	Load    func(io.Reader) (index.Index, error)
	New     func() (index.Index, error)
}

// Parts finds the items that a picture, or a part of one, is cut from: near a vector of
// the whole or of a fixed part of each item, and then, among the best, by how well the
// print of the question fits into a part of theirs. It is a source for searches by a
// picture; a question without a vector is for Looks.
type Parts struct {
	o  PartsOptions
	mu sync.RWMutex // guards ix, which Load replaces
	ix index.Index  // item x Count + part
}

// NewParts returns an empty view.
func NewParts(o PartsOptions) (*Parts, error) {
	if o.Signal == "" {
		o.Signal = "parts"
	}
	ix, err := o.New()
	if err != nil {
		return nil, fmt.Errorf("retrieve: parts: %w", err)
	}
	return &Parts{o: o, ix: ix}, nil
}

// Name is what traces and explanations call it.
func (v *Parts) Name() string { return "parts" }

func (v *Parts) index() index.Index {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.ix
}

// Apply takes in vectors of the right signal, version and length.
func (v *Parts) Apply(facts []bowerbird.Fact) {
	ix, n := v.index(), uint32(v.o.Count)
	for i := range facts {
		f := &facts[i]
		switch f.Kind {
		case bowerbird.SignalPut:
			s := f.Signal
			if s.Name != v.o.Signal || s.Version != v.o.Version || len(s.Vector) != v.o.Count*v.o.Dim || uint64(f.Item)*uint64(n) > 1<<32-1-uint64(n) {
				continue
			}
			for k := range n {
				_ = ix.Put(uint32(f.Item)*n+k, s.Vector[int(k)*v.o.Dim:int(k+1)*v.o.Dim]) // a zero vector is not found
			}
		case bowerbird.ItemDelete:
			for k := range n {
				ix.Delete(uint32(f.Item)*n + k)
			}
		}
	}
}

// compared is how many of the best by vectors are compared print by print.
const compared = copies.Worth

// Candidates searches by the request's vector and print.
func (v *Parts) Candidates(ctx context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	if r.Style && n > 0 {
		return v.sameStyle(r, n, dst)
	}
	if len(r.Vector) == 0 || n <= 0 {
		return v.o.Looks.Candidates(ctx, r, n, dst)
	}
	whole, err := v.o.Looks.Candidates(ctx, r, max(n, compared), nil)
	if err != nil {
		return dst, err
	}
	count, q := uint32(v.o.Count), r.Built
	if len(q) == 0 {
		q = r.Vector
	}
	parts, err := v.index().Search(q, 2*max(n, compared), index.Options{Filter: func(id uint32) bool { return pass(r, bowerbird.ItemID(id/count)) }})
	if err != nil {
		return dst, fmt.Errorf("retrieve: parts: %w", err)
	}
	best := map[bowerbird.ItemID]float32{}
	for _, h := range whole {
		best[h.Item] = h.Score
	}
	for _, h := range parts {
		x := bowerbird.ItemID(h.ID / count)
		best[x] = max(best[x], h.Score)
	}
	hits := make([]bowerbird.Hit, 0, len(best))
	for x, s := range best {
		hits = append(hits, bowerbird.Hit{Item: x, Score: s, Why: bowerbird.Reason{Kind: bowerbird.BecausePicture}})
	}
	sortHits(hits)
	cut := v.compare(ctx, r, hits[:min(len(hits), compared)])
	if cut != nil && !errors.Is(cut, bowerbird.ErrCut) {
		return dst, cut
	}
	sortHits(hits)
	return append(dst, hits[:min(len(hits), n)]...), cut
}

func sortHits(h []bowerbird.Hit) {
	slices.SortFunc(h, func(a, b bowerbird.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Item, b.Item))
	})
}

// compare scores anew by how well the question's print fits into the items'; with
// bowerbird.ErrCut it had no time and left the scores alone.
func (v *Parts) compare(ctx context.Context, r *bowerbird.Request, hits []bowerbird.Hit) error {
	if len(r.Print) != copies.Numbers+1 || v.o.Print == nil {
		return nil
	}
	q, err := copies.FromVector(r.Print[:copies.Numbers], r.Print[copies.Numbers])
	if err != nil {
		return fmt.Errorf("retrieve: parts: %w", err)
	}
	base := make([]float32, len(hits))
	for i, h := range hits {
		base[i] = h.Score
	}
	// On a busy machine the order by vectors, in time, is worth more than none.
	short := ctx
	if end, ok := ctx.Deadline(); ok {
		var stop context.CancelFunc
		short, stop = context.WithTimeout(ctx, time.Until(end)*2/3)
		defer stop()
	}
	scores, err := copies.Reorder(short, q, base, func(i int) *copies.Print { return v.o.Print(hits[i].Item) })
	if err != nil && short.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("retrieve: parts: prints were not compared: %w", bowerbird.ErrCut)
	}
	if err != nil {
		return err
	}
	for i := range hits {
		hits[i].Score = scores[i]
	}
	return nil
}

// Save writes the index's own checkpoint.
func (v *Parts) Save(w io.Writer) error { return v.index().Save(w) }

// Load replaces the view by a saved one, and refuses one of another shape.
func (v *Parts) Load(r io.Reader) error {
	ix, err := v.o.Load(r)
	if err != nil {
		return err
	}
	if ix.Dim() != v.o.Dim {
		return fmt.Errorf("retrieve: parts: the saved vectors have %d numbers, want %d", ix.Dim(), v.o.Dim)
	}
	v.mu.Lock()
	v.ix = ix
	v.mu.Unlock()
	return nil
}
