package feature

import (
	"io"
	"math"
	"sync"

	"bowerbird"
	"bowerbird/internal/frame"
)

// Freshness is how new an item is: 1 when it was just put, halved every week.
type Freshness struct {
	mu   sync.RWMutex
	born []int64 // Unix milliseconds of the item's first put; 0: unknown
}

const week = 7 * 24 * 3600 * 1000

// NewFreshness returns an empty view.
func NewFreshness() *Freshness { return new(Freshness) }

// Names are the columns.
func (v *Freshness) Names() []string { return []string{"freshness"} }

// Meaning says what a large value means.
func (v *Freshness) Meaning() []string { return []string{"it is new"} }

// Apply notes when items first came, or were created if they say so.
func (v *Freshness) Apply(facts []bowerbird.Fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range facts {
		f := &facts[i]
		if f.Kind != bowerbird.ItemPut {
			continue
		}
		for int(f.Item) >= len(v.born) {
			v.born = append(v.born, 0)
		}
		switch {
		case f.ItemDoc.Created != 0:
			v.born[f.Item] = f.ItemDoc.Created
		case v.born[f.Item] == 0:
			v.born[f.Item] = f.Time
		}
	}
}

// Fill writes 2^(-age/week), with the age by the request's Now.
func (v *Freshness) Fill(r *bowerbird.Request, items []bowerbird.ItemID, out []float32, stride int) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	for i, x := range items {
		if int(x) < len(v.born) && v.born[x] != 0 {
			age := max(0, float64(r.Now-v.born[x])/week)
			out[i*stride] = float32(math.Exp2(-age))
		}
	}
}

// Save writes items (count), each: its time.
func (v *Freshness) Save(w io.Writer) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	fw := frame.NewWriter(w, "ffresh", 1)
	fw.Int(len(v.born))
	for _, t := range v.born {
		fw.Varint(t)
	}
	return fw.Close()
}

// Load replaces the view by a saved one.
func (v *Freshness) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "ffresh", 1)
	if err != nil {
		return err
	}
	var born []int64
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		born = append(born, fr.Varint())
	}
	if err := fr.Close(); err != nil {
		return err
	}
	v.mu.Lock()
	v.born = born
	v.mu.Unlock()
	return nil
}
