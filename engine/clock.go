package engine

import (
	"io"
	"sync"
	"sync/atomic"

	"bowerbird"
	"bowerbird/internal/frame"
)

// clock is the log's time: the latest time of any event. Pages are made by it, so
// that a replayed page does not depend on when it is replayed, and an imported
// history is as alive as on its last day.
type clock struct{ ms atomic.Int64 }

func (c *clock) now() int64 { return c.ms.Load() }

func (c *clock) Apply(facts []bowerbird.Fact) {
	for i := range facts {
		if t := facts[i].Time; t > c.ms.Load() {
			c.ms.Store(t)
		}
	}
}

func (c *clock) Save(w io.Writer) error {
	fw := frame.NewWriter(w, "clock", 1)
	fw.Varint(c.now())
	return fw.Close()
}

func (c *clock) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "clock", 1)
	if err != nil {
		return err
	}
	t := fr.Varint()
	if err := fr.Close(); err != nil {
		return err
	}
	c.ms.Store(t)
	return nil
}

// Counts is the view of how many events of each kind the log holds, and of how
// much each person did.
type Counts struct {
	mu    sync.RWMutex
	kinds [64]uint64
	saves []uint32 // by UserID
}

// Apply counts.
func (c *Counts) Apply(facts []bowerbird.Fact) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range facts {
		f := &facts[i]
		c.kinds[f.Kind&63]++
		switch f.Kind {
		case bowerbird.Save, bowerbird.Unsave:
			for int(f.User) >= len(c.saves) {
				c.saves = append(c.saves, 0)
			}
			if f.Kind == bowerbird.Save {
				c.saves[f.User]++
			} else if c.saves[f.User] > 0 {
				c.saves[f.User]--
			}
		case bowerbird.UserErase:
			if int(f.User) < len(c.saves) {
				c.saves[f.User] = 0
			}
		}
	}
}

// Kinds returns the counts by name of kind.
func (c *Counts) Kinds() map[string]uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := map[string]uint64{}
	for k, n := range c.kinds {
		if n > 0 {
			out[bowerbird.Kind(k).String()] = n
		}
	}
	return out
}

// Saves is how many items a person keeps.
func (c *Counts) Saves(u bowerbird.UserID) int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if int(u) >= len(c.saves) {
		return 0
	}
	return int(c.saves[u])
}

// Save writes kinds (64 counts), then people (count), each: saves.
func (c *Counts) Save(w io.Writer) error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	fw := frame.NewWriter(w, "counts", 1)
	for _, n := range c.kinds {
		fw.Uvarint(n)
	}
	fw.Int(len(c.saves))
	for _, n := range c.saves {
		fw.Uvarint(uint64(n))
	}
	return fw.Close()
}

// Load replaces the view by a saved one.
func (c *Counts) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "counts", 1)
	if err != nil {
		return err
	}
	var n Counts
	for i := range n.kinds {
		n.kinds[i] = fr.Uvarint()
	}
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		n.saves = append(n.saves, fr.U32())
	}
	if err := fr.Close(); err != nil {
		return err
	}
	c.mu.Lock()
	c.kinds, c.saves = n.kinds, n.saves
	c.mu.Unlock()
	return nil
}
