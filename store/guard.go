package store

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// fuse burns once, at the first failed write or fsync below the log's folder,
// and never recovers. An fsync that failed says nothing about the pages it was
// to write, and a later one that succeeds says nothing about them either
// (Rebello et al., "Can Applications Recover from fsync Failures?", ATC 2020),
// so nothing is tried again.
type fuse struct {
	once  sync.Once
	burnt chan struct{}
	cause error
}

func newFuse() *fuse { return &fuse{burnt: make(chan struct{})} }

func (f *fuse) burn(cause error) {
	f.once.Do(func() {
		f.cause = cause
		close(f.burnt)
	})
}

// err is nil until the fuse burns.
func (f *fuse) err() error {
	select {
	case <-f.burnt:
		return fmt.Errorf("%w: %w", ErrBroken, f.cause)
	default:
		return nil
	}
}

// guardFS watches every write below dir. The first that fails burns the fuse, and
// from then on the folder is frozen: nothing is written and nothing is removed.
//
// Pebble answers a failed manifest write with Logger.Fatalf and tries a failed
// flush again for ever. A failed write or fsync of the write-ahead log or of the
// folder makes it panic as soon as it rotates the log, with a deferred unlock of
// a mutex that it does not hold, which ends the process whatever is recovered.
// So it is never told of those: they seem to succeed, and because the fuse burns
// before Pebble hears so, nothing is acknowledged that depends on them.
type guardFS struct {
	vfs.FS
	dir  string
	fuse *fuse
}

func (g *guardFS) ours(name string) bool {
	rel, err := filepath.Rel(g.dir, name)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func isWAL(name string) bool { return strings.HasSuffix(name, ".log") }

// try runs one write. A burnt fuse costs a pause, because Pebble's background
// work asks again at once.
func (g *guardFS) try(name string, write func() error) error {
	if !g.ours(name) {
		return write()
	}
	if err := g.fuse.err(); err != nil {
		if !isWAL(name) {
			time.Sleep(20 * time.Millisecond)
		}
		return err
	}
	err := write()
	if err != nil {
		g.fuse.burn(err)
	}
	return err
}

func (g *guardFS) file(name string, open func() (vfs.File, error)) (vfs.File, error) {
	var f vfs.File
	err := g.try(name, func() (err error) { f, err = open(); return err })
	switch {
	case !g.ours(name):
		return f, err
	case err == nil:
		return &guardFile{f, name, g, isWAL(name)}, nil
	case isWAL(name):
		return &guardFile{vfs.NewMemFile(nil), name, g, true}, nil
	}
	return nil, err
}

func (g *guardFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return g.file(name, func() (vfs.File, error) { return g.FS.Create(name, c) })
}

func (g *guardFS) OpenReadWrite(name string, c vfs.DiskWriteCategory, o ...vfs.OpenOption) (vfs.File, error) {
	return g.file(name, func() (vfs.File, error) { return g.FS.OpenReadWrite(name, c, o...) })
}

func (g *guardFS) OpenDir(name string) (vfs.File, error) {
	f, err := g.FS.OpenDir(name)
	if err != nil || !g.ours(name) {
		return f, err
	}
	return &guardFile{f, name, g, true}, nil
}

// ReuseForWrite makes a new file where the old one is gone: rotate removes the
// write-ahead logs that Pebble keeps for reuse.
func (g *guardFS) ReuseForWrite(oldname, newname string, c vfs.DiskWriteCategory) (vfs.File, error) {
	if _, err := g.FS.Stat(oldname); err != nil {
		return g.Create(newname, c)
	}
	return g.file(newname, func() (vfs.File, error) { return g.FS.ReuseForWrite(oldname, newname, c) })
}

func (g *guardFS) Rename(oldname, newname string) error {
	return g.try(newname, func() error { return g.FS.Rename(oldname, newname) })
}

func (g *guardFS) Link(oldname, newname string) error {
	return g.try(newname, func() error { return g.FS.Link(oldname, newname) })
}

func (g *guardFS) Remove(name string) error    { return g.remove(name, g.FS.Remove) }
func (g *guardFS) RemoveAll(name string) error { return g.remove(name, g.FS.RemoveAll) }

// remove may fail without harm, but not happen in a frozen folder.
func (g *guardFS) remove(name string, rm func(string) error) error {
	if g.ours(name) {
		if err := g.fuse.err(); err != nil {
			return err
		}
	}
	return rm(name)
}

func (g *guardFS) Unwrap() vfs.FS { return g.FS }

type guardFile struct {
	vfs.File
	name  string
	g     *guardFS
	quiet bool // failures are kept from Pebble
}

func (f *guardFile) try(write func() error) error {
	if err := f.g.try(f.name, write); !f.quiet {
		return err
	}
	return nil
}

func (f *guardFile) Write(p []byte) (n int, err error) {
	err = f.try(func() (err error) { n, err = f.File.Write(p); return err })
	if err == nil {
		n = len(p)
	}
	return n, err
}

func (f *guardFile) WriteAt(p []byte, at int64) (n int, err error) {
	err = f.try(func() (err error) { n, err = f.File.WriteAt(p, at); return err })
	if err == nil {
		n = len(p)
	}
	return n, err
}

func (f *guardFile) Sync() error     { return f.try(f.File.Sync) }
func (f *guardFile) SyncData() error { return f.try(f.File.SyncData) }

func (f *guardFile) SyncTo(n int64) (full bool, err error) {
	err = f.try(func() (err error) { full, err = f.File.SyncTo(n); return err })
	return full, err
}

func (f *guardFile) Preallocate(offset, length int64) error {
	if f.g.fuse.err() != nil {
		return nil
	}
	return f.File.Preallocate(offset, length)
}

// Close always closes. On some file systems it is the first to say that a write failed.
func (f *guardFile) Close() error {
	err := f.File.Close()
	if err != nil {
		f.g.fuse.burn(err)
	}
	if f.quiet {
		return nil
	}
	return err
}

// pebbleLogger turns Pebble's fatal errors, which end the process by default,
// into a burnt fuse. Pebble goes on after Fatalf as if nothing had happened;
// therefore nothing is acknowledged without a look at the fuse.
type pebbleLogger struct {
	log  *slog.Logger
	fuse *fuse
}

var _ pebble.Logger = pebbleLogger{}

func (l pebbleLogger) Infof(format string, a ...any)  { l.log.Debug(fmt.Sprintf(format, a...)) }
func (l pebbleLogger) Errorf(format string, a ...any) { l.log.Error(fmt.Sprintf(format, a...)) }

func (l pebbleLogger) Fatalf(format string, a ...any) {
	err := fmt.Errorf(format, a...)
	l.fuse.burn(err)
	l.log.Error("the log is broken", "error", err)
}
