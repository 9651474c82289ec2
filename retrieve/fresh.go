package retrieve

import (
	"context"
	"io"
	"slices"
	"sync"

	"bowerbird"
	"bowerbird/internal/frame"
)

// Fresh lists the newest items by when they were first put. Memory: 1,000 ids
// and one bit for each item.
type Fresh struct {
	mu     sync.RWMutex
	known  []uint64           // bit set of items that were put once
	newest []bowerbird.ItemID // oldest first, at most leaders
}

// NewFresh returns an empty view.
func NewFresh() *Fresh { return new(Fresh) }

// Name is what traces and explanations call it.
func (v *Fresh) Name() string { return "fresh" }

// Apply notes items on their first put.
func (v *Fresh) Apply(facts []bowerbird.Fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range facts {
		f := &facts[i]
		switch f.Kind {
		case bowerbird.ItemPut:
			word, bit := int(f.Item/64), uint64(1)<<(f.Item%64)
			for word >= len(v.known) {
				v.known = append(v.known, 0)
			}
			if v.known[word]&bit != 0 {
				continue
			}
			v.known[word] |= bit
			if len(v.newest) == leaders {
				v.newest = slices.Delete(v.newest, 0, 1)
			}
			v.newest = append(v.newest, f.Item)
		case bowerbird.ItemDelete:
			if at := slices.Index(v.newest, f.Item); at >= 0 {
				v.newest = slices.Delete(v.newest, at, at+1)
			}
		}
	}
}

// Candidates lists the newest that pass.
func (v *Fresh) Candidates(_ context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	v.mu.RLock()
	newest := slices.Clone(v.newest[max(0, len(v.newest)-8*n):])
	v.mu.RUnlock()
	start := len(dst)
	for i := len(newest) - 1; i >= 0 && len(dst)-start < n; i-- {
		if pass(r, newest[i]) {
			dst = append(dst, bowerbird.Hit{Item: newest[i], Score: float32(i+1) / float32(len(newest)), Why: bowerbird.Reason{Kind: bowerbird.BecauseNew}})
		}
	}
	return dst, nil
}

// Save writes the bit set (words) and the newest items.
func (v *Fresh) Save(w io.Writer) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	fw := frame.NewWriter(w, "fresh", 1)
	fw.Int(len(v.known))
	for _, x := range v.known {
		fw.Uvarint(x)
	}
	saveLists(fw, [][]bowerbird.ItemID{v.newest})
	return fw.Close()
}

// Load replaces the view by a saved one.
func (v *Fresh) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "fresh", 1)
	if err != nil {
		return err
	}
	var known []uint64
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		known = append(known, fr.Uvarint())
	}
	lists := loadLists(fr)
	if err := fr.Close(); err != nil {
		return err
	}
	v.mu.Lock()
	v.known, v.newest = known, nil
	if len(lists) == 1 {
		v.newest = lists[0]
	}
	v.mu.Unlock()
	return nil
}
