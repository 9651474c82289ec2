package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"bowerbird/engine"
	"bowerbird/store"
)

type restoreCmd struct {
	From  string `arg:"" help:"Folder that backup made." type:"existingdir"`
	Force bool   `short:"f" help:"Replace a data folder that is there; it is kept beside, renamed."`
}

func (restoreCmd) Help() string {
	return `Copies a backup into the data folder. Over a folder that is there it says what
would be replaced and does nothing without -f; with it, the old folder is kept
under another name.

Examples:
  bowerbird restore /backups/2026-11-22
  bowerbird restore /backups/2026-11-22 -f --data shop`
}

func (c *restoreCmd) Run(a *app) error {
	dir := a.data(standardData)
	if _, err := os.Stat(store.Dir(c.From).Log()); err != nil {
		return fmt.Errorf("%s is no backup: it holds no log", c.From)
	}
	_, err := os.Stat(dir)
	there := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if there && !c.Force {
		a.printf("%s is there and would be replaced by %s.\nNothing was done. Run it again with -f to do it.\n", dir, c.From)
		return nil
	}
	part := dir + ".restoring"
	if err := os.RemoveAll(part); err != nil {
		return err
	}
	if err := copyFolder(a.ctx, c.From, part); err != nil {
		return err
	}
	last, err := prove(a, part)
	if err != nil {
		return fmt.Errorf("the backup cannot be used, nothing was replaced: %w", errors.Join(err, os.RemoveAll(part)))
	}
	old := ""
	if there {
		lock, err := store.Dir(dir).Open() // nobody may be using it
		if err != nil {
			return errors.Join(err, os.RemoveAll(part))
		}
		_ = lock.Close()
		old = dir + time.Now().UTC().Format(".old-20060102-150405")
		if err := os.Rename(dir, old); err != nil {
			return err
		}
	}
	if err := os.Rename(part, dir); err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(map[string]any{"dir": dir, "offset": last, "old": old})
	}
	a.printf("%s holds %s again.\n", dir, plural(last, "event"))
	if old != "" {
		a.printf("What was there before is kept in %s.\n", old)
	}
	return nil
}

// prove opens the copy, which replays its log, and saves a checkpoint.
func prove(a *app, dir string) (uint64, error) {
	e, err := engine.Open(a.ctx, dir, engine.Options{Logger: a.logs, Progress: func(what string, done, total uint64) { a.ui.step(what, int64(done), int64(total)) }})
	if err != nil {
		return 0, err
	}
	return e.Log().Last(), e.Close()
}

func copyFolder(ctx context.Context, from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		if d.Name() == "LOCK" {
			return nil
		}
		return copyOne(path, target)
	})
}

func copyOne(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, info.Mode().Perm()|0o200)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
