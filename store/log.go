package store

import (
	"context"
	"errors"
	"log/slog"

	"github.com/cockroachdb/pebble/v2/vfs"

	"bowerbird"
)

// Log is the append-only log of events: the only truth. Offsets run from 1
// without gaps. All methods may be called at once from many goroutines, Close
// once and last.
type Log interface {
	// Append logs events in their order and returns once they are durable; calls
	// that run at once share an fsync. An event whose ID was logged before is not
	// logged again: it gets the first one's offset, also within one call and after
	// a restart. An event that cannot be kept (no kind, kind Erased, a text that is
	// not UTF-8) fails the call before anything is logged. After a failed write or
	// fsync this and every later call fail with ErrBroken. When ctx ends first, the
	// events may or may not be logged; asking again with the same ids is safe.
	Append(ctx context.Context, events []bowerbird.Event) ([]Appended, error)

	// Last is the offset of the newest durable event, 0 for an empty log.
	Last() uint64

	// Read returns the event at an offset; ErrNotFound if there is none.
	Read(offset uint64) (bowerbird.Event, error)

	// Scan calls fn for the events at from to to, both included; to 0 means the
	// last at the time of the call. fn may keep the event's strings and what it
	// points to, but not the *Event, which is used again. An error of fn ends the
	// scan and is returned as it is.
	Scan(ctx context.Context, from, to uint64, fn func(offset uint64, e *bowerbird.Event) error) error

	// Erase appends a UserErase event, then does what Forget does, and returns the
	// event's offset.
	Erase(ctx context.Context, user string) (uint64, error)

	// Forget carries out every UserErase and SearchForget that is in the log: the
	// records of these people, or of these searches of theirs, up to that offset are
	// rewritten and their old bytes swept from the disk before it returns. See
	// erase.go for what is kept.
	Forget(ctx context.Context) error

	// LastErase is the offset of the newest erasure, of a person or of searches, that
	// was carried out, 0 for none. A checkpoint taken before it may still hold the name: it must not be
	// loaded, and be removed.
	LastErase() uint64

	// Backup writes a consistent copy to dir, which must not exist, while the log
	// is in use. Opening the copy as a log restores it.
	Backup(ctx context.Context, dir string) error

	// Close ends the log. Appends in progress are finished first.
	Close() error
}

// Appended says where an event stands in the log.
type Appended struct {
	Offset    uint64
	Duplicate bool // it was there already, and was not logged again
}

// Errors of a log, for errors.Is.
var (
	ErrBroken   = errors.New("store: the log is broken by a failed write; it accepts nothing until it is opened again")
	ErrClosed   = errors.New("store: the log is closed")
	ErrNotFound = errors.New("store: not found")
)

// LogOptions tune the embedded log. The zero value is what the server runs on.
type LogOptions struct {
	FS           vfs.FS       // default: the disk. The seam for crash tests
	Logger       *slog.Logger // default: slog.Default()
	CacheBytes   int64        // of decoded blocks in memory; default 64 MiB
	BufferBytes  uint64       // of a write buffer, of which there are up to four; default 64 MiB
	Uncompressed bool         // default: blocks are compressed with Snappy
}

func (o LogOptions) withDefaults() LogOptions {
	if o.FS == nil {
		o.FS = vfs.Default
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.CacheBytes <= 0 {
		o.CacheBytes = 64 << 20
	}
	if o.BufferBytes == 0 {
		o.BufferBytes = 64 << 20
	}
	return o
}
