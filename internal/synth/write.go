package synth

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
)

// WriteOptions say how WriteTo works. The zero value is fine.
type WriteOptions struct {
	Workers  int                                 // pictures drawn at once; 0 means GOMAXPROCS
	Progress func(stage string, done, total int) // called now and then, never at once; may be nil
}

// marker names the file that says which world a folder holds. It is written
// last but for the rename, so that a folder with it is whole.
const marker = "world.json"

// version is raised when the same Options would give other bytes.
const version = 1

type markerFile struct {
	Version int     `json:"version"`
	Options Options `json:"options"`
}

func (w *World) marker() ([]byte, error) {
	b, err := json.MarshalIndent(markerFile{version, w.opt}, "", "  ")
	return append(b, '\n'), err
}

// ErrOtherWorld is returned by WriteTo for a folder that holds something else.
var ErrOtherWorld = errors.New("holds another world or other files")

// WriteTo writes users.jsonl, boards.jsonl, items.jsonl, events.jsonl and,
// with Options.Pictures, pictures/*.jpg, in the form that import reads.
//
// The work is done in folder + ".partial" and renamed at the end: folder is
// whole or absent. A second call after an interruption keeps the pictures that
// are there; a call for a folder that already holds this world does nothing; a
// folder that holds anything else is left alone and gives ErrOtherWorld.
func (w *World) WriteTo(ctx context.Context, folder string, o WriteOptions) error {
	mark, err := w.marker()
	if err != nil {
		return fmt.Errorf("synth: write marker: %w", err)
	}
	if done, err := written(folder, mark); err != nil || done {
		return err
	}
	part := folder + ".partial"
	if err := w.openPartial(part, mark); err != nil {
		return err
	}
	if err := w.writeAll(ctx, part, o); err != nil {
		return fmt.Errorf("synth: write %s: %w", part, err)
	}
	if err := os.Rename(filepath.Join(part, "started.json"), filepath.Join(part, marker)); err != nil {
		return fmt.Errorf("synth: finish %s: %w", part, err)
	}
	if err := os.Rename(part, folder); err != nil {
		return fmt.Errorf("synth: finish %s: %w", folder, err)
	}
	return nil
}

// written reports whether the folder already holds the world of the marker.
// An empty folder is removed, so that the rename can take its place; nothing
// else is.
func written(folder string, mark []byte) (bool, error) {
	b, err := os.ReadFile(filepath.Join(folder, marker))
	if err == nil && bytes.Equal(b, mark) {
		return true, nil
	}
	return false, clearEmpty(folder)
}

// clearEmpty removes a folder that is there and empty.
func clearEmpty(folder string) error {
	st, err := os.Lstat(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && st.IsDir() {
		err = os.Remove(folder)
	} else if err == nil {
		err = errors.New("not a folder")
	}
	if err != nil {
		return fmt.Errorf("synth: %s %w; choose another folder or remove it (%v)", folder, ErrOtherWorld, err)
	}
	return nil
}

// openPartial makes or resumes the working folder; one of another world is cleared.
func (w *World) openPartial(part string, mark []byte) error {
	started := filepath.Join(part, "started.json")
	b, err := os.ReadFile(started)
	if err != nil {
		b, err = os.ReadFile(filepath.Join(part, marker))
		if err == nil { // stopped between the two renames
			err = os.Rename(filepath.Join(part, marker), started)
		}
	}
	if err == nil && bytes.Equal(b, mark) {
		return nil
	}
	if err == nil { // ours, but of another world
		if err := os.RemoveAll(part); err != nil {
			return fmt.Errorf("synth: clear %s: %w", part, err)
		}
	} else if err := clearEmpty(part); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(part, "pictures"), 0o755); err != nil {
		return fmt.Errorf("synth: make %s: %w", part, err)
	}
	if err := os.WriteFile(started, mark, 0o644); err != nil {
		return fmt.Errorf("synth: write %s: %w", started, err)
	}
	return nil
}

func (w *World) writeAll(ctx context.Context, dir string, o WriteOptions) error {
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	if err := writeLines(ctx, dir, "users", len(w.users), w.Users(), o); err != nil {
		return err
	}
	if err := writeLines(ctx, dir, "boards", len(w.boards), w.Boards(), o); err != nil {
		return err
	}
	if err := writeLines(ctx, dir, "items", len(w.items), w.Items(), o); err != nil {
		return err
	}
	if err := writeLines(ctx, dir, "events", w.opt.Actions, w.Events(), o); err != nil {
		return err
	}
	if !w.opt.Pictures {
		return nil
	}
	return w.writePictures(ctx, filepath.Join(dir, "pictures"), o)
}

func writeLines[T any](ctx context.Context, dir, name string, total int, rows iter.Seq[T], o WriteOptions) (err error) {
	f, err := os.Create(filepath.Join(dir, name+".jsonl"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	b := bufio.NewWriterSize(f, 1<<18)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	n := 0
	for row := range rows {
		if err := enc.Encode(row); err != nil {
			return err
		}
		if n++; n%2000 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			o.Progress(name, n, total)
		}
	}
	if err := b.Flush(); err != nil {
		return err
	}
	o.Progress(name, n, total)
	return nil
}

func (w *World) writePictures(ctx context.Context, dir string, o WriteOptions) error {
	workers := o.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next, done atomic.Int64
	var say sync.Mutex
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(w.items) {
					return
				}
				if err := w.writePicture(dir, i); err != nil {
					cancel(err)
					return
				}
				if n := int(done.Add(1)); n%20 == 0 || n == len(w.items) {
					say.Lock()
					o.Progress("pictures", n, len(w.items))
					say.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

func (w *World) writePicture(dir string, i int) error {
	path := filepath.Join(dir, itemID(i)+".jpg")
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	b, err := w.Picture(i)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".tmp", b, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}
