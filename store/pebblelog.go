package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/sstable"

	"bowerbird"
)

// PebbleLog is the embedded log: one folder, kept by Pebble. It implements Log.
type PebbleLog struct {
	db   *pebble.DB
	fs   *guardFS
	dir  string
	fuse *fuse
	opt  LogOptions

	last      atomic.Uint64 // newest durable offset
	lastErase atomic.Uint64

	mu     sync.Mutex // of queue and closed
	queue  []*request
	closed bool
	wake   chan struct{} // of the writer; holds one token

	applying sync.Mutex               // held while a batch goes into the WAL; sweep holds it to rotate the WAL alone
	next     uint64                   // offset of the next event; the writer's own, as is
	newIDs   idFilter                 // the ids logged since the log was opened
	oldIDs   atomic.Pointer[idFilter] // and before; nil until it is loaded
	flying   chan *flight
	done     chan struct{} // closed when writer and acknowledger have ended
	forget   sync.Mutex    // one erasure at a time
	readers  sync.WaitGroup
}

var _ Log = (*PebbleLog)(nil)

// OpenLog opens the log in dir and creates it if there is none. Erasures that a
// crash interrupted are finished before it returns. A folder that is open
// already, also in another process, is refused.
func OpenLog(dir string, opt LogOptions) (*PebbleLog, error) {
	opt = opt.withDefaults()
	l := &PebbleLog{
		dir: dir, fuse: newFuse(), opt: opt,
		wake: make(chan struct{}, 1), flying: make(chan *flight, 4), done: make(chan struct{}),
	}
	l.fs = &guardFS{opt.FS, dir, l.fuse}
	po := pebbleOptions(opt)
	po.FS = l.fs
	po.Logger = pebbleLogger{opt.Logger, l.fuse}
	po.EventListener = &pebble.EventListener{
		BackgroundError: func(err error) { opt.Logger.Error("log: background work failed", "error", err) },
		DataCorruption: func(i pebble.DataCorruptionInfo) {
			opt.Logger.Error("log: a stored block is corrupt", "path", i.Path, "details", i.Details)
		},
	}
	db, err := openPebble(dir, po)
	if err == nil {
		err = l.fuse.err()
	}
	if err != nil {
		return nil, fmt.Errorf("store: open the log in %s: %w", dir, reading(err))
	}
	l.db = db
	if err := l.start(); err != nil {
		db.Close()
		return nil, fmt.Errorf("store: open the log in %s: %w", dir, err)
	}
	return l, nil
}

// openPebble is pebble.Open, which panics where it cannot create a WAL.
func openPebble(dir string, po *pebble.Options) (db *pebble.DB, err error) {
	defer func() {
		if r := recover(); r != nil {
			db, err = nil, fmt.Errorf("%v", r)
		}
	}()
	return pebble.Open(dir, po)
}

func pebbleOptions(opt LogOptions) *pebble.Options {
	po := &pebble.Options{
		CacheSize:                   opt.CacheBytes,
		FormatMajorVersion:          pebble.FormatNewest,
		MemTableSize:                opt.BufferBytes,
		MemTableStopWritesThreshold: 4,
		L0CompactionThreshold:       4,
		L0StopWritesThreshold:       32,
		LBaseMaxBytes:               256 << 20,
		MaxOpenFiles:                1000,
		WALBytesPerSync:             512 << 10,
	}
	for i := range po.Levels {
		po.Levels[i].FilterPolicy = bloom.FilterPolicy(10) // the index of client ids is asked for what it does not hold
		if opt.Uncompressed {
			po.Levels[i].Compression = func() *sstable.CompressionProfile { return sstable.NoCompression }
		}
	}
	return po
}

// start reads where the log ends, finishes erasures and starts the writer.
func (l *PebbleLog) start() error {
	it, err := l.db.NewIter(&pebble.IterOptions{LowerBound: []byte{'e'}, UpperBound: []byte{'f'}})
	if err != nil {
		return reading(err)
	}
	if it.Last() {
		l.last.Store(binary.BigEndian.Uint64(it.Key()[1:]))
	}
	if err := errors.Join(it.Error(), it.Close()); err != nil {
		return reading(err)
	}
	l.next = l.last.Load() + 1
	n, err := l.getNumber(erasedKey)
	if err != nil {
		return err
	}
	l.lastErase.Store(n)
	if err := l.Forget(context.Background()); err != nil {
		return err
	}
	l.readers.Add(1)
	go l.loadIDs()
	go l.write()
	go l.acknowledge()
	return nil
}

var erasedKey = []byte("merased")

// getNumber returns 0 where there is no such key.
func (l *PebbleLog) getNumber(key []byte) (uint64, error) {
	v, c, err := l.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, reading(err)
	}
	defer c.Close()
	if len(v) != 8 {
		return 0, fmt.Errorf("%w: log: key %q holds %d bytes", ErrCorrupt, key, len(v))
	}
	return binary.BigEndian.Uint64(v), nil
}

