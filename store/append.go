package store

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"bowerbird"
)

// request is one call of Append on its way: encoded by the caller, numbered and
// written by the writer, answered by the acknowledger.
type request struct {
	data    []byte // records, one after the other
	records []record
	out     []Appended
	err     error
	done    chan struct{}
}

type record struct {
	end   int // in data
	id    [16]byte
	hasID bool
	erase bool
}

// flight is a batch in the WAL whose fsync is awaited.
type flight struct {
	batch    *pebble.Batch // nil when all was there already
	requests []*request
	last     uint64
}

// groupBytes bounds the batch that one group of requests becomes, together with
// the last request, which is never split.
const groupBytes = 4 << 20

// Append is in Log.
//
// Three steps overlap: callers encode; one writer gives offsets, looks for
// duplicates and puts whatever has queued up into the WAL as one batch; and
// while that batch's fsync runs, the writer is at the next one.
func (l *PebbleLog) Append(ctx context.Context, events []bowerbird.Event) ([]Appended, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := l.fuse.err(); err != nil {
		return nil, err
	}
	if len(events) == 0 {
		return nil, nil
	}
	r, err := newRequest(events)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil, ErrClosed
	}
	l.queue = append(l.queue, r)
	l.mu.Unlock()
	l.poke()
	select {
	case <-r.done:
		return r.out, r.err
	case <-l.fuse.burnt:
		return nil, l.fuse.err()
	case <-ctx.Done():
		return nil, fmt.Errorf("store: append, outcome unknown: %w", ctx.Err())
	}
}

func (l *PebbleLog) poke() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func newRequest(events []bowerbird.Event) (*request, error) {
	r := &request{
		data:    make([]byte, 0, 128*len(events)),
		records: make([]record, len(events)),
		out:     make([]Appended, len(events)),
		done:    make(chan struct{}),
	}
	for i := range events {
		e := &events[i]
		if err := loggable(e); err != nil {
			return nil, fmt.Errorf("store: append event %d: %w", i, err)
		}
		var err error
		if r.data, err = appendRecord(r.data, e); err != nil {
			return nil, fmt.Errorf("store: append event %d: %w", i, err)
		}
		c := &r.records[i]
		c.end, c.erase = len(r.data), e.Kind == bowerbird.UserErase || e.Kind == bowerbird.SearchForget
		if e.ID != "" {
			c.id, c.hasID = idHash(e.ID), true
		}
	}
	return r, nil
}

// loggable refuses what would break the log's own promises. Whether an event
// makes sense is Event.Validate's business.
func loggable(e *bowerbird.Event) error {
	if e.Kind == bowerbird.NoKind || e.Kind == bowerbird.Erased {
		return &bowerbird.Invalid{Field: "type", Message: "an event of this kind is never posted"}
	}
	if (e.Kind == bowerbird.UserErase || e.Kind == bowerbird.SearchForget) && e.User == "" {
		return &bowerbird.Invalid{Field: "user", Message: "is missing"}
	}
	first, second := people(e)
	if marked(*first) || marked(*second) || marked(e.Subject) || marked(e.Board) || e.BoardDoc != nil && marked(e.BoardDoc.ID) {
		return &bowerbird.Invalid{Field: "user", Message: "a name may not begin with U+0000"}
	}
	for _, d := range [...]struct {
		field string
		wrong bool
	}{
		{"item_doc", e.ItemDoc != nil && e.Kind != bowerbird.ItemPut},
		{"board_doc", e.BoardDoc != nil && e.Kind != bowerbird.BoardPut},
		{"user_doc", e.UserDoc != nil && e.Kind != bowerbird.UserPut},
	} {
		if d.wrong {
			return &bowerbird.Invalid{Field: d.field, Message: "does not belong to an event of this kind"}
		}
	}
	return nil
}

// write is the writer's goroutine.
func (l *PebbleLog) write() {
	defer close(l.flying)
	for {
		group, end := l.take()
		if len(group) == 0 {
			if end {
				return
			}
			select {
			case <-l.wake:
			case <-l.fuse.burnt:
				return
			}
			continue
		}
		if l.fuse.err() != nil {
			return // the callers see the fuse
		}
		f, err := l.apply(group)
		if err != nil { // nothing of the group was written
			for _, r := range group {
				r.err = err
				close(r.done)
			}
			continue
		}
		select {
		case l.flying <- f:
		case <-l.fuse.burnt:
			return
		}
	}
}

