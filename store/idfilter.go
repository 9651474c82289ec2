package store

import (
	"encoding/binary"
	"math/bits"

	"github.com/cockroachdb/pebble/v2"
)

// idFilter says of an id's hash that it was never logged, or that it may have
// been. Almost every event's id is new, and asking Pebble for what it does not
// hold costs some microseconds in its memory tables, which have no filter.
//
// It is a chain of blocked Bloom filters (Putze, Sanders, Singler 2007): one
// cache line of 512 bits for an id, 7 bits set in it, 16 bits of room for each,
// about one false "may be" in 1,000. A full filter is followed by one of twice
// its size, so that an id costs 2 to 4 bytes of memory and a look a few lines.
type idFilter struct {
	chain []bloomBlocks
	room  int // left in the last
}

type bloomBlocks [][8]uint64

const firstFilter = 1 << 16 // ids

func (f *idFilter) add(h *[16]byte) {
	if f.room == 0 {
		n := firstFilter << len(f.chain)
		f.chain = append(f.chain, make(bloomBlocks, n/32))
		f.room = n
	}
	f.room--
	last := f.chain[len(f.chain)-1]
	b := last.block(h)
	for x, i := binary.LittleEndian.Uint64(h[8:]), 0; i < 7; i, x = i+1, x>>9 {
		b[x>>6&7] |= 1 << (x & 63)
	}
}

func (b bloomBlocks) block(h *[16]byte) *[8]uint64 {
	i, _ := bits.Mul64(binary.LittleEndian.Uint64(h[:]), uint64(len(b)))
	return &b[i]
}

// may is false only for a hash that was never added.
func (f *idFilter) may(h *[16]byte) bool {
	for _, c := range f.chain {
		b, x, all := c.block(h), binary.LittleEndian.Uint64(h[8:]), true
		for i := 0; i < 7 && all; i, x = i+1, x>>9 {
			all = b[x>>6&7]&(1<<(x&63)) != 0
		}
		if all {
			return true
		}
	}
	return false
}

// loadIDs reads the ids that were logged before this opening. Until it is done,
// every id is asked of Pebble.
func (l *PebbleLog) loadIDs() {
	defer l.readers.Done()
	var f idFilter
	it, err := l.db.NewIter(&pebble.IterOptions{LowerBound: []byte{'i'}, UpperBound: []byte{'j'}})
	if err != nil {
		return // as slow as before, and as right
	}
	defer it.Close()
	n := 0
	for ok := it.First(); ok; ok = it.Next() {
		if k := it.Key(); len(k) == 17 {
			f.add((*[16]byte)(k[1:]))
		}
		if n++; n%scanChunk == 0 && l.isClosed() {
			return
		}
	}
	if it.Error() == nil {
		l.oldIDs.Store(&f)
	}
}

func (l *PebbleLog) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}
