package durable

import (
	"context"
	"errors"
	"fmt"
	"io"

	"bowerbird/index"
)

var _ index.Index = (*Index)(nil)

// ErrClosed is a write after Close.
var ErrClosed = errors.New("durable: closed")

// Dim implements index.Index.
func (d *Index) Dim() int { return d.x.Dim() }

// Metric implements index.Index.
func (d *Index) Metric() index.Metric { return d.x.Metric() }

// Len implements index.Index.
func (d *Index) Len() int { return d.x.Len() }

// Vector implements index.Index.
func (d *Index) Vector(dst []float32, id uint32) ([]float32, bool) { return d.x.Vector(dst, id) }

// Search implements index.Index.
func (d *Index) Search(q []float32, k int, o index.Options) ([]index.Hit, error) {
	return d.x.Search(q, k, o)
}

// Save implements index.Index: a copy elsewhere.
func (d *Index) Save(w io.Writer) error { return d.x.Save(w) }

// Put implements index.Index. When it returns without an error, the vector survives a crash. It
// may be found by searches a moment before.
func (d *Index) Put(id uint32, v []float32) error {
	return d.write(func() error {
		had := d.has(id)
		if err := d.x.Put(id, v); err != nil {
			return err
		}
		d.gone += had
		d.tail.add(opPut, id, v)
		return nil
	})
}

// PutMany is Put for row i of a row-major matrix as the vector of ids[i], with one wait for the
// disk. On a bad row nothing is stored; after a crash in it, a part may be.
func (d *Index) PutMany(ids []uint32, rows []float32) error {
	dim := d.x.Dim()
	if len(rows) != len(ids)*dim {
		return fmt.Errorf("durable: %d numbers for %d vectors of %d: %w", len(rows), len(ids), dim, index.ErrDim)
	}
	row := make([]float32, dim)
	for i := range ids {
		if err := d.x.Metric().Prepare(row, rows[i*dim:(i+1)*dim]); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	return d.write(func() error {
		for i, id := range ids {
			had := d.has(id)
			if err := d.x.Put(id, rows[i*dim:(i+1)*dim]); err != nil {
				return err
			}
			d.gone += had
			d.tail.add(opPut, id, rows[i*dim:(i+1)*dim])
		}
		return nil
	})
}

// Delete implements index.Index. It panics where Remove would return an error: an interface
// without one leaves no other way not to lie.
func (d *Index) Delete(id uint32) bool {
	found, err := d.Remove(id)
	if err != nil {
		panic(err)
	}
	return found
}

// Remove is Delete with the error of the folder.
func (d *Index) Remove(id uint32) (found bool, err error) {
	err = d.write(func() error {
		if found = d.x.Delete(id); found {
			d.gone++
			d.tail.add(opDelete, id, nil)
		}
		return nil
	})
	return found, err
}

// write runs f, which adds to the index and then to the tail, and waits until that is on disk. f's
// error is the caller's: what it refused is in neither.
func (d *Index) write(f func() error) error {
	d.mu.Lock()
	if d.failed != nil {
		defer d.mu.Unlock()
		return d.failed
	}
	refused := f()
	err := d.tail.flush()
	if err == nil && d.tail.length >= d.o.TailBytes {
		err = d.begin(d.gen + 1)
	}
	if err != nil {
		d.failed = fmt.Errorf("durable: %s: %w", d.dir, err)
		defer d.mu.Unlock()
		return d.failed
	}
	d.compactBehind()
	t, end := d.tail, d.tail.length
	d.mu.Unlock()
	if d.o.NoSync || refused != nil {
		return refused
	}
	return d.wait(t, end)
}

// wait returns when a tail is on disk up to end: by a sync of its own, or by another's that began
// after end was written.
func (d *Index) wait(t *tail, end int64) error {
	d.syncing.Lock()
	defer d.syncing.Unlock()
	if t.synced >= end {
		return nil
	}
	d.mu.Lock()
	to, current := t.length, t == d.tail
	d.mu.Unlock()
	if !current { // a checkpoint holds it
		return nil
	}
	if err := t.f.Sync(); err != nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		if t != d.tail {
			return nil
		}
		d.failed = fmt.Errorf("durable: %s: %w", d.dir, err)
		return d.failed
	}
	t.synced = to
	return nil
}

// Checkpoint writes a new checkpoint and begins a new tail. Writers wait for it, searches do not.
func (d *Index) Checkpoint() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failed != nil {
		return d.failed
	}
	if err := d.begin(d.gen + 1); err != nil {
		d.failed = fmt.Errorf("durable: %s: %w", d.dir, err)
		return d.failed
	}
	return nil
}

type compacter interface{ Compact(context.Context) error }

// has is 1 where the index holds id.
func (d *Index) has(id uint32) int {
	if x, ok := d.x.(interface{ Has(id uint32) bool }); ok && x.Has(id) {
		return 1
	}
	return 0
}

// Compact compacts the index, if it can be, and writes a checkpoint. Searches and writers go on but for the checkpoint,
// which writers wait for. A crash meanwhile loses nothing: the old checkpoint and its tail are there until the end.
func (d *Index) Compact(ctx context.Context) error {
	x, ok := d.x.(compacter)
	if !ok {
		return nil
	}
	if err := x.Compact(ctx); err != nil {
		return fmt.Errorf("durable: %w", err)
	}
	return d.Checkpoint()
}

// compactBehind begins a compaction when it is due. It is called with mu held.
func (d *Index) compactBehind() {
	due := d.o.CompactAfter
	if due == 0 {
		due = max(10_000, d.x.Len()/4)
	}
	if _, ok := d.x.(compacter); !ok || d.behind || due < 0 || d.gone < due {
		return
	}
	d.behind, d.gone = true, 0
	d.works.Go(func() {
		_ = d.Compact(d.stopped) // a checkpoint that failed is told to the next writer; else all is as it was
		d.mu.Lock()
		d.behind = false
		d.mu.Unlock()
	})
}

// Close closes the folder. It writes no checkpoint: the tail is replayed by the next Open.
func (d *Index) Close() error {
	d.stop()
	d.works.Wait()
	d.syncing.Lock()
	defer d.syncing.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	if errors.Is(d.failed, ErrClosed) {
		return nil
	}
	err := d.tail.close()
	d.failed = ErrClosed
	return err
}