// take removes the next group from the queue. end says that none will follow.
func (l *PebbleLog) take() (group []*request, end bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, size := 0, 0
	for n < len(l.queue) && size < groupBytes {
		size += len(l.queue[n].data)
		n++
	}
	group, l.queue = l.queue[:n:n], l.queue[n:]
	if len(l.queue) > 0 {
		l.poke()
	} else {
		l.queue = nil
	}
	return group, l.closed
}

// apply numbers a group and hands it to the WAL without waiting for the fsync.
// An error means that nothing was written; a failed write burns the fuse.
func (l *PebbleLog) apply(group []*request) (f *flight, err error) {
	b := l.db.NewBatch()
	next := l.next
	seen := map[[16]byte]uint64{} // ids of this batch
	for _, r := range group {
		from := 0
		for i := range r.records {
			c := &r.records[i]
			data := r.data[from:c.end]
			from = c.end
			if c.hasID {
				at, err := l.known(seen, &c.id)
				if err != nil {
					b.Close()
					return nil, err
				}
				if at != 0 {
					r.out[i] = Appended{at, true}
					continue
				}
				seen[c.id] = next
			}
			seal(data, next)
			put(b, c, data, next)
			r.out[i].Offset = next
			next++
		}
	}
	f = &flight{requests: group, last: next - 1}
	if next == l.next {
		b.Close()
		return f, nil
	}
	for i := range seen {
		l.newIDs.add(&i)
	}
	l.next, f.batch = next, b
	l.commit(b)
	return f, nil
}

// commit never fails but by the fuse. Pebble panics where it cannot write.
func (l *PebbleLog) commit(b *pebble.Batch) {
	defer func() {
		if p := recover(); p != nil {
			l.fuse.burn(fmt.Errorf("append to the log: %v", p))
		}
	}()
	l.applying.Lock()
	defer l.applying.Unlock()
	if err := l.db.ApplyNoSyncWait(b, pebble.Sync); err != nil {
		l.fuse.burn(err)
	}
}

// known returns the offset of the event with that id, 0 if there is none.
func (l *PebbleLog) known(seen map[[16]byte]uint64, id *[16]byte) (uint64, error) {
	if at, ok := seen[*id]; ok {
		return at, nil
	}
	if old := l.oldIDs.Load(); old != nil && !old.may(id) && !l.newIDs.may(id) {
		return 0, nil
	}
	var k [17]byte
	k[0] = 'i'
	copy(k[1:], id[:])
	return l.getNumber(k[:])
}

func put(b *pebble.Batch, c *record, data []byte, offset uint64) {
	op := b.SetDeferred(keyLen, len(data))
	op.Key[0] = 'e'
	binary.BigEndian.PutUint64(op.Key[1:], offset)
	copy(op.Value, data)
	_ = op.Finish() // fails for indexed batches only
	if c.hasID {
		op := b.SetDeferred(17, 8)
		op.Key[0] = 'i'
		copy(op.Key[1:], c.id[:])
		binary.BigEndian.PutUint64(op.Value, offset)
		_ = op.Finish()
	}
	if c.erase {
		k := numberKey('x', offset)
		_ = b.Set(k[:], nil, nil)
	}
}

// acknowledge waits for each fsync in order and answers its callers. A group of
// duplicates has no fsync of its own; the order makes it wait for the first ones'.
func (l *PebbleLog) acknowledge() {
	defer close(l.done)
	for f := range l.flying {
		if f.batch != nil {
			if err := f.batch.SyncWait(); err != nil {
				l.fuse.burn(err)
			}
		}
		err := l.fuse.err()
		if err == nil {
			if f.batch != nil {
				f.batch.Close()
			}
			l.last.Store(max(l.last.Load(), f.last))
		}
		for _, r := range f.requests {
			if err != nil {
				r.out, r.err = nil, err
			}
			close(r.done)
		}
	}
}
