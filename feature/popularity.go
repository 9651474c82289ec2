package feature

import (
	"io"
	"maps"
	"math"
	"slices"
	"sync"

	"bowerbird"
	"bowerbird/internal/frame"
)

// Popularity is how often an item was saved and opened, and how many of those
// who were shown it saved it.
type Popularity struct {
	mu     sync.RWMutex
	items  []counts
	secret map[bowerbird.BoardID]bool // saves there count for nobody else
}

type counts struct{ shown, opened, saved uint32 }

// NewPopularity returns an empty view.
func NewPopularity() *Popularity { return &Popularity{secret: map[bowerbird.BoardID]bool{}} }

// Names are the columns.
func (v *Popularity) Names() []string {
	return []string{"popularity.saves", "popularity.opens", "popularity.rate"}
}

// Meaning says what a large value means.
func (v *Popularity) Meaning() []string {
	return []string{"many people saved it", "many people opened it", "many of those who saw it saved it"}
}

// Apply counts actions, but no saves on secret boards.
func (v *Popularity) Apply(facts []bowerbird.Fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range facts {
		f := &facts[i]
		switch {
		case f.Kind == bowerbird.BoardPut && f.BoardDoc.Secret:
			v.secret[f.Board] = true
		case f.Kind == bowerbird.BoardPut, f.Kind == bowerbird.BoardDelete:
			delete(v.secret, f.Board)
		}
		if !f.Kind.OnItem() || f.Item == 0 || v.secret[f.Board] {
			continue
		}
		for int(f.Item) >= len(v.items) {
			v.items = append(v.items, counts{})
		}
		c := &v.items[f.Item]
		switch f.Kind {
		case bowerbird.Impression:
			c.shown++
		case bowerbird.Closeup, bowerbird.Click:
			c.opened++
		case bowerbird.Save, bowerbird.Purchase, bowerbird.Share:
			c.saved++
		case bowerbird.Unsave:
			if c.saved > 0 {
				c.saved--
			}
		}
	}
}

// Fill writes ln(1+saves), ln(1+opens) and (saves+1)/(impressions+50): the prior
// is a rate of 2 % with the weight of 50 impressions.
func (v *Popularity) Fill(_ *bowerbird.Request, items []bowerbird.ItemID, out []float32, stride int) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	for i, x := range items {
		var c counts // nobody has met it: the prior alone
		if int(x) < len(v.items) {
			c = v.items[x]
		}
		row := out[i*stride:]
		row[0], row[1] = log1p(c.saved), log1p(c.opened)
		row[2] = float32(c.saved+1) / float32(max(c.shown, c.saved)+50)
	}
}

// log1p is ln(1+n), from a table for the small counts that most items have.
func log1p(n uint32) float32 {
	if n < uint32(len(logs)) {
		return logs[n]
	}
	return float32(math.Log1p(float64(n)))
}

var logs = func() (t [1024]float32) {
	for n := range t {
		t[n] = float32(math.Log1p(float64(n)))
	}
	return t
}()

// Save writes items (count), each: shown, opened, saved; then the secret boards.
func (v *Popularity) Save(w io.Writer) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	fw := frame.NewWriter(w, "fpopular", 1)
	fw.Int(len(v.items))
	for _, c := range v.items {
		fw.Uvarint(uint64(c.shown))
		fw.Uvarint(uint64(c.opened))
		fw.Uvarint(uint64(c.saved))
	}
	fw.Int(len(v.secret))
	for _, b := range slices.Sorted(maps.Keys(v.secret)) {
		fw.Uvarint(uint64(b))
	}
	return fw.Close()
}

// Load replaces the view by a saved one.
func (v *Popularity) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "fpopular", 1)
	if err != nil {
		return err
	}
	var items []counts
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		items = append(items, counts{fr.U32(), fr.U32(), fr.U32()})
	}
	secret := map[bowerbird.BoardID]bool{}
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		secret[bowerbird.BoardID(fr.U32())] = true
	}
	if err := fr.Close(); err != nil {
		return err
	}
	v.mu.Lock()
	v.items, v.secret = items, secret
	v.mu.Unlock()
	return nil
}