// reading gives Pebble's own word for corruption ours.
func reading(err error) error {
	if err != nil && pebble.IsCorruptionError(err) && !errors.Is(err, ErrCorrupt) {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return err
}

// Last is in Log.
func (l *PebbleLog) Last() uint64 { return l.last.Load() }

// LastErase is in Log.
func (l *PebbleLog) LastErase() uint64 { return l.lastErase.Load() }

// enter counts a reader in, so that Close waits for it.
func (l *PebbleLog) enter() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return ErrClosed
	}
	l.readers.Add(1)
	return nil
}

// Read is in Log. Cost: one look-up, some microseconds, and the decoding.
func (l *PebbleLog) Read(offset uint64) (e bowerbird.Event, err error) {
	if err := l.enter(); err != nil {
		return e, err
	}
	defer l.readers.Done()
	if offset == 0 || offset > l.Last() {
		return e, fmt.Errorf("%w: log offset %d; the last is %d", ErrNotFound, offset, l.Last())
	}
	k := numberKey('e', offset)
	v, c, err := l.db.Get(k[:])
	if errors.Is(err, pebble.ErrNotFound) {
		return e, corrupt(offset, "the record is missing")
	}
	if err != nil {
		return e, fmt.Errorf("store: read offset %d: %w", offset, reading(err))
	}
	defer c.Close()
	err = openRecord(v, offset, &e)
	return e, err
}

// scanChunk is how many records one iterator reads. An iterator keeps the files
// that it began with on the disk, and an erasure waits for it.
const scanChunk = 16384

// Scan is in Log. It holds no lock while fn runs.
func (l *PebbleLog) Scan(ctx context.Context, from, to uint64, fn func(offset uint64, e *bowerbird.Event) error) error {
	if err := l.enter(); err != nil {
		return err
	}
	defer l.readers.Done()
	if last := l.Last(); to == 0 || to > last {
		to = last
	}
	from = max(from, 1)
	for from <= to {
		if err := ctx.Err(); err != nil {
			return err
		}
		end := min(to, from+scanChunk-1)
		if err := l.scan(from, end, fn); err != nil {
			return err
		}
		from = end + 1
	}
	return nil
}

func (l *PebbleLog) scan(from, to uint64, fn func(uint64, *bowerbird.Event) error) error {
	lo, hi := numberKey('e', from), numberKey('e', to+1)
	it, err := l.db.NewIter(&pebble.IterOptions{LowerBound: lo[:], UpperBound: hi[:]})
	if err != nil {
		return fmt.Errorf("store: scan from %d: %w", from, reading(err))
	}
	defer it.Close()
	var e bowerbird.Event
	want := from
	for ok := it.First(); ok; ok = it.Next() {
		if at := binary.BigEndian.Uint64(it.Key()[1:]); at != want {
			return corrupt(want, "the record is missing")
		}
		v, err := it.ValueAndErr()
		if err != nil {
			return fmt.Errorf("store: read offset %d: %w", want, reading(err))
		}
		if err := openRecord(v, want, &e); err != nil {
			return err
		}
		if err := fn(want, &e); err != nil {
			return err
		}
		want++
	}
	if err := it.Error(); err != nil {
		return fmt.Errorf("store: scan at %d: %w", want, reading(err))
	}
	if want <= to {
		return corrupt(want, "the record is missing")
	}
	return nil
}

// Backup is in Log. Tables are linked where the file system can, so that it
// takes milliseconds; what was durable when it was called is in the copy.
func (l *PebbleLog) Backup(ctx context.Context, dir string) error {
	if err := l.enter(); err != nil {
		return err
	}
	defer l.readers.Done()
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := l.db.Checkpoint(dir, pebble.WithFlushedWAL()); err != nil {
		return fmt.Errorf("store: back up the log to %s: %w", dir, err)
	}
	return nil
}

// Close is in Log. A broken log is closed as far as it can be: its cause is
// returned, and the folder may stay locked until the process ends.
func (l *PebbleLog) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return ErrClosed
	}
	l.closed = true
	l.mu.Unlock()
	l.poke()
	ended := make(chan struct{})
	go func() {
		<-l.done
		l.readers.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-l.fuse.burnt:
		return l.abandon(ended)
	}
	if err := l.db.Close(); err != nil {
		return fmt.Errorf("store: close the log: %w", err)
	}
	return l.fuse.err()
}

// abandon closes a broken log, but waits for nothing that may never come: a
// writer may be held up behind a flush that fails for ever.
func (l *PebbleLog) abandon(ended chan struct{}) error {
	closed := make(chan struct{})
	go func() {
		<-ended
		defer close(closed)
		defer func() { _ = recover() }() // Pebble's own state may be lost with the write that failed
		l.db.Close()
	}()
	select {
	case <-closed:
	case <-time.After(time.Second):
	}
	return l.fuse.err()
}
