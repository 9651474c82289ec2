package filter

import (
	"sync/atomic"

	"bowerbird"
)

const chunk = 4096

// column is one number for each item, read without a lock while one writer
// writes. An item that was never set reads 0. Memory: 16 kB for each stretch of
// 4,096 items that holds one that was set, so that a rare attribute costs little.
type column struct {
	chunks atomic.Pointer[[]*[chunk]atomic.Uint32]
	used   atomic.Int64 // items that are set
}

func (c *column) get(x bowerbird.ItemID) uint32 {
	p := c.chunks.Load()
	if p == nil || int(x/chunk) >= len(*p) || (*p)[x/chunk] == nil {
		return 0
	}
	return (*p)[x/chunk][x%chunk].Load()
}

// set is called by the one writer.
func (c *column) set(x bowerbird.ItemID, v uint32) {
	p := c.chunks.Load()
	if p == nil || int(x/chunk) >= len(*p) || (*p)[x/chunk] == nil {
		if v == 0 {
			return
		}
		var old []*[chunk]atomic.Uint32
		if p != nil {
			old = *p
		}
		grown := make([]*[chunk]atomic.Uint32, max(len(old), int(x/chunk)+1))
		copy(grown, old)
		grown[x/chunk] = new([chunk]atomic.Uint32)
		p = &grown
		c.chunks.Store(p)
	}
	old := (*p)[x/chunk][x%chunk].Swap(v)
	switch {
	case old == 0 && v != 0:
		c.used.Add(1)
	case old != 0 && v == 0:
		c.used.Add(-1)
	}
}

// len is one more than the largest item that fits without growing.
func (c *column) len() int {
	if p := c.chunks.Load(); p != nil {
		return len(*p) * chunk
	}
	return 0
}
